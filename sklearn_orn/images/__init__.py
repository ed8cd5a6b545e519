"""Lesions as radiologists have them: an image file, and the ROI of each reader."""

from sklearn_orn.images._cohort import read_cohort
from sklearn_orn.images._formats import read_image, read_mask
from sklearn_orn.images._geometry import Geometry, Image2D
from sklearn_orn.images._image_step import ImageStep
from sklearn_orn.images._lesion import Lesion, Region
from sklearn_orn.images._resampler import Resampler
from sklearn_orn.images._sequence import LesionSequence, as_lesions

__all__ = [
    "Geometry",
    "Image2D",
    "ImageStep",
    "Lesion",
    "LesionSequence",
    "Region",
    "Resampler",
    "as_lesions",
    "read_cohort",
    "read_image",
    "read_mask",
]
