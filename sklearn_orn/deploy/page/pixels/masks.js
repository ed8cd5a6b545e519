// ROIs stored as numbers of voxels or pixels: label maps in NIfTI, paint in PNG.
import { Refusal } from "../refusal.js";
import { layOn, Roi } from "./grid.js";
import { storedVolume } from "./nifti.js";
import { parsePng, pictureOf } from "./png.js";

const ROUNDED = 0.01; // of a label: what resampling and scaling of whole numbers leaves
const MOST_VALUES = 1001; // an image given as a mask has more
const MOST_LABELS = 40; // that are offered
const MOST_PAINTS = 16; // a screenshot, or a mask with smooth edges, has more
const DIGITS = 1e-9;

// The labels of a NIfTI file: [{name, on}], where `on(slice)` gives the mask on a slice.
export function labelsOf(file) {
  const stored = storedVolume(file);
  const { shape, at } = stored;
  const labelOf = labelReader(stored, file.name);
  const drawn = new Map(); // label -> voxels
  const isClear = labelOf(0) === 0; // most voxels are of the value 0, which is no label
  for (let k = 0, index = 0; k < shape[2]; k += 1) {
    for (let j = 0; j < shape[1]; j += 1) {
      for (let i = 0; i < shape[0]; i += 1, index += 1) {
        const value = at(index);
        if (value === 0 && isClear) continue;
        const label = labelOf(value);
        if (!label) continue;
        if (!drawn.has(label)) drawn.set(label, []);
        drawn.get(label).push([i, j, k]);
      }
    }
  }
  if (!drawn.size) throw new Refusal("refused_mask_empty", { name: file.name });
  if (drawn.size > MOST_LABELS) {
    throw new Refusal("refused_many_labels", { name: file.name, n: drawn.size });
  }
  return [...drawn].sort(([a], [b]) => a - b).map(([label, voxels]) => {
    const { roi, grid } = cropped(voxels, stored);
    return { name: `#${label}`, on: (slice) => layOn(roi, grid, slice) };
  });
}

// A function from a stored value to the whole number that it means.
function labelReader({ scale: [slope, intercept], isFloat }, name) {
  const isScaled = slope !== 1 || intercept !== 0;
  const step = isScaled && !isFloat ? Math.abs(slope) : 0;
  const margin = Math.max(ROUNDED, step < 0.5 ? (step / 2) * (1 + DIGITS) : 0);
  const known = new Map();
  return (value) => {
    if (known.has(value)) return known.get(value);
    const meant = isScaled ? value * slope + intercept : value;
    const label = Math.round(meant);
    const isWhole = Math.abs(meant - label) <= margin && Math.abs(label) <= 2 ** 53;
    if ((isFloat || isScaled) && !isWhole) {
      throw new Refusal("refused_not_whole", { name, value: String(Number(meant.toPrecision(5))) });
    }
    if (known.size > MOST_VALUES) throw new Refusal("refused_many_values", { name });
    known.set(value, label);
    return label;
  };
}

// The box around an ROI as a grid of its own: the slices beyond it hold nothing.
function cropped(voxels, { affine }) {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (const voxel of voxels) {
    for (let axis = 0; axis < 3; axis += 1) {
      low[axis] = Math.min(low[axis], voxel[axis]);
      high[axis] = Math.max(high[axis], voxel[axis]);
    }
  }
  for (const voxel of voxels) {
    for (let axis = 0; axis < 3; axis += 1) voxel[axis] -= low[axis];
  }
  const moved = affine.map((row) => [
    ...row.slice(0, 3),
    row[3] + row[0] * low[0] + row[1] * low[1] + row[2] * low[2],
  ]);
  const shape = high.map((value, axis) => value - low[axis] + 1);
  return { roi: new Roi(voxels), grid: { shape, affine: moved } };
}

// The paints of a PNG picture that are not black or transparent: one colour is one ROI.
// `flat` says that they are pictures of one slice, without a place.
export function paintsOf(file) {
  const png = parsePng(file);
  const { rows, columns } = png;
  const { codes, colours, opacity } = pictureOf(png, file.name);
  const seen = colours || codes;
  const visible = opacity ? opacity.map((value) => (value > 0 ? 1 : 0)) : new Uint8Array(seen.length).fill(1);
  let inside = visible.map((value, i) => (value && seen[i] !== 0 ? 1 : 0));
  if (!inside.includes(1) && visible.includes(0)) inside = visible; // black paint on nothing
  const found = new Map(); // code -> colour
  const kinds = new Set();
  codes.forEach((code, i) => {
    if (!inside[i]) return;
    kinds.add(seen[i]);
    found.set(code, seen[i]);
  });
  if (!found.size) throw new Refusal("refused_mask_empty", { name: file.name });
  if (kinds.size > MOST_PAINTS) throw new Refusal("refused_many_paints", { name: file.name, n: kinds.size });
  if (kinds.size === 1) {
    checkOpaque(opacity, inside, file.name);
    return [paint(file.name, inside, rows, columns, file.name)];
  }
  return [...found].sort(([a], [b]) => a - b).map(([code, colour]) => {
    const shown = colours ? `#${colour.toString(16).padStart(6, "0")}` : `#${code}`;
    const mask = visible.map((value, i) => (value && codes[i] === code ? 1 : 0));
    return paint(shown, mask, rows, columns, file.name);
  });
}

function paint(name, mask, rows, columns, fileName) {
  return {
    name,
    flat: true,
    on(slice) {
      if (slice.rows !== rows || slice.columns !== columns) {
        const values = { name: fileName, mask: `${rows} × ${columns}`, image: `${slice.rows} × ${slice.columns}` };
        throw new Refusal("refused_mask_shape", values);
      }
      return mask;
    },
  };
}

function checkOpaque(opacity, inside, name) {
  if (!opacity) return;
  const degrees = new Set(opacity.filter((_, i) => inside[i]));
  if (degrees.size > 1) throw new Refusal("refused_opacity", { name, n: degrees.size });
}
