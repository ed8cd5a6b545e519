"""A whole study: from a cohort table to the report a paper needs."""

from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._study import run_study
from sklearn_orn.study._study_file import read_study_file
from sklearn_orn.study.report._write import write_report

__all__ = ["StudyConfig", "read_study_file", "run_study", "write_report"]
