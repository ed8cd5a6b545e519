// PNG files: 8 and 16 bits, grey levels and palettes. A canvas would give 8 bits alone.
import { Refusal } from "../refusal.js";
import { checkSize, startsWith } from "./bounded.js";
import { checksum, joined, unpack } from "./inflate.js";
import { nowhere } from "./nifti.js";
import { protocolOfGrid } from "./protocol.js";
import { sliceOf } from "./slices.js";

const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }; // by the type of colour
const DEPTHS = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };
const MAX_PICTURE = 2 ** 24; // pixels: more take too long to unpack in a browser
// First column and row of the seven passes of an interlaced picture, and their steps.
const PASSES = [
  [0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2],
];

export const isPng = (bytes) => startsWith(bytes, "\x89PNG\r\n\x1a\n");

// The picture: {rows, columns, depth, type, samples: Uint16Array of all channels,
// palette, transparency: bytes or null}.
export function parsePng({ name, bytes }) {
  const damaged = () => new Refusal("refused_damaged", { name, format: "PNG" });
  const { header, palette, transparency, data } = chunks(bytes, damaged);
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const columns = view.getUint32(0);
  const rows = view.getUint32(4);
  const [depth, type, method, filter, interlace] = header.subarray(8);
  if (!DEPTHS[type]?.includes(depth) || method || filter || interlace > 1) throw damaged();
  if (type === 3 && !palette) throw damaged();
  checkSize(name, [rows, columns], 4);
  if (rows * columns > MAX_PICTURE) {
    throw new Refusal("refused_size", { name, shape: `${rows} × ${columns}`, bytes: 4 * MAX_PICTURE });
  }
  const layout = { rows, columns, depth, channels: CHANNELS[type] };
  const passes = interlace ? PASSES : [[0, 0, 1, 1]];
  const expected = passes.reduce((sum, pass) => sum + sizeOf(layout, pass), 0);
  const { content } = unpack(data, "zlib", expected);
  if (content.length < expected) {
    throw new Refusal("refused_truncated", { name, there: content.length, expected });
  }
  const samples = new Uint16Array(rows * columns * layout.channels);
  let at = 0;
  for (const pass of passes) {
    const size = sizeOf(layout, pass);
    unfilter(content.subarray(at, at + size), layout, pass, samples, damaged);
    at += size;
  }
  return { rows, columns, depth, type, samples, palette, transparency };
}

function chunks(bytes, damaged) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = { header: null, palette: null, transparency: null };
  const parts = [];
  let at = 8;
  while (at + 12 <= bytes.length) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) throw damaged();
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const content = bytes.subarray(at + 8, at + 8 + length);
    const isNeeded = ["IHDR", "PLTE", "tRNS", "IDAT"].includes(kind);
    if (isNeeded && checksum(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length)) {
      throw damaged();
    }
    if (kind === "IHDR" && length === 13) found.header ??= content;
    if (kind === "PLTE") found.palette ??= content;
    if (kind === "tRNS") found.transparency ??= content;
    if (kind === "IDAT") parts.push(content);
    if (kind === "IEND") break;
    at += 12 + length;
  }
  if (!found.header || !parts.length) throw damaged();
  return { ...found, data: joined(parts) };
}

function extent({ rows, columns }, [left, top, across, down]) {
  return [Math.ceil((rows - top) / down), Math.ceil((columns - left) / across)];
}

function sizeOf(layout, pass) {
  const [height, width] = extent(layout, pass);
  if (height <= 0 || width <= 0) return 0;
  return height * (1 + Math.ceil((width * layout.channels * layout.depth) / 8));
}

// Undoes the filters of the lines of a pass, and puts its samples where they belong.
function unfilter(content, layout, pass, samples, damaged) {
  if (!content.length) return;
  const [height, width] = extent(layout, pass);
  const [left, top, across, down] = pass;
  const { columns, depth, channels } = layout;
  const line = content.length / height - 1;
  const step = Math.max(1, (channels * depth) >> 3); // bytes of a pixel
  let above = new Uint8Array(line);
  for (let row = 0; row < height; row += 1) {
    const at = row * (line + 1);
    const current = content.slice(at + 1, at + 1 + line);
    restore(content[at], current, above, step, damaged);
    above = current;
    const first = (top + row * down) * columns;
    for (let column = 0; column < width; column += 1) {
      const pixel = (first + left + column * across) * channels;
      for (let channel = 0; channel < channels; channel += 1) {
        samples[pixel + channel] = sampleOf(current, column * channels + channel, depth);
      }
    }
  }
}

function restore(filter, line, above, step, damaged) {
  if (filter > 4) throw damaged();
  if (filter === 0) return;
  for (let i = 0; i < line.length; i += 1) {
    const left = i >= step ? line[i - step] : 0;
    const up = above[i];
    if (filter === 1) line[i] += left;
    else if (filter === 2) line[i] += up;
    else if (filter === 3) line[i] += (left + up) >> 1;
    else line[i] += nearest(left, up, i >= step ? above[i - step] : 0);
  }
}

function nearest(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function sampleOf(line, index, depth) {
  if (depth === 8) return line[index];
  if (depth === 16) return line[2 * index] * 256 + line[2 * index + 1];
  const bit = index * depth;
  return (line[bit >> 3] >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

// What a picture shows, as sklearn_orn reads it: `codes` are grey levels, entries of a
// palette or colours as one number; `colours` null for grey levels; `opacity` null where
// all is opaque.
export function pictureOf(png, name) {
  const { type, depth, samples, transparency, rows, columns } = png;
  const count = rows * columns;
  if (type === 0 && !transparency) return { codes: levels(samples, depth), colours: null, opacity: null };
  if (depth === 16) throw new Refusal("refused_png_deep", { name });
  const [red, green, blue, opacity] = [0, 1, 2, 3].map(() => new Uint8Array(count));
  const put = colourOf(png);
  for (let i = 0; i < count; i += 1) {
    put(i, (r, g, b, a) => {
      red[i] = r;
      green[i] = g;
      blue[i] = b;
      opacity[i] = a;
    });
  }
  const isGrey = type !== 3 && red.every((value, i) => value === green[i] && value === blue[i]);
  if (isGrey) return { codes: Float64Array.from(red), colours: null, opacity };
  const colours = Float64Array.from(red, (value, i) => value * 65536 + green[i] * 256 + blue[i]);
  return { codes: type === 3 ? Float64Array.from(samples) : colours, colours, opacity };
}

// Grey levels of fewer than 8 bits are spread to 8, a single bit stays 0 or 1.
function levels(samples, depth) {
  const factor = { 2: 85, 4: 17 }[depth] || 1;
  return Float64Array.from(samples, (value) => value * factor);
}

// A function that gives red, green, blue and opacity of a pixel, of 8 bits, to another.
function colourOf({ type, depth, samples, palette, transparency }) {
  if (type === 2) {
    const [red, green, blue] = transparency ? [1, 3, 5].map((i) => transparency[i]) : [];
    return (i, use) => {
      const [r, g, b] = [samples[3 * i], samples[3 * i + 1], samples[3 * i + 2]];
      use(r, g, b, r === red && g === green && b === blue ? 0 : 255);
    };
  }
  if (type === 3) {
    return (i, use) => {
      const entry = samples[i];
      const at = 3 * entry;
      use(palette[at] ?? 0, palette[at + 1] ?? 0, palette[at + 2] ?? 0, transparency?.[entry] ?? 255);
    };
  }
  if (type === 4) {
    return (i, use) => use(samples[2 * i], samples[2 * i], samples[2 * i], samples[2 * i + 1]);
  }
  if (type === 6) {
    return (i, use) => use(samples[4 * i], samples[4 * i + 1], samples[4 * i + 2], samples[4 * i + 3]);
  }
  const factor = 255 / (2 ** depth - 1);
  const key = transparency[0] * 256 + transparency[1];
  return (i, use) => {
    const grey = samples[i] * factor;
    use(grey, grey, grey, samples[i] === key ? 0 : 255);
  };
}

export function readPngImage(file) {
  const png = parsePng(file);
  const { rows, columns } = png;
  const { codes, colours } = pictureOf(png, file.name);
  const pixels = colours ? greyOfColours(colours, file.name) : codes;
  const slice = sliceOf(nowhere(), rows, columns, pixels);
  const protocol = protocolOfGrid({ rows, columns, spacing: null });
  return { kind: "png", slices: [slice], frame: null, protocol };
}

function greyOfColours(colours, name) {
  return colours.map((colour) => {
    const blue = colour % 256;
    if (colour !== blue * 0x010101) throw new Refusal("refused_colour", { name });
    return blue;
  });
}
