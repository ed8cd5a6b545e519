// Reads cases as JSON from the standard input, one process for all of them: images and
// outlines from files, polygons to masks. Prints one answer a line, in JSON.
import fs from "node:fs";
import path from "node:path";
import "../../../sklearn_orn/deploy/page/built/codecs.js";
import { largestSlice, readOutlines } from "../../../sklearn_orn/deploy/page/pixels/outlines.js";
import { rasterise } from "../../../sklearn_orn/deploy/page/pixels/rasterise.js";
import { readImage } from "../../../sklearn_orn/deploy/page/pixels/read.js";
import { Refusal } from "../../../sklearn_orn/deploy/page/refusal.js";

const opened = (names) =>
  names.map((name) => ({ name: path.basename(name), bytes: new Uint8Array(fs.readFileSync(name)) }));

const base64 = (array) =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");

const packed = (mask) => base64(Uint8Array.from(mask));

const tasks = {
  // Every pixel, but no more of it than their sum.
  async touch({ files }) {
    const { slices } = await readImage(opened(files));
    return slices.map((slice) => slice.pixels.reduce((sum, value) => sum + value, 0));
  },
  async image({ files, only = null }) {
    const volume = await readImage(opened(files));
    const slices = volume.slices.map((slice, index) => ({
      ...slice,
      pixels: only === null || only === index ? base64(slice.pixels) : null,
    }));
    return { ...volume, slices };
  },
  async outlines({ files, image, section = null }) {
    const volume = await readImage(opened(image));
    const found = await readOutlines(opened(files), volume, section);
    return found.map(({ name, masks }) => ({
      name,
      largest: largestSlice(masks),
      masks: Object.fromEntries([...masks].map(([index, mask]) => [index, packed(mask)])),
    }));
  },
  rasterise: ({ polygons, rows, columns }) => packed(rasterise(polygons, rows, columns)),
};

const late = (seconds) =>
  new Promise((_, reject) => {
    setTimeout(() => reject(new Error("hang")), 1000 * seconds).unref();
  });

for (const { task, ...values } of JSON.parse(fs.readFileSync(0, "utf8"))) {
  const started = performance.now();
  let answer;
  try {
    answer = { value: await Promise.race([tasks[task](values), late(60)]) };
  } catch (error) {
    if (error instanceof Refusal) answer = { refused: error.key, values: error.values };
    else answer = { fault: String(error.stack || error) };
  }
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(`${JSON.stringify({ ...answer, seconds })}\n`);
}
