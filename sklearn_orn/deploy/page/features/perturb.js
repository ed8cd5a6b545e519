// How far the result moves with the outline: it is shifted (and turned, if asked for)
// as Python's OutlinePerturber shifts it, by up to a pixel along rows and columns.
import { measure } from "./measure.js";
import { evaluate } from "./model.js";
import { generator } from "./random.js";
import { interpolated } from "./resample.js";
import { Refusal } from "../refusal.js";

const DRAWS = 20;
const SHIFT = 1; // pixels

// The part of the image where the moved outline may lie.
function roomFor({ mask, rows, columns }, rotation) {
  const box = { top: rows, bottom: 0, left: columns, right: 0 };
  for (let at = 0; at < mask.length; at += 1) {
    if (!mask[at]) continue;
    const [i, j] = [Math.floor(at / columns), at % columns];
    box.top = Math.min(box.top, i);
    box.bottom = Math.max(box.bottom, i + 1);
    box.left = Math.min(box.left, j);
    box.right = Math.max(box.right, j + 1);
  }
  if (box.bottom === 0) throw new Refusal("refused_empty_outline");
  const longest = Math.max(box.bottom - box.top, box.right - box.left);
  const turned = (longest * Math.sin((Math.min(rotation, 90) * Math.PI) / 180)) / 2;
  const room = Math.ceil(turned + SHIFT + 2);
  const top = Math.max(box.top - room, 0);
  const left = Math.max(box.left - room, 0);
  const height = Math.min(box.bottom + room, rows) - top;
  const width = Math.min(box.right + room, columns) - left;
  return { top, left, height, width };
}

// For each pixel the distance in mm to the nearest one that is `target`.
function distances(inside, height, width, [mmRow, mmColumn], target) {
  const away = new Float64Array(height * width).fill(Infinity); // along the column
  for (let j = 0; j < width; j += 1) {
    for (const rows of [upwards(height), [...upwards(height)].reverse()]) {
      let last = Infinity;
      for (const i of rows) {
        last = inside[i * width + j] === target ? 0 : last + mmRow;
        away[i * width + j] = Math.min(away[i * width + j], last);
      }
    }
  }
  return away.map((straight, at) => {
    const [row, j] = [at - (at % width), at % width];
    let nearest = straight ** 2;
    for (let step = 1; (step * mmColumn) ** 2 < nearest && step < width; step += 1) {
      const along = (step * mmColumn) ** 2;
      if (j >= step) nearest = Math.min(nearest, along + away[row + j - step] ** 2);
      if (j + step < width) nearest = Math.min(nearest, along + away[row + j + step] ** 2);
    }
    return Math.sqrt(nearest);
  });
}

const upwards = (n) => Array.from({ length: n }, (_, i) => i);

// The depth below the outline, negative outside, on the part framed by a pixel.
function depthOf({ mask, columns }, part, grid) {
  const [height, width] = [part.height + 2, part.width + 2];
  const inside = new Uint8Array(height * width);
  for (let i = 0; i < part.height; i += 1) {
    for (let j = 0; j < part.width; j += 1) {
      const isInside = mask[(part.top + i) * columns + part.left + j];
      inside[(i + 1) * width + j + 1] = isInside ? 1 : 0;
    }
  }
  const inwards = distances(inside, height, width, grid, 0);
  const outwards = distances(inside, height, width, grid, 1);
  const values = inwards.map((value, at) => value - outwards[at]);
  return { height, width, values, inside };
}

// Outlines of the same area as that of `slice.mask`, one for each of `moves`, whose
// parts run from -1 to 1: [turn, shift along rows, shift along columns].
export function movedOutlines(slice, moves, rotation = 0) {
  const [mmRow, mmColumn] = slice.spacing || [1, 1];
  const part = roomFor(slice, rotation);
  const framed = depthOf(slice, part, [mmRow, mmColumn]);
  let [area, sumRows, sumColumns] = [0, 0, 0];
  framed.inside.forEach((isInside, at) => {
    if (!isInside) return;
    area += 1;
    sumRows += Math.floor(at / framed.width);
    sumColumns += at % framed.width;
  });
  const centre = [(sumRows / area) * mmRow, (sumColumns / area) * mmColumn];
  return moves.map(([turn, down, right]) => {
    const angle = (rotation * turn * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const values = new Float64Array(part.height * part.width);
    for (let at = 0; at < values.length; at += 1) {
      const row = Math.floor(at / part.width) + 1;
      const column = (at % part.width) + 1;
      const y = row * mmRow - centre[0] - SHIFT * down * mmRow;
      const x = column * mmColumn - centre[1] - SHIFT * right * mmColumn;
      const fromRow = (cos * y + sin * x + centre[0]) / mmRow;
      const fromColumn = (cos * x - sin * y + centre[1]) / mmColumn;
      values[at] = interpolated(framed, fromRow, fromColumn);
    }
    return deepest(values, area, part, slice);
  });
}

// The `area` deepest pixels, and those that are as deep as the last of them.
function deepest(values, area, part, { rows, columns }) {
  const limit = Float64Array.from(values).sort()[values.length - area];
  const mask = new Uint8Array(rows * columns);
  values.forEach((value, at) => {
    const row = part.top + Math.floor(at / part.width);
    if (value >= limit) mask[row * columns + part.left + (at % part.width)] = 1;
  });
  return mask;
}

// The 5 % and the 95 % quantile of the probabilities, between neighbours in proportion
// (type 7, as NumPy does by default).
export function quantile(ordered, part) {
  const place = (ordered.length - 1) * part;
  const below = Math.floor(place);
  const above = Math.min(below + 1, ordered.length - 1);
  return ordered[below] + (ordered[above] - ordered[below]) * (place - below);
}

// Probabilities with the outlines moved: {low, high, draws, undefined}. `masks` is one
// outline, or those of the readers (null for one who did not draw), each moved by
// itself; `low` and `high` are the 5 % and the 95 % quantile of `draws`; `undefined`
// counts the draws on which a feature that the model needs has no value.
export function perturbed(model, slice, masks, clinical, settings = {}) {
  const { draws = DRAWS, seed = 0, rotation = 0 } = settings;
  const random = generator(seed);
  const outlines = (Array.isArray(masks) ? masks : [masks]).map((mask) => {
    const moves = Array.from({ length: draws }, () => [0, 0, 0].map(() => 2 * random() - 1));
    return mask && movedOutlines({ ...slice, mask }, moves, rotation);
  });
  const found = [];
  for (let k = 0; k < draws; k += 1) {
    const readers = outlines.map((of) => of && measure({ ...slice, mask: of[k], plan: model.plan }));
    try {
      found.push(evaluate(model, readers, clinical, slice).probability);
    } catch (error) {
      if (!(error instanceof Refusal) || error.key !== "refused_missing_values") throw error;
    }
  }
  const ordered = [...found].sort((a, b) => a - b);
  const [low, high] = [0.05, 0.95].map((part) => (found.length ? quantile(ordered, part) : NaN));
  return { low, high, draws: found, undefined: draws - found.length };
}
