// Closed polygons on a grid of pixels, as sklearn_orn.images fills contours.
//
// Here a vertex is [row, column]; pixel centres are whole numbers. `rasterise` takes
// [x, y], which is [column, row].

const ROUNDED = 1e-3; // pixels: coordinates are rounded on export
const EXACT = 1e-6; // pixels: only the last digits of a float may be off elsewhere
const STRIP = 0.05; // of the smaller of two contours: what two touching outlines share
const VERTEX = 1e-12;

// The pixels that polygons fill, 0 or 1; the second of two cuts a hole.
export function rasterise(polygons, rows, columns) {
  const turned = polygons.map((polygon) => polygon.map(([x, y]) => [y, x]));
  return combine(drawPolygons(turned, rows, columns), rows, columns);
}

// The pixel centres that each polygon encloses, and those on its outline, in the box
// around it: {row, column, rows, columns, inside, on}.
export function drawPolygons(polygons, rows, columns) {
  return polygons.filter((polygon) => polygon.length).map((polygon) => drawOne(polygon, [rows, columns]));
}

const clipped = (value, low, high) => Math.min(Math.max(value, low), high);

function drawOne(polygon, shape) {
  const low = [0, 0];
  const size = [0, 0];
  for (const axis of [0, 1]) {
    let least = Infinity;
    let most = -Infinity;
    for (const vertex of polygon) {
      least = Math.min(least, vertex[axis]);
      most = Math.max(most, vertex[axis]);
    }
    low[axis] = clipped(Math.floor(least), 0, shape[axis]);
    size[axis] = clipped(Math.ceil(most) + 1, low[axis], shape[axis]) - low[axis];
  }
  const moved = polygon.map((vertex) => [vertex[0] - low[0], vertex[1] - low[1]]);
  const on = onOutline(moved, size);
  const inside = enclosed(moved, size);
  for (let i = 0; i < inside.length; i += 1) if (on[i]) inside[i] = 0;
  return { row: low[0], column: low[1], rows: size[0], columns: size[1], inside, on };
}

// Pixel centres inside a polygon or on it, by the crossings of a ray to the right and of
// one to the left: they differ in parity on an edge.
function enclosed(polygon, [rows, columns]) {
  const inside = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row += 1) {
    const edges = edgesAt(polygon, row);
    if (!edges.length) continue;
    for (let column = 0; column < columns; column += 1) {
      if (isInside(edges, column)) inside[row * columns + column] = 1;
    }
  }
  return inside;
}

// The edges that may cross a row, or touch it: [x of both ends, y of both ends from it].
function edgesAt(polygon, row) {
  const edges = [];
  let [y1, x1] = polygon[polygon.length - 1];
  y1 -= row;
  for (const vertex of polygon) {
    const y0 = vertex[0] - row;
    const x0 = vertex[1];
    const crosses = y0 > 0 !== y1 > 0 || y0 < 0 !== y1 < 0;
    if (crosses || (-VERTEX < y0 && y0 < VERTEX)) edges.push([x0, y0, x1, y1]);
    x1 = x0;
    y1 = y0;
  }
  return edges;
}

function isInside(edges, column) {
  let right = 0;
  let left = 0;
  for (const [a, y0, b, y1] of edges) {
    const x0 = a - column;
    const x1 = b - column;
    if (-VERTEX < x0 && x0 < VERTEX && -VERTEX < y0 && y0 < VERTEX) return true;
    if (y0 > 0 !== y1 > 0 && (x0 * y1 - x1 * y0) / (y1 - y0) > 0) right += 1;
    if (y0 < 0 !== y1 < 0 && (x0 * y1 - x1 * y0) / (y1 - y0) < 0) left += 1;
  }
  return (right & 1) !== (left & 1) || (right & 1) === 1;
}

// Whole numbers as NumPy rounds them: halves to the even one.
function rint(value) {
  const low = Math.floor(value);
  const rest = value - low;
  if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
  return low % 2 ? low + 1 : low;
}

const isTraced = ([row, column]) => Math.hypot(row - rint(row), column - rint(column)) <= ROUNDED;

// The pixel centres on the edges of a polygon. An edge meets each row, or each column,
// that it crosses once: the one that it runs along more steeply. Edges from pixel centre
// to pixel centre were traced and may be off by a thousandth, others by a millionth.
function onOutline(polygon, size) {
  const on = new Uint8Array(size[0] * size[1]);
  polygon.forEach((start, i) => {
    const next = polygon[(i + 1) % polygon.length];
    const step = [next[0] - start[0], next[1] - start[1]];
    const margin = isTraced(start) && isTraced(next) ? ROUNDED : EXACT;
    const major = Math.abs(step[0]) >= Math.abs(step[1]) ? 0 : 1;
    const end = start[major] + step[major];
    const first = Math.max(Math.ceil(Math.min(start[major], end) - margin), 0);
    const last = Math.min(Math.floor(Math.max(start[major], end) + margin), size[major] - 1);
    for (let along = first; along <= last; along += 1) {
      const whole = step[major] === 0 ? 1 : step[major];
      const share = clipped((along - start[major]) / whole, 0, 1);
      const centre = [rint(start[0] + share * step[0]), rint(start[1] + share * step[1])];
      centre[major] = along;
      const isThere = centre.every((value, axis) => value >= 0 && value < size[axis]);
      if (isThere && distance(centre, start, step) <= margin) on[centre[0] * size[1] + centre[1]] = 1;
    }
  });
  return on;
}

// How far a point lies from an edge.
function distance(point, start, step) {
  const offset = [point[0] - start[0], point[1] - start[1]];
  const square = step[0] * step[0] + step[1] * step[1];
  const share = clipped((offset[0] * step[0] + offset[1] * step[1]) / (square || 1), 0, 1);
  return Math.hypot(offset[0] - share * step[0], offset[1] - share * step[1]);
}

// Joins what polygons enclose to one mask: an odd number of them, or an outline. What is
// drawn twice is nothing.
export function combine(drawn, rows, columns) {
  const inside = new Uint8Array(rows * columns);
  const on = new Uint8Array(rows * columns);
  for (const one of withoutPairs(drawn)) {
    for (let row = 0; row < one.rows; row += 1) {
      const to = (one.row + row) * columns + one.column;
      for (let column = 0; column < one.columns; column += 1) {
        const from = row * one.columns + column;
        inside[to + column] ^= one.inside[from];
        on[to + column] |= one.on[from];
      }
    }
  }
  return inside.map((value, i) => value | on[i]);
}

function withoutPairs(drawn) {
  const odd = [];
  for (const one of drawn) {
    const twin = odd.findIndex((other) => isSame(one, other));
    if (twin >= 0) odd.splice(twin, 1);
    else odd.push(one);
  }
  return odd;
}

function isSame(a, b) {
  const box = ["row", "column", "rows", "columns"].every((key) => a[key] === b[key]);
  return box && a.inside.every((value, i) => value === b.inside[i]) && a.on.every((value, i) => value === b.on[i]);
}

// Whether two polygons overlap, and neither lies in the other. A strip of less than a
// twentieth of the smaller one does not count.
export function crosses(first, second) {
  const row = Math.max(first.row, second.row);
  const column = Math.max(first.column, second.column);
  const lastRow = Math.min(first.row + first.rows, second.row + second.rows);
  const lastColumn = Math.min(first.column + first.columns, second.column + second.columns);
  if (row >= lastRow || column >= lastColumn) return false;
  const area = (one) => one.inside.reduce((sum, value) => sum + value, 0);
  const areas = [area(first), area(second)];
  let shared = 0;
  const own = [...areas];
  for (let y = row; y < lastRow; y += 1) {
    for (let x = column; x < lastColumn; x += 1) {
      const a = (y - first.row) * first.columns + x - first.column;
      const b = (y - second.row) * second.columns + x - second.column;
      shared += first.inside[a] & second.inside[b];
      own[0] -= first.inside[a] & (second.inside[b] | second.on[b]);
      own[1] -= second.inside[b] & (first.inside[a] | first.on[a]);
    }
  }
  return Math.min(...own) > 0 && shared > STRIP * Math.min(...areas);
}
