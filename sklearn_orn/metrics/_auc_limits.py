"""Confidence limits of an area under the ROC curve from its variance."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm
from scipy.stats import t as student

HALF_A_PAIR = 0.5  # of either order, added to the effective number
ROUNDING = 1e-12  # of means of placements, which are shares


class PlacementSpread(NamedTuple):
    """The variance of a mean of placements and what it rests on, counted in patients.

    `cross` is what patients with both classes add, it may be negative; `square` and
    `fourth` are sums of the second and fourth powers of what each patient adds.
    """

    of_positive: float
    of_negative: float
    cross: float
    n_positive: int
    n_negative: int
    n_units: int
    square: float
    fourth: float

    @property
    def variance(self) -> float:
        """DeLong's or Obuchowski's variance; NaN with one patient of a class."""
        total = self.of_positive + self.of_negative + self.cross
        return max(total, 0.0) if np.isfinite(total) else np.nan

    @property
    def df(self) -> float:
        """Satterthwaite's degrees of freedom, fewer if few patients make the variance.

        Twice the squared variance over the variance of its estimate, which is above 2.
        """
        own, other = self.of_positive, self.of_negative
        if own + other == 0:
            own = other = 1.0
        parts = own**2 / (self.n_positive - 1) + other**2 / (self.n_negative - 1)
        most = min((own + other) ** 2 / parts, float(self.n_units - 1))
        spread = self.fourth - self.square**2 / self.n_units
        if spread <= ROUNDING * self.fourth:
            return most
        return min(most, 2 * self.square**2 / spread)

    @property
    def pairs(self) -> float:
        """Pairs of a positive and a negative patient; one of both is a part of each."""
        share = self.n_units / (self.n_positive + self.n_negative)
        return share**2 * self.n_positive * self.n_negative


def normal_limits(
    auc: float, se: float, confidence: float, *, on_logit: bool
) -> tuple[float, float]:
    """Return the normal limits of an AUC, on its own or on the logit scale."""
    z = norm.ppf(0.5 + confidence / 2)
    if on_logit and 0 < auc < 1:
        half = z * se / (auc * (1 - auc))
        lower, upper = expit(logit(auc) + np.array([-half, half]))
    else:
        lower, upper = np.clip([auc - z * se, auc + z * se], 0.0, 1.0)
    return float(lower), float(upper)


def student_limits(
    auc: float, spread: PlacementSpread, confidence: float
) -> tuple[float, float]:
    r"""Return limits on the logit scale for few patients; NaN where the variance is.

    The AUC A with variance v is taken for a share of :math:`N = A(1-A)/v` pairs, but
    of no fewer than there are patients in the smaller class, since v cannot exceed
    :math:`A(1-A)/\min(m, n)` (Birnbaum, Klose). Half a pair is added on either side, as
    Haldane and Anscombe do for the log odds of a share:
    :math:`\mathrm{logit}\,\tilde A \pm t / \sqrt{(N+1) \tilde A (1-\tilde A)}`.
    Where the classes are apart v is 0, and N is half the number of pairs of patients:
    what it would be if one pair were in the wrong order.
    """
    variance = spread.variance
    if np.isnan(variance):
        return np.nan, np.nan
    if min(auc, 1 - auc) < ROUNDING:
        number = spread.pairs / 2
        spread = spread._replace(of_positive=0.0, of_negative=0.0, fourth=0.0)
    elif variance == 0:
        return auc, auc
    else:
        fewest = float(min(spread.n_positive, spread.n_negative))
        number = max(auc * (1 - auc) / variance, fewest)
    adjusted = (number * auc + HALF_A_PAIR) / (number + 2 * HALF_A_PAIR)
    se = 1 / np.sqrt((number + 2 * HALF_A_PAIR) * adjusted * (1 - adjusted))
    half = student.ppf(0.5 + confidence / 2, spread.df) * se
    lower, upper = expit(logit(adjusted) + np.array([-half, half]))
    # Half a pair draws the middle towards 0.5; the interval holds its estimate.
    return float(min(lower, auc)), float(max(upper, auc))
