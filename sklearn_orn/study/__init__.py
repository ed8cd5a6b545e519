"""A whole study: from a cohort table to the report a paper needs."""

from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._extraction import (
    Extraction,
    LeftOut,
    extract_rows,
    feature_table,
)
from sklearn_orn.study._feature_source import read_feature_table
from sklearn_orn.study._files import make_folder, write_csv
from sklearn_orn.study._pipeline import study_pipeline
from sklearn_orn.study._plan import plan_study
from sklearn_orn.study._study import StudyResult, run_study
from sklearn_orn.study._study_file import (
    make_config,
    read_study_file,
    study_file_text,
)
from sklearn_orn.study._summary import summary_text
from sklearn_orn.study.report._write import write_report

__all__ = [
    "Extraction",
    "LeftOut",
    "StudyConfig",
    "StudyResult",
    "extract_rows",
    "feature_table",
    "make_config",
    "make_folder",
    "plan_study",
    "read_feature_table",
    "read_study_file",
    "run_study",
    "study_file_text",
    "study_pipeline",
    "summary_text",
    "write_csv",
    "write_report",
]
