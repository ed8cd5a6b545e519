"""What one reader drew on one slice, ready to be measured."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sklearn_orn.images._arrays import mask_bounds


@dataclass(frozen=True, eq=False)
class Region:
    """What one reader drew, ready to be measured.

    Parameters
    ----------
    image : ndarray of shape (n_rows, n_columns)
        Stored values, row 0 on top. Not to be written to: it may be the user's array.
    mask : ndarray of bool of shape (n_rows, n_columns)
        True inside the ROI; at least one pixel is. Not to be written to either.
    spacing : tuple of float or None
        Distance between rows and between columns, in mm.
    window : tuple of float or None, default=None
        Grey levels (low, high) between which features are computed; None means the
        full range of the image's bits.
    """

    image: np.ndarray
    mask: np.ndarray
    spacing: tuple[float, float] | None
    window: tuple[float, float] | None = None

    @cached_property
    def bounds(self) -> tuple[int, int, int, int]:
        """Top, bottom, left and right of the ROI; bottom and right are behind it."""
        return mask_bounds(self.mask)
