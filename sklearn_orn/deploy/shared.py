"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.deploy._compose import with_fitted as with_fitted
from sklearn_orn.deploy._measured_check import check_measured as check_measured
from sklearn_orn.deploy._measuring import sequences_needed as sequences_needed
from sklearn_orn.deploy._measuring import texture_features as texture_features
from sklearn_orn.deploy._predict import UnscoredRow as UnscoredRow
