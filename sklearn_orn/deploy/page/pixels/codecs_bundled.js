// The decoders of npm packages, with their WebAssembly inside: built/codecs.js.
import turbo from "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs";
import turboWasm from "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm";
import openjpeg from "@cornerstonejs/codec-openjpeg/decodewasmjs";
import openjpegWasm from "@cornerstonejs/codec-openjpeg/decodewasm";

async function unpacked(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const silent = () => {};

async function made(factory, text) {
  return factory({ wasmBinary: await unpacked(text), print: silent, printErr: silent });
}

globalThis.pageCodecs = {
  jpeg: async () => new (await made(turbo, turboWasm)).JPEGDecoder(),
  jpeg2000: async () => new (await made(openjpeg, openjpegWasm)).J2KDecoder(),
};
