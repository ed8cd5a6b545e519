// Parameters of the autoregressive model.
import { moments } from "./histogram.js";

// Gaussian elimination with pivoting, in place; null where the matrix is singular. A
// pivot under 1e-10 of the largest diagonal element is what rounding leaves of 0.
function solve(matrix, right) {
  const n = right.length;
  const scale = Math.max(...matrix.map((row, i) => Math.abs(row[i])));
  for (let i = 0; i < n; i += 1) {
    let pivot = i;
    for (let r = i + 1; r < n; r += 1) {
      if (Math.abs(matrix[r][i]) > Math.abs(matrix[pivot][i])) pivot = r;
    }
    [matrix[i], matrix[pivot]] = [matrix[pivot], matrix[i]];
    [right[i], right[pivot]] = [right[pivot], right[i]];
    if (!(Math.abs(matrix[i][i]) > 1e-10 * scale)) return null;
    for (let r = i + 1; r < n; r += 1) {
      const factor = matrix[r][i] / matrix[i][i];
      for (let c = i; c < n; c += 1) matrix[r][c] -= factor * matrix[i][c];
      right[r] -= factor * right[i];
    }
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let c = i + 1; c < n; c += 1) right[i] -= matrix[i][c] * right[c];
    right[i] /= matrix[i][i];
  }
  return right;
}

// Products of the standardised neighbours with each other and the pixel.
function normalEquations(z, places, steps) {
  const matrix = steps.map(() => new Float64Array(4));
  const right = new Float64Array(4);
  const w = new Float64Array(4);
  for (const place of places) {
    for (let i = 0; i < 4; i += 1) {
      w[i] = z[place + steps[i]];
      right[i] += w[i] * z[place];
      for (let j = 0; j <= i; j += 1) matrix[i][j] += w[i] * w[j];
    }
  }
  for (let i = 0; i < 4; i += 1) {
    for (let j = 0; j < i; j += 1) matrix[j][i] = matrix[i][j];
  }
  return { matrix, right };
}

const named = (theta, sigma) => {
  const [Teta1, Teta2, Teta3, Teta4] = theta;
  return { Teta1, Teta2, Teta3, Teta4, Sigma: sigma };
};

// Over the pixels whose left, upper left, upper and upper right neighbours lie in the
// region; NaN where the equations are singular.
export function autoregressiveFeatures(region) {
  const undefinedOnes = named([NaN, NaN, NaN, NaN], NaN);
  const [mean, variance] = moments(region.values);
  if (!(variance > 0)) return undefinedOnes;
  const { width } = region;
  const steps = [-1, -width - 1, -width, -width + 1];
  const sd = Math.sqrt(variance);
  const z = new Float64Array(region.area).fill(NaN); // outside of the region
  region.places.forEach((place, i) => {
    z[place] = (region.values[i] - mean) / sd;
  });
  const used = region.places.filter((place) =>
    steps.every((step) => !Number.isNaN(z[place + step]))
  );
  if (!used.length) return undefinedOnes;
  const { matrix, right } = normalEquations(z, used, steps);
  const theta = solve(matrix, right);
  if (theta === null) return undefinedOnes;
  let residual = 0;
  for (const place of used) {
    let error = z[place];
    for (let i = 0; i < 4; i += 1) error -= theta[i] * z[place + steps[i]];
    residual += error * error;
  }
  return named(theta, Math.sqrt(residual / used.length));
}
