"""A paper's own arithmetic, and its study run again."""

from sklearn_orn.audit._audit import audit_reported_numbers, example_report
from sklearn_orn.audit._reproduce import example_study, reproduce_study

__all__ = [
    "audit_reported_numbers",
    "example_report",
    "example_study",
    "reproduce_study",
]
