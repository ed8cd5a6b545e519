"""The covariance of patients who share one correlation, by its definition."""

import numpy as np
from scipy.linalg import eigh
from scipy.special import expit


def one_correlation(X, y, patient, beta):
    """Return the mean product of two standardised residuals of one patient."""
    chance = expit(beta[0] + np.asarray(X, dtype=float) @ beta[1:])
    residual = (y - chance) / np.sqrt(chance * (1 - chance))
    n = len(residual)
    products = [
        residual[i] * residual[j]
        for i in range(n)
        for j in range(i)
        if patient[i] == patient[j]
    ]
    return min(max(np.mean(products), 0.0), 1.0) if products else 0.0


def shared_by_hand(X, y, patient, beta):
    """Return the covariance of coefficients, the intercept being the first."""
    Z = np.column_stack([np.ones(len(X)), X]).astype(float)
    patient, y = np.asarray(patient), np.asarray(y, dtype=float)
    chance = expit(Z @ beta)
    root = np.sqrt(chance * (1 - chance))
    same = patient[:, None] == patient[None, :]
    correlation = np.where(same, one_correlation(X, y, patient, beta), 0.0)
    np.fill_diagonal(correlation, 1.0)
    bread = np.linalg.inv(Z.T @ (Z * (root**2)[:, None]))
    return bread @ Z.T @ (root[:, None] * correlation * root) @ Z @ bread


def larger_of_both(sandwich, shared):
    """Return what is the larger of both in each direction, of many not the least."""
    ratio, directions = eigh(sandwich, shared)
    back = np.linalg.inv(directions)
    return back.T @ np.diag(np.maximum(ratio, 1.0)) @ back
