// ROIs drawn as contours in DICOM RT structure sets.
import { Refusal } from "../refusal.js";
import { MAX_MM } from "./bounded.js";
import { contoursOnSlice, fillContours } from "./contours.js";
import { decimals, items } from "./dataset.js";

export const RTSTRUCT_UID = "1.2.840.10008.5.1.4.1.1.481.3";
const FILLED = new Set(["CLOSED_PLANAR", "CLOSEDPLANAR_XOR"]);

// The ROIs of a structure set that have contours: [{name, on}], where `on(slice)` gives
// the mask on a slice.
export function structures(dataset, file) {
  const content = contentOf(dataset);
  return roisOf(dataset, content.frames).map((roi) => {
    let contours = null; // parsed once, however many slices ask for them
    return {
      name: roi.name || `#${roi.number}`,
      on(slice) {
        contours ??= parsed(roi);
        checkFrames(content, roi, slice);
        const ofSeries = content.series.has(slice.series);
        return fillContours(contoursOnSlice(contours, slice, ofSeries, content.instances), slice);
      },
    };
  });
}

function contentOf(dataset) {
  const referenced = items([dataset], "ReferencedFrameOfReferenceSequence");
  const frames = new Set([dataset, ...referenced].map((item) => item.text("FrameOfReferenceUID")));
  frames.delete("");
  const drawnOn = items(referenced, "RTReferencedStudySequence", "RTReferencedSeriesSequence");
  const contours = items([dataset], "ROIContourSequence").flatMap((item) => item.items("ContourSequence"));
  return {
    frames,
    series: new Set(drawnOn.map((item) => item.text("SeriesInstanceUID"))),
    instances: new Set([...drawnOn, ...contours].flatMap(imagesOf)),
  };
}

// The images that a series or a contour refers to.
function imagesOf(item) {
  const named = items([item], "ContourImageSequence").map((image) => image.text("ReferencedSOPInstanceUID"));
  return named.filter(Boolean);
}

function roisOf(dataset, frames) {
  const contours = new Map();
  for (const item of items([dataset], "ROIContourSequence")) {
    const number = item.whole("ReferencedROINumber");
    const own = item.items("ContourSequence").map((contour) => ({
      kind: contour.text("ContourGeometricType") || "CLOSED_PLANAR",
      raw: contour.bytes("ContourData") || new Uint8Array(),
      instance: imagesOf(contour)[0] || null,
    }));
    contours.set(number, [...(contours.get(number) || []), ...own]);
  }
  const shared = frames.size === 1 ? [...frames][0] : null;
  const rois = new Map();
  for (const item of items([dataset], "StructureSetROISequence")) {
    const number = item.whole("ROINumber");
    const name = item.text("ROIName");
    if (rois.has(number) && rois.get(number).name !== name) {
      throw new Refusal("refused_roi_number", { number });
    }
    const frame = item.text("ReferencedFrameOfReferenceUID") || shared;
    if (contours.get(number)?.length) rois.set(number, { number, name, frame, contours: contours.get(number) });
  }
  return [...rois.values()];
}

// Some programs give the ROI a frame of its own, while the file and the series that it
// refers to have that of the image: they were drawn there.
function checkFrames({ frames, series }, roi, slice) {
  if (!roi.frame || !slice.frame || roi.frame === slice.frame) return;
  const own = frames.has(slice.frame) && !frames.has(roi.frame);
  if (own && series.has(slice.series)) return;
  throw new Refusal("refused_frame_of_reference", { roi: roi.name });
}

// The closed contours of a ROI that enclose an area.
function parsed({ name, contours }) {
  const found = [];
  for (const { kind, raw, instance } of contours) {
    if (!FILLED.has(kind)) continue;
    const values = decimals(raw);
    const isWhole = values && values.length % 3 === 0 && values.every((value) => Math.abs(value) < MAX_MM);
    if (!isWhole) throw new Refusal("refused_contour", { roi: name });
    const points = Array.from({ length: values.length / 3 }, (_, i) => values.slice(3 * i, 3 * i + 3));
    if (points.length > 2) found.push({ points, instance, kind });
  }
  if (!found.length) throw new Refusal("refused_no_closed_contour", { roi: name });
  return found;
}
