// Contours in the patient, laid on the pixels of one slice.
//
// A contour is {points, instance, kind}: points in mm, or rows and columns of a slice;
// the UID of the image that it was drawn on, or null.
import { Refusal } from "../refusal.js";
import { checkPlaced, gridOf, planeTolerance, ROUNDED_MM } from "./grid.js";
import { looksMirrored } from "./misfit.js";
import { NotOnSlice } from "./not_on_slice.js";
import { toPatient, toPixels } from "./places.js";
import { combine, crosses, drawPolygons } from "./rasterise.js";

const DEFAULT_THICKNESS = 1; // mm, where the image tells none
const XOR = "CLOSEDPLANAR_XOR";

// The contours that were drawn on a slice, projected to its pixels: those that name it
// where the file knows the image, otherwise those of the nearest plane.
export function contoursOnSlice(contours, slice, ofSeries, instances) {
  checkPlaced(slice);
  const thickness = slice.thickness || DEFAULT_THICKNESS;
  const tolerance = planeTolerance(thickness);
  const projected = contours.map((contour) => toPixels(slice, contour.points));
  const spread = projected.map((points) => {
    const [low, high] = range(points.map((point) => point[2]));
    return high - low;
  });
  if (spread.every((value) => value > tolerance)) {
    throw new Refusal("refused_other_orientation", { mm: Math.max(...spread).toFixed(1) });
  }
  const distance = projected.map((points, i) =>
    spread[i] > tolerance ? Infinity : points.reduce((sum, point) => sum + point[2], 0) / points.length,
  );
  const names = contours.map((contour) => contour.instance);
  let candidates = distance;
  if (slice.uid && instances.has(slice.uid) && onePlaneEach(names, distance, tolerance)) {
    candidates = distance.map((at, i) => (names[i] === null || names[i] === slice.uid ? at : Infinity));
  }
  const nearest = candidates.reduce((best, at) => (Math.abs(at) < Math.abs(best) ? at : best));
  if (!Number.isFinite(nearest)) throw nothingOn(distance);
  const near = candidates.flatMap((at, i) => (Math.abs(at - nearest) <= tolerance ? [i] : []));
  const ofPlane = new Set(near.map((i) => names[i]));
  let limit = halfStep(distance, slice, tolerance, ofSeries);
  if (slice.uid && ofPlane.has(slice.uid)) limit = thickness / 2 + ROUNDED_MM;
  else if (ofSeries && !ofPlane.has(null) && !ofPlane.has(slice.uid)) limit = tolerance;
  if (Math.abs(nearest) > limit) throw nothingOn(distance);
  return near.map((i) => ({ ...contours[i], points: projected[i].map((point) => point.slice(0, 2)) }));
}

function range(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

// Whether no image is named on several planes, as careless exports do.
function onePlaneEach(names, distance, tolerance) {
  const planes = new Map();
  names.forEach((name, i) => {
    if (name === null || !Number.isFinite(distance[i])) return;
    planes.set(name, [...(planes.get(name) || []), distance[i]]);
  });
  return [...planes.values()].every((spots) => {
    const [low, high] = range(spots);
    return high - low <= tolerance;
  });
}

// How far from a slice its contours may lie. One that was drawn on the series and lies
// half a step away is the next slice's, where slices overlap by half.
function halfStep(distance, slice, tolerance, ofSeries) {
  const thickness = slice.thickness || DEFAULT_THICKNESS;
  let least = Math.min(slice.step || thickness, thickness);
  const planes = distance.filter(Number.isFinite).sort((a, b) => a - b);
  for (let i = 1; i < planes.length; i += 1) {
    const step = planes[i] - planes[i - 1];
    if (step > tolerance) least = Math.min(least, step);
  }
  return Math.max(least / 2 + (ofSeries ? -ROUNDED_MM : ROUNDED_MM), ROUNDED_MM);
}

function nothingOn(distance) {
  const finite = distance.filter(Number.isFinite);
  const nearest = finite.reduce((best, at) => (Math.abs(at) < Math.abs(best) ? at : best), Infinity);
  return new NotOnSlice("refused_nothing_on_slice", { mm: nearest.toFixed(1) });
}

// Fills contours, of `contoursOnSlice`, on the pixels of a slice.
export function fillContours(contours, slice) {
  const { rows, columns } = slice;
  const vertices = contours.flatMap((contour) => contour.points);
  const [top, bottom] = range(vertices.map((vertex) => vertex[0]));
  const [left, right] = range(vertices.map((vertex) => vertex[1]));
  // a contour may run along the outer border of the outermost pixels
  if (top < -1 || left < -1 || bottom > rows || right > columns) {
    const points = toPatient(slice, vertices.map(([row, column]) => [row, column, 0]));
    const mirrored = looksMirrored(points, gridOf(slice, rows, columns));
    throw new Refusal(mirrored ? "refused_mirrored" : "refused_outside", {
      top: top.toFixed(1), bottom: bottom.toFixed(1), left: left.toFixed(1),
      right: right.toFixed(1), rows, columns,
    });
  }
  const drawn = drawPolygons(contours.map((contour) => contour.points), rows, columns);
  const closed = drawn.filter((_, i) => contours[i].kind !== XOR);
  for (let i = 0; i < closed.length; i += 1) {
    if (closed.slice(0, i).some((other) => crosses(closed[i], other))) {
      throw new Refusal("refused_crossing", {});
    }
  }
  const mask = combine(drawn, rows, columns);
  if (mask.includes(1)) return mask;
  if (drawn.some((one) => one.inside.includes(1) || one.on.includes(1))) {
    throw new Refusal("refused_drawn_twice", { n: contours.length });
  }
  throw new NotOnSlice("refused_too_small", { n: contours.length }, true);
}
