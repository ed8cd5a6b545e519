"""How far two readers agree on where a lesion is."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from sklearn_orn._block_names import region_of
from sklearn_orn._readable import readable
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._region import Region
from sklearn_orn.images._sequence import as_lesions

OVERLAP_COLUMNS = tuple(
    "reader_1 reader_2 dice mean_surface_distance_mm area_ratio hausdorff_mm "
    "hausdorff_95_mm".split()
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
    hausdorff : float
        Largest distance of their borders in mm, NaN without a spacing.
    hausdorff_95 : float
        Largest distance that 95 % of a border keep to, NaN without a spacing.
    """

    dice: float
    mean_surface_distance: float
    area_ratio: float
    hausdorff: float
    hausdorff_95: float


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
        `area_ratio`, first to second; `hausdorff` and `hausdorff_95` in mm.

    Notes
    -----
    Dice is ``2 |A and B| / (|A| + |B|)``. The border of an ROI are its pixels with a
    neighbour (of four) outside; the mean surface distance averages, over the border
    pixels of both, the distance to the nearest border pixel of the other. The Hausdorff
    distance is the largest of these distances; with 95 %, the larger one of both
    borders' 95th percentiles.

    References
    ----------
    Maier-Hein et al., Nat Methods 2024;21:195-212.

    Examples
    --------
    >>> import numpy as np
    >>> first = np.zeros((6, 6), dtype=bool)
    >>> first[1:5, 1:5] = True
    >>> second = np.roll(first, 1, axis=1)
    >>> [round(value, 3) for value in mask_overlap(first, second, (1.0, 0.5))]
    [0.75, 0.25, 1.0, 0.5, 0.5]
    """
    shared = np.count_nonzero(first & second)
    areas = np.count_nonzero(first), np.count_nonzero(second)
    to_other = _border_distances(first, second, spacing)
    return Overlap(
        dice=float(2 * shared / sum(areas)),
        mean_surface_distance=float(np.concatenate(to_other).mean()),
        area_ratio=float(areas[0] / areas[1]),
        hausdorff=float(max(distances.max() for distances in to_other)),
        hausdorff_95=float(max(np.percentile(d, 95) for d in to_other)),
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
        the same grid, for each sequence. Columns `reader_1`, `reader_2`, `dice`,
        `mean_surface_distance_mm`, `area_ratio`, `hausdorff_mm` and
        `hausdorff_95_mm`, see `mask_overlap`. Lesions that cannot be read, and readers
        with an image of another size, as on a rescan, are left out.

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
        if region_of(a) == region_of(b) and same_image(regions[a], regions[b])
    ]


def overlaps_of(regions: dict[str, Region]) -> list[dict[str, str | float]]:
    """Compare every two readers of a lesion: rows of `reader_overlap`, by column."""
    return [dict(zip(OVERLAP_COLUMNS, row, strict=True)) for row in _pairs(regions)]


def same_image(first: Region, second: Region) -> bool:
    """Tell whether two readers drew on one image."""
    return first.image is second.image or np.array_equal(first.image, second.image)


def _border_distances(
    first: np.ndarray, second: np.ndarray, spacing: tuple[float, float] | None
) -> list[np.ndarray]:
    """Return the distance of each border pixel to the other border, both ways."""
    from scipy import ndimage

    if spacing is None:
        return [np.array([np.nan])] * 2
    # No more of the image than holds both ROIs, and a pixel around: so an ROI at the
    # edge of the image has a border there.
    (box,) = ndimage.find_objects((first | second).astype(np.int8))
    framed = [np.pad(mask[box], 1) for mask in (first, second)]
    borders = [mask & ~ndimage.binary_erosion(mask) for mask in framed]
    distances = [
        ndimage.distance_transform_edt(~border, sampling=spacing) for border in borders
    ]
    return [distances[1][borders[0]], distances[0][borders[1]]]
