"""Hypothesis strategies of feature tables, of one reader or several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

Limits = tuple[int, int]

# Texture features differ by ten orders of magnitude. Powers of two keep ties exact.
_UNITS = (1.0, 2.0**-16, 2.0**16)
_ORIGINS = (0.0, 3.0, 2.0**16)


def _numbers(shape: tuple[int, ...], most: int) -> st.SearchStrategy[np.ndarray]:
    numbers = st.integers(-most, most)
    return hnp.arrays(np.int64, shape, elements=numbers, fill=st.nothing())


@st.composite
def _columns(draw: st.DrawFn, shape: Limits, constant_columns: bool) -> np.ndarray:
    values = draw(_numbers(shape, 100)).astype(float)
    for column in values.T:
        if constant_columns and draw(st.integers(0, 7)) == 7:
            column[:] = column[0]
        column += draw(st.sampled_from(_ORIGINS))
        column *= draw(st.sampled_from(_UNITS))
    return values


@st.composite
def _feature_tables(
    draw: st.DrawFn,
    n_rows: Limits,
    n_features: Limits,
    constant_columns: bool,
    missing: bool,
) -> pd.DataFrame:
    n, width = draw(st.integers(*n_rows)), draw(st.integers(*n_features))
    # Drawn in full and cut, so that the sizes shrink without a change to the rest.
    values = draw(_columns((n_rows[1], n_features[1]), constant_columns))[:n, :width]
    if missing:
        cells = st.tuples(st.integers(0, n - 1), st.integers(0, width - 1))
        for cell in draw(st.lists(cells, max_size=3)):
            values[cell] = np.nan
    return pd.DataFrame(values, columns=[f"f{i}" for i in range(width)])


def feature_tables(
    n_rows: int | tuple[int, int] = (4, 12),
    *,
    n_features: int | tuple[int, int] = (1, 5),
    constant_columns: bool = True,
    missing: bool = False,
) -> st.SearchStrategy[pd.DataFrame]:
    """Draw tables of features, one row for each lesion.

    Parameters
    ----------
    n_rows : int or tuple of int, default=(4, 12)
        Rows, or their limits.
    n_features : int or tuple of int, default=(1, 5)
        Columns, or their limits.
    constant_columns : bool, default=True
        Whether a column may hold one value throughout.
    missing : bool, default=False
        Whether up to three cells may be NaN.

    Returns
    -------
    SearchStrategy of DataFrame
        Columns ``f0, f1, ...``; their units and origins differ by up to five orders of
        magnitude, as those of texture features do.

    Notes
    -----
    It shrinks to the smallest table, of 0 throughout.

    Examples
    --------
    >>> from hypothesis import find
    >>> from sklearn_orn.testing.strategies import feature_tables
    >>> find(feature_tables(3, n_features=2), lambda X: X["f1"].nunique() > 1)
        f0   f1
    0  0.0  0.0
    1  0.0  0.0
    2  0.0  1.0
    """
    rows, columns = _limits("n_rows", n_rows), _limits("n_features", n_features)
    return _feature_tables(rows, columns, constant_columns, missing)


@st.composite
def _reader_tables(
    draw: st.DrawFn,
    readers: Sequence[str],
    n_lesions: Limits,
    n_features: Limits,
    n_agreeing: int,
    min_read_by_all: int,
    missing_readings: bool,
    constant_columns: bool,
) -> pd.DataFrame:
    n, width = draw(st.integers(*n_lesions)), draw(st.integers(*n_features))
    most = (n_lesions[1], n_features[1])
    # Drawn in full and cut, so that the sizes shrink without a change to the rest.
    truth = draw(_columns(most, constant_columns))
    apart = draw(_numbers((most[0], len(readers), most[1]), 3))
    readings = truth[:, None] + apart
    # Lesions 16 apart, readers at most 2: an ICC above 0.9 however few the lesions.
    steps = 16.0 * np.arange(most[0])[:, None, None]
    readings[..., :n_agreeing] = steps + apart[..., :n_agreeing].clip(-1, 1)
    readings = readings[:n, :, :width]
    if missing_readings and n > min_read_by_all:
        lesions = st.integers(min_read_by_all, n - 1)
        absent = st.tuples(lesions, st.integers(0, len(readers) - 1))
        for place in draw(st.lists(absent, max_size=3)):
            readings[place] = np.nan
    names = [f"{reader}__f{i}" for reader in readers for i in range(width)]
    return pd.DataFrame(readings.reshape(n, -1), columns=names)


def reader_tables(
    *,
    readers: Sequence[str] = ("A", "B"),
    n_lesions: int | tuple[int, int] = (5, 10),
    n_features: int | tuple[int, int] = (1, 4),
    n_agreeing: int = 1,
    min_read_by_all: int = 5,
    missing_readings: bool = True,
    constant_columns: bool = True,
) -> st.SearchStrategy[pd.DataFrame]:
    """Draw feature tables with a block of columns for each reader.

    Parameters
    ----------
    readers : sequence of str, default=("A", "B")
        Names of the readers.
    n_lesions : int or tuple of int, default=(5, 10)
        Rows, or their limits.
    n_features : int or tuple of int, default=(1, 4)
        Features, or their limits: columns in each block.
    n_agreeing : int, default=1
        Features, the first ones, on which the readers agree: their ICC is above 0.9.
        With one at least, `ICCFilter` always has something to keep.
    min_read_by_all : int, default=5
        Lesions that all readers have drawn: as many as `ICCFilter` needs.
    missing_readings : bool, default=True
        Whether readers may have left out other lesions: their block is NaN there.
    constant_columns : bool, default=True
        Whether a feature that is not agreed on may be the same in all lesions, before
        the readers differ.

    Returns
    -------
    SearchStrategy of DataFrame
        Columns ``<reader>__f0, <reader>__f1, ...``, as `TextureExtractor` names them.

    Raises
    ------
    ValueError
        If there are fewer lesions than `min_read_by_all`, or fewer features than
        `n_agreeing`.

    Notes
    -----
    It shrinks to the fewest lesions and features, all readers having drawn all lesions
    and agreeing on them.

    Examples
    --------
    >>> from hypothesis import find
    >>> from sklearn_orn.testing.strategies import reader_tables
    >>> drawn = reader_tables(n_lesions=(5, 6), n_features=(1, 2))
    >>> find(drawn, lambda X: X.isna().any(axis=None))
       A__f0  B__f0
    0    0.0    0.0
    1   16.0   16.0
    2   32.0   32.0
    3   48.0   48.0
    4   64.0   64.0
    5    NaN   80.0
    """
    rows, columns = _limits("n_lesions", n_lesions), _limits("n_features", n_features)
    if isinstance(readers, str) or len(readers) < 1:
        raise ValueError(f"readers must be a list of names, got {readers!r}.")
    if rows[0] < min_read_by_all or columns[0] < n_agreeing:
        raise ValueError(
            f"n_lesions={n_lesions} must start at min_read_by_all={min_read_by_all} or "
            f"more, and n_features={n_features} at n_agreeing={n_agreeing} or more."
        )
    return _reader_tables(
        readers,
        rows,
        columns,
        n_agreeing,
        min_read_by_all,
        missing_readings,
        constant_columns,
    )


def _limits(name: str, value: int | tuple[int, int]) -> Limits:
    low, high = (value, value) if isinstance(value, int) else value
    if not 1 <= low <= high:
        raise ValueError(f"{name} must be at least 1 and in order, got {value!r}.")
    return low, high
