"""The columns of a table that a published signature takes."""

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
import pandas as pd

from sklearn_orn._block_names import BAR, block_name, parse_block, region_of
from sklearn_orn._messages import shown
from sklearn_orn._reader_names import SEPARATOR, not_readers
from sklearn_orn._tables import as_pandas
from sklearn_orn._validation import as_numbers, name_list
from sklearn_orn.exceptions import CohortError

MEAN = "mean"


def gather_columns(
    X: object, features: Sequence[str], reader: str | None
) -> pd.DataFrame:
    """Return the columns of a signature, in its order, as numbers; NaN if missing.

    `reader` takes that block of ``<reader>__<feature>``, ``"mean"`` the mean of those
    present, None the features by their own names only.
    """
    X = as_pandas(X)
    if not isinstance(X, pd.DataFrame):
        raise TypeError(
            "X must be a DataFrame, whose columns name the features, got "
            f"{type(X).__name__}: a signature cannot know which column is which."
        )
    blocks = {name: _sources(X, name, reader) for name in features}
    if reader == MEAN:
        blocks |= _blocks(X, [name for name in features if name not in X.columns])
    missing = [name for name, columns in blocks.items() if not columns]
    if missing:
        raise CohortError(_missing_text(X, missing, reader))
    picked = {name: _mean(X, columns) for name, columns in blocks.items()}
    return pd.DataFrame(picked, index=X.index, columns=list(features))


def pick_columns(
    X: object, features: Sequence[str], reader: str | None
) -> pd.DataFrame:
    """Return what `gather_columns` does, and refuse a row with a missing value."""
    values = gather_columns(X, features, reader)
    holes = ~np.isfinite(values.to_numpy())
    if holes.any():
        names = values.columns[holes.any(axis=0)]
        rows = values.index[holes.any(axis=1)]
        raise CohortError(
            f"X has missing or infinite values in {name_list(names)}, in "
            f"{len(rows)} of {len(values)} rows: {name_list(rows)}. A signature needs "
            "all of its features: leave these rows out, or impute them beforehand."
        )
    return values


def _sources(X: pd.DataFrame, feature: str, reader: str | None) -> list[str]:
    """Return the columns that hold a feature for the reader wanted."""
    if feature in X.columns:
        return [feature]
    if reader is None:
        return []
    column = f"{reader}{SEPARATOR}{feature}"
    block, mark, rest = feature.partition(SEPARATOR)
    if mark and BAR in block:  # T1|lesion__Mean is T1|lesion|anna__Mean
        own = block_name(parse_block(block)._replace(reader=reader))
        column = f"{own}{SEPARATOR}{rest}"
    return [column] if column in X.columns else []


def _blocks(X: pd.DataFrame, features: Sequence[str]) -> dict[str, list[str]]:
    """Return the columns of each feature, those of all readers."""
    blocks: dict[str, list[str]] = {feature: [] for feature in features}
    names: dict[str, None] = {}
    for column in X.columns:
        parts = column.split(SEPARATOR) if isinstance(column, str) else []
        if len(parts) > 1 and BAR in parts[0]:
            feature = SEPARATOR.join([region_of(parts[0]), *parts[1:]])
            if feature in blocks:
                blocks[feature].append(column)
                names[parse_block(parts[0]).reader] = None
        for end in range(1, len(parts)):  # a reader or a feature may hold it too
            feature = SEPARATOR.join(parts[end:])
            if feature in blocks:
                blocks[feature].append(column)
                names[SEPARATOR.join(parts[:end])] = None
    _check_readers(list(names))
    return blocks


def _blocks_of(X: pd.DataFrame, feature: str) -> dict[str, str]:
    ending = SEPARATOR + feature
    return {
        column.removesuffix(ending): column
        for column in X.columns
        if isinstance(column, str) and column.endswith(ending)
    }


def _check_readers(names: Sequence[str]) -> None:
    """Refuse the mean over blocks that are rather of sequences or regions."""
    words = [name.split(SEPARATOR) for name in names]
    several = [{*place} for place in zip(*words, strict=False) if len({*place}) > 1]
    if len(several) > 1 or len({*map(len, words)}) > 1:
        raise CohortError(
            f"X has the features in blocks called {name_list(map(repr, names))}: only "
            f"readers are averaged (reader={MEAN!r}), and these differ in more. Set "
            f"reader={names[0]!r} to take one of them (--reader on the command line)."
        )
    like = not_readers(names)
    if like is not None:
        raise CohortError(
            f"X has the features in blocks called {name_list(map(repr, names))}, like "
            f"{like} and not like readers, and reader={MEAN!r} would average over "
            f"them. Set reader={names[0]!r} to take one of them (--reader on the "
            "command line), or rename the columns if these are readers."
        )


def _mean(X: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Return the mean over the columns that have a value, NaN where none has."""
    values = np.column_stack([_numbers(X, column) for column in columns])
    there = ~np.isnan(values)
    total = np.where(there, values, 0.0).sum(axis=1)
    count = there.sum(axis=1)
    mean = np.full(len(X), np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean


def _numbers(X: pd.DataFrame, column: str) -> np.ndarray:
    cells = X[column]
    if isinstance(cells, pd.DataFrame):
        raise CohortError(
            f"X has {cells.shape[1]} columns {column!r}: rename all but one."
        )
    try:
        return cells.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError, OverflowError):
        numbers = as_numbers(cells)
        row = cells.index[np.asarray(numbers.isna() & cells.notna())][0]
        raise CohortError(
            f"X holds {shown(cells[row])} in column {column!r}, row {row}; expected a "
            "number."
        ) from None


def _missing_text(X: pd.DataFrame, missing: list[str], reader: str | None) -> str:
    text = (
        f"X has no column for {len(missing)} features of the signature: "
        f"{name_list(missing)}."
    )
    blocks = _blocks_of(X, missing[0])
    if blocks:
        readers = name_list(repr(name) for name in blocks)
        return (
            f"{text} It has them for the readers {readers}, and reader={reader!r}: a "
            "signature needs one value of each feature. Set "
            f"reader={next(iter(blocks))!r} to take one reader, or reader={MEAN!r} for "
            "the mean of those present (--reader on the command line)."
        )
    columns = [column for column in X.columns if isinstance(column, str)]
    near = get_close_matches(missing[0], columns, n=2)
    if near:
        text += f" Is {missing[0]} named {' or '.join(map(repr, near))} there?"
    return text
