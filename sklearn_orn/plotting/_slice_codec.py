"""Slices as text of a page: grey levels of 16 bits, and the ROIs on them."""

import base64
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

MOST = 2**16 - 1


class Levels(NamedTuple):
    """Stored values as ``low + step * levels``, without loss where `step` is 1."""

    levels: np.ndarray
    low: float
    step: float


def as_levels(values: np.ndarray) -> Levels:
    """Count whole numbers from the least one; others in 65535 steps of their range."""
    low, high = float(values.min()), float(values.max())
    whole = values.dtype.kind in "iub" or bool((values == np.rint(values)).all())
    step = 1.0 if whole and high - low <= MOST else (high - low) / MOST or 1.0
    levels = np.rint((values.astype(np.float64) - low) / step)
    return Levels(levels.astype(np.uint16), low, step)


def slice_text(levels: np.ndarray, masks: Sequence[np.ndarray]) -> str:
    """Return a slice as base64 of deflated bytes; `read_slice` tells what they are.

    High bytes, then low bytes, of the difference to the pixel on the left (of the first
    column to the pixel above); then each ROI, eight pixels a byte.
    """
    change = levels.copy()
    change[:, 1:] -= levels[:, :-1]
    change[1:, 0] -= levels[:-1, 0]
    parts = [(change >> 8).astype(np.uint8), (change & 255).astype(np.uint8)]
    parts += [np.packbits(mask) for mask in masks]
    content = b"".join(part.tobytes() for part in parts)
    return base64.b64encode(zlib.compress(content, 9)).decode("ascii")
