"""Reporting checklists and a quality score, filled in from the run."""
