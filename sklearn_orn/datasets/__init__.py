"""Synthetic data in the shape of the published study."""

from sklearn_orn.datasets._hospital import make_hospital
from sklearn_orn.datasets._synthetic_cohort import make_cohort

__all__ = ["make_cohort", "make_hospital"]
