// Slices at one place: several b-values, time points or echoes, of which one is meant.
import { Refusal } from "../refusal.js";
import { items } from "./dataset.js";
import { alongNormal } from "./places.js";

const SAME_PLACE = 1e-3; // mm: positions are written with three or more decimals
const SHOWN = 12; // labels in a message
const MOST_TEXT = 64;

// What a label is called, where it stands in multi-frame files and in others.
const NUMBERS = [
  ["b", "MRDiffusionSequence", "DiffusionBValue"],
  ["b", "", "DiffusionBValue"],
  ["time", "FrameContentSequence", "TemporalPositionIndex"],
  ["time", "", "TemporalPositionIdentifier"],
  ["echo", "MREchoSequence", "EffectiveEchoTime"],
  ["echo", "", "EchoTime"],
  ["inversion", "MRModifierSequence", "InversionTimes"],
  ["inversion", "", "InversionTime"],
  ["trigger", "CardiacSynchronizationSequence", "NominalCardiacTriggerDelayTime"],
  ["trigger", "", "TriggerTime"],
  ["acquisition", "FrameContentSequence", "FrameAcquisitionNumber"],
  ["acquisition", "", "AcquisitionNumber"],
];
const KEYS = ["b", "time", "echo", "inversion", "trigger", "acquisition", "direction", "kind"];

// What tells slices at one place from each other, such as b=800.
export function stackLabels(dataset, groups = []) {
  const labels = {};
  for (const [key, sequence, keyword] of NUMBERS) {
    for (const item of sequence ? items(groups, sequence) : [dataset]) {
      const value = item.numbers(keyword, 1);
      if (value && !(key in labels)) labels[key] = String(Number(value[0].toPrecision(6)));
    }
  }
  const ways = ["MRDiffusionSequence", "DiffusionGradientDirectionSequence"];
  for (const item of [...items(groups, ...ways), dataset]) {
    const way = item.numbers("DiffusionGradientOrientation", 3);
    if (way && !("direction" in labels)) {
      labels.direction = way.map((part) => Number(part.toPrecision(3)) + 0).join("/");
    }
  }
  const kinds = ["MRImageFrameTypeSequence", "CTImageFrameTypeSequence"].flatMap((sequence) =>
    items(groups, sequence).map((item) => item.text("FrameType")),
  );
  for (const kind of [...kinds, dataset.text("ImageType")]) {
    if (kind && !("kind" in labels)) labels.kind = kind.replaceAll("\\", "/").slice(0, MOST_TEXT);
  }
  return labels;
}

// Slices at one place have one number, and all different ones where none knows.
function spotsOf(places) {
  let along = null;
  try {
    along = alongNormal(places, "");
  } catch (error) {
    if (!(error instanceof Refusal)) throw error; // of several orientations: told later
  }
  if (!along) return places.map((_, i) => i);
  const order = places.map((_, i) => i).sort((a, b) => along[a] - along[b] || a - b);
  const spots = new Array(places.length);
  let number = 0;
  order.forEach((slice, i) => {
    if (i && along[slice] - along[order[i - 1]] >= SAME_PLACE) number += 1;
    spots[slice] = number;
  });
  return spots;
}

// Refuses several slices at one place, and names what tells them apart.
export function checkOneStack(places, labels, name) {
  const spots = spotsOf(places);
  const count = new Set(spots).size;
  if (count === spots.length) return;
  const differing = KEYS.filter((key) => new Set(labels.map((label) => label[key])).size > 1);
  const shown = differing.map((key) => {
    const values = [...new Set(labels.map((label) => label[key] ?? "none"))];
    return `${key}=${values.slice(0, SHOWN).join("|")}`;
  });
  const values = { name, n: spots.length, places: count, labels: shown.join(", ") };
  throw new Refusal(shown.length ? "refused_stacks" : "refused_copies", values);
}
