"""Model: glmnet's LASSO path, the classifier that uses it, and its nomogram."""

from sklearn_orn.model._classifier import NomogramClassifier
from sklearn_orn.model._external_validation import validate_externally
from sklearn_orn.model._formula import Formula, Term
from sklearn_orn.model._lasso import LassoPath, logistic_lasso_path
from sklearn_orn.model._nomogram import Nomogram
from sklearn_orn.model._published import PublishedSignature
from sklearn_orn.model._signature_input import read_coefficients

__all__ = [
    "Formula",
    "LassoPath",
    "Nomogram",
    "NomogramClassifier",
    "PublishedSignature",
    "Term",
    "logistic_lasso_path",
    "read_coefficients",
    "validate_externally",
]
