"""All features of one ROI."""

from collections.abc import Sequence

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.texture._autoregressive import autoregressive_features
from sklearn_orn.texture._catalogue import FAMILIES, N_SCALES, cooccurrence_offsets
from sklearn_orn.texture._cooccurrence import COUNT_LOG, cooccurrence_features
from sklearn_orn.texture._gradient import gradient_features
from sklearn_orn.texture._histogram import histogram_features, moments
from sklearn_orn.texture._measuring_plan import Plan
from sklearn_orn.texture._quantize import (
    GreyScale,
    grey_scale,
    ordered_window,
    quantize,
)
from sklearn_orn.texture._run_length import run_length_features
from sklearn_orn.texture._wavelet import wavelet_features
from sklearn_orn.texture._window_3sigma_1_99 import Window, bounding_box


class _Roi:
    """The ROI's bounding box, prepared for the kernels."""

    def __init__(
        self, image: np.ndarray, mask: np.ndarray, window: Window | None, margin: int
    ) -> None:
        self.image, self.mask, self.window, self.margin = image, mask, window, margin
        self.scale: GreyScale = grey_scale(image)
        self.box = top, bottom, left, right = bounding_box(mask)
        self.inside = np.ascontiguousarray(mask[top:bottom, left:right])
        self.values = self._stored(image[top:bottom, left:right])
        self.width = right - left + 2 * margin
        rows, columns = np.nonzero(self.inside)
        self.places = (rows + margin) * self.width + columns + margin
        self._levels: dict[int, np.ndarray] = {}

    def _stored(self, pixels: np.ndarray) -> np.ndarray:
        values = pixels.astype(np.float64)
        if self.scale.offset:
            values -= self.scale.offset
        return values

    def levels(self, bits: int) -> np.ndarray:
        """Quantised pixels with a zero margin, flat; made once per bit depth."""
        if bits not in self._levels:
            full_range = self.window is None
            if full_range and not self.scale.whole:
                raise LesionError(_no_bit_range(self.image))
            lo, hi = self.window or (0.0, 2.0**self.scale.bits)
            self._levels[bits] = quantize(
                self.values,
                self.inside,
                lo,
                hi,
                full_range,
                1 << bits,
                self.margin,
                self.scale.slack,
            ).ravel()
        return self._levels[bits]

    def steps(self, offsets: Sequence[tuple[int, int]]) -> np.ndarray:
        """Flat steps of displacements (right, up); rows run downwards."""
        return np.array([a - b * self.width for a, b in offsets], dtype=np.int64)

    def padded(self, array: np.ndarray) -> np.ndarray:
        """Lay out values as the levels are."""
        height, width = array.shape
        m = self.margin
        padded = np.zeros((height + 2 * m, width + 2 * m), array.dtype)
        padded[m : m + height, m : m + width] = array
        return padded.ravel()

    def wavelet_part(self) -> tuple[np.ndarray, np.ndarray]:
        """Cut out the image and ROI around the box, grown to the coarsest blocks."""
        top, bottom, left, right = self.box
        block = 32
        rows = slice(top // block * block, -(-bottom // block) * block)
        columns = slice(left // block * block, -(-right // block) * block)
        part = self._stored(self.image[rows, columns])
        return part, np.ascontiguousarray(self.mask[rows, columns])


def _no_bit_range(image: np.ndarray) -> str:
    example = float(image[np.rint(image) != image][0])
    return (
        f"the image holds fractions such as {example:g}, and without normalisation "
        "grey levels are parts of the bit range, which is defined for whole numbers "
        "alone. Set a window, Normalizer('3sigma') or Normalizer('1-99') "
        "(`normalization` in a study, `--normalization` of the commands), or store the "
        "image in a unit that makes whole numbers."
    )


def _histogram(roi: _Roi, plan: Plan) -> np.ndarray:
    return histogram_features(np.sort(roi.values[roi.inside]) + roi.scale.base)


def _cooccurrence(roi: _Roi, plan: Plan) -> np.ndarray:
    bits = plan.bits["cooccurrence"]
    steps = roi.steps(cooccurrence_offsets(plan.distances))
    return cooccurrence_features(roi.levels(bits), roi.places, steps, bits, COUNT_LOG)


def _run_length(roi: _Roi, plan: Plan) -> np.ndarray:
    bits = plan.bits["run_length"]
    steps = roi.steps([(1, 0), (0, 1), (1, 1), (1, -1)])
    return run_length_features(roi.levels(bits), roi.places, steps, 1 << bits)


def _gradient(roi: _Roi, plan: Plan) -> np.ndarray:
    levels = roi.levels(plan.bits["gradient"])
    return gradient_features(levels, roi.places, roi.width)


def _autoregressive(roi: _Roi, plan: Plan) -> np.ndarray:
    mean, variance, _, _ = moments(roi.values[roi.inside])
    values, inside = roi.padded(roi.values), roi.padded(roi.inside)
    return autoregressive_features(
        values, inside, roi.places, roi.width, mean, variance
    )


def _wavelet(roi: _Roi, plan: Plan) -> np.ndarray:
    part, inside = roi.wavelet_part()
    smallest = np.array([min(roi.image.shape) >> s for s in range(1, N_SCALES + 1)])
    bits = plan.bits["wavelet"]
    if roi.scale.whole:
        per_unit = 2.0 ** (bits - roi.scale.bits)
        return wavelet_features(part, inside, per_unit, smallest)
    # fractions have no bit range: their levels run from the lowest to the highest value
    lo, hi = ordered_window(roi.scale, roi.scale.lowest, roi.scale.highest)
    everywhere = np.ones(part.shape, dtype=bool)
    levels = quantize(part, everywhere, lo, hi, False, 1 << bits, 0, roi.scale.slack)
    return wavelet_features(levels - 1.0, inside, 1.0, smallest)


_MEASURES = {
    "histogram": _histogram,
    "cooccurrence": _cooccurrence,
    "run_length": _run_length,
    "gradient": _gradient,
    "autoregressive": _autoregressive,
    "wavelet": _wavelet,
}


def measure(
    image: np.ndarray, mask: np.ndarray, window: Window | None, plan: Plan
) -> np.ndarray:
    """Measure one ROI, in the order of `feature_names`; NaN where undefined.

    Without a window it is the full bit range, which only whole numbers have: fractions
    without one are a LesionError.
    """
    roi = _Roi(image, mask, window, margin=max([1, *plan.distances]))
    wanted = [family for family in FAMILIES if family in plan.families]
    return np.concatenate([_MEASURES[f](roi, plan).ravel() for f in wanted])
