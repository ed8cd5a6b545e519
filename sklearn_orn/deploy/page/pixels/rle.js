// RLE Lossless of DICOM: runs of bytes, the most significant byte of all pixels first.

// The stored values of one frame; a plain error where the stream is damaged.
export function decodedRle(stream, { rows, columns, allocated, stored, signed }) {
  const size = allocated / 8;
  if (![1, 2, 4].includes(size) || stream.length < 64) throw new Error("layout");
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  const segments = view.getUint32(0, true);
  if (segments !== size) throw new Error("segments");
  const count = rows * columns;
  const planes = [];
  for (let i = 0; i < segments; i += 1) {
    const start = view.getUint32(4 + 4 * i, true);
    const end = i + 1 < segments ? view.getUint32(8 + 4 * i, true) : stream.length;
    planes.push(segment(stream.subarray(start, Math.max(end, start)), count));
  }
  const unused = 32 - stored;
  const values = new Float64Array(count);
  for (let pixel = 0; pixel < count; pixel += 1) {
    let value = 0;
    for (const plane of planes) value = (value << 8) | plane[pixel];
    value <<= unused; // what hides above the stored bits
    values[pixel] = signed ? value >> unused : value >>> unused;
  }
  return values;
}

function segment(packed, count) {
  const out = new Uint8Array(count);
  let at = 0;
  let filled = 0;
  while (at < packed.length && filled < count) {
    const head = packed[at];
    at += 1;
    if (head > 128) {
      if (at >= packed.length) break;
      const stop = Math.min(filled + 257 - head, count);
      out.fill(packed[at], filled, stop);
      filled = stop;
      at += 1;
    } else if (head < 128) {
      const some = packed.subarray(at, at + head + 1);
      const kept = some.subarray(0, count - filled);
      out.set(kept, filled);
      filled += kept.length;
      at += head + 1;
    }
  }
  if (filled < count) throw new Error("too few bytes");
  return out;
}
