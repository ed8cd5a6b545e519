// Lossless JPEG (process 14 of ITU T.81) of one component, 2 to 16 bits: each pixel is
// the difference to a prediction, and how many bits a difference has is a Huffman code.
import { Bits, segmentsOf } from "./jpeg_stream.js";

const PREDICTED = {
  1: (left) => left,
  2: (left, above) => above,
  3: (left, above, corner) => corner,
  4: (left, above, corner) => left + above - corner,
  5: (left, above, corner) => left + ((above - corner) >> 1),
  6: (left, above, corner) => above + ((left - corner) >> 1),
  7: (left, above) => (left + above) >> 1,
};

// The pixels as unsigned numbers; a plain error where the stream is damaged.
export function decodeLossless(stream, expected) {
  const { frame, tables, interval, scan, start } = segments(stream);
  if (frame.rows !== expected.rows || frame.columns !== expected.columns) throw new Error("size");
  const predict = PREDICTED[scan.predictor];
  if (!predict) throw new Error("predictor");
  const table = tables.get(scan.table);
  if (!table) throw new Error("table");
  const { rows, columns, precision } = frame;
  const bits = new Differences(stream, start);
  const out = new Uint16Array(rows * columns);
  const first = 1 << (precision - scan.shift - 1);
  const restart = interval ? interval / columns : rows; // in lines, as the standard has it
  if (!Number.isInteger(restart)) throw new Error("interval");
  for (let row = 0, i = 0; row < rows; row += 1) {
    const fresh = row % restart === 0;
    if (fresh && row) bits.restart();
    for (let column = 0; column < columns; column += 1, i += 1) {
      let guess;
      if (column && (fresh || !row)) guess = out[i - 1];
      else if (column) guess = predict(out[i - 1], out[i - columns], out[i - columns - 1]);
      else guess = fresh ? first : out[i - columns];
      out[i] = guess + bits.difference(table); // modulo 2**16, as the standard counts
    }
  }
  return scan.shift ? out.map((value) => value << scan.shift) : out;
}

// The segments in front of the pixels.
function segments(stream) {
  const found = { frame: null, tables: new Map(), interval: 0 };
  for (const { view, marker, at, content, end } of segmentsOf(stream)) {
    if (marker === 0xc3) {
      found.frame = { precision: content[0], rows: view.getUint16(at + 5), columns: view.getUint16(at + 7) };
    } else if (marker === 0xc4) {
      readTables(content, found.tables);
    } else if (marker === 0xdd) {
      found.interval = view.getUint16(at + 4);
    } else if (marker === 0xda) {
      if (!found.frame || content[0] !== 1) throw new Error("scan");
      const scan = { table: content[2] >> 4, predictor: content[3], shift: content[5] & 15 };
      if (scan.shift >= found.frame.precision) throw new Error("shift");
      return { ...found, scan, start: end };
    }
  }
}

// Each table has, for each length of a code, the first code, how many there are, and
// where their values start.
function readTables(content, tables) {
  let at = 0;
  while (at + 17 <= content.length) {
    const name = content[at] & 15;
    const counts = content.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const values = content.subarray(at + 17, at + 17 + total);
    if (values.length < total) throw new Error("table");
    const lengths = [];
    let code = 0;
    let start = 0;
    for (const count of counts) {
      lengths.push({ first: code, count, start });
      code = (code + count) << 1;
      start += count;
    }
    tables.set(name, { lengths, values });
    at += 17 + total;
  }
}

class Differences extends Bits {
  bit() {
    if (!this.left) {
      if (this.at >= this.stream.length) throw new Error("end");
      this.byte = this.stream[this.at];
      this.at += 1;
      if (this.byte === 0xff) {
        if (this.stream[this.at] !== 0) throw new Error("marker");
        this.at += 1; // a zero is stuffed behind each byte of ones
      }
      this.left = 8;
    }
    this.left -= 1;
    return (this.byte >> this.left) & 1;
  }

  // The next difference, by its category and as many bits.
  difference({ lengths, values }) {
    let code = 0;
    for (const { first, count, start } of lengths) {
      code = (code << 1) | this.bit();
      if (code - first < count) {
        const size = values[start + code - first];
        if (!(size <= 16)) throw new Error("category");
        return this.extended(size);
      }
    }
    throw new Error("code");
  }

  extended(size) {
    if (size === 0) return 0;
    if (size === 16) return 32768;
    const value = this.bits(size);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  // Goes on behind the marker of a restart.
  restart() {
    this.left = 0;
    const marker = this.stream[this.at + 1];
    if (this.stream[this.at] !== 0xff || !(marker >= 0xd0 && marker <= 0xd7)) throw new Error("restart");
    this.at += 2;
  }
}
