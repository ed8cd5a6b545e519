"""The lesions of a study, read and checked once."""

from sklearn_orn.cohort._cohort import Cohort
from sklearn_orn.cohort._named_columns import Columns

__all__ = ["Cohort", "Columns"]
