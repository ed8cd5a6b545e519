"""The grey-level window of each ROI."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from sklearn_orn._feature_settings import NORMALIZATIONS, Normalization
from sklearn_orn._validation import StrOptions
from sklearn_orn.images import ImageStep, Region


def set_window(region: Region, method: str) -> Region:
    """Return a region with the grey-level window that a method gives it."""
    from sklearn_orn.texture._window_3sigma_1_99 import grey_level_window

    if method == "none":
        return replace(region, window=None)
    window = grey_level_window(region, method)
    made = Region(region.image, region.mask, region.spacing, window)
    vars(made)["bounds"] = region.bounds  # the mask is the same: no second search
    return made


class Normalizer(ImageStep):
    r"""Set the grey-level window in which texture is measured, ROI by ROI.

    MaZda's "normalisation": it removes differences of brightness and contrast between
    scanners and coils. No pixel is changed: the window goes with the ROI to
    `TextureExtractor`, which quantises inside it for the co-occurrence, run-length and
    gradient features. Histogram, autoregressive and wavelet features are of the raw
    pixels, as in MaZda.

    Parameters
    ----------
    method : {"3sigma", "1-99", "1-99-below", "none"}, default="3sigma"
        - ``"3sigma"``: from :math:`\mu - 3\sigma` to :math:`\mu + 3\sigma` of the ROI's
          grey levels, both cut to integers towards zero where the image holds whole
          numbers.
        - ``"1-99"``: from the 1st to the 99th percentile of the ROI.
        - ``"1-99-below"``: the other reading of MaZda's 1 % to 99 %, see Notes.
        - ``"none"``: the full bit range of the image, MaZda's default. An image of
          fractions has none, and is refused when it is measured.

    See Also
    --------
    TextureExtractor : The step that follows.

    Notes
    -----
    The step is stateless. `transform` returns a sequence that reads a lesion when it
    is asked for it and keeps no pixels, so memory does not grow with the cohort.

    Values outside the window count as its nearest end; they are not left out. A ROI of
    one grey level gets a window of width 1. An image with negative values is shifted by
    its minimum first: MaZda has no negative values.

    **1 % to 99 %.** Two readings of this rule are published. By ``"1-99"`` the limits
    are the first grey levels whose cumulated count reaches 1 % and 99 % of the ROI's n
    pixels. By ``"1-99-below"`` they are the last level whose cumulated count is below
    n // 100, and the last whose count is at most n - n // 100, as in code of one of
    MaZda's authors: where pixels have every level, each is one lower; where they have
    not, the lower end can be lower still and the upper one higher. Fractions have no
    next lower level: the limits are the values just above these. A ROI of fewer than
    100 pixels has its smallest and largest level there. No report of MaZda's that we
    know decides between them yet: compare both.

    The window of whole numbers, of whatever type, is that of MaZda's grey levels
    ``v = v0 + 1``. An image with fractions (an ADC map in mm2/s, SUV, z-scores) has a
    unit of its own: its window is that of the pixel values, so that another unit
    changes no level.

    References
    ----------
    Collewet, Strzelecki, Mariette, Magn Reson Imaging 2004;22:81-91.
    Szczypinski et al., Comput Methods Programs Biomed 2009;94:66-76.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn import Normalizer
    >>> image = np.arange(64).reshape(8, 8)
    >>> mask = np.ones((8, 8), dtype=bool)
    >>> lesions = Normalizer().fit_transform([(image, mask)])
    >>> lesions[0].read()[""].window
    (-22.0, 87.0)
    """

    _parameter_constraints = {
        "method": [StrOptions(set(NORMALIZATIONS))],
    }

    def __init__(self, method: Normalization = "3sigma") -> None:
        self.method = method

    def _region_function(self) -> Callable[[Region], Region]:
        self._validate_params()
        return partial(set_window, method=self.method)
