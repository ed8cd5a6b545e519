"""The kernel that measures, compiled ahead of its use."""

import numpy as np


def measuring_is_compiled() -> bool:
    """Say whether there is nothing to gain from compiling the kernel ahead."""
    from sklearn_orn._numba import is_kept
    from sklearn_orn.texture._measured_pixels import measure_pixels

    return is_kept(measure_pixels)


def compile_measuring() -> None:
    """Measure a small ROI, which compiles the kernel and keeps it."""
    from sklearn_orn.texture._single_roi import extract_features

    extract_features(np.arange(64).reshape(8, 8), np.ones((8, 8), bool))
