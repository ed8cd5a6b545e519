// What the header of a DICOM image tells: where its frames lie, and what they are.
import { Refusal } from "../refusal.js";
import { checkSize } from "./bounded.js";
import { frameCount, items } from "./dataset.js";
import { dot } from "./places.js";
import { stackLabels } from "./stacks.js";

const UNIT = 1e-3; // by how much the orientation may miss unit vectors at a right angle
// Modalities of files that lie beside images without being one to measure.
export const NO_IMAGES = new Set(["SEG", "RTSTRUCT", "RTDOSE", "RTPLAN", "PR", "KO", "SR"]);

// The functional groups of each frame, its own before the shared ones.
export function frameItems(dataset, frames, name) {
  const shared = items([dataset], "SharedFunctionalGroupsSequence").slice(0, 1);
  const own = items([dataset], "PerFrameFunctionalGroupsSequence");
  if (own.length && own.length !== frames) {
    throw new Refusal("refused_frames", { name, declared: frames, described: own.length });
  }
  if (own.length) return own.map((item) => [item, ...shared]);
  return Array.from({ length: frames }, () => shared);
}

// The first item of a functional group; the dataset where there is none.
function groupOf(dataset, groups, keyword) {
  return items(groups, keyword)[0] || dataset;
}

function lengthOf(item, keyword) {
  const value = item.numbers(keyword, 1);
  return value && value[0] > 0 ? value[0] : null;
}

function orientationOf(item) {
  const axes = item.numbers("ImageOrientationPatient", 6);
  if (!axes) return null;
  const along = axes.slice(0, 3);
  const down = axes.slice(3);
  const near = (value, wanted) => Math.abs(value - wanted) <= UNIT + 1e-5 * wanted;
  const square = near(dot(along, along), 1) && near(dot(down, down), 1);
  return square && near(dot(along, down), 0) ? axes : null;
}

export function placeOf(dataset, groups = []) {
  const measures = groupOf(dataset, groups, "PixelMeasuresSequence");
  const position = groupOf(dataset, groups, "PlanePositionSequence");
  const spacing = measures.numbers("PixelSpacing", 2);
  const alone = (dataset.whole("NumberOfFrames") || 1) <= 1; // frames share one UID
  return {
    spacing: spacing && Math.min(...spacing) > 0 ? spacing : null,
    position: position.numbers("ImagePositionPatient", 3),
    orientation: orientationOf(groupOf(dataset, groups, "PlaneOrientationSequence")),
    thickness: lengthOf(measures, "SliceThickness"),
    step: lengthOf(measures, "SpacingBetweenSlices"),
    frame: dataset.text("FrameOfReferenceUID") || null,
    series: dataset.text("SeriesInstanceUID") || null,
    instance: (alone && dataset.text("SOPInstanceUID")) || null,
  };
}

export function headerOf(dataset, name) {
  const rows = dataset.whole("Rows");
  const columns = dataset.whole("Columns");
  const frames = frameCount(dataset, name);
  if (rows && columns) checkSize(name, [rows, columns, frames], 1);
  const groups = frameItems(dataset, frames, name);
  return {
    modality: dataset.text("Modality"),
    series: dataset.text("SeriesInstanceUID"),
    seriesNumber: dataset.text("SeriesNumber"),
    rows,
    columns,
    samples: dataset.whole("SamplesPerPixel") || 1,
    photometric: dataset.text("PhotometricInterpretation") || "MONOCHROME2",
    places: groups.map((own) => placeOf(dataset, own)),
    labels: groups.map((own) => stackLabels(dataset, own)),
    uid: dataset.text("SOPInstanceUID"),
    isMosaic: dataset.text("ImageType").split("\\").includes("MOSAIC"),
  };
}

// Whether a file holds pixels of an image, and no outline or dose.
export function holdsImage({ modality, rows, columns }) {
  return !NO_IMAGES.has(modality) && (rows > 0 || columns > 0);
}

// Refuses what is no grey-level image.
export function checkImage(header, name) {
  if (!holdsImage(header)) {
    throw new Refusal("refused_no_image", { name, kind: header.modality || "?" });
  }
  if (header.isMosaic) throw new Refusal("refused_mosaic", { name });
  if (header.samples !== 1 || !header.photometric.startsWith("MONOCHROME")) {
    throw new Refusal("refused_colour", { name });
  }
  checkSize(name, [header.rows, header.columns], 4);
}
