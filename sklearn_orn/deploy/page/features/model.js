// The model's whole formula: features and clinical values in, probability out. Every
// sum is of the model's full numbers; `model` is what Python's page_model embeds.
import { effectOfNumber, logistic, preciseSum } from "../arithmetic.js";
import { Refusal } from "../refusal.js";
import { imageFlags, rangeFlags, readerFlags } from "./flags.js";

// The mean over the readers for whom the feature is defined; NaN without any.
export function readersMean(columns, readers) {
  const values = columns
    .map(([place, feature]) => readers[place]?.[feature] ?? NaN)
    .filter((value) => !Number.isNaN(value));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

// What is known of a clinical predictor: a number, the text of a choice, or NaN.
function clinicalValue(predictor, given) {
  if (given === undefined || given === null || given === "" || Number.isNaN(given)) return NaN;
  const number = Number(given);
  const { choices, name } = predictor;
  if (choices.length) {
    const text = String(given).trim();
    const found =
      choices.find((choice) => choice.text === text) ||
      choices.find((choice) => choice.text !== "" && Number(choice.text) === number);
    if (found) return predictor.bends.length ? Number(found.text) : found.text;
    const known = choices.map((choice) => choice.text).join(", ");
    throw new Refusal("refused_level", { name, value: text, known });
  }
  if (!Number.isFinite(number)) throw new Refusal("refused_number", { name, value: String(given) });
  return number;
}

const NOT_KNOWN = "not known"; // the choice of missing values, where they were a level

function effectOf(predictor, value) {
  const isLevel = predictor.choices.length && !predictor.bends.length;
  if (Number.isNaN(value)) {
    const level = isLevel && predictor.choices.find((choice) => choice.text === NOT_KNOWN);
    return level ? level.effect : predictor.missing;
  }
  if (isLevel) return predictor.choices.find((choice) => choice.text === value).effect;
  return effectOfNumber(predictor, value);
}

// One formula: that of the model, or of a score in it.
function summed(formula, readers, clinical) {
  const missing = Object.entries(formula.needed)
    .filter(([, columns]) => Number.isNaN(readersMean(columns, readers)))
    .map(([name]) => name);
  const flags = [];
  const values = Object.create(null); // whatever a predictor is called
  const effects = formula.predictors.map((predictor) => {
    const { name, source } = predictor;
    if (source === "score") {
      const inner = summed(predictor.score, readers, clinical);
      flags.push(...inner.flags);
      values[name] = inner.score;
    } else if (source === "measured") {
      values[name] = readersMean(predictor.columns, readers);
    } else {
      values[name] = clinicalValue(predictor, Object.hasOwn(clinical, name) ? clinical[name] : null);
    }
    const effect = effectOf(predictor, values[name]);
    if (effect === null && !missing.includes(name)) missing.push(name);
    return effect;
  });
  if (missing.length) throw new Refusal("refused_missing_values", { names: missing.join(", ") });
  const score = preciseSum([formula.intercept, ...effects]);
  return { score, effects, values, flags: [...rangeFlags(formula.ranges, values), ...flags] };
}

// The share of the training lesions with a lower score, from quantiles at even steps;
// null where the model file has none.
export function shareBelow(quantiles, score) {
  if (!quantiles) return null;
  const steps = quantiles.length - 1;
  const above = quantiles.findIndex((quantile) => quantile > score);
  if (above < 0) return 1;
  if (above === 0) return 0;
  const [low, high] = [quantiles[above - 1], quantiles[above]];
  return (above - 1 + (score - low) / (high - low)) / steps;
}

// What `predict` says of a lesion. `readers` are the features of each outline, in the
// order of `model.readers`, null for one who did not draw; `image` is {spacing, protocol}
// of the slice. -> {probability, linearPredictor, predicted, points, totalPoints, effects,
// values, position, flags, flagDetails}: points and effects in the order of
// model.predictors, values by name, position as shareBelow gives it, flags as predict
// writes them, and as {key, values} in flagDetails.
export function evaluate(model, readers, clinical = {}, image = {}) {
  const drawn = readers.filter(Boolean).length;
  const trained = model.readers.length;
  if (!drawn) throw new Refusal("refused_empty_outline");
  if (readers.length > trained) {
    throw new Refusal("refused_too_many_outlines", { n: readers.length, most: trained });
  }
  const { score, effects, values, flags } = summed(model, readers, clinical);
  const probability = logistic(score);
  const points = model.predictors.map((predictor, i) => {
    return (effects[i] - predictor.lowest) * model.pointsPerUnit;
  });
  const details = [
    ...flags,
    ...readerFlags(drawn, trained),
    ...imageFlags({ ...image, spacing: model.plan.resampled || image.spacing }, model.training),
  ];
  return {
    probability,
    linearPredictor: score,
    predicted: probability >= model.threshold ? model.positive : model.negative,
    points,
    totalPoints: preciseSum(points),
    effects,
    values,
    position: shareBelow(model.training.scores, score),
    flags: details.map((flag) => flag.text),
    flagDetails: details.map(({ key, values: shown }) => ({ key, values: shown })),
  };
}
