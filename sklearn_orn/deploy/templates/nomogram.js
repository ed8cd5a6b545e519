"use strict";
// The nomogram as SVG: axes as rms draws them, and where the values entered lie.
const SVG = "http://www.w3.org/2000/svg";
const LETTER = 6.4; // px, mean width of a digit of a tick

function element(parent, tag, attributes, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, value);
  }
  if (text !== undefined) {
    node.textContent = text;
  }
  parent.appendChild(node);
  return node;
}

const BELOW = 17; // of a label, from the line
const ABOVE = -9;
const TIER = 12; // between labels of levels that stand below each other

// Labels that stand clear of each other: numbers from the ends inwards, levels all of
// them, in tiers where they are close.
function clearTicks(places) {
  const half = (tick) => (tick.text.length * LETTER) / 2 + 4;
  const sorted = [...places].sort((a, b) => a.x - b.x);
  const last = sorted.pop();
  const kept = [];
  for (const tick of [sorted.shift(), last, ...sorted]) {
    if (!tick) continue;
    const isClear = (rise) =>
      kept.every((o) => o.rise !== rise || Math.abs(o.x - tick.x) >= half(o) + half(tick));
    let rise = tick.turned ? ABOVE : BELOW;
    while (tick.isLevel && !isClear(rise)) rise += TIER;
    if (isClear(rise)) kept.push({ ...tick, rise });
  }
  return kept;
}

// Where the ticks are; behind a turn of the axis their labels stand above it.
function tickPlaces(axis, frame) {
  const way = Math.sign(axis.points[1] - axis.points[0]);
  const isLevel = Boolean(axis.choices && axis.choices.length);
  return axis.ticks.map((value, i) => ({
    x: frame.x(axis.points[i], axis.scale),
    text: shortNumber(value),
    isLevel,
    turned: !isLevel && i > 0 && way * (axis.points[i] - axis.points[i - 1]) < 0,
  }));
}

function wrapped(text, limit, most) {
  const lines = [];
  let rest = text;
  while (rest.length > limit && lines.length < most - 1) {
    const space = rest.lastIndexOf(" ", limit);
    const cut = space > limit / 2 ? space : limit;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut).trimStart();
  }
  lines.push(rest.length > limit ? rest.slice(0, limit - 1) + "\u2026" : rest);
  return lines;
}

function axisName(svg, axis, frame, y) {
  const lines = frame.beside ? wrapped(axis.label, 26, 3) : wrapped(axis.label, 44, 1);
  const group = element(svg, "text", { class: "name-text" });
  const top = frame.beside ? y + 4 - (lines.length - 1) * 7.5 : y - 24;
  lines.forEach((line, i) => {
    element(group, "tspan", { x: 0, y: top + i * 15 }, line);
  });
  element(group, "title", {}, axis.label);
}

function axisLine(svg, axis, frame, y) {
  const places = tickPlaces(axis, frame);
  const xs = places.map((tick) => tick.x);
  const path = [`M${Math.min(...xs)} ${y}H${Math.max(...xs)}`];
  places.forEach((tick) => path.push(`M${tick.x} ${y}v${tick.turned ? -5 : 5}`));
  element(svg, "path", { class: "axis", d: path.join("") });
  for (const tick of clearTicks(places)) {
    element(svg, "text", { class: "tick-text", x: tick.x, y: y + tick.rise }, tick.text);
  }
}

function mark(svg, frame, y, points, scale, text) {
  const wanted = frame.x(points, scale);
  const x = Math.min(Math.max(wanted, frame.left), frame.right);
  if (Math.abs(wanted - x) > 0.5) {
    const tip = wanted > x ? 9 : -9;
    element(svg, "path", { class: "mark", d: `M${x + tip} ${y}L${x} ${y - 6}V${y + 6}Z` });
  } else {
    element(svg, "circle", { class: "mark", cx: x, cy: y, r: 5 });
  }
  const half = (text.length * LETTER) / 2;
  const inside = Math.min(Math.max(x, frame.left + half - 8), frame.right - half + 8);
  element(svg, "text", { class: "mark-text", x: inside, y: y - 9 }, text);
}

function drawNomogram(holder, model, state, width) {
  const beside = width >= 620;
  const left = beside ? 190 : 16;
  const right = width - 18;
  const largest = Math.max(...model.axes.total.ticks);
  const frame = {
    beside,
    left,
    right,
    x: (points, scale) => left + (points / scale) * (right - left),
  };
  const step = beside ? 46 : 62;
  const hundred = { label: "Points", ticks: [], points: [], scale: 100 };
  for (let value = 0; value <= 100; value += 10) {
    hundred.ticks.push(value);
    hundred.points.push(value);
  }
  const onAxis = (axis) => {
    const keep = axis.ticks.map((_, i) => axis.points[i] >= 0 && axis.points[i] <= largest);
    return {
      label: axis.label,
      ticks: axis.ticks.filter((_, i) => keep[i]),
      points: axis.points.filter((_, i) => keep[i]),
      scale: largest,
    };
  };
  const total = onAxis(model.axes.total);
  const probability = onAxis(model.axes.probability);
  probability.label = `Probability of ${model.positive}`;
  const rows = [
    hundred,
    ...model.predictors.map((p) => ({ ...p, scale: 100 })),
    total,
    probability,
  ];
  const first = beside ? 24 : 40;
  const y = [];
  let next = first;
  for (const axis of rows) {
    y.push(next);
    const rises = clearTicks(tickPlaces(axis, frame)).map((tick) => tick.rise);
    next += step + Math.max(0, ...rises.map((rise) => rise - BELOW));
  }
  const height = y[y.length - 1] + 42;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("class", beside ? "wide" : "narrow");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `Nomogram. ${state.summary}`);
  const xOf = (points, scale) => Math.min(Math.max(frame.x(points, scale), left), right);
  state.points.forEach((points, i) => {
    if (points !== null) {
      element(svg, "path", { class: "guide", d: `M${xOf(points, 100)} ${y[i + 1]}V${y[0]}` });
    }
  });
  const [yTotal, yProbability] = [y[rows.length - 2], y[rows.length - 1]];
  if (state.total !== null) {
    const x = xOf(state.total, largest);
    element(svg, "path", { class: "guide", d: `M${x} ${yTotal}V${yProbability}` });
  }
  rows.forEach((axis, i) => {
    axisName(svg, axis, frame, y[i]);
    if (axis.ticks.length) {
      axisLine(svg, axis, frame, y[i]);
    }
  });
  state.points.forEach((points, i) => {
    if (points !== null) {
      mark(svg, frame, y[i + 1], points, 100, points.toFixed(1).replace("-", "\u2212"));
    }
  });
  const cut = model.thresholdPoints;
  if (cut !== null && cut >= 0 && cut <= largest) {
    const x = xOf(cut, largest);
    element(svg, "path", { class: "threshold", d: `M${x} ${yProbability - 7}v14` });
    const text = `threshold ${shortNumber(Number(model.threshold.toPrecision(3)))}`;
    const half = (text.length * 5.6) / 2;
    const inside = Math.min(Math.max(x, left + half - 8), right - half + 8);
    element(svg, "text", { class: "threshold-text", x: inside, y: yProbability + 32 }, text);
  }
  if (state.total !== null) {
    const shown = state.total.toFixed(1).replace("-", "\u2212");
    mark(svg, frame, yTotal, state.total, largest, shown);
    mark(svg, frame, yProbability, state.total, largest, state.probabilityText);
  }
  holder.replaceChildren(svg);
}
