"""The linear predictor, the same for a row whatever other rows stand beside it."""

import numpy as np


def linear_predictor(
    X: np.ndarray, coefficients: np.ndarray, intercept: float
) -> np.ndarray:
    """Return ``intercept + X @ coefficients``.

    A matrix product sums a row in another order where the table has another number of
    rows or another memory layout: the last bit of a patient's score would depend on
    who was measured with them. Column by column it does not.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Finite values.
    coefficients : ndarray of shape (n_features,)
        Columns with a coefficient of 0 are left out.
    intercept : float
        Score where all features are 0.

    Returns
    -------
    ndarray of shape (n_samples,)

    Examples
    --------
    >>> linear_predictor(np.array([[1.0, 5.0], [2.0, 7.0]]), np.array([0.5, 0.0]), 1.0)
    array([1.5, 2. ])
    """
    score = np.full(len(X), float(intercept))
    for j in np.flatnonzero(coefficients):
        score += coefficients[j] * X[:, j]
    return score
