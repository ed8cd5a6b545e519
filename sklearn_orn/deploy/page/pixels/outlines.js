// The door of outlines: files of ROIs become masks on the slices of a volume.
import { Refusal } from "../refusal.js";
import { parseDicom } from "./dicom.js";
import { kindOf } from "./kinds.js";
import { labelsOf, paintsOf } from "./masks.js";
import { NotOnSlice } from "./not_on_slice.js";
import { RTSTRUCT_UID, structures } from "./rtstruct.js";
import { SEG_UIDS, segmentsOf } from "./seg.js";

// Reads outlines from files ([{name, bytes}]) and lays them on a volume: [{name, masks}],
// where masks is a Map from the index of a slice to 0 or 1 for each pixel. A picture has
// no place: on a volume of several slices it is laid on `section`. What does not fit is
// left out where something else does; otherwise the first reason is thrown.
export async function readOutlines(files, volume, section = null) {
  if (!files.length) throw new Refusal("refused_no_files", {});
  const found = [];
  let reason = null;
  for (const file of files) {
    for (const roi of await roisOf(file)) {
      try {
        const masks = await laid(roi, volume, section);
        found.push({ name: files.length > 1 ? `${file.name}: ${roi.name}` : roi.name, masks });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        reason ??= error;
      }
    }
  }
  if (!found.length) throw reason || new Refusal("refused_no_rois", { name: files[0].name });
  return found;
}

async function roisOf(file) {
  const { name } = file;
  const kind = kindOf(file);
  if (kind === "nifti") return labelsOf(file);
  if (kind === "png") return paintsOf(file);
  if (kind !== "dicom") {
    throw new Refusal(file.bytes.length ? "refused_outline_format" : "refused_empty", { name, kind });
  }
  const dataset = await parseDicom(file);
  const uid = dataset.text("SOPClassUID");
  if (uid === RTSTRUCT_UID) return structures(dataset, file);
  if (SEG_UIDS.has(uid)) return segmentsOf(dataset, file);
  throw new Refusal("refused_outline_dicom", { name, kind: dataset.text("Modality") || "?" });
}

// The masks of one ROI on the slices that it was drawn on.
async function laid(roi, volume, section) {
  const { slices } = volume;
  const masks = new Map();
  if (roi.flat) {
    if (slices.length > 1 && section === null) {
      throw new Refusal("refused_flat_mask", { n: slices.length });
    }
    const index = slices.length > 1 ? section : 0;
    return masks.set(index, await roi.on(slices[index]));
  }
  let nothing = null;
  for (let index = 0; index < slices.length; index += 1) {
    try {
      masks.set(index, await roi.on(slices[index]));
    } catch (error) {
      if (!(error instanceof NotOnSlice)) throw error;
      if (!nothing || (error.tooSmall && !nothing.tooSmall)) nothing = error;
    }
  }
  if (!masks.size) throw nothing;
  return masks;
}

// The slice with the largest area, the first of equals. With a volume it goes by mm2.
export function largestSlice(masks, volume = null) {
  let best = null;
  let most = 0;
  for (const index of [...masks.keys()].sort((a, b) => a - b)) {
    const [row, column] = volume?.slices[index].spacing || [1, 1];
    let pixels = 0;
    for (const value of masks.get(index)) pixels += value;
    const area = pixels * row * column;
    if (area > most || best === null) {
      best = index;
      most = area;
    }
  }
  return best;
}
