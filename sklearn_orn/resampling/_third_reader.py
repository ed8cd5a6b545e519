"""What another reader in place of one of the study's would have changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from sklearn_orn._patients_on_both_sides import check_groups
from sklearn_orn._types import Classifier, Folds, Seed, Split
from sklearn_orn.resampling._fitting import (
    check_outcome,
    fit_quietly,
    positive_probability,
    run_all,
)
from sklearn_orn.resampling._folds import patient_folds
from sklearn_orn.resampling._refits import passed_steps


def third_reader(
    pipeline: Classifier,
    tables: dict[str, pd.DataFrame],
    y: ArrayLike,
    *,
    cv: Folds = 5,
    groups: ArrayLike | None = None,
    random_state: Seed = 0,
    n_jobs: int | None = None,
) -> pd.DataFrame:
    """Fit a pipeline on the readings of several sets of readers, and compare them.

    Parameters
    ----------
    pipeline : Pipeline
        From columns of readers to a probability, such as `ICCFilter` to
        `NomogramClassifier`.
    tables : dict of str to DataFrame
        The same lesions as each set of readers drew them, such as those of
        `swap_reader`; the first is what the others are compared with.
    y : array-like of shape (n_lesions,)
        Outcome.
    cv : int, splitter or folds, default=5
        Folds, the same for all; an int means stratified folds of patients.
    groups : array-like of shape (n_lesions,), default=None
        The patient of each lesion.
    random_state : int or None, default=0
        Seed of the folds.
    n_jobs : int, default=None
        Number of processes, for the sets of readers.

    Returns
    -------
    DataFrame
        One row a set of readers: ``n_selected`` features of the fit on all lesions,
        ``jaccard``, their share in common with the first set's, the mean ``auc`` of the
        folds, and Spearman's ``correlation`` of the out-of-fold probabilities with the
        first set's.

    Raises
    ------
    NotEstimable
        If there are too few patients of a class, or no fit is possible.
    ValueError
        If there is no table, or they have different numbers of rows.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_orn import ICCFilter, NomogramClassifier
    >>> from sklearn_orn.resampling import third_reader
    >>> from sklearn_orn.selection import swap_reader
    >>> rng = np.random.default_rng(0)
    >>> y, truth = np.arange(60) % 2, rng.normal(size=(60, 3))
    >>> truth[:, 0] += y
    >>> def block(name):
    ...     seen = truth + 0.1 * rng.normal(size=(60, 3))
    ...     return pd.DataFrame(seen, columns=[f"{name}__{x}" for x in "abc"])
    >>> X = pd.concat([block(name) for name in ("anna", "ben", "carla")], axis=1)
    >>> other = swap_reader(X, "anna", "carla")
    >>> tables = {"anna, ben": X.iloc[:, :6], "carla, ben": other}
    >>> model = make_pipeline(ICCFilter(), NomogramClassifier(lambda_rule=0.1))
    >>> model = model.set_output(transform="pandas")
    >>> third_reader(model, tables, y)["jaccard"].tolist()
    [1.0, 1.0]
    """
    labels, _ = check_outcome(y)
    patients = None if groups is None else check_groups(groups, len(labels))
    sizes = sorted({len(table) for table in tables.values()})
    if sizes != [len(labels)]:
        raise ValueError(
            f"tables have {sizes} rows; expected one table at least, and the "
            f"{len(labels)} rows of y in each."
        )
    folds = patient_folds(cv, labels, patients, random_state)
    read = run_all(
        _read,
        ((pipeline, table, labels, patients, folds) for table in tables.values()),
        n_jobs=n_jobs,
        verbose=0,
        description="sets of readers",
    )
    chosen, reference = read[0].selected, read[0].probability
    rows = []
    for selected, probability, auc in read:
        either, ranked = selected | chosen, ~np.isnan(probability)
        rows.append(
            (
                len(selected),
                len(selected & chosen) / len(either) if either else 1.0,
                auc,
                _rank_correlation(probability[ranked], reference[ranked]),
            )
        )
    return pd.DataFrame(
        rows,
        index=pd.Index(tables, name="readers"),
        columns=["n_selected", "jaccard", "auc", "correlation"],
    )


class _Read(NamedTuple):
    """What is learnt of the readings of one set: features, out-of-fold values."""

    selected: set[str]
    probability: np.ndarray
    auc: float


def _read(
    pipeline: Classifier,
    table: pd.DataFrame,
    labels: np.ndarray,
    patients: np.ndarray | None,
    folds: list[Split],
) -> _Read:
    fitted, _ = fit_quietly(pipeline, table, labels, patients, slice(None))
    probability, aucs = np.full(len(labels), np.nan), []
    for train, test in folds:
        fold, _ = fit_quietly(pipeline, table, labels, patients, train)
        probability[test] = positive_probability(fold, table, test)
        if len(np.unique(labels[test])) > 1:
            aucs.append(roc_auc_score(labels[test], probability[test]))
    selected = set(_selected(passed_steps(fitted)))
    return _Read(selected, probability, float(np.mean(aucs)) if aucs else np.nan)


def _selected(passed: dict[str, list[str]]) -> Sequence[str]:
    """Return the features that passed the last selecting step."""
    return list(passed.values())[-1] if passed else ()


def _rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    if len(np.unique(a)) < 2 or len(np.unique(b)) < 2:
        return float("nan")
    return float(spearmanr(a, b).statistic)
