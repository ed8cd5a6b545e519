"""Checks of images and masks that come as arrays."""

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._labels import ROUNDED


def format_shape(shape: tuple[int, ...]) -> str:
    """Write a shape as people say it: 256 x 192."""
    return " x ".join(str(length) for length in shape) or "no axis"


def as_image_array(values: object) -> np.ndarray:
    """Check that `values` are the pixels of one slice; an array is not copied."""
    pixels = _as_array(values, "image")
    if pixels.dtype.kind == "b":
        raise LesionError(
            "the image is boolean; expected grey levels. Were image and mask swapped?"
        )
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        count = int(np.count_nonzero(~np.isfinite(pixels)))
        raise LesionError(
            f"the image holds {count} NaN or infinite values; expected finite grey "
            "levels. Replace them before the pipeline."
        )
    return pixels


def as_mask_array(values: object, shape: tuple[int, ...]) -> np.ndarray:
    """Check that `values` are an ROI: booleans, or 0 and 1, to a hundredth."""
    mask = _as_array(values, "mask")
    if mask.shape != shape:
        raise LesionError(
            f"the mask has {format_shape(mask.shape)} pixels, the image has "
            f"{format_shape(shape)} (rows x columns); expected the same. Give the mask "
            "that was drawn on this image."
        )
    if mask.dtype.kind != "b":
        held = np.unique(mask)
        if not np.isclose(held[:, None], [0, 1], rtol=0, atol=ROUNDED).any(1).all():
            shown = ", ".join(f"{value:g}" for value in held[:5])
            more = ", ..." if held.size > 5 else ""
            raise LesionError(
                f"the mask holds the values {shown}{more}; expected booleans, or 0 and "
                "1. Compare it with the label you want, e.g. `mask == 1`."
            )
        mask = mask > 0.5
    return check_not_empty(mask)


def check_not_empty(mask: np.ndarray) -> np.ndarray:
    """Return `mask` if it holds at least one pixel."""
    if not mask.any():
        raise LesionError(
            f"the mask is empty: none of its {format_shape(mask.shape)} pixels is "
            "set; expected at least one. Leave the reader out where nothing was drawn."
        )
    return mask


def holds_whole_numbers(image: np.ndarray) -> bool:
    """Tell whether an image holds whole numbers alone, whatever their type."""
    return image.dtype.kind in "iub" or bool((np.rint(image) == image).all())


def _as_array(values: object, what: str) -> np.ndarray:
    try:
        array = np.asarray(values)
    except ValueError:
        array = np.empty(0, dtype=object)
    if array.dtype == object and array.ndim == 2:
        # a row of an object array of pairs: the numbers are there, their type is not
        array = np.array(array.tolist())
    if array.dtype.kind not in "buif":
        raise LesionError(
            f"the {what} is {_described(values)}; expected a 2-D array of numbers or a "
            "path."
        )
    if array.ndim != 2 or array.size == 0:
        raise LesionError(
            f"the {what} is an array of shape {array.shape}; expected (n_rows, "
            "n_columns). Give one slice, as one grey-level channel."
        )
    return array


def _described(values: object) -> str:
    if isinstance(values, np.ndarray):
        return f"an array of {values.dtype}"
    return f"of type {type(values).__name__}"


def bounding_box(voxels: np.ndarray) -> tuple[slice, ...]:
    """Return the box around what is set, along each axis."""
    box = []
    for axis in range(voxels.ndim):
        others = tuple(other for other in range(voxels.ndim) if other != axis)
        filled = np.flatnonzero(voxels.any(axis=others))
        box.append(slice(int(filled[0]), int(filled[-1]) + 1))
    return tuple(box)


_NEAR = 64  # rows: few outlines are longer, and reading is faster than copying


def mask_bounds(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Return top, bottom, left, right (bottom and right exclusive) of a mask."""
    width = mask.shape[1]
    # Bytes are searched from both ends: many times faster than NumPy's reductions.
    top = int(mask.argmax()) // width
    near, far = mask[top : top + _NEAR], mask[top + _NEAR :].ravel()
    if far.size and (far[0] or far.argmax()):
        near = mask[top:]
    bottom = top + near.tobytes().rindex(b"\x01") // width + 1
    columns = np.logical_or.reduce(mask[top:bottom]).tobytes()
    return top, bottom, columns.index(b"\x01"), columns.rindex(b"\x01") + 1


def bounding_slices(mask: np.ndarray, margin: tuple[int, int]) -> tuple[slice, slice]:
    """Return the box around a mask, grown by pixels of each axis within the image."""
    top, bottom, left, right = mask_bounds(mask)
    rows = slice(max(top - margin[0], 0), bottom + margin[0])
    return rows, slice(max(left - margin[1], 0), right + margin[1])
