"""Model: glmnet's LASSO path, the classifier that uses it, and its nomogram."""

from sklearn_orn.model._classifier import NomogramClassifier
from sklearn_orn.model._cross_fitted_score import CrossFittedScore
from sklearn_orn.model._formula import Formula
from sklearn_orn.model._lasso import logistic_lasso_path
from sklearn_orn.model._odds_ratios import odds_ratios
from sklearn_orn.model._predictor_selector import PredictorSelector
from sklearn_orn.model._restricted_cubic_spline import RestrictedCubicSpline
from sklearn_orn.model.nomogram._points import Nomogram
from sklearn_orn.model.signatures._input import read_coefficients
from sklearn_orn.model.signatures._signature import PublishedSignature
from sklearn_orn.model.signatures._validate import validate_externally
from sklearn_orn.model.signatures._zhong2020 import zhong2020

__all__ = [
    "CrossFittedScore",
    "Formula",
    "Nomogram",
    "NomogramClassifier",
    "PredictorSelector",
    "PublishedSignature",
    "RestrictedCubicSpline",
    "logistic_lasso_path",
    "odds_ratios",
    "read_coefficients",
    "validate_externally",
    "zhong2020",
]
