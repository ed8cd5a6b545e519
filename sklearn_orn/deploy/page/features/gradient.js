// Features of the absolute gradient.
import { moments } from "./histogram.js";

// Over the pixels whose four direct neighbours lie in the region; NaN without any.
export function gradientFeatures(region, plan) {
  const levels = region.levels(plan.bits.gradient);
  const { width } = region;
  const gradients = new Float64Array(region.places.length);
  let n = 0;
  let nonzero = 0;
  for (const place of region.places) {
    const [up, down] = [levels[place - width], levels[place + width]];
    const [left, right] = [levels[place - 1], levels[place + 1]];
    if (up === 0 || down === 0 || left === 0 || right === 0) continue;
    const squared = (up - down) ** 2 + (right - left) ** 2;
    gradients[n] = Math.sqrt(squared);
    if (squared > 0) nonzero += 1;
    n += 1;
  }
  const [mean, variance, skewness, kurtosis] = n
    ? moments(gradients.subarray(0, n))
    : [NaN, NaN, NaN, NaN];
  return {
    GrMean: mean,
    GrVariance: variance,
    GrSkewness: skewness,
    GrKurtosis: kurtosis,
    GrNonZeros: n ? nonzero / n : NaN,
  };
}
