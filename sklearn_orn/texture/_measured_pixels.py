"""The kernel that measures one ROI: all families on one layout of its pixels."""

import numpy as np

from sklearn_orn._numba import INDEX, inlined, kernel
from sklearn_orn.texture._autoregressive import autoregressive_features
from sklearn_orn.texture._cooccurrence import cooccurrence_features
from sklearn_orn.texture._gradient import gradient_features
from sklearn_orn.texture._histogram import histogram_features, sort_levels
from sklearn_orn.texture._quantize import GreyLevels, quantize
from sklearn_orn.texture._run_length import run_length_features
from sklearn_orn.texture._wavelet import wavelet_features


@inlined
def _find_pixels(values, inside, row, box, margin, places, pixels):
    """List the pixels of the ROI row by row, and their places with a margin."""
    top, bottom, left, right = box
    width = right - left + 2 * margin
    n = 0
    for i in range(top, bottom):
        place = (i - top + margin) * width + margin
        for j in range(left, right):
            if inside[INDEX(i * row + j)]:
                places[INDEX(n)] = place + j - left
                pixels[INDEX(n)] = values[INDEX(i * row + j)]
                n += 1


@kernel
def measure_pixels(
    values: np.ndarray,
    inside: np.ndarray,
    row: int,
    box: tuple[int, int, int, int],
    ordered: np.ndarray,
    digit: int,
    margin: int,
    wanted: tuple[int, ...],
    distances: np.ndarray,
    grey: GreyLevels,
    wave: GreyLevels,
    shortest: int,
    logs: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write the features of one ROI to `out`, NaN where undefined.

    `values` are stored levels of a part of the image that the wavelet's coarsest blocks
    fill, in rows of `row` pixels, `inside` tells which are in the ROI: both are used
    up. `box` bounds the ROI in that part, `ordered` are its ``v`` in ascending order,
    or room for them if they are whole numbers of two digits of `digit` bits;
    `wanted` are the bits of each family in turn, 0 for none of it; `grey` are the
    `GreyLevels` of the ROI, `wave` those of the wavelet, `shortest` is the image's
    shorter side.
    """
    out[:] = np.nan
    top, bottom, left, right = box
    n, width = len(ordered), right - left + 2 * margin
    size = (bottom - top + 2 * margin) * width
    places, pixels = np.empty(n, np.int32), np.empty(n)
    _find_pixels(values, inside, row, box, margin, places, pixels)
    levels, work = np.empty(size, np.int16), np.empty(size)
    levels[:] = 0
    lengths = np.empty(n + 1, np.uint32)
    histogram, cooccurrence, run_length, gradient, autoregressive, wavelet = wanted
    at = 0
    if histogram:
        if digit:
            sort_levels(pixels, digit, work, ordered)
        histogram_features(ordered, out, at)
        at += 9
    if cooccurrence:
        bits, n_levels = cooccurrence, 1 << cooccurrence
        quantize(pixels, places, grey, n_levels, work, levels)
        cooccurrence_features(
            levels, places, width, distances, bits, logs, lengths, out, at
        )
        at += 44 * len(distances)
    if run_length:
        n_levels = 1 << run_length
        if run_length != cooccurrence:
            quantize(pixels, places, grey, n_levels, work, levels)
        run_length_features(levels, places, width, n_levels, lengths, out, at)
        at += 20
    if gradient:
        quantize(pixels, places, grey, 1 << gradient, work, levels)
        gradient_features(levels, places, width, work, out, at)
        at += 5
    if autoregressive:
        autoregressive_features(pixels, places, width, work, out, at)
        at += 5
    if wavelet:
        wavelet_features(values, inside, row, wave, 1 << wavelet, shortest, out, at)
