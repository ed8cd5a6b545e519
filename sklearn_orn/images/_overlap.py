"""How far two readers agree on where a lesion is."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from sklearn_orn._readable import readable
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._region import Region
from sklearn_orn.images._sequence import as_lesions

OVERLAP_COLUMNS = tuple(
    "reader_1 reader_2 dice mean_surface_distance_mm area_ratio".split()
)


@readable
class Overlap(NamedTuple):
    """Agreement of two ROIs on one image.

    Attributes
    ----------
    dice : float
        Dice's coefficient: 1 if they are the same, 0 if they do not meet.
    mean_surface_distance : float
        Mean distance of their borders in mm, NaN without a spacing.
    area_ratio : float
        Area of the first over that of the second.
    """

    dice: float
    mean_surface_distance: float
    area_ratio: float


def mask_overlap(
    first: np.ndarray, second: np.ndarray, spacing: tuple[float, float] | None
) -> Overlap:
    """Compare two ROIs on one grid.

    Parameters
    ----------
    first, second : ndarray of bool of shape (n_rows, n_columns)
        Each with at least one pixel.
    spacing : tuple of float or None
        Rows and columns in mm.

    Returns
    -------
    Overlap
        `dice`, 0 to 1; `mean_surface_distance` in mm, NaN without a spacing;
        `area_ratio`, first to second.

    Notes
    -----
    Dice is ``2 |A and B| / (|A| + |B|)``. The border of an ROI are its pixels with a
    neighbour (of four) outside; the mean surface distance averages, over the border
    pixels of both, the distance to the nearest border pixel of the other.

    Examples
    --------
    >>> import numpy as np
    >>> first = np.zeros((6, 6), dtype=bool)
    >>> first[1:5, 1:5] = True
    >>> second = np.roll(first, 1, axis=1)
    >>> [round(value, 3) for value in mask_overlap(first, second, (1.0, 0.5))]
    [0.75, 0.25, 1.0]
    """
    shared = np.count_nonzero(first & second)
    areas = np.count_nonzero(first), np.count_nonzero(second)
    return Overlap(
        dice=float(2 * shared / sum(areas)),
        mean_surface_distance=_surface_distance(first, second, spacing),
        area_ratio=float(areas[0] / areas[1]),
    )


def reader_overlap(cohort: object) -> pd.DataFrame:
    """Compare the ROIs of every two readers, lesion by lesion.

    Parameters
    ----------
    cohort : DataFrame of paths, or sequence of Lesion
        One row per lesion.

    Returns
    -------
    DataFrame
        Index of `cohort`, one row for each lesion and pair of readers who drew it on
        the same grid. Columns `reader_1`, `reader_2`, `dice`,
        `mean_surface_distance_mm` and `area_ratio`. Lesions that cannot be read, and
        readers with an image of another size, as on a rescan, are left out.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.images import Lesion, reader_overlap
    >>> image = np.arange(16).reshape(4, 4)
    >>> lesions = [
    ...     Lesion(image, {"A": image > 3, "B": image > 7}),
    ...     Lesion(image, {"A": image > 3}),
    ... ]
    >>> reader_overlap(lesions)[["reader_1", "reader_2", "dice"]]
      reader_1 reader_2  dice
    0        A        B   0.8
    """
    rows, labels = [], []
    lesions = as_lesions(cohort)
    for lesion, label in zip(lesions, lesions.index, strict=True):
        if len(lesion.readers) < 2:
            continue
        try:
            regions = lesion.read()
        except LesionError:
            continue
        for pair in _pairs(regions):
            rows.append(pair)
            labels.append(label)
    index = pd.Index(labels, name=lesions.index.name, dtype=lesions.index.dtype)
    return pd.DataFrame(rows, index=index, columns=list(OVERLAP_COLUMNS))


def _pairs(regions: dict[str, Region]) -> list[tuple[str | float, ...]]:
    return [
        (a, b, *mask_overlap(regions[a].mask, regions[b].mask, regions[a].spacing))
        for a, b in combinations(regions, 2)
        if same_image(regions[a], regions[b])
    ]


def overlaps_of(regions: dict[str, Region]) -> list[dict[str, str | float]]:
    """Compare every two readers of a lesion: rows of `reader_overlap`, by column."""
    return [dict(zip(OVERLAP_COLUMNS, row, strict=True)) for row in _pairs(regions)]


def same_image(first: Region, second: Region) -> bool:
    """Tell whether two readers drew on one image."""
    return first.image is second.image or np.array_equal(first.image, second.image)


def _surface_distance(
    first: np.ndarray, second: np.ndarray, spacing: tuple[float, float] | None
) -> float:
    from scipy import ndimage

    if spacing is None:
        return float("nan")
    # a pixel around, so that an ROI at the edge of the image has a border there
    framed = [np.pad(mask, 1) for mask in (first, second)]
    borders = [mask & ~ndimage.binary_erosion(mask) for mask in framed]
    distances = [
        ndimage.distance_transform_edt(~border, sampling=spacing) for border in borders
    ]
    to_other = [distances[1][borders[0]], distances[0][borders[1]]]
    return float(np.concatenate(to_other).mean())
