"""Model: glmnet's LASSO path, the classifier that uses it, and its nomogram."""

from sklearn_orn.model._classifier import NomogramClassifier
from sklearn_orn.model._formula import Formula, Term
from sklearn_orn.model._lasso import LassoPath, logistic_lasso_path
from sklearn_orn.model._nomogram import Nomogram

__all__ = [
    "Formula",
    "LassoPath",
    "Nomogram",
    "NomogramClassifier",
    "Term",
    "logistic_lasso_path",
]
