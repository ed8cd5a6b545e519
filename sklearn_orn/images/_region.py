"""What one reader drew on one slice, ready to be measured."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True, eq=False)
class Region:
    """What one reader drew, ready to be measured.

    Parameters
    ----------
    image : ndarray of shape (n_rows, n_columns)
        Stored values, row 0 on top. Not to be written to: it may be the user's array.
    mask : ndarray of bool of shape (n_rows, n_columns)
        True inside the ROI; at least one pixel is.
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


class AnyLesion(Protocol):
    """A lesion that gives its regions when it is read: from files, or of a step."""

    @property
    def readers(self) -> tuple[str, ...]:
        """Readers that are present."""

    @property
    def name(self) -> str:
        """What messages call the lesion."""

    @property
    def row(self) -> Hashable:
        """Index label of the lesion in X."""

    def read(self) -> dict[str, Region]:
        """Read the region of each reader."""

    def fingerprint(self) -> tuple[object, ...]:
        """Identify what `read` would read."""

    def read_spacing(self) -> tuple[float, float] | None:
        """Read the pixel spacing."""
