// The segments of a JPEG stream in front of the pixels. `number` gives the two bytes at a
// place of the content; a plain error where the stream is damaged.
export function* jpegSegments(stream) {
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
    const first = at + 4;
    const end = at + 2 + view.getUint16(at + 2);
    if (end > stream.length || end < first) throw new Error("segment");
    const number = (place) => view.getUint16(first + place);
    yield { marker, content: stream.subarray(first, end), number, end };
    at = end;
  }
}

export function frameOf({ content, number }) {
  return { precision: content[0], rows: number(1), columns: number(3) };
}
