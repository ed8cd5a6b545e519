// Features of the grey-level co-occurrence matrix.

const NAMES = [
  "AngScMom",
  "Contrast",
  "Correlat",
  "SumOfSqs",
  "InvDfMom",
  "SumAverg",
  "SumVarnc",
  "SumEntrp",
  "Entropy",
  "DifVarnc",
  "DifEntrp",
];

// The displacements (right, up) of the distances, four for each.
export function offsetsOf(distances) {
  return distances.flatMap((d) => [
    [d, 0],
    [0, d],
    [d, d],
    [d, -d],
  ]);
}

export const namesOf = ([a, b]) => NAMES.map((name) => `S(${a},${b})${name}`);

const countLog = (count) => (count ? count * Math.log10(count) : 0);

function entropy(counts, total) {
  let weighted = 0;
  for (const count of counts) weighted += countLog(count);
  return Math.max(Math.log10(total) - weighted / total, 0);
}

// Pairs of levels, each counted once, in the upper triangle of the matrix.
function countPairs(levels, places, step, nLevels) {
  const matrix = new Int32Array(nLevels * nLevels);
  let pairs = 0;
  for (const place of places) {
    const other = levels[place + step];
    if (other === 0) continue;
    const level = levels[place];
    matrix[(Math.min(level, other) - 1) * nLevels + Math.max(level, other) - 1] += 1;
    pairs += 1;
  }
  return { matrix, pairs };
}

function marginals(matrix, nLevels) {
  const sums = new Float64Array(2 * nLevels - 1);
  const differences = new Float64Array(nLevels);
  let squareSum = 0;
  let weightedLog = 0;
  for (let low = 0; low < nLevels; low += 1) {
    for (let high = low; high < nLevels; high += 1) {
      const count = matrix[low * nLevels + high];
      if (count === 0) continue;
      sums[low + high] += count;
      differences[high - low] += count;
      // off the diagonal a cell stands twice, on it a pair counts both ways
      squareSum += (low === high ? 4 : 2) * count * count;
      weightedLog += low === high ? countLog(2 * count) : 2 * countLog(count);
    }
  }
  return { sums, differences, squareSum, weightedLog };
}

// SumOfSqs and Correlat follow from the identities of a symmetric matrix,
// 4 SumOfSqs = SumVarnc + Contrast and Correlat = 1 - Contrast / (2 SumOfSqs).
function features(pairs, { sums, differences, squareSum, weightedLog }) {
  const total = 2 * pairs;
  let [contrast, inverse, meanDifference, sumAverage] = [0, 0, 0, 0];
  differences.forEach((count, d) => {
    contrast += d * d * count;
    inverse += count / (1 + d * d);
    meanDifference += d * count;
  });
  sums.forEach((count, s) => {
    sumAverage += (s + 2) * count;
  });
  contrast /= pairs;
  meanDifference /= pairs;
  sumAverage /= pairs;
  let [differenceVariance, sumVariance] = [0, 0];
  differences.forEach((count, d) => {
    differenceVariance += (d - meanDifference) ** 2 * count;
  });
  sums.forEach((count, s) => {
    sumVariance += (s + 2 - sumAverage) ** 2 * count;
  });
  sumVariance /= pairs;
  const variance = (sumVariance + contrast) / 4;
  return [
    squareSum / (total * total),
    contrast,
    variance > 0 ? 1 - contrast / (2 * variance) : NaN,
    variance,
    inverse / pairs,
    sumAverage,
    sumVariance,
    entropy(sums, pairs),
    Math.max(Math.log10(total) - weightedLog / total, 0),
    differenceVariance / pairs,
    entropy(differences, pairs),
  ];
}

// Of the displacements that have a wanted name; NaN where the region has no pair.
export function cooccurrenceFeatures(region, plan) {
  const bits = plan.bits.cooccurrence;
  const levels = region.levels(bits);
  const found = {};
  for (const offset of offsetsOf(plan.distances)) {
    const names = namesOf(offset);
    if (!names.some((name) => plan.names.includes(name))) continue;
    const step = region.step(offset);
    const { matrix, pairs } = countPairs(levels, region.places, step, 2 ** bits);
    const values = pairs ? features(pairs, marginals(matrix, 2 ** bits)) : [];
    names.forEach((name, i) => {
      found[name] = pairs ? values[i] : NaN;
    });
  }
  return found;
}
