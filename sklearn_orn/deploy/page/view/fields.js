// The clinical fields of a combined model: numbers with either decimal mark, or levels.
import { minus, readNumber, shortNumber } from "./numbers.js";
import { t } from "./texts.js";

function node(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

function input(p, id) {
  const common = { id, "aria-describedby": `${id}-hint`, autocomplete: "off" };
  if (!p.choices.length) return node("input", { ...common, type: "text", inputmode: "decimal", spellcheck: "false" });
  const select = node("select", common, node("option", { value: "", "data-t": "choose" }, t("choose")));
  p.choices.forEach((choice, i) => select.append(node("option", { value: String(i) }, choice.text)));
  return select;
}

// Makes the fields; returns `read()`: {values: {name: number or text}, missing: [label]}.
export function clinicalFields(holder, predictors, changed) {
  const fields = predictors.map((p, i) => {
    const field = input(p, `c${i}`);
    const hint = node("p", { class: "hint", id: `c${i}-hint` });
    const shown = node("span", { class: "points", id: `c${i}-points` });
    const row = node("div", { class: "predictor" }, node("label", { for: `c${i}` }, p.label), shown, field, hint);
    holder.append(row);
    field.addEventListener("input", changed);
    return { p, field, hint, shown, row };
  });
  const entered = ({ p, field }) => {
    if (!p.choices.length) return readNumber(field.value);
    return field.value === "" ? {} : { value: p.choices[Number(field.value)].text };
  };
  const hintOf = (p, entry) => {
    if (entry.error) return t(entry.error);
    if (p.choices.length) return "";
    const [low, high] = p.range;
    const range = { low: shortNumber(low), high: shortNumber(high) };
    const hints = [t(low === high ? "field_one" : "field_range", range)];
    if (entry.comma) hints.push(t("field_comma", { value: minus(String(entry.value)) }));
    if (entry.value < low) hints.push(t("field_below"));
    if (entry.value > high) hints.push(t("field_above"));
    return hints.join("; ");
  };
  return {
    read() {
      const found = { values: {}, missing: [] };
      for (const one of fields) {
        const entry = entered(one);
        const [low, high] = one.p.range || [entry.value, entry.value];
        const beyond = entry.value < low || entry.value > high;
        one.hint.textContent = hintOf(one.p, entry);
        one.row.classList.toggle("beyond", Boolean(entry.error) || beyond);
        one.field.setAttribute("aria-invalid", String(Boolean(entry.error)));
        if (entry.value === undefined) found.missing.push(one.p.label);
        else found.values[one.p.name] = entry.value;
      }
      return found;
    },
    points(byName) {
      for (const { p, shown } of fields) {
        const points = byName[p.name];
        shown.textContent = points === undefined ? "" : t("n_points", { n: minus(points.toFixed(1)) });
      }
    },
    clear() {
      for (const { field } of fields) field.value = "";
    },
  };
}
