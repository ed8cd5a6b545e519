// The stored values of the frames of a DICOM file.
import { Refusal } from "../refusal.js";
import { checkSize } from "./bounded.js";
import { decoded, frameStreams, isCompressed } from "./codecs.js";
import { frameCount } from "./dataset.js";

const KINDS = {
  8: [Uint8Array, Int8Array],
  16: [Uint16Array, Int16Array],
  32: [Uint32Array, Int32Array],
};

// A function that reads one frame, from 0, as Float64Array of stored values, without what
// hides in unused bits.
export function frameReader(dataset, name) {
  const element = dataset.elements.get("PixelData");
  if (!element) {
    const kind = dataset.text("Modality") || "?";
    throw new Refusal("refused_no_image", { name, kind });
  }
  const layout = layoutOf(dataset, name);
  if (!isCompressed(dataset.syntax)) {
    if (element.fragments) throw new Refusal("refused_damaged", { name, format: "DICOM" });
    return nativeReader(dataset, layout, element, name);
  }
  if (!element.fragments) throw new Refusal("refused_damaged", { name, format: "DICOM" });
  const { stored, highBit, allocated } = layout;
  if (!(stored >= 1 && stored <= allocated && allocated <= 32)) {
    throw new Refusal("refused_bits", { name, stored, highBit, allocated });
  }
  const streams = frameStreams(dataset, element.fragments, layout.frames, name);
  return (frame) => decoded(dataset.syntax, streams(frame), layout, name);
}

function layoutOf(dataset, name) {
  const rows = dataset.whole("Rows");
  const columns = dataset.whole("Columns");
  const allocated = dataset.whole("BitsAllocated");
  if (Math.min(rows, columns, allocated) < 1) {
    throw new Refusal("refused_no_size", { name, shape: `${rows} × ${columns}` });
  }
  checkSize(name, [rows, columns], Math.ceil(allocated / 8));
  const frames = frameCount(dataset, name);
  const stored = dataset.whole("BitsStored") || allocated;
  const highBit = dataset.whole("HighBit") || stored - 1;
  const signed = dataset.whole("PixelRepresentation") === 1;
  return { rows, columns, frames, allocated, stored, highBit, signed };
}

function nativeReader(dataset, layout, { start, end, vr }, name) {
  const { rows, columns, frames, allocated, stored, highBit, signed } = layout;
  const expected = Math.ceil((rows * columns * frames * allocated) / 8);
  if (end - start < expected) {
    throw new Refusal("refused_truncated", { name, there: end - start, expected });
  }
  if (!(stored >= 1 && stored <= highBit + 1 && highBit + 1 <= allocated)) {
    throw new Refusal("refused_bits", { name, stored, highBit, allocated });
  }
  const { bytes, little } = dataset.file;
  const content = bytes.subarray(start, end);
  if (allocated === 1) return later((frame) => bitsOf(content, rows * columns, frame));
  const kinds = KINDS[allocated];
  if (!kinds) throw new Refusal("refused_bits_allocated", { name, allocated });
  const Kind = kinds[signed ? 1 : 0];
  const size = allocated / 8;
  const above = allocated - 1 - highBit;
  const unused = allocated - stored;
  return later((frame) => {
    const first = frame * rows * columns * size;
    let part = content.slice(first, first + rows * columns * size);
    if (!little) part = turned(content, first, part, size, vr);
    const values = new Kind(part.buffer);
    return Float64Array.from(shifted(values, above, unused, allocated));
  });
}

// Marks a reader that may be asked when its pixels are needed, without a promise.
function later(read) {
  return Object.assign(read, { later: true });
}

// Bytes of big endian as of little endian; single bytes lie swapped in pairs of words.
function turned(content, first, part, size, vr) {
  const out = new Uint8Array(part.length);
  if (size === 1) {
    if (vr !== "OW") return part;
    for (let i = 0; i < out.length; i += 1) out[i] = content[(first + i) ^ 1] ?? 0;
    return out;
  }
  for (let i = 0; i < out.length; i += size) {
    for (let j = 0; j < size; j += 1) out[i + j] = part[i + size - 1 - j];
  }
  return out;
}

// Beyond the left end with what is above the stored bits, back to the right with the sign.
function shifted(values, above, unused, allocated) {
  if (!above && !unused) return values;
  const whole = 32 - allocated;
  const isSigned = values instanceof Int8Array || values instanceof Int16Array || values instanceof Int32Array;
  for (let i = 0; i < values.length; i += 1) {
    const left = values[i] << (above + whole);
    values[i] = isSigned ? left >> (unused + whole) : left >>> (unused + whole);
  }
  return values;
}

// One frame of single bits, which may start and end within a byte.
function bitsOf(content, count, frame) {
  const out = new Float64Array(count);
  const first = frame * count;
  for (let i = 0; i < count; i += 1) {
    const bit = first + i;
    out[i] = (content[bit >> 3] >> (bit & 7)) & 1;
  }
  return out;
}
