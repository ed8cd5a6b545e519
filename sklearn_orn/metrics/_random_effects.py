"""What several centres say together, and what a further one may expect."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import t

from sklearn_orn._readable import readable
from sklearn_orn._validation import float_array
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics._clusters import check_confidence

Between: TypeAlias = Literal["reml", "dl"]
METHODS = get_args(Between)


@readable
class RandomEffects(NamedTuple):
    """The mean over centres, and where another centre is expected.

    Attributes
    ----------
    mean, lower, upper : float
        Mean of the centres' true values, and its interval.
    se : float
        Its standard error.
    prediction_lower, prediction_upper : float
        Interval of the true value in a new centre; NaN with two centres.
    tau2 : float
        Variance of the true values between centres.
    i2 : float
        Share of the variance of the estimates that lies between centres.
    n : int
        Centres.
    """

    mean: float
    lower: float
    upper: float
    se: float
    prediction_lower: float
    prediction_upper: float
    tau2: float
    i2: float
    n: int


def random_effects(
    estimates: ArrayLike,
    standard_errors: ArrayLike,
    *,
    method: Between = "reml",
    confidence: float = 0.95,
) -> RandomEffects:
    r"""Summarise estimates of several centres by a random-effects model.

    Parameters
    ----------
    estimates : array-like of shape (n_centres,)
        One of each centre, on a scale on which they are about normal.
    standard_errors : array-like of shape (n_centres,)
        Theirs, above 0.
    method : {"reml", "dl"}, default="reml"
        Variance between centres: restricted maximum likelihood, or DerSimonian and
        Laird's.
    confidence : float, default=0.95
        Level of both intervals.

    Returns
    -------
    RandomEffects
        Named tuple ``mean, lower, upper, se, prediction_lower, prediction_upper, tau2,
        i2, n``.

    Raises
    ------
    NotEstimable
        If there is one centre only.

    Notes
    -----
    With the weights :math:`w_i = 1 / (s_i^2 + \tau^2)` the interval of the mean
    :math:`\mu` is Hartung and Knapp's, Student's t with k - 1 degrees of freedom and
    :math:`se^2 = \max(1, q) / \sum w_i`,
    :math:`q = \sum w_i (y_i - \mu)^2 / (k - 1)`; a q below 1 would make it narrower
    than that of centres that do not differ [1]_. The prediction interval is
    :math:`\mu \pm t_{k-2} \sqrt{\tau^2 + se^2}` [2]_. With few centres
    :math:`\tau^2` is uncertain, and so is how wide this interval should be.

    References
    ----------
    .. [1] Hartung, Knapp, Stat Med 2001;20:3875-3889. Röver, Knapp, Friede, BMC Med
       Res Methodol 2015;15:99.
    .. [2] Higgins, Thompson, Spiegelhalter, J R Stat Soc A 2009;172:137-159.

    Examples
    --------
    >>> from sklearn_orn.metrics import random_effects
    >>> found = random_effects([0.9, 0.2, 1.4, 0.7], [0.2, 0.2, 0.3, 0.2])
    >>> print(f"{found.mean:.2f} ({found.lower:.2f} to {found.upper:.2f})")
    0.77 (0.00 to 1.54)
    >>> print(f"{found.prediction_lower:.2f} to {found.prediction_upper:.2f}")
    -1.30 to 2.84
    """
    check_confidence(confidence)
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}.")
    y = float_array(estimates, "estimates")
    se = float_array(standard_errors, "standard_errors")
    if y.ndim != 1 or y.shape != se.shape:
        raise ValueError(
            "estimates and standard_errors must have one value for each centre, got "
            f"arrays of shape {y.shape} and {se.shape}."
        )
    if not (np.isfinite(y).all() and np.isfinite(se).all() and (se > 0).all()):
        raise ValueError(
            "estimates must be finite and standard_errors finite and above 0. Leave "
            "centres out whose estimate has none."
        )
    k = len(y)
    if k < 2:
        raise NotEstimable(f"A random-effects model needs two centres, got {k}.")
    variance = se**2
    tau2 = _moment(y, variance) if method == "dl" else _restricted(y, variance)
    weight = 1 / (variance + tau2)
    total = weight.sum()
    mean = float(weight @ y / total)
    q = float(weight @ (y - mean) ** 2 / (k - 1))
    error = float(np.sqrt(max(1.0, q) / total))
    tail = 0.5 + confidence / 2
    half = float(t.ppf(tail, k - 1)) * error
    reach = float(t.ppf(tail, k - 2)) * np.hypot(np.sqrt(tau2), error)
    return RandomEffects(
        mean=mean,
        lower=mean - half,
        upper=mean + half,
        se=error,
        prediction_lower=float(mean - reach),
        prediction_upper=float(mean + reach),
        tau2=tau2,
        i2=tau2 / (tau2 + _typical(variance)),
        n=k,
    )


def _typical(variance: np.ndarray) -> float:
    """Return the variance of a typical centre (Higgins, Thompson 2002)."""
    weight = 1 / variance
    total = weight.sum()
    return float((len(variance) - 1) * total / (total**2 - weight @ weight))


def _moment(y: np.ndarray, variance: np.ndarray) -> float:
    """Return DerSimonian and Laird's variance between centres."""
    weight = 1 / variance
    total = weight.sum()
    q = weight @ (y - weight @ y / total) ** 2
    scale = total - weight @ weight / total
    return float(max(0.0, (q - (len(y) - 1)) / scale))


def _restricted(y: np.ndarray, variance: np.ndarray) -> float:
    """Return the variance between centres of the highest restricted likelihood.

    With few centres it may have several maxima: the highest of a grid is refined.
    """
    widest = float(np.var(y, ddof=1) + variance.max())
    grid = np.append(0.0, np.geomspace(1e-8, 10, 200) * widest)

    def likelihood(tau2: float) -> float:  # twice its logarithm
        weight = 1 / (variance + tau2)
        total = weight.sum()
        gap = y - weight @ y / total
        return float(np.log(weight).sum() - np.log(total) - weight @ gap**2)

    def slope(tau2: float) -> float:
        weight = 1 / (variance + tau2)
        total = weight.sum()
        gap = y - weight @ y / total
        squares = weight**2
        return float(squares @ gap**2 - total + squares.sum() / total)

    best = int(np.argmax([likelihood(tau2) for tau2 in grid]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    if slope(low) <= 0 or slope(high) >= 0:
        return float(grid[best])
    return float(brentq(slope, low, high, xtol=1e-14, rtol=1e-12))
