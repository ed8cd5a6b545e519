"""The study's figures: one Display class each, after scikit-learn's conventions."""

from sklearn_orn.plotting._calibration import CalibrationDisplay
from sklearn_orn.plotting._decision_curve import DecisionCurveDisplay
from sklearn_orn.plotting._lasso_cv import LassoCVDisplay
from sklearn_orn.plotting._lasso_path import LassoPathDisplay
from sklearn_orn.plotting._nomogram import NomogramDisplay
from sklearn_orn.plotting._roc import RocDisplay

__all__ = [
    "CalibrationDisplay",
    "DecisionCurveDisplay",
    "LassoCVDisplay",
    "LassoPathDisplay",
    "NomogramDisplay",
    "RocDisplay",
]
