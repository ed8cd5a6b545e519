"""A whole study: from a cohort table to the report a paper needs."""

from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._extraction import (
    Extraction,
    LeftOut,
    extract_rows,
    feature_table,
)
from sklearn_orn.study._feature_source import read_feature_table
from sklearn_orn.study._pipeline import study_pipeline
from sklearn_orn.study._plan import plan_study
from sklearn_orn.study._study import StudyResult, run_study
from sklearn_orn.study._study_file import read_study_file
from sklearn_orn.study.report._write import write_report

__all__ = [
    "Extraction",
    "LeftOut",
    "StudyConfig",
    "StudyResult",
    "extract_rows",
    "feature_table",
    "plan_study",
    "read_feature_table",
    "read_study_file",
    "run_study",
    "study_pipeline",
    "write_report",
]
