// In which order the voxels of a volume are the rows and columns of DICOM.
import { cross, dot, length } from "./places.js";

// How a scanner shows the slices of each plane (x to the left, y to the back, z to the
// head): along a row, and down a column.
const PLANES = [
  ["sagittal", [[0, 1, 0], [0, 0, -1]]],
  ["coronal", [[1, 0, 0], [0, 0, -1]]],
  ["axial", [[1, 0, 0], [0, 1, 0]]],
];
const ALIKE = 0.01; // spacings of 0.8 and 0.8 mm after a detour through single precision
const DIGITS = 5; // of direction cosines
const SHORTEST = 1e-6; // mm, and the volume that three directions span: less is none

export const AS_STORED = { axes: [0, 1, 2], backwards: [false, false, false] };

// The column of an affine (rows of four numbers): the step along one axis in mm.
export const stepOf = (affine, axis) => [0, 1, 2].map((i) => affine[i][axis]);

// The inverse of the steps of an affine, as three rows.
export function inverseSteps(affine) {
  const [a, b, c] = [0, 1, 2].map((axis) => stepOf(affine, axis));
  const volume = dot(a, cross(b, c));
  return [cross(b, c), cross(c, a), cross(a, b)].map((row) => row.map((value) => value / volume));
}

function rounded(value) {
  const scaled = value * 10 ** DIGITS;
  const low = Math.floor(scaled);
  const rest = scaled - low;
  const whole = rest === 0.5 ? low + (low % 2 ? 1 : 0) : low + (rest > 0.5 ? 1 : 0);
  return whole / 10 ** DIGITS;
}

const unit = (step) => step.map((value) => value / length(step));

// Whether the axes of a volume have a length, and do not lie in one plane.
export function spans(affine) {
  const steps = [0, 1, 2].map((axis) => stepOf(affine, axis));
  if (!steps.every((step) => length(step) > SHORTEST)) return false;
  const [a, b, c] = steps.map(unit);
  return Math.abs(dot(a, cross(b, c))) > SHORTEST;
}

// The stored axis along which the slices of a volume were acquired; null for cubes whose
// third axis does not run from foot to head.
export function sliceAxis(affine, shape, header) {
  const single = [2, 0, 1].find((axis) => shape[axis] === 1);
  if (single !== undefined) return single;
  const odd = oddAxis(affine);
  if (odd !== null) return odd;
  if (header !== null) return header;
  const along = stepOf(affine, 2).map(Math.abs);
  return along.indexOf(Math.max(...along)) === 2 ? 2 : null;
}

// The axis whose spacing is apart from the two others, null for cubes.
export function oddAxis(affine) {
  const lengths = [0, 1, 2].map((axis) => length(stepOf(affine, axis)));
  const [narrow, middle, wide] = [0, 1, 2].sort((a, b) => lengths[a] - lengths[b] || a - b);
  const low = lengths[middle] / lengths[narrow];
  const high = lengths[wide] / lengths[middle];
  if (low * high <= 1 + ALIKE) return null;
  return low <= high ? wide : narrow;
}

function planeOf(affine, across) {
  const inside = [0, 1, 2].filter((axis) => axis !== across);
  const [a, b] = inside.map((axis) => unit(stepOf(affine, axis)));
  const parts = cross(a, b).map((value) => rounded(Math.abs(value)));
  const best = Math.max(...parts);
  return 2 - [...parts].reverse().indexOf(best);
}

// The order in which a scanner would show slices along one stored axis: which stored axes
// are columns, rows and slices, and whether they run backwards.
export function turnTo(affine, across) {
  const steps = [0, 1, 2].map((axis) => unit(stepOf(affine, axis)));
  const [first, second] = [0, 1, 2].filter((axis) => axis !== across);
  const [, ways] = PLANES[planeOf(affine, across)];
  const fit = ([right, down]) => {
    const along = [dot(ways[0], steps[right]), dot(ways[1], steps[down])];
    const shown = steps[right].map((value) => (along[0] < 0 ? -value : value));
    return [rounded(Math.abs(along[0]) + Math.abs(along[1])), ...shown.map(rounded)];
  };
  const pairs = [
    [first, second],
    [second, first],
  ];
  const chosen = isGreater(fit(pairs[1]), fit(pairs[0])) ? pairs[1] : pairs[0];
  const back = chosen.map((axis, i) => dot(ways[i], steps[axis]) < 0);
  const shown = chosen.map((axis, i) => steps[axis].map((value) => (back[i] ? -value : value)));
  const behind = dot(cross(shown[0], shown[1]), steps[across]) < 0;
  return { axes: [...chosen, across], backwards: [...back, behind] };
}

function isGreater(a, b) {
  for (let i = 0; i < a.length; i += 1) {
    if (a[i] !== b[i]) return a[i] > b[i];
  }
  return false;
}

// The affine from (column, row, slice) to mm, after a turn.
export function turnedAffine(stored, shape, { axes, backwards }) {
  const turned = stored.map((row) => [...row]);
  axes.forEach((axis, position) => {
    for (let i = 0; i < 3; i += 1) {
      const step = stored[i][axis];
      turned[i][position] = backwards[position] ? -step : step;
      if (backwards[position]) turned[i][3] += step * (shape[axis] - 1);
    }
  });
  return turned;
}
