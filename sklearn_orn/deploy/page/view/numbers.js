// What people type, and how numbers are shown, here and in the calculator.
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
    return {
      error: "field_marks",
    };
  }
  return { error: "field_not_number" };
}

export function probabilityText(probability, threshold) {
  if (probability < 0.0005) return "<0.001";
  if (probability > 0.9995) return ">0.999";
  const close = Math.abs(probability - threshold) < 0.001;
  return probability.toFixed(close ? 5 : 3);
}
