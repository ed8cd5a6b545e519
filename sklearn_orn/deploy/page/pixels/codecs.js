// Compressed pixel data of DICOM: its frames, and who decodes them.
import { Refusal } from "../refusal.js";
import { decodeLossless } from "./jpeg_lossless.js";
import { decodeJpegLs } from "./jpeg_ls.js";
import { decodedRle } from "./rle.js";

const UID = "1.2.840.10008.1.2";
const NATIVE = new Set([UID, `${UID}.1`, `${UID}.1.99`, `${UID}.2`]);
const RLE = `${UID}.5`;
const JPEG_LS = new Set([`${UID}.4.80`, `${UID}.4.81`]);
const JPEG_2000 = new Set([`${UID}.4.90`, `${UID}.4.91`]);
const JPEG_LOSSLESS = new Set([`${UID}.4.57`, `${UID}.4.70`]);
const JPEG = new Set([`${UID}.4.50`, `${UID}.4.51`]);

const NAMES = {
  [RLE]: "RLE Lossless",
  [`${UID}.4.50`]: "JPEG Baseline",
  [`${UID}.4.51`]: "JPEG Extended",
  [`${UID}.4.57`]: "JPEG Lossless",
  [`${UID}.4.70`]: "JPEG Lossless SV1",
  [`${UID}.4.80`]: "JPEG-LS Lossless",
  [`${UID}.4.81`]: "JPEG-LS Near-lossless",
  [`${UID}.4.90`]: "JPEG 2000 Lossless",
  [`${UID}.4.91`]: "JPEG 2000",
  [`${UID}.4.92`]: "JPEG 2000 Multi-component Lossless",
  [`${UID}.4.93`]: "JPEG 2000 Multi-component",
  [`${UID}.4.100`]: "MPEG-2",
  [`${UID}.4.101`]: "MPEG-2",
  [`${UID}.4.102`]: "MPEG-4",
  [`${UID}.4.103`]: "MPEG-4",
  [`${UID}.4.104`]: "MPEG-4",
  [`${UID}.4.105`]: "MPEG-4",
  [`${UID}.4.106`]: "MPEG-4",
  [`${UID}.4.107`]: "HEVC",
  [`${UID}.4.108`]: "HEVC",
  [`${UID}.4.110`]: "JPEG XL Lossless",
  [`${UID}.4.111`]: "JPEG XL recompressed",
  [`${UID}.4.112`]: "JPEG XL",
  [`${UID}.4.201`]: "High-throughput JPEG 2000 Lossless",
  [`${UID}.4.202`]: "High-throughput JPEG 2000 Lossless RPCL",
  [`${UID}.4.203`]: "High-throughput JPEG 2000",
};

export const isCompressed = (syntax) => !NATIVE.has(syntax);

// A UID that has no name is not shown: only its shape is known to be harmless.
export function syntaxName(syntax) {
  return (Object.hasOwn(NAMES, syntax) && NAMES[syntax]) || (/^[\d.]{1,64}$/.test(syntax) ? syntax : "?");
}

function offsetsOf(dataset, fragments) {
  const table = dataset.floats("ExtendedOffsetTable") || [];
  if (table.length) return table;
  const basic = dataset.file.bytes.subarray(fragments[0].start, fragments[0].end);
  const view = new DataView(basic.buffer, basic.byteOffset, basic.length);
  return Array.from({ length: basic.length >> 2 }, (_, i) => view.getUint32(4 * i, true));
}

function joined(bytes, parts) {
  if (parts.length === 1) return bytes.slice(parts[0].start, parts[0].end);
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.end - part.start, 0));
  let at = 0;
  for (const { start, end } of parts) {
    whole.set(bytes.subarray(start, end), at);
    at += end - start;
  }
  return whole;
}

// Whether a fragment ends a frame: the marker of the end is in its last bytes.
function endsFrame(bytes, { end }) {
  for (let i = Math.max(end - 10, 0); i + 1 < end; i += 1) {
    if (bytes[i] === 0xff && bytes[i + 1] === 0xd9) return true;
  }
  return false;
}

// A function that gives the bytes of one frame.
export function frameStreams(dataset, all, frames, name) {
  const damaged = () => new Refusal("refused_damaged", { name, format: "DICOM" });
  if (all.length < 2) throw damaged();
  const fragments = all.slice(1);
  const { bytes } = dataset.file;
  if (frames === 1) return () => joined(bytes, fragments);
  const first = fragments[0].start - 8; // where the item of the first fragment begins
  const offsets = offsetsOf(dataset, all);
  const groups = [];
  if (offsets.length >= frames) {
    const starts = new Set(offsets.map((offset) => first + offset));
    for (const fragment of fragments) {
      if (starts.has(fragment.start - 8)) groups.push([fragment]);
      else if (groups.length) groups.at(-1).push(fragment);
    }
  } else if (fragments.length === frames) {
    groups.push(...fragments.map((fragment) => [fragment]));
  } else {
    let open = [];
    for (const fragment of fragments) {
      open.push(fragment);
      if (endsFrame(bytes, fragment)) {
        groups.push(open);
        open = [];
      }
    }
    if (open.length) groups.push(open);
  }
  return (frame) => {
    if (!groups[frame]) throw damaged();
    return joined(bytes, groups[frame]);
  };
}

// The stored values of one frame.
export async function decoded(syntax, stream, layout, name) {
  const refused = () => new Refusal("refused_decode", { name, syntax: syntaxName(syntax) });
  const decode = decoderOf(syntax);
  if (!decode) throw new Refusal("refused_syntax", { name, syntax: syntaxName(syntax) });
  if (syntax !== RLE) checkStream(stream, layout, name);
  let values;
  try {
    values = await decode(stream, layout);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw refused(); // whatever a decoder stops with, the stream is damaged
  }
  if (!values || values.length !== layout.rows * layout.columns) throw refused();
  return values;
}

function decoderOf(syntax) {
  if (syntax === RLE) return decodedRle;
  if (JPEG_LOSSLESS.has(syntax)) return decodedJpegLossless;
  if (JPEG_LS.has(syntax)) return decodedJpegLs;
  if (!globalThis.pageCodecs) return null;
  if (JPEG_2000.has(syntax)) return decodedJpeg2000;
  if (JPEG.has(syntax)) return decodedJpeg;
  return null;
}

// What the head of a stream declares: {rows, columns, precision, components, signed,
// process}; null where it is not found.
export function streamHeader(stream) {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  const siz = find(stream, [0xff, 0x4f, 0xff, 0x51]);
  if (siz >= 0 && stream.length >= siz + 43) {
    const size = view.getUint8(siz + 42);
    return {
      rows: view.getUint32(siz + 12) - view.getUint32(siz + 20),
      columns: view.getUint32(siz + 8) - view.getUint32(siz + 16),
      components: view.getUint16(siz + 40),
      precision: (size & 0x7f) + 1,
      signed: size >> 7 === 1,
      process: 0x51,
    };
  }
  let at = find(stream, [0xff, 0xd8, 0xff]);
  if (at < 0) return null;
  at += 2;
  while (at + 10 <= stream.length && stream[at] === 0xff) {
    const marker = stream[at + 1];
    const isFrame = (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) || marker === 0xf7;
    if (isFrame) {
      return {
        precision: stream[at + 4],
        rows: view.getUint16(at + 5),
        columns: view.getUint16(at + 7),
        components: stream[at + 9],
        signed: false,
        process: marker,
      };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

function find(stream, pattern) {
  const last = Math.min(stream.length - pattern.length, 65536);
  for (let i = 0; i <= last; i += 1) {
    if (pattern.every((byte, j) => stream[i + j] === byte)) return i;
  }
  return -1;
}

// Compares what the stream declares with the file, before it is unpacked.
function checkStream(stream, { rows, columns }, name) {
  const head = streamHeader(stream);
  if (!head) throw new Refusal("refused_damaged", { name, format: "DICOM" });
  if (head.rows !== rows || head.columns !== columns) {
    const declared = `${rows} × ${columns}`;
    const found = `${head.rows} × ${head.columns}`;
    throw new Refusal("refused_stream_size", { name, declared, found });
  }
  if (head.components !== 1) throw new Refusal("refused_colour", { name });
}

// Decodes with one of the WebAssembly codecs; a copy of the pixels comes out.
async function byModule(make, stream) {
  const decoder = await make();
  decoder.getEncodedBuffer(stream.length).set(stream);
  decoder.decode();
  const { bitsPerSample, width, height, componentCount, isSigned } = decoder.getFrameInfo();
  if (componentCount !== 1) throw new Error("components");
  const raw = decoder.getDecodedBuffer().slice();
  decoder.delete();
  const Kind = bitsPerSample <= 8 ? [Uint8Array, Int8Array] : [Uint16Array, Int16Array];
  const values = new Kind[isSigned ? 1 : 0](raw.buffer, 0, width * height);
  return { values, bits: bitsPerSample, isSigned };
}

const signedOf = (value, bits) => (value << (32 - bits)) >> (32 - bits);
const lowest = (value, bits) => (bits >= 32 ? value : value & (2 ** bits - 1));

function decodedJpegLs(stream, layout) {
  const { stored, signed } = layout;
  const { values, bits } = decodeJpegLs(stream, layout);
  // the stream knows no sign: what was stored as two's complement comes out without one
  const meant = signed ? (value) => signedOf(value, bits) : (value) => lowest(value, stored);
  return Float64Array.from(values, meant);
}

async function decodedJpeg2000(stream, { signed }) {
  const head = streamHeader(stream);
  if (head.precision > 16) throw new Error("precision");
  const { values } = await byModule(globalThis.pageCodecs.jpeg2000, stream);
  if (head.signed === signed) return Float64Array.from(values);
  if (signed) return Float64Array.from(values, (value) => signedOf(value, head.precision));
  const shift = 2 ** (head.precision - 1);
  return Float64Array.from(values, (value) => value + shift);
}

async function decodedJpeg(stream, { stored, signed }) {
  const head = streamHeader(stream);
  if (head.precision !== 8) throw new Error("precision");
  const { values } = await byModule(globalThis.pageCodecs.jpeg, stream);
  return Float64Array.from(values, ofStored(stored, signed, 8));
}

function decodedJpegLossless(stream, layout) {
  const { stored, signed, allocated } = layout;
  return Float64Array.from(decodeLossless(stream, layout), ofStored(stored, signed, allocated));
}

// What is meant by a decoded value: the stored bits, with their sign.
function ofStored(stored, signed, allocated) {
  const bits = Math.min(stored, allocated);
  return signed ? (value) => signedOf(value, bits) : (value) => lowest(value, bits);
}
