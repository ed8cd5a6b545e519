"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.metrics._benefit_bands import benefit_at as benefit_at
from sklearn_orn.metrics._bland_altman import Agreement as Agreement
from sklearn_orn.metrics._calibration_statistics import (
    likelihood_indexes as likelihood_indexes,
)
from sklearn_orn.metrics._calibration_statistics import lowess as lowess
from sklearn_orn.metrics._clusters import check_confidence as check_confidence
from sklearn_orn.metrics._clusters import draw_patients as draw_patients
from sklearn_orn.metrics._clusters import mean_limits as mean_limits
from sklearn_orn.metrics._clusters import patient_codes as patient_codes
from sklearn_orn.metrics._clusters import rows_of_patients as rows_of_patients
from sklearn_orn.metrics._delong import weighted_auc as weighted_auc
from sklearn_orn.metrics._external_validation import (
    checked_predictors as checked_predictors,
)
from sklearn_orn.metrics._external_validation import validate_score as validate_score
from sklearn_orn.metrics._hosmer_lemeshow import check_n_groups as check_n_groups
from sklearn_orn.metrics._hosmer_lemeshow import risk_groups as risk_groups
from sklearn_orn.metrics._net_benefit import benefit_curves as benefit_curves
from sklearn_orn.metrics._net_benefit import check_thresholds as check_thresholds
from sklearn_orn.metrics._operating_point import proportion as proportion
from sklearn_orn.metrics._patient_permutation import (
    permutation_test_by_patient as permutation_test_by_patient,
)
from sklearn_orn.metrics._performance_by_centre import (
    PerformanceByCentre as PerformanceByCentre,
)
from sklearn_orn.metrics._performance_by_centre import sorted_codes as sorted_codes
from sklearn_orn.metrics._rao_scott import shared_correlation as shared_correlation
from sklearn_orn.metrics._recalibration import logistic_line as logistic_line
from sklearn_orn.metrics._roc_band import sensitivity_at as sensitivity_at
