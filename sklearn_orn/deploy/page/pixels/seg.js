// ROIs in DICOM segmentations, joined with images by where their frames lie.
import { Refusal } from "../refusal.js";
import { checkSize } from "./bounded.js";
import { frameCount, items } from "./dataset.js";
import { frameItems, placeOf } from "./dicom_header.js";
import { frameReader } from "./dicom_pixels.js";
import { checkPlaced, gridOf, layOn, planeTolerance, Roi } from "./grid.js";
import { NotOnSlice } from "./not_on_slice.js";
import { axesOf, dot, missing } from "./places.js";

export const SEG_UIDS = new Set(["1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"]);

// The segments that have frames: [{name, on}], where `on(slice)` promises the mask on a
// slice.
export function segmentsOf(dataset, { name }) {
  const frames = frameCount(dataset, name);
  const [rows, columns] = [dataset.whole("Rows"), dataset.whole("Columns")];
  checkSize(name, [rows, columns, frames], 1);
  const groups = frameItems(dataset, frames, name);
  const seg = {
    name,
    rows,
    columns,
    kind: dataset.text("SegmentationType") || "BINARY",
    maximum: dataset.whole("MaximumFractionalValue") || 255,
    places: groups.map((own) => placeOf(dataset, own)),
    frame: dataset.text("FrameOfReferenceUID") || null,
    read: frameReader(dataset, name),
  };
  return segments(dataset, groups, seg).map((segment) => ({
    name: segment.name || `#${segment.number}`,
    on: (slice) => maskOn(seg, segment, slice),
  }));
}

function segments(dataset, groups, { kind, name }) {
  const found = items([dataset], "SegmentSequence").map((item) => ({
    number: item.whole("SegmentNumber"),
    name: item.text("SegmentLabel"),
    frames: [],
  }));
  const byNumber = new Map(found.map((segment) => [segment.number, segment]));
  if (byNumber.size < found.length) throw new Refusal("refused_segments", { name });
  if (kind === "LABELMAP") {
    const every = groups.map((_, frame) => frame);
    return found.filter(({ number }) => number !== 0).map((segment) => ({ ...segment, frames: every }));
  }
  groups.forEach((own, frame) => {
    const [named] = items(own, "SegmentIdentificationSequence");
    const only = found.length === 1 ? found[0].number : null;
    const number = named ? named.whole("ReferencedSegmentNumber") : only;
    byNumber.get(number)?.frames.push(frame);
  });
  return found.filter((segment) => segment.frames.length);
}

async function maskOn(seg, segment, slice) {
  if (seg.frame && slice.frame && slice.frame !== seg.frame) {
    throw new Refusal("refused_frame_of_reference", { roi: segment.name });
  }
  const frame = frameAt(seg, segment, slice);
  const pixels = await seg.read(frame);
  const voxels = [];
  for (let row = 0, i = 0; row < seg.rows; row += 1) {
    for (let column = 0; column < seg.columns; column += 1, i += 1) {
      if (isDrawn(seg, segment.number, pixels[i])) voxels.push([row, column, 0]);
    }
  }
  if (!voxels.length) throw new NotOnSlice("refused_segment_empty", {});
  return layOn(new Roi(voxels), gridOf(seg.places[frame], seg.rows, seg.columns), slice);
}

// A fractional pixel belongs to the ROI from half of the maximum.
function isDrawn({ kind, maximum }, number, value) {
  if (kind === "LABELMAP") return value === number;
  return kind === "FRACTIONAL" ? value >= maximum / 2 : value !== 0;
}

// The frame on the plane of the slice, a tenth of a slice allowed.
function frameAt(seg, segment, slice) {
  checkPlaced(slice);
  const [, , normal] = axesOf(slice);
  const places = segment.frames.map((frame) => seg.places[frame]);
  const lacking = places.map(missing).find((names) => names.length);
  if (lacking) throw new Refusal("refused_frame_not_placed", { missing: lacking.join(", ") });
  const distance = places.map(({ position }) =>
    dot(position.map((value, i) => value - slice.position[i]), normal),
  );
  let nearest = 0;
  distance.forEach((at, i) => {
    if (Math.abs(at) < Math.abs(distance[nearest])) nearest = i;
  });
  const away = Math.abs(distance[nearest]);
  const step = slice.thickness || places[nearest].thickness || 1;
  if (away <= planeTolerance(step)) return segment.frames[nearest];
  if (away < step / 2) throw new Refusal("refused_between_slices", { part: (away / step).toFixed(2) });
  throw new NotOnSlice("refused_nothing_on_slice", { mm: distance[nearest].toFixed(1) });
}
