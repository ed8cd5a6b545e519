// First-order features of the raw grey levels.

// Mean, population variance, skewness and excess kurtosis; these two are NaN of equal
// values. Sums run in Python's order, so that what cancels leaves the same rest.
export function moments(values) {
  const n = values.length;
  let sum = 0;
  let equal = true;
  for (const value of values) {
    sum += value;
    if (value !== values[0]) equal = false;
  }
  if (equal) return [values[0], 0, NaN, NaN];
  const mean = sum / n;
  let m2 = 0;
  let m3 = 0;
  let m4 = 0;
  for (const value of values) {
    const d = value - mean;
    m2 += d * d;
    m3 += d * d * d;
    m4 += d * d * d * d;
  }
  m2 /= n;
  m3 /= n;
  m4 /= n;
  return [mean, m2, m3 / m2 ** 1.5, m4 / (m2 * m2) - 3];
}

// The smallest value with a cumulated count of at least percent * n.
export function percentile(ordered, percent) {
  const rank = Math.ceil((percent * ordered.length) / 100);
  return ordered[Math.max(rank, 1) - 1];
}

const PERCENT = { "Perc.01%": 1, "Perc.10%": 10, "Perc.50%": 50, "Perc.90%": 90, "Perc.99%": 99 };

export function histogramFeatures(region) {
  const ordered = region.values.map((value) => value + region.scale.base).sort();
  const [Mean, Variance, Skewness, Kurtosis] = moments(ordered);
  const features = { Mean, Variance, Skewness, Kurtosis };
  for (const [name, percent] of Object.entries(PERCENT)) {
    features[name] = percentile(ordered, percent);
  }
  return features;
}
