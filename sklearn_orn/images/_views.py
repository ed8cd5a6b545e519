"""What was drawn on each image of a lesion, on every slice: to be looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sklearn_orn._messages import hidden_text
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._files import is_path
from sklearn_orn.images._image_file import ImageFile, NotOnSlice, RoiFile
from sklearn_orn.images._lesion import Lesion
from sklearn_orn.images._opened import Opened
from sklearn_orn.images._overlap import same_image
from sklearn_orn.images._readable_lesion import ReadableLesion
from sklearn_orn.images._region import Region


@dataclass(frozen=True, eq=False)
class ViewSlice:
    """One slice; `masks` has the blocks that have an ROI on it, `number` is from 0."""

    image: np.ndarray
    masks: dict[str, np.ndarray]
    number: int | None = None


@dataclass(frozen=True, eq=False)
class View:
    """One image: `regions` are measured on it, on slice `measured` of `slices`.

    `note` says why there are no others, without names of files.
    """

    regions: dict[str, Region]
    slices: tuple[ViewSlice, ...]
    measured: int = 0
    note: str = ""

    @property
    def union(self) -> np.ndarray:
        """Where something was drawn on some slice."""
        drawn = [mask for slice_ in self.slices for mask in slice_.masks.values()]
        return np.logical_or.reduce(drawn)


def views_of(lesion: ReadableLesion, regions: Mapping[str, Region]) -> list[View]:
    """Group what was read of a lesion by image, each with all slices drawn on.

    Slices between the first and the last one drawn on are there too. A view is the
    measured slice alone where a step made it, or nothing tells the ROI elsewhere.
    """
    groups: list[dict[str, Region]] = []
    for block, region in regions.items():
        same = (g for g in groups if same_image(next(iter(g.values())), region))
        group = next(same, None)
        if group is None:
            groups.append({block: region})
        else:
            group[block] = region
    return [_view(lesion, group) for group in groups]


def _view(lesion: ReadableLesion, regions: dict[str, Region]) -> View:
    first = next(iter(regions.values()))
    alone = View(
        regions, (ViewSlice(first.image, {b: r.mask for b, r in regions.items()}),)
    )
    if not isinstance(lesion, Lesion):
        return alone
    try:
        slices = _all_slices(lesion, list(regions))
    except LesionError as error:  # drawn on another grid, say: this slice is known
        return replace(alone, note=hidden_text(error.marked))
    here = next(
        (
            number
            for number, found in enumerate(slices)
            if np.array_equal(found.image, first.image)
            and all(b in found.masks for b in regions)
        ),
        None,
    )
    return alone if here is None else View(regions, tuple(slices), here)


def _all_slices(lesion: Lesion, blocks: list[str]) -> list[ViewSlice]:
    if not all(
        is_path(source)
        for block in blocks
        for source in (lesion.image_of(block), lesion.mask_of(block))
    ):
        return []
    opened = Opened(lesion)
    image = opened.image_file(blocks[0])
    if len(image) == 1:
        return []
    drawn = {block: _drawn(image, *opened.rois(block)) for block in blocks}
    found = [section for masks in drawn.values() for section in masks]
    if not found:
        return []
    sections = range(min(found), max(found) + 1)
    pixels = image.read_several(sections, rescale=lesion.rescale)
    return [
        ViewSlice(
            of_slice,
            {b: masks[section] for b, masks in drawn.items() if section in masks},
            section,
        )
        for section, of_slice in zip(sections, pixels, strict=True)
    ]


def _drawn(image: ImageFile, rois: RoiFile, roi: str | None) -> dict[int, np.ndarray]:
    masks: dict[int, np.ndarray] = {}
    for section in range(0 if rois.flat else len(image)):
        try:
            masks[section] = rois.mask(roi, image.blank(section))
        except NotOnSlice:
            continue
    return masks
