"""The 279 texture features of lesions, as one step of a Pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from numbers import Integral
from typing import Self

import joblib
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._documented import Documented
from sklearn_orn._feature_settings import PROVENANCE
from sklearn_orn._progress import track
from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn._validation import HasMethods, Interval
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import LesionSequence, as_lesions
from sklearn_orn.texture._catalogue import DISTANCES
from sklearn_orn.texture._measuring_plan import make_plan
from sklearn_orn.texture._provenance import provenance
from sklearn_orn.texture._row_cache import (
    UNNAMED,
    Rows,
    check_blocks,
    measure_rows,
    reader_names,
    row_spacings,
    survey_spacings,
    warn_mixed_spacing,
)
from sklearn_orn.texture._row_store import LesionRow


class TextureExtractor(TransformerMixin, Documented, BaseEstimator):
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
        otherwise, -1 is all cores. Starting processes takes a second or two: below
        about two seconds of work one process is faster.
    memory : str or joblib.Memory, default=None
        Folder that keeps the features of each lesion, so that a search or a bootstrap
        measures each lesion once; each outline on each image is kept by itself too, so
        that other regions, sequences or readers of a lesion measure only what is new. A
        file counts as the same while its path, size and
        time of change are; an array while its content is. A hit opens no file. A
        step of your own counts as the same while its parameters and its code are. A
        cache that cannot be written to, or is damaged, costs time alone, and a warning.
    verbose : int, default=0
        1 shows a progress bar over the lesions.

    Attributes
    ----------
    readers_ : tuple of str
        Names of the readers, one block of columns each; ``("",)`` for one unnamed
        mask. With several sequences or regions ``"T1|lesion|anna"`` and its like.

    See Also
    --------
    Normalizer : Sets the grey-level window; without it, the full bit range counts.
    extract_features : The same for one image and mask.

    Notes
    -----
    Columns are named as in MaZda's report, ``S(1,0)Contrast``, and with the reader in
    front where masks are named, ``<reader>__S(1,0)Contrast``, and of several sequences
    ``<sequence>|lesion|<reader>__S(1,0)Contrast``. A reader who did not
    draw a lesion, or a sequence that was not made, leaves NaN there. An unnamed mask at
    transform fills the first reader's block.

    A feature that is not defined for a ROI is NaN, never 0: skewness of equal values,
    correlation in a matrix of one level, an autoregressive model without four
    neighbours, a wavelet scale with fewer than 4 points.

    MaZda reads whole numbers. In an image of fractions, histogram features are of the
    pixel values in their own unit, without MaZda's ``+ 1``; the wavelet's levels run
    from the lowest to the highest value of the image; and without a `Normalizer`
    co-occurrence, run-length and gradient features are refused, since fractions have no
    range of bits.

    The settings stand in ``attrs["provenance"]`` of the table, where a
    `PublishedSignature` looks them up.

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

    # A row depends on its lesion alone: resampling runs this step once.
    row_wise = True

    _parameter_constraints = {
        "families": [None, list, tuple],
        "distances": [list, tuple],
        "bits": [None, dict],
        "n_jobs": [None, Interval(Integral, None, None, closed="neither")],
        "memory": [None, str, HasMethods(["cache"])],
        "verbose": ["verbose"],
    }

    _texts = """
X : sequence of lesions, DataFrame of paths, or (image, mask) pairs
    One row per lesion.
y : None
    Ignored.
"""

    def __init__(
        self,
        families: Sequence[str] | None = None,
        distances: Sequence[int] = DISTANCES,
        bits: Mapping[str, int] | None = None,
        *,
        n_jobs: int | None = None,
        memory: str | joblib.Memory | None = None,
        verbose: int = 0,
    ) -> None:
        self.families = families
        self.distances = distances
        self.bits = bits
        self.n_jobs = n_jobs
        self.memory = memory
        self.verbose = verbose

    def fit(self, X: object, y: object = None) -> Self:
        """Learn the names of the readers, and look whether pixel spacings are mixed.

        Warns
        -----
        StudyWarning
            If the pixel spacing is not the same in all lesions.
        """
        lesions = self._learn_readers(X)
        warn_mixed_spacing(survey_spacings(lesions))
        return self

    def fit_transform(
        self, X: object, y: object = None, **fit_params: object
    ) -> pd.DataFrame:
        """Fit and measure, reading each lesion once.

        Parameters
        ----------
        **fit_params
            None is known.

        """
        if fit_params:
            raise TypeError(f"fit takes no parameters, got {sorted(fit_params)}.")
        lesions = self._learn_readers(X)
        rows = self._rows(lesions)
        warn_mixed_spacing(row_spacings(rows, self.readers_))
        return self._table(rows, lesions)

    def transform(self, X: object) -> pd.DataFrame:
        """Measure the lesions.

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
        check_is_fitted(self)
        lesions = as_lesions(X)
        self._check_readers(lesions)
        return self._table(self._rows(lesions), lesions)

    def transform_each(self, X: object) -> Iterator[pd.DataFrame | LesionError]:
        """Measure lesions one after the other; one that fails does not stop the rest.

        Yields
        ------
        DataFrame of shape (1, n_readers * n_features) or LesionError
            In the order of X, as soon as it is there.
        """
        check_is_fitted(self)
        lesions = as_lesions(X)
        self._check_readers(lesions)
        for i, row in enumerate(self._measure(lesions)):
            if isinstance(row, LesionError):
                yield row
            else:
                yield self._table([row], lesions[i : i + 1])

    def _learn_readers(self, X: object) -> LesionSequence:
        self._validate_params()
        make_plan(self.families, self.distances, self.bits)
        lesions = as_lesions(X)
        self.readers_ = reader_names(lesions)
        return lesions

    def _rows(self, lesions: LesionSequence) -> list[LesionRow]:
        rows = []
        with closing(self._measure(lesions)) as measured:  # no more behind an error
            for row in measured:
                if isinstance(row, LesionError):
                    raise row
                rows.append(row)
        return rows

    def _measure(self, lesions: LesionSequence) -> Rows:
        rows = measure_rows(
            lesions,
            self.readers_,
            make_plan(self.families, self.distances, self.bits),
            n_jobs=self.n_jobs,
            memory=self.memory,
        )
        if self.verbose:
            return track(rows, len(lesions), "measuring lesions")
        return rows

    def _table(
        self, rows: Sequence[LesionRow], lesions: LesionSequence
    ) -> pd.DataFrame:
        values = np.array([row.values for row in rows])
        table = pd.DataFrame(
            values, index=lesions.index, columns=self.get_feature_names_out()
        )
        plan = make_plan(self.families, self.distances, self.bits)
        table.attrs[PROVENANCE] = provenance(plan, self.readers_, lesions)
        return table

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
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
        names = make_plan(self.families, self.distances, self.bits).names()
        blocks = [
            name if reader == UNNAMED else f"{reader}{SEPARATOR}{name}"
            for reader in self.readers_
            for name in names
        ]
        return np.asarray(blocks, dtype=object)

    def _check_readers(self, lesions: LesionSequence) -> None:
        for lesion in lesions:
            check_blocks(lesion, self.readers_)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        return tags
