"""What an external validation found: numbers, plain data, and a short table."""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sklearn_orn._readable import readable
from sklearn_orn.metrics._logistic_fit import Shift
from sklearn_orn.metrics._parameters import of_metrics
from sklearn_orn.metrics._recalibration import Recalibration
from sklearn_orn.metrics._roc_auc import RocAuc


@dataclass(frozen=True)
class ModelUpdate:
    """A model brought to new data, and how it does on these same data.

    Attributes
    ----------
    method : {"intercept", "intercept and slope", "refit"}
        What was estimated anew.
    intercept : float
        Of the updated log-odds; NaN where the fit does not exist.
    slope : float
        What the model's own log-odds are multiplied by; NaN for ``"refit"``.
    coefficients : dict of str to float
        For ``"refit"``: predictor to coefficient.
    auc, brier, calibration_in_the_large, calibration_slope : float
        Apparent: measured on the data that the update was fitted to. The last two
        are 0 and 1 by construction where they were estimated.
    reason : str
        Why there is no fit; empty where there is one.
    apparent : bool
        Always true. How the update does on other patients is not known.
    """

    method: str
    intercept: float
    slope: float
    coefficients: dict[str, float]
    auc: float
    brier: float
    calibration_in_the_large: float
    calibration_slope: float
    reason: str = ""
    apparent: bool = True


@readable
@dataclass(frozen=True)
class ExternalValidation:
    """How a model does on new patients, and three ways to update it.

    Made by `from_predictions`; of a model by `sklearn_orn.model.validate_externally`.

    Attributes
    ----------
    n_samples, n_positive : int
        Samples, and those of the positive class.
    n_patients : int or None
        Patients; None where no groups were given and each sample counts as one.
    confidence : float
        Level of the intervals.
    auc : RocAuc
        Area under the ROC curve with its interval.
    calibration_in_the_large : Shift
        ``estimate, lower, upper``: the intercept to add to the log-odds; 0 when
        calibrated, positive where the model predicts too little.
    recalibration : Recalibration
        Calibration intercept and slope; 1 when calibrated, a slope below 1 means
        that the predictions are too extreme.
    brier, brier_scaled : float
        Mean squared error, and 1 - its ratio to that of the prevalence.
    observed_expected : float
        Number of positives over the sum of the probabilities.
    updates : tuple of ModelUpdate
        Intercept only, intercept and slope, refit of all coefficients.
    """

    n_samples: int
    n_positive: int
    n_patients: int | None
    confidence: float
    auc: RocAuc
    calibration_in_the_large: Shift
    recalibration: Recalibration
    brier: float
    brier_scaled: float
    observed_expected: float
    updates: tuple[ModelUpdate, ...]

    @classmethod
    @of_metrics
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        predictors: pd.DataFrame | ArrayLike | None = None,
        groups: ArrayLike | None = None,
        confidence: float = 0.95,
        pos_label: object = None,
    ) -> ExternalValidation:
        r"""Judge a model on data that it has not seen, and update it in three ways.

        Parameters
        ----------
        y_proba : array-like of shape (n_samples,)
            Probability of the positive class, by the model.
        predictors : DataFrame or array-like, default=None
            The features that the model uses, of shape (n_samples, n_predictors), for
            the refit of its coefficients; None leaves it out.
        groups : array-like of shape (n_samples,), default=None
            The patient of each sample; None takes each sample for a patient of its own,
            and the intervals are too narrow if it is not.

        Returns
        -------
        ExternalValidation
            As text it is a short table.

        Raises
        ------
        ValueError
            If there is one class only, a missing value, or unequal lengths.

        See Also
        --------
        sklearn_orn.model.validate_externally : The same for a model and its X.

        Notes
        -----
        With the model's log-odds :math:`s`, calibration in the large is the :math:`a`
        of :math:`\mathrm{logit} P(y) = a + s` [1]_, and calibration intercept and slope
        those of :math:`a + b s`. They are also the first two updates; the third
        estimates all coefficients by maximum likelihood [2]_. The intervals of
        :math:`a` and :math:`b` are Wald's, with groups from the sandwich of the scores
        summed by patient.

        What an update gains on the data that it was fitted to is no gain on others: its
        performance here is apparent. The more is estimated, the more it flatters.

        References
        ----------
        .. [1] Cox, Biometrika 1958;45:562-565.
        .. [2] Steyerberg, Borsboom, van Houwelingen, Eijkemans, Habbema, Stat Med
           2004;23:2567-2586.

        Examples
        --------
        >>> from sklearn_orn.metrics import ExternalValidation
        >>> y, proba = [0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.2, 0.3, 0.4, 0.6]
        >>> result = ExternalValidation.from_predictions(y, proba)
        >>> round(result.calibration_in_the_large.estimate, 2)
        0.98

        The predictions were too low; the first update adds that to the log-odds.
        Without the predictors there is no refit:

        >>> [update.reason for update in result.updates]
        ['', '', "the model's predictors were not given"]
        """
        # The functions that judge make what this module holds.
        from sklearn_orn.metrics._external_validation import judge_predictions

        return judge_predictions(
            y_true,
            y_proba,
            predictors=predictors,
            groups=groups,
            confidence=confidence,
            pos_label=pos_label,
        )

    @property
    def events_per_coefficient(self) -> float:
        """Samples of the smaller class for each coefficient of the refit."""
        n_coefficients = len(self.updates[-1].coefficients)
        events = min(self.n_positive, self.n_samples - self.n_positive)
        return events / n_coefficients if n_coefficients else np.nan

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain data, for a file.

        Returns
        -------
        dict
            Of dicts, lists, texts and numbers; what does not exist is NaN.
        """
        line = self.recalibration
        return {
            "n_samples": self.n_samples,
            "n_positive": self.n_positive,
            "n_patients": self.n_patients,
            "confidence": self.confidence,
            "auc": self.auc._asdict(),
            "calibration_in_the_large": self.calibration_in_the_large._asdict(),
            "calibration_intercept": {
                "estimate": line.intercept,
                "lower": line.intercept_lower,
                "upper": line.intercept_upper,
            },
            "calibration_slope": {
                "estimate": line.slope,
                "lower": line.slope_lower,
                "upper": line.slope_upper,
            },
            "brier": self.brier,
            "brier_scaled": self.brier_scaled,
            "observed_expected": self.observed_expected,
            "events_per_coefficient": self.events_per_coefficient,
            "updates": [asdict(update) for update in self.updates],
        }

    def __str__(self) -> str:
        return "\n".join([*_performance_lines(self), "", *_update_lines(self)])


def _performance_lines(result: ExternalValidation) -> list[str]:
    line, level = result.recalibration, f"{100 * result.confidence:g} % interval"
    rows: list[tuple[str, float, float, float, str]] = [
        ("AUC", *result.auc[:3], ""),
        ("Calibration in the large", *result.calibration_in_the_large, "0 is best"),
        ("Calibration slope", line.slope, line.slope_lower, line.slope_upper, "1"),
        ("Brier score", result.brier, np.nan, np.nan, "0"),
        ("Observed / expected", result.observed_expected, np.nan, np.nan, "1"),
    ]
    share = 100 * result.n_positive / result.n_samples
    of = "" if result.n_patients is None else f" of {result.n_patients} patients"
    lines = [
        f"{result.n_samples} samples{of}, {result.n_positive} positive ({share:.1f} %)",
        "",
        f"{'':26}{'estimate':>9}   {level:20}best".rstrip(),
    ]
    for name, estimate, lower, upper, best in rows:
        limits = "" if np.isnan(lower) else f"{lower:.3f} to {upper:.3f}"
        lines.append(f"{name:26}{_shown(estimate):>9}   {limits:20}{best}".rstrip())
    return lines


def _update_lines(result: ExternalValidation) -> list[str]:
    lines = [
        "Updated on these data; AUC and Brier score are apparent, not those of new",
        "patients:",
        f"{'':22}{'intercept':>9} {'slope':>7} {'AUC':>7} {'Brier':>7}",
    ]
    for update in result.updates:
        numbers = (update.slope, update.auc, update.brier)
        cells = " ".join(f"{_shown(number):>7}" for number in numbers)
        cells = f"{update.method:22}{_shown(update.intercept):>9} {cells}"
        lines.append(f"{update.method}: {update.reason}" if update.reason else cells)
    refit = result.updates[-1]
    if refit.coefficients and not refit.reason:
        terms = [f"{value:.4g} x {name}" for name, value in refit.coefficients.items()]
        ratio = f"{result.events_per_coefficient:.1f} events per coefficient"
        text = f"refit: {refit.intercept:.4g} + {' + '.join(terms)} ({ratio})"
        lines += textwrap.wrap(text.replace("+ -", "- "), 88, subsequent_indent="  ")
    return lines


def _shown(number: float) -> str:
    return "" if np.isnan(number) else f"{number:.3f}"
