// What a formula is computed with, here and in the calculator.

// Neumaier's sum: what one addition loses, the next gives back.
export function preciseSum(terms) {
  let sum = 0;
  let lost = 0;
  for (const term of terms) {
    const next = sum + term;
    lost += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
  }
  return sum + lost;
}

export function logistic(score) {
  const part = Math.exp(-Math.abs(score));
  return score >= 0 ? 1 / (1 + part) : part / (1 + part);
}

function splineTerm(x, knots, term) {
  const [first, before, last] = [knots[0], knots.at(-2), knots.at(-1)];
  const cube = (knot) => Math.max(x - knot, 0) ** 3;
  const knot = knots[term];
  const cubes =
    cube(knot) -
    (cube(before) * (last - knot)) / (last - before) +
    (cube(last) * (before - knot)) / (last - before);
  return cubes / (last - first) ** 2;
}

export function effectOfNumber(predictor, value) {
  return predictor.bends.reduce((sum, bend) => {
    const inside = bend.slope * (value - bend.center) + bend.offset;
    return sum + bend.weight * (bend.knots.length ? splineTerm(inside, bend.knots, bend.term) : inside);
  }, predictor.offset || 0);
}
