"""Rims and context of an outline, by distance in mm on the slice."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sklearn_orn._block_names import (
    LESION,
    block_name,
    parse_block,
    rim_of,
)
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import bounding_slices
from sklearn_orn.images._region import Region

_ROUNDING = 1e-9  # mm: 0.1 * 3 is above 0.3
Spacing = tuple[float, float]


def rim_outside(mask: np.ndarray, spacing: Spacing, width: float) -> np.ndarray:
    """Return pixels outside whose centre lies at most `width` mm from one inside."""
    from scipy.ndimage import distance_transform_edt

    rim = np.zeros_like(mask)
    near = bounding_slices(mask, _pixels(width, spacing))
    part = mask[near]
    distance = distance_transform_edt(~part, sampling=spacing)
    rim[near] = ~part & (distance <= width + _ROUNDING)
    return rim


def rim_inside(mask: np.ndarray, spacing: Spacing, width: float) -> np.ndarray:
    """Return pixels inside whose centre lies at most `width` mm from one outside.

    All around the image is outside.
    """
    from scipy.ndimage import distance_transform_edt

    rim = np.zeros_like(mask)
    box = bounding_slices(mask, (0, 0))
    part = mask[box]
    distance = distance_transform_edt(np.pad(part, 1), sampling=spacing)[1:-1, 1:-1]
    rim[box] = part & (distance <= width + _ROUNDING)
    return rim


def bounding_context(mask: np.ndarray, spacing: Spacing, margin: float) -> np.ndarray:
    """Return the box around the outline, `margin` mm larger, without what is inside."""
    context = np.zeros_like(mask)
    box = bounding_slices(mask, _pixels(margin, spacing))
    context[box] = ~mask[box]
    return context


def air_of(image: np.ndarray, air: str | float) -> np.ndarray:
    """Return pixels that count as air, by a grey level or by Otsu's threshold."""
    if not isinstance(air, str):
        return np.asarray(image < air)
    if np.ptp(image) == 0:  # one grey level cannot be told apart
        return np.zeros(image.shape, dtype=bool)
    from skimage.filters import threshold_otsu

    return np.asarray(image <= threshold_otsu(image))


def _pixels(distance: float, spacing: Spacing) -> tuple[int, int]:
    rows, columns = (int((distance + _ROUNDING) / step) for step in spacing)
    return rows, columns


@dataclass(frozen=True)
class RegionMaker:
    """Makes the regions of an outline; their slugs are the region in names."""

    slugs: tuple[str, ...]
    margin: float
    air: str | float | None
    empty: str

    def names(self, blocks: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
        """Name the regions of each block; the lesion alone keeps its name."""
        if self.slugs == (LESION,):
            return {block: (block,) for block in blocks}
        made = {}
        for name in blocks:
            block = parse_block(name)
            if block.region not in ("", LESION):
                raise ValueError(
                    f"Regions got {name!r}, which is a region of a lesion already; "
                    "expected outlines of lesions. Name all regions in one step."
                )
            made[name] = tuple(
                block_name(block._replace(region=slug)) for slug in self.slugs
            )
        return made

    def __call__(self, region: Region, names: tuple[str, ...]) -> list[Region | None]:
        """Make the regions, in the order of the slugs."""
        return [self._made(region, slug) for slug in self.slugs]

    def _made(self, region: Region, slug: str) -> Region | None:
        if slug == LESION:
            return region
        if region.spacing is None:
            raise LesionError(
                f"the pixel spacing is unknown, and {slug!r} is made by distance in mm."
                " Give it to Lesion(spacing=(row, column)), or use images that carry "
                "it."
            )
        mask = self._mask(region, slug, region.spacing)
        if mask.any():
            return replace(region, mask=mask)
        if self.empty == "nan":
            return None
        raise LesionError(f"{slug!r} has no pixel: {self._why(region, slug)}")

    def _why(self, region: Region, slug: str) -> str:
        rows, columns = region.spacing or (0.0, 0.0)
        width = (rim_of(slug) or (self.margin,))[0]
        if width + _ROUNDING < min(rows, columns):
            return (
                f"it is {width:g} mm wide, and pixels are {rows:g} x {columns:g} mm. "
                "Choose a wider one."
            )
        air = "" if self.air is None else f", or all around is air (air={self.air!r})"
        return (
            f"the outline of {int(region.mask.sum())} pixels fills the image there{air}"
            ". Leave the lesion out, or set empty='nan'."
        )

    def _mask(self, region: Region, slug: str, spacing: Spacing) -> np.ndarray:
        rim = rim_of(slug)
        if rim is not None and rim[1] == "in":
            return rim_inside(region.mask, spacing, rim[0])
        if rim is not None:
            mask = rim_outside(region.mask, spacing, rim[0])
        else:
            mask = bounding_context(region.mask, spacing, self.margin)
        if self.air is not None:
            mask &= ~air_of(region.image, self.air)
        return mask
