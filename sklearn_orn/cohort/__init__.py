"""The lesions of a study, read and checked once."""

from sklearn_orn.cohort._cohort import Cohort
from sklearn_orn.cohort._columns import Columns
from sklearn_orn.cohort._design import StudyDesign

__all__ = ["Cohort", "Columns", "StudyDesign"]
