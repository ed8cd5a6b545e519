// Grey levels: the window of a region, and its quantisation.
import { Refusal } from "../refusal.js";
import { percentile } from "./histogram.js";

const SLACK = 1e-4; // of a level: fractions in single precision have errors of 1e-5
const LARGEST = 1e60; // its fourth power, which kurtosis takes, is a number still

const scales = new WeakMap(); // of whole images, which are measured more than once

// How stored values become grey levels: v0 = pixel - offset, v = v0 + base. Fractions
// have a unit of their own, and the limits of the whole image instead of its bits.
export function greyScale(pixels) {
  if (!scales.has(pixels)) scales.set(pixels, readScale(pixels));
  return scales.get(pixels);
}

function readScale(pixels) {
  let lowest = Infinity;
  let highest = -Infinity;
  let whole = true;
  for (const value of pixels) {
    if (!Number.isFinite(value)) throw new Refusal("refused_pixels_not_finite");
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
    if (whole && !Number.isInteger(value)) whole = false;
  }
  const extent = highest - lowest;
  const largest = Math.max(Math.abs(lowest), Math.abs(highest));
  if (largest > LARGEST || (extent > 0 && extent < 1 / LARGEST)) {
    throw new Refusal("refused_pixel_range", { low: lowest, high: highest });
  }
  if (!whole) return { whole, offset: 0, bits: 0, base: 0, slack: SLACK, lowest, highest };
  const offset = Math.min(lowest, 0);
  const bits = Math.ceil(Math.log2(highest - offset + 1));
  return { whole, offset, bits, base: 1, slack: 0, lowest, highest };
}

// An empty window becomes one grey level wide; of fractions, next to nothing.
export function orderedWindow(scale, lo, hi) {
  if (hi > lo) return [lo, hi];
  if (scale.whole) return [lo, lo + 1];
  const width = (scale.highest - scale.lowest || Math.abs(lo)) * 1e-9;
  return [lo, Math.max(lo + width, nextAfter(lo))];
}

function nextAfter(value) {
  if (value === 0) return Number.MIN_VALUE;
  const number = new Float64Array([value]);
  const bits = new BigInt64Array(number.buffer);
  bits[0] += value > 0 ? 1n : -1n;
  return number[0];
}

// The window of a region by any method of Normalizer; null is the full bit range.
// `inside` are the pixels of the region as they are stored.
export function greyLevelWindow(inside, scale, method) {
  if (method === "none") return null;
  const shift = scale.whole ? scale.base - scale.offset : 0;
  const values = Float64Array.from(inside, (value) => value + shift);
  const [lo, hi] = method === "3sigma" ? threeSigma(values, scale) : ofCounts(values, scale, method);
  return orderedWindow(scale, lo, hi);
}

function threeSigma(values, scale) {
  const mean = pairwise(values) / values.length;
  const squares = values.map((value) => (value - mean) ** 2);
  const sd = Math.sqrt(pairwise(squares) / values.length);
  const limits = [mean - 3 * sd, mean + 3 * sd];
  // A bound that is an integer but for rounding errors is that integer.
  if (scale.whole) return limits.map((limit) => Math.trunc(rounded(limit * 1e9) / 1e9));
  return values.every((value) => value === values[0]) ? [values[0], values[0]] : limits;
}

// The sum in the order of NumPy, so that a limit falls on the same side of a level.
function pairwise(values) {
  const n = values.length;
  if (n < 8) return values.reduce((sum, value) => sum + value, 0);
  if (n > 128) {
    const half = Math.floor(n / 2) - (Math.floor(n / 2) % 8);
    return pairwise(values.subarray(0, half)) + pairwise(values.subarray(half));
  }
  const r = Array.from(values.subarray(0, 8));
  let i = 8;
  for (; i < n - (n % 8); i += 8) {
    for (let k = 0; k < 8; k += 1) r[k] += values[i + k];
  }
  let sum = r[0] + r[1] + (r[2] + r[3]) + (r[4] + r[5] + (r[6] + r[7]));
  for (; i < n; i += 1) sum += values[i];
  return sum;
}

// To the nearest integer, halves to the even one.
export function rounded(value) {
  const down = Math.floor(value);
  const apart = value - down;
  if (apart !== 0.5) return apart < 0.5 ? down : down + 1;
  return down % 2 === 0 ? down : down + 1;
}

function ofCounts(values, scale, method) {
  const ordered = values.sort();
  if (method === "1-99") return [percentile(ordered, 1), percentile(ordered, 99)];
  if (method !== "1-99-below") throw new Refusal("refused_normalization", { method });
  const n = ordered.length;
  const share = Math.floor(n / 100);
  if (share === 0) return [ordered[0], ordered[n - 1]]; // the counts bound neither end
  const above = [ordered[share - 1], ordered[n - share]];
  return scale.whole ? above.map((value) => Math.ceil(value) - 1) : above;
}

// The level, from 1, of one stored value; without a window the range is the image's bits.
export function levelOf(v0, window, scale, nLevels) {
  const [lo, hi] = window || [0, 2 ** scale.bits];
  const level = window
    ? Math.floor(((v0 - lo) * (nLevels - 1)) / (hi - lo) + 0.5 + scale.slack)
    : Math.floor((v0 * nLevels) / hi);
  return Math.min(Math.max(level, 0), nLevels - 1) + 1;
}
