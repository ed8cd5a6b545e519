// The door of images: bytes of files become a volume of slices.
import { Refusal } from "../refusal.js";
import { parseDicom } from "./dicom.js";
import { checkImage, headerOf, holdsImage } from "./dicom_header.js";
import { frameReader } from "./dicom_pixels.js";
import { kindOf } from "./kinds.js";
import { readNifti } from "./nifti.js";
import { apart, sortedAlongNormal } from "./places.js";
import { readPngImage } from "./png.js";
import { protocolOf } from "./protocol.js";
import { sliceOf } from "./slices.js";
import { checkOneStack } from "./stacks.js";

// Reads files ([{name, bytes}]) of one image: DICOM files of one series, or one NIfTI or
// PNG file. What in a folder of DICOM files is no image is passed over.
export async function readImage(files) {
  if (!files.length) throw new Refusal("refused_no_files", {});
  const kinds = files.map(kindOf);
  const images = files.filter((_, i) => kinds[i] === "dicom");
  if (images.length) return readSeries(images);
  const readable = files.filter((_, i) => kinds[i] === "nifti" || kinds[i] === "png");
  if (readable.length > 1) throw new Refusal("refused_several_files", { n: readable.length });
  const [file] = readable.length ? readable : files;
  const kind = kinds[files.indexOf(file)];
  if (kind === "nifti") return readNifti(file);
  if (kind === "png") return readPngImage(file);
  throw new Refusal(file.bytes.length ? "refused_format" : "refused_empty", { name: file.name, kind });
}

async function readSeries(files) {
  const members = [];
  for (const file of files) {
    const dataset = await parseDicom(file);
    const header = headerOf(dataset, file.name);
    members.push({ file, dataset, header });
  }
  const images = members.filter(({ header }) => holdsImage(header));
  if (!images.length) {
    const { file, header } = members[0];
    throw new Refusal("refused_no_image", { name: file.name, kind: header.modality || "?" });
  }
  const series = new Set(images.map(({ header }) => header.series));
  if (series.size > 1) throw severalSeries(images);
  for (const { file, header } of images) checkImage(header, file.name);
  const frames = images.length === 1 ? framesOf(images[0]) : slicesOf(images);
  const slices = [];
  for (const { read, frame, place, header } of frames) {
    const pixels = read.later ? () => read(frame) : await read(frame);
    slices.push(sliceOf(place, header.rows, header.columns, pixels));
  }
  return {
    kind: "dicom",
    slices,
    frame: slices[0].frame,
    protocol: protocolOf(images[0].dataset),
  };
}

function severalSeries(images) {
  const counts = new Map();
  for (const { header } of images) {
    const shown = `${header.seriesNumber || "?"} (${header.modality || "?"})`;
    const key = `${header.series}\n${shown}`;
    counts.set(key, { shown, count: (counts.get(key)?.count || 0) + 1 });
  }
  const listed = [...counts.values()].slice(0, 12).map(({ shown, count }) => `${shown}: ${count}`);
  return new Refusal("refused_several_series", { n: counts.size, series: listed.join(", ") });
}

// The frames of one file, in the order they lie in.
function framesOf({ file, dataset, header }) {
  checkOneStack(header.places, header.labels, file.name);
  const order = sortedAlongNormal(header.places, file.name);
  const places = apart(order.map((frame) => header.places[frame]));
  const read = frameReader(dataset, file.name);
  return order.map((frame, i) => ({ read, frame, header, place: places[i] }));
}

// The slices of several files, in the order they lie in.
function slicesOf(images) {
  const { name } = images[0].file;
  if (images.some(({ header }) => header.places.length > 1)) {
    throw new Refusal("refused_several_multiframe", { n: images.length });
  }
  const places = images.map(({ header }) => header.places[0]);
  if (places.some((place) => !place.position || !place.orientation)) {
    throw new Refusal("refused_no_position", { n: images.length });
  }
  checkOneStack(places, images.map(({ header }) => header.labels[0]), name);
  const order = sortedAlongNormal(places, name);
  const limited = apart(order.map((i) => places[i]));
  return order.map((number, i) => {
    const { file, dataset, header } = images[number];
    return { read: frameReader(dataset, file.name), frame: 0, header, place: limited[i] };
  });
}
