// NIfTI files: a volume in the rows and columns of DICOM, and label maps.
import { Refusal } from "../refusal.js";
import { checkSize } from "./bounded.js";
import { AS_STORED, sliceAxis, spans, stepOf, turnTo, turnedAffine } from "./canonical.js";
import { unpack } from "./inflate.js";
import { headOf, isGzip, parseHeader } from "./nifti_header.js";
import { dot, length } from "./places.js";
import { protocolOfGrid } from "./protocol.js";
import { sliceOf } from "./slices.js";

const SQUARE = 1e-3; // cosine of the angle of rows and columns: sheared slices have no place
const OWN = {
  getUint8: Uint8Array,
  getInt8: Int8Array,
  getInt16: Int16Array,
  getUint16: Uint16Array,
  getInt32: Int32Array,
  getUint32: Uint32Array,
  getFloat32: Float32Array,
  getFloat64: Float64Array,
};
const MOST_BEHIND = 2 ** 27; // bytes behind the voxels, which are unpacked and dropped

// The header of a file, and a function that reads the voxel at an index.
export function storedVolume(file) {
  const { name } = file;
  const packed = isGzip(file.bytes);
  const header = parseHeader(headOf(file.bytes), name);
  const voxels = header.shape.reduce((all, count) => all * count, 1);
  checkSize(name, header.shape, header.size);
  const total = header.offset + voxels * header.size;
  let { bytes } = file;
  if (packed) {
    const { content, ended, over } = unpack(bytes, "gzip", total + MOST_BEHIND);
    if (over) throw new Refusal("refused_unpacks", { name, bytes: total });
    if (content.length >= total && !ended) {
      throw new Refusal("refused_damaged", { name, format: "gzip" });
    }
    bytes = content;
  }
  if (bytes.length < total) {
    const there = Math.max(bytes.length - header.offset, 0);
    throw new Refusal("refused_truncated", { name, there, expected: total - header.offset });
  }
  return { ...header, at: voxelReader(bytes.subarray(header.offset, total), header) };
}

// A function from the index of a voxel to its number; fast where the machine's own order
// of bytes is the file's.
function voxelReader(bytes, { read, size, little }) {
  const Kind = little && OWN[read];
  if (Kind) {
    const values = new Kind(bytes.slice().buffer);
    return (index) => values[index];
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return (index) => Number(view[read](index * size, little));
}

export function readNifti(file) {
  const stored = storedVolume(file);
  const { turn, affine } = turnOf(stored);
  const [columns, rows, count] = turn.axes.map((axis) => stored.shape[axis]);
  const places = placesOf(affine, count);
  if (stored.isFloat) checkFinite(stored);
  const slices = places.map((place, section) =>
    sliceOf(place, rows, columns, () => planeOf(stored, turn, section)),
  );
  slices.forEach((slice) => Object.assign(slice, { isFloat: stored.isFloat }));
  const [{ spacing, thickness }] = places;
  const protocol = protocolOfGrid({ rows, columns, spacing, thickness });
  return { kind: "nifti", slices, frame: null, protocol };
}

// The axes of rows, columns and slices, and the affine in that order.
function turnOf({ affine, shape, oriented, slices, name }) {
  if (!oriented || !spans(affine)) return { turn: AS_STORED, affine };
  const across = sliceAxis(affine, shape, slices);
  if (across === null) {
    const size = [0, 1, 2].map((axis) => Number(length(stepOf(affine, axis)).toPrecision(3)));
    throw new Refusal("refused_plane", { name, size: size.join(" × ") });
  }
  const turn = turnTo(affine, across);
  return { turn, affine: turnedAffine(affine, shape, turn) };
}

function placesOf(affine, count) {
  const steps = [0, 1, 2].map((axis) => stepOf(affine, axis));
  const lengths = steps.map(length);
  if (!lengths.every((value) => value > 0)) return Array.from({ length: count }, () => nowhere());
  const units = steps.map((step, i) => step.map((value) => value / lengths[i]));
  const isSquare = Math.abs(dot(units[0], units[1])) < SQUARE;
  return Array.from({ length: count }, (_, number) => ({
    ...nowhere(),
    spacing: [lengths[1], lengths[0]],
    orientation: isSquare ? [...units[0], ...units[1]] : null,
    thickness: lengths[2],
    position: [0, 1, 2].map((i) => affine[i][3] + number * steps[2][i]),
  }));
}

export const nowhere = () => ({
  spacing: null, position: null, orientation: null, thickness: null,
  step: null, frame: null, series: null, instance: null,
});

// The pixels of one slice.
function planeOf({ shape, at }, { axes, backwards }, section) {
  const strides = [1, shape[0], shape[0] * shape[1]];
  const [columns, rows] = axes.map((axis) => shape[axis]);
  const [across, down, through] = axes.map((axis, i) => {
    const last = shape[axis] - 1;
    return (index) => (backwards[i] ? last - index : index) * strides[axis];
  });
  const pixels = new Float64Array(rows * columns);
  const first = through(section);
  for (let row = 0, i = 0; row < rows; row += 1) {
    const line = first + down(row);
    for (let column = 0; column < columns; column += 1, i += 1) {
      pixels[i] = at(line + across(column));
    }
  }
  return pixels;
}

function checkFinite({ shape, at, name }) {
  const count = shape[0] * shape[1] * shape[2];
  for (let i = 0; i < count; i += 1) {
    if (!Number.isFinite(at(i))) throw new Refusal("refused_not_finite", { name });
  }
}
