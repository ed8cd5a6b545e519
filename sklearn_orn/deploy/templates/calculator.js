// Values in, points and probability out. Every sum is of the model's full numbers.
(() => {
  const model = JSON.parse(document.getElementById("model").textContent);
  const byId = (id) => document.getElementById(id);
  const minus = (text) => text.replace("-", "\u2212");
  const predictors = model.predictors.map((p, i) => ({
    ...p,
    row: byId(`p${i}-row`),
    field: byId(`p${i}`),
    slider: byId(`p${i}-slider`),
    hint: byId(`p${i}-hint`),
    shown: byId(`p${i}-points`),
    lowest: Math.min(...p.ticks.map((tick) => p.slope * tick)),
  }));
  const start = predictors.reduce((sum, p) => sum + p.lowest, model.intercept);
  const { threshold } = model;
  model.thresholdPoints =
    threshold > 0 && threshold < 1
      ? (Math.log(threshold / (1 - threshold)) - start) * model.pointsPerUnit
      : null;

  // Neumaier's sum: what one addition loses, the next gives back.
  function preciseSum(terms) {
    let sum = 0;
    let lost = 0;
    for (const term of terms) {
      const next = sum + term;
      lost += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
      sum = next;
    }
    return sum + lost;
  }

  function logistic(score) {
    const part = Math.exp(-Math.abs(score));
    return score >= 0 ? 1 / (1 + part) : part / (1 + part);
  }

  function valueOf(p) {
    if (p.values.length) {
      return p.field.value === "" ? null : p.values[Number(p.field.value)];
    }
    const value = p.field.value === "" ? NaN : Number(p.field.value);
    return Number.isFinite(value) ? value : null;
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

  function probabilityText(probability) {
    if (probability < 0.0005) return "<0.001";
    if (probability > 0.9995) return ">0.999";
    const close = Math.abs(probability - threshold) < 0.001;
    return probability.toFixed(close ? 5 : 3);
  }

  function rangeText(p) {
    if (p.values.length) return "";
    const [low, high] = p.range.map(shortNumber);
    return low === high ? `${low} in training` : `${low} to ${high} in training`;
  }

  function showPredictor(p, value, points) {
    const [low, high] = p.range;
    const wrong = !p.values.length && p.field.validity.badInput;
    const side = value === null ? "" : value < low ? "below" : value > high ? "above" : "";
    p.row.classList.toggle("unset", value === null);
    p.row.classList.toggle("beyond", side !== "" || wrong);
    p.shown.textContent = points === null ? "" : `${minus(points.toFixed(1))} points`;
    p.hint.textContent = wrong
      ? "Not a number."
      : rangeText(p) + (side ? `: this value is ${side} it, the points are extrapolated` : "");
    if (p.slider) {
      if (value !== null) {
        p.slider.value = high > low ? Math.round(((value - low) / (high - low)) * 200) : 100;
      }
      p.slider.setAttribute("aria-valuetext", value === null ? "not set" : String(value));
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
    if (missing) {
      const left = missing === 1 ? "value is" : "values are";
      return `${missing} of ${predictors.length} ${left} still to be entered.`;
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

  function update() {
    const values = predictors.map(valueOf);
    const points = predictors.map((p, i) =>
      values[i] === null ? null : (p.slope * values[i] - p.lowest) * model.pointsPerUnit
    );
    const beyond = predictors.filter((p, i) => showPredictor(p, values[i], points[i])).length;
    const missing = values.filter((value) => value === null).length;
    const complete = missing === 0;
    const terms = complete ? predictors.map((p, i) => p.slope * values[i]) : [];
    const score = complete ? preciseSum([model.intercept, ...terms]) : null;
    const total = complete ? preciseSum(points) : null;
    const probability = complete ? logistic(score) : null;
    const text = complete ? probabilityText(probability) : "–";
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

  predictors.forEach((p) => {
    p.field.addEventListener("input", update);
    if (p.slider) {
      p.slider.disabled = p.range[0] === p.range[1];
      p.slider.addEventListener("input", () => {
        p.field.value = atStep(p, Number(p.slider.value));
        update();
      });
    }
  });
  byId("clear").addEventListener("click", () => {
    predictors.forEach((p) => {
      p.field.value = "";
      if (p.slider) p.slider.value = 100;
    });
    update();
    predictors[0].field.focus();
  });
  byId("middle").addEventListener("click", () => {
    predictors.forEach((p) => {
      p.field.value = p.values.length ? "0" : atStep(p, 100);
    });
    update();
  });
  byId("print").addEventListener("click", () => window.print());
  window.addEventListener("resize", () => draw(screenWidth()));
  window.addEventListener("beforeprint", () => draw(680));
  window.addEventListener("afterprint", () => draw(screenWidth()));
  update();
})();
