"""Bootstrap samples of patients."""

from collections.abc import Sequence
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike

from sklearn_orn._messages import shown
from sklearn_orn._types import Seed
from sklearn_orn._validation import check_at_least
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics.shared import draw_patients


def patient_resamples(
    y: np.ndarray,
    groups: ArrayLike | None,
    n_resamples: int | ArrayLike,
    random_state: Seed = None,
) -> Sequence[np.ndarray]:
    """Draw patients with replacement, all lesions of each; both classes always.

    `n_resamples` may be the rows themselves, (n_resamples, n_rows), counted from 0.
    """
    n = len(y)
    if not isinstance(n_resamples, Integral):
        rows = np.asarray(n_resamples)
        if rows.ndim != 2 or rows.dtype.kind not in "iu":
            raise ValueError(
                "n_resamples must be an integer, or integer rows of shape "
                f"(n_resamples, n_rows), got {shown(n_resamples)}."
            )
        if rows.min() < 0 or rows.max() >= n:
            raise ValueError(
                f"The rows of n_resamples must lie between 0 and {n - 1}, found "
                f"{rows.min()} to {rows.max()}."
            )
        return list(rows)
    check_at_least(int(n_resamples), 1, "n_resamples")
    if len(np.unique(y)) < 2:
        raise NotEstimable("y holds one class only: a resample needs both.")
    unit = None if groups is None else np.unique(groups, return_inverse=True)[1]
    return list(draw_patients(y, unit, int(n_resamples), random_state))
