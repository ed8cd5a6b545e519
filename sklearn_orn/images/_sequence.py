"""Sequences of lesions: the X of image steps, in all forms it may take."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sklearn_orn._tables import as_pandas
from sklearn_orn.images._cells import is_missing
from sklearn_orn.images._cohort_table import (
    image_columns,
    lesion_columns,
    reader_columns,
)
from sklearn_orn.images._lesion import Lesion
from sklearn_orn.images._mapped_lesion import MappedLesion
from sklearn_orn.images._private_path import ids_hidden, row_labels
from sklearn_orn.images._region import Region

__all__ = ["LesionSequence", "as_lesions"]

_EXPECTED = (
    "X must be a DataFrame with columns 'image' and 'mask' (or 'mask_<reader>'), a "
    "sequence of Lesion, a sequence of (image, mask) pairs, or an array of shape "
    "(n_lesions, 2, n_rows, n_columns)"
)


class LesionSequence:
    """Lesions in order, with the index of the X they came from.

    An int picks one lesion; a slice, positions or booleans pick a LesionSequence.

    Parameters
    ----------
    lesions : iterable of Lesion
        Or of anything with `read`, `readers` and `name`.
    index : Index or None, default=None
        One label a lesion. By default the rows that the lesions come from, if all
        know them, else 0 to n - 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.images import as_lesions
    >>> image = np.arange(12).reshape(3, 4)
    >>> lesions = as_lesions([(image, image > 3), (image, image > 8)])
    >>> lesions[[1]]
    LesionSequence of 1 lesion
    >>> lesions[[1]].index.tolist()
    [1]
    """

    def __init__(self, lesions: Iterable[Any], index: pd.Index | None = None) -> None:
        self._lesions = list(lesions)
        if index is None:
            rows = [getattr(lesion, "row", None) for lesion in self._lesions]
            known = bool(rows) and all(row is not None for row in rows)
            index = pd.Index(rows) if known else pd.RangeIndex(len(rows))
        if len(index) != len(self._lesions):
            raise ValueError(
                f"index has {len(index)} labels for {len(self._lesions)} lesions; "
                "expected one a lesion."
            )
        self.index = index

    def map(
        self,
        function: Callable[[Region], Region],
        *,
        spacing: tuple[float, float] | None = None,
        step: str | None = None,
    ) -> LesionSequence:
        """Pass every region through a function, when it is read.

        Parameters
        ----------
        function : callable
            Takes a Region and returns one; it must pickle for `n_jobs` to work
            (a function of a module, or a `functools.partial` of one).
        spacing : tuple of float or None, default=None
            Pixel spacing of what it returns, where it changes the spacing.
        step : str or None, default=None
            What messages call the function; by default its name.

        Returns
        -------
        LesionSequence
            With the same index. Nothing is read yet; what the function returns is
            checked when it is, and an error names the lesion and the step.
        """
        mapped = [MappedLesion(x, function, spacing, step) for x in self._lesions]
        return LesionSequence(mapped, self.index)

    def __len__(self) -> int:
        return len(self._lesions)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._lesions)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return LesionSequence(self._lesions[key], self.index[key])
        if np.ndim(key) == 0:
            return self._lesions[operator.index(key)]
        positions = np.arange(len(self))[_as_positions(key)]
        return LesionSequence(
            [self._lesions[position] for position in positions],
            self.index.take(positions),
        )

    def __repr__(self) -> str:
        return f"LesionSequence of {len(self)} lesion{'s' * (len(self) != 1)}"


def as_lesions(X: Any, *, rescale: bool = False) -> LesionSequence:
    """Turn any form of X into a sequence of lesions, without opening a file.

    Parameters
    ----------
    X : DataFrame, sequence or ndarray
        One of:

        - a DataFrame of paths: columns `image`, and `mask` or `mask_<reader>` for
          each reader; optional `image_<reader>`, `lesion`, `patient`, `section`,
          `series` and `stack` (and `section_<reader>`, `series_<reader>`,
          `stack_<reader>` for a reader who has an image of his own). Relative paths
          start at the working directory. An empty mask cell means that the reader is
          absent.
        - a sequence of Lesion, or of what an image step made of them.
        - a sequence of (image, mask) pairs. Each is a 2-D array or a path; the mask
          may be a mapping from reader to either.
        - an array of shape (n_lesions, 2, n_rows, n_columns), image and mask.
    rescale : bool, default=False
        Whether Rescale Slope and Intercept of files are applied, for a DataFrame or
        pairs. What comes out is an X of its own, so that no step of a pipeline has
        to know: `study.fit(as_lesions(table, rescale=True), y)`.

    Returns
    -------
    LesionSequence
        With the index of X where X has one.

    Raises
    ------
    CohortError
        If the columns of a DataFrame do not fit.
    TypeError, ValueError
        If X is anything else.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     {"image": ["a.dcm", "b.dcm"], "mask_A": ["a.png", None]}, index=["x", "y"]
    ... )
    >>> [lesion.readers for lesion in as_lesions(table)]
    [('A',), ()]
    """
    X = as_pandas(X)
    if isinstance(X, LesionSequence):
        lesions = X
    elif isinstance(X, pd.DataFrame):
        lesions = _from_table(X)
    elif isinstance(X, np.ndarray):
        lesions = _from_array(X)
    else:
        lesions = _from_sequence(X)
    if not len(lesions):
        raise ValueError(f"X holds no lesion. {_EXPECTED}, with one lesion at least.")
    return _rescaled(lesions) if rescale else lesions


def _rescaled(lesions: LesionSequence) -> LesionSequence:
    """Return copies that apply the rescale slope; the user's lesions stay."""
    copies = []
    for lesion in lesions:
        if not isinstance(lesion, Lesion):
            raise TypeError(
                f"rescale=True needs lesions that are read from files; got "
                f"{type(lesion).__name__}. Rescale before the steps, not after."
            )
        copies.append(lesion.at_row(lesion.row))
        copies[-1].rescale = True
    return LesionSequence(copies, lesions.index)


def _from_table(table: pd.DataFrame) -> LesionSequence:
    readers, images = reader_columns(table.columns), image_columns(table.columns)
    wanted = {"lesion", "patient", *lesion_columns(table.columns)}
    cells = {str(n): table[n].tolist() for n in wanted if n in table.columns}
    nothing = [None] * len(table)

    def choice(kind: str, reader: str, number: int) -> Any:
        """Return the reader's own choice, or the shared one on a shared image."""
        own = cells.get(f"{kind}_{reader}", nothing)[number]
        if not is_missing(own):
            return own
        has_image = not is_missing(cells.get(f"image_{reader}", nothing)[number])
        return None if reader and has_image else cells.get(kind, nothing)[number]

    def lesion(number: int, row: Any) -> Lesion:
        def of_readers(pick: Callable[[str], Any]) -> Any:
            return pick("") if "" in readers else {r: pick(r) for r in readers}

        return Lesion(
            of_readers(lambda r: _first_given(cells[c][number] for c in images[r])),
            of_readers(lambda r: cells[readers[r]][number]),
            lesion=cells.get("lesion", nothing)[number],
            patient=cells.get("patient", nothing)[number],
            section=of_readers(lambda r: choice("section", r, number)),
            series=of_readers(lambda r: choice("series", r, number)),
            stack=of_readers(lambda r: choice("stack", r, number)),
        ).at_row(row)

    hides = ids_hidden(table)
    rows = row_labels(table.index, hides)
    lesions = [lesion(number, row) for number, row in enumerate(rows)]
    if hides:
        lesions = [x.without_paths() for x in lesions]
    return LesionSequence(lesions, table.index)


def _from_array(X: np.ndarray) -> LesionSequence:
    if X.ndim == 4 and X.shape[1] == 2:
        pairs = [Lesion(image, mask).at_row(row) for row, (image, mask) in enumerate(X)]
        return LesionSequence(pairs, pd.RangeIndex(len(X)))
    if X.dtype == object and X.ndim in (1, 2):
        return _from_sequence(list(X))
    raise ValueError(f"{_EXPECTED}; got an array of {X.dtype} of shape {X.shape}.")


def _from_sequence(X: Any) -> LesionSequence:
    if _is_lesion(X):
        raise TypeError(f"{_EXPECTED}; got one lesion. Wrap it in a list: [lesion].")
    index = X.index if isinstance(X, pd.Series) else None
    if not isinstance(X, Sequence | pd.Series) or isinstance(X, str | bytes):
        raise TypeError(f"{_EXPECTED}; got {type(X).__name__}.")
    items = [_as_lesion(item, number) for number, item in enumerate(X)]
    lesions = LesionSequence(items, index)
    unplaced = [isinstance(x, Lesion) and x.row is None for x in items]
    labels = lesions.index.tolist()
    return LesionSequence(
        [
            item.at_row(label) if new else item
            for item, label, new in zip(items, labels, unplaced, strict=True)
        ],
        lesions.index,
    )


def _as_lesion(item: Any, number: int) -> Any:
    if _is_lesion(item):
        return item
    is_array = isinstance(item, np.ndarray)
    if (isinstance(item, tuple | list) and len(item) == 2) or (
        is_array and len(item) == 2 and (item.ndim == 3 or item.dtype == object)
    ):
        return Lesion(item[0], item[1])
    found = f"an array of shape {item.shape}" if is_array else type(item).__name__
    raise TypeError(
        f"{_EXPECTED}; item {number} of X is {found}. A single pair is given as "
        "[(image, mask)]."
    )


def _is_lesion(item: Any) -> bool:
    return all(hasattr(item, name) for name in ("read", "readers", "name"))


def _as_positions(key: Any) -> np.ndarray:
    positions = np.asarray(key)
    return positions if positions.size else positions.astype(int)


def _first_given(cells: Iterable[Any]) -> Any:
    return next((cell for cell in cells if not is_missing(cell)), None)
