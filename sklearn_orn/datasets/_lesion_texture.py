"""The lesion: its region, its texture, and where the classes differ.

The classes differ in texture only, never in mean signal, size or shape. Every
parameter is drawn on a standard scale as

    class effect * (+1/2 for ORN, -1/2 for metastasis)
    + sqrt(share) * patient effect + sqrt(1 - share) * lesion effect

so lesions of one patient resemble each other and the classes overlap.
"""

from dataclasses import dataclass

import numpy as np

from sklearn_orn.datasets._drawn_patients import ORN
from sklearn_orn.datasets._neck import (
    ANTERIOR_MM,
    CANAL,
    LATERAL_MASS_X,
    PIXEL_MM,
    SIZE,
    ellipse_distance,
)

# Side of the square around the vertebral body that holds every lesion.
PATCH = 136
_ROW = int((SIZE - PATCH) / 2 - ANTERIOR_MM / PIXEL_MM)
_COLUMN = (SIZE - PATCH) // 2
WINDOW = (slice(_ROW, _ROW + PATCH), slice(_COLUMN, _COLUMN + PATCH))
# Difference of the class means of every parameter, in standard deviations.
CLASS_EFFECT = 1.1
PATIENT_SHARE = 0.15
# Correlation between the parameters: one disease process moves them all.
COMMON_SHARE = 0.7
# SD of the logarithm of correlation length, heterogeneity, stretch, necrotic share.
SCALES = np.array([0.35, 0.30, 0.25, 0.50])


@dataclass(frozen=True)
class Texture:
    """What a lesion's texture is made of."""

    length: float  # correlation length in pixels
    heterogeneity: float  # SD relative to the lesion's mean signal
    stretch: float  # correlation length along x over that along y
    necrosis: float  # share of the lesion that does not enhance


def draw_effect(rng: np.random.Generator) -> np.ndarray:
    """Draw what moves the four parameters of one patient or one lesion."""
    common = rng.standard_normal()
    own = rng.standard_normal(len(SCALES))
    return np.sqrt(COMMON_SHARE) * common + np.sqrt(1 - COMMON_SHARE) * own


def draw_texture(
    rng: np.random.Generator,
    outcome: str,
    patient_effect: np.ndarray,
    class_effect: float,
) -> Texture:
    """Draw the texture of one lesion in one sequence."""
    side = 0.5 if outcome == ORN else -0.5
    length, heterogeneity, stretch, necrosis = np.exp(
        SCALES
        * (
            class_effect * side
            + np.sqrt(PATIENT_SHARE) * patient_effect
            + np.sqrt(1 - PATIENT_SHARE) * draw_effect(rng)
        )
    )
    return Texture(
        length=1.8 * length,
        heterogeneity=0.16 * heterogeneity,
        stretch=1.25 * stretch,
        necrosis=0.10 * necrosis,
    )


def lesion_distance(
    rng: np.random.Generator, x: np.ndarray, y: np.ndarray, vertebra: str
) -> np.ndarray:
    """Draw a lesion in a vertebra and return the distance to its border in pixels.

    It is negative inside, and the spinal canal is never inside; x and y are in mm. C1
    has no body: there it is a lateral mass.
    """
    diameter = np.clip(rng.lognormal(np.log(25.0), 0.28), 15.0, 35.0)
    centre = np.array([rng.normal(0, 3.0), rng.normal(-1.0, 1.5)])
    if vertebra == "C1":
        diameter = min(diameter, 22.0)
        centre += [rng.choice([-1, 1]) * LATERAL_MASS_X, 8.0]
    u, v = x - centre[0], y - centre[1]
    tilt = rng.uniform(-0.5, 0.5)
    axis_ratio = np.sqrt(rng.uniform(0.7, 1.0))
    across = (u * np.cos(tilt) + v * np.sin(tilt)) * axis_ratio
    along = (v * np.cos(tilt) - u * np.sin(tilt)) / axis_ratio
    angle = np.arctan2(along, across)
    outline = np.ones_like(angle)
    for order in range(2, 7):
        size, phase = 0.16 / order * rng.standard_normal(), rng.uniform(0, 2 * np.pi)
        outline += size * np.cos(order * angle + phase)
    distance = np.hypot(across, along) / PIXEL_MM - outline * diameter / 2
    canal = -ellipse_distance(x, y, *CANAL) / PIXEL_MM
    return np.maximum(distance, canal)


def paint_lesion(
    rng: np.random.Generator,
    image: np.ndarray,
    distance: np.ndarray,
    texture: Texture,
    level: float,
) -> None:
    """Paint a lesion onto the part of the image in `WINDOW`, in place.

    `distance` is that of its border in pixels, `level` its mean signal relative to fat.
    """
    opacity = np.clip(0.5 - distance / 1.6, 0.0, 1.0)
    field = _stretched_field(rng, texture.length, texture.stretch)
    foci = _stretched_field(rng, 1.6 * texture.length, 1.0)
    inside = distance < 0
    threshold = np.quantile(foci[inside], min(texture.necrosis, 0.5))
    dead = 1.0 / (1.0 + np.exp((foci - threshold) / 0.15))
    signal = 1.0 + texture.heterogeneity * field - 0.35 * dead
    # The mean carries no class: it is the same whatever the texture.
    signal *= level / signal[inside].mean()
    image += opacity * (np.maximum(signal, 0.05) - image)


def _stretched_field(
    rng: np.random.Generator, length: float, stretch: float
) -> np.ndarray:
    """Return a Gaussian random field of unit variance, longer along x than y."""
    from scipy.ndimage import gaussian_filter

    sigma = (length / np.sqrt(stretch), length * np.sqrt(stretch))
    field = gaussian_filter(
        rng.standard_normal((PATCH, PATCH)), sigma, mode="wrap", truncate=4.0
    )
    return field / field.std()
