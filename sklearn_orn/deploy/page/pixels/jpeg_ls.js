// JPEG-LS (ITU T.87) of one component, 2 to 16 bits, lossless or nearly so.
//
// Names as in the standard: a, b, c, d are the pixels to the left, above, above to the
// left and above to the right; a context counts A, B, C and N.
import { Bits, segmentsOf } from "./jpeg_stream.js";

const RUN_BITS = [
  0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15,
];
const RUNS = 365; // the first of the two contexts of what ends a run

// The pixels as unsigned numbers, and their bits; a plain error where the stream is
// damaged.
export function decodeJpegLs(stream, expected) {
  const head = segments(stream);
  const { rows, columns, precision } = head.frame;
  if (rows !== expected.rows || columns !== expected.columns) throw new Error("size");
  const coder = new Coder(stream, head);
  const values = new Uint16Array(rows * columns);
  let above = new Int32Array(columns + 2); // with a pixel beyond each end
  let line = new Int32Array(columns + 2);
  for (let row = 0; row < rows; row += 1) {
    line[0] = above[1];
    above[columns + 1] = above[columns];
    coder.line(line, above, columns);
    values.set(line.subarray(1, columns + 1), row * columns);
    [line, above] = [above, line];
  }
  return { values, bits: precision };
}

// The segments in front of the pixels.
function segments(stream) {
  const found = { frame: null, preset: {} };
  for (const { view, marker, at, content, end } of segmentsOf(stream)) {
    if (marker === 0xf7) {
      found.frame = { precision: content[0], rows: view.getUint16(at + 5), columns: view.getUint16(at + 7) };
    } else if (marker === 0xf8) {
      if (content[0] !== 1 || content.length < 11) throw new Error("table");
      const [maximum, t1, t2, t3, reset] = [5, 7, 9, 11, 13].map((i) => view.getUint16(at + i));
      found.preset = { maximum, t1, t2, t3, reset };
    } else if (marker === 0xdd) {
      throw new Error("interval");
    } else if (marker === 0xda) {
      const { precision } = found.frame || {};
      if (!(precision >= 2 && precision <= 16) || content[0] !== 1 || content.length < 6) throw new Error("scan");
      if (content[5] & 15) throw new Error("shift");
      return { ...found, near: content[3], start: end };
    }
  }
}

const bitsFor = (count) => Math.ceil(Math.log2(count));

// The thresholds of gradients that the standard proposes, where none are written.
function thresholds({ t1, t2, t3 }, maximum, near) {
  const limited = (value, low) => (value > maximum || value < low ? low : value);
  let proposed;
  if (maximum >= 128) {
    const factor = (Math.min(maximum, 4095) + 128) >> 8;
    proposed = [factor + 2 + 3 * near, 4 * factor + 3 + 5 * near, 17 * factor + 4 + 7 * near];
  } else {
    const factor = Math.floor(256 / (maximum + 1));
    proposed = [3, 7, 21].map((value, i) =>
      Math.max(i + 2, Math.floor(value / factor) + [3, 5, 7][i] * near),
    );
  }
  const first = t1 || limited(proposed[0], near + 1);
  const second = t2 || limited(proposed[1], first);
  return [first, second, t3 || limited(proposed[2], second)];
}

class Coder extends Bits {
  constructor(stream, { frame: { precision }, preset, near, start }) {
    super(stream, start);
    this.maximum = preset.maximum || 2 ** precision - 1;
    if (this.maximum >= 2 ** precision || near > Math.min(255, this.maximum >> 1)) throw new Error("preset");
    this.near = near;
    this.step = 2 * near + 1;
    this.range = Math.floor((this.maximum + 2 * near) / this.step) + 1;
    this.rangeBits = bitsFor(this.range);
    const bits = Math.max(2, bitsFor(this.maximum + 1));
    this.limit = 2 * (bits + Math.max(8, bits));
    this.reset = preset.reset || 64;
    this.thresholds = thresholds(preset, this.maximum, near);
    this.A = new Int32Array(RUNS + 2).fill(Math.max(2, (this.range + 32) >> 6));
    this.B = new Int32Array(RUNS);
    this.C = new Int32Array(RUNS);
    this.N = new Int32Array(RUNS + 2).fill(1);
    this.negative = [0, 0]; // of each context of what ends a run
    this.run = 0; // index in RUN_BITS
  }

  bit() {
    if (!this.left) {
      if (this.at >= this.stream.length) throw new Error("end");
      const isStuffed = this.byte === 0xff; // then a zero leads the next byte
      this.byte = this.stream[this.at];
      if (isStuffed && this.byte > 0x7f) throw new Error("marker");
      this.at += 1;
      this.left = isStuffed ? 7 : 8;
    }
    this.left -= 1;
    return (this.byte >> this.left) & 1;
  }

  // A number in Golomb's code; long ones are written as they are.
  golomb(k, limit) {
    const most = limit - this.rangeBits - 1;
    let zeros = 0;
    while (!this.bit()) {
      zeros += 1;
      if (zeros > most) throw new Error("code");
    }
    return zeros < most ? (zeros << k) + this.bits(k) : this.bits(this.rangeBits) + 1;
  }

  line(line, above, columns) {
    let column = 1;
    while (column <= columns) {
      const a = line[column - 1];
      const b = above[column];
      const c = above[column - 1];
      const d = above[column + 1];
      const q = 81 * this.quantised(d - b) + 9 * this.quantised(b - c) + this.quantised(c - a);
      if (q !== 0) {
        line[column] = this.regular(a, b, c, q);
        column += 1;
      } else {
        column = this.runOf(line, above, column, columns);
      }
    }
  }

  quantised(gradient) {
    const size = Math.abs(gradient);
    if (size <= this.near) return 0;
    const [t1, t2, t3] = this.thresholds;
    let level = 4;
    if (size < t1) level = 1;
    else if (size < t2) level = 2;
    else if (size < t3) level = 3;
    return gradient < 0 ? -level : level;
  }

  regular(a, b, c, context) {
    const sign = context < 0 ? -1 : 1;
    const q = sign * context;
    const { A, B, C, N } = this;
    let guess = a + b - c;
    if (c >= Math.max(a, b)) guess = Math.min(a, b);
    else if (c <= Math.min(a, b)) guess = Math.max(a, b);
    guess = this.limited(guess + sign * C[q]);
    const k = this.parameter(A[q], N[q]);
    const code = this.golomb(k, this.limit);
    let error = code & 1 ? -((code + 1) >> 1) : code >> 1;
    if (this.near === 0 && k === 0 && 2 * B[q] <= -N[q]) error = -error - 1;
    this.learn(q, error);
    return this.rebuilt(guess, sign * error);
  }

  learn(q, error) {
    const { A, B, C, N } = this;
    B[q] += error * this.step;
    A[q] += Math.abs(error);
    if (N[q] === this.reset) {
      A[q] >>= 1;
      B[q] = B[q] >= 0 ? B[q] >> 1 : -((1 - B[q]) >> 1);
      N[q] >>= 1;
    }
    N[q] += 1;
    if (B[q] <= -N[q]) {
      B[q] = Math.max(B[q] + N[q], 1 - N[q]);
      if (C[q] > -128) C[q] -= 1;
    } else if (B[q] > 0) {
      B[q] = Math.min(B[q] - N[q], 0);
      if (C[q] < 127) C[q] += 1;
    }
  }

  parameter(sum, count) {
    let k = 0;
    while (count * 2 ** k < sum) {
      k += 1;
      if (k > 24) throw new Error("code");
    }
    return k;
  }

  limited(value) {
    return Math.min(Math.max(value, 0), this.maximum);
  }

  rebuilt(guess, error) {
    let value = guess + error * this.step;
    if (value < -this.near) value += this.range * this.step;
    else if (value > this.maximum + this.near) value -= this.range * this.step;
    return this.limited(value);
  }

  // Pixels equal to the one on the left, and the one that ends them; the next column.
  runOf(line, above, first, columns) {
    const a = line[first - 1];
    let column = first;
    for (;;) {
      const isWhole = this.bit() === 1;
      const bits = RUN_BITS[this.run];
      const length = isWhole ? 1 << bits : this.bits(bits);
      const there = columns - column + 1;
      if (!isWhole && length >= there) throw new Error("run");
      const filled = Math.min(length, there);
      line.fill(a, column, column + filled);
      column += filled;
      if (!isWhole) break;
      if (filled === length && this.run < 31) this.run += 1;
      if (column > columns) return column;
    }
    line[column] = this.ending(a, above[column]);
    if (this.run > 0) this.run -= 1;
    return column + 1;
  }

  ending(a, b) {
    const { A, N, negative } = this;
    const type = Math.abs(a - b) <= this.near ? 1 : 0;
    const q = RUNS + type;
    const k = this.parameter(A[q] + (type ? N[q] >> 1 : 0), N[q]);
    const code = this.golomb(k, this.limit - RUN_BITS[this.run] - 1);
    const odd = (code + type) & 1;
    const size = (code + type + odd) >> 1;
    const isLess = k !== 0 || 2 * negative[type] >= N[q];
    const error = isLess === (odd === 1) ? -size : size;
    if (error < 0) negative[type] += 1;
    A[q] += (code + 1 - type) >> 1;
    if (N[q] === this.reset) {
      A[q] >>= 1;
      N[q] >>= 1;
      negative[type] >>= 1;
    }
    N[q] += 1;
    return type ? this.rebuilt(a, error) : this.rebuilt(b, a > b ? -error : error);
  }
}
