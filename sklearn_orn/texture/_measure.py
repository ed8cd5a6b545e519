"""All features of one ROI."""

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Region
from sklearn_orn.texture._cooccurrence import count_logs
from sklearn_orn.texture._measured_pixels import measure_pixels
from sklearn_orn.texture._measuring_plan import Plan
from sklearn_orn.texture._quantize import (
    GreyScale,
    grey_levels,
    grey_scale,
    ordered_window,
)

_BLOCK = 32  # pixels, the side of the wavelet's coarsest blocks
_DIGIT = 8  # bits: whole numbers of at most two digits are sorted by them


def _no_bit_range(image: np.ndarray) -> str:
    example = float(image[np.rint(image) != image][0])
    return (
        f"the image holds fractions such as {example:g}, and without normalisation "
        "grey levels are parts of the bit range, which is defined for whole numbers "
        "alone. Set a window, Normalizer('3sigma') or Normalizer('1-99') "
        "(`normalization` in a study, `--normalization` of the commands), or store the "
        "image in a unit that makes whole numbers."
    )


def measure(region: Region, plan: Plan, scale: GreyScale | None = None) -> np.ndarray:
    """Measure one ROI, in the order of `feature_names`; NaN where undefined.

    Without a window it is the full bit range, which only whole numbers have: fractions
    without one are a LesionError. `scale` is that of the image, where it is known.
    """
    image, mask, window = region.image, region.mask, region.window
    scale = scale or grey_scale(image)
    wanted, distances, margin, size = plan.layout()
    if window is None and not scale.whole and any(wanted[1:4]):
        raise LesionError(_no_bit_range(image))
    top, bottom, left, right = region.bounds
    up, along = top // _BLOCK * _BLOCK, left // _BLOCK * _BLOCK
    part = np.s_[
        up : -(-bottom // _BLOCK) * _BLOCK, along : -(-right // _BLOCK) * _BLOCK
    ]
    values, inside = image[part].astype(np.float64, order="C"), mask[part].copy()
    if scale.offset:
        values -= scale.offset
    in_kernel = scale.whole and scale.bits <= 2 * _DIGIT
    if in_kernel:
        ordered = np.empty(np.count_nonzero(inside))
    else:
        ordered = np.sort(values[inside]) + scale.base
    ends = None if scale.whole else (scale.lowest, scale.highest)
    out = np.empty(size)
    measure_pixels(
        values.ravel(),
        inside.ravel(),
        values.shape[1],
        (top - up, bottom - up, left - along, right - along),
        ordered,
        max((scale.bits + 1) // 2, 1) if in_kernel else 0,
        margin,
        wanted,
        distances,
        grey_levels(scale, window),
        grey_levels(scale, ends and ordered_window(scale, *ends)),
        min(image.shape),
        count_logs(len(ordered)),
        out,
    )
    return out
