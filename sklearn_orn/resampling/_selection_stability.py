"""How stable a selection is: which features come back on other patients."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtri
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_orn._patients_on_both_sides import check_groups
from sklearn_orn._readable import readable
from sklearn_orn._types import Classifier, Seed
from sklearn_orn._validation import feature_names
from sklearn_orn.resampling._fitting import count_up, outcome_array, report_failures
from sklearn_orn.resampling._parameters import of_resampling
from sklearn_orn.resampling._refits import Refit, Refits, passed_steps, refit


@readable
@dataclass(frozen=True, eq=False)
class Stability:
    """How often each feature passed each selecting step.

    Attributes
    ----------
    frequencies : DataFrame of shape (n_features, n_steps)
        Share of the resamples in which a feature passed a step.
    index : DataFrame
        One row per step: ``stability, lower, upper`` (Nogueira's index with its
        confidence limits) and ``mean_selected``, the mean number of features.
    n_resamples : int
        Resamples that could be fitted.
    failures : dict of str to int
        Why others could not, and how many.
    """

    frequencies: pd.DataFrame
    index: pd.DataFrame
    n_resamples: int
    failures: dict[str, int]


def nogueira_index(
    selected: ArrayLike, *, confidence: float = 0.95
) -> tuple[float, float, float]:
    r"""Nogueira's stability of feature selection, with its confidence interval.

    Parameters
    ----------
    selected : array-like of bool, shape (n_resamples, n_features)
        Which features each resample selected.
    confidence : float, default=0.95
        Level of the interval.

    Returns
    -------
    stability : float
        1 if all resamples select the same features, 0 on average if they select at
        random. NaN if all or no features are always selected, or with one resample.
    lower : float
        Lower limit of its interval.
    upper : float
        Upper limit.

    Notes
    -----
    :math:`1 - \frac{1}{d} \sum_f s_f^2 \big/ \left[\frac{\bar k}{d}
    \left(1 - \frac{\bar k}{d}\right)\right]` with the unbiased variances
    :math:`s_f^2` of the selection of each of d features and the mean number
    :math:`\bar k` of features selected.

    References
    ----------
    Nogueira, Sechidis, Brown, J Mach Learn Res 2018;18(174):1-54.

    Examples
    --------
    >>> from sklearn_orn.resampling import nogueira_index
    >>> nogueira_index([[1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0]])[0]
    1.0
    """
    z = np.asarray(selected, dtype=np.float64)
    n, d = z.shape
    share = z.mean(axis=0)
    mean_size = z.sum(axis=1).mean() / d
    chance = mean_size * (1 - mean_size)
    if n < 2 or chance == 0:
        return np.nan, np.nan, np.nan
    value = 1 - (n / (n - 1) * share * (1 - share)).mean() / chance
    size = z.sum(axis=1) / d
    influence = (
        (z * share).mean(axis=1)
        - size * mean_size
        + value / 2 * (2 * mean_size * size - size - mean_size + 1)
    ) / chance
    variance = 4 / n**2 * ((influence - influence.mean()) ** 2).sum()
    half = ndtri(0.5 + confidence / 2) * np.sqrt(variance)
    return float(value), float(value - half), float(min(value + half, 1.0))


def _all_features(fitted: Pipeline, steps: Iterable[str]) -> list[str]:
    """Names of all that the selecting steps choose from.

    The steps between may make columns, or rename them as a `ColumnTransformer` does.
    """
    seen = [_names_seen(fitted.named_steps[name]) for name in steps]
    return list(dict.fromkeys(str(name) for names in seen for name in names))


def _names_seen(step: BaseEstimator) -> np.ndarray:
    if hasattr(step, "predictors_"):
        return np.asarray(list(step.predictors_), dtype=object)
    if hasattr(step, "features_"):
        return np.asarray(step.features_, dtype=object)
    if hasattr(step, "n_features_in_"):
        return feature_names(step)
    return np.asarray(step.get_feature_names_out(), dtype=object)  # all it tells


@of_resampling
def stability(
    pipeline: Classifier,
    X: object,
    y: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    n_resamples: int | ArrayLike = 100,
    random_state: Seed = None,
    n_jobs: int | None = None,
) -> Stability:
    """Count how often each feature passes each selecting step of a pipeline.

    The whole pipeline is fitted anew on bootstrap samples of patients. Images are
    measured once.

    Parameters
    ----------
    pipeline : estimator
        Pipeline with steps that select features, or such a step alone, which goes by
        the name that `make_pipeline` gives it. It is not changed.
    y : array-like of shape (n_samples,)
        Outcome.
    n_resamples : int or array-like of int, default=100
        Number of resamples, or their rows, see the Notes.
    random_state : int, RandomState instance or None, default=None
        Seed of the resamples.

    Returns
    -------
    Stability
        ``frequencies``, ``index``, ``n_resamples`` and ``failures``.

    Raises
    ------
    NotEstimable
        If fewer than two resamples could be fitted.
    ValueError
        If no step selects.

    Warns
    -----
    StudyWarning
        If some resamples could not be fitted, with the reason.

    Notes
    -----
    Patients are drawn with replacement; the copies of a patient keep one group, so the
    inner folds never split them. `n_resamples` can hold rows instead, an integer array
    of shape (n_resamples, n_rows) counted from 0.

    Of a `PredictorSelector` the predictors are counted, not their columns.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_orn import FCMSelector, NomogramClassifier
    >>> from sklearn_orn.resampling import stability
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 12))
    >>> y = (X[:, 0] + 0.5 * rng.normal(size=60) > 0).astype(int)
    >>> pipeline = make_pipeline(FCMSelector(k=2), NomogramClassifier(cv=3))
    >>> result = stability(pipeline, X, y, n_resamples=10, random_state=0)
    >>> float(result.frequencies.loc["x0", "fcmselector"])
    1.0
    """
    outcome = outcome_array(y)
    patient = None if groups is None else check_groups(groups, len(outcome))
    if not isinstance(pipeline, Pipeline):
        pipeline = make_pipeline(pipeline)
    refits = refit(
        pipeline,
        X,
        outcome,
        codes=patient,
        unit=patient,
        n_resamples=n_resamples,
        random_state=random_state,
        n_jobs=n_jobs,
        selects=True,
        predicts=False,
    )
    return stability_of(refits)


def stability_of(refits: Refits) -> Stability:
    """Count how often each feature passes each step in resamples that are fitted."""
    steps = list(passed_steps(refits.whole))
    names = _all_features(refits.whole, steps)
    fitted = [each.passed for each in refits.resamples if isinstance(each, Refit)]
    failures = count_up(each for each in refits.resamples if isinstance(each, str))
    report_failures(len(refits.resamples), len(fitted), failures)
    frequencies, index = {}, {}
    for step in steps:
        selected = np.array([np.isin(names, result[step]) for result in fitted])
        frequencies[step] = selected.mean(axis=0)
        value, lower, upper = nogueira_index(selected)
        index[step] = {
            "stability": value,
            "lower": lower,
            "upper": upper,
            "mean_selected": selected.sum(axis=1).mean(),
        }
    return Stability(
        pd.DataFrame(frequencies, index=pd.Index(names, name="feature")),
        pd.DataFrame.from_dict(index, orient="index"),
        len(fitted),
        failures,
    )
