"""The 279 texture features of lesions, as one step of a Pipeline."""

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any, Self

import joblib
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._validation import Interval, name_list
from sklearn_orn.exceptions import CohortError, LesionError
from sklearn_orn.images import Lesion, LesionSequence, as_lesions
from sklearn_orn.texture._catalogue import (
    DEFAULT_BITS,
    DISTANCES,
    FAMILIES,
    feature_names,
)
from sklearn_orn.texture._normalizer import Normalizer

UNNAMED = ""


def _check_settings(
    families: Sequence[str] | None,
    distances: Sequence[int],
    bits: Mapping[str, int] | None,
) -> tuple[tuple[str, ...], tuple[int, ...], dict[str, int]]:
    chosen = FAMILIES if families is None else tuple(families)
    if isinstance(families, str) or not chosen or set(chosen) - set(FAMILIES):
        raise ValueError(
            "The 'families' parameter must be None or a list of at least one of "
            f"{list(FAMILIES)}. Got {families!r} instead."
        )
    near = tuple(distances)
    if len(set(near)) != len(near) or not all(
        isinstance(d, Integral) and d >= 1 for d in near
    ):
        raise ValueError(
            "The 'distances' parameter must hold different integers from 1. "
            f"Got {distances!r} instead."
        )
    if "cooccurrence" in chosen and not near:
        raise ValueError(
            "The 'distances' parameter is empty: co-occurrence needs at least one."
        )
    given = dict(bits or {})
    for family, value in given.items():
        if family not in DEFAULT_BITS:
            raise ValueError(
                f"The 'bits' parameter maps a family of {list(DEFAULT_BITS)} to a "
                f"number of bits. Got {family!r} instead."
            )
        if not isinstance(value, Integral) or not 1 <= value <= 8:
            raise ValueError(
                f"The 'bits' of {family!r} must be an integer from 1 to 8. "
                f"Got {value!r} instead."
            )
    return chosen, tuple(int(d) for d in near), DEFAULT_BITS | given


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
    from sklearn_orn.texture._measure import Plan

    plan = Plan(*_check_settings(families, distances, bits))
    lesions = Normalizer(method=normalization).transform([Lesion(image, mask)])
    row = _measure_lesion(lesions[0], (UNNAMED,), plan)
    names = feature_names(plan.families, plan.distances)
    return dict(zip(names, row.tolist(), strict=True))


def _measure_lesion(lesion: Any, readers: tuple[str, ...], plan: Any) -> np.ndarray:
    """Measure one lesion: the blocks of all readers, NaN where one is absent."""
    from sklearn_orn.texture._measure import measure

    regions = lesion.read()
    if UNNAMED in regions and UNNAMED not in readers:
        regions = {readers[0]: regions[UNNAMED]}
    n_features = len(feature_names(plan.families, plan.distances))
    blocks = np.full((len(readers), n_features), np.nan)
    for block, reader in zip(blocks, readers, strict=True):
        if reader in regions:
            region = regions[reader]
            block[:] = measure(region.image, region.mask, region.window, plan)
    return blocks.ravel()


class TextureExtractor(TransformerMixin, BaseEstimator):
    """Measure MaZda's 279 texture features of each lesion, for each reader.

    Parameters
    ----------
    families : list of str, default=None
        Any of ``"histogram"`` (9 features), ``"cooccurrence"`` (44 for each distance),
        ``"run_length"`` (20), ``"gradient"`` (5), ``"autoregressive"`` (5) and
        ``"wavelet"`` (20); None takes all. What is left out is not computed.
    distances : tuple of int, default=(1, 2, 3, 4, 5)
        Pixel distances of the co-occurrence matrices.
    bits : dict of str to int, default=None
        Bits per pixel of the quantised families. A family that is not named keeps
        MaZda's: 6 for ``"cooccurrence"`` and ``"run_length"``, 4 for ``"gradient"``,
        8 for ``"wavelet"``. From 1 to 8. Feature values depend on the bits:
        published coefficients mean nothing without them.
    n_jobs : int, default=None
        Number of processes. None is 1 unless a `joblib.parallel_config` says
        otherwise, -1 is all cores.

    Attributes
    ----------
    readers_ : tuple of str
        Names of the readers, one block of columns each; ``("",)`` for one unnamed
        mask.

    See Also
    --------
    Normalizer : Sets the grey-level window; without it, the full bit range counts.
    extract_features : The same for one image and mask.

    Notes
    -----
    Columns are named as in MaZda's report, ``S(1,0)Contrast``, and with the reader in
    front where masks are named, ``<reader>__S(1,0)Contrast``. A reader who did not
    draw a lesion leaves NaN there. An unnamed mask at transform fills the first
    reader's block.

    A feature that is not defined for a ROI is NaN, never 0: skewness of equal values,
    correlation in a matrix of one level, an autoregressive model without four
    neighbours, a wavelet scale with fewer than 4 points.

    The definitions are those of MaZda 4.6, verified on a report of that program.

    References
    ----------
    Szczypinski et al., Comput Methods Programs Biomed 2009;94:66-76.
    Haralick, Shanmugam, Dinstein, IEEE Trans Syst Man Cybern 1973;3:610-621.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn import TextureExtractor
    >>> rng = np.random.default_rng(0)
    >>> image = rng.integers(0, 256, size=(32, 32))
    >>> mask = np.zeros((32, 32), dtype=bool)
    >>> mask[8:20, 8:20] = True
    >>> table = TextureExtractor().fit_transform([(image, mask)])
    >>> table.shape
    (1, 279)
    >>> bool(table["WavEnLL_s-5"].isna().all())  # a 32-pixel image has no fifth scale
    True
    """

    _parameter_constraints = {
        "families": [None, list, tuple],
        "distances": [list, tuple],
        "bits": [None, dict],
        "n_jobs": [None, Interval(Integral, None, None, closed="neither")],
    }

    def __init__(
        self,
        families: Sequence[str] | None = None,
        distances: Sequence[int] = DISTANCES,
        bits: Mapping[str, int] | None = None,
        *,
        n_jobs: int | None = None,
    ) -> None:
        self.families = families
        self.distances = distances
        self.bits = bits
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the names of the readers; no file is opened.

        Parameters
        ----------
        X : sequence of lesions, DataFrame of paths, or (image, mask) pairs
            One row per lesion.
        y : None
            Ignored.

        Returns
        -------
        TextureExtractor
            The fitted step.
        """
        self._validate_params()
        _check_settings(self.families, self.distances, self.bits)
        self.readers_ = _reader_names(as_lesions(X))
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        """Measure the lesions.

        Parameters
        ----------
        X : sequence of lesions, DataFrame of paths, or (image, mask) pairs
            One row per lesion.

        Returns
        -------
        DataFrame of shape (n_lesions, n_readers * n_features)
            With the index of X.

        Raises
        ------
        LesionError
            If a lesion cannot be read; the message names it.
        CohortError
            If a lesion has a reader that `fit` did not see.
        """
        from sklearn_orn.texture._measure import Plan

        check_is_fitted(self)
        plan = Plan(*_check_settings(self.families, self.distances, self.bits))
        lesions = as_lesions(X)
        self._check_readers(lesions)
        run = joblib.Parallel(n_jobs=self.n_jobs)
        rows = run(
            joblib.delayed(_measure_lesion)(lesion, self.readers_, plan)
            for lesion in lesions
        )
        columns = self.get_feature_names_out()
        values = np.array(rows).reshape(len(lesions), len(columns))
        return pd.DataFrame(values, index=lesions.index, columns=columns)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the columns.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Ignored: the names do not depend on those of X.

        Returns
        -------
        ndarray of str
            Feature names, block by block.
        """
        check_is_fitted(self)
        families, distances, _ = _check_settings(
            self.families, self.distances, self.bits
        )
        names = feature_names(families, distances)
        blocks = [
            name if reader == UNNAMED else f"{reader}__{name}"
            for reader in self.readers_
            for name in names
        ]
        return np.asarray(blocks, dtype=object)

    def _check_readers(self, lesions: LesionSequence) -> None:
        for lesion in lesions:
            unknown = set(lesion.readers) - set(self.readers_) - {UNNAMED}
            if unknown:
                raise CohortError(
                    f"{lesion.name} has the reader {name_list(sorted(unknown))}, "
                    "which fit did not see: it saw "
                    f"{name_list(repr(reader) for reader in self.readers_)}. Rename "
                    "the mask column, or leave the name out (column 'mask')."
                )
            if UNNAMED in lesion.readers and len(lesion.readers) > 1:
                raise LesionError(
                    f"{lesion.name} has an unnamed mask beside named ones "
                    f"({name_list(lesion.readers)}): name all of them."
                )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        return tags


def _reader_names(lesions: LesionSequence) -> tuple[str, ...]:
    """Readers of a cohort in order of first appearance."""
    names = tuple(dict.fromkeys(r for lesion in lesions for r in lesion.readers))
    if UNNAMED in names and len(names) > 1:
        raise CohortError(
            "Some lesions have an unnamed mask, others the readers "
            f"{name_list(n for n in names if n)}: name all masks or none."
        )
    if not names:
        raise CohortError("No lesion has a mask: at least one reader must have drawn.")
    return names
