"""Lesions as radiologists have them: an image file, and the ROI of each reader."""

from sklearn_orn.images._block_step import BlockStep
from sklearn_orn.images._check import check_cohort
from sklearn_orn.images._cohort_table import read_cohort
from sklearn_orn.images._geometry import Image2D
from sklearn_orn.images._image_step import ImageStep
from sklearn_orn.images._lesion import Lesion
from sklearn_orn.images._outline_perturber import OutlinePerturber
from sklearn_orn.images._overlap import mask_overlap, reader_overlap
from sklearn_orn.images._perturbed import perturb_outlines
from sklearn_orn.images._privacy import hash_ids, new_salt
from sklearn_orn.images._protocol import protocol_summary, protocol_table
from sklearn_orn.images._region import Region
from sklearn_orn.images._regions import Regions
from sklearn_orn.images._resampler import Resampler
from sklearn_orn.images._sequence import LesionSequence, as_lesions
from sklearn_orn.images._which_slices import expand_cohort
from sklearn_orn.images.formats._registry import read_image, read_mask

__all__ = [
    "BlockStep",
    "Image2D",
    "ImageStep",
    "Lesion",
    "LesionSequence",
    "OutlinePerturber",
    "Region",
    "Regions",
    "Resampler",
    "as_lesions",
    "check_cohort",
    "expand_cohort",
    "hash_ids",
    "mask_overlap",
    "new_salt",
    "perturb_outlines",
    "protocol_summary",
    "protocol_table",
    "read_cohort",
    "read_image",
    "read_mask",
    "reader_overlap",
]
