"""What the scanner adds to the anatomy: coil shading, blur, noise, 12 bits."""

import numpy as np

from sklearn_orn.datasets._neck import SIZE, smooth_field

NOISE = 0.02  # SD of the noise in each channel, relative to fat


def draw_shading(rng: np.random.Generator) -> np.ndarray:
    """Draw one patient's coil sensitivity: near 1 in the middle, more near the coil."""
    axis = np.linspace(-1.0, 1.0, SIZE, dtype=np.float32)
    tilt_x, tilt_y = rng.normal([0.0, 0.08], 0.06)
    radius2 = axis[:, None] ** 2 + axis[None, :] ** 2
    shading = 0.95 + 0.22 * radius2 + tilt_x * axis[None, :] + tilt_y * axis[:, None]
    return shading + np.float32(0.02) * smooth_field(rng, 80)


def acquire(
    rng: np.random.Generator, image: np.ndarray, shading: np.ndarray, peak: float
) -> np.ndarray:
    """Turn tissue signal into stored pixels, whose largest value is `peak`."""
    from scipy.ndimage import gaussian_filter

    grain = gaussian_filter(
        rng.standard_normal(image.shape, dtype=np.float32), 1.0, truncate=3.0
    )
    tissue = image * (1.0 + np.float32(0.25) * grain)
    signal = gaussian_filter(tissue, 0.5, truncate=3.0) * shading
    noise = np.float32(NOISE) * rng.standard_normal((2, *image.shape), dtype=np.float32)
    # Not `np.hypot`, which is ten times slower for the same pixels.
    magnitude = np.sqrt((signal + noise[0]) ** 2 + np.square(noise[1], dtype=float))
    return np.rint(magnitude * (peak / magnitude.max())).astype(np.uint16)
