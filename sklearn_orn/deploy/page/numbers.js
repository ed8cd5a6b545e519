"use strict";
// What people type, how numbers are shown, and the sums of the formula. It imports
// nothing: the scripts of the calculator and of the nomogram begin with it.
export const minus = (text) => text.replace("-", "\u2212");

export function shortNumber(value) {
  if (typeof value === "string") return value;
  return minus(String(Number(value.toPrecision(6))));
}

// A number with a point or a comma before its decimals, and no other mark.
export function readNumber(text) {
  const typed = text.trim().replace(/[\u2212\u2013]/g, "-").replace(/^\+/, "");
  if (typed === "") return {};
  if (/^-?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i.test(typed)) {
    const value = Number(typed.replace(",", "."));
    if (Number.isFinite(value)) return { value, comma: typed.includes(",") };
  }
  if (/^-?\d[\d.,'\u2019\s]*$/.test(typed)) {
    return { error: "field_marks" };
  }
  return { error: "field_not_number" };
}

export function probabilityText(probability, threshold) {
  if (probability < 0.0005) return "<0.001";
  if (probability > 0.9995) return ">0.999";
  const close = Math.abs(probability - threshold) < 0.001;
  return probability.toFixed(close ? 5 : 3);
}

// Neumaier's sum: what one addition loses, the next gives back.
export function preciseSum(terms) {
  let sum = 0;
  let lost = 0;
  for (const term of terms) {
    const next = sum + term;
    lost += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
  }
  return sum + lost;
}

export function logistic(score) {
  const part = Math.exp(-Math.abs(score));
  return score >= 0 ? 1 / (1 + part) : part / (1 + part);
}

function splineTerm(x, knots, term) {
  const [first, before, last] = [knots[0], knots[knots.length - 2], knots[knots.length - 1]];
  const cube = (knot) => Math.max(x - knot, 0) ** 3;
  const knot = knots[term];
  const cubes =
    cube(knot) -
    (cube(before) * (last - knot)) / (last - before) +
    (cube(last) * (before - knot)) / (last - before);
  return cubes / (last - first) ** 2;
}

export function effectOfNumber(predictor, value) {
  return predictor.bends.reduce((sum, bend) => {
    const inside = bend.slope * (value - bend.center) + bend.offset;
    return sum + bend.weight * (bend.knots.length ? splineTerm(inside, bend.knots, bend.term) : inside);
  }, predictor.offset || 0);
}
