// Unpacks deflate (RFC 1951), within zlib or gzip or bare. The browser's own unpacker
// refuses what follows a stream, such as the padding of DICOM or a second member of gzip,
// and gives nothing of a stream that ends early.

const EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const LENGTH = [3];
const FAR_EXTRA = [0, 0];
const DISTANCE = [1];
for (let i = 1; i < 28; i += 1) LENGTH[i] = LENGTH[i - 1] + (1 << EXTRA[i - 1]);
LENGTH[28] = 258;
for (let i = 2; i < 30; i += 1) FAR_EXTRA[i] = (i - 2) >> 1;
for (let i = 1; i < 30; i += 1) DISTANCE[i] = DISTANCE[i - 1] + (1 << FAR_EXTRA[i - 1]);
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

class Ends extends Error {} // the stream ends early, is damaged, or long enough

// A table from the next bits to a symbol and the length of its code.
function tableOf(lengths) {
  const most = Math.max(...lengths);
  if (!most) return { table: new Uint16Array(1), most: 0 };
  const counts = new Array(most + 1).fill(0);
  for (const length of lengths) counts[length] += 1;
  counts[0] = 0;
  const next = [0];
  let code = 0;
  for (let length = 1; length <= most; length += 1) {
    code = (code + counts[length - 1]) << 1;
    if (code + counts[length] > 1 << length) throw new Ends();
    next[length] = code;
  }
  const table = new Uint16Array(1 << most); // 0 where no code leads
  lengths.forEach((length, symbol) => {
    if (!length) return;
    let turned = 0;
    for (let bit = 0, own = next[length]; bit < length; bit += 1, own >>= 1) turned = (turned << 1) | (own & 1);
    next[length] += 1;
    for (let i = turned; i < table.length; i += 1 << length) table[i] = (symbol << 4) | length;
  });
  return { table, most };
}

const FIXED = (() => {
  const lengths = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
  return [tableOf(lengths), tableOf(new Array(30).fill(5))];
})();

class Inflater {
  constructor(bytes, at, limit) {
    this.bytes = bytes;
    this.at = at;
    this.limit = limit;
    this.hold = 0;
    this.held = 0;
    this.out = new Uint8Array(Math.min(limit + 1, Math.max(4 * (bytes.length - at), 1024)));
    this.length = 0;
  }

  need(count) {
    while (this.held < count) {
      if (this.at >= this.bytes.length) throw new Ends();
      this.hold |= this.bytes[this.at] << this.held;
      this.at += 1;
      this.held += 8;
    }
  }

  take(count) {
    if (!count) return 0;
    this.need(count);
    const value = this.hold & ((1 << count) - 1);
    this.hold >>>= count;
    this.held -= count;
    return value;
  }

  symbol({ table, most }) {
    while (this.held < most && this.at < this.bytes.length) {
      this.hold |= this.bytes[this.at] << this.held;
      this.at += 1;
      this.held += 8;
    }
    const entry = table[this.hold & (table.length - 1)];
    const length = entry & 15;
    if (!length || length > this.held) throw new Ends();
    this.hold >>>= length;
    this.held -= length;
    return entry >> 4;
  }

  room(count) {
    const needed = this.length + count;
    if (needed <= this.out.length) return;
    const larger = new Uint8Array(Math.min(Math.max(2 * this.out.length, needed), this.limit + 258));
    larger.set(this.out.subarray(0, this.length));
    this.out = larger;
  }

  // Unpacks all blocks; whether the stream came to its end.
  run() {
    try {
      let isLast = false;
      while (!isLast) {
        isLast = this.take(1) === 1;
        const kind = this.take(2);
        if (kind === 0) this.plain();
        else if (kind === 1) this.block(...FIXED);
        else if (kind === 2) this.block(...this.tables());
        else throw new Ends();
      }
      this.at -= this.held >> 3; // whole bytes that were read ahead
      return true;
    } catch (error) {
      if (!(error instanceof Ends)) throw error;
      return false;
    }
  }

  plain() {
    this.at -= this.held >> 3;
    this.hold = 0;
    this.held = 0;
    if (this.at + 4 > this.bytes.length) throw new Ends();
    const [a, b, c, d] = this.bytes.subarray(this.at, this.at + 4);
    const count = a + 256 * b;
    if (count + c + 256 * d !== 65535) throw new Ends();
    this.at += 4;
    const part = this.bytes.subarray(this.at, this.at + count);
    const kept = part.subarray(0, Math.max(this.limit + 1 - this.length, 0));
    this.room(kept.length);
    this.out.set(kept, this.length);
    this.length += kept.length;
    this.at += part.length;
    if (part.length < count || this.length > this.limit) throw new Ends();
  }

  tables() {
    const literals = this.take(5) + 257;
    const distances = this.take(5) + 1;
    const count = this.take(4) + 4;
    const short = new Array(19).fill(0);
    for (let i = 0; i < count; i += 1) short[ORDER[i]] = this.take(3);
    const codes = tableOf(short);
    const lengths = [];
    while (lengths.length < literals + distances) {
      const symbol = this.symbol(codes);
      if (symbol < 16) lengths.push(symbol);
      else if (symbol === 16) {
        if (!lengths.length) throw new Ends();
        lengths.push(...new Array(3 + this.take(2)).fill(lengths.at(-1)));
      } else lengths.push(...new Array(symbol === 17 ? 3 + this.take(3) : 11 + this.take(7)).fill(0));
    }
    if (lengths.length > literals + distances) throw new Ends();
    return [tableOf(lengths.slice(0, literals)), tableOf(lengths.slice(literals))];
  }

  block(literals, distances) {
    for (;;) {
      const symbol = this.symbol(literals);
      if (symbol === 256) return;
      if (this.length > this.limit) throw new Ends();
      this.room(258);
      if (symbol < 256) {
        this.out[this.length] = symbol;
        this.length += 1;
        continue;
      }
      if (symbol > 285) throw new Ends();
      const length = LENGTH[symbol - 257] + this.take(EXTRA[symbol - 257]);
      const far = this.symbol(distances);
      if (far > 29) throw new Ends();
      const from = this.length - DISTANCE[far] - this.take(FAR_EXTRA[far]);
      if (from < 0) throw new Ends();
      for (let i = 0; i < length; i += 1) this.out[this.length + i] = this.out[from + i];
      this.length += length;
    }
  }
}

const TABLE = Uint32Array.from({ length: 256 }, (_, number) => {
  let value = number;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

// CRC-32, as gzip and PNG have it.
export function checksum(bytes) {
  let value = 0xffffffff;
  for (let i = 0; i < bytes.length; i += 1) value = TABLE[(value ^ bytes[i]) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

// Where the deflated bytes of a member of gzip start, -1 where it is none.
function memberStart(bytes, at) {
  if (bytes[at] !== 0x1f || bytes[at + 1] !== 0x8b || bytes[at + 2] !== 8) return -1;
  const flags = bytes[at + 3];
  let start = at + 10;
  if (flags & 4) start += 2 + bytes[start] + 256 * bytes[start + 1];
  for (const flag of [8, 16]) {
    if (flags & flag) {
      const end = bytes.indexOf(0, start);
      if (end < 0) return -1;
      start = end + 1;
    }
  }
  return start + (flags & 2 ? 2 : 0);
}

export function joined(parts) {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// Unpacks "gzip", "zlib" or "raw" to just above `limit` bytes, where it is `over`.
// `ended` says whether the stream came to its end, with the right checksum of gzip. What
// follows is not read.
export function unpack(bytes, kind, limit) {
  const parts = [];
  let length = 0;
  let ended = false;
  let at = kind === "zlib" ? 2 : 0;
  do {
    const start = kind === "gzip" ? memberStart(bytes, at) : at;
    if (start < 0) break;
    const inflater = new Inflater(bytes, start, limit - length);
    ended = inflater.run();
    const content = inflater.out.subarray(0, inflater.length);
    parts.push(content);
    length += content.length;
    at = inflater.at + 8;
    if (kind === "gzip" && ended) ended = isWhole(bytes, inflater.at, content);
  } while (kind === "gzip" && ended && length <= limit && at < bytes.length);
  return { content: parts.length ? joined(parts) : new Uint8Array(), ended, over: length > limit };
}

function isWhole(bytes, at, content) {
  if (at + 8 > bytes.length) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8);
  return view.getUint32(0, true) === checksum(content) && view.getUint32(4, true) === content.length % 2 ** 32;
}
