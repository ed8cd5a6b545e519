"""The same study with other readers and other grey-level settings."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from sklearn_orn._feature_settings import NORMALIZATIONS
from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn.cohort import StudyDesign
from sklearn_orn.exceptions import LesionError, NotEstimable
from sklearn_orn.images import LesionSequence
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._evaluation import fit_splits, fit_table
from sklearn_orn.study._extraction import Progress
from sklearn_orn.study._models import Model, predict_splits
from sklearn_orn.study._pipeline import IMAGE_STEPS, study_pipeline
from sklearn_orn.study._splits import study_splits
from sklearn_orn.study.results import (
    Absent,
    ReaderAuc,
    ReaderSwap,
    Sensitivity,
    Setting,
    SettingAuc,
)

BITS = (5, 6, 8)  # 32 and 64 grey levels are common, 256 is all of an 8-bit image
BITS_OF = ("cooccurrence", "run_length")


def reader_swap(
    table_steps: Pipeline,
    features: pd.DataFrame,
    design: StudyDesign,
    config: StudyConfig,
    readers: tuple[str, ...],
) -> ReaderSwap | Absent:
    """Judge the model on the outlines of each reader alone, and on the mean of all.

    `table_steps` take features, learnt from all readers; `features` has a block of
    columns for each reader.
    """
    from sklearn_orn.metrics import roc_auc_ci

    if len(readers) < 2:
        return Absent("There is one reader, so outlines cannot be exchanged.")
    tables = {reader: _of_reader(features, reader, readers) for reader in readers}
    tables["mean of all"] = features
    proba = {name: np.full(len(design.y), np.nan) for name in tables}
    splits = study_splits(design, config)
    fits = fit_splits(table_steps, features, design, splits)
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
    features: pd.DataFrame, reader: str, readers: tuple[str, ...]
) -> pd.DataFrame:
    """Return the features as if the other readers had not drawn."""
    others = tuple(f"{name}{SEPARATOR}" for name in readers if name != reader)
    table = features.copy()
    for name in table:
        if str(name).startswith(others):
            table[name] = np.nan
    return table


def sensitivity_grid(
    cohort: LesionSequence,
    features: pd.DataFrame,
    design: StudyDesign,
    config: StudyConfig,
    readers: tuple[str, ...],
    *,
    progress: Progress,
) -> Sensitivity:
    """Repeat the study with other normalisations and numbers of bits.

    The bits are those of co-occurrence and run lengths. `features` were measured with
    the study's own settings, which are not measured again.
    """
    own = study_pipeline(readers, config)[1].bits or {}
    default = {"cooccurrence": 6, "run_length": 6} | dict(own)
    grid = [(method, bits) for method in NORMALIZATIONS for bits in BITS]
    rows = []
    for done, (method, bits) in enumerate(grid):
        progress("other grey-level settings", done, len(grid))
        same = method == config.normalization and all(
            default[family] == bits for family in BITS_OF
        )
        image_steps, table_steps = _with_settings(readers, config, method, bits, own)
        result: SettingAuc | Absent
        try:
            table = features if same else image_steps.fit_transform(cohort)
            result = _judge(table_steps, table, design, config)
        except (NotEstimable, LesionError) as error:  # without contrast, say
            result = Absent(str(error))
        rows.append(Setting(method, bits, own=same, result=result))
    progress("other grey-level settings", len(grid), len(grid))
    return Sensitivity(tuple(rows))


def _with_settings(
    readers: tuple[str, ...],
    config: StudyConfig,
    method: str,
    bits: int,
    own: Mapping[str, int],
) -> tuple[Pipeline, Pipeline]:
    pipeline = study_pipeline(readers, config)
    chosen = dict(own) | dict.fromkeys(BITS_OF, bits)
    pipeline.set_params(normalizer__method=method, extractor__bits=chosen)
    return pipeline[:IMAGE_STEPS], pipeline[IMAGE_STEPS:]


def _judge(
    table_steps: Pipeline,
    features: pd.DataFrame,
    design: StudyDesign,
    config: StudyConfig,
) -> SettingAuc:
    from sklearn_orn.metrics import roc_auc_ci

    splits = study_splits(design, config)
    proba = predict_splits(Model("", table_steps, features, []), design, splits)
    rows = np.flatnonzero(design.training)
    fitted = fit_table(clone(table_steps), features.iloc[rows], design.take(rows))
    judged = np.flatnonzero(~np.isnan(proba))
    auc = roc_auc_ci(design.y[judged], proba[judged], groups=design.patient[judged])
    selected = tuple(str(name) for name in fitted[-1].selected_features_)
    return SettingAuc(*auc, n_selected=len(selected), selected=selected)
