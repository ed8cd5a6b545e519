// An image on a grid of another pixel spacing, as Python's Resampler makes it.
import { Refusal } from "../refusal.js";
import { rounded } from "./window.js";

const ROUNDING = 1e-9; // pixels: 0.3 mm / 0.1 mm is 2.9999999999999996

// Between four pixels of {values, height, width}; beyond the edge the nearest one
// counts. In the order of Python's, as rounding parts values that are the same.
export function interpolated({ values, height, width }, row, column) {
  const y = Math.min(Math.max(row, 0), height - 1);
  const x = Math.min(Math.max(column, 0), width - 1);
  const upper = Math.floor(y);
  const left = Math.floor(x);
  const down = y - upper;
  const right = x - left;
  const first = upper * width;
  const second = Math.min(upper + 1, height - 1) * width;
  const next = Math.min(left + 1, width - 1);
  return (
    values[first + left] * (1 - down) * (1 - right) +
    values[first + next] * (1 - down) * right +
    values[second + left] * down * (1 - right) +
    values[second + next] * down * right
  );
}

// Where the new pixels lie on the old grid; both grids have one centre.
function centres(nOld, old, wanted) {
  const n = Math.max(Math.ceil((nOld * old) / wanted - ROUNDING), 1);
  const middle = (n - 1) / 2;
  return Float64Array.from({ length: n }, (_, i) => (i - middle) * (wanted / old) + (nOld - 1) / 2);
}

// For each new pixel the old ones that it covers, as pairs of a place and a share.
function covered(nOld, old, wanted) {
  const half = wanted / old / 2;
  return Array.from(centres(nOld, old, wanted), (centre) => {
    const shares = [];
    const first = Math.max(Math.floor(centre - half), 0);
    for (let edge = first; edge < nOld && edge - 0.5 < centre + half; edge += 1) {
      const part = Math.min(centre + half, edge + 0.5) - Math.max(centre - half, edge - 0.5);
      if (part > 0) shares.push([edge, part / (2 * half)]);
    }
    return shares;
  });
}

function resampledPixels({ pixels, rows, columns, isFloat }, down, along) {
  const image = { values: pixels, height: rows, width: columns };
  let [lowest, highest] = [Infinity, -Infinity];
  for (const value of pixels) {
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  const made = new Float64Array(down.length * along.length);
  down.forEach((row, i) => {
    along.forEach((column, j) => {
      // weights may not sum to 1 by rounding: an image of one value keeps it
      const value = Math.min(Math.max(interpolated(image, row, column), lowest), highest);
      made[i * along.length + j] = isFloat ? value : rounded(value);
    });
  });
  return made;
}

// A new pixel is inside where the outline covers at least half of it.
function resampledMask({ mask, rows, columns, spacing }, [mmRow, mmColumn]) {
  const down = covered(rows, spacing[0], mmRow);
  const along = covered(columns, spacing[1], mmColumn);
  const made = new Uint8Array(down.length * along.length);
  down.forEach((rowShares, i) => {
    along.forEach((columnShares, j) => {
      let share = 0;
      for (const [row, ofRow] of rowShares) {
        for (const [column, ofColumn] of columnShares) {
          if (mask[row * columns + column]) share += ofRow * ofColumn;
        }
      }
      made[i * along.length + j] = share >= 0.5 - ROUNDING ? 1 : 0;
    });
  });
  return made;
}

// The slice {pixels, rows, columns, mask, spacing, isFloat} at a spacing [row, column]
// in mm; pixels are whole numbers again but where the file holds floats.
export function resampled(slice, wanted) {
  const { rows, columns, spacing } = slice;
  if (!spacing) throw new Refusal("refused_spacing_needed");
  const down = centres(rows, spacing[0], wanted[0]);
  const along = centres(columns, spacing[1], wanted[1]);
  const mask = resampledMask(slice, wanted);
  if (!mask.includes(1)) throw new Refusal("refused_outline_vanishes", { mm: wanted.join(" × ") });
  const pixels = resampledPixels(slice, down, along);
  return { ...slice, pixels, rows: down.length, columns: along.length, mask, spacing: wanted };
}
