// The entry of the worker. A message {id, task, values} is answered by {id, result}, by
// {id, refusal: {key, values}}, or by {id, error} where the program is at fault.
import { Refusal } from "../refusal.js";
import { measure } from "./measure.js";
import { evaluate } from "./model.js";
import { perturbed } from "./perturb.js";

// What each task takes of `values`: one outline to features, features to the result,
// and the result with the outline moved.
export const TASKS = {
  measure: (values) => measure(values),
  evaluate: ({ model, readers, clinical, image }) => evaluate(model, readers, clinical, image),
  perturbed: ({ model, slice, mask, clinical, settings }) =>
    perturbed(model, slice, mask, clinical, settings),
};

export function answer({ id, task, values }) {
  try {
    return { id, result: TASKS[task](values) };
  } catch (error) {
    if (error instanceof Refusal) return { id, refusal: { key: error.key, values: error.values } };
    return { id, error: String(error && error.message) };
  }
}

globalThis.onmessage = ({ data }) => globalThis.postMessage(answer(data));
