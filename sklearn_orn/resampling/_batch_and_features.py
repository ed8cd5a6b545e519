"""Whether the features tell the centre: a classifier two-sample test by patient."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.model_selection import GroupKFold
from sklearn.utils import check_random_state

from sklearn_orn._readable import readable
from sklearn_orn._types import Seed, Split
from sklearn_orn._validation import check_at_least, float_array
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics.shared import patient_codes, sorted_codes, weighted_auc
from sklearn_orn.resampling._parameters import of_resampling
from sklearn_orn.resampling._permutation import shuffle_outcome


@readable
class RecognisedBatch(NamedTuple):
    """How well features tell the batches, and what shuffled batches give.

    Attributes
    ----------
    auc : float
        Mean over batches and folds of the AUC of one batch against the others.
    by_batch : Series of shape (n_batches,)
        The same of each batch.
    null : ndarray of shape (n_permutations,)
        `auc` with shuffled batches; its expectation is 0.5. NaN where no fold tests a
        shuffled batch beside others.
    p_value : float
        ``(1 + number of null values at least as large, or NaN) / (1 +
        n_permutations)``.
    """

    auc: float
    by_batch: pd.Series
    null: np.ndarray
    p_value: float


@of_resampling
def features_predict_batch(
    X: ArrayLike,
    batch: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    cv: int = 5,
    n_permutations: int = 100,
    random_state: Seed = None,
) -> RecognisedBatch:
    r"""Test whether features tell the batches apart: a classifier two-sample test.

    If the features are distributed alike in all batches no classifier can tell where a
    new patient comes from. One that can shows that scanners, protocols or patients
    differ; it does not say which of them.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Features; missing ones are NaN.
    cv : int, default=5
        Folds, of patients.
    n_permutations : int, default=100
        Number of shuffled batches.

    Returns
    -------
    RecognisedBatch
        Named tuple ``auc, by_batch, null, p_value``.

    Raises
    ------
    NotEstimable
        If all samples are of one batch, a batch has fewer than two patients, or there
        are fewer patients than folds.

    See Also
    --------
    batch_predicts_class : Whether the batch tells the class.
    sklearn_orn.selection.ComBat : Takes away what batches add.

    Notes
    -----
    The classifier is the ridge regression of each batch's membership on the features,
    standardised by the training folds, missing ones at their mean, with as large a
    penalty as there are features. It has a closed form, so that all permutations share
    the folds' matrices. The folds do not look at the batches, and under the null
    hypothesis patients exchange theirs, so the p value holds for any number of
    patients [1]_, [2]_. The AUC of a fold counts where it tests a batch and others.

    References
    ----------
    .. [1] Lopez-Paz, Oquab, ICLR 2017. Kim, Ramdas, Singh, Wasserman, Ann Stat
       2021;49:411-434.
    .. [2] Ojala, Garriga, J Mach Learn Res 2010;11:1833-1863.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.resampling import features_predict_batch
    >>> rng = np.random.default_rng(0)
    >>> centre = np.repeat(["A", "B", "C"], 40)
    >>> X = rng.normal(size=(120, 30)) + 0.4 * (centre == "B")[:, None]
    >>> found = features_predict_batch(X, centre, n_permutations=19, random_state=0)
    >>> found.by_batch.round(2).to_dict(), found.p_value
    ({'A': 0.66, 'B': 0.88, 'C': 0.66}, 0.05)
    """
    values = float_array(X, "X")
    if values.ndim != 2 or values.shape[1] == 0:
        raise ValueError(
            "X must be a table of features, one row a sample, got an array of shape "
            f"{values.shape}."
        )
    n = len(values)
    codes, names = sorted_codes(batch, n, "batch")
    check_at_least(n_permutations, 1, "n_permutations")
    unit = patient_codes(groups, n)
    own = np.arange(n) if unit is None else unit
    n_patients = len(np.unique(own))
    fewest = min(len(np.unique(own[codes == k])) for k in range(len(names)))
    if fewest < 2 or n_patients < cv:
        raise NotEstimable(
            f"{n_patients} patients, of a batch {fewest} at least, are too few for "
            f"{cv} folds: they need {cv}, and two of each batch."
        )
    rng = check_random_state(random_state)
    folds = GroupKFold(cv, shuffle=True, random_state=rng.randint(2**31 - 1))
    splits = list(folds.split(values, groups=own))
    smoothers = [_smoother(values, *split) for split in splits]
    found = _aucs(codes, len(names), splits, smoothers)
    if not np.isfinite(found).all():
        raise NotEstimable(
            "A batch is not tested beside others in any fold: it has too few patients."
        )
    auc = float(found.mean())
    null = np.array(
        [
            _mean_of_tested(_aucs(shuffled, len(names), splits, smoothers))
            for shuffled in (
                shuffle_outcome(codes, unit, rng) for _ in range(n_permutations)
            )
        ]
    )
    as_large = int((~(null < auc - 1e-12)).sum())
    return RecognisedBatch(
        auc,
        pd.Series(found, index=list(names), name="auc"),
        null,
        (1 + as_large) / (1 + n_permutations),
    )


def _smoother(values: np.ndarray, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Return what leads from memberships in training to scores of the test samples."""
    known = np.isfinite(values[train])
    count = np.maximum(known.sum(axis=0), 1)
    learnt = np.where(known, values[train], 0.0)
    mean = learnt.sum(axis=0) / count
    spread = np.sqrt((np.where(known, values[train] - mean, 0.0) ** 2).sum(0) / count)
    scale = np.where(spread > 0, spread, np.inf)
    Z = np.where(np.isfinite(values), values - mean, 0.0) / scale
    p = values.shape[1]
    # The columns of Z sum to 0 in training: memberships need not be centred.
    kernel = Z[train] @ Z[train].T / p + np.eye(len(train))
    return Z[test] @ Z[train].T / p @ np.linalg.inv(kernel)


def _mean_of_tested(aucs: np.ndarray) -> float:
    """Return the mean AUC of the batches that some fold tests, NaN without any."""
    tested = aucs[np.isfinite(aucs)]
    return float(tested.mean()) if len(tested) else np.nan


def _aucs(
    codes: np.ndarray, n_batches: int, splits: list[Split], smoothers: list[np.ndarray]
) -> np.ndarray:
    """Return the AUC of each batch, mean over the folds; NaN where none tests it."""
    found = np.full((len(splits), n_batches), np.nan)
    member = codes[:, None] == np.arange(n_batches)
    for fold, ((train, test), smoother) in enumerate(
        zip(splits, smoothers, strict=True)
    ):
        scores = smoother @ member[train].astype(float)
        for k in range(n_batches):
            here = member[test, k]
            if 0 < here.sum() < len(here):
                found[fold, k] = weighted_auc(here, scores[:, k])
    seen = np.isfinite(found)
    total = np.where(seen, found, 0.0).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return total / seen.sum(axis=0)
