"""A paper's own arithmetic: what its printed numbers say of each other."""

from sklearn_orn.audit._audit import audit_reported_numbers, example_report

__all__ = ["audit_reported_numbers", "example_report"]
