// The header of NIfTI-1 and -2: shape, type, scale, and where voxels lie.
import { Refusal } from "../refusal.js";
import { checkSize, MAX_MM, startsWith } from "./bounded.js";
import { unpack } from "./inflate.js";

const FIRST = 348; // bytes of the header of NIfTI-1
const SECOND = 540; // and of NIfTI-2
const MAX_SIDE = 2 ** 14;
const UNITS = { 1: 1000, 3: 0.001 }; // metre and micron, in mm

// How a code stores numbers: bytes, and which function of a DataView reads them.
const TYPES = {
  2: [1, "getUint8"],
  4: [2, "getInt16"],
  8: [4, "getInt32"],
  16: [4, "getFloat32"],
  64: [8, "getFloat64"],
  256: [1, "getInt8"],
  512: [2, "getUint16"],
  768: [4, "getUint32"],
  1024: [8, "getBigInt64"],
  1280: [8, "getBigUint64"],
};

export const isGzip = (bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b;

// The first bytes of a file, unpacked where it is gzip.
export function headOf(bytes) {
  if (!isGzip(bytes)) return bytes.subarray(0, SECOND);
  return unpack(bytes.subarray(0, 65536), "gzip", SECOND).content.subarray(0, SECOND);
}

export function isNifti(head) {
  return startsWith(head, "n+1\0", 344) || startsWith(head, "n+2\0\r\n\x1a\n", 4);
}

// Header and voxels in two files, NIfTI pairs and Analyze.
export function isPair(head, name) {
  if (startsWith(head, "ni1\0", 344) || startsWith(head, "ni2\0", 4)) return true;
  const isAnalyze = startsWith(head, "\x5c\x01\0\0") || startsWith(head, "\0\0\x01\x5c");
  return (isAnalyze && head.length === FIRST) || /\.img(\.gz)?$/i.test(name);
}

class Fields {
  constructor(bytes, isSecond, little) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.isSecond = isSecond;
    this.little = little;
  }

  // One number: `kind1` at `at1` in NIfTI-1, `kind2` at `at2` in NIfTI-2.
  get(kind1, at1, kind2, at2) {
    const [kind, at] = this.isSecond ? [kind2, at2] : [kind1, at1];
    return Number(this.view[`get${kind}`](at, this.little));
  }

  several(count, first, at1, at2) {
    const [kind, at] = this.isSecond ? ["Float64", at2] : [first, at1];
    const size = kind === "Float64" ? 8 : 4;
    return Array.from({ length: count }, (_, i) =>
      this.view[`get${kind}`](at + i * size, this.little),
    );
  }
}

export function parseHeader(bytes, name) {
  const damaged = () => new Refusal("refused_damaged", { name, format: "NIfTI" });
  const isSecond = startsWith(bytes, "n+2", 4);
  const needed = isSecond ? SECOND : FIRST;
  if (bytes.length < needed) {
    throw new Refusal("refused_truncated", { name, there: bytes.length, expected: needed });
  }
  const little = isLittle(bytes, isSecond);
  const fields = new Fields(bytes, isSecond, little);
  const dim = Array.from({ length: 8 }, (_, i) => fields.get("Int16", 40 + 2 * i, "BigInt64", 16 + 8 * i));
  const axes = dim[0];
  const all = axes >= 1 && axes <= 7 ? dim.slice(1, axes + 1) : [];
  const volumes = all.slice(3).filter((count) => count !== 1);
  if (all.length < 2 || volumes.length) {
    throw new Refusal("refused_nifti_axes", { name, shape: all.join(" × ") });
  }
  const shape = [...all.slice(0, 3), 1].slice(0, 3);
  const code = fields.get("Int16", 70, "Int16", 12);
  if (!TYPES[code]) throw new Refusal("refused_voxel_type", { name, type: String(code) });
  const [size, read] = TYPES[code];
  checkSize(name, shape, Math.min(size, 2));
  if (Math.max(...shape) > MAX_SIDE) {
    throw new Refusal("refused_size", { name, shape: shape.join(" × "), bytes: MAX_SIDE });
  }
  const offset = fields.get("Float32", 108, "BigInt64", 168);
  if (!(offset >= needed) || !Number.isSafeInteger(Math.trunc(offset))) throw damaged();
  const placed = [fields.get("Int16", 254, "Int32", 348) > 0, fields.get("Int16", 252, "Int32", 344) > 0];
  const affine = affineOf(fields, shape, all.length, name);
  const dims = fields.get("Uint8", 39, "Uint8", 524);
  return {
    name,
    shape,
    size,
    read,
    isFloat: code === 16 || code === 64,
    little,
    offset: Math.trunc(offset),
    affine,
    scale: scaleOf(fields, damaged),
    oriented: placed.some(Boolean),
    slices: ((dims >> 4) & 3) - 1 < 0 ? null : ((dims >> 4) & 3) - 1,
  };
}

// By the number of axes, which is 1 to 7 in one of the two orders.
function isLittle(bytes, isSecond) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const axes = isSecond ? Number(view.getBigInt64(16, true)) : view.getInt16(40, true);
  return axes >= 1 && axes <= 7;
}

// Slope and intercept; a slope of 0, or one that is no number, is none.
function scaleOf(fields, damaged) {
  const slope = fields.get("Float32", 112, "Float64", 176);
  const intercept = fields.get("Float32", 116, "Float64", 184);
  if (slope === 0 || !Number.isFinite(slope)) return [1, 0];
  if (!Number.isFinite(intercept)) throw damaged();
  return [slope, intercept];
}

function affineOf(fields, shape, axes, name) {
  const pixdim = fields.several(8, "Float32", 76, 104);
  let rows;
  if (fields.get("Int16", 254, "Int32", 348) !== 0) {
    const values = fields.several(12, "Float32", 280, 400);
    rows = [values.slice(0, 4), values.slice(4, 8), values.slice(8, 12)];
  } else if (fields.get("Int16", 252, "Int32", 344) !== 0) {
    rows = quaternion(fields, pixdim, name);
  } else {
    rows = centred(axes < 3 ? [...pixdim.slice(0, 3), 1] : pixdim, shape);
  }
  const unit = UNITS[fields.get("Uint8", 123, "Int32", 500) & 7] || 1;
  // NIfTI counts x to the right and y to the front, DICOM to the left and to the back
  const signs = [-unit, -unit, unit];
  const affine = rows.map((row, i) => row.map((value) => value * signs[i]));
  if (!affine.flat().every((value) => Math.abs(value) < MAX_MM)) {
    throw new Refusal("refused_nowhere", { name });
  }
  return affine;
}

function quaternion(fields, pixdim, name) {
  const damaged = () => new Refusal("refused_damaged", { name, format: "NIfTI" });
  const [x, y, z, ...origin] = fields.several(6, "Float32", 256, 352);
  const [face, ...sizes] = pixdim.slice(0, 4);
  if (Math.abs(face) !== 1 || sizes.some((size) => size < 0)) throw damaged();
  const rest = 1 - (x * x + y * y + z * z);
  const isNone = Math.abs(rest) < 3 * (fields.isSecond ? 2 ** -52 : 2 ** -23);
  if (!isNone && !(rest >= 0)) throw damaged();
  const w = isNone ? 0 : Math.sqrt(rest);
  const s = 2 / (w * w + x * x + y * y + z * z);
  const turn = [
    [1 - s * (y * y + z * z), s * (x * y - w * z), s * (x * z + w * y)],
    [s * (x * y + w * z), 1 - s * (x * x + z * z), s * (y * z - w * x)],
    [s * (x * z - w * y), s * (y * z + w * x), 1 - s * (x * x + y * y)],
  ];
  const steps = [sizes[0], sizes[1], sizes[2] * face];
  return turn.map((row, i) => [...row.map((value, j) => value * steps[j]), origin[i]]);
}

// Of a header that says nothing: as nibabel lays it, x backwards, its middle at 0.
function centred(pixdim, shape) {
  const sizes = [-pixdim[1], pixdim[2], pixdim[3]];
  return sizes.map((size, i) => {
    const row = [0, 0, 0, -((shape[i] - 1) / 2) * size];
    row[i] = size;
    return row;
  });
}
