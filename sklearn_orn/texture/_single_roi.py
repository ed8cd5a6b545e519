"""Texture of one region, without a table or a Pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral

import numpy as np

from sklearn_orn._feature_settings import Normalization
from sklearn_orn._messages import shown
from sklearn_orn.images import Lesion
from sklearn_orn.texture._catalogue import DISTANCES, family_of
from sklearn_orn.texture._measuring_plan import make_plan
from sklearn_orn.texture._normalizer import Normalizer
from sklearn_orn.texture._row_cache import UNNAMED, measure_lesion


def extract_features(
    image: np.ndarray,
    mask: np.ndarray,
    *,
    normalization: Normalization = "3sigma",
    families: Sequence[str] | None = None,
    distances: Sequence[int] = DISTANCES,
    bits: Mapping[str, int] | None = None,
) -> dict[str, float]:
    """Measure one ROI of one image.

    Parameters
    ----------
    image : array-like of shape (height, width)
        Stored pixel values, row 0 on top.
    mask : array-like of shape (height, width)
        The ROI: boolean, or 0 and 1.
    normalization : {"3sigma", "1-99", "1-99-below", "none"}, default="3sigma"
        Grey-level window, as in `Normalizer`.
    families : sequence of str, default=None
        As in `TextureExtractor`; None measures all.
    distances : sequence of int, default=(1, 2, 3, 4, 5)
        As in `TextureExtractor`.
    bits : dict of str to int, default=None
        As in `TextureExtractor`.

    Returns
    -------
    dict of str to float
        Feature name to value, in MaZda's order; NaN where a feature is undefined.

    Raises
    ------
    LesionError
        If image or mask cannot be used.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.texture import extract_features
    >>> image = np.arange(64).reshape(8, 8)
    >>> features = extract_features(image, np.ones((8, 8)), normalization="none")
    >>> features["Mean"], features["Horzl_Fraction"]
    (32.5, 1.0)
    """
    plan = make_plan(families, distances, bits)
    lesions = Normalizer(method=normalization).transform([Lesion(image, mask)])
    row = measure_lesion(lesions[0], (UNNAMED,), plan)
    return dict(zip(plan.names(), row.values.tolist(), strict=True))


def feature_map(
    image: np.ndarray,
    mask: np.ndarray,
    feature: str,
    *,
    window: int = 15,
    normalization: Normalization = "3sigma",
    bits: Mapping[str, int] | None = None,
) -> np.ndarray:
    """Show where in a region a feature is high: one feature as an image.

    Parameters
    ----------
    image, mask : array-like of shape (height, width)
        As in `extract_features`.
    feature : str
        Name of the feature, such as ``"S(1,0)Contrast"``.
    window : int, default=15
        Side of the square, in pixels, in which the feature is measured around each
        pixel of the ROI. Odd. At the border it is cut by the ROI.
    normalization : {"3sigma", "1-99", "1-99-below", "none"}, default="3sigma"
        Grey-level window of the whole ROI, as in `Normalizer`: the same for all
        pixels, so that they can be compared.
    bits : dict of str to int, default=None
        As in `TextureExtractor`.

    Returns
    -------
    ndarray of float64, shape (height, width)
        NaN outside the ROI, and where the feature is undefined.

    Raises
    ------
    LesionError
        If image or mask cannot be used.
    ValueError
        If there is no such feature; the message names similar ones.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.texture import feature_map
    >>> image = np.zeros((20, 20))
    >>> image[:, 10:] = np.random.default_rng(0).integers(0, 100, size=(20, 10))
    >>> contrast = feature_map(image, np.ones((20, 20)), "S(1,0)Contrast", window=5)
    >>> bool(contrast[10, 3] < contrast[10, 16])
    True
    """
    from sklearn_orn.texture._measure import measure

    if not isinstance(window, Integral) or window < 1 or window % 2 == 0:
        raise ValueError(
            f"window must be an odd number of pixels, got {shown(window)}."
        )
    family, distances = family_of(feature)
    plan = make_plan([family], distances, bits)
    position = plan.names().index(feature)
    lesions = Normalizer(method=normalization).transform([Lesion(image, mask)])
    region = lesions[0].read()[UNNAMED]
    half = int(window) // 2
    values = np.full(region.mask.shape, np.nan)
    near = np.zeros_like(region.mask)
    for row, column in np.argwhere(region.mask):
        around = (
            slice(max(row - half, 0), row + half + 1),
            slice(max(column - half, 0), column + half + 1),
        )
        near[around] = region.mask[around]
        values[row, column] = measure(region.image, near, region.window, plan)[position]
        near[around] = False
    return values
