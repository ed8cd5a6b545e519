"""Studies whose truth is known: patients with several lesions, drawn at random."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit
from scipy.stats import norm

POSITIVE = 0.4  # share of patients, or of lesions where classes are mixed


class Drawn(NamedTuple):
    """Lesions of one study.

    Attributes
    ----------
    y : ndarray of bool, shape (n_lesions,)
        Outcome.
    patient : ndarray of int, shape (n_lesions,)
        Whose lesion it is.
    scores : ndarray of shape (n_scores, n_lesions)
        Normal in each class.
    """

    y: np.ndarray
    patient: np.ndarray
    scores: np.ndarray


def draw_classes(rng, n_patients, n_lesions, *, mixed, share=POSITIVE):
    """Return the outcome of each lesion, two patients of each class at least.

    Parameters
    ----------
    mixed : bool
        Whether lesions of a patient can differ; otherwise patients have one class.
    share : float
        Of the positives.

    Returns
    -------
    ndarray of bool, shape (n_patients * n_lesions,)
    """
    while True:
        if mixed:
            y = rng.random((n_patients, n_lesions)) < share
        else:
            y = np.repeat(rng.random((n_patients, 1)) < share, n_lesions, axis=1)
        if min(y.any(axis=1).sum(), (~y).any(axis=1).sum()) >= 2:
            return y.ravel()


def correlated(rng, n_patients, n_lesions, correlation, size=1):
    """Return standard normal values whose lesions of a patient are correlated."""
    own = rng.normal(size=(size, n_patients, 1))
    rest = rng.normal(size=(size, n_patients, n_lesions))
    values = np.sqrt(correlation) * own + np.sqrt(1 - correlation) * rest
    return values.reshape(size, -1)


def draw_study(
    rng, n_patients, n_lesions, *, auc, mixed, correlation=0.5, alike=0.0, n_scores=1
):
    """Draw one study with scores of a known AUC.

    Parameters
    ----------
    auc : float
        Of lesions of two patients, of each score.
    mixed : bool
        Whether lesions of a patient can differ in class.
    correlation : float
        Between lesions of a patient, within a class.
    alike : float
        Correlation of two scores of a lesion.
    n_scores : int
        How many scores.

    Returns
    -------
    Drawn
    """
    y = draw_classes(rng, n_patients, n_lesions, mixed=mixed)
    shape = (n_patients, n_lesions, correlation)
    noise = np.sqrt(1 - alike) * correlated(rng, *shape, size=n_scores)
    noise += np.sqrt(alike) * correlated(rng, *shape)
    patient = np.repeat(np.arange(n_patients), n_lesions)
    return Drawn(y, patient, noise + np.sqrt(2) * norm.ppf(auc) * y)


def of_threshold(auc, threshold, share=POSITIVE):
    """Return what a threshold of a score of `draw_study` truly gives, by name."""
    sensitivity = norm.sf(threshold - np.sqrt(2) * norm.ppf(auc))
    specificity = norm.cdf(threshold)
    hits = [share * sensitivity, (1 - share) * specificity]
    return {
        "sensitivity": sensitivity,
        "specificity": specificity,
        "accuracy": sum(hits),
        "ppv": hits[0] / (hits[0] + (1 - share) * (1 - specificity)),
        "npv": hits[1] / (hits[1] + share * (1 - sensitivity)),
    }


def draw_risks(rng, n_patients, n_lesions, *, spread=1.2, correlation=0.5):
    """Draw lesions whose probabilities are true.

    The outcomes of a patient are correlated beyond the probabilities: a normal
    threshold model with the given correlation between lesions.

    Returns
    -------
    y : ndarray of bool, shape (n_lesions,)
    patient : ndarray of int, shape (n_lesions,)
    risk : ndarray of shape (n_lesions,)
    """
    while True:
        score = spread * correlated(rng, n_patients, n_lesions, correlation)[0] - 0.5
        risk = expit(score)
        hidden = correlated(rng, n_patients, n_lesions, correlation)[0]
        y = hidden < norm.ppf(risk)
        if 2 <= y.sum() <= len(y) - 2:
            return y, np.repeat(np.arange(n_patients), n_lesions), risk
