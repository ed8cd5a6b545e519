"""A logistic log-likelihood, plain or Firth's: its maxima, and where it has dropped."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, expit

from sklearn_orn.model._firth import penalised_likelihood

MAX_STEPS = 500
MAX_HALVINGS = 40
LONGEST = 5.0  # of a first step, in log-odds per largest deviation of a column
NO_GAIN = 1e-12  # of log-likelihood that a step may still promise
STEEP = 1e-3  # more than rounding leaves of a slope where nothing is to gain
LITTLE = 1e-9  # of log-likelihood, by a step of Newton's where it is steep
FLAT = 1e-10  # less drop than this over twice the distance: no limit is near
FARTHEST = 2.0**40


def patient_sums(scores: np.ndarray, patient: np.ndarray) -> np.ndarray:
    """Add up the rows of each patient."""
    sums = np.zeros((patient.max() + 1, scores.shape[1]))
    np.add.at(sums, patient, scores)
    return sums


def chi_squared_p(statistic: float, df: int) -> float:
    """Return p of a statistic that rounding may put below 0; NaN without freedom."""
    return float(chdtrc(df, max(statistic, 0.0))) if df else np.nan


@dataclass(frozen=True, eq=False)
class PenalisedLikelihood:
    """The log-likelihood of coefficients of a design of independent, scaled columns."""

    design: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    firth: bool

    def at(self, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return value, score and curvature."""
        if self.firth:
            return penalised_likelihood(self.design, self.y, self.weight, theta)
        eta = self.design @ theta
        residual = self.weight * (self.y - expit(eta))
        value = self.weight @ (self.y * eta - np.logaddexp(0.0, eta))
        return float(value), self.design.T @ residual, self.information(theta)

    def information(self, theta: np.ndarray) -> np.ndarray:
        """Return Fisher's information, without the penalty."""
        eta = self.design @ theta
        variance = self.weight * expit(eta) * expit(-eta)
        return np.asarray((self.design * variance[:, None]).T @ self.design)

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Return what each sample adds to the (modified) score."""
        eta = self.design @ theta
        residual = self.weight * (self.y - expit(eta))
        if self.firth:
            variance = self.weight * expit(eta) * expit(-eta)
            inverse = np.linalg.inv(self.information(theta))
            spread = np.einsum("ij,jk,ik->i", self.design, inverse, self.design)
            residual = residual + variance * spread * (0.5 - expit(eta))
        return np.asarray(self.design * residual[:, None])

    def climb(
        self, theta: np.ndarray, free: np.ndarray | None = None
    ) -> tuple[np.ndarray, float]:
        """Return the maximum over the free coefficients, and the log-likelihood there.

        Where classes are separated it ends as soon as there is nothing to gain.
        """
        theta = theta.copy()
        free = np.ones(len(theta), dtype=bool) if free is None else free
        value, score, curvature = self.at(theta)
        longest = LONGEST
        for _ in range(MAX_STEPS):
            gradient = score[free]
            step = np.linalg.lstsq(curvature[np.ix_(free, free)], gradient, rcond=None)
            move = np.zeros(len(theta))
            move[free] = step[0]
            gain = gradient @ move[free]
            steep = np.abs(gradient).max(initial=0.0) > STEEP
            if steep and not LITTLE < gain < np.inf:
                # What is certain and wrong shows no curvature.
                move[free] = FARTHEST * gradient
            elif not NO_GAIN < gain < np.inf:
                break
            length = np.abs(move).max()
            if length > longest:  # it is far to where classes that nearly touch part
                move *= longest / length
                longest *= 2
            for _ in range(MAX_HALVINGS):
                trial = self.at(theta + move)
                if trial[0] >= value:
                    break
                move /= 2
                longest = LONGEST
            else:
                break  # rounding alone is left
            theta += move
            value, score, curvature = trial
        return theta, value

    def _climb_from_the_best(
        self, starts: list[np.ndarray], free: np.ndarray
    ) -> tuple[np.ndarray, float]:
        """Climb from the highest; far below, where all seems certain, it is flat."""
        return self.climb(max(starts, key=lambda theta: self.at(theta)[0]), free)

    def limits(
        self, theta: np.ndarray, j: int, z: float, error: float
    ) -> tuple[float, float]:
        """Return where the profile of coefficient j has dropped by ``z**2 / 2``."""
        top, highest = self.climb(theta)
        low = self._limit(top, highest, j, z, -error)
        return low, self._limit(top, highest, j, z, error)

    def _limit(
        self, top: np.ndarray, highest: float, j: int, z: float, error: float
    ) -> float:
        side, near = np.sign(error), top
        reach = min(z * abs(error), LONGEST)
        free = np.arange(len(top)) != j
        drop = 0.0

        @cache
        def root_at(value: float) -> float:
            nonlocal near
            starts = [np.where(free, known, value) for known in (near, top, 0.0)]
            for known in (near, top):
                if known[j] * value > 0:  # the plane between separated classes stays
                    starts.append(known * (value / known[j]))
            near, height = self._climb_from_the_best(starts, free)
            return float(np.sqrt(2 * max(highest - height, 0.0)))

        inner = float(top[j])
        # Where classes are separated the climb has ended far out. Beyond it is flat; on
        # the way back the likelihood falls, but late.
        nearest = 2 * abs(inner) if side * inner < 0 else 0.0
        while (root := root_at(outer := float(top[j] + side * reach))) < z:
            flat = root**2 / 2 - drop < FLAT and reach > nearest
            if flat or reach > FARTHEST:
                return float(side * np.inf)
            drop, inner, reach = root**2 / 2, outer, 2 * reach
        width = 1e-12 * max(1.0, abs(outer))
        return float(brentq(lambda b: root_at(b) - z, inner, outer, xtol=width))

    def signed_root(self, theta: np.ndarray, j: int) -> float:
        """Return the root of the likelihood ratio statistic of 0, with j's sign."""
        top, highest = self.climb(theta)
        free = np.arange(len(top)) != j
        starts = [np.where(free, known, 0.0) for known in (top, 0.0)]
        height = self._climb_from_the_best(starts, free)[1]
        return float(np.sign(top[j]) * np.sqrt(2 * max(highest - height, 0.0)))
