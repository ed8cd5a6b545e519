// Calls one function of the page for many cases: JSON in, JSON out. Arrays come as
// {"f64": base64} or {"u8": base64}; what JSON has no number for leaves as text.
import { readFileSync } from "node:fs";

const { module, name, cases } = JSON.parse(readFileSync(0, "utf8"), (key, value) => {
  if (value === null || typeof value !== "object") return value;
  if ("f64" in value) return new Float64Array(new Uint8Array(Buffer.from(value.f64, "base64")).buffer);
  if ("u8" in value) return new Uint8Array(Buffer.from(value.u8, "base64"));
  if ("number" in value) return Number(value.number);
  return value;
});
const called = (await import(module))[name];
const results = [];
for (const args of cases) {
  const start = performance.now();
  try {
    const value = await called(...args);
    results.push({ value, ms: performance.now() - start });
  } catch (error) {
    if (error.name !== "Refusal") throw error;
    results.push({ refused: error.key, values: error.values });
  }
}
const text = JSON.stringify(results, (key, value) => {
  if (typeof value === "number" && !Number.isFinite(value)) return { number: String(value) };
  return ArrayBuffer.isView(value) ? Array.from(value) : value;
});
process.stdout.write(text);
