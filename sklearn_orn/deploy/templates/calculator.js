// Values in, points and probability out. Every sum is of the model's full numbers.
(() => {
  const model = JSON.parse(document.getElementById("model").textContent);
  const byId = (id) => document.getElementById(id);
  const bound = (p, id) => ({
    ...p,
    row: byId(`${id}-row`),
    field: byId(id),
    slider: byId(`${id}-slider`),
    hint: byId(`${id}-hint`),
    shown: byId(`${id}-points`),
    note: "",
  });
  const predictors = model.predictors.map((p, i) => {
    const made = bound(p, `p${i}`);
    if (p.score) {
      made.parts = p.score.predictors.map((f, j) => bound(f, `p${i}f${j}`));
      made.computed = byId(`p${i}-computed`);
      made.take = byId(`p${i}-take`);
    }
    return made;
  });
  const { threshold } = model;
  model.thresholdPoints =
    threshold > 0 && threshold < 1
      ? (Math.log(threshold / (1 - threshold)) - model.start) * model.pointsPerUnit
      : null;

  const ERRORS = {
    field_marks: "More than one mark: write 1234.5 or 1234,5, with no mark between thousands.",
    field_not_number: "Not a number.",
  };

  // What is entered: a value with its effect, nothing, or what is wrong.
  function entered(p) {
    if (p.choices.length) {
      const { value } = p.field;
      return value === "" ? {} : { value: Number(value), effect: p.choices[Number(value)].effect };
    }
    const read = readNumber(p.field.value);
    if (read.error) return { error: ERRORS[read.error] };
    return "value" in read ? { ...read, effect: effectOfNumber(p, read.value) } : read;
  }

  // As many digits as a step of the slider has, and four of the value at least.
  function fieldText(value, step) {
    const digits = Math.ceil(Math.log10(Math.abs(value) / step || 1)) + 1;
    return String(Number(value.toPrecision(Math.min(Math.max(digits, 4), 17))));
  }

  function atStep(p, k) {
    const [low, high] = p.range;
    if (k <= 0) return String(low);
    if (k >= 200) return String(high);
    return fieldText(low + ((high - low) * k) / 200, (high - low) / 200);
  }

  function rangeText(p) {
    if (p.choices.length) return "";
    const [low, high] = p.range.map(shortNumber);
    return low === high ? `${low} in training` : `${low} to ${high} in training`;
  }

  function showPredictor(p, entry, points) {
    const { value, error } = entry;
    const [low, high] = p.range || [value, value];
    const side = value === undefined ? "" : value < low ? "below" : value > high ? "above" : "";
    p.row.classList.toggle("unset", value === undefined);
    p.row.classList.toggle("beyond", side !== "" || error !== undefined);
    p.field.setAttribute("aria-invalid", String(error !== undefined));
    p.shown.textContent = points === null ? "" : `${minus(points.toFixed(1))} points`;
    const hints = [error, p.note, error ? "" : rangeText(p)];
    if (entry.comma) hints.push(`read as ${minus(String(value))}`);
    if (side) hints.push(`this value is ${side} it, the points are extrapolated`);
    p.hint.textContent = hints.filter(Boolean).join("; ").replace(".;", ".");
    if (p.slider) {
      if (value !== undefined) {
        p.slider.value = high > low ? Math.round(((value - low) / (high - low)) * 200) : 100;
      }
      p.slider.setAttribute("aria-valuetext", value === undefined ? "not set" : String(value));
    }
    return side !== "";
  }

  function show(id, text, exact) {
    const node = byId(id);
    node.textContent = text;
    if (exact === undefined) {
      delete node.dataset.value;
    } else {
      node.dataset.value = String(exact);
    }
    return node;
  }

  function showDecision(probability) {
    const node = show("decision", "–");
    if (probability === null) return "";
    const above = probability >= threshold;
    const label = above ? model.positive : model.negative;
    node.textContent = label;
    node.dataset.value = label;
    const reason = document.createElement("small");
    const cut = shortNumber(Number(threshold.toPrecision(4)));
    reason.textContent = above ? `probability at or above ${cut}` : `probability below ${cut}`;
    node.appendChild(reason);
    return label;
  }

  function stateText(missing, beyond) {
    if (missing.length) {
      const left = missing.length === 1 ? "value is" : "values are";
      const names = missing.map((p) => p.label).join(", ");
      return `${missing.length} of ${predictors.length} ${left} still to be entered: ${names}.`;
    }
    if (beyond) {
      const what = beyond === 1 ? "1 value lies" : `${beyond} values lie`;
      return `${what} outside the training range: the model has seen no such lesion.`;
    }
    return "";
  }

  let announcing = 0;
  function announce(text) {
    clearTimeout(announcing);
    announcing = setTimeout(() => {
      byId("announcement").textContent = text;
    }, 600);
  }

  let drawn = null;
  function draw(width) {
    if (drawn !== null) {
      drawNomogram(byId("nomogram"), model, drawn, width);
    }
  }
  const screenWidth = () => Math.max(byId("nomogram").clientWidth, 280);

  // The score of the texture features, where all of them are entered.
  function computeScore(p) {
    const entries = p.parts.map(entered);
    const missing = p.parts.filter((f, j) => {
      showPredictor(f, entries[j], null);
      return !("value" in entries[j]);
    });
    const score = missing.length
      ? null
      : preciseSum([p.score.intercept, ...entries.map((entry) => entry.effect)]);
    p.take.disabled = score === null;
    p.take.dataset.value = score === null ? "" : String(score);
    p.computed.textContent =
      score === null
        ? `Still to be entered: ${missing.map((f) => f.label).join(", ")}.`
        : `Score ${minus(score.toFixed(4))}`;
  }

  function update() {
    predictors.filter((p) => p.score).forEach(computeScore);
    const entries = predictors.map(entered);
    const isSet = entries.map((entry) => "value" in entry);
    const points = predictors.map((p, i) =>
      isSet[i] ? (entries[i].effect - p.lowest) * model.pointsPerUnit : null
    );
    const beyond = predictors.filter((p, i) => showPredictor(p, entries[i], points[i])).length;
    const missing = predictors.filter((p, i) => !isSet[i]);
    const complete = missing.length === 0;
    const effects = entries.map((entry) => entry.effect);
    const score = complete ? preciseSum([model.intercept, ...effects]) : null;
    const total = complete ? preciseSum(points) : null;
    const probability = complete ? logistic(score) : null;
    const text = complete ? probabilityText(probability, threshold) : "–";
    show("probability", text, complete ? probability : undefined);
    show("total", complete ? minus(total.toFixed(1)) : "–", complete ? total : undefined);
    show("score", complete ? minus(score.toFixed(3)) : "–", complete ? score : undefined);
    const label = showDecision(probability);
    const state = show("state", stateText(missing, beyond));
    state.classList.toggle("beyond", complete && beyond > 0);
    const summary = complete
      ? `Total points ${total.toFixed(1)}. Probability of ${model.positive} ${text}. Decision: ${label}. ${state.textContent}`
      : state.textContent;
    announce(summary);
    drawn = { points, total, probabilityText: text, summary };
    draw(screenWidth());
  }

  // The fields of a line of a CSV file, some of them in quotes.
  function cells(line, separator) {
    const found = [""];
    let quoted = false;
    for (const letter of line) {
      if (letter === '"') quoted = !quoted;
      else if (letter === separator && !quoted) found.push("");
      else found[found.length - 1] += letter;
    }
    return found;
  }

  const near = (a, b, scale) => Math.abs(a - b) <= 1e-4 * (1 + scale);

  // The class that a study's table calls so: it may leave out the name of the outcome.
  const classOf = (label) =>
    [model.positive, model.negative].find((name) => name === label || name.endsWith(`= ${label}`));

  // A study's line: lesion, patient, split, outcome, score, probability, maybe score
  // and probability of the combined model (empty where it judges not), class.
  function scoreOfStudy(texts) {
    const numbers = texts.map((text) => readNumber(text).value);
    const agree = (k) => near(logistic(numbers[k]), numbers[k + 1], 0);
    const [split, outcome] = [texts[2], texts[3]];
    const combined = texts.length === 9;
    if (!combined && texts.length !== 7) return undefined;
    if (!["training", "validation", "cross-validation"].includes(split)) return undefined;
    if (!classOf(outcome) || !agree(4)) return undefined;
    const judged = !combined || texts.slice(6).some((text) => text.trim());
    const called = classOf(texts[texts.length - 1]);
    if (judged && !called) return undefined;
    const right = called === (numbers[7] >= threshold ? model.positive : model.negative);
    if (judged && combined && !(agree(6) && right)) return undefined;
    return numbers[4];
  }

  // Lesion, maybe patient, score, probability, class, flags, predictors.
  function scoreOf(texts, layout) {
    const numbers = texts.map((text) => readNumber(text).value);
    for (const start of layout ? [texts.length - layout.slopes.length - 4] : [1, 2]) {
      const [score, probability] = [numbers[start], numbers[start + 1]];
      const fits = start >= 1 && start <= 2 && near(logistic(score), probability, 0);
      if (!fits || texts.length < start + 4) continue;
      if (!layout) return score;
      const values = numbers.slice(start + 4);
      const terms = layout.slopes.map((slope, k) => slope * values[k]);
      const size = terms.reduce((sum, term) => sum + Math.abs(term), 0);
      if (!near(preciseSum([layout.intercept, ...terms]), score, size)) continue;
      const [slope, center, offset] = layout.line;
      const taken = layout.place === null ? score : values[layout.place];
      return (taken - offset) / slope + center;
    }
    return undefined;
  }

  function scoreInLine(p, text) {
    const rows = text.split(/\r?\n/).filter((row) => row.trim());
    const row = rows[rows.length - 1] || "";
    const splits = ["\t", ";", ","].map((separator) => cells(row, separator));
    if (rows.length < 2 && splits.every((texts) => texts.length < 5)) return null;
    const wrong = { error: "Not a line of scores.csv of this model: paste one line, or the score alone." };
    if (rows.length > 2) return wrong;
    for (const texts of splits) {
      for (const layout of [...p.lines, ...(p.takesAnyScore ? [null] : [])]) {
        const score = scoreOf(texts, layout);
        if (score !== undefined) return { score, lesion: texts[0] };
      }
      const score = scoreOfStudy(texts);
      if (score !== undefined) {
        return { score, lesion: texts[0], apart: texts[2] === "cross-validation" };
      }
    }
    return wrong;
  }

  function pasted(p, event) {
    const found = scoreInLine(p, event.clipboardData.getData("text"));
    if (found === null) return;
    event.preventDefault();
    p.field.value = found.error ? "" : String(found.score);
    const apart = found.apart
      ? ", cross-validated: of a model of other patients, so the probability may differ from that of the line"
      : "";
    p.note = found.error || `score of lesion ${found.lesion}${apart}`;
    update();
  }

  predictors.forEach((p) => {
    const typed = () => {
      p.note = "";
      update();
    };
    p.field.addEventListener("input", typed);
    if (p.score || p.takesAnyScore) {
      p.field.addEventListener("paste", (event) => pasted(p, event));
    }
    if (p.slider) {
      p.slider.disabled = p.range[0] === p.range[1];
      p.slider.addEventListener("input", () => {
        p.field.value = atStep(p, Number(p.slider.value));
        typed();
      });
    }
    if (p.score) {
      p.parts.forEach((f) => f.field.addEventListener("input", update));
      p.take.addEventListener("click", () => {
        p.field.value = p.take.dataset.value;
        p.note = "computed from the texture features";
        update();
      });
    }
  });
  byId("clear").addEventListener("click", () => {
    predictors.forEach((p) => {
      [p, ...(p.parts || [])].forEach((f) => {
        f.field.value = "";
        f.note = "";
        if (f.slider) f.slider.value = 100;
      });
    });
    update();
    predictors[0].field.focus();
  });
  byId("middle").addEventListener("click", () => {
    predictors.forEach((p) => {
      p.field.value = p.choices.length ? "0" : atStep(p, 100);
      p.note = "";
    });
    update();
  });
  byId("print").addEventListener("click", () => window.print());
  window.addEventListener("resize", () => draw(screenWidth()));
  window.addEventListener("beforeprint", () => draw(680));
  window.addEventListener("afterprint", () => draw(screenWidth()));
  update();
})();
