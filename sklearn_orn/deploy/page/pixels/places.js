// Where slices lie in the patient: as far as a file tells it.
//
// A place is {spacing: [row, column] | null, position: [x, y, z] | null, orientation: six
// cosines, along a row and down a column | null, thickness, step: mm | null, frame,
// series, instance: UID | null}.
import { Refusal } from "../refusal.js";

const PARALLEL = 0.01; // of direction cosines, half a degree: a localizer is 90 degrees off

export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const length = (a) => Math.sqrt(dot(a, a));
export const cross = (a, b) => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

export function axesOf({ orientation }) {
  const along = orientation.slice(0, 3);
  const down = orientation.slice(3);
  return [along, down, cross(along, down)];
}

// The DICOM attributes that placing a contour on the slice lacks.
export function missing({ position, orientation, spacing }) {
  const lacking = [];
  if (!position) lacking.push("ImagePositionPatient");
  if (!orientation) lacking.push("ImageOrientationPatient");
  if (!spacing) lacking.push("PixelSpacing");
  return lacking;
}

// Row, column and distance from the slice in mm, of points in mm.
export function toPixels(place, points) {
  const [along, down, normal] = axesOf(place);
  const [rowStep, columnStep] = place.spacing;
  return points.map((point) => {
    const offset = point.map((value, i) => value - place.position[i]);
    return [dot(offset, down) / rowStep, dot(offset, along) / columnStep, dot(offset, normal)];
  });
}

// Points in mm, of row, column and distance from the slice in mm.
export function toPatient(place, pixels) {
  const [along, down, normal] = axesOf(place);
  const [rowStep, columnStep] = place.spacing;
  return pixels.map(([row, column, distance]) =>
    [0, 1, 2].map(
      (i) =>
        place.position[i] +
        (column * columnStep * along[i] + row * rowStep * down[i] + distance * normal[i]),
    ),
  );
}

// Where slices lie along their common normal in mm, null where one has no place.
export function alongNormal(places, name) {
  if (places.length < 2 || places.some((place) => !place.position || !place.orientation)) {
    return null;
  }
  const first = places[0].orientation;
  const off = (place) => place.orientation.some((value, i) => Math.abs(value - first[i]) > PARALLEL);
  if (places.some(off)) throw new Refusal("refused_orientations", { name });
  const [, , normal] = axesOf(places[0]);
  return places.map((place) => dot(place.position, normal));
}

// The order of slices along their normal; as they stand where one has no place.
export function sortedAlongNormal(places, name) {
  const along = alongNormal(places, name);
  const order = places.map((_, i) => i);
  return along ? order.sort((a, b) => along[a] - along[b] || a - b) : order;
}

// Limits the thickness of slices to their distance: what was drawn within half a
// thickness would count for two slices where they overlap.
export function apart(places) {
  if (places.length < 2 || places.some((place) => missing(place).length)) return places;
  let smallest = Infinity;
  for (let i = 1; i < places.length; i += 1) {
    const step = places[i].position.map((value, axis) => value - places[i - 1].position[axis]);
    smallest = Math.min(smallest, length(step));
  }
  return places.map((place) => ({
    ...place,
    thickness: Math.min(place.thickness || smallest, smallest),
  }));
}

const ENDS = [
  ["L", "R"],
  ["P", "A"],
  ["H", "F"],
];

// The side of the patient that a direction points to: one letter, of oblique ones two.
function letterOf(direction) {
  const strongest = [0, 1, 2].sort((a, b) => Math.abs(direction[b]) - Math.abs(direction[a]));
  const [first, second] = strongest.map((axis) => ENDS[axis][direction[axis] < 0 ? 1 : 0]);
  return Math.abs(direction[strongest[1]]) > 0.5 ? first + second : first;
}

export function lettersOf({ orientation }) {
  if (!orientation) return null;
  const along = orientation.slice(0, 3);
  const down = orientation.slice(3);
  const back = (direction) => direction.map((value) => -value);
  return {
    left: letterOf(back(along)),
    right: letterOf(along),
    top: letterOf(back(down)),
    bottom: letterOf(down),
  };
}
