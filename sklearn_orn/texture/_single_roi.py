"""Texture of one region, without a table or a Pipeline."""

from collections.abc import Mapping, Sequence

import numpy as np

from sklearn_orn.images import Lesion
from sklearn_orn.texture._catalogue import DISTANCES
from sklearn_orn.texture._normalizer import Normalizer
from sklearn_orn.texture._rows import UNNAMED, measure_lesion
from sklearn_orn.texture._settings import make_plan


def extract_features(
    image: np.ndarray,
    mask: np.ndarray,
    *,
    normalization: str = "3sigma",
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
    normalization : {"3sigma", "1-99", "none"}, default="3sigma"
        Grey-level window, as in `Normalizer`.
    families, distances, bits
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
