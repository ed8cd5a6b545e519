// One slice on the screen: grey levels between two ends of a window, in the shape that
// the patient has, with outlines on it. Pixel (0, 0) has its centre at (0, 0).
const COLOURS = ["#ffb000", "#4fc3f7"];
const MOST_SEEN = 200000; // pixels that the first window is made of

// Centre and width of the window from the 1st to the 99th percentile.
export function firstWindow(pixels) {
  const step = Math.max(Math.floor(pixels.length / MOST_SEEN), 1);
  const some = [];
  for (let i = 0; i < pixels.length; i += step) {
    if (Number.isFinite(pixels[i])) some.push(pixels[i]);
  }
  if (!some.length) return { centre: 0, width: 1 };
  some.sort((a, b) => a - b);
  const at = (part) => some[Math.round(part * (some.length - 1))];
  let [low, high] = [at(0.01), at(0.99)];
  if (high <= low) [low, high] = [some[0], some[some.length - 1]];
  const width = high > low ? high - low : 1;
  const round = (value) => Number(value.toPrecision(4));
  return { centre: round((low + high) / 2), width: round(width) };
}

// Grey from 0 to 255 of one value.
export function grey(value, { centre, width }) {
  const part = (value - centre) / Math.max(width, 1e-9) + 0.5;
  return Math.min(Math.max(part, 0), 1) * 255;
}

// How many pixels of the screen a pixel of the image takes, across and down.
export function scales(slice, box, zoom) {
  const [down, across] = slice.spacing || [1, 1];
  const fit = Math.min(box.width / (slice.columns * across), box.height / (slice.rows * down));
  return { across: across * fit * zoom, down: down * fit * zoom };
}

export class SliceView {
  constructor(canvas) {
    this.canvas = canvas;
    this.picture = document.createElement("canvas");
    this.slice = null;
    this.window = { centre: 0, width: 1 };
    this.fit();
  }

  fit() {
    this.zoom = 1;
    this.shift = [0, 0];
  }

  get box() {
    return { width: this.canvas.clientWidth || 600, height: this.canvas.clientHeight || 500 };
  }

  show(slice) {
    this.slice = slice;
    this.picture.width = slice.columns;
    this.picture.height = slice.rows;
    this.paint();
  }

  // The slice as a picture of its own, once for each window.
  paint() {
    if (!this.slice) return;
    const { pixels, rows, columns } = this.slice;
    const context = this.picture.getContext("2d");
    const made = context.createImageData(columns, rows);
    const words = new Uint32Array(made.data.buffer);
    for (let i = 0; i < words.length; i += 1) {
      const level = Math.round(grey(pixels[i], this.window)) || 0;
      words[i] = 0xff000000 | (level << 16) | (level << 8) | level;
    }
    context.putImageData(made, 0, 0);
  }

  get frame() {
    const { width, height } = this.box;
    const { across, down } = scales(this.slice, this.box, this.zoom);
    const left = (width - across * this.slice.columns) / 2 + this.shift[0];
    const top = (height - down * this.slice.rows) / 2 + this.shift[1];
    return { across, down, left, top };
  }

  toScreen([x, y]) {
    const { across, down, left, top } = this.frame;
    return [left + (x + 0.5) * across, top + (y + 0.5) * down];
  }

  toImage([x, y]) {
    const { across, down, left, top } = this.frame;
    return [(x - left) / across - 0.5, (y - top) / down - 0.5];
  }

  zoomBy(factor, around) {
    const { width, height } = this.box;
    const place = around || [width / 2, height / 2];
    const kept = this.toImage(place);
    this.zoom = Math.min(Math.max(this.zoom * factor, 0.5), 40);
    const moved = this.toScreen(kept);
    this.shift = [this.shift[0] + place[0] - moved[0], this.shift[1] + place[1] - moved[1]];
  }

  // `outlines`: [{polygons, mask, vertices, active}], `drawn`: the line being drawn,
  // `cross`: where the keyboard is, `chosen`: the vertex that it moves.
  draw({ outlines = [], drawn = [], cross = null, chosen = null } = {}) {
    const ratio = window.devicePixelRatio || 1;
    const { width, height } = this.box;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    const context = this.canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
    if (!this.slice) return;
    const { across, down, left, top } = this.frame;
    context.imageSmoothingEnabled = Math.min(across, down) < 3;
    const { columns, rows } = this.slice;
    context.drawImage(this.picture, left, top, across * columns, down * rows);
    outlines.forEach((outline, i) => this.drawOutline(context, outline, COLOURS[i % 2]));
    this.drawLine(context, drawn);
    if (chosen) this.drawVertex(context, chosen, 6);
    if (cross) this.drawCross(context, cross);
  }

  drawOutline(context, { polygons, mask, vertices, active }, colour) {
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.lineWidth = active ? 2 : 1.25;
    context.setLineDash(active ? [] : [4, 3]);
    context.beginPath();
    if (polygons.length) {
      for (const polygon of polygons) {
        polygon.forEach((vertex, k) => {
          const [x, y] = this.toScreen(vertex);
          if (k) context.lineTo(x, y);
          else context.moveTo(x, y);
        });
        context.closePath();
      }
    } else if (mask) {
      this.traceMask(context, mask);
    }
    context.stroke();
    context.setLineDash([]);
    if (vertices) polygons.flat().forEach((vertex) => this.drawVertex(context, vertex, 3));
  }

  // The edges between pixels inside and outside.
  traceMask(context, mask) {
    const { rows, columns } = this.slice;
    const on = (row, column) =>
      row >= 0 && column >= 0 && row < rows && column < columns && mask[row * columns + column];
    const line = (from, to) => {
      context.moveTo(...this.toScreen(from));
      context.lineTo(...this.toScreen(to));
    };
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        if (!on(row, column)) continue;
        const [l, r, t, b] = [column - 0.5, column + 0.5, row - 0.5, row + 0.5];
        if (!on(row - 1, column)) line([l, t], [r, t]);
        if (!on(row + 1, column)) line([l, b], [r, b]);
        if (!on(row, column - 1)) line([l, t], [l, b]);
        if (!on(row, column + 1)) line([r, t], [r, b]);
      }
    }
  }

  drawLine(context, points) {
    if (!points.length) return;
    context.strokeStyle = "#fff";
    context.fillStyle = "#fff";
    context.lineWidth = 1.5;
    context.beginPath();
    points.forEach((point, k) => {
      const [x, y] = this.toScreen(point);
      if (k) context.lineTo(x, y);
      else context.moveTo(x, y);
    });
    context.stroke();
    this.drawVertex(context, points[0], 4);
  }

  drawVertex(context, vertex, size) {
    const [x, y] = this.toScreen(vertex);
    context.fillRect(x - size, y - size, 2 * size, 2 * size);
  }

  drawCross(context, cross) {
    const [x, y] = this.toScreen(cross);
    for (const [colour, width] of [["#000", 3], ["#fff", 1]]) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(x - 12, y);
      context.lineTo(x + 12, y);
      context.moveTo(x, y - 12);
      context.lineTo(x, y + 12);
      context.stroke();
    }
  }
}
