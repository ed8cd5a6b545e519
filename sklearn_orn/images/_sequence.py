"""Sequences of lesions: the X of image steps, in all forms it may take."""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from typing import SupportsIndex, TypeAlias, TypeGuard, cast, overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sklearn_orn._tables import as_pandas
from sklearn_orn.images._cells import is_missing
from sklearn_orn.images._lesion import Lesion
from sklearn_orn.images._mapped_lesion import MappedLesion
from sklearn_orn.images._private_path import ids_hidden, row_labels
from sklearn_orn.images._readable_lesion import ReadableLesion
from sklearn_orn.images._region import Region
from sklearn_orn.images._table_columns import BlockColumns, table_columns

__all__ = ["LesionSequence", "as_lesions"]

_EXPECTED = (
    "X must be a DataFrame with columns 'image' and 'mask' (or 'mask_<reader>'), a "
    "sequence of Lesion, a sequence of (image, mask) pairs, or an array of shape "
    "(n_lesions, 2, n_rows, n_columns)"
)
Rows: TypeAlias = "slice | Sequence[int] | np.ndarray | pd.Series"
_NO_LESION = f"X holds no lesion. {_EXPECTED}, with one lesion at least."


class LesionSequence:
    """Lesions in order, with the index of the X they came from.

    An int picks one lesion; a slice, positions or booleans pick a LesionSequence.

    Parameters
    ----------
    lesions : iterable of Lesion
        Or of anything with `read`, `readers` and `name`. Its spacing, and what a cache
        knows it by, are read where it has no `read_spacing` or `fingerprint`.
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

    def __init__(
        self, lesions: Iterable[ReadableLesion], index: pd.Index | None = None
    ) -> None:
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

    def __iter__(self) -> Iterator[ReadableLesion]:
        return iter(self._lesions)

    @overload
    def __getitem__(self, key: int | np.integer) -> ReadableLesion: ...
    @overload
    def __getitem__(self, key: Rows) -> LesionSequence: ...
    def __getitem__(
        self, key: int | np.integer | Rows
    ) -> ReadableLesion | LesionSequence:
        if isinstance(key, slice):
            return LesionSequence(self._lesions[key], self.index[key])
        if np.ndim(key) == 0:
            return self._lesions[operator.index(cast(SupportsIndex, key))]  # or raises
        positions = np.arange(len(self))[_as_positions(key)]
        return LesionSequence(
            [self._lesions[position] for position in positions],
            self.index.take(positions),
        )

    def __repr__(self) -> str:
        return f"LesionSequence of {len(self)} lesion{'s' * (len(self) != 1)}"


def as_lesions(X: object, *, rescale: bool = False) -> LesionSequence:
    """Turn any form of X into a sequence of lesions, without opening a file.

    Parameters
    ----------
    X : DataFrame, sequence or ndarray
        One of:

        - a DataFrame of paths: columns `image` and `mask`, or `mask_<reader>` for
          each reader; of several sequences `image_<sequence>`, and
          `mask_<sequence>_<reader>` where outlines differ; `image@<reader>` of one
          reader's own. Optional are `lesion`, `patient`, `section`, `series` and
          `stack`, which end like the images where these differ. Relative paths start at
          the working directory. An empty cell means that the reader or sequence is
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
        lesions = LesionSequence(lesions_of(X), X.index)
    elif isinstance(X, np.ndarray):
        lesions = _from_array(X)
    else:
        lesions = _from_sequence(X)
    if not len(lesions):
        raise ValueError(_NO_LESION)
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


def lesions_of(table: pd.DataFrame) -> list[Lesion]:
    """Return the lesions of a table of paths, one at least."""
    cells = _Cells(table)
    hides = ids_hidden(table)
    rows = row_labels(table.index, hides)
    lesions = [cells.lesion(number).at_row(row) for number, row in enumerate(rows)]
    if not lesions:
        raise ValueError(_NO_LESION)
    return [x.without_paths() for x in lesions] if hides else lesions


class _Cells:
    """The cells of a cohort table, block by block."""

    def __init__(self, table: pd.DataFrame) -> None:
        columns = table_columns(table.columns)
        self.blocks = columns.blocks
        wanted = {"lesion", "patient", *columns.paths(), *columns.choices()}
        known = [name for name in table.columns if name in wanted]
        self._cells = {str(name): table[name].tolist() for name in known}

    def lesion(self, number: int) -> Lesion:
        """Return the lesion of a row."""

        def of_blocks(pick: Callable[[int, BlockColumns], object]) -> object:
            found = {name: pick(number, block) for name, block in self.blocks.items()}
            return found.get("", found)

        return Lesion(
            of_blocks(self._image),
            of_blocks(self._mask),
            lesion=self._cell("lesion", number),
            patient=self._cell("patient", number),
            section=of_blocks(partial(self._choice, "section")),
            series=of_blocks(partial(self._choice, "series")),
            stack=of_blocks(partial(self._choice, "stack")),
        )

    def _cell(self, name: str, number: int) -> Hashable:
        return self._cells[name][number] if name in self._cells else None

    def _given(self, names: Iterable[str], number: int) -> Hashable:
        """Return the first cell that is filled."""
        cells = (self._cell(name, number) for name in names)
        return next((cell for cell in cells if not is_missing(cell)), None)

    def _image(self, number: int, block: BlockColumns) -> object:
        return self._given(block.images, number)

    def _mask(self, number: int, block: BlockColumns) -> object:
        """Return the outline; one for all sequences is absent on those not there."""
        own = self._given([m for m in block.masks if m != block.shared], number)
        if own is not None or block.shared is None:
            return own
        if self._image(number, block) is None and any(
            self._image(number, other) is not None for other in self.blocks.values()
        ):
            return None
        return self._given([block.shared], number)

    def _choice(self, kind: str, number: int, block: BlockColumns) -> object:
        """Return the reader's own choice, or the common one on a common image."""
        own = self._given([f"{kind}{end}" for end in block.own], number)
        if own is not None or self._given(block.own_images, number) is not None:
            return own
        return self._given([f"{kind}{end}" for end in block.common], number)


def _from_array(X: np.ndarray) -> LesionSequence:
    if X.ndim == 4 and X.shape[1] == 2:
        pairs = [Lesion(image, mask).at_row(row) for row, (image, mask) in enumerate(X)]
        return LesionSequence(pairs, pd.RangeIndex(len(X)))
    if X.dtype == object and X.ndim in (1, 2):
        return _from_sequence(list(X))
    raise ValueError(f"{_EXPECTED}; got an array of {X.dtype} of shape {X.shape}.")


def _from_sequence(X: object) -> LesionSequence:
    if _is_lesion(X):
        raise TypeError(f"{_EXPECTED}; got one lesion. Wrap it in a list: [lesion].")
    index = X.index if isinstance(X, pd.Series) else None
    if not isinstance(X, Sequence | pd.Series) or isinstance(X, str | bytes):
        raise TypeError(f"{_EXPECTED}; got {type(X).__name__}.")
    items = [_as_lesion(item, number) for number, item in enumerate(X)]
    lesions = LesionSequence(items, index)
    labels = lesions.index.tolist()
    placed = [
        item.at_row(label) if isinstance(item, Lesion) and item.row is None else item
        for item, label in zip(items, labels, strict=True)
    ]
    return LesionSequence(placed, lesions.index)


def _as_lesion(item: object, number: int) -> ReadableLesion:
    if _is_lesion(item):
        return item
    found = type(item).__name__
    pair: Sequence[object] | np.ndarray = ()
    if isinstance(item, np.ndarray):
        found = f"an array of shape {item.shape}"
        pair = item if item.ndim == 3 or item.dtype == object else ()
    elif isinstance(item, tuple | list):
        pair = item
    if len(pair) == 2:
        return Lesion(pair[0], pair[1])
    raise TypeError(
        f"{_EXPECTED}; item {number} of X is {found}. A single pair is given as "
        "[(image, mask)]."
    )


def _is_lesion(item: object) -> TypeGuard[ReadableLesion]:
    return all(hasattr(item, name) for name in ("read", "readers", "name"))


def _as_positions(key: ArrayLike) -> np.ndarray:
    positions = np.asarray(key)
    return positions if positions.size else positions.astype(int)
