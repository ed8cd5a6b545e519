"""Warnings of displays that know how a figure came about.

Each is called by a `from_*` method itself, so that it points at the caller's line.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sklearn_orn._final_step import final_step, seen_by_final_step
from sklearn_orn._study_warnings import warn

PAGE = "docs/evaluation.md"


def _warn(text: str, section: str, code: str) -> None:
    warn(f"{text} See {PAGE}#{section}.", code, stacklevel=4)


def warn_repeated_patients(X: object, groups: ArrayLike | None) -> None:
    """Warn of an interval that takes the lesions of a patient for independent."""
    if groups is not None or not isinstance(X, pd.DataFrame) or "patient" not in X:
        return
    n, n_patients = len(X), X["patient"].nunique()
    if n_patients < n:
        _warn(
            f"The {n} rows come from {n_patients} patients, and without groups the "
            'interval takes them for independent: pass groups=X["patient"].',
            "repeated-patients",
            "ORN013",
        )


def _fitted_to(estimator: object, X: object) -> bool:
    """Tell whether a `NomogramClassifier` was fitted to exactly this range of data."""
    ranges = getattr(final_step(estimator), "feature_ranges_", None)
    if ranges is None:
        return False
    values = np.asarray(seen_by_final_step(estimator, X), dtype=float)
    return bool(
        np.array_equal(values.min(axis=0), ranges[0])
        and np.array_equal(values.max(axis=0), ranges[1])
    )


def warn_training_data(estimator: object, X: object, what: str) -> None:
    """Warn of a calibration plot or decision curve on the training data."""
    if _fitted_to(estimator, X):
        reason = {
            "calibration": "The model is drawn on the data it was fitted to: the LASSO "
            "shrinks its score, so the curve tells of the penalty and not of new "
            "patients.",
            "decision": "The decision curve is drawn on the data the model was fitted "
            "to, so its net benefit is optimistic.",
            "threshold": "The threshold was chosen on the data it is judged on, so "
            "sensitivity and specificity are optimistic.",
        }
        _warn(reason[what], "training-data", "ORN014")


def warn_own_threshold(threshold: object) -> None:
    """Warn of an operating point that these data chose."""
    if threshold == "youden":
        _warn(
            "The threshold is chosen on the data it is judged on, so sensitivity and "
            "specificity are optimistic: pass the one learnt in training.",
            "training-data",
            "ORN014",
        )
