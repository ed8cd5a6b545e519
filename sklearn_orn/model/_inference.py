"""What a fit without LASSO says of its coefficients: standard errors, limits, tests."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sklearn_orn.model._by_patient import (
    Covariances,
    covariances_by_patient,
    sandwich_covariance,
)
from sklearn_orn.model._likelihood import PenalisedLikelihood, chi_squared_p
from sklearn_orn.model._separation import (
    SUSPICIOUS_SCORE,
    find_separation,
    independent_columns,
)

RELATED = 1e-7  # share of a column that another one has in it, beyond rounding


class LikelihoodRatio(NamedTuple):
    """Likelihood ratio test of all coefficients against the intercept alone.

    Attributes
    ----------
    chi2 : float
        Twice the gain in (penalised) log-likelihood.
    df : int
        Number of coefficients that the data determine.
    p_value : float
        Of the chi-squared distribution.
    """

    chi2: float
    df: int
    p_value: float


@dataclass(frozen=True, eq=False)
class LikelihoodFit:
    """A fit, and the table that it was made of.

    `beta` has the intercept first; columns not in `inside` were left out of the fit;
    `patient` numbers the patients, None where there are none.
    """

    X: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    patient: np.ndarray | None
    beta: np.ndarray
    inside: np.ndarray
    firth: bool

    @cached_property
    def _kept(self) -> np.ndarray:
        """Columns that are no combination of those before."""
        inside = np.flatnonzero(self.inside)
        return np.asarray(inside[independent_columns(self.X[:, inside])[0]])

    @cached_property
    def _scale(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and largest deviation of the kept columns."""
        columns = self.X[:, self._kept]
        mean = columns.mean(axis=0)
        return mean, np.abs(columns - mean).max(axis=0, initial=0.0)

    def _likelihood(self, *, centred: bool) -> PenalisedLikelihood:
        mean, largest = self._scale
        columns = self.X[:, self._kept]
        scaled = (columns - mean if centred else columns) / largest
        design = np.column_stack([np.ones(len(self.X)), scaled])
        return PenalisedLikelihood(design, self.y, self.weight, firth=self.firth)

    @cached_property
    def _theta(self) -> np.ndarray:
        """The fit in the centred and scaled columns."""
        score = self.beta[0] + self.X @ self.beta[1:]
        design = self._likelihood(centred=True).design
        return np.asarray(np.linalg.lstsq(design, score, rcond=None)[0])

    @cached_property
    def _back(self) -> np.ndarray:
        """From the scaled coefficients to those of the table, intercept first."""
        mean, largest = self._scale
        back = np.diag(np.concatenate([[1.0], 1 / largest]))
        back[0, 1:] = -mean / largest
        return back

    @cached_property
    def determined(self) -> np.ndarray:
        """Whether the data determine each of intercept and coefficients."""
        result = np.zeros(len(self.beta), dtype=bool)
        result[0], result[1 + self._kept] = True, True
        others = np.setdiff1d(np.flatnonzero(self.inside), self._kept)
        varying = others[np.ptp(self.X[:, others], axis=0) > 0]
        design = self._likelihood(centred=False).design
        for j in varying:
            column = self.X[:, j] / np.abs(self.X[:, j]).max()
            share = np.linalg.lstsq(design, column, rcond=None)[0]
            related = np.abs(share) > RELATED
            result[np.concatenate([[0], 1 + self._kept])[related]] = False
        return result

    @cached_property
    def infinite(self) -> np.ndarray:
        """1 or -1 where the estimate is infinite, because classes are separated."""
        result = np.zeros(len(self.beta))
        score = self.beta[0] + self.X @ self.beta[1:]
        if self.firth or np.abs(score).max() <= SUSPICIOUS_SCORE:
            return result
        used = np.flatnonzero(self.beta[1:])
        separation = find_separation(self.X[:, used], self.y)
        if separation is not None:
            result[1 + used] = separation.direction
        return result

    def _on_the_table(self, covariance: np.ndarray) -> np.ndarray:
        places = np.concatenate([[0], 1 + self._kept])
        full = np.full((len(self.beta), len(self.beta)), np.nan)
        full[np.ix_(places, places)] = self._back @ covariance @ self._back.T
        full[~self.determined], full[:, ~self.determined] = np.nan, np.nan
        return full

    @cached_property
    def _inverse(self) -> np.ndarray:
        information = self._likelihood(centred=True).information(self._theta)
        return np.linalg.pinv(information, hermitian=True)

    def covariance(self) -> np.ndarray:
        """Inverse of the information; NaN for what the data do not determine."""
        return self._on_the_table(self._inverse)

    def robust_covariance(self) -> np.ndarray:
        """Huber's sandwich, by patient where there are any, else by sample."""
        likelihood = self._likelihood(centred=True)
        return self._without_separated(
            sandwich_covariance(likelihood, self._theta, self._inverse, self.patient)
        )

    @property
    def repeated(self) -> bool:
        """Whether a patient has several samples, which are not independent."""
        return self.patient is not None and len(self.patient) > self.patient.max() + 1

    def covariances(self, *, by_patient: bool) -> Covariances:
        """Return what counts patients, or what takes samples as independent."""
        if not by_patient:
            inverse = self.covariance()
            return Covariances(inverse, inverse, np.inf)
        assert self.patient is not None
        both = covariances_by_patient(
            self._likelihood(centred=True), self._theta, self._inverse, self.patient
        )
        return Covariances(
            self._without_separated(both.sandwich),
            self._without_separated(both.shared),
            both.freedom,
        )

    def _without_separated(self, covariance: np.ndarray) -> np.ndarray:
        full = self._on_the_table(covariance)
        apart = self.infinite != 0  # their scores are 0: a certainty that is none
        full[apart], full[:, apart] = np.nan, np.nan
        return full

    def likelihood_ratio(self) -> LikelihoodRatio:
        """Test all coefficients; Firth's penalty is that of all columns on both."""
        likelihood = self._likelihood(centred=True)
        null = np.zeros(len(self._theta))
        free = np.arange(len(null)) == 0
        gain = likelihood.climb(self._theta)[1] - likelihood.climb(null, free)[1]
        statistic, df = max(2 * gain, 0.0), len(null) - 1
        return LikelihoodRatio(statistic, df, chi_squared_p(statistic, df))

    def profile(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return lower and upper profile likelihood limits, and the signed root.

        At the limits the likelihood has dropped by ``z**2 / 2``, or they are infinite.
        The root is that of the likelihood ratio statistic of a coefficient of 0.
        """
        lower, upper, root = (np.full(len(self.beta), np.nan) for _ in range(3))
        errors = np.sqrt(np.diag(self.covariance()))
        _, largest = self._scale
        for place, j in enumerate(np.concatenate([[0], 1 + self._kept])):
            if not self.determined[j]:
                continue
            # The intercept is a coordinate only where columns are not centred.
            likelihood = self._likelihood(centred=j > 0)
            start = self._theta.copy()
            start[0] = start[0] if j > 0 else self._back[0] @ self._theta
            unit = 1.0 if j == 0 else 1 / largest[place - 1]
            found = likelihood.limits(start, place, z[j], errors[j] / unit)
            lower[j], upper[j] = found[0] * unit, found[1] * unit
            root[j] = likelihood.signed_root(start, place)
        return lower, upper, root
