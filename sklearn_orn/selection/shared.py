"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.selection._fcm_selector import CRITERIA as CRITERIA
