// What one reader drew, slice by slice: polygons that can be edited, or a mask that was
// dropped in. Every change can be undone.
import { largestSlice } from "../pixels/outlines.js";
import { rasterise } from "../pixels/rasterise.js";

const MOST_UNDONE = 200;

export class Outline {
  constructor(name) {
    this.name = name;
    this.slices = new Map(); // slice -> {polygons} or {mask}, with `pixels` of both
    this.history = [];
    this.source = null; // the name of the file that was dropped in
  }

  polygons(slice) {
    return this.slices.get(slice)?.polygons || [];
  }

  mask(slice) {
    return this.slices.get(slice)?.pixels || null;
  }

  area(slice) {
    const mask = this.mask(slice);
    return mask ? mask.reduce((sum, on) => sum + on, 0) : 0;
  }

  get masks() {
    return new Map([...this.slices].map(([slice, made]) => [slice, made.pixels]));
  }

  get largest() {
    return this.slices.size ? largestSlice(this.masks) : null;
  }

  // Whether the polygons hold a pixel; nothing changes where they do not.
  setPolygons(slice, polygons, { rows, columns }) {
    if (!polygons.length) {
      this.remember(slice);
      this.slices.delete(slice);
      return true;
    }
    const pixels = rasterise(polygons, rows, columns);
    if (!pixels.includes(1)) return false;
    this.remember(slice);
    this.slices.set(slice, { polygons, pixels });
    return true;
  }

  // A mask in place of all that was drawn.
  setMasks(masks, source) {
    this.remember(null);
    this.source = source;
    this.slices = new Map([...masks].map(([slice, pixels]) => [slice, { mask: true, pixels }]));
  }

  remember(slice) {
    this.history.push({
      all: slice === null ? new Map(this.slices) : null,
      slice,
      made: this.slices.get(slice),
      source: this.source,
    });
    if (this.history.length > MOST_UNDONE) this.history.shift();
  }

  undo() {
    const last = this.history.pop();
    if (!last) return null;
    this.source = last.source;
    if (last.all) this.slices = last.all;
    else if (last.made) this.slices.set(last.slice, last.made);
    else this.slices.delete(last.slice);
    return last;
  }
}

// Polygons with one vertex changed; the old ones stay as they are.
function changed(polygons, place, change) {
  return polygons
    .map((polygon, i) => (i === place.polygon ? change([...polygon]) : polygon))
    .filter((polygon) => polygon.length >= 3);
}

export function moveVertex(polygons, place, point) {
  return changed(polygons, place, (polygon) => polygon.with(place.vertex, point));
}

export function deleteVertex(polygons, place) {
  return changed(polygons, place, (polygon) => polygon.toSpliced(place.vertex, 1));
}

export function insertVertex(polygons, place, point) {
  return changed(polygons, place, (polygon) => polygon.toSpliced(place.vertex + 1, 0, point));
}

// The vertex nearest to a point, or the edge behind it, within `reach` on the screen.
export function nearest(polygons, point, toScreen, reach) {
  const [x, y] = toScreen(point);
  let found = null;
  const look = (distance, place) => {
    if (distance <= reach && (!found || distance < found.distance)) found = { ...place, distance };
  };
  polygons.forEach((polygon, i) => {
    polygon.forEach((vertex, j) => {
      const [vx, vy] = toScreen(vertex);
      look(Math.hypot(vx - x, vy - y), { polygon: i, vertex: j, edge: false });
    });
  });
  if (found) return found;
  polygons.forEach((polygon, i) => {
    polygon.forEach((vertex, j) => {
      const [ax, ay] = toScreen(vertex);
      const [bx, by] = toScreen(polygon[(j + 1) % polygon.length]);
      const length = (bx - ax) ** 2 + (by - ay) ** 2 || 1;
      const part = Math.min(Math.max(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length, 0), 1);
      const distance = Math.hypot(ax + part * (bx - ax) - x, ay + part * (by - ay) - y);
      look(distance, { polygon: i, vertex: j, edge: true });
    });
  });
  return found;
}

// Lengths of runs of pixels outside and inside, row after row, outside first.
export function runLengths(mask) {
  const runs = [];
  let value = 0;
  let length = 0;
  for (const on of mask) {
    if ((on ? 1 : 0) === value) {
      length += 1;
    } else {
      runs.push(length);
      value = 1 - value;
      length = 1;
    }
  }
  runs.push(length);
  return runs;
}
