// The elements of a DICOM dataset, converted when they are asked for.
import { Refusal } from "../refusal.js";
import { MAX_MM } from "./bounded.js";

const MAX_FRAMES = 2 ** 16; // of one file

// The elements of one dataset or item: keyword -> {vr, start, end} or {items}.
export class Dataset {
  constructor(file) {
    this.file = file;
    this.elements = new Map();
  }

  has(keyword) {
    return this.elements.has(keyword);
  }

  bytes(keyword) {
    const found = this.elements.get(keyword);
    return found && !found.items ? this.file.bytes.subarray(found.start, found.end) : null;
  }

  items(keyword) {
    return this.elements.get(keyword)?.items || [];
  }

  // Text without the spaces around it, empty where it is absent; several values stand
  // with a backslash between them.
  text(keyword) {
    const raw = this.bytes(keyword);
    if (!raw) return "";
    const numbers = this.binary(keyword);
    if (numbers) return numbers.join("\\");
    return this.file.decoded(raw).replace(/^[\s\0]+|[\s\0]+$/g, "");
  }

  // The values of an element of numbers as floats; null where it holds no number.
  floats(keyword) {
    const raw = this.bytes(keyword);
    if (!raw || !raw.length) return null;
    const numbers = this.binary(keyword);
    if (numbers) return numbers;
    return decimals(raw);
  }

  binary(keyword) {
    const { vr, start, end } = this.elements.get(keyword);
    const kind = BINARY[vr];
    if (!kind) return null;
    const { view, little } = this.file;
    const numbers = [];
    for (let at = start; at + kind.size <= end; at += kind.size) {
      numbers.push(kind.read(view, at, little));
    }
    return numbers;
  }

  // `count` numbers, or null where the header holds nothing of sense.
  numbers(keyword, count) {
    const values = this.floats(keyword);
    if (!values || values.length !== count) return null;
    return values.every((value) => Math.abs(value) < MAX_MM) ? values : null;
  }

  // One whole number, or `otherwise` where it is absent or empty.
  whole(keyword, otherwise = 0) {
    const raw = this.bytes(keyword);
    if (!raw || !raw.length) return otherwise;
    const values = this.floats(keyword);
    if (values && values.length === 0) return otherwise;
    if (!values || values.length !== 1 || !Number.isInteger(values[0])) {
      throw new Refusal("refused_damaged", { name: this.file.name, format: "DICOM" });
    }
    return values[0];
  }
}

const BINARY = {
  US: { size: 2, read: (view, at, little) => view.getUint16(at, little) },
  SS: { size: 2, read: (view, at, little) => view.getInt16(at, little) },
  UL: { size: 4, read: (view, at, little) => view.getUint32(at, little) },
  SL: { size: 4, read: (view, at, little) => view.getInt32(at, little) },
  FL: { size: 4, read: (view, at, little) => view.getFloat32(at, little) },
  FD: { size: 8, read: (view, at, little) => view.getFloat64(at, little) },
  OV: { size: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
};

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

// Decimal numbers as DICOM writes them; null where one of them is none.
export function decimals(raw) {
  let text = "";
  for (let i = 0; i < raw.length; i += 4096) {
    text += String.fromCharCode(...raw.subarray(i, i + 4096));
  }
  const values = text.replace(/[\s\0]+$/, "").split("\\");
  const numbers = [];
  for (const value of values) {
    const one = value.trim();
    if (!DECIMAL.test(one)) return null;
    numbers.push(Number(one));
  }
  return numbers;
}

// The items at the end of a path of sequences.
export function items(groups, ...path) {
  let ends = [...groups];
  for (const keyword of path) ends = ends.flatMap((one) => one.items(keyword));
  return ends;
}

// The declared number of frames, 1 where there is none.
export function frameCount(dataset, name) {
  const frames = Math.max(dataset.whole("NumberOfFrames") || 1, 1);
  if (frames > MAX_FRAMES) {
    throw new Refusal("refused_too_many_frames", { name, frames, most: MAX_FRAMES });
  }
  return frames;
}
