// All words of the page: one table a language, and holes in braces.
import de from "./texts/de.js";
import en from "./texts/en.js";
import zh from "./texts/zh.js";

export const TABLES = { en, de, zh };
let table = en;

export function chooseLanguage(language) {
  table = TABLES[language] || en;
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-t]")) {
    node.textContent = t(node.dataset.t, node.dataset);
  }
  for (const node of document.querySelectorAll("[data-t-label]")) {
    node.setAttribute("aria-label", t(node.dataset.tLabel, node.dataset));
  }
}

// The language of the browser, where there is a table of it.
export function ownLanguage(languages) {
  const known = languages.map((name) => name.slice(0, 2).toLowerCase());
  return known.find((name) => name in TABLES) || "en";
}

export function t(key, values = {}) {
  const text = table[key] ?? en[key];
  if (text === undefined) throw new Error(`no text ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}
