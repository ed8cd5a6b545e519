// DICOM files: a guarded parser that reads only the elements of dicom_tags.js.
import { Refusal } from "../refusal.js";
import { MAX_BYTES, startsWith } from "./bounded.js";
import { Dataset } from "./dataset.js";
import { KEYWORD, TAGS } from "./dicom_tags.js";
import { unpack } from "./inflate.js";

const MAX_DEPTH = 16; // of sequences within sequences
const IMPLICIT = "1.2.840.10008.1.2";
const EXPLICIT = "1.2.840.10008.1.2.1";
const BIG_ENDIAN = "1.2.840.10008.1.2.2";
const DEFLATED = "1.2.840.10008.1.2.1.99";
const LONG = new Set(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]);
const UNDEFINED = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_ENDS = 0xfffee00d;
const SEQUENCE_ENDS = 0xfffee0dd;
const PIXEL_DATA = TAGS.PixelData[0];

// Decoders of text for what the page shows; another set is read as Latin-1.
const CHARACTERS = {
  "ISO_IR 192": "utf-8",
  "ISO_IR 13": "shift_jis",
  "ISO 2022 IR 13": "shift_jis",
  "ISO 2022 IR 87": "iso-2022-jp",
  "ISO 2022 IR 149": "euc-kr",
  "ISO 2022 IR 58": "gb18030",
  GB18030: "gb18030",
  GBK: "gbk",
  "ISO_IR 101": "iso-8859-2",
  "ISO_IR 109": "iso-8859-3",
  "ISO_IR 110": "iso-8859-4",
  "ISO_IR 144": "iso-8859-5",
  "ISO_IR 127": "iso-8859-6",
  "ISO_IR 126": "iso-8859-7",
  "ISO_IR 138": "iso-8859-8",
};

// By its preamble, or by a first tag of group 2 or 8: old archives write none.
export function isDicom(bytes) {
  if (startsWith(bytes, "DICM", 128)) return true;
  const first = bytes[0] === 2 || bytes[0] === 8;
  return bytes.length > 8 && first && bytes[1] === 0 && bytes[3] === 0;
}

// The dataset of a file. `file` is {name, bytes}; `syntax` of the dataset is the UID of
// its transfer syntax.
export async function parseDicom(file) {
  const damaged = () => new Refusal("refused_damaged", { name: file.name, format: "DICOM" });
  const start = startsWith(file.bytes, "DICM", 128) ? 132 : 0;
  const { syntax: declared, at } = new Reader(file, file.bytes, start, true, true).meta();
  let { bytes } = file;
  let from = at;
  if (declared === DEFLATED) {
    const { content, over } = unpack(bytes.subarray(at), "raw", MAX_BYTES);
    if (over) throw new Refusal("refused_unpacks", { name: file.name, bytes: MAX_BYTES });
    bytes = content;
    from = 0;
  }
  const syntax = declared || guessed(bytes, from);
  const little = syntax !== BIG_ENDIAN;
  const reader = new Reader(file, bytes, from, syntax !== IMPLICIT, little);
  try {
    const dataset = new Dataset(reader);
    reader.dataset(dataset, bytes.length, 0);
    dataset.syntax = syntax;
    return dataset;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (error instanceof RangeError) throw damaged();
    throw error;
  }
}

// Without file meta the first element tells: two capitals where its VR would stand.
function guessed(bytes, at) {
  const isCapital = (byte) => byte >= 65 && byte <= 90;
  if (!isCapital(bytes[at + 4]) || !isCapital(bytes[at + 5])) return IMPLICIT;
  return bytes[at] + 256 * bytes[at + 1] >= 1024 ? BIG_ENDIAN : EXPLICIT;
}

class Reader {
  constructor(file, bytes, at, explicit, little) {
    this.name = file.name;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.explicit = explicit;
    this.little = little;
    this.decoder = new TextDecoder("latin1");
  }

  decoded(raw) {
    return this.decoder.decode(raw);
  }

  u16(at) {
    return this.view.getUint16(at, this.little);
  }

  tag() {
    return this.u16(this.at) * 65536 + this.u16(this.at + 2);
  }

  // The transfer syntax of the file meta, empty where there is none, and its end.
  meta() {
    let syntax = "";
    while (this.at + 12 <= this.bytes.length && this.u16(this.at) === 2) {
      const tag = this.tag();
      const { length } = this.header();
      const end = Math.min(this.at + length, this.bytes.length);
      if (tag === 0x00020010) {
        syntax = this.decoded(this.bytes.subarray(this.at, end)).replace(/[\s\0]+$/, "");
      }
      this.at = end;
    }
    return { syntax, at: this.at };
  }

  // Reads the head of an element, and stands at its value then.
  header(explicit = this.explicit) {
    const tag = this.tag();
    const at = this.at + 4;
    if (tag >= ITEM && tag <= SEQUENCE_ENDS && tag >>> 16 === 0xfffe) {
      this.at = at + 4;
      return { tag, vr: "", length: this.view.getUint32(at, this.little) };
    }
    if (!explicit) {
      this.at = at + 4;
      const vr = TAGS[KEYWORD.get(tag)]?.[1] || "UN";
      return { tag, vr, length: this.view.getUint32(at, this.little) };
    }
    const vr = String.fromCharCode(this.bytes[at], this.bytes[at + 1]);
    if (LONG.has(vr)) {
      this.at = at + 8;
      return { tag, vr, length: this.view.getUint32(at + 4, this.little) };
    }
    this.at = at + 4;
    return { tag, vr, length: this.u16(at + 2) };
  }

  // Reads elements up to `end`, or to the end of an item of undefined length.
  dataset(into, end, depth, explicit = this.explicit) {
    if (depth > MAX_DEPTH) throw new RangeError("too many sequences within sequences");
    // an element needs 8 bytes, some 12: what is left over at the end is padding
    while (this.at + 8 <= end) {
      const vr = explicit ? String.fromCharCode(...this.bytes.subarray(this.at + 4, this.at + 6)) : "";
      if (LONG.has(vr) && this.at + 12 > this.bytes.length) break;
      const head = this.header(explicit);
      if (head.tag === ITEM_ENDS || head.tag === SEQUENCE_ENDS) return;
      this.element(into, head, end, depth, explicit);
    }
    this.at = end;
  }

  element(into, { tag, vr, length }, end, depth, explicit) {
    const keyword = KEYWORD.get(tag);
    // an unknown VR holds what it would hold in an implicit file
    const kind = vr === "UN" && keyword ? TAGS[keyword][1] : vr;
    if (tag === PIXEL_DATA && length === UNDEFINED) {
      into.elements.set(keyword, { vr, fragments: this.fragments(end) });
      return;
    }
    if (kind === "SQ" || length === UNDEFINED) {
      const inner = vr === "UN" ? false : explicit;
      const found = this.sequence(into.file, length, end, depth, inner);
      if (keyword) into.elements.set(keyword, { vr: "SQ", items: found });
      return;
    }
    const stop = Math.min(this.at + length, end);
    if (keyword) into.elements.set(keyword, { vr: kind, start: this.at, end: stop });
    if (keyword === "SpecificCharacterSet" && depth === 0) this.characters(stop);
    this.at = stop;
  }

  characters(stop) {
    const raw = new TextDecoder("latin1").decode(this.bytes.subarray(this.at, stop));
    const known = raw.split("\\").map((one) => one.trim()).find((one) => Object.hasOwn(CHARACTERS, one));
    if (known) this.decoder = new TextDecoder(CHARACTERS[known]);
  }

  sequence(file, length, end, depth, explicit) {
    const stop = length === UNDEFINED ? end : Math.min(this.at + length, end);
    const found = [];
    while (this.at + 8 <= stop) {
      const head = this.header(explicit);
      if (head.tag === SEQUENCE_ENDS) break;
      if (head.tag !== ITEM) throw new RangeError("no item in a sequence");
      const item = new Dataset(file);
      const last = head.length === UNDEFINED ? stop : Math.min(this.at + head.length, stop);
      this.dataset(item, last, depth + 1, explicit);
      found.push(item);
    }
    if (length !== UNDEFINED) this.at = stop;
    return found;
  }

  // The parts of compressed pixel data: a table of offsets, and fragments.
  fragments(end) {
    const parts = [];
    while (this.at + 8 <= end) {
      const head = this.header();
      if (head.tag === SEQUENCE_ENDS) break;
      if (head.tag !== ITEM || head.length === UNDEFINED) {
        throw new RangeError("no fragment in compressed pixel data");
      }
      const stop = Math.min(this.at + head.length, end);
      parts.push({ start: this.at, end: stop });
      this.at = stop;
    }
    return parts;
  }
}
