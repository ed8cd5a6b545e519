// Features of the run-length matrix.

const DIRECTIONS = {
  Horzl: [1, 0],
  Vertl: [0, 1],
  "45dgr": [1, 1],
  "135dr": [1, -1],
};

function runs(levels, places, step, nLevels) {
  const byLevel = new Float64Array(nLevels + 1);
  const byLength = new Float64Array(places.length + 1);
  let n = 0;
  let longest = 0;
  for (const place of places) {
    const level = levels[place];
    if (levels[place - step] === level) continue; // not where its run begins
    let length = 1;
    for (let next = place + step; levels[next] === level; next += step) length += 1;
    byLevel[level] += 1;
    byLength[length] += 1;
    longest = Math.max(longest, length);
    n += 1;
  }
  return { byLevel, byLength, n, longest };
}

export function runLengthFeatures(region, plan) {
  const bits = plan.bits.run_length;
  const levels = region.levels(bits);
  const found = {};
  for (const [way, direction] of Object.entries(DIRECTIONS)) {
    const step = region.step(direction);
    const { byLevel, byLength, n, longest } = runs(levels, region.places, step, 2 ** bits);
    let [lengthSquares, levelSquares, longRuns, shortRuns] = [0, 0, 0, 0];
    for (let length = 1; length <= longest; length += 1) {
      const count = byLength[length];
      lengthSquares += count * count;
      longRuns += length * length * count;
      shortRuns += count / (length * length);
    }
    for (const count of byLevel) levelSquares += count * count;
    found[`${way}_RLNonUni`] = lengthSquares / n;
    found[`${way}_GLevNonU`] = levelSquares / n;
    found[`${way}_LngREmph`] = longRuns / n;
    found[`${way}_ShrtREmp`] = shortRuns / n;
    found[`${way}_Fraction`] = n / region.places.length;
  }
  return found;
}
