// Energies of the Haar wavelet's subbands.
import { levelOf, orderedWindow } from "./window.js";

const N_SCALES = 5;
const BLOCK = 2 ** N_SCALES;
const BANDS = ["LL", "LH", "HL", "HH"];

// The image around the region, grown to the coarsest blocks, in levels from 0.
function partOf(region, bits) {
  const { scale, box } = region;
  const top = Math.floor(box.top / BLOCK) * BLOCK;
  const left = Math.floor(box.left / BLOCK) * BLOCK;
  const height = Math.min(Math.ceil(box.bottom / BLOCK) * BLOCK, region.rows) - top;
  const width = Math.min(Math.ceil(box.right / BLOCK) * BLOCK, region.columns) - left;
  const perUnit = 2 ** (bits - scale.bits);
  // fractions have no bit range: their levels run from the lowest value to the highest
  const window = orderedWindow(scale, scale.lowest, scale.highest);
  const low = new Float64Array(height * width);
  const inside = new Uint8Array(height * width);
  for (let i = 0; i < height; i += 1) {
    for (let j = 0; j < width; j += 1) {
      const at = (top + i) * region.columns + left + j;
      const v0 = region.pixels[at] - scale.offset;
      low[i * width + j] = scale.whole
        ? Math.floor(v0 * perUnit)
        : levelOf(v0, window, scale, 2 ** bits) - 1;
      inside[i * width + j] = region.mask[at] ? 1 : 0;
    }
  }
  return { low, inside, height, width };
}

// One scale: energies over the blocks that the region touches, and the next image.
function transformed({ low, inside, height, width }) {
  const next = { height: height >> 1, width: width >> 1 };
  next.low = new Float64Array(next.height * next.width);
  next.inside = new Uint8Array(next.height * next.width);
  const energies = [0, 0, 0, 0];
  let n = 0;
  for (let i = 0; i < next.height; i += 1) {
    for (let j = 0; j < next.width; j += 1) {
      const upper = 2 * i * width + 2 * j;
      const lower = upper + width;
      const [a, b, c, d] = [low[upper], low[upper + 1], low[lower], low[lower + 1]];
      const mean = (a + b + c + d) / 4;
      const at = i * next.width + j;
      next.low[at] = mean;
      if (!(inside[upper] || inside[upper + 1] || inside[lower] || inside[lower + 1])) continue;
      next.inside[at] = 1;
      n += 1;
      energies[0] += mean * mean;
      energies[1] += ((a + b - c - d) / 4) ** 2;
      energies[2] += ((a - b + c - d) / 4) ** 2;
      energies[3] += ((a - b - c + d) / 4) ** 2;
    }
  }
  return { next, energies, n };
}

// A scale is NaN where its subbands have a side under 8 or the region under 4 points.
export function waveletFeatures(region, plan) {
  const found = {};
  let part = partOf(region, plan.bits.wavelet);
  const side = Math.min(region.rows, region.columns);
  for (let scale = 1; scale <= N_SCALES; scale += 1) {
    const isLarge = side >> scale >= 8;
    const { next, energies, n } = isLarge ? transformed(part) : { next: part, n: 0 };
    BANDS.forEach((band, i) => {
      found[`WavEn${band}_s-${scale}`] = n >= 4 ? energies[i] / n : NaN;
    });
    part = next;
  }
  return found;
}
