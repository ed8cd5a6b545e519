"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.selection._combat import Unseen as Unseen
from sklearn_orn.selection._compare_icc import IccComparison as IccComparison
from sklearn_orn.selection._fcm_selector import CRITERIA as CRITERIA
from sklearn_orn.selection._one_outline import one_outline as one_outline
