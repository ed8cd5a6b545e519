"""Parts of the kernel, called from Python on ROIs worked out by hand."""

import numpy as np

from sklearn_orn._numba import kernel
from sklearn_orn.texture import (
    _autoregressive,
    _cooccurrence,
    _histogram,
    _quantize,
    _run_length,
)


def entry(part):
    """Compile a part with a way in from Python; as it is where numba is off."""
    return kernel(getattr(part, "py_func", part))


_COOCCURRENCE = entry(_cooccurrence.cooccurrence_features)
_RUN_LENGTH = entry(_run_length.run_length_features)
_AUTOREGRESSIVE = entry(_autoregressive.autoregressive_features)
_HISTOGRAM = entry(_histogram.histogram_features)
_SORT = entry(_histogram.sort_levels)
_QUANTIZE = entry(_quantize.quantize)
solve = entry(_autoregressive._solve)


def flat(levels, margin=1):
    """Lay out levels, 0 outside the ROI, as the kernel does."""
    padded = np.pad(np.asarray(levels, np.int16), margin)
    places = np.flatnonzero(padded).astype(np.int32)
    return padded.ravel(), places, padded.shape[1]


def cooccurrence(levels, distances, bits, logs=None):
    """Return the features by distance and direction, shape (n, 4, 11)."""
    levels, places, width = flat(levels, max(distances))
    n = len(places)
    if logs is None:
        logs = _cooccurrence.count_logs(n)
    used = np.empty(n + 1, np.uint32)
    out = np.full((len(distances), 4, 11), np.nan)
    _COOCCURRENCE(
        levels,
        places,
        width,
        np.array(distances),
        bits,
        logs,
        used,
        out.ravel(),
        0,
    )
    return out


def run_length(levels, n_levels):
    """Return the features by direction, shape (4, 5)."""
    levels, places, width = flat(levels)
    by_length, out = np.empty(len(places) + 1, np.uint32), np.empty((4, 5))
    _RUN_LENGTH(levels, places, width, n_levels, by_length, out.ravel(), 0)
    return out


def autoregressive(image):
    """Return the features of a whole image."""
    image = np.asarray(image, float)
    padded, places, width = flat(np.ones(image.shape))
    out = np.full(5, np.nan)
    _AUTOREGRESSIVE(image.ravel(), places, width, np.empty(len(padded)), out, 0)
    return out


def histogram(ordered):
    """Return the features of ascending levels."""
    out = np.empty(9)
    _HISTOGRAM(ordered, out, 0)
    return out


def sort(levels, digit):
    """Return grey levels, one above the stored ones, in ascending order."""
    work, ordered = np.empty((2, len(levels)))
    _SORT(np.asarray(levels, float), digit, work, ordered)
    return ordered


def quantize(values, inside, grey, n_levels):
    """Return the levels of an image with a zero margin of 1."""
    shape = np.add(values.shape, 2)
    places = np.flatnonzero(np.pad(inside, 1)).astype(np.int32)
    levels = np.zeros(shape, np.int16)
    work = np.empty(len(places))
    _QUANTIZE(values[inside], places, grey, n_levels, work, levels.ravel())
    return levels
