"""The score of a model as one column, cross-fitted by patient where it trains."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Integral
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logit
from sklearn.base import BaseEstimator, MetaEstimatorMixin, TransformerMixin, clone
from sklearn.utils import ClassifierTags, Tags, _safe_indexing, get_tags, indexable
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _num_samples, check_is_fitted

from sklearn_orn._documented import Documented
from sklearn_orn._patients_on_both_sides import check_groups
from sklearn_orn._refitting import clone_to_refit, fit_with_groups
from sklearn_orn._study_warnings import warn
from sklearn_orn._types import Estimator, Folds, Seed, Split
from sklearn_orn._validation import HasMethods, Interval, StrOptions
from sklearn_orn.exceptions import NotEstimable, StudyWarning
from sklearn_orn.model._fit_input import encode_binary
from sklearn_orn.model._inner_folds import make_folds


class CrossFittedScore(MetaEstimatorMixin, TransformerMixin, Documented, BaseEstimator):
    """The score of a classifier as a column for a second model.

    In training the score of a row comes from a model that has not seen its patient, for
    new rows from the model of all training rows. So the radiomics score stands beside
    clinical predictors in one model without being believed too much.

    Parameters
    ----------
    estimator : classifier
        What gives the score: a Pipeline of the texture branch that ends in a
        `NomogramClassifier`, or any binary classifier.
    cv : int, splitter or iterable of (train, test), default=5
        Folds of the cross-fitting; each row is tested once. An int means a shuffled
        `StratifiedKFold`, or a shuffled `StratifiedGroupKFold` where `fit_transform`
        gets groups.
    response_method : {"auto", "decision_function", "predict_proba"}, default="auto"
        ``"decision_function"`` is the score of a `NomogramClassifier`, log-odds;
        ``"predict_proba"`` is the log-odds of the probability. ``"auto"`` takes the
        first of them that the estimator has.
    name : str, default="radiomics score"
        Name of the column.
    n_jobs : int, default=None
        Folds that are fitted at the same time.
    random_state : int, RandomState instance or None, default=None
        Shuffles the folds of an int `cv`.

    Attributes
    ----------
    estimator_ : classifier
        The estimator, fitted to all training rows.
    classes_ : ndarray of shape (2,)
        The labels; a larger score speaks for the second.
    n_features_in_ : int
        Number of columns seen in fit, where `estimator` counts them.
    feature_names_in_ : ndarray of str
        Their names, where X has names.

    Warns
    -----
    StudyWarning
        If the column is constant in training, see the Notes. Of the models that are
        fitted, that of all rows warns.

    See Also
    --------
    NomogramClassifier : Its ``penalty="none"`` is the second model.
    sklearn.ensemble.StackingClassifier : Does so too, without groups or a nomogram.

    Notes
    -----
    **In training call `fit_transform`,** as `Pipeline` and `ColumnTransformer` do.
    ``fit(X, y).transform(X)`` gives the apparent scores of rows that the model has
    learnt from: a second model trusts them too much, and finds a score in noise.
    `transform` cannot know that it is given training rows.

    **Patients.** `fit` requests `groups` by default, so under
    ``sklearn.config_context(enable_metadata_routing=True)`` pipelines and searches hand
    them on; they reach the folds here and the estimator's own.

    **Its standard error.** Cross-fitting takes the optimism away. What is left: each
    pair of patients is used twice, when one is scored by a model of the other and the
    other way round. In noise the variance of the score's coefficient is so up to twice
    what a model says that takes the column as given (Höfling and Tibshirani find its
    test biased too). ``summary(cross_fitted=["radiomics score"])`` and `odds_ratios`
    double it.

    If every fold's model gives its rows one score, as a LASSO that selects nothing
    does, the column is constant: what differs between folds is the prevalence.

    References
    ----------
    Tibshirani, Efron, Stat Appl Genet Mol Biol 2002;1:1 (pre-validation). Höfling,
    Tibshirani, Ann Appl Stat 2008;2:643-664.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import sklearn
    >>> from sklearn.compose import ColumnTransformer
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_orn import NomogramClassifier
    >>> from sklearn_orn.model import CrossFittedScore
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame(rng.normal(size=(200, 5)), columns=["age", *"abcd"])
    >>> y = (X["a"] - X["b"] + X["age"] + rng.normal(size=200) > 0).astype(int)
    >>> score = CrossFittedScore(NomogramClassifier(cv=5), random_state=0)
    >>> columns = ColumnTransformer(
    ...     [("score", score, list("abcd")), ("clinical", "passthrough", ["age"])],
    ...     verbose_feature_names_out=False,
    ... ).set_output(transform="pandas")
    >>> model = make_pipeline(columns, NomogramClassifier(penalty="none"))
    >>> with sklearn.config_context(enable_metadata_routing=True):
    ...     model = model.fit(X, y, groups=np.arange(200) // 2)
    >>> model[-1].summary().index.tolist()
    ['Intercept', 'radiomics score', 'age']
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit"])],
        "cv": ["cv_object"],
        "response_method": [StrOptions({"auto", "decision_function", "predict_proba"})],
        "name": [str],
        "n_jobs": [None, Interval(Integral, None, None, closed="neither")],
        "random_state": ["random_state"],
    }

    _texts = """
X : array-like, DataFrame or sequence of lesions of length n_samples
    What `estimator` takes.
y : array-like of shape (n_samples,)
    Two classes; the second in sorted order is positive.
groups : array-like of shape (n_samples,), default=None
    The patient of each row, none of which stands on both sides of a fold.
"""

    _chooses_only = False  # then its own model is a refit too, see clone_to_refit

    # Requested by default, so that routing hands the patients to the folds.
    __metadata_request__fit = {"groups": True}

    def __init__(
        self,
        estimator: Estimator,
        *,
        cv: Folds = 5,
        response_method: str = "auto",
        name: str = "radiomics score",
        n_jobs: int | None = None,
        random_state: Seed = None,
    ) -> None:
        self.estimator = estimator
        self.cv = cv
        self.response_method = response_method
        self.name = name
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: object, y: ArrayLike, *, groups: ArrayLike | None = None) -> Self:
        """Fit the estimator to all rows, for the scores of new ones."""
        self._fit_whole(*self._checked(X, y, groups))
        return self

    def fit_transform(
        self, X: object, y: ArrayLike, *, groups: ArrayLike | None = None
    ) -> np.ndarray:
        """Fit, and return for each row the score of a model without its patient.

        Raises
        ------
        NotEstimable
            If a class has fewer patients than there are folds, or a fold leaves one
            class only to train on.
        ValueError
            If a patient stands on both sides of a fold, or the folds do not test each
            row once.
        """
        X, outcome, patient = self._checked(X, y, groups)
        splits = self._splits(outcome, patient)
        fitted = Parallel(n_jobs=self.n_jobs)(
            delayed(_fit_fold)(
                clone_to_refit(self.estimator), X, outcome, patient, train
            )
            for train, _ in splits
        )
        scores = np.empty(len(outcome))
        for model, (_, test) in zip(fitted, splits, strict=True):
            scores[test] = self._score(model, _safe_indexing(X, test))
        if all(np.ptp(scores[test]) == 0 for _, test in splits):
            scores[:] = scores.mean()
            warn(
                "The estimator gives all rows of a fold the same score, in each fold: "
                f"the column {self.name!r} is constant, and tells nothing.",
                "ORN002",
                stacklevel=2,
            )
        self._fit_whole(X, outcome, patient)
        return scores[:, None]

    def transform(self, X: object) -> np.ndarray:
        """Return the scores of the model of all training rows, for new rows.

        Parameters
        ----------
        X : array-like, DataFrame or sequence of lesions of length n_samples
            New rows; for those of the training see the Notes.

        Returns
        -------
        ndarray of shape (n_samples, 1)
            The scores; a DataFrame where `set_output` says so.
        """
        check_is_fitted(self)
        return self._score(self.estimator_, X)[:, None]

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Return the name of the column.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Not used.

        Returns
        -------
        ndarray of str, shape (1,)
            `name`.
        """
        check_is_fitted(self)
        return np.array([self.name], dtype=object)

    def _checked(
        self, X: object, y: ArrayLike, groups: ArrayLike | None
    ) -> tuple[object, np.ndarray, np.ndarray | None]:
        self._validate_params()
        if y is None:
            raise ValueError(
                "CrossFittedScore requires y to be passed, but the target y is None."
            )
        (X,) = indexable(X)
        outcome, n = np.asarray(y), _num_samples(X)
        if n == 0:
            raise ValueError("X holds no rows: there is nothing to fit.")
        if outcome.shape != (n,):
            raise ValueError(
                f"y must hold the class of each of the {n} rows of X, got an array of "
                f"shape {outcome.shape}."
            )
        encode_binary(outcome, type(self).__name__)
        return X, outcome, None if groups is None else check_groups(groups, n)

    def _fit_whole(
        self, X: object, outcome: np.ndarray, patient: np.ndarray | None
    ) -> None:
        copied = clone_to_refit if self._chooses_only else clone
        self.estimator_ = fit_with_groups(copied(self.estimator), X, outcome, patient)
        self.classes_ = np.unique(outcome)
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self.estimator_, name):
                setattr(self, name, getattr(self.estimator_, name))
            elif hasattr(self, name):
                delattr(self, name)

    def _splits(
        self, outcome: np.ndarray, groups: np.ndarray | None
    ) -> Sequence[Split]:
        splits = make_folds(
            np.zeros((len(outcome), 1)),
            np.unique(outcome, return_inverse=True)[1],
            groups,
            cv=self.cv,
            n_repeats=1,
            random_state=self.random_state,
        )
        tested = np.concatenate([test for _, test in splits])
        if not np.array_equal(np.sort(tested), np.arange(len(outcome))):
            raise ValueError(
                "The folds of cv must test each row once, for its score: repeated and "
                "random splits do not."
            )
        return splits

    def _score(self, fitted: Estimator, X: object) -> np.ndarray:
        method = self.response_method
        if method == "auto":
            has = hasattr(fitted, "decision_function")
            method = "decision_function" if has else "predict_proba"
        values = np.asarray(getattr(fitted, method)(X), dtype=np.float64)
        if method == "decision_function":
            return values
        proba = values[:, 1]
        certain = (proba <= 0) | (proba >= 1)
        if certain.any():
            raise ValueError(
                f"The estimator gives a probability of 0 or 1 to {certain.sum()} rows, "
                "which has no log-odds: calibrate it, or use one whose probabilities "
                "lie between."
            )
        return np.asarray(logit(proba))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.classifier_tags = ClassifierTags(multi_class=False)
        if hasattr(self.estimator, "__sklearn_tags__"):
            tags.input_tags = get_tags(self.estimator).input_tags
        return tags


def _fit_fold(
    estimator: Estimator,
    X: object,
    outcome: np.ndarray,
    patient: np.ndarray | None,
    train: np.ndarray,
) -> Estimator:
    """Fit to a part; what is weak in it is said of the fit to all rows."""
    inside = None if patient is None else patient[train]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)
        try:
            return fit_with_groups(
                estimator, _safe_indexing(X, train), outcome[train], inside
            )
        except NotEstimable as reason:
            raise NotEstimable(f"In a fold of the cross-fitting: {reason}") from reason
