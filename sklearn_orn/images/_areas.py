"""On which slices of an image an ROI was drawn, and how large it is there."""

import numpy as np

from sklearn_orn._messages import the_file
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._image_file import (
    DrawnTooSmall,
    ImageFile,
    NotOnSlice,
    RoiFile,
)


def roi_areas(image: ImageFile, rois: RoiFile, roi: str | None) -> np.ndarray:
    """Measure the area of an ROI on every slice in mm2, without reading pixels.

    In pixels where the spacing is unknown; 0 where nothing was drawn.
    """
    if rois.flat and len(image) > 1:
        raise LesionError(
            f"the mask is a picture of one slice, and {the_file(image.path)} holds "
            f"{len(image)}; expected the number of the slice, from 0, in the column "
            "'section'."
        )
    areas = np.zeros(len(image))
    nothing: NotOnSlice | None = None
    first = 0
    for section, place in enumerate(image.places):
        try:
            mask = rois.mask(roi, image.blank(section))
        except NotOnSlice as error:
            if nothing is None or isinstance(error, DrawnTooSmall):
                nothing, first = error, section
            continue
        rows, columns = place.spacing or (1.0, 1.0)
        areas[section] = mask.sum() * rows * columns
    if nothing is not None and not areas.any():
        raise LesionError(
            f"nothing was drawn on any of the {len(image)} slices of "
            f"{the_file(image.path)}. On "
            f"{'the first one' if first == 0 else f'slice {first}'}: {nothing.marked}"
        )
    return areas


def largest_section(image: ImageFile, rois: RoiFile, roi: str | None) -> int:
    """Choose the slice with the largest area of an ROI in mm2, the first of equals."""
    if len(image) == 1:
        return 0
    return int(np.argmax(roi_areas(image, rois, roi)))
