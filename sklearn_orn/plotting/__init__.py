"""The study's figures: one Display class each, after scikit-learn's conventions."""

from sklearn_orn._renamed import keep_old_names
from sklearn_orn.plotting._calibration import FlexibleCalibrationDisplay
from sklearn_orn.plotting._decision_curve import DecisionCurveDisplay
from sklearn_orn.plotting._flow_chart import FlowChartDisplay
from sklearn_orn.plotting._forest import ForestDisplay
from sklearn_orn.plotting._icc import ICCDisplay
from sklearn_orn.plotting._icc_comparison import ICCComparisonDisplay
from sklearn_orn.plotting._instability import InstabilityDisplay
from sklearn_orn.plotting._lasso_cv import LassoCVDisplay
from sklearn_orn.plotting._lasso_path import LassoPathDisplay
from sklearn_orn.plotting._montage import MontageDisplay
from sklearn_orn.plotting._nomogram import NomogramDisplay
from sklearn_orn.plotting._odds_ratios import OddsRatioDisplay
from sklearn_orn.plotting._performance import PerformanceDisplay
from sklearn_orn.plotting._reader_agreement import ReaderAgreementDisplay
from sklearn_orn.plotting._redundancy import RedundancyDisplay
from sklearn_orn.plotting._roc import RocDisplay
from sklearn_orn.plotting._stability import StabilityDisplay
from sklearn_orn.plotting._waterfall import WaterfallDisplay

__all__ = [
    "FlexibleCalibrationDisplay",
    "DecisionCurveDisplay",
    "FlowChartDisplay",
    "ForestDisplay",
    "ICCComparisonDisplay",
    "ICCDisplay",
    "InstabilityDisplay",
    "LassoCVDisplay",
    "LassoPathDisplay",
    "MontageDisplay",
    "NomogramDisplay",
    "OddsRatioDisplay",
    "PerformanceDisplay",
    "ReaderAgreementDisplay",
    "RedundancyDisplay",
    "RocDisplay",
    "StabilityDisplay",
    "WaterfallDisplay",
]

keep_old_names(__name__)
