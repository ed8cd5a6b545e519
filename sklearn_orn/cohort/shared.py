"""What other rooms take of this one, beside what its users do."""

from sklearn_orn.cohort._cohort import as_cohort as as_cohort
from sklearn_orn.cohort._design import StudyDesign as StudyDesign
from sklearn_orn.cohort._named_columns import find_column as find_column
from sklearn_orn.cohort._named_columns import label_text as label_text
from sklearn_orn.cohort._outcome import NO as NO
from sklearn_orn.cohort._outcome import YES as YES
from sklearn_orn.cohort._outcome import outcome_labels as outcome_labels
from sklearn_orn.cohort._parts import PARTS as PARTS
from sklearn_orn.cohort._parts import is_part as is_part
