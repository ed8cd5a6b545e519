"""Batches and covariates of ComBat: checked, coded, and never the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from sklearn.utils.multiclass import type_of_target

from sklearn_orn._messages import shown
from sklearn_orn._tables import as_pandas
from sklearn_orn._validation import name_list, refuse_missing

MEND = "Fill them in, or leave these rows out."


class Coding(NamedTuple):
    """How a covariate becomes columns: the levels of categories, None of numbers."""

    name: str
    levels: tuple[object, ...] | None


def batch_labels(batch: ArrayLike, n: int) -> pd.Series:
    """Return the batch of each row, none missing."""
    labels = pd.Series(np.asarray(batch, dtype=object).tolist(), dtype=object)
    if np.ndim(batch) != 1 or len(labels) != n:
        raise ValueError(
            f"batch must name the batch of each of the {n} rows of X, got an array of "
            f"shape {np.shape(batch)}."
        )
    refuse_missing(labels, "batch", MEND)
    return labels


def covariate_table(covariates: ArrayLike | None, n: int) -> pd.DataFrame:
    """Return covariates as a table with names; None is a table without columns."""
    if covariates is None:
        return pd.DataFrame(index=range(n))
    values = as_pandas(covariates)
    if isinstance(values, pd.Series):
        values = values.to_frame(values.name or "covariate 0")
    if not isinstance(values, pd.DataFrame):
        cells = np.asarray(values)
        cells = cells[:, None] if cells.ndim == 1 else cells
        if cells.ndim == 2:
            names = [f"covariate {i}" for i in range(cells.shape[1])]
            values = pd.DataFrame(cells, columns=names).infer_objects()
    if not isinstance(values, pd.DataFrame) or len(values) != n:
        raise ValueError(
            f"covariates must have one row for each of the {n} rows of X, got an array "
            f"of shape {np.shape(covariates)}."
        )
    values = values.reset_index(drop=True).rename(columns=str)
    for name in values:
        refuse_missing(values[name], f"Covariate {name!r}", MEND)
    return values


def learn_coding(table: pd.DataFrame) -> tuple[Coding, ...]:
    """Say how each covariate is coded: text, booleans and categories by level."""
    coding = []
    for name, values in table.items():
        numeric = is_numeric_dtype(values) and not is_bool_dtype(values)
        levels = None if numeric else tuple(sorted(values.unique(), key=str))
        coding.append(Coding(str(name), levels))
    return tuple(coding)


def coded(table: pd.DataFrame, coding: Sequence[Coding]) -> np.ndarray:
    """Return numbers as they are, and a column of 0 and 1 for each level but one."""
    expected = [name for name, _ in coding]
    if list(table.columns) != expected:
        found = name_list(table.columns) or "none"
        raise ValueError(
            f"The covariates must be those of fit, in the same order: "
            f"{name_list(expected) or 'none'}; found {found}."
        )
    columns = [np.empty((len(table), 0))]
    for name, levels in coding:
        values = table[name]
        if levels is None:
            columns.append(_numbers(values, name)[:, None])
            continue
        place = pd.Index(levels, dtype=object).get_indexer(
            pd.Index(values, dtype=object)
        )
        if (place < 0).any():
            odd = values.iloc[int(np.argmax(place < 0))]
            raise ValueError(
                f"Covariate {name!r} holds {shown(odd)}, which fit did not see: it saw "
                f"{name_list(map(shown, levels))}. Join rare levels before fit."
            )
        columns.append(place[:, None] == np.arange(1, len(levels)))
    return np.hstack(columns).astype(np.float64)


def _numbers(values: pd.Series, name: str) -> np.ndarray:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if bad.size:
        raise ValueError(
            f"Covariate {name!r} held numbers in fit, and holds "
            f"{shown(values.iloc[bad[0]])} at position {bad[0]}."
        )
    return numbers


def check_design(
    codes: np.ndarray, covariates: pd.DataFrame, coding: Sequence[Coding]
) -> None:
    """Refuse covariates that the batches, or the ones before, already tell."""
    design = (codes[:, None] == np.arange(codes.max() + 1)).astype(np.float64)
    for code in coding:
        own = coded(covariates[[code.name]], [code])
        scale = own.std(axis=0)
        own = (own - own.mean(axis=0)) / np.where(scale > 0, scale, 1.0)
        design = np.hstack([design, own])
        if np.linalg.matrix_rank(design) < design.shape[1]:
            raise ValueError(
                f"Covariate {code.name!r} cannot be told apart from the batches or the "
                "covariates before it: it is constant, or each of its values comes "
                "from other batches. Leave it out."
            )
    if len(design) <= design.shape[1]:
        raise ValueError(
            f"n_samples = {len(design)} are too few for {design.shape[1]} columns of "
            "batches and covariates. Leave covariates out."
        )


def refuse_outcome(values: pd.Series, y: object, name: str) -> None:
    """Refuse what is the outcome under another name.

    That is what takes several values, and one only within each class.
    """
    outcome = np.asarray(y)
    if outcome.ndim != 1 or len(outcome) != len(values):
        return  # it is the classifier's to say what y must be
    own, levels = pd.factorize(values)
    classes, labels = pd.factorize(outcome)
    if type_of_target(outcome) == "continuous" or len(labels) > len(outcome) / 2:
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64)
        told = outcome.dtype.kind in "iuf" and np.array_equal(numbers, outcome)
    else:
        pairs = len(np.unique(classes * len(levels) + own))
        told = 1 < len(levels) and pairs == len(labels)
    if told:
        raise ValueError(
            f"{name} is the outcome y, or a relabelling of it. ComBat must not know "
            "the outcome: what it keeps of it would be found again by the model, and "
            "of a new patient it is not known. Leave it out."
        )
