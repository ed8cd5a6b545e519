"""The study with other grey-level settings."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from sklearn_orn._feature_settings import NORMALIZATIONS
from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import LesionError, NotEstimable
from sklearn_orn.study._evaluation import fit_table
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._models import Model, predict_splits
from sklearn_orn.study._pipeline import IMAGE_STEPS, study_pipeline
from sklearn_orn.study._splits import study_splits
from sklearn_orn.study._written_numbers import MISSING, decimal, limits
from sklearn_orn.study.methods._phrases import phrase
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import (
    Absent,
    Results,
    Sensitivity,
    Setting,
    SettingAuc,
)

BITS = (5, 6, 8)  # 32 and 64 grey levels are common, 256 is all of an 8-bit image
BITS_OF = ("cooccurrence", "run_length")
WORDS = "other grey-level settings"


def sensitivity_grid(study: Study, results: Results) -> Sensitivity | Absent:
    """Repeat the study with other normalisations and bits; its own are not measured."""
    config = study.config
    if not config.sensitivity:
        return Absent("It was switched off (sensitivity: false).")
    if not study.from_images:
        return Absent("The features were given, not measured here.")
    lesions = study.cohort.lesions()
    own = study_pipeline(study.readers, config)[1].bits or {}
    default = {"cooccurrence": 6, "run_length": 6} | dict(own)
    grid = [(method, bits) for method in NORMALIZATIONS for bits in BITS]
    rows = []
    for done, (method, bits) in enumerate(grid):
        study.progress(WORDS, done, len(grid))
        same = method == config.normalization and all(
            default[family] == bits for family in BITS_OF
        )
        image_steps, table_steps = _with_settings(study, method, bits, own)
        result: SettingAuc | Absent
        try:
            table = study.features if same else image_steps.fit_transform(lesions)
            result = _judge(study, table_steps, table)
        except (NotEstimable, LesionError) as error:  # without contrast, say
            result = Absent(str(error))
        rows.append(Setting(method, bits, own=same, result=result))
    study.progress(WORDS, len(grid), len(grid))
    return Sensitivity(tuple(rows))


def _with_settings(
    study: Study, method: str, bits: int, own: Mapping[str, int]
) -> tuple[Pipeline, Pipeline]:
    pipeline = study_pipeline(study.readers, study.config)
    chosen = dict(own) | dict.fromkeys(BITS_OF, bits)
    pipeline.set_params(normalizer__method=method, extractor__bits=chosen)
    return pipeline[:IMAGE_STEPS], pipeline[IMAGE_STEPS:]


def _judge(study: Study, table_steps: Pipeline, features: pd.DataFrame) -> SettingAuc:
    from sklearn_orn.metrics import roc_auc_ci

    design = study.design
    splits = study_splits(design, study.config)
    proba = predict_splits(Model("", table_steps, features, []), design, splits)
    rows = np.flatnonzero(design.training)
    fitted = fit_table(clone(table_steps), features.iloc[rows], design.take(rows))
    judged = np.flatnonzero(~np.isnan(proba))
    auc = roc_auc_ci(design.y[judged], proba[judged], groups=design.patient[judged])
    selected = tuple(str(name) for name in fitted[-1].selected_features_)
    return SettingAuc(*auc, n_selected=len(selected), selected=selected)


def _cells(found: SettingAuc | Absent) -> list[str]:
    if isinstance(found, Absent):
        return [MISSING, MISSING, found.absent]
    selected = name_list(found.selected, s.MAX_NAMED) if found.selected else MISSING
    return [decimal(found.auc, 3), limits(found, 3), selected]


def sensitivity_table(results: Results) -> b.Table:
    """Return AUC and selection with other grey-level settings."""
    found = s.needed(results.sensitivity)
    rows = [
        [
            row.normalization + (" (the study’s)" if row.own else ""),
            str(row.bits),
            *_cells(row.result),
        ]
        for row in found.rows
    ]
    columns = (
        *(*b.texts("Normalisation"), *b.numbers("Bits", "AUC", "95 % CI")),
        *b.texts("Features selected"),
    )
    return b.Table(
        "Other grey-level settings",
        columns,
        rows,
        "Everything measured and learnt anew; the bits are those of co-occurrence and "
        f"run lengths. {phrase(results, 'choice_words')}",
    )


SECTION = b.section(
    b.Heading("Other grey-level settings"),
    b.TableBlock("sensitivity", sensitivity_table, places=("sensitivity",)),
    b.Absence("Other grey-level settings", lambda results: results.sensitivity),
    needs_model=True,
    analyses=(b.Analysis("sensitivity", sensitivity_grid, WORDS),),
)
