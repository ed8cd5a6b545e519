"""The nomogram's model: a LASSO logistic regression that cross-validates itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from numbers import Integral, Real
from typing import Literal, Self, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._documented import Documented
from sklearn_orn._patients_on_both_sides import check_groups
from sklearn_orn._types import Folds, Seed
from sklearn_orn._validation import (
    Interval,
    StrOptions,
    checked_table,
    checked_training,
    feature_names,
)
from sklearn_orn.metrics import youden_threshold
from sklearn_orn.model._coefficient_summary import CoefficientInference
from sklearn_orn.model._firth import firth_path
from sklearn_orn.model._fit_input import (
    class_weights,
    encode_binary,
    factor_vector,
    weighted_deviation,
)
from sklearn_orn.model._formula import Formula
from sklearn_orn.model._inner_folds import make_folds
from sklearn_orn.model._lambda_choice import (
    SCORINGS,
    CrossValidation,
    Scoring,
    cross_validate_path,
    interpolate_path,
    path_to_the_best,
)
from sklearn_orn.model._lasso import LassoPath, PathSettings, logistic_lasso_path
from sklearn_orn.model._linear import linear_predictor
from sklearn_orn.model._log_odds import LogOddsMixin
from sklearn_orn.model._weak_fit import warn_weak

Penalty: TypeAlias = Literal["lasso", "none", "firth"]
LambdaRule: TypeAlias = Literal["min", "1se"]


def _not_cross_validated(path: LassoPath) -> CrossValidation:
    nothing = np.full(len(path.lambdas), np.nan)
    return CrossValidation(nothing, nothing, np.nan, np.nan)


class NomogramClassifier(CoefficientInference, LogOddsMixin, Documented, BaseEstimator):
    r"""LASSO logistic regression with its lambda chosen by cross-validation.

    The model behind a radiomics nomogram, as R's glmnet fits it. Its
    `decision_function` is the radiomics score.

    Parameters
    ----------
    penalty : {"lasso", "none", "firth"}, default="lasso"
        ``"none"`` is the maximum likelihood fit, as rms's ``lrm``: for a model of few
        predictors, such as clinical data and the radiomics score. ``"firth"`` is that
        of Firth's penalised likelihood, as logistf: it is finite where a level holds
        samples of one class only, and `sample_weight` counts samples there.
    cv : int, splitter or iterable of (train, test), default=10
        Folds for the choice of lambda. An int means a shuffled `StratifiedKFold`, or a
        shuffled `StratifiedGroupKFold` where `fit` gets groups.
    lambda_rule : {"min", "1se"} or float, default="min"
        Lambda of the best cross-validated score, the largest lambda within a
        standard error of it, or a value of your own (then nothing is cross-validated).
    scoring : {"deviance", "auc", "error", "brier"}, default="deviance"
        The score of the cross-validation: -2 log-likelihood per sample, AUC,
        misclassification at a probability of 0.5, or mean squared error of the
        probability.
    l1_ratio : float, default=1.0
        1 is the LASSO; less is the elastic net, glmnet's ``alpha``.
    n_lambdas : int, default=100
        Length of the path.
    n_repeats : int, default=1
        How often the cross-validation is repeated with other folds. For int `cv`. The
        mean score gets steadier; the standard error stays that of one cross-validation.
    penalty_factor : array-like of shape (n_features,) or dict, default=None
        Factors of the LASSO's penalty; 0 forces a feature in, infinity leaves it out.
        A dict maps column names to factors; columns that it does not name have 1.
    class_weight : dict or "balanced", default=None
        Weights of the classes. They change the predicted probabilities.
    threshold : float or "youden", default=0.5
        Probability from which `predict` says positive. ``"youden"`` learns it on the
        training data and keeps it. `decision_function` and `predict_proba` do not
        depend on it.
    tol : float, default=1e-10
        Tolerance of the solver, see `logistic_lasso_path`.
    n_jobs : int, default=None
        Threads that solve the folds, -1 for all cores; the result is the same. They pay
        where a path takes longer than some milliseconds (two are 1.6 times as fast
        with 1000 samples of 2000 features).
    random_state : int, RandomState instance or None, default=None
        Shuffles the folds of an int `cv`.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels; the second is the positive one.
    coef_ : ndarray of shape (1, n_features)
        Coefficients on the original scale of the features.
    standardized_coef_ : ndarray of shape (1, n_features)
        Coefficients per standard deviation of each feature, see the Notes.
    intercept_ : ndarray of shape (1,)
        Intercept.
    lambda_ : float
        The lambda of the coefficients; 0 without penalty and with Firth's.
    lambda_min_, lambda_1se_ : float
        By the two rules; NaN where nothing is cross-validated.
    lambdas_ : ndarray of shape (n_lambdas,)
        The path, descending.
    coef_path_ : ndarray of shape (n_lambdas, n_features)
        Coefficients along the path.
    intercept_path_ : ndarray of shape (n_lambdas,)
        Intercepts along the path.
    n_nonzero_ : ndarray of int, shape (n_lambdas,)
        Number of nonzero coefficients along the path.
    cv_score_mean_, cv_score_se_ : ndarray of shape (n_lambdas,)
        Mean score over the folds (by default the deviance, -2 log-likelihood per
        sample) and its standard error; NaN where nothing is cross-validated.
    selected_features_ : ndarray of str
        Names of the features with a nonzero coefficient.
    formula_ : Formula
        The score as text, LaTeX and JSON.
    feature_scale_ : ndarray of shape (n_features,)
        Standard deviations (divisor n) of the training data.
    feature_ranges_ : ndarray of shape (2, n_features)
        Smallest and largest value of each feature in the training data.
    score_quantiles_ : ndarray of shape (21,)
        Score of the training rows at 0, 5, ..., 100 %, from the lowest to the highest.
    threshold_ : float
        Probability from which `predict` says positive.
    covariance_ : ndarray of shape (1 + n_features, 1 + n_features)
        Covariance of intercept and coefficients, the inverse information. Not with the
        LASSO, as the next three.
    standard_errors_ : ndarray of shape (1 + n_features,)
        The roots of its diagonal.
    robust_covariance_ : ndarray of shape (1 + n_features, 1 + n_features)
        Huber's sandwich, by patient where `fit` got groups; rms's ``robcov``.
    likelihood_ratio_ : LikelihoodRatio
        Test of the model: named tuple ``chi2, df, p_value``.
    [[n_features_in_, feature_names_in_]]

    Warns
    -----
    StudyWarning
        If no feature is selected, the chosen lambda is the last of the path, the
        classes are separated (without penalty it names the columns whose coefficients
        have no finite value), or the smaller class has fewer than 10 samples for each
        feature.

    Notes
    -----
    **Patients, not lesions.** Pass the patients as `groups`: a patient with several
    lesions then never stands on both sides of an inner split. `fit` requests them by
    default, so under ``sklearn.config_context(enable_metadata_routing=True)`` a
    Pipeline and `GridSearchCV` hand them on. Without routing scikit-learn cannot.

    `cv_score_se_`, with R repeats of K folds, their scores s and weights w, is
    :math:`\sqrt{\sum w (s - \bar s)^2 / \sum w / (K - 1)}` over all R K folds: repeats
    look at the same samples, so they do not make it smaller. With R = 1 it is
    cv.glmnet's. Where folds have fewer than 3 samples on average, its scores are those
    of samples, as there (``grouped = FALSE``).

    Without LASSO the fitted classifier keeps the table that it was fitted to, with
    patients as numbers, for `summary`: a pickle holds it too, a model file does not.

    The intercept is never penalised, features are standardised inside, coefficients
    are on the original scale. Missing values are refused by name.

    `coef_` says how much the score moves by one unit of a feature: millimetres give
    another one than metres. What ranks features by their coefficients (`RFE`, `RFECV`,
    `SelectFromModel`) takes ``importance_getter="standardized_coef_"``, and
    `SelectFromModel` with ``threshold=1e-300``, above 0, keeps `selected_features_`;
    left to themselves they take `coef_` and its mean.

    References
    ----------
    Friedman, Hastie, Tibshirani, J Stat Softw 2010;33(1):1-22. Firth, Biometrika
    1993;80:27-38. Heinze, Schemper, Stat Med 2002;21:2409-2419.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn import NomogramClassifier
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(80, 6))
    >>> y = np.where(X[:, 0] - X[:, 3] + rng.normal(size=80) > 0, "ORN", "metastasis")
    >>> patients = np.arange(80) // 2  # two lesions each
    >>> model = NomogramClassifier(cv=5, random_state=0).fit(X, y, groups=patients)
    >>> model.classes_.tolist()  # in sorted order: "metastasis" is positive here
    ['ORN', 'metastasis']
    """

    _parameter_constraints = {
        "penalty": [StrOptions(set(get_args(Penalty)))],
        "cv": ["cv_object"],
        "lambda_rule": [
            StrOptions(set(get_args(LambdaRule))),
            Interval(Real, 0, None, closed="left"),
        ],
        "scoring": [StrOptions(set(SCORINGS))],
        "l1_ratio": [Interval(Real, 0, 1, closed="right")],
        "n_lambdas": [Interval(Integral, 2, None, closed="left")],
        "n_repeats": [Interval(Integral, 1, None, closed="left")],
        "penalty_factor": [None, "array-like", Mapping],
        "class_weight": [None, dict, StrOptions({"balanced"})],
        "threshold": [StrOptions({"youden"}), Interval(Real, 0, 1, closed="both")],
        "tol": [Interval(Real, 0, None, closed="neither")],
        "n_jobs": [None, Integral],
        "random_state": ["random_state"],
    }

    _texts = """
X : array-like of shape (n_samples, n_features)
    Features without missing values.
"""

    _chooses_only = False  # as many lambdas as the choice needs, see clone_to_refit

    # Requested by default, so that routing hands the patients to the inner folds.
    __metadata_request__fit = {"groups": True}

    def __init__(
        self,
        *,
        penalty: Penalty = "lasso",
        cv: Folds = 10,
        lambda_rule: LambdaRule | float = "min",
        scoring: Scoring = "deviance",
        l1_ratio: float = 1.0,
        n_lambdas: int = 100,
        n_repeats: int = 1,
        penalty_factor: ArrayLike | Mapping[str, float] | None = None,
        class_weight: Mapping[object, float] | Literal["balanced"] | None = None,
        threshold: float | Literal["youden"] = 0.5,
        tol: float = 1e-10,
        n_jobs: int | None = None,
        random_state: Seed = None,
    ) -> None:
        self.penalty = penalty
        self.cv = cv
        self.lambda_rule = lambda_rule
        self.scoring = scoring
        self.l1_ratio = l1_ratio
        self.n_lambdas = n_lambdas
        self.n_repeats = n_repeats
        self.penalty_factor = penalty_factor
        self.class_weight = class_weight
        self.threshold = threshold
        self.tol = tol
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Fit the path and choose lambda.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Two classes; the second in sorted order is positive.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples, in fit and cross-validation.

        Raises
        ------
        ValueError
            If a patient is missing in `groups`, or stands on both sides of a fold of
            `cv`; the message names them.
        """
        self._validate_params()
        X, y = checked_training(self, X, y)
        classes, outcome = encode_binary(y)
        weight = class_weights(X, y, classes, sample_weight, self.class_weight)
        patient = None if groups is None else check_groups(groups, len(X))
        names = feature_names(self)
        settings: PathSettings = {
            "l1_ratio": float(self.l1_ratio),
            "penalty_factor": factor_vector(self.penalty_factor, names),
            "n_lambdas": self.n_lambdas,
            "tol": self.tol,
        }
        path, result = self._path(X, outcome, weight, patient, settings)
        self.classes_ = classes
        self.lambdas_, self.n_nonzero_ = path.lambdas, path.n_nonzero
        self.intercept_path_, self.coef_path_ = path.intercepts, path.coefs
        self.cv_score_mean_, self.cv_score_se_ = result.mean, result.se
        self.lambda_min_, self.lambda_1se_ = result.lambda_min, result.lambda_1se
        self.lambda_ = self._chosen_lambda()
        self.intercept_, self.coef_ = interpolate_path(path, [self.lambda_])
        self.selected_features_ = names[self.coef_[0] != 0]
        self.feature_scale_ = weighted_deviation(X, weight)
        self.feature_ranges_ = np.array([X.min(axis=0), X.max(axis=0)])
        score = linear_predictor(X[weight > 0], self.coef_[0], self.intercept_[0])
        self.score_quantiles_ = np.sort(np.quantile(score, np.linspace(0, 1, 21)))
        self.threshold_ = self._learn_threshold(X, outcome, weight)
        self._likelihood_fit = None
        if self.penalty != "lasso":
            self._keep_fit(X, outcome, weight, patient, settings["penalty_factor"])
        warn_weak(self, path, X[weight > 0], outcome[weight > 0])
        return self

    def _path(
        self,
        X: np.ndarray,
        outcome: np.ndarray,
        weight: np.ndarray,
        patient: np.ndarray | None,
        settings: PathSettings,
    ) -> tuple[LassoPath, CrossValidation]:
        """Return the path, and what its cross-validation says."""
        if self.penalty == "firth":
            factors = settings["penalty_factor"]
            path = firth_path(X, outcome, weight, factors, tol=self.tol)
            return path, _not_cross_validated(path)
        given = [0.0] if self.penalty == "none" else None
        solve = partial(logistic_lasso_path, lambdas=given, sample_weight=weight)
        if self.penalty == "none" or not isinstance(self.lambda_rule, str):
            path = solve(X, outcome, **settings)
            return path, _not_cross_validated(path)
        folds = make_folds(
            X,
            outcome,
            patient,
            cv=self.cv,
            n_repeats=self.n_repeats,
            random_state=self.random_state,
        )
        if self._chooses_only and self.scoring != "auc":
            return path_to_the_best(
                X,
                outcome,
                folds,
                scoring=self.scoring,
                sample_weight=weight,
                **settings,
            )
        path = solve(X, outcome, **settings)
        return path, cross_validate_path(
            X,
            outcome,
            folds,
            path.lambdas,
            scoring=self.scoring,
            sample_weight=weight,
            n_jobs=self.n_jobs,
            **settings,
        )

    @property
    def formula_(self) -> Formula:
        """The score as text, LaTeX and JSON."""
        check_is_fitted(self)
        names = feature_names(self)
        return Formula.from_coefficients(
            dict(zip(names, self.coef_[0], strict=True)),
            self.intercept_[0],
            scales=dict(zip(names, self.feature_scale_, strict=True)),
            classes=tuple(self.classes_),
        )

    @property
    def standardized_coef_(self) -> np.ndarray:
        """Coefficients per standard deviation of each feature in the training data."""
        check_is_fitted(self)
        return np.asarray(self.coef_ * self.feature_scale_)

    def decision_function(self, X: object) -> np.ndarray:
        """Radiomics score: the linear predictor.

        Returns
        -------
        ndarray of shape (n_samples,)
            Log-odds of the positive class.
        """
        check_is_fitted(self)
        return linear_predictor(
            checked_table(self, X), self.coef_[0], self.intercept_[0]
        )

    def _chosen_lambda(self) -> float:
        if self.penalty != "lasso":
            return 0.0
        if self.lambda_rule == "min":
            return self.lambda_min_
        if self.lambda_rule == "1se":
            return self.lambda_1se_
        return float(self.lambda_rule)

    def _learn_threshold(
        self, X: np.ndarray, outcome: np.ndarray, weight: np.ndarray
    ) -> float:
        if self.threshold != "youden":
            return float(self.threshold)
        used = weight > 0
        score = linear_predictor(X[used], self.coef_[0], self.intercept_[0])
        return youden_threshold(outcome[used], expit(score), sample_weight=weight[used])

    def _threshold(self) -> float:
        return self.threshold_
