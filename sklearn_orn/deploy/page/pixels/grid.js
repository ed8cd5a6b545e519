// ROIs that are stored as voxels, laid on the grid of an image without interpolation.
//
// A grid is {shape: [three lengths], affine: three rows of four numbers}, from the
// indices of a voxel to its centre in mm. An ROI is an `Roi`.
import { Refusal } from "../refusal.js";
import { inverseSteps, spans, stepOf } from "./canonical.js";
import { describeGrids, describeOutside } from "./misfit.js";
import { NotOnSlice } from "./not_on_slice.js";
import { dot, length, missing, toPatient } from "./places.js";

// The voxels of one ROI: [[i, j, k], ...].
export class Roi {
  constructor(voxels) {
    this.voxels = voxels;
    this.planes = new Map(); // axis -> index -> voxels
  }

  // What is drawn on one plane across an axis; sorted once, since every slice asks.
  on(axis, index) {
    if (!this.planes.has(axis)) {
      const planes = new Map();
      for (const voxel of this.voxels) {
        if (!planes.has(voxel[axis])) planes.set(voxel[axis], []);
        planes.get(voxel[axis]).push(voxel);
      }
      this.planes.set(axis, planes);
    }
    return this.planes.get(axis).get(index) || [];
  }

  // The first and the last plane across an axis on which something is drawn.
  ends(axis) {
    this.on(axis, 0);
    const planes = [...this.planes.get(axis).keys()].sort((a, b) => a - b);
    return [planes[0], planes.at(-1)];
  }
}

export const ROUNDED_MM = 0.05; // coordinates are rounded on export
const TOLERANCE = 0.1; // voxels: headers in single precision, coordinates of 6 digits

// Refuses an image that does not say where it lies.
export function checkPlaced(slice) {
  const lacking = missing(slice);
  if (lacking.length) throw new Refusal("refused_not_placed", { missing: lacking.join(", ") });
}

// How far from a plane, in mm, what was drawn there may lie.
export const planeTolerance = (thickness) => Math.max(0.1 * thickness, ROUNDED_MM);

// One slice as a grid (row, column, slice), 1 mm thick if unknown.
export function gridOf(place, rows, columns) {
  checkPlaced(place);
  const ends = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, place.thickness || 1]];
  const [origin, ...points] = toPatient(place, ends);
  const affine = origin.map((value, i) => [...points.map((point) => point[i] - value), value]);
  return { shape: [rows, columns, 1], affine };
}

// By how many voxels of `grid` one voxel of `own` moves, and where its first one lies.
export function relationOf(own, grid) {
  if (!spans(grid.affine)) throw new Refusal("refused_flat_axes", {});
  const inverse = inverseSteps(grid.affine);
  const steps = inverse.map((row) => [0, 1, 2].map((axis) => dot(row, stepOf(own.affine, axis))));
  const offset = [0, 1, 2].map((i) => own.affine[i][3] - grid.affine[i][3]);
  return { steps, start: inverse.map((row) => dot(row, offset)) };
}

function strongest(steps, column) {
  const sizes = steps.map((row) => Math.abs(row[column]));
  return sizes.indexOf(Math.max(...sizes));
}

// Lays an ROI on a slice: 0 or 1 for each pixel.
export function layOn(roi, grid, slice) {
  const { rows, columns } = slice;
  const own = gridOf(slice, rows, columns);
  const { steps, start } = relationOf(own, grid);
  const axes = [strongest(steps, 0), strongest(steps, 1)];
  const signs = axes.map((axis, i) => Math.sign(steps[axis][i]));
  const across = axes[0] === axes[1] ? 2 : [0, 1, 2].find((axis) => !axes.includes(axis));
  const off = [rows, columns].map((count, i) => {
    const parts = [0, 1, 2].map((axis) => steps[axis][i] - (axis === axes[i] ? signs[i] : 0));
    return Math.max(...parts.map(Math.abs)) * count;
  });
  // a step that is off adds up along a row: at its end half a voxel is another pixel
  if (axes[0] === axes[1] || off.some((value) => value > 3 * TOLERANCE)) {
    throw describeGrids(roi, own, grid);
  }
  const whole = start.map(Math.round);
  const index = whole[across];
  if (index < 0 || index >= grid.shape[across]) throw beyond(roi, grid, across, start[across]);
  if (start.some((value, i) => Math.abs(value - whole[i]) > TOLERANCE)) {
    throw describeGrids(roi, own, grid);
  }
  const drawn = roi.on(across, index);
  if (!drawn.length) throw beyond(roi, grid, across, start[across]);
  const mask = new Uint8Array(rows * columns);
  for (const voxel of drawn) {
    const row = (voxel[axes[0]] - whole[axes[0]]) * signs[0];
    const column = (voxel[axes[1]] - whole[axes[1]]) * signs[1];
    if (row < 0 || column < 0 || row >= rows || column >= columns) {
      throw describeOutside(roi, own, grid);
    }
    mask[row * columns + column] = 1;
  }
  return mask;
}

function beyond(roi, grid, across, at) {
  if (!roi.voxels.length) return new NotOnSlice("refused_roi_empty", {});
  const step = length(stepOf(grid.affine, across));
  const [low, high] = roi.ends(across).map((index) => (index - at) * step);
  const nearest = Math.abs(low) < Math.abs(high) ? low : high;
  return new NotOnSlice("refused_nothing_on_slice", { mm: nearest.toFixed(1) });
}
