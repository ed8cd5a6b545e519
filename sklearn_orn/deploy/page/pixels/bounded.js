// Reading with an upper limit: a small file must not fill the memory.
import { Refusal } from "../refusal.js";

export const MAX_PIXELS = 2 ** 26; // of one slice: 8192 x 8192
export const MAX_MM = 1e6; // of a coordinate or a spacing; what is beyond is no patient
export const MAX_BYTES = 2 ** 29; // of one file, unpacked

// Refuses a declared size that no image has; the first two axes are one slice's.
export function checkSize(name, shape, itemsize) {
  const shown = shape.join(" × ");
  if (!shape.length || !shape.every((length) => Number.isInteger(length) && length >= 1)) {
    throw new Refusal("refused_no_size", { name, shape: shown });
  }
  const product = (lengths) => lengths.reduce((all, length) => all * length, 1);
  if (product(shape.slice(0, 2)) > MAX_PIXELS || product(shape) * itemsize > MAX_BYTES) {
    throw new Refusal("refused_size", { name, shape: shown, bytes: MAX_BYTES });
  }
}

export function startsWith(bytes, text, at = 0) {
  if (bytes.length < at + text.length) return false;
  for (let i = 0; i < text.length; i += 1) {
    if (bytes[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}
