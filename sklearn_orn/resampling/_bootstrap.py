"""Bootstrap samples of patients."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from sklearn_orn.metrics.shared import draw_patients


def patient_resamples(
    y: np.ndarray,
    groups: ArrayLike | None,
    n_resamples: int | ArrayLike,
    random_state: Any = None,
) -> Sequence[np.ndarray]:
    """Draw patients with replacement, all lesions of each.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Outcome; every resample holds both classes.
    groups : array-like of shape (n_samples,) or None
        The patient of each row; None makes each row a patient.
    n_resamples : int or array-like of int, shape (n_resamples, n_rows)
        How many to draw, or the rows themselves, counted from 0.
    random_state : int, RandomState instance or None, default=None
        Seed.

    Returns
    -------
    list of ndarray of int
        Rows of each resample.
    """
    n = len(y)
    if not isinstance(n_resamples, Integral):
        rows = np.asarray(n_resamples)
        if rows.ndim != 2 or rows.dtype.kind not in "iu":
            raise ValueError(
                "n_resamples must be an integer, or integer rows of shape "
                f"(n_resamples, n_rows), got {n_resamples!r}."
            )
        if rows.min() < 0 or rows.max() >= n:
            raise ValueError(
                f"The rows of n_resamples must lie between 0 and {n - 1}, found "
                f"{rows.min()} to {rows.max()}."
            )
        return list(rows)
    if n_resamples < 1:
        raise ValueError(f"n_resamples must be at least 1, got {n_resamples}.")
    if len(np.unique(y)) < 2:
        raise ValueError("y holds one class only: a resample needs both.")
    rng = check_random_state(random_state)
    unit = None if groups is None else np.unique(groups, return_inverse=True)[1]
    return list(draw_patients(y, unit, int(n_resamples), rng))
