// What the model says of this lesion: numbers, flags, nomogram, place in training.
import { minus, probabilityText, shortNumber } from "./numbers.js";
import { t } from "./texts.js";

const byId = (id) => document.getElementById(id);

export function logOdds(probability) {
  return Math.log(probability / (1 - probability));
}

export function withThreshold(model) {
  const { threshold } = model;
  const inside = threshold > 0 && threshold < 1;
  const points = inside ? (logOdds(threshold) - model.start) * model.pointsPerUnit : null;
  return { ...model, thresholdPoints: points };
}

function show(id, text, exact) {
  byId(id).textContent = text;
  if (exact === undefined) delete byId(id).dataset.value;
  else byId(id).dataset.value = String(exact);
}

export function showNumbers(model, result) {
  const { threshold } = model;
  const text = result ? probabilityText(result.probability, threshold) : "–";
  show("probability", text, result?.probability);
  show("total", result ? minus(result.totalPoints.toFixed(1)) : "–", result?.totalPoints);
  show("score", result ? minus(result.linearPredictor.toFixed(3)) : "–", result?.linearPredictor);
  const decision = result ? result.predicted : "–";
  show("decision", decision, result ? decision : undefined);
  const cut = shortNumber(Number(threshold.toPrecision(4)));
  const above = result && result.probability >= threshold;
  byId("decision-why").textContent = result ? t(above ? "at_or_above" : "below", { cut }) : "";
}

export function showMoved(model, moved, waiting) {
  const text = (probability) => probabilityText(probability, model.threshold);
  byId("moved").textContent = moved?.draws.length
    ? t("moved", { low: text(moved.low), high: text(moved.high), n: moved.draws.length })
    : waiting && !moved ? t("moving") : "";
}

export function showFlags(flags) {
  const list = byId("flags");
  byId("flags-part").hidden = flags === null;
  list.replaceChildren(
    ...(flags || []).map((flag) => {
      const item = document.createElement("li");
      item.textContent = t(flag.key, flag.values);
      return item;
    }),
  );
  byId("no-flags").hidden = !flags || flags.length > 0;
}

// nomogram.js is the calculator's; the few words that it draws become those of the table.
export function showNomogram(model, result, width) {
  const holder = byId("nomogram");
  const none = model.predictors.map(() => null);
  const text = result ? probabilityText(result.probability, model.threshold) : "";
  const state = {
    points: result ? result.points : none,
    total: result ? result.totalPoints : null,
    probabilityText: text,
    summary: result ? `${t("probability_of", model)} ${text}` : "",
  };
  const total = { ...model.axes.total, label: t("total_points") };
  window.drawNomogram(holder, { ...model, axes: { ...model.axes, total } }, state, width);
  const names = [...holder.querySelectorAll(".name-text")];
  rename(names[0], t("points"));
  rename(names[names.length - 1], t("probability_of", model));
  const cut = shortNumber(Number(model.threshold.toPrecision(3)));
  for (const node of holder.querySelectorAll(".threshold-text")) node.textContent = t("threshold", { cut });
  const label = `${t("nomogram")}. ${state.summary}`;
  holder.querySelector("svg").setAttribute("aria-label", label);
}

function rename(group, text) {
  const [first, ...others] = group.querySelectorAll("tspan");
  const fits = others.length > 0 && text.startsWith(first.textContent);
  if (fits) return; // it was wrapped, and is the same in this language
  first.textContent = text;
  others.forEach((tspan) => tspan.remove());
}

// A bar for each number: the range of training, and where this lesion lies. `position`
// is the share of the training lesions with a lower score.
export function showStrip(rows, position) {
  byId("strip-part").hidden = !rows.length;
  const percent = Math.round((position ?? 0) * 100);
  byId("position").textContent = Number.isFinite(position) ? t("position", { percent }) : "";
  byId("strip").replaceChildren(...rows.map(stripRow));
}

function stripRow({ label, value, low, high, marks = [] }) {
  const row = document.createElement("tr");
  const cell = (text, kind = "td") => {
    const made = document.createElement(kind);
    made.textContent = text;
    row.append(made);
    return made;
  };
  cell(label, "th").scope = "row";
  const known = Number.isFinite(value);
  cell(known ? shortNumber(value) : "–").dataset.value = String(value);
  const bar = cell("");
  const numbers = { name: label, low: shortNumber(low), high: shortNumber(high) };
  const told = t("among_row", { ...numbers, value: known ? shortNumber(value) : "–" });
  bar.append(barOf(value, low, high, marks, told));
  cell(`${numbers.low} – ${numbers.high}`);
  row.classList.toggle("beyond", value < low || value > high);
  return row;
}

const SVG = "http://www.w3.org/2000/svg";

function barOf(value, low, high, marks, told) {
  const svg = document.createElementNS(SVG, "svg");
  const add = (tag, attributes) => {
    const made = document.createElementNS(SVG, tag);
    for (const [name, text] of Object.entries(attributes)) made.setAttribute(name, text);
    svg.append(made);
  };
  svg.setAttribute("viewBox", "0 0 200 16");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", told);
  const placeOf = (one) => {
    const part = high > low ? (one - low) / (high - low) : one < low ? -1 : one > high ? 2 : 0.5;
    return Math.min(Math.max(30 + 140 * part, 6), 194).toFixed(1);
  };
  const ticks = marks.map((mark) => `M${placeOf(mark)} 5v6`).join("");
  add("path", { class: "range", d: `M30 8H170M30 3v10M170 3v10${ticks}` });
  if (Number.isFinite(value)) add("circle", { class: "mark", cx: placeOf(value), cy: 8, r: 5 });
  return svg;
}
