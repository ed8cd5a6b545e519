// The door of the features: an image and an outline in, named numbers out.
import { autoregressiveFeatures } from "./autoregressive.js";
import { cooccurrenceFeatures } from "./cooccurrence.js";
import { gradientFeatures } from "./gradient.js";
import { histogramFeatures } from "./histogram.js";
import { Region } from "./region.js";
import { resampled } from "./resample.js";
import { runLengthFeatures } from "./run_length.js";
import { waveletFeatures } from "./wavelet.js";

export const FAMILIES = {
  histogram: histogramFeatures,
  cooccurrence: cooccurrenceFeatures,
  run_length: runLengthFeatures,
  gradient: gradientFeatures,
  autoregressive: autoregressiveFeatures,
  wavelet: waveletFeatures,
};

// The features that `plan.names` lists, in its order; NaN where one is not defined.
// plan = {resampled, normalization, families, distances, bits: {family: number}, names}
// and `spacing` and `isFloat` of the slice are asked for where it is resampled, to
// plan.resampled [row, column] in mm.
export function measure({ plan, ...slice }) {
  const taken = plan.resampled ? resampled(slice, plan.resampled) : slice;
  const margin = Math.max(1, ...plan.distances);
  const region = new Region(taken, plan.normalization, margin);
  const found = {};
  for (const family of plan.families) Object.assign(found, FAMILIES[family](region, plan));
  return Object.fromEntries(plan.names.map((name) => [name, found[name]]));
}
