(() => {
  const byId = (id) => document.getElementById(id);
  const page = JSON.parse(byId("index").textContent);
  const { lesions, colours } = page;
  const KEY = `sklearn-orn montage ${page.key}`;
  const WORD = { accept: "accepted", reject: "rejected" };
  const kept = keptMarks(KEY);
  let marks = kept || {};
  const now = { lesion: 0, view: 0, slice: 0, window: [0, 1], hidden: new Set() };
  const byPage = (i) => i;
  const least = (values) => Math.min(...values.filter((x) => typeof x === "number"), Infinity);
  const each = (name) => (i) => lesions[i].views.flatMap((v) => v.overlaps.map((row) => row[name]));
  const most = (name) => (i) => -Math.max(...each(name)(i).filter((x) => typeof x === "number"), -1);
  const areas = (i) => lesions[i].views.flatMap((v) => v.sizes.map((s) => (s.mm2 === null ? s.pixels : s.mm2)));
  const unlike = (i) => -Math.max(...each("area_ratio")(i).map((x) => Math.abs(Math.log(x))), -1);
  // Each gives a number: the least stands first.
  const ORDERS = [
    ["order of the table", byPage],
    ["lowest Dice", (i) => least(each("dice")(i))],
    ["borders farthest apart", most("mean_surface_distance_mm")],
    ["areas most unlike", unlike],
    ["smallest area", (i) => least(areas(i))],
    ["grey level far from others", (i) => -(lesions[i].far || 0)],
    ["at the border of the image", (i) => -lesions[i].border],
    ["odd headers", (i) => -lesions[i].file],
    ["most remarks", (i) => -lesions[i].oddities.length - (lesions[i].error ? 99 : 0)],
    ["without a decision", (i) => (decision(i) ? 1 : 0)],
    ["rejected", (i) => (decision(i) === "reject" ? 0 : 1)],
  ];
  let order = lesions.map((_, i) => i);

  const mark = (i) => marks[i] || { decision: "", comment: "" };
  function decision(i) {
    return mark(i).decision;
  }
  const view = () => lesions[now.lesion].views[now.view];
  function node(tag, text, className) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  }
  const short = (x) => (typeof x === "number" ? String(Number(x.toPrecision(3))) : "–");
  const area = (s) => (s.mm2 === null ? `${s.pixels} px` : `${short(s.mm2)} mm²`);
  const blockName = (v, k) => v.blocks[k] || "outline";
  function say(text) {
    byId("announcement").textContent = text;
  }
  function warn(text) {
    byId("warning").textContent = text;
    byId("warning").hidden = !text;
  }

  // Of a few lesions the slices stay decoded.
  const decoded = new Map();
  function sliceOf(i, v, s) {
    if (!decoded.has(i)) {
      decoded.set(i, { texts: JSON.parse(byId(`pixels${i}`).textContent), slices: new Map() });
      if (decoded.size > 8) decoded.delete(decoded.keys().next().value);
    }
    const { texts, slices } = decoded.get(i);
    const shown = lesions[i].views[v];
    const key = `${v} ${s}`;
    if (!slices.has(key)) {
      slices.set(key, inflated(texts[v][s]).then((bytes) => readSlice(bytes, shown, shown.slices[s].drawn)));
    }
    return slices.get(key);
  }

  async function thumbnail(canvas, i) {
    const [shown] = lesions[i].views;
    const slice = await sliceOf(i, 0, shown.measured);
    const blocks = new Set(shown.blocks.keys());
    drawSlice(canvas, slice, shown, { window: shown.window, width: 54, height: 54, blocks, colours, line: 0.9 });
    canvas.style.width = "";
    canvas.style.height = "";
  }

  const seen = new IntersectionObserver((entries) => {
    entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => {
      seen.unobserve(target);
      thumbnail(target, Number(target.dataset.lesion));
    });
  });
  const items = lesions.map((lesion, i) => {
    const item = node("li");
    const button = node("button");
    button.type = "button";
    if (lesion.views.length) {
      const canvas = node("canvas");
      canvas.width = 54;
      canvas.height = 54;
      canvas.dataset.lesion = i;
      seen.observe(canvas);
      button.append(canvas);
    } else {
      button.append(node("span", "", "no-image"));
    }
    const text = node("span");
    const dice = least(each("dice")(i));
    const sizes = lesion.views.flatMap((v) => v.sizes.map(area));
    const facts = [sizes[0], Number.isFinite(dice) ? `Dice ${dice.toFixed(2)}` : ""];
    text.append(node("span", lesion.name, "name"), node("span", facts.filter(Boolean).join(" · "), "short"));
    const kinds = [...new Set(lesion.oddities.map((oddity) => oddity.kind))];
    if (lesion.error) kinds.unshift("cannot be read");
    text.append(node("span", kinds.join(", "), "odd"));
    button.append(text, node("span", "", "state"));
    button.addEventListener("click", () => show(i));
    item.append(button);
    return { item, button, state: button.lastChild };
  });

  function showMarks() {
    const count = { accept: 0, reject: 0, "": 0 };
    lesions.forEach((_, i) => {
      count[decision(i)] += 1;
      items[i].button.classList.toggle("accept", decision(i) === "accept");
      items[i].button.classList.toggle("reject", decision(i) === "reject");
      items[i].state.textContent = WORD[decision(i)] || "";
    });
    byId("progress").textContent =
      `${count.accept} accepted, ${count.reject} rejected, ${count[""]} without a decision`;
    const here = mark(now.lesion);
    byId("mark").textContent = WORD[here.decision] || "no decision yet";
    byId("mark").className = `mark ${here.decision}`;
    byId("accept").setAttribute("aria-pressed", String(here.decision === "accept"));
    byId("reject").setAttribute("aria-pressed", String(here.decision === "reject"));
    if (byId("comment").value !== here.comment) byId("comment").value = here.comment;
    const used = [...new Set(Object.values(marks).map((m) => m.comment).filter(Boolean))];
    byId("comments").replaceChildren(...used.map((text) => Object.assign(node("option"), { value: text })));
  }

  function setMark(change) {
    marks[now.lesion] = { ...mark(now.lesion), ...change };
    if (!keepMarks(KEY, marks)) {
      warn("This browser keeps no marks of this page: save them as CSV before you close it.");
    }
    showMarks();
    if ("decision" in change) {
      say(`${lesions[now.lesion].name}: ${WORD[change.decision] || "no decision"}`);
    }
  }

  function table(id, head, rows) {
    const place = byId(id);
    while (place.lastChild !== place.caption) place.lastChild.remove();
    place.hidden = !rows.length;
    const first = node("thead").appendChild(node("tr"));
    first.append(...head.map((text) => node("th", text)));
    const body = node("tbody");
    rows.forEach(([name, ...cells]) => {
      const row = node("tr");
      row.append(node("th", name), ...cells.map((text) => node("td", text)));
      body.append(row);
    });
    place.append(first.parentNode, body);
  }

  function showFacts() {
    const lesion = lesions[now.lesion];
    const odd = lesion.oddities.map(({ kind, text }) => node("li", `${kind}: ${text}`));
    byId("oddities").replaceChildren(...(odd.length ? odd : [node("li", "Nothing odd was found.", "none")]));
  }

  function showSizes() {
    const shown = view();
    const sizes = shown ? shown.sizes : [];
    const rows = sizes.map((s, k) => [blockName(shown, k), String(s.pixels), short(s.mm2)]);
    table("sizes", ["", "pixels", "mm²"], rows);
    const pairs = shown ? shown.overlaps : [];
    const hausdorff = pairs.some((row) => "hausdorff_mm" in row);
    table(
      "overlaps",
      ["", "Dice", "mean distance, mm", ...(hausdorff ? ["Hausdorff, mm"] : []), "area ratio"],
      pairs.map((row) => [
        `${row.reader_1} – ${row.reader_2}`,
        row.dice.toFixed(2),
        short(row.mean_surface_distance_mm),
        ...(hausdorff ? [short(row.hausdorff_mm)] : []),
        short(row.area_ratio),
      ])
    );
  }

  function toggles(id, names, pressed, act) {
    byId(id).replaceChildren(
      ...names.map((name, k) => {
        const button = node("button", name);
        button.type = "button";
        button.setAttribute("aria-pressed", String(pressed(k)));
        button.addEventListener("click", () => act(k));
        return button;
      })
    );
  }

  function showControls() {
    const shown = view();
    document.querySelector(".controls").hidden = !shown;
    if (!shown) return;
    const { views } = lesions[now.lesion];
    byId("views").hidden = views.length < 2;
    toggles("views", views.map((v, k) => `Image ${k + 1}${v.title ? `: ${v.title}` : ""}`), (k) => k === now.view, showView);
    toggles("blocks", shown.blocks.map((_, k) => blockName(shown, k)), (k) => !now.hidden.has(k), toggleBlock);
    [...byId("blocks").children].forEach((button, k) => {
      button.style.setProperty("--own", colours[k % colours.length]);
    });
    const { measured, slices } = shown;
    byId("slice").max = slices.length - 1;
    byId("slice").value = now.slice;
    byId("slice").disabled = slices.length < 2;
    const { number } = slices[now.slice];
    byId("slice-text").textContent = `${now.slice + 1} of ${slices.length}`;
    const place = [number === null ? "" : `slice ${number} of the image`, now.slice === measured ? "measured" : "not measured"];
    if (shown.note) place.push("other slices cannot be shown");
    if (shown.step !== 1) place.push(`grey levels in steps of ${short(shown.step)}`);
    byId("place").title = shown.note;
    byId("place").textContent = place.filter(Boolean).join(", ");
    const [low, high] = now.window;
    const span = 65535 * shown.step;
    const most = Math.min(span, 4 * (shown.window[1] - shown.window[0]));
    const set = (name, from, to, value) => {
      const slider = byId(name);
      slider.min = from;
      slider.max = to;
      slider.step = "any";
      slider.value = value;
      byId(`${name}-text`).textContent = short(value);
    };
    set("level", shown.window[0] - most / 4, shown.window[1] + most / 4, (low + high) / 2);
    set("width", shown.step, most, high - low);
  }

  let drawing = 0;
  async function draw() {
    const shown = view();
    const { error } = lesions[now.lesion];
    byId("canvas").hidden = !shown;
    byId("error").hidden = !error;
    byId("error").textContent = error;
    showControls();
    drawing += 1;
    const turn = drawing;
    if (shown) {
      const slice = await sliceOf(now.lesion, now.view, now.slice);
      if (turn !== drawing) return;
      const box = byId("stage").getBoundingClientRect();
      const blocks = new Set([...shown.blocks.keys()].filter((k) => !now.hidden.has(k)));
      drawSlice(byId("canvas"), slice, shown, {
        window: now.window, width: box.width - 16, height: box.height - 16, blocks, colours, line: 1.6,
      });
    }
    document.body.dataset.drawn = `${now.lesion} ${now.view} ${now.slice}`;
  }

  function showView(k) {
    now.view = k;
    const shown = view();
    if (shown) {
      now.slice = shown.measured;
      now.window = [...shown.window];
    }
    showSizes();
    draw();
  }

  function show(i) {
    items[now.lesion].button.removeAttribute("aria-current");
    now.lesion = i;
    items[i].button.setAttribute("aria-current", "true");
    if (matchMedia("(min-width: 48.01rem)").matches) {
      items[i].item.scrollIntoView({ block: "nearest" });
    } else {
      scrollTo(0, 0);
    }
    byId("name").textContent = lesions[i].name;
    showFacts();
    showMarks();
    showView(0);
  }

  function step(by) {
    const place = order.indexOf(now.lesion) + by;
    if (place >= 0 && place < order.length) show(order[place]);
  }

  function nextOpen() {
    const place = order.indexOf(now.lesion);
    const rest = [...order.slice(place + 1), ...order.slice(0, place)];
    const open = rest.find((i) => !decision(i));
    if (open === undefined) say("Every lesion has a decision.");
    else show(open);
  }

  function sort() {
    const value = ORDERS[byId("order").value][1];
    const values = lesions.map((_, i) => value(i));
    order = lesions.map((_, i) => i).sort((a, b) => (values[a] === values[b] ? a - b : values[a] < values[b] ? -1 : 1));
    byId("list").replaceChildren(...order.map((i) => items[i].item));
  }

  function showSlice(s) {
    const shown = view();
    if (!shown) return;
    now.slice = Math.min(Math.max(s, 0), shown.slices.length - 1);
    draw();
  }

  function toggleBlock(k) {
    if (!now.hidden.delete(k)) now.hidden.add(k);
    draw();
  }

  function toggleAll() {
    const all = [...view().blocks.keys()];
    now.hidden = now.hidden.size ? new Set() : new Set(all);
    draw();
  }

  function setWindow(level, width) {
    const wide = Math.max(width, view().step);
    now.window = [level - wide / 2, level + wide / 2];
    draw();
  }
  const level = () => (now.window[0] + now.window[1]) / 2;
  const width = () => now.window[1] - now.window[0];

  function accept() {
    setMark({ decision: "accept" });
    nextOpen();
  }
  function reject() {
    setMark({ decision: "reject" });
    byId("comment").focus();
  }

  function exported() {
    const rows = lesions
      .map((lesion, i) => [lesion.name, decision(i), mark(i).comment.trim()])
      .filter(([, decided, comment]) => decided || comment);
    return csvText([["lesion", "decision", "comment"], ...rows]);
  }

  function save() {
    const link = node("a");
    link.href = URL.createObjectURL(new Blob([exported()], { type: "text/csv" }));
    link.download = "exclusions.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  // Marks of a file are laid over those that are here; nothing is taken of a wrong one.
  function load(text) {
    const [head, ...rows] = csvRows(text);
    const [lesion, decided, comment] = ["lesion", "decision", "comment"].map((name) => (head || []).indexOf(name));
    const places = rows.map((row) => lesions.findIndex((x) => x.name === row[lesion]));
    const unknown = rows.filter((_, k) => places[k] < 0).length;
    const wrong = rows.filter((row) => !["accept", "reject", ""].includes(row[decided])).length;
    if (lesion < 0 || decided < 0 || unknown || wrong) {
      warn(`No marks of this page: ${unknown} lesions are not here, ${wrong} decisions are neither accept nor reject.`);
      return;
    }
    rows.forEach((row, k) => {
      marks[places[k]] = { decision: row[decided], comment: comment < 0 ? "" : row[comment] || "" };
    });
    warn("");
    setMark({});
  }

  const KEYS = {
    a: accept,
    r: reject,
    u: () => setMark({ decision: "" }),
    c: () => byId("comment").focus(),
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    n: nextOpen,
    ArrowRight: () => showSlice(now.slice + 1),
    ArrowLeft: () => showSlice(now.slice - 1),
    m: () => view() && showSlice(view().measured),
    v: () => showView((now.view + 1) % Math.max(lesions[now.lesion].views.length, 1)),
    o: () => view() && toggleAll(),
    "+": () => view() && setWindow(level(), width() * 1.15),
    "-": () => view() && setWindow(level(), width() / 1.15),
    0: () => view() && setWindow((view().window[0] + view().window[1]) / 2, view().window[1] - view().window[0]),
    e: save,
    "?": () => byId("keys").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
    if (target === byId("comment")) {
      if (key === "Enter") nextOpen();
      if (key === "Enter" || key === "Escape") target.blur();
      return;
    }
    if (key.startsWith("Arrow") && target.matches("input, select")) return;
    const name = key.length === 1 ? key.toLowerCase() : key;
    if (/^[1-9]$/.test(name) && view() && Number(name) <= view().blocks.length) {
      toggleBlock(Number(name) - 1);
    } else if (Object.hasOwn(KEYS, name)) {
      KEYS[name]();
    } else {
      return;
    }
    event.preventDefault();
  });
  byId("accept").addEventListener("click", accept);
  byId("reject").addEventListener("click", reject);
  byId("undo").addEventListener("click", KEYS.u);
  byId("before").addEventListener("click", KEYS.k);
  byId("after").addEventListener("click", KEYS.j);
  byId("save").addEventListener("click", save);
  byId("keys-button").addEventListener("click", KEYS["?"]);
  byId("keys-close").addEventListener("click", () => byId("keys").close());
  byId("comment").addEventListener("input", () => setMark({ comment: byId("comment").value }));
  byId("load").addEventListener("change", async ({ target }) => {
    if (target.files.length) load(await target.files[0].text());
    target.value = "";
  });
  byId("slice").addEventListener("input", ({ target }) => showSlice(Number(target.value)));
  byId("level").addEventListener("input", ({ target }) => setWindow(Number(target.value), width()));
  byId("width").addEventListener("input", ({ target }) => setWindow(level(), Number(target.value)));
  byId("stage").addEventListener("wheel", (event) => {
    event.preventDefault();
    showSlice(now.slice + Math.sign(event.deltaY));
  }, { passive: false });
  let dragged = null;
  byId("canvas").addEventListener("pointerdown", (event) => {
    dragged = { x: event.clientX, y: event.clientY, level: level(), width: width() };
    if (event.isTrusted) byId("canvas").setPointerCapture(event.pointerId);
  });
  byId("canvas").addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const [low, high] = view().window;
    const unit = (high - low) / 200;
    setWindow(dragged.level + (event.clientY - dragged.y) * unit, dragged.width + (event.clientX - dragged.x) * unit);
  });
  ["pointerup", "pointercancel"].forEach((name) => {
    byId("canvas").addEventListener(name, () => {
      dragged = null;
    });
  });
  new ResizeObserver(draw).observe(byId("stage"));
  byId("order").append(...ORDERS.map(([text], k) => Object.assign(node("option", text), { value: k })));
  byId("order").addEventListener("change", sort);
  if (!("DecompressionStream" in globalThis)) warn("This browser is too old to show the slices: take one of 2023 or later.");
  else if (kept === null) warn("This browser keeps no marks of this page: save them as CSV before you close it.");
  sort();
  show(0);
})();
