"""What coefficients tell where lesions of a patient are no independent samples."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, fdtrc
from scipy.stats import t as student

from sklearn_orn.metrics.shared import shared_correlation
from sklearn_orn.model._likelihood import (
    PenalisedLikelihood,
    chi_squared_p,
    patient_sums,
)

NOTHING = 1e-12  # of the largest variance: a direction of rounding


@dataclass(frozen=True, eq=False)
class Covariances:
    """Two covariances of the coefficients of a fit, of which the larger counts.

    The `sandwich`, Huber's by patient, assumes nothing of how lesions of a patient
    agree; but a coefficient that a few patients determine fits these patients, and it
    takes what is left of them for the variance, which is next to nothing. The `shared`
    one is the model's own with one correlation of the lesions of each patient: it asks
    the other patients too. `freedom` counts patients less coefficients. Where samples
    are independent both are the inverse information, and the freedom is infinite.
    """

    sandwich: np.ndarray
    shared: np.ndarray
    freedom: float

    def variance(self, contrast: np.ndarray) -> float:
        """Return the variance of a combination of coefficients."""
        return float(max(contrast @ of @ contrast for of in self._both))

    def standard_errors(self) -> np.ndarray:
        """Return those of the coefficients; NaN where a covariance has none."""
        return np.sqrt(np.maximum(*(np.diag(of) for of in self._both)))

    def half_width(self, level: float) -> float:
        """Return that of an interval in standard errors; NaN without freedom."""
        return float(student.ppf(0.5 + level / 2, self.freedom))

    def z_p(self, z: np.ndarray) -> np.ndarray:
        """Return p of coefficients over their standard errors."""
        return np.asarray(2 * student.sf(np.abs(z), self.freedom))

    def wald_p(self, beta: np.ndarray) -> float:
        """Return p of all coefficients together, by the larger in each direction."""
        if self.freedom < 1 or not np.isfinite(self.shared).all():
            return np.nan
        values, directions = np.linalg.eigh(self.shared)
        told = values > NOTHING * values[-1]
        whiten = directions[:, told] / np.sqrt(values[told])
        ratio, turn = np.linalg.eigh(whiten.T @ self.sandwich @ whiten)
        away = beta @ whiten @ turn
        statistic = float((away**2 / np.maximum(ratio, 1.0)).sum())
        if np.isinf(self.freedom):
            return chi_squared_p(statistic, len(ratio))
        return float(fdtrc(len(ratio), self.freedom, statistic / len(ratio)))

    def of(self, places: np.ndarray) -> "Covariances":
        """Return the covariances of some of the coefficients."""
        block = np.ix_(places, places)
        return Covariances(self.sandwich[block], self.shared[block], self.freedom)

    @property
    def _both(self) -> tuple[np.ndarray, np.ndarray]:
        return self.sandwich, self.shared


def covariances_by_patient(
    likelihood: PenalisedLikelihood,
    theta: np.ndarray,
    inverse: np.ndarray,
    patient: np.ndarray,
) -> Covariances:
    """Return both covariances of a fit, of the codes of its patients."""
    return Covariances(
        sandwich_covariance(likelihood, theta, inverse, patient),
        shared_covariance(likelihood, theta, inverse, patient),
        int(patient.max()) + 1 - len(theta),
    )


def sandwich_covariance(
    likelihood: PenalisedLikelihood,
    theta: np.ndarray,
    inverse: np.ndarray,
    patient: np.ndarray | None,
) -> np.ndarray:
    """Return Huber's covariance, of a fit and the inverse of its information."""
    scores = likelihood.scores(theta)
    if patient is not None:
        scores = patient_sums(scores, patient)
    half = scores @ inverse
    return np.asarray(half.T @ half)


def shared_covariance(
    likelihood: PenalisedLikelihood,
    theta: np.ndarray,
    inverse: np.ndarray,
    patient: np.ndarray,
) -> np.ndarray:
    """Return the model's own where residuals of a patient share one correlation."""
    chance = expit(likelihood.design @ theta)
    spread = np.sqrt(chance * expit(-likelihood.design @ theta))
    correlation = shared_correlation(
        likelihood.y - chance, spread, patient, likelihood.weight
    )
    rows = likelihood.design * (likelihood.weight * spread)[:, None]
    sums = patient_sums(rows, patient)
    middle = correlation * (sums.T @ sums)
    middle += (1 - correlation) * likelihood.information(theta)
    return np.asarray(inverse @ middle @ inverse)
