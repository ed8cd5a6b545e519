"""Two readers outline one lesion: the border moves smoothly, it is never noise."""

import numpy as np

from sklearn_orn.datasets._lesion_texture import PATCH, WINDOW
from sklearn_orn.datasets._neck import SIZE, smooth_field

# Mean displacement outwards in pixels: the second reader draws a little larger.
HABITS = (0.0, 0.3)


def draw_readings(
    rng: np.random.Generator, distance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the masks of both readers, of the distance to the true border in pixels."""
    radius = np.sqrt(np.count_nonzero(distance < 0) / np.pi)
    # A larger lesion leaves more room to disagree, but less than in proportion.
    wobble = 0.5 + 0.035 * radius
    mask_a, mask_b = (_draw_mask(rng, distance, wobble, habit) for habit in HABITS)
    return mask_a, mask_b


def _draw_mask(
    rng: np.random.Generator, distance: np.ndarray, wobble: float, habit: float
) -> np.ndarray:
    """Draw the mask of one reader: one piece, without holes."""
    from scipy.ndimage import binary_fill_holes, label

    shift = habit + 0.45 * rng.standard_normal()
    outwards = shift + wobble * smooth_field(rng, 8, PATCH)
    pieces, n_pieces = label(distance < outwards)
    sizes = np.bincount(pieces.ravel(), minlength=n_pieces + 1)
    sizes[0] = 0
    mask = np.zeros((SIZE, SIZE), dtype=bool)
    mask[WINDOW] = binary_fill_holes(pieces == sizes.argmax())
    return mask
