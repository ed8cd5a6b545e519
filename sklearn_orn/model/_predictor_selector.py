"""Selection of predictors of a small model, each with all its columns."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Literal, Self, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import ClassifierTags, Tags

from sklearn_orn._column_selector import ColumnSelector
from sklearn_orn._messages import shown
from sklearn_orn._patients_on_both_sides import check_groups
from sklearn_orn._types import Folds, Seed
from sklearn_orn._validation import (
    Interval,
    StrOptions,
    checked_training,
    feature_names,
    name_list,
)
from sklearn_orn.exceptions import NotEstimable, StudyWarning
from sklearn_orn.model._classifier import LambdaRule, NomogramClassifier
from sklearn_orn.model._fit_input import encode_binary
from sklearn_orn.model._predictor_test import predictor_p

Method: TypeAlias = Literal["univariable", "lasso"]
Patients: TypeAlias = np.ndarray | None
Places: TypeAlias = dict[str, list[int]]  # the columns of each predictor

NAME_THEM = "Take all predictors, or name those of the model beforehand"


class PredictorSelector(ColumnSelector):
    """Select predictors, each with all its columns, by a test or by the LASSO.

    A category is one predictor with the columns of its levels, a spline one with those
    of its terms: they stay together, or go together.

    Parameters
    ----------
    method : {"univariable", "lasso"}, default="univariable"
        - ``"univariable"``: what has a p value below `p_threshold` in a model of its
          own.
        - ``"lasso"``: what has a column with a nonzero coefficient in the LASSO of all
          columns; its other columns then stay too.
    p_threshold : float, default=0.05
        Of the univariable tests.
    predictors : mapping of str to list of str, default=None
        Name of a predictor -> its columns. A column that stands nowhere belongs to the
        predictor of its own name. Columns that X lacks are passed over: a fold may
        lack a level.
    penalty : {"none", "firth"}, default="none"
        Of the univariable models: maximum likelihood, or Firth's penalty.
    cv : int, splitter or iterable of (train, test), default=10
        Folds in which the LASSO's lambda is chosen, see `NomogramClassifier`.
    lambda_rule : {"min", "1se"} or float, default="min"
        How it is chosen.
    random_state : int, RandomState instance or None, default=None
        Shuffles the folds of an int `cv`.

    Attributes
    ----------
    predictors_ : dict of str to tuple of str
        Each predictor and those of its columns that X has.
    selected_predictors_ : ndarray of str
        Predictors that stay.
    p_values_ : dict of str to float
        Of the univariable test of each predictor; NaN with the LASSO, and of a
        predictor that does not vary.
    coef_ : ndarray of shape (n_features,)
        The LASSO's coefficients; NaN with univariable tests.
    lambda_ : float
        Its lambda; NaN with univariable tests.
    [[n_features_in_, feature_names_in_]]

    See Also
    --------
    sklearn_orn.model.odds_ratios : The table of the univariable models.

    Notes
    -----
    The univariable test is one of all columns of the predictor, with as many degrees
    of freedom: the likelihood ratio test, which is better than Wald's in small samples
    and has a value where a level separates the classes. Lesions of one patient are no
    independent samples, and a likelihood takes them as such; so where `groups` has a
    patient of several it is Wald's test by patient, as the p values of `odds_ratios`:
    by the larger in each direction of Huber's sandwich and of the covariance with one
    correlation of the lesions of a patient (`NomogramClassifier.summary`), with the F
    distribution. That of rms's ``anova(robcov(...))`` takes the sandwich alone. Where
    the classes are separated Wald's has no value, and the score test by patient stands
    for it.

    The selection looks at the outcome: it belongs inside the pipeline that is
    cross-validated. Selected outside, noise predicts. Coefficients, intervals and p
    values of a model of the selected predictors still are too far from 0, too short
    and too small: they take the selection as given.

    References
    ----------
    Heinze, Wallisch, Dunkler, Biom J 2018;60:431-449 (what selection does). Boos, Am
    Stat 1992;46:327-333 (the score test).

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn_orn.model import PredictorSelector
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame(rng.normal(size=(80, 4)), columns=["age", "b", "c", "d"])
    >>> y = (X["age"] + rng.normal(size=80) > 0).astype(int)
    >>> selector = PredictorSelector(predictors={"site": ["b", "c"]}).fit(X, y)
    >>> list(selector.predictors_)
    ['age', 'site', 'd']
    >>> selector.selected_predictors_.tolist()
    ['age']
    """

    _parameter_constraints = {
        "method": [StrOptions(set(get_args(Method)))],
        "p_threshold": [Interval(Real, 0, 1, closed="right")],
        "predictors": [None, Mapping],
        "penalty": [StrOptions({"none", "firth"})],
        "cv": ["cv_object"],
        "lambda_rule": [
            StrOptions(set(get_args(LambdaRule))),
            Interval(Real, 0, None, closed="left"),
        ],
        "random_state": ["random_state"],
    }

    # Requested by default, as the classifier does.
    __metadata_request__fit = {"groups": True}

    def __init__(
        self,
        method: Method = "univariable",
        *,
        p_threshold: float = 0.05,
        predictors: Mapping[str, Sequence[str]] | None = None,
        penalty: Literal["none", "firth"] = "none",
        cv: Folds = 10,
        lambda_rule: LambdaRule | float = "min",
        random_state: Seed = None,
    ) -> None:
        self.method = method
        self.p_threshold = p_threshold
        self.predictors = predictors
        self.penalty = penalty
        self.cv = cv
        self.lambda_rule = lambda_rule
        self.random_state = random_state

    def fit(
        self, X: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None
    ) -> Self:
        """Judge the predictors, and choose.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Columns without missing values.
        y : array-like of shape (n_samples,)
            Two classes.

        Raises
        ------
        NotEstimable
            If no predictor is selected, or the LASSO's folds cannot be made.
        ValueError
            If `predictors` gives a column to two predictors, or names no column of X.
        """
        self._validate_params()
        X, y = checked_training(self, X, y)
        outcome = encode_binary(y, type(self).__name__)[1]
        patient = None
        if groups is not None:
            checked = check_groups(groups, len(X))
            patient = np.unique(checked, return_inverse=True)[1]
        names = [str(name) for name in feature_names(self)]
        owner = self._owners(names)
        places: Places = {}
        for j, name in enumerate(names):
            places.setdefault(owner.get(name, name), []).append(j)
        self.predictors_ = {
            name: tuple(names[j] for j in columns) for name, columns in places.items()
        }
        self.p_values_ = dict.fromkeys(places, np.nan)
        self.coef_, self.lambda_ = np.full(X.shape[1], np.nan), np.nan
        if self.method == "univariable":
            chosen = self._by_tests(X, outcome, patient, places)
        else:
            chosen = self._by_lasso(X, outcome, patient, places)
        self.selected_predictors_ = np.array(chosen, dtype=object)
        kept = [j for name in chosen for j in places[name]]
        self._support = np.isin(np.arange(X.shape[1]), kept)
        return self

    def _by_tests(
        self, X: np.ndarray, y: np.ndarray, patient: Patients, places: Places
    ) -> list[str]:
        firth = self.penalty == "firth"
        self.p_values_ = {
            name: predictor_p(X[:, columns], y, patient, firth=firth)
            for name, columns in places.items()
        }
        chosen = [name for name, p in self.p_values_.items() if p < self.p_threshold]
        if not chosen:
            known = [(p, name) for name, p in self.p_values_.items() if not np.isnan(p)]
            least = [
                f"; the smallest is {p:.2g}, of {name!r}" for p, name in sorted(known)
            ]
            raise NotEstimable(
                f"No predictor of {len(places)} has p < {self.p_threshold:g} in a "
                f"model of its own{''.join(least[:1])}: nothing is selected. "
                f"{NAME_THEM}, or raise the limit."
            )
        return chosen

    def _by_lasso(
        self, X: np.ndarray, y: np.ndarray, patient: Patients, places: Places
    ) -> list[str]:
        lasso = NomogramClassifier(
            cv=self.cv, lambda_rule=self.lambda_rule, random_state=self.random_state
        )
        with warnings.catch_warnings():
            # The model of what is selected says what is weak in it.
            warnings.simplefilter("ignore", StudyWarning)
            lasso.fit(X, y, groups=patient)
        self.coef_, self.lambda_ = lasso.coef_[0], lasso.lambda_
        chosen = [name for name, columns in places.items() if self.coef_[columns].any()]
        if not chosen:
            raise NotEstimable(
                f"The LASSO gives none of {len(places)} predictors a coefficient: "
                f"nothing is selected. {NAME_THEM}."
            )
        return chosen

    def _owners(self, names: list[str]) -> dict[str, str]:
        """Return the predictor of each column that `predictors` names."""
        owner: dict[str, str] = {}
        for predictor, columns in (self.predictors or {}).items():
            if isinstance(columns, str) or not isinstance(columns, Sequence):
                raise TypeError(
                    f"predictors[{predictor!r}] is {shown(columns)}: expected a list "
                    "of names of columns."
                )
            for column in columns:
                if column in owner:
                    raise ValueError(
                        f"predictors gives the column {shown(column)} to "
                        f"{owner[column]!r} and to {predictor!r}: a column belongs to "
                        "one predictor."
                    )
                owner[column] = predictor
        if owner and not set(owner) & set(names):
            raise ValueError(
                f"predictors names {name_list(map(repr, owner))}, and X has none of "
                f"them. It has {name_list(map(repr, names))}."
            )
        return owner

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags = ClassifierTags(multi_class=False)
        return tags
