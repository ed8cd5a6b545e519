"""One ROI of several: by name, by number, or the only one."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

import numpy as np

from sklearn_orn._messages import name_part
from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import LesionError

ROUNDED = 0.01  # of a label: what resampling and scaling of whole numbers leaves
_MOST = 1000  # labels; an image given as a mask has more
_LISTED = 40  # of them in a message
_DIGITS = 1e-9  # relative: the last digits of a product of slope and stored value
_WHOLE = 2**53  # beyond it a float no longer tells one whole number from the next


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
    """Find the ROI that `path#name` or `path#number` asks for: a name comes first."""
    chosen = list(rois)
    if wanted is not None:
        name = unicodedata.normalize("NFC", wanted)
        chosen = [r for r in rois if unicodedata.normalize("NFC", r.name) == name]
        chosen = chosen or [roi for roi in rois if str(roi.number) == wanted]
    if len(chosen) == 1:
        return chosen[0]
    listed = name_list(
        (f"{name_part(roi.name)} (#{roi.number})" for roi in rois), _LISTED
    )
    raise LesionError(
        f"{choice_text(wanted)}, and the {what} are {listed or 'none'}; expected "
        "exactly one. Choose it in the table as 'path#name' or 'path#number'."
    )


def choice_text(wanted: str | None) -> str:
    """Begin the message on a choice among several ROIs."""
    return (
        "no ROI is chosen"
        if wanted is None
        else f"{name_part(f'#{wanted}')} was asked for"
    )


def whole_numbers(values: np.ndarray, step: float = 0.0) -> np.ndarray:
    """Round the values of a mask to the labels that they mean.

    `step` is the distance of two values that the file can store, where it scales whole
    numbers: a label between them was rounded by up to a half of it.
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
    margin = max(ROUNDED, step / 2 * (1 + _DIGITS) if step < 0.5 else 0.0)
    off = (np.abs(values - labels) > margin) | (np.abs(labels) > _WHOLE)
    if off.any():
        held = np.unique(values[off])
        shown = ", ".join(f"{value:.5g}" for value in held[:5])
        raise LesionError(
            f"the mask holds the values {shown}{', ...' if len(held) > 5 else ''}; "
            "expected whole numbers, one per ROI. Export it as a label map, resampled "
            "to the image with nearest neighbours."
        )
    return labels.astype(np.int64)


def group_labels(
    stored: np.ndarray, scale: tuple[float, float] = (1.0, 0.0)
) -> dict[int, tuple[float, float]]:
    """Find the labels of a mask, and between which stored values each lies.

    `scale` is slope and intercept, from what is stored to what it means; 0 is outside
    of every ROI and left out.
    """
    values = _distinct(stored)
    if len(values) > _MOST + 1:
        if values.dtype.kind != "f" or np.isfinite(values).all():
            raise LesionError(
                f"the mask holds {len(values)} different values; expected whole "
                "numbers, one per ROI. Were image and mask swapped?"
            )
    slope, intercept = scale
    if scale == (1.0, 0.0):
        labels = whole_numbers(values)
    else:
        step = abs(slope) if values.dtype.kind in "iu" else 0.0
        labels = whole_numbers(values * np.float64(slope) + intercept, step)
    groups: dict[int, tuple[float, float]] = {}
    for label, value in sorted(zip(labels.tolist(), values.tolist(), strict=True)):
        low, high = groups.get(label, (value, value))
        groups[label] = (min(low, value), max(high, value))
    groups.pop(0, None)
    return groups


def _distinct(stored: np.ndarray) -> np.ndarray:
    """Return the values of a mask in order; of most there are two, and none sorted."""
    if stored.dtype.kind in "iub" and stored.size:
        ends = np.array([stored.min(), stored.max()])
        if ((stored == ends[0]) | (stored == ends[1])).all():
            return ends[: 1 + (ends[0] != ends[1])]
    return np.unique(stored)


def of_label(stored: np.ndarray, between: tuple[float, float]) -> np.ndarray:
    """Return the voxels of one label, of `group_labels`."""
    low, high = between
    mask: np.ndarray = (
        stored == low if low == high else (stored >= low) & (stored <= high)
    )
    return mask


def choose_label(labels: Mapping[int, T], wanted: str | None, what: str) -> T:
    """Choose the label that `path#number` asks for, or the only one."""
    if wanted is None and len(labels) == 1:
        return next(iter(labels.values()))
    by_text = {str(label): value for label, value in labels.items()}
    if wanted is not None and wanted in by_text:
        return by_text[wanted]
    listed = name_list((f"#{label}" for label in by_text), _LISTED) or "none"
    raise LesionError(
        f"{choice_text(wanted)}, and the labels of the {what} file are {listed}; "
        "expected exactly one. Choose it in the table as 'path#number'."
    )
