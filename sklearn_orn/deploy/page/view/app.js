// The page: what is open, what is drawn, and what follows from it.
import { readOutlines } from "../pixels/outlines.js";
import { readImage } from "../pixels/read.js";
import { evaluate } from "../features/model.js";
import { Refusal } from "../refusal.js";
import { firstWindow, SliceView } from "./canvas.js";
import { Drawing } from "./draw.js";
import { catchStrayFiles, dropZone } from "./drop.js";
import { measuredFile, save } from "./export.js";
import { clinicalFields } from "./fields.js";
import { readNumber, shortNumber } from "./numbers.js";
import { Outline } from "./outline.js";
import * as results from "./result.js";
import { chooseLanguage, ownLanguage, t, TABLES } from "./texts.js";
import { Measurer } from "./measurer.js";

const SECONDS = 30; // that reading of files may take
const PAUSE = 250; // ms without a change before measuring
const DRAWS = 20;
const SEED = 0;

const byId = (id) => document.getElementById(id);
const model = results.withThreshold(JSON.parse(byId("model").textContent));
const measurer = new Measurer(byId("worker").textContent);
const view = new SliceView(byId("canvas"));
const page = {
  volume: null,
  fileName: "",
  section: 0, // the slice on the screen
  chosen: null, // the slice to measure, where it is not the largest
  readers: [],
  active: 0,
  found: null, // {features of each reader, result, moved, ms}
  run: 0, // the number of the last measurement; older ones are dropped
};

function say(key, values) {
  byId("announcement").textContent = t(key, values);
}

function refuse(error) {
  const known = error instanceof Refusal || error?.key;
  const why = String(error?.message || error).slice(0, 200);
  const text = known ? t(error.key, error.values) : t("fault", { why });
  byId("refusal").textContent = `${t("refused")}: ${text}`;
  byId("refusal").hidden = false;
}

function timed(promise) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Refusal("refused_time", { seconds: SECONDS })), SECONDS * 1000);
  });
  return Promise.race([promise, late]);
}

// Waits for files and gives them to `use`; what is refused is told.
async function taking(files, use) {
  byId("refusal").hidden = true;
  byId("image-read").textContent = t("reading");
  try {
    await timed(files.then(use));
  } catch (error) {
    refuse(error);
  }
  tellImage();
}

// The image

async function openImage(files) {
  const volume = await readImage(files);
  const section = Math.floor(volume.slices.length / 2);
  const { centre, width } = firstWindow(volume.slices[section].pixels);
  Object.assign(page, { volume, section, chosen: null });
  page.fileName = files.length === 1 ? files[0].name : "";
  page.readers = model.readers.map((name) => new Outline(name));
  Object.assign(page, { active: 0, found: null });
  byId("stage").hidden = false;
  byId("drop-outline").hidden = false;
  view.window = { centre, width };
  view.fit();
  const slider = byId("slice");
  slider.max = String(volume.slices.length);
  slider.disabled = volume.slices.length === 1;
  showSlice();
  changed();
}

function tellImage() {
  const { volume, fileName } = page;
  byId("foot-file").textContent = fileName ? t("foot_file", { name: fileName }) : "";
  if (!volume) {
    byId("image-read").textContent = "";
    return;
  }
  const { rows, columns, spacing } = volume.slices[0];
  const size = spacing ? { row: shortNumber(spacing[0]), column: shortNumber(spacing[1]) } : {};
  const n = volume.slices.length;
  const read = t(n === 1 ? "image_read_one" : "image_read", { n, rows, columns });
  byId("image-read").textContent = `${read} ${t(spacing ? "spacing_known" : "spacing_unknown", size)}`;
}

function slice() {
  return page.volume.slices[page.section];
}

function showSlice() {
  const { letters } = slice();
  view.show(slice());
  for (const side of ["left", "right", "top", "bottom"]) {
    byId(`letter-${side}`).textContent = letters?.[side] || "";
  }
  const of = { k: page.section + 1, n: page.volume.slices.length };
  byId("slice").value = String(of.k);
  byId("slice-of").textContent = t("slice_of", of);
  byId("slice").setAttribute("aria-valuetext", t("slice_of", of));
  byId("canvas").setAttribute("aria-label", t("canvas_label", of));
  showWindow();
  redraw();
}

function showWindow() {
  byId("centre").value = String(Number(view.window.centre.toPrecision(5)));
  byId("width").value = String(Number(view.window.width.toPrecision(5)));
}

function turnPage(way) {
  const last = page.volume.slices.length - 1;
  const next = Math.min(Math.max(page.section + way, 0), last);
  if (next === page.section) return;
  page.section = next;
  drawing.reset();
  try {
    showSlice();
    showReaders();
  } catch (error) {
    refuse(error); // pixels are read when a slice is asked for
  }
}

function windowed(window) {
  view.window = window;
  view.paint();
  showWindow();
  redraw();
}

// The outlines

const drawing = new Drawing({
  view,
  get slice() { return page.section; },
  get size() { return page.volume ? slice() : null; },
  get outline() { return page.readers[page.active]; },
  redraw,
  changed,
  turnPage,
  setTool,
  say,
  windowed,
  at: tellPlace,
});

function setTool(tool) {
  for (const button of document.querySelectorAll("[data-tool]")) {
    button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
  }
  drawing.choose(tool);
}

function tellPlace(point, aloud) {
  const [x, y] = point.map((part) => Math.round(part));
  const { pixels, columns } = slice();
  const value = shortNumber(pixels[y * columns + x]);
  byId("place").textContent = t("at_place", { x, y, value });
  if (aloud) say("cross_at", { x, y, value });
}

function redraw() {
  if (!page.volume) return;
  const outlines = page.readers.map((outline, i) => ({
    polygons: i === page.active ? drawing.shown : outline.polygons(page.section),
    mask: outline.mask(page.section),
    active: i === page.active,
    vertices: i === page.active && drawing.tool === "edit",
  }));
  const { points, cross, chosenVertex } = drawing;
  const chosen = drawing.drag?.moved || chosenVertex;
  view.draw({ outlines, drawn: points, cross, chosen });
}

async function openOutline(files) {
  if (!page.volume) throw new Refusal("refused_no_image_yet", {});
  const found = await readOutlines(files, page.volume, page.section);
  byId("which").hidden = found.length < 2;
  byId("which-label").textContent = t("several_outlines", { n: found.length });
  const select = byId("which-one");
  const options = found.map(({ name }, i) => new Option(name, String(i)));
  select.replaceChildren(...options);
  const take = (i) => {
    const outline = page.readers[page.active];
    outline.setMasks(found[i].masks, found[i].name);
    page.section = outline.largest ?? page.section;
    showSlice();
    changed();
  };
  select.onchange = () => {
    try {
      take(Number(select.value));
    } catch (error) {
      refuse(error);
    }
  };
  take(0);
}

// The slice that is measured: the largest of the first reader who drew.
function measuredSlice() {
  if (page.chosen !== null) return page.chosen;
  const first = page.readers.find((outline) => outline.slices.size);
  return first ? first.largest : null;
}

const COLOURS = ["#ffb000", "#4fc3f7"];

function showReaders() {
  const measured = measuredSlice();
  const rows = page.readers.map((outline, i) => {
    const row = document.createElement("label");
    row.className = "reader";
    const radio = document.createElement("input");
    Object.assign(radio, { type: "radio", name: "reader", checked: i === page.active });
    radio.addEventListener("change", () => {
      page.active = i;
      drawing.reset();
      redraw();
    });
    const swatch = document.createElement("span");
    swatch.className = "swatch";
    swatch.style.background = COLOURS[i % 2];
    const name = document.createElement("span");
    name.textContent = outline.name ? t("reader", { name: outline.name }) : t("reader_one");
    const told = document.createElement("small");
    const n = measured === null ? 0 : outline.area(measured);
    const where = { k: (measured ?? 0) + 1, n };
    const elsewhere = outline.slices.size ? "reader_elsewhere" : "reader_none";
    told.textContent = t(n ? "reader_area" : elsewhere, where);
    row.append(radio, swatch, name, told);
    return row;
  });
  byId("readers").replaceChildren(...rows);
  byId("second").hidden = page.readers.length < 2;
  showMeasuredSlice(measured);
}

function showMeasuredSlice(measured) {
  const several = page.volume && page.volume.slices.length > 1;
  const key = page.chosen === null ? "measured_slice" : "measured_chosen";
  const told = several && measured !== null;
  byId("measured-slice").textContent = told ? t(key, { k: measured + 1 }) : "";
  const here = page.readers.some((outline) => outline.mask(page.section));
  const button = byId("measure-this");
  button.hidden = !told || !here || measured === page.section;
  button.textContent = t("measure_this", { k: page.section + 1 });
  byId("measure-largest").hidden = page.chosen === null;
}

// The result

const clinical = model.predictors.filter((p) => p.source === "clinical");
const ofScores = model.predictors.flatMap((p) => (p.source === "score" ? p.score.predictors : []));
const fields = clinicalFields(byId("clinical"), clinical, changed);
byId("clinical-part").hidden = !clinical.length;

let waiting = null;

function changed() {
  page.found = null;
  page.run += 1;
  clearTimeout(waiting);
  waiting = setTimeout(() => measureAll(page.run), PAUSE);
  if (page.volume) {
    showReaders();
    redraw();
  }
  showResult();
}

function drawn() {
  const measured = measuredSlice();
  return measured === null ? [] : page.readers.filter((outline) => outline.mask(measured));
}

async function measureAll(run) {
  const entered = fields.read();
  if (!page.volume || !drawn().length || entered.missing.length) return;
  const section = measuredSlice();
  const { protocol, slices } = page.volume;
  const { rows, columns, spacing, isFloat } = slices[section];
  const started = performance.now();
  byId("state").textContent = t("measuring");
  try {
    const image = { pixels: slices[section].pixels, rows, columns, spacing, isFloat };
    const masks = page.readers.map((outline) => outline.mask(section));
    const features = [];
    for (const mask of masks) {
      features.push(mask && (await measurer.measure({ ...image, mask, plan: model.plan })));
    }
    const result = evaluate(model, features, entered.values, { spacing, protocol });
    if (run !== page.run) return;
    const ms = Math.round(performance.now() - started);
    page.found = { section, features, result, ms, clinical: entered.values, moved: null };
    showResult();
    const settings = { draws: DRAWS, seed: SEED };
    const moved = await measurer.perturbed(model, image, masks, entered.values, settings);
    if (run !== page.run) return;
    page.found.moved = moved;
    showResult();
  } catch (error) {
    if (run !== page.run) return;
    refuse(error);
    byId("state").textContent = "";
  }
}

function stateText(entered) {
  if (page.found) return t("measured_in", { ms: page.found.ms });
  if (!page.volume) return t("wait_image");
  if (!drawn().length) return t("wait_outline");
  if (entered.missing.length) return t("wait_fields", { names: entered.missing.join(", ") });
  return t("measuring");
}

function showResult() {
  const { found } = page;
  const result = found?.result || null;
  const entered = fields.read();
  results.showNumbers(model, result);
  results.showMoved(model, found?.moved, Boolean(found));
  results.showFlags(result ? result.flagDetails : null);
  results.showStrip(found ? stripRows(found) : [], result?.position);
  const points = model.predictors.map((p, i) => [p.name, result?.points[i]]);
  fields.points(Object.fromEntries(points));
  byId("state").textContent = stateText(entered);
  byId("save").disabled = !found?.moved;
  showNomogramAt();
  if (result) {
    const probability = byId("probability").textContent;
    byId("announcement").textContent = `${t("probability_of", model)} ${probability}. ${t("research_use")}`;
  }
}

// The mean over the readers who drew, as the model takes it.
function meanOf(columns, features) {
  const values = columns
    .map(([place, feature]) => features[place]?.[feature])
    .filter((value) => Number.isFinite(value));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

// The model's score, what stands on the nomogram, then the features behind a score.
function stripRows({ features, result }) {
  const { scores } = model.training;
  const quartiles = scores && [0.25, 0.5, 0.75].map((part) => scores[part * (scores.length - 1)]);
  const ofModel = { label: t("score"), value: result.linearPredictor, marks: quartiles };
  const isNumber = (p) => p.range && !p.choices.length;
  const row = (p, value) => ({ label: p.label, value, low: p.range[0], high: p.range[1] });
  return [
    ...(scores ? [{ ...ofModel, low: scores[0], high: scores.at(-1) }] : []),
    ...model.predictors.filter(isNumber).map((p) => row(p, result.values[p.name])),
    ...ofScores.filter(isNumber).map((p) => row(p, meanOf(p.columns, features))),
  ];
}

function showNomogramAt(width) {
  const shown = width || Math.max(Math.round(byId("nomogram").clientWidth) || 680, 280);
  results.showNomogram(model, page.found?.result || null, shown);
}

// What is pressed

function bind() {
  const click = (id, act) => byId(id).addEventListener("click", act);
  for (const button of document.querySelectorAll("[data-tool]")) {
    button.addEventListener("click", () => setTool(button.dataset.tool));
  }
  click("undo", () => page.volume && drawing.undo());
  click("delete", () => {
    if (!page.volume) return;
    page.readers[page.active].setPolygons(page.section, [], slice());
    drawing.reset();
    changed();
  });
  const zoom = (act) => () => {
    act();
    redraw();
  };
  click("zoom-in", zoom(() => view.zoomBy(1.25)));
  click("zoom-out", zoom(() => view.zoomBy(0.8)));
  click("zoom-fit", zoom(() => view.fit()));
  byId("slice").addEventListener("input", () => turnPage(Number(byId("slice").value) - 1 - page.section));
  for (const [id, part] of [["centre", "centre"], ["width", "width"]]) {
    byId(id).addEventListener("change", () => {
      const { value } = readNumber(byId(id).value);
      const fits = value !== undefined && (part === "centre" || value > 0);
      if (fits && page.volume) windowed({ ...view.window, [part]: value });
      showWindow();
    });
  }
  const choose = (section) => () => {
    page.chosen = section();
    changed();
  };
  click("measure-this", choose(() => page.section));
  click("measure-largest", choose(() => null));
  click("save", () => {
    const { volume, readers } = page;
    const state = { ...page.found, volume, outlines: readers };
    save("measured.json", measuredFile(model, state, model.version));
  });
  click("print", () => window.print());
  click("again", () => window.location.reload());
  window.addEventListener("resize", () => {
    redraw();
    showNomogramAt();
  });
  window.addEventListener("beforeprint", () => {
    redraw();
    showNomogramAt(680);
  });
  window.addEventListener("afterprint", () => showNomogramAt());
}

function bindLanguages() {
  const buttons = Object.keys(TABLES).map((language) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", lang: language, textContent: TABLES[language].language });
    button.addEventListener("click", () => speak(language));
    return button;
  });
  byId("languages").replaceChildren(...buttons);
}

function speak(language) {
  chooseLanguage(language);
  for (const button of byId("languages").children) {
    button.setAttribute("aria-pressed", String(button.lang === language));
  }
  tellImage();
  if (page.volume) {
    showSlice();
    showReaders();
  }
  showResult();
}

bind();
bindLanguages();
catchStrayFiles();
dropZone(byId("drop-image"), (files) => taking(files, openImage));
dropZone(byId("drop-outline"), (files) => taking(files, openOutline));
dropZone(byId("viewer"), (files) => taking(files, page.volume ? openOutline : openImage));
speak(ownLanguage(navigator.languages || ["en"]));
