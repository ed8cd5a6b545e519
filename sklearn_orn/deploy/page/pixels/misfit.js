// Why an image and an ROI do not fit: one refusal for each reason.
import { Refusal } from "../refusal.js";
import { inverseSteps, stepOf } from "./canonical.js";
import { dot, length } from "./places.js";

const ROTATED = 0.02; // radians: a pixel in 50
const SCALED = 0.005; // of the spacing: a pixel in 200

const size = (lengths) => lengths.map((value) => Number(value.toPrecision(3))).join(" × ");

// Why the voxels of an ROI do not lie on the pixels of an image.
export function describeGrids(roi, image, mask) {
  const steps = (grid) => [0, 1, 2].map((axis) => stepOf(grid.affine, axis));
  const [own, other] = [steps(image), steps(mask)];
  const [ownSize, otherSize] = [own.map(length), other.map(length)];
  const turned = [0, 1].map((i) =>
    [0, 1, 2].map((j) => Math.abs(dot(own[i], other[j])) / (ownSize[i] * otherSize[j])),
  );
  const along = turned.map((row) => row.indexOf(Math.max(...row)));
  const angle = Math.max(...turned.map((row) => Math.acos(Math.min(Math.max(...row), 1))));
  if (angle > ROTATED) {
    return new Refusal("refused_rotated", { degrees: ((angle * 180) / Math.PI).toFixed(1) });
  }
  const points = pointsOf(roi, mask);
  if (!isInside(points, image) && looksMirrored(points, image)) {
    return new Refusal("refused_mirrored", outside(points, image));
  }
  const sizes = along.map((axis) => otherSize[axis]);
  if (sizes.some((value, i) => Math.abs(value / ownSize[i] - 1) > SCALED)) {
    const values = { mask: size(sizes), image: size(ownSize.slice(0, 2)) };
    return new Refusal("refused_other_spacing", values);
  }
  const inverse = inverseSteps(mask.affine);
  const offset = [0, 1, 2].map((i) => image.affine[i][3] - mask.affine[i][3]);
  const rest = inverse.map((row) => Math.abs(dot(row, offset) - Math.round(dot(row, offset))));
  const across = along[0] === along[1] ? 2 : [0, 1, 2].find((axis) => !along.includes(axis));
  return new Refusal("refused_shifted", {
    rows: rest[along[0]].toFixed(2),
    columns: rest[along[1]].toFixed(2),
    slices: rest[across].toFixed(2),
  });
}

// Where an ROI lies that leaves the image.
export function describeOutside(roi, image, mask) {
  const points = pointsOf(roi, mask);
  const key = looksMirrored(points, image) ? "refused_mirrored" : "refused_outside";
  return new Refusal(key, outside(points, image));
}

function outside(points, image) {
  const { low, high } = extent(points, image);
  const [rows, columns] = image.shape;
  return {
    top: low[0].toFixed(0), bottom: high[0].toFixed(0),
    left: low[1].toFixed(0), right: high[1].toFixed(0), rows, columns,
  };
}

// Whether points in mm would lie on the image with x and y flipped: RAS taken for LPS.
export function looksMirrored(points, image) {
  return isInside(points.map(([x, y, z]) => [-x, -y, z]), image);
}

function pointsOf({ voxels }, { affine }) {
  return voxels.map((voxel) => affine.map((row) => dot(row, voxel) + row[3]));
}

function isInside(points, image) {
  const { low, high } = extent(points, image);
  return low.every((value) => value >= -0.5) && high.every((value, i) => value <= image.shape[i] - 0.5);
}

function extent(points, { affine }) {
  const inverse = inverseSteps(affine);
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (const point of points) {
    const offset = point.map((value, i) => value - affine[i][3]);
    for (const axis of [0, 1]) {
      const at = dot(inverse[axis], offset);
      low[axis] = Math.min(low[axis], at);
      high[axis] = Math.max(high[axis], at);
    }
  }
  return { low, high };
}
