"""Pure functions of outcome and prediction: how good a nomogram is.

Discrimination (`roc_auc_ci`, `compare_auc`, `roc_band`), operating point
(`youden_threshold`, `diagnostic_performance`), calibration
(`flexible_calibration_curve`, `calibration_statistics`, `recalibration`,
`hosmer_lemeshow`), clinical use (`net_benefit`, `decision_curve`,
`compare_net_benefit`), all of it on new patients (`ExternalValidation`), for
``scoring=`` (`get_scorer`), readers against the model (`mcnemar_test`,
`cochrans_q_test`, `kappa`, `limits_of_agreement`), parts of the data
(`score_by_class`, `subgroup_table`), several centres (`performance_by_centre`,
`random_effects`) and sample size (`minimum_sample_size`, `expected_shrinkage`).
`groups` names the patient of each sample.
"""

from sklearn_orn._renamed import keep_old_names
from sklearn_orn.metrics._bland_altman import limits_of_agreement
from sklearn_orn.metrics._calibration_statistics import (
    calibration_statistics,
    flexible_calibration_curve,
)
from sklearn_orn.metrics._classes_and_subgroups import score_by_class, subgroup_table
from sklearn_orn.metrics._compare_auc import compare_auc
from sklearn_orn.metrics._compare_net_benefit import compare_net_benefit
from sklearn_orn.metrics._hanley_mcneil import hanley_mcneil_se
from sklearn_orn.metrics._hosmer_lemeshow import hosmer_lemeshow
from sklearn_orn.metrics._label_agreement import cochrans_q_test, kappa, mcnemar_test
from sklearn_orn.metrics._net_benefit import decision_curve, net_benefit
from sklearn_orn.metrics._operating_point import (
    diagnostic_performance,
    wilson_interval,
    youden_threshold,
)
from sklearn_orn.metrics._performance_by_centre import performance_by_centre
from sklearn_orn.metrics._random_effects import random_effects
from sklearn_orn.metrics._recalibration import recalibration
from sklearn_orn.metrics._roc_auc import roc_auc_ci
from sklearn_orn.metrics._roc_band import roc_band
from sklearn_orn.metrics._sample_size import (
    cox_snell_from_c_statistic,
    expected_shrinkage,
    minimum_sample_size,
)
from sklearn_orn.metrics._scorers import get_scorer, get_scorer_names
from sklearn_orn.metrics._validation_result import ExternalValidation

__all__ = [
    "ExternalValidation",
    "flexible_calibration_curve",
    "calibration_statistics",
    "cochrans_q_test",
    "compare_auc",
    "compare_net_benefit",
    "cox_snell_from_c_statistic",
    "decision_curve",
    "diagnostic_performance",
    "expected_shrinkage",
    "get_scorer",
    "get_scorer_names",
    "hanley_mcneil_se",
    "hosmer_lemeshow",
    "kappa",
    "limits_of_agreement",
    "mcnemar_test",
    "minimum_sample_size",
    "net_benefit",
    "performance_by_centre",
    "random_effects",
    "recalibration",
    "roc_auc_ci",
    "roc_band",
    "score_by_class",
    "subgroup_table",
    "wilson_interval",
    "youden_threshold",
]

keep_old_names(__name__)
