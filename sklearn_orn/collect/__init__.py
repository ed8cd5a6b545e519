"""From a folder as the hospital has it to a cohort table."""

from sklearn_orn.collect._collect import collect
from sklearn_orn.collect._collected import Collected

__all__ = ["Collected", "collect"]
