"""Pure functions of outcome and prediction: how good a nomogram is.

Discrimination (`roc_auc_ci`), operating point (`youden_threshold`,
`diagnostic_performance`), calibration (`calibration_curve`,
`calibration_statistics`, `hosmer_lemeshow`) and clinical use (`net_benefit`,
`decision_curve`).
"""

from sklearn_orn.metrics._calibration import (
    CalibrationCurve,
    CalibrationStatistics,
    calibration_curve,
    calibration_statistics,
)
from sklearn_orn.metrics._hosmer_lemeshow import HosmerLemeshow, hosmer_lemeshow
from sklearn_orn.metrics._net_benefit import decision_curve, net_benefit
from sklearn_orn.metrics._operating_point import (
    Proportion,
    diagnostic_performance,
    wilson_interval,
    youden_threshold,
)
from sklearn_orn.metrics._roc import RocAuc, roc_auc_ci

__all__ = [
    "CalibrationCurve",
    "CalibrationStatistics",
    "HosmerLemeshow",
    "Proportion",
    "RocAuc",
    "calibration_curve",
    "calibration_statistics",
    "decision_curve",
    "diagnostic_performance",
    "hosmer_lemeshow",
    "net_benefit",
    "roc_auc_ci",
    "wilson_interval",
    "youden_threshold",
]
