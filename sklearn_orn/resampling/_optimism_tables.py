"""From the values of all resamples to the tables of `optimism`."""

import numpy as np
import pandas as pd

from sklearn_orn.resampling._indexes import Judged, largest_miscalibration


def _mean(values: np.ndarray) -> np.ndarray:
    """Mean over the resamples that have a value, NaN where none has."""
    defined = np.isfinite(values)
    total = np.where(defined, values, 0.0).sum(axis=0)
    n = defined.sum(axis=0)
    return np.divide(total, n, out=np.full(total.shape, np.nan), where=n > 0)


def index_table(
    apparent: dict[str, float],
    training: list[Judged],
    test: list[Judged],
    rest: dict[str, float],
    plus: dict[str, float],
) -> pd.DataFrame:
    """Return apparent, mean, corrected and out-of-bag values by index."""
    names = list(apparent)
    own = np.array([[values[name] for name in names] for values, _ in training])
    other = np.array([[values[name] for name in names] for values, _ in test])
    missing = ~np.isfinite(own + other)
    own[missing] = other[missing] = np.nan
    table = pd.DataFrame({"apparent": pd.Series(apparent)})
    table["training"], table["test"] = _mean(own), _mean(other)
    table["optimism"] = table["training"] - table["test"]
    table["corrected"] = table["apparent"] - table["optimism"]
    table["out_of_bag"] = pd.Series(rest, dtype=float).reindex(names)
    table["plus_632"] = pd.Series(plus, dtype=float).reindex(names)
    table["n"] = (~missing).sum(axis=0)
    return _with_emax(table)


def _with_emax(table: pd.DataFrame) -> pd.DataFrame:
    if "emax" in table.index:
        return table
    row = dict.fromkeys(table.columns, np.nan)
    for column in ("apparent", "corrected", "out_of_bag", "plus_632"):
        values = table[column]
        row[column] = largest_miscalibration(values["intercept"], values["slope"])
    row["optimism"] = row["apparent"] - row["corrected"]
    row["n"] = table["n"]["slope"]
    table.loc["emax"] = row
    return table.astype({"n": int})


def calibration_table(
    grid: np.ndarray, apparent: np.ndarray, training: list[Judged], test: list[Judged]
) -> pd.DataFrame:
    """Return the apparent and the bias-corrected calibration curve."""
    gap = np.array([a[1][0] - b[1][0] for a, b in zip(training, test, strict=True)])
    return pd.DataFrame(
        {"predicted": grid, "apparent": apparent, "corrected": apparent - _mean(gap)}
    )
