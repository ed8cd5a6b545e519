"""One pixel spacing for all lesions."""

from collections.abc import Callable
from functools import partial

import numpy as np

from sklearn_orn._messages import shown
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._image_step import ImageStep
from sklearn_orn.images._region import Region

_ROUNDING = 1e-9  # pixels: 0.3 mm / 0.1 mm is 2.9999999999999996


def _centres(n_old: int, old: float, new: float) -> np.ndarray:
    """Positions of the new pixels on the old grid; both grids have one centre."""
    n_new = max(int(np.ceil(n_old * old / new - _ROUNDING)), 1)
    return (np.arange(n_new) - (n_new - 1) / 2) * (new / old) + (n_old - 1) / 2


def _overlap(n_old: int, old: float, new: float) -> np.ndarray:
    """Share of each new pixel that each old pixel covers, shape (n_new, n_old)."""
    half = new / old / 2
    centres = _centres(n_old, old, new)[:, None]
    edges = np.arange(n_old)[None]
    covered = np.minimum(centres + half, edges + 0.5)
    covered = covered - np.maximum(centres - half, edges - 0.5)
    return np.clip(covered, 0.0, None) / (2 * half)


def resample(region: Region, spacing: tuple[float, float]) -> Region:
    """Return a region on a grid of another pixel spacing.

    Pixels are interpolated linearly, and rounded where the image holds integers. A
    pixel belongs to the mask if the old mask covers at least half of it.
    """
    from scipy.ndimage import map_coordinates

    if region.spacing is None:
        raise LesionError(
            "the pixel spacing is unknown, so the image cannot be resampled. Give it "
            "to Lesion(spacing=(row, column)), or use images that carry it."
        )
    pairs = list(zip(region.image.shape, region.spacing, spacing, strict=True))
    grid = np.meshgrid(*[_centres(*pair) for pair in pairs], indexing="ij")
    image = map_coordinates(
        region.image.astype(np.float64), grid, order=1, mode="nearest"
    )
    # Weights may not sum to 1 by rounding: an image of one value keeps it.
    image = np.clip(image, region.image.min(), region.image.max())
    if region.image.dtype.kind in "iub":
        image = np.rint(image).astype(region.image.dtype)
    rows, columns = (_overlap(*pair) for pair in pairs)
    mask = rows @ region.mask.astype(np.float64) @ columns.T >= 0.5 - _ROUNDING
    if not mask.any():
        raise LesionError(
            f"the ROI has {int(region.mask.sum())} pixels of {region.spacing[0]:g} x "
            f"{region.spacing[1]:g} mm and vanishes at {spacing[0]:g} x "
            f"{spacing[1]:g} mm. Choose a finer spacing."
        )
    return Region(image=image, mask=mask, spacing=spacing)


class Resampler(ImageStep):
    """Bring all lesions to one pixel spacing, in front of the `Normalizer`.

    Texture is measured in pixels: images of mixed spacing give features that differ
    for no reason of the tissue. Nothing resamples by itself.

    Parameters
    ----------
    spacing : float or tuple of float, default=0.5
        Distance between pixels in mm: one number, or (rows, columns).

    Notes
    -----
    The old and the new grid have the same centre, and the new one covers the old
    one. Pixels are interpolated linearly, and rounded where the image is of an integer
    type; floats hold fractions then, and have a grey-level window in their own unit. A
    pixel belongs to the ROI if the drawn ROI covers at least half of its area.
    Linear interpolation smooths: features of resampled images are not those of the
    original ones.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.images import Lesion, Resampler
    >>> image = np.arange(64).reshape(8, 8)
    >>> lesion = Lesion(image, np.ones((8, 8)), spacing=(0.5, 0.5))
    >>> region = Resampler(spacing=1.0).fit_transform([lesion])[0].read()[""]
    >>> region.image.shape, region.spacing
    ((4, 4), (1.0, 1.0))
    """

    def __init__(self, spacing: float | tuple[float, float] = 0.5) -> None:
        self.spacing = spacing

    def _region_function(self) -> Callable[[Region], Region]:
        return partial(resample, spacing=self._pair())

    def _new_spacing(self) -> tuple[float, float]:
        return self._pair()

    def _pair(self) -> tuple[float, float]:
        try:
            pair = np.broadcast_to(np.asarray(self.spacing, dtype=np.float64), 2)
        except (TypeError, ValueError, OverflowError):
            pair = np.array([np.nan, np.nan])
        if not (np.isfinite(pair).all() and (pair > 0).all()):
            raise ValueError(
                "The 'spacing' parameter of Resampler must be a positive number of mm, "
                f"or two (rows, columns). Got {shown(self.spacing)} instead."
            )
        return float(pair[0]), float(pair[1])
