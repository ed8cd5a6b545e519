"""A whole study: from a cohort table to the report a paper needs."""

from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._extraction import (
    Extraction,
    LeftOut,
    extract_rows,
    feature_table,
)
from sklearn_orn.study._files import make_folder, write_csv
from sklearn_orn.study._pipeline import study_pipeline
from sklearn_orn.study._study import StudyResult, run_study
from sklearn_orn.study._summary import summary_text

__all__ = [
    "Extraction",
    "LeftOut",
    "StudyConfig",
    "StudyResult",
    "extract_rows",
    "feature_table",
    "make_folder",
    "run_study",
    "study_pipeline",
    "summary_text",
    "write_csv",
]
