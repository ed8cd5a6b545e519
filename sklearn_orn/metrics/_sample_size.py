"""How many samples a model needs, by Riley's criteria."""

from __future__ import annotations

import math
from numbers import Integral
from typing import NamedTuple

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import norm

from sklearn_orn._messages import shown
from sklearn_orn._readable import readable

UNKNOWN_NAGELKERKE = 0.15
LARGEST_OPTIMISM = 0.3


@readable
class MinimumSampleSize(NamedTuple):
    """The sample size that a model of a binary outcome needs.

    Attributes
    ----------
    n : int
        The largest of the three criteria.
    n_shrinkage, n_optimism, n_risk : int
        Samples needed for little shrinkage, for a small optimism of Nagelkerke's R2,
        and for a precise overall risk.
    events : int
        Positives among `n`, rounded up.
    events_per_candidate : float
        Expected positives among `n` over the number of candidates.
    r2_cox_snell, r2_nagelkerke : float
        What the model is expected to explain.
    """

    n: int
    n_shrinkage: int
    n_optimism: int
    n_risk: int
    events: int
    events_per_candidate: float
    r2_cox_snell: float
    r2_nagelkerke: float


def _check_between(name: str, value: float, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"{name} is {shown(value)}: expected a number.")
    if not low < value < high:  # NaN is not
        raise ValueError(
            f"{name} is {value:g}: expected a number between {low:g} and {high:g}, "
            "without the limits."
        )
    return float(value)


def _check_count(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(
            f"{name} is {shown(value)}: expected a whole number, 1 or more."
        )
    if value < 1:
        raise ValueError(f"{name} is {value}: expected a whole number, 1 or more.")
    return int(value)


def _null_log_likelihood(prevalence: float) -> float:
    """Log likelihood per sample of a model that knows the prevalence only."""
    return prevalence * math.log(prevalence) + (1 - prevalence) * math.log1p(
        -prevalence
    )


def _largest_cox_snell(prevalence: float) -> float:
    return -math.expm1(2 * _null_log_likelihood(prevalence))


def cox_snell_from_c_statistic(c_statistic: float, prevalence: float) -> float:
    r"""Cox-Snell's R2 of a model of which only the C statistic is known.

    Parameters
    ----------
    c_statistic : float
        C statistic (area under the ROC curve), above 0.5.
    prevalence : float
        Share of positives.

    Returns
    -------
    float
        Cox-Snell's R2.

    Notes
    -----
    The linear predictor is taken as normal in each class, with equal variance. Its
    means are then :math:`\mu = \sqrt 2\,\Phi^{-1}(C)` standard deviations apart, and
    the logistic model with slope :math:`\mu` and intercept
    :math:`\log\frac{\phi}{1-\phi} - \mu^2/2` is the true one. So
    :math:`R^2 = 1 - \exp\{2(\ell_0 - \ell)\}` with the expected log likelihoods per
    sample :math:`\ell_0` and :math:`\ell`, the latter by numerical integration where
    Riley and others simulate.

    References
    ----------
    Riley, Van Calster, Collins, A note on estimating the Cox-Snell R2 from a reported
    C statistic, Stat Med 2021;40:859-864.

    Examples
    --------
    >>> from sklearn_orn.metrics import cox_snell_from_c_statistic
    >>> round(cox_snell_from_c_statistic(0.89, 0.174), 3)
    0.291
    >>> round(cox_snell_from_c_statistic(0.501, 0.5), 4)
    0.0
    """
    c_statistic = _check_between("c_statistic", c_statistic, 0.5, 1)
    prevalence = _check_between("prevalence", prevalence, 0, 1)
    mu = math.sqrt(2) * norm.ppf(c_statistic)
    centre = math.log(prevalence / (1 - prevalence))

    def expected_loss(sign: int) -> float:
        """Return the mean of -log p of a class; sign is 1 for the positives."""
        shift = sign * centre + mu**2 / 2
        value, _ = quad(
            lambda z: _density(z) * np.logaddexp(0, -(shift + mu * z)),
            -np.inf,
            np.inf,
            epsabs=1e-13,  # R2 is a small difference of two such means
            epsrel=1e-11,
        )
        return float(value)

    fitted = -prevalence * expected_loss(1) - (1 - prevalence) * expected_loss(-1)
    return -math.expm1(2 * (_null_log_likelihood(prevalence) - fitted))


def _density(z: float) -> float:
    """Return the normal one as `norm.pdf` does, which takes ten times as long."""
    return float(np.exp(-z * z / 2.0) / np.sqrt(2 * np.pi))


def _expected_cox_snell(
    prevalence: float,
    r2_cox_snell: float | None,
    r2_nagelkerke: float | None,
    c_statistic: float | None,
) -> float:
    given = {
        "r2_cox_snell": r2_cox_snell,
        "r2_nagelkerke": r2_nagelkerke,
        "c_statistic": c_statistic,
    }
    names = [name for name, value in given.items() if value is not None]
    if len(names) > 1:
        raise ValueError(
            f"{' and '.join(names)} are given: expected one of them, since each tells "
            "how well the model is expected to do."
        )
    largest = _largest_cox_snell(prevalence)
    if r2_cox_snell is not None:
        return _check_between("r2_cox_snell", r2_cox_snell, 0, largest)
    if c_statistic is not None:
        return cox_snell_from_c_statistic(c_statistic, prevalence)
    if r2_nagelkerke is None:
        r2_nagelkerke = UNKNOWN_NAGELKERKE
    return largest * _check_between("r2_nagelkerke", r2_nagelkerke, 0, 1)


def _size_for_shrinkage(n_candidates: int, r2: float, shrinkage: float) -> int:
    return math.ceil(n_candidates / ((shrinkage - 1) * math.log1p(-r2 / shrinkage)))


def minimum_sample_size(
    *,
    n_candidates: int,
    prevalence: float,
    r2_cox_snell: float | None = None,
    r2_nagelkerke: float | None = None,
    c_statistic: float | None = None,
    shrinkage: float = 0.9,
    optimism: float = 0.05,
    margin: float = 0.05,
) -> MinimumSampleSize:
    r"""Sample size that a prediction model of a binary outcome needs at least.

    Parameters
    ----------
    n_candidates : int
        Number of candidate parameters: all among which the outcome helps to choose,
        not only those that the model keeps.
    prevalence : float
        Share of positives, between 0 and 1.
    r2_cox_snell, r2_nagelkerke, c_statistic : float, default=None
        How well the model is expected to do in new patients, by one of the three.
        Without any, Nagelkerke's R2 is taken as 0.15, as Riley and others recommend
        where nothing is known.
    shrinkage : float, default=0.9
        Criterion 1: the expected shrinkage of the coefficients is this or closer to 1.
    optimism : float, default=0.05
        Criterion 2: the apparent Nagelkerke's R2 is too high by this at most. Below
        0.3.
    margin : float, default=0.05
        Criterion 3: half the width of the 95 % interval of the overall risk.

    Returns
    -------
    MinimumSampleSize
        Named tuple ``n, n_shrinkage, n_optimism, n_risk, events,
        events_per_candidate, r2_cox_snell, r2_nagelkerke``.

    Raises
    ------
    TypeError, ValueError
        The message names the parameter.

    See Also
    --------
    expected_shrinkage : What to expect of a sample size that is given.

    Notes
    -----
    With P candidates, prevalence :math:`\phi`, Cox-Snell's :math:`R^2` and its
    largest possible value :math:`R^2_{max} = 1 - \phi^{2\phi}(1-\phi)^{2(1-\phi)}`:

    1. :math:`n = P / \{(S - 1) \log(1 - R^2/S)\}` with S the shrinkage;
    2. the same with :math:`S = R^2 / (R^2 + \delta R^2_{max})`, :math:`\delta` the
       optimism;
    3. :math:`n = (1.96 / m)^2 \phi (1 - \phi)`, m the margin.

    The criteria are those of a model without penalty, on samples that are
    independent: count patients rather than lesions. A LASSO shrinks by itself, but
    with fewer samples its penalty is as uncertain as the coefficients.

    References
    ----------
    Riley et al., Stat Med 2019;38:1276-1296. Riley et al., BMJ 2020;368:m441. On the
    penalty: Riley et al., J Clin Epidemiol 2021;132:88-96.

    Examples
    --------
    The diagnosis of Chagas disease, of Riley (2019):

    >>> from sklearn_orn.metrics import minimum_sample_size
    >>> size = minimum_sample_size(
    ...     n_candidates=24, prevalence=0.174, r2_cox_snell=0.288
    ... )
    >>> size.n, size.events, round(size.events_per_candidate, 1)
    (662, 116, 4.8)

    All texture features of a study, with nothing known:

    >>> minimum_sample_size(n_candidates=279, prevalence=0.46).n
    20942
    """
    n_candidates = _check_count("n_candidates", n_candidates)
    prevalence = _check_between("prevalence", prevalence, 0, 1)
    shrinkage = _check_between("shrinkage", shrinkage, 0, 1)
    optimism = _check_between("optimism", optimism, 0, LARGEST_OPTIMISM)
    margin = _check_between("margin", margin, 0, 1)
    r2 = _expected_cox_snell(prevalence, r2_cox_snell, r2_nagelkerke, c_statistic)
    if r2 >= shrinkage:
        raise ValueError(
            f"shrinkage is {shrinkage:g} and Cox-Snell's R2 is {r2:.3f}: expected a "
            "shrinkage above it."
        )
    largest = _largest_cox_snell(prevalence)
    n_shrinkage = _size_for_shrinkage(n_candidates, r2, shrinkage)
    n_optimism = _size_for_shrinkage(n_candidates, r2, r2 / (r2 + optimism * largest))
    n_risk = math.ceil((1.96 / margin) ** 2 * prevalence * (1 - prevalence))
    n = max(n_shrinkage, n_optimism, n_risk)
    return MinimumSampleSize(
        n=n,
        n_shrinkage=n_shrinkage,
        n_optimism=n_optimism,
        n_risk=n_risk,
        events=math.ceil(n * prevalence),
        events_per_candidate=n * prevalence / n_candidates,
        r2_cox_snell=r2,
        r2_nagelkerke=r2 / largest,
    )


def expected_shrinkage(n: int, n_candidates: int, r2_cox_snell: float) -> float:
    r"""Shrinkage to expect of a model without penalty, fitted to n samples.

    Parameters
    ----------
    n : int
        Number of samples.
    n_candidates : int
        Number of candidate parameters.
    r2_cox_snell : float
        Cox-Snell's R2 that the model is expected to have in new patients. From a C
        statistic by `cox_snell_from_c_statistic`.

    Returns
    -------
    float
        What the coefficients must be multiplied by, between `r2_cox_snell` and 1.
        Well below 0.9 the model is overfitted.

    Notes
    -----
    The S that solves :math:`n (S - 1) \log(1 - R^2/S) = P`, criterion 1 of
    `minimum_sample_size` the other way round. It exists for every n: the left side
    falls from infinity at :math:`S = R^2` to 0 at 1.

    References
    ----------
    Riley et al., Stat Med 2019;38:1276-1296.

    Examples
    --------
    >>> from sklearn_orn.metrics import expected_shrinkage
    >>> round(expected_shrinkage(623, 24, 0.288), 2)
    0.9
    >>> round(expected_shrinkage(95, 279, 0.288), 2)
    0.29
    """
    n = _check_count("n", n)
    n_candidates = _check_count("n_candidates", n_candidates)
    r2 = _check_between("r2_cox_snell", r2_cox_snell, 0, 1)

    # u = -log(1 - R2/S) has no pole at S = R2.
    def shrinkage(u: float) -> float:
        return -r2 / math.expm1(-u)

    def excess(u: float) -> float:
        return n * (1 - shrinkage(u)) * u - n_candidates

    low = -math.log1p(-r2)
    high = low + 1
    while excess(high) <= 0:
        high *= 2
    # To the rounding of doubles.
    return min(shrinkage(brentq(excess, low, high, xtol=1e-14, rtol=1e-13)), 1.0)
