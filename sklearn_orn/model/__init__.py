"""Model: glmnet's LASSO path, the classifier that uses it, and its nomogram."""

from sklearn_orn.model._classifier import NomogramClassifier
from sklearn_orn.model._formula import Formula
from sklearn_orn.model._lasso import logistic_lasso_path
from sklearn_orn.model.nomogram._points import Nomogram
from sklearn_orn.model.signatures._input import read_coefficients
from sklearn_orn.model.signatures._signature import PublishedSignature
from sklearn_orn.model.signatures._validate import validate_externally

__all__ = [
    "Formula",
    "Nomogram",
    "NomogramClassifier",
    "PublishedSignature",
    "logistic_lasso_path",
    "read_coefficients",
    "validate_externally",
]
