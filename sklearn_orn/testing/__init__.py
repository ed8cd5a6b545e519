"""Checks for those who write image steps of their own; needs no test package."""

from sklearn_orn.testing.image_checks import check_image_step

__all__ = ["check_image_step"]
