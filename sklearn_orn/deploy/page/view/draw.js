// Mouse, pen and keys on the image: window, zoom, freehand, polygon, edit.
import { deleteVertex, insertVertex, moveVertex, nearest } from "./outline.js";

const REACH = 9; // pixels of the screen within which a vertex is taken
const STEP = 2; // pixels of the screen between two points of a freehand line
const TOOL_KEYS = { w: "look", f: "freehand", o: "polygon", e: "edit" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// `page`: {view, slice, size, outline, redraw, changed, turnPage, setTool, say, windowed, at}
export class Drawing {
  constructor(page) {
    this.page = page;
    this.tool = "look";
    this.reset();
    const { canvas } = page.view;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", () => this.up());
    canvas.addEventListener("pointercancel", () => this.cancel());
    canvas.addEventListener("dblclick", () => this.tool === "polygon" && this.close());
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  reset() {
    this.points = []; // of the line being drawn
    this.drag = null;
    this.cross = null;
    this.chosen = null; // {polygon, vertex}
  }

  choose(tool) {
    this.tool = tool;
    this.reset();
    this.page.redraw();
  }

  get polygons() {
    return this.page.outline.polygons(this.page.slice);
  }

  set polygons(polygons) {
    const held = this.page.outline.setPolygons(this.page.slice, polygons, this.page.size);
    if (!held) this.page.say("outline_too_small");
    this.page.changed();
  }

  get chosenVertex() {
    return this.chosen ? this.polygons[this.chosen.polygon]?.[this.chosen.vertex] : null;
  }

  // A place on the image that lies on it.
  inside([x, y]) {
    const { rows, columns } = this.page.size;
    return [
      Math.min(Math.max(x, -0.5), columns - 0.5),
      Math.min(Math.max(y, -0.5), rows - 0.5),
    ];
  }

  down(event) {
    if (!this.page.size) return;
    const { view } = this.page;
    const screen = [event.offsetX, event.offsetY];
    const point = this.inside(view.toImage(screen));
    view.canvas.focus({ preventScroll: true });
    if (event.pointerId !== undefined) view.canvas.setPointerCapture?.(event.pointerId);
    const other = event.button === 1 || event.shiftKey;
    if (this.tool === "look" || event.button === 2 || other) {
      this.drag = { kind: other ? "pan" : "window", screen, ...view.window, shift: view.shift };
    } else if (this.tool === "freehand") {
      this.points = [point];
      this.drag = { kind: "line", screen };
    } else if (this.tool === "polygon") {
      this.place(point);
    } else {
      this.grab(point);
    }
    this.page.redraw();
  }

  grab(point) {
    const { view } = this.page;
    const found = nearest(this.polygons, point, (p) => view.toScreen(p), REACH);
    this.chosen = null;
    if (!found) return;
    this.chosen = { polygon: found.polygon, vertex: found.vertex };
    let polygons = this.polygons;
    if (found.edge) {
      polygons = insertVertex(polygons, found, point);
      this.chosen.vertex += 1;
    }
    this.drag = { kind: "vertex", polygons };
    if (found.edge) this.polygons = polygons;
  }

  move(event) {
    if (!this.page.size) return;
    const { view } = this.page;
    const screen = [event.offsetX, event.offsetY];
    const point = this.inside(view.toImage(screen));
    this.page.at(point);
    if (!this.drag) return;
    const [right, down] = [screen[0] - this.drag.screen?.[0], screen[1] - this.drag.screen?.[1]];
    if (this.drag.kind === "pan") {
      view.shift = [this.drag.shift[0] + right, this.drag.shift[1] + down];
    } else if (this.drag.kind === "window") {
      const unit = this.drag.width / 200 || 0.01;
      this.page.windowed({
        centre: this.drag.centre + down * unit,
        width: Math.max(this.drag.width + right * unit, unit / 10),
      });
    } else if (this.drag.kind === "line") {
      if (Math.hypot(right, down) < STEP) return;
      this.points.push(point);
      this.drag.screen = screen;
    } else {
      this.drag.moved = point;
    }
    this.page.redraw();
  }

  // The polygons as they are while a vertex is dragged.
  get shown() {
    return this.drag?.moved ? moveVertex(this.polygons, this.chosen, this.drag.moved) : this.polygons;
  }

  up() {
    const { drag } = this;
    this.drag = null;
    if (drag?.kind === "line") this.close();
    if (drag?.moved) this.polygons = moveVertex(this.polygons, this.chosen, drag.moved);
    this.page.redraw();
  }

  cancel() {
    this.reset();
    this.page.redraw();
  }

  place(point) {
    const { view } = this.page;
    const near = (other, reach) => {
      const [[ax, ay], [bx, by]] = [view.toScreen(point), view.toScreen(other)];
      return Math.hypot(ax - bx, ay - by) <= reach;
    };
    if (this.points.length >= 3 && near(this.points[0], REACH)) {
      this.close();
      return;
    }
    const last = this.points[this.points.length - 1];
    if (last && near(last, 1)) return; // the second click of two
    this.points.push(point);
    this.page.say("vertex_placed", this.told(point, { n: this.points.length }));
  }

  close() {
    const { points } = this;
    this.points = [];
    this.cross = this.cross && points[0] ? points[0] : null;
    if (points.length >= 3) {
      this.polygons = [...this.polygons, points];
    } else if (points.length) {
      this.page.say("outline_too_small");
    }
    this.page.redraw();
  }

  wheel(event) {
    if (!this.page.size) return;
    event.preventDefault();
    const back = event.deltaY < 0;
    if (event.ctrlKey || event.metaKey) {
      this.page.view.zoomBy(back ? 1.15 : 1 / 1.15, [event.offsetX, event.offsetY]);
      this.page.redraw();
    } else if (event.deltaY) {
      this.page.turnPage(back ? -1 : 1);
    }
  }

  told([x, y], more = {}) {
    return { x: Number(x.toFixed(1)), y: Number(y.toFixed(1)), ...more };
  }

  key(event) {
    if (!this.page.size || event.altKey) return;
    const done = this.commonKey(event) || (!event.ctrlKey && !event.metaKey && this.toolKey(event));
    if (!done) return;
    event.preventDefault();
    this.page.redraw();
  }

  commonKey(event) {
    const { key } = event;
    const { view } = this.page;
    if (event.ctrlKey || event.metaKey) {
      if (key.toLowerCase() !== "z") return false;
      this.undo();
    } else if (key.toLowerCase() in TOOL_KEYS) this.page.setTool(TOOL_KEYS[key.toLowerCase()]);
    else if (key === "PageUp") this.page.turnPage(-1);
    else if (key === "PageDown") this.page.turnPage(1);
    else if (key === "+" || key === "=") view.zoomBy(1.25);
    else if (key === "-") view.zoomBy(0.8);
    else if (key === "0") view.fit();
    else return false;
    return true;
  }

  toolKey(event) {
    const arrow = ARROWS[event.key];
    if (this.tool === "look") return arrow ? this.lookKey(arrow) : false;
    const step = arrow?.map((part) => part * (event.shiftKey ? 10 : 1));
    return this.tool === "edit" ? this.editKey(event.key, step) : this.polygonKey(event.key, step);
  }

  lookKey([right, down]) {
    const { view } = this.page;
    if (down) this.page.turnPage(down);
    else this.page.windowed({ ...view.window, width: view.window.width * (right > 0 ? 1.1 : 0.9) });
    return true;
  }

  polygonKey(key, step) {
    const { rows, columns } = this.page.size;
    if (step) {
      const from = this.cross || [Math.round((columns - 1) / 2), Math.round((rows - 1) / 2)];
      this.cross = this.cross ? this.inside([from[0] + step[0], from[1] + step[1]]) : from;
      this.page.at(this.cross, true);
    } else if (key === "Enter") {
      if (this.cross) this.place(this.cross);
      else this.close();
    } else if (key.toLowerCase() === "c") {
      this.close();
    } else if (key === "Backspace") {
      this.points.pop();
    } else if (key === "Escape") {
      this.reset();
    } else {
      return false;
    }
    return true;
  }

  editKey(key, step) {
    const places = this.polygons.flatMap((polygon, i) =>
      polygon.map((_, j) => ({ polygon: i, vertex: j })),
    );
    if (!places.length) return false;
    const same = (p) => p.polygon === this.chosen?.polygon && p.vertex === this.chosen?.vertex;
    const now = places.findIndex(same);
    const way = { n: 1, p: -1 }[key.toLowerCase()];
    if (way) {
      const next = now < 0 ? 0 : (now + way + places.length) % places.length;
      this.chosen = places[next];
      const told = this.told(this.chosenVertex, { k: next + 1, n: places.length });
      this.page.say("vertex_chosen", told);
    } else if (now < 0) {
      return false;
    } else if (step) {
      const [x, y] = this.chosenVertex;
      this.polygons = moveVertex(this.polygons, this.chosen, this.inside([x + step[0], y + step[1]]));
    } else if (key === "Delete" || key === "Backspace") {
      this.polygons = deleteVertex(this.polygons, this.chosen);
      this.chosen = null;
    } else {
      return false;
    }
    return true;
  }

  // The last vertex of a line being drawn, else the last change of the outline.
  undo() {
    if (this.points.length) {
      this.points.pop();
      this.page.redraw();
      return;
    }
    this.chosen = null;
    const last = this.page.outline.undo();
    if (last) this.page.changed();
  }
}
