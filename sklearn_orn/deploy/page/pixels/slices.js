// A slice as the page knows it: its pixels and its place.
import { lettersOf } from "./places.js";

const KEPT = 16; // slices whose pixels stay in memory, of those that can be read again
const kept = [];

// `pixels` is a Float64Array, or a function that makes it when it is asked for.
export function sliceOf(place, rows, columns, pixels) {
  const slice = {
    rows,
    columns,
    spacing: place.spacing,
    letters: lettersOf(place),
    position: place.position,
    orientation: place.orientation,
    uid: place.instance || null,
    frame: place.frame || null,
    series: place.series || null,
    thickness: place.thickness || null,
    step: place.step || null,
  };
  if (typeof pixels !== "function") return Object.assign(slice, { pixels });
  let made = null;
  const forget = () => {
    made = null;
  };
  const get = () => {
    if (made) return made;
    made = pixels();
    kept.push(forget);
    if (kept.length > KEPT) kept.shift()();
    return made;
  };
  return Object.defineProperty(slice, "pixels", { get, enumerable: true });
}
