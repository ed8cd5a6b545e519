// A region of an image, laid out for the features.
import { Refusal } from "../refusal.js";
import { greyLevelWindow, greyScale, levelOf } from "./window.js";

function boundingBox(mask, rows, columns) {
  const box = { top: rows, bottom: 0, left: columns, right: 0 };
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      if (!mask[i * columns + j]) continue;
      box.top = Math.min(box.top, i);
      box.bottom = i + 1;
      box.left = Math.min(box.left, j);
      box.right = Math.max(box.right, j + 1);
    }
  }
  if (box.bottom === 0) throw new Refusal("refused_empty_outline");
  return box;
}

// Its pixels row by row: `values` as stored, less a negative minimum of the image, and
// their `places` in a flat array of the bounding box with a margin, `width` wide.
export class Region {
  constructor({ pixels, rows, columns, mask }, normalization, margin) {
    if (pixels.length !== rows * columns || mask.length !== rows * columns) {
      throw new Refusal("refused_outline_size", { rows, columns });
    }
    Object.assign(this, { pixels, rows, columns, mask });
    this.scale = greyScale(pixels);
    this.box = boundingBox(mask, rows, columns);
    const { top, bottom, left, right } = this.box;
    this.width = right - left + 2 * margin;
    this.area = (bottom - top + 2 * margin) * this.width;
    const places = [];
    const stored = [];
    for (let i = top; i < bottom; i += 1) {
      for (let j = left; j < right; j += 1) {
        if (!mask[i * columns + j]) continue;
        places.push((i - top + margin) * this.width + j - left + margin);
        stored.push(pixels[i * columns + j]);
      }
    }
    this.places = Int32Array.from(places);
    this.values = Float64Array.from(stored, (value) => value - this.scale.offset);
    this.window = greyLevelWindow(stored, this.scale, normalization);
    this.made = new Map();
  }

  // Levels from 1, and 0 outside; made once for each number of bits.
  levels(bits) {
    if (!this.made.has(bits)) {
      if (this.window === null && !this.scale.whole) throw new Refusal("refused_no_bit_range");
      const levels = new Int32Array(this.area);
      this.places.forEach((place, i) => {
        levels[place] = levelOf(this.values[i], this.window, this.scale, 2 ** bits);
      });
      this.made.set(bits, levels);
    }
    return this.made.get(bits);
  }

  // The flat step of a displacement (right, up); rows run downwards.
  step([a, b]) {
    return a - b * this.width;
  }
}
