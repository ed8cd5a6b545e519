"""The linear predictor, the same for a row whatever other rows stand beside it."""

import numpy as np


def linear_predictor(
    X: np.ndarray, coefficients: np.ndarray, intercept: float
) -> np.ndarray:
    """Return ``intercept + X @ coefficients``, column by column.

    A matrix product sums a row in another order where the table has another number of
    rows or another memory layout: the last bit of a patient's score would depend on
    who was measured with them. Column by column it does not.
    """
    score = np.full(len(X), float(intercept))
    for j in np.flatnonzero(coefficients):
        score += coefficients[j] * X[:, j]
    return score
