"""The same model on the outlines of each reader."""

import numpy as np
import pandas as pd

from sklearn_orn._block_names import parse_block
from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn.study._evaluation import fit_splits
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._splits import study_splits
from sklearn_orn.study._written_numbers import decimal, limits
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Absent, ReaderAuc, ReaderSwap, Results


def reader_swap(study: Study, results: Results) -> ReaderSwap | Absent:
    """Judge the model, learnt from all readers, on each alone and on their mean."""
    from sklearn_orn.metrics import roc_auc_ci

    design, features, readers = study.design, study.features, study.readers
    if len(readers) < 2:
        return Absent("There is one reader, so outlines cannot be exchanged.")
    tables = {reader: _of_reader(features, reader, study.blocks) for reader in readers}
    tables["mean of all"] = features
    proba = {name: np.full(len(design.y), np.nan) for name in tables}
    splits = study_splits(design, study.config)
    fits = fit_splits(study.table_steps(), features, design, splits)
    for fitted, (_, test) in zip(fits, splits, strict=True):
        for name, table in tables.items():
            rows = test[table.iloc[test].notna().any(axis=1).to_numpy()]
            if len(rows):
                proba[name][rows] = fitted.predict_proba(table.iloc[rows])[:, 1]
    aucs = []
    for name, values in proba.items():
        rows = np.flatnonzero(~np.isnan(values))
        if 0 < design.y[rows].sum() < len(rows):
            auc = roc_auc_ci(design.y[rows], values[rows], groups=design.patient[rows])
            aucs.append(ReaderAuc(name, len(rows), *auc))
    return ReaderSwap(tuple(aucs))


def _of_reader(
    features: pd.DataFrame, reader: str, blocks: tuple[str, ...]
) -> pd.DataFrame:
    """Return the features as if the other readers had not drawn."""
    others = tuple(
        f"{name}{SEPARATOR}" for name in blocks if parse_block(name).reader != reader
    )
    table = features.copy()
    for name in table:
        if str(name).startswith(others):
            table[name] = np.nan
    return table


def readers_table(results: Results) -> b.Table:
    """Return the AUC on the outlines of each reader."""
    found = s.needed(results.reader_swap)
    return b.Table(
        "The same model on the outlines of each reader",
        (*b.texts("Outlines of"), *b.numbers("Lesions", "AUC", "95 % CI")),
        [
            [row.reader, str(row.n_lesions), decimal(row.auc, 3), limits(row, 3)]
            for row in found.rows
        ],
    )


SECTION = b.section(
    b.Heading("Other readers"),
    b.TableBlock("readers", readers_table, places=("reader_swap",)),
    b.Absence("Other readers’ outlines", lambda results: results.reader_swap),
    needs_model=True,
    analyses=(b.Analysis("reader_swap", reader_swap, "other readers"),),
)
