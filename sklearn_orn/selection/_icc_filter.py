"""Keep the features on which the readers agree, averaged over the readers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from numbers import Integral, Real
from typing import Literal, Self, TypeAlias, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._block_names import is_virtual
from sklearn_orn._documented import Documented
from sklearn_orn._reader_names import ABSENT, not_readers, read_blocks
from sklearn_orn._study_warnings import warn
from sklearn_orn._validation import (
    Interval,
    StrOptions,
    feature_names,
    name_list,
    numbers_with_gaps,
)
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.selection._icc_patients import check_patients
from sklearn_orn.selection._intraclass_correlation import (
    Form,
    canonical_form,
    estimated,
)
from sklearn_orn.selection._one_outline import one_outline


def how_to_read(names: Sequence[str]) -> str:
    """Say what to do about blocks that seem to be of no readers."""
    return (
        "Put ICCFilter behind the TextureExtractor in each branch of the FeatureUnion, "
        f"or say that these are readers: ICCFilter(readers={list(names)})."
    )


Criterion: TypeAlias = Literal["estimate", "lower"]


class ICCFilter(TransformerMixin, Documented, BaseEstimator):
    """Keep reproducible features and average them over the readers.

    Parameters
    ----------
    threshold : float, default=0.75
        A feature stays if its ICC is above this.
    form : str, default="ICC(2,1)"
        Form of the ICC, see `intraclass_correlation`.
    criterion : {"estimate", "lower"}, default="estimate"
        What is compared with the threshold: the estimate, or the lower limit of its
        95 % confidence interval. That counts patients where `fit` gets `groups`.
    average : bool, default=True
        Whether the features come out as the mean over the readers present. Otherwise
        all readers' columns of the features that stay come out.
    min_lesions : int, default=5
        Lesions that all readers must have drawn, at least.
    n_readers : int, default=None
        Number of equally long blocks of columns in X, one per reader, in the same
        order of features. None reads the blocks from the names
        ``<reader>__<feature>``, as `TextureExtractor` gives them. 1 keeps every
        column: nothing can be compared.
    readers : {"perturbed"} or sequence of str, default=None
        Names of the readers in the names of the columns, wherever in front of the
        feature they stand. None finds them, and refuses names that can be read in
        several ways or say that they are of no reader, see Notes. ``"perturbed"``
        judges by the outlines of an `OutlinePerturber`, also where several readers
        drew.

    Attributes
    ----------
    icc_, icc_lower_, icc_upper_ : ndarray of shape (n_features,)
        ICC and its 95 % confidence limits; NaN where it is not defined.
    interval_unit_ : {"lesion", "patient"}
        What the limits count: patients where `fit` got `groups` and a patient has
        several of the lesions.
    reasons_ : list of str
        For each feature, why it stays or goes.
    readers_ : tuple of str
        Names of the readers; their numbers where X has no names. Perturbed outlines are
        of none of them.
    judged_by_ : ndarray of str, shape (n_features,)
        Whose agreement `icc_` is: that of ``"readers"``, of ``"perturbed"`` outlines,
        or of ``"nobody"``, where one reader drew alone.
    features_ : ndarray of str
        Names of the features, in the order of `icc_`.
    n_lesions_ : int
        Lesions that all readers have drawn; with several sequences and regions, of the
        one where they are fewest.
    [[n_features_in_, feature_names_in_]]

    See Also
    --------
    intraclass_correlation : The coefficient as a function.

    Notes
    -----
    A reader whose block is all NaN did not draw that lesion. The ICC is computed on
    the lesions that all readers drew, so a study may read only a part of its lesions
    twice; a feature that is undefined (NaN) in one of these is dropped. Averages are
    over the readers whose value is defined: a new patient needs one reader.

    Lesions of one patient are not independent. Pass the patients as `groups` to `fit`,
    in a pipeline with metadata routing enabled, and the limits count patients, see
    `intraclass_correlation`; without `groups` they count lesions. The estimates are
    the same.

    A rescan (test-retest) is one more reader.

    Outlines of an `OutlinePerturber` are readers of another kind, and never judged
    together with real ones: by default they are where one reader drew alone. Perturbed
    outlines of one lesion are exchangeable, so ``form="ICC(1,1)"`` is theirs, as in
    Zwanenburg et al. What comes out is the mean over the readers who drew: no value of
    a perturbed outline. To ask both questions, set two filters in a row, the first
    with ``readers="perturbed", average=False``.

    With several sequences or regions, ``T1|lesion|anna__Mean``, the readers are
    compared within each, and ``T1|lesion__Mean`` comes out. Features of a sequence or
    region that one reader drew alone are kept, with a warning; where that is so of all,
    there is nothing to compare, and `fit` says so.

    A FeatureUnion writes the name of its branch in front: ``bits4__anna__Contrast``.
    The reader is then the part of the name that has the same features in each of its
    blocks. Where two parts have, as with two bit depths of two readers, `fit` asks for
    `readers`; each branch and feature is judged by itself. Blocks that are called
    like sequences, regions or settings, and blocks that hold the same outlines measured
    in two ways, are refused as long as `readers` does not name them: their agreement
    says nothing of readers.

    References
    ----------
    Koo, Li, J Chiropr Med 2016;15:155-163.
    Zwanenburg et al., Sci Rep 2019;9:614.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn_orn import ICCFilter
    >>> rng = np.random.default_rng(0)
    >>> size, noise = rng.normal(size=(2, 30))
    >>> X = pd.DataFrame({
    ...     "anna__size": size, "anna__noise": noise,
    ...     "ben__size": size + rng.normal(scale=0.1, size=30),
    ...     "ben__noise": rng.normal(size=30),
    ... })
    >>> filter = ICCFilter().set_output(transform="pandas")
    >>> list(filter.fit_transform(X))
    ['size']
    """

    _parameter_constraints = {
        "threshold": [Interval(Real, -1, 1, closed="both")],
        "form": [str],
        "criterion": [StrOptions(set(get_args(Criterion)))],
        "average": ["boolean"],
        "min_lesions": [Interval(Integral, 2, None, closed="left")],
        "n_readers": [None, Interval(Integral, 1, None, closed="left")],
        "readers": [StrOptions({"perturbed"}), "array-like", None],
    }

    __metadata_request__fit = {"groups": True}

    readers_: tuple[str, ...]
    _positions: np.ndarray
    # In refits, where nobody looks at limits that are not the criterion.
    _chooses_only = False

    def __init__(
        self,
        threshold: float = 0.75,
        *,
        form: Form = "ICC(2,1)",
        criterion: Criterion = "estimate",
        average: bool = True,
        min_lesions: int = 5,
        n_readers: int | None = None,
        readers: Literal["perturbed"] | Sequence[str] | None = None,
    ) -> None:
        self.threshold = threshold
        self.form = form
        self.criterion = criterion
        self.average = average
        self.min_lesions = min_lesions
        self.n_readers = n_readers
        self.readers = readers

    def fit(
        self, X: ArrayLike, y: object = None, *, groups: ArrayLike | None = None
    ) -> Self:
        """Compute the ICC of each feature.

        Parameters
        ----------
        X : array-like of shape (n_lesions, n_readers * n_features)
            Blocks of columns, one per reader.
        y : None
            Ignored: agreement does not look at the outcome.
        groups : array-like of shape (n_lesions,), default=None
            The patient of each lesion, for the limits. None takes each lesion for a
            patient of its own.

        Warns
        -----
        StudyWarning
            If one reader alone drew a sequence or region that others stand beside.
        """
        self._validate_params()
        form = canonical_form(self.form)
        X = numbers_with_gaps(self, X, reset=True)
        check_patients(groups, len(X))
        regions = self._find_blocks()
        self.interval_unit_: Literal["patient", "lesion"] = "lesion"
        n_features = self._positions.shape[1]
        self.icc_, self.icc_lower_, self.icc_upper_ = np.full((3, n_features), np.nan)
        self.reasons_ = ["kept: one reader, no ICC"] * n_features
        self.n_lesions_ = len(X)
        self._support = np.ones(n_features, dtype=bool)
        self.judged_by_ = np.full(n_features, "nobody", dtype=object)
        virtual = np.array([is_virtual(reader) for reader in self.readers_])
        alone = []
        for group in dict.fromkeys(regions):
            own = np.array([name == group for name in regions])
            present = (self._positions[:, own] != ABSENT).all(axis=1)
            by_readers = (present & ~virtual).sum() > 1 and self.readers != "perturbed"
            judges = present & (~virtual if by_readers else virtual)
            if judges.sum() > 1:
                self.judged_by_[own] = "readers" if by_readers else "perturbed"
                self._judge(X, own, judges, form, groups, group)
            else:
                alone.append(group)
        # Perturbed outlines have had their say: no value of theirs comes out.
        self.readers_ = tuple(r for r in self.readers_ if not is_virtual(r))
        self._positions = self._positions[~virtual]
        if alone and self.n_readers != 1:
            warn(
                f"The features of {name_list(map(repr, alone))} are of one reader: "
                "they are kept, and nobody knows which another reader would confirm.",
                "ORN020",
                stacklevel=2,
            )
        judged = self._judged
        if not self._support.any():
            raise NotEstimable(self._nothing_passes(judged))
        return self

    def _judge(
        self,
        X: np.ndarray,
        own: np.ndarray,
        present: np.ndarray,
        form: Form,
        groups: ArrayLike | None,
        group: str,
    ) -> None:
        """Compute the ICC of the `own` features over the readers who are `present`."""
        readers = [r for r, there in zip(self.readers_, present, strict=True) if there]
        ratings = X[:, self._positions[np.ix_(present, own)]]
        read_by_all = ~np.isnan(ratings).all(axis=2).any(axis=1)
        n_lesions = int(read_by_all.sum())
        self.n_lesions_ = min(self.n_lesions_, n_lesions)
        if n_lesions < self.min_lesions:
            raise NotEstimable(
                f"All {len(readers)} readers ({name_list(readers)}) drew the same "
                f"lesion{f' of {group!r}' if group else ''} in {n_lesions} of "
                f"n_samples = {len(X)} rows; the ICC needs "
                f"min_lesions={self.min_lesions}."
            )
        ratings = ratings[read_by_all]
        by_names = self.readers is None and self.n_readers is None
        if by_names and self.judged_by_[own][0] == "readers":
            alike = one_outline(ratings, readers, self.features_[own].tolist())
            if alike is not None:
                raise ValueError(
                    f"{alike[0].upper()}{alike[1:]}. {how_to_read(readers)}"
                )
        patients = None if groups is None else np.asarray(groups)[read_by_all]
        unit = check_patients(patients, len(ratings))
        if unit is not None:
            self.interval_unit_ = "patient"
        without_limits = self._chooses_only and self.criterion == "estimate"
        result = estimated(ratings, form, None if without_limits else 1 - 0.95, unit)
        undefined = np.isnan(ratings).any(axis=1).sum(axis=0)
        self.icc_[own] = np.where(undefined, np.nan, result.icc)
        self.icc_lower_[own] = np.where(undefined, np.nan, result.lower)
        self.icc_upper_[own] = np.where(undefined, np.nan, result.upper)
        self._support[own] = self._judged[own] > self.threshold  # NaN is not
        reasons = self._reasons(own, undefined.tolist(), result.reason.tolist())
        for i, reason in zip(np.flatnonzero(own).tolist(), reasons, strict=True):
            self.reasons_[i] = reason

    @property
    def _judged(self) -> np.ndarray:
        """What is compared with the threshold."""
        return self.icc_ if self.criterion == "estimate" else self.icc_lower_

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Keep the reproducible features.

        Parameters
        ----------
        X : array-like of shape (n_lesions, n_readers * n_features)
            The columns seen in fit; NaN where a reader did not draw.

        Returns
        -------
        ndarray of shape (n_lesions, n_kept) or (n_lesions, n_readers * n_kept)
            Means over the readers, or all their columns without `average`.
        """
        check_is_fitted(self)
        X = numbers_with_gaps(self, X, reset=False)
        places = self._positions[:, self._support]
        kept, absent = X[:, places], places == ABSENT
        if absent.any():
            kept[:, absent] = np.nan
        if len(self.readers_) == 1:
            return kept[:, 0]
        if not self.average:
            return kept[:, ~absent]
        defined = ~np.isnan(kept)
        if defined.all():
            return kept.sum(axis=1) / len(self.readers_)
        count = defined.sum(axis=1)
        total = np.where(defined, kept, 0.0).sum(axis=1)
        return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)

    def get_support(self, indices: bool = False) -> np.ndarray:
        """Return which features stay.

        Parameters
        ----------
        indices : bool, default=False
            Whether to return their positions instead.

        Returns
        -------
        ndarray of bool, shape (n_features,), or of int, shape (n_kept,)
            In the order of `features_`.
        """
        check_is_fitted(self)
        return np.flatnonzero(self._support) if indices else self._support

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Names of the features that stay.

        Returns
        -------
        ndarray of str
            Without the reader where the readers are averaged.
        """
        check_is_fitted(self)
        columns = feature_names(self)
        if input_features is not None:
            given = np.asarray(input_features, dtype=object)
            if hasattr(self, "feature_names_in_"):
                if not np.array_equal(given, columns):
                    raise ValueError("input_features is not equal to feature_names_in_")
            elif len(given) != len(columns):
                raise ValueError(
                    "input_features should have length equal to number of features "
                    f"({len(columns)}), got {len(given)}"
                )
            else:
                columns = given
        kept = self._positions[:, self._support]
        perturbed = "perturbed" in self.judged_by_
        if (len(self.readers_) > 1 or perturbed) and self.average:
            if hasattr(self, "feature_names_in_") and self.n_readers is None:
                return self.features_[self._support]
            return columns[kept[0]]
        return columns[kept[kept != ABSENT]]

    def _find_blocks(self) -> tuple[str, ...]:
        """Learn where each reader's features are; return the region of each feature."""
        columns = feature_names(self)
        if self.readers is not None and self.n_readers is not None:
            raise ValueError(
                "readers and n_readers are both given: names of readers are of columns "
                "that have names, n_readers is for those that have none."
            )
        if self.n_readers is None:
            if not hasattr(self, "feature_names_in_"):
                raise ValueError(
                    "X has no column names to read the readers from: pass a DataFrame "
                    "with columns <reader>__<feature>, or set n_readers."
                )
            found = read_blocks(
                columns.tolist(), None if self.readers == "perturbed" else self.readers
            )
            readers, features = found.readers, found.features
            self._positions, regions = found.positions, found.groups
            self._check_virtual(readers)
            like = not_readers(readers) if self.readers is None else None
            if like is not None:
                raise ValueError(
                    f"The blocks of columns are called {name_list(map(repr, readers))}"
                    f", like {like} and not like readers: their agreement is not that "
                    f"of readers. {how_to_read(readers)}"
                )
            if (self._positions != ABSENT).sum(axis=0).max() == 1:
                only = f"one reader only, {readers[0]!r}"
                if len(readers) > 1:
                    only = "one reader only of each sequence and region"
                raise ValueError(
                    f"X holds {only}, and the ICC compares "
                    "readers: leave ICCFilter out, or set n_readers=1 to keep every "
                    "column."
                )
        else:
            n, rest = divmod(len(columns), self.n_readers)
            if rest:
                raise ValueError(
                    f"n_readers={self.n_readers} does not divide the columns into "
                    f"equal blocks: X has n_features = {len(columns)}."
                )
            readers, regions = tuple(str(r) for r in range(self.n_readers)), ()
            self._positions = np.arange(len(columns)).reshape(self.n_readers, n)
            features = tuple(columns[:n])
        self.readers_ = readers
        self.features_ = np.asarray(features, dtype=object)
        return regions or ("",) * len(features)

    def _check_virtual(self, readers: Sequence[str]) -> None:
        virtual = [reader for reader in readers if is_virtual(reader)]
        if self.readers == "perturbed" and len(virtual) < 2:
            raise ValueError(
                f"readers='perturbed' compares perturbed outlines, and X has those of "
                f"{len(virtual)}: its readers are {name_list(map(repr, readers))}. Put "
                "OutlinePerturber(n=...) in front of the measuring."
            )
        if len(virtual) == len(readers):
            raise ValueError(
                f"X has perturbed outlines only ({name_list(readers)}), and what is "
                "kept is measured on an outline that was drawn. Keep its columns."
            )

    def _reasons(
        self, own: np.ndarray, undefined: list[int], why_nan: list[str]
    ) -> Iterator[str]:
        what = "ICC" if self.criterion == "estimate" else "lower limit of the ICC"
        if self.judged_by_[own][0] == "perturbed":
            what += " of perturbed outlines"
        limit = f"{self.threshold:g}"
        judged, kept = self._judged[own].tolist(), self._support[own].tolist()
        for n, why, value, stays in zip(undefined, why_nan, judged, kept, strict=True):
            if n:
                yield f"dropped: undefined in {n} lesions read by all"
            elif why:
                yield f"dropped: {why}"
            elif stays:
                yield f"kept: {what} {value:.3f} > {limit}"
            else:
                yield f"dropped: {what} {value:.3f} <= {limit}"

    def _nothing_passes(self, judged: np.ndarray) -> str:
        what = "an ICC" if self.criterion == "estimate" else "a lower limit of the ICC"
        message = f"No feature has {what} above threshold={self.threshold:g}"
        if np.isnan(judged).all():
            counts = pd.Series(self.reasons_).value_counts()
            return f"{message}: it is defined for none ({counts.index[0]})."
        best = int(np.nanargmax(judged))
        return (
            f"{message}: the best is {self.features_[best]!r} with {judged[best]:.3f}. "
            "Lower the threshold, or look at the readers' outlines."
        )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
