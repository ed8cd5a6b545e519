"""One ROI of several: by name, by number, or the only one."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

import numpy as np

from sklearn_orn._messages import name_part
from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import LesionError

__all__ = [
    "ROUNDED",
    "as_text",
    "choose_label",
    "choose_roi",
    "group_labels",
    "of_label",
    "whole_numbers",
]

ROUNDED = 0.01  # of a label: what resampling and scaling of whole numbers leaves
_MOST = 1000  # labels; an image given as a mask has more


class _Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def number(self) -> int: ...


N = TypeVar("N", bound=_Named)
T = TypeVar("T")


def as_text(name: bytes) -> str:
    """Decode a name as UTF-8, or as Latin-1 where it is none."""
    try:
        return name.decode("utf-8").strip()
    except UnicodeDecodeError:
        return name.decode("latin-1").strip()


def choose_roi(rois: Sequence[N], wanted: str | None, what: str = "ROIs") -> N:
    """Find the ROI that `path#name` or `path#number` asks for.

    Parameters
    ----------
    rois : sequence of objects with `name` and `number`
        Of one file.
    wanted : str or None
        Name, or number if no ROI has that name; None for the only one.
    what : str, default="ROIs"
        What messages call them.

    Returns
    -------
    object
        The ROI.

    Raises
    ------
    LesionError
        If there is not exactly one; the message lists them.
    """
    listed = (
        ", ".join(f"{name_part(roi.name)} (#{roi.number})" for roi in rois[:40])
        or "none"
    )
    if len(rois) > 40:
        listed += f" and {len(rois) - 40} more"
    if wanted is None:
        found, asked = list(rois), "no ROI is chosen"
    else:
        name = unicodedata.normalize("NFC", wanted)
        found = [r for r in rois if unicodedata.normalize("NFC", r.name) == name]
        found = found or [roi for roi in rois if str(roi.number) == wanted]
        asked = f"{name_part(f'#{wanted}')} was asked for"
    if len(found) == 1:
        return found[0]
    raise LesionError(
        f"{asked}, and the {what} are {listed}; expected exactly one. Choose it in "
        "the table as 'path#name' or 'path#number'."
    )


def whole_numbers(values: np.ndarray, step: float = 0.0) -> np.ndarray:
    """Round the values of a mask to the labels that they mean.

    Parameters
    ----------
    values : ndarray
        What a viewer shows: stored values, scaled.
    step : float, default=0.0
        Distance of two values that the file can store, where it scales whole numbers:
        a label between them was rounded by up to a half of it.

    Returns
    -------
    ndarray of int
        Of the shape of `values`.

    Raises
    ------
    LesionError
        If one is not finite, or not within a hundredth of a whole number.

    Examples
    --------
    >>> whole_numbers(np.array([0.0, 0.9999999, 2.0]))
    array([0, 1, 2])
    """
    if values.dtype.kind != "f":
        return values
    if not np.isfinite(values).all():
        raise LesionError(
            "the mask holds NaN or infinite values; expected whole numbers, one per "
            "ROI. Export it as a label map."
        )
    labels = np.rint(values)
    # A label halfway between two values lies a half step off, but for rounding errors.
    margin = max(ROUNDED, step / 2 * (1 + 1e-9) if step < 0.5 else 0.0)
    off = (np.abs(values - labels) > margin) | (np.abs(labels) > 2**53)
    if off.any():
        found = np.unique(values[off])
        shown = ", ".join(f"{value:.5g}" for value in found[:5])
        raise LesionError(
            f"the mask holds the values {shown}{', ...' if len(found) > 5 else ''}; "
            "expected whole numbers, one per ROI. Export it as a label map, resampled "
            "to the image with nearest neighbours."
        )
    return labels.astype(np.int64)


def group_labels(
    stored: np.ndarray, scale: tuple[float, float] = (1.0, 0.0)
) -> dict[int, tuple[float, float]]:
    """Find the labels of a mask, and between which stored values each lies.

    Parameters
    ----------
    stored : ndarray
        The voxels as they are stored.
    scale : tuple of float, default=(1.0, 0.0)
        Slope and intercept, from what is stored to what it means.

    Returns
    -------
    dict of int to tuple
        Label to the lowest and the highest stored value, in ascending order; 0 is
        outside of every ROI and left out.

    Raises
    ------
    LesionError
        If the values are no labels.

    Examples
    --------
    >>> group_labels(np.array([-5, -3, -1, -3]), (0.5, 2.5))
    {1: (-3, -3), 2: (-1, -1)}
    """
    found = np.unique(stored)
    if len(found) > _MOST + 1:
        finite = found.dtype.kind != "f" or np.isfinite(found).all()
        if finite:
            raise LesionError(
                f"the mask holds {len(found)} different values; expected whole "
                "numbers, one per ROI. Were image and mask swapped?"
            )
    slope, intercept = scale
    if scale == (1.0, 0.0):
        labels = whole_numbers(found)
    else:
        step = abs(slope) if found.dtype.kind in "iu" else 0.0
        labels = whole_numbers(found * np.float64(slope) + intercept, step)
    groups: dict[int, tuple[float, float]] = {}
    for label, value in sorted(zip(labels.tolist(), found.tolist(), strict=True)):
        low, high = groups.get(label, (value, value))
        groups[label] = (min(low, value), max(high, value))
    groups.pop(0, None)
    return groups


def of_label(stored: np.ndarray, between: tuple[float, float]) -> np.ndarray:
    """Return the voxels of one label, of `group_labels`."""
    low, high = between
    mask: np.ndarray = (
        stored == low if low == high else (stored >= low) & (stored <= high)
    )
    return mask


def choose_label(labels: Mapping[int, T], wanted: str | None, what: str) -> T:
    """Choose the label that `path#number` asks for, or the only one.

    Parameters
    ----------
    labels : mapping of int to object
        Of one file.
    wanted : str or None
        The number.
    what : str
        The format of the file, for the message.

    Returns
    -------
    object
        What belongs to the label.

    Raises
    ------
    LesionError
        If there is not exactly one; the message lists them.
    """
    if wanted is None and len(labels) == 1:
        return next(iter(labels.values()))
    by_text = {str(label): found for label, found in labels.items()}
    if wanted is not None and wanted in by_text:
        return by_text[wanted]
    listed = name_list((f"#{label}" for label in by_text), 40) or "none"
    asked = (
        "no ROI is chosen"
        if wanted is None
        else f"{name_part(f'#{wanted}')} was asked for"
    )
    raise LesionError(
        f"{asked}, and the labels of the {what} file are {listed}; expected exactly "
        "one. Choose it in the table as 'path#number'."
    )
