// What lossless JPEG and JPEG-LS have in common: segments, and bits behind them.

// The segments of a stream; `at` is where the marker stands in the view of the whole.
export function* segmentsOf(stream) {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  let at = 0;
  while (at + 1 < stream.length && !(stream[at] === 0xff && stream[at + 1] === 0xd8)) at += 1;
  at += 2;
  for (;;) {
    if (at + 4 > stream.length || stream[at] !== 0xff) throw new Error("marker");
    const marker = stream[at + 1];
    if (marker === 0xff) {
      at += 1; // a fill byte
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    if (end > stream.length || end < at + 4) throw new Error("segment");
    yield { view, marker, at, content: stream.subarray(at + 4, end), end };
    at = end;
  }
}

// Bits, the highest of a byte first; a subclass has a `bit`, which knows the stuffing.
export class Bits {
  constructor(stream, at) {
    this.stream = stream;
    this.at = at;
    this.byte = 0;
    this.left = 0;
  }

  bits(count) {
    let value = 0;
    for (let i = 0; i < count; i += 1) value = (value << 1) | this.bit();
    return value;
  }
}
