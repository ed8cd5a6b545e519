"""The study with other grey-level settings."""

from collections.abc import Sequence
from copy import deepcopy
from functools import partial

import numpy as np
import pandas as pd
from joblib import delayed
from sklearn.pipeline import Pipeline

from sklearn_orn._feature_settings import NORMALIZATIONS
from sklearn_orn._refitting import clone_to_refit, fit_with_groups
from sklearn_orn._validation import name_list
from sklearn_orn._workers import in_workers
from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.exceptions import LesionError, NotEstimable
from sklearn_orn.images import LesionSequence, Region
from sklearn_orn.images.shared import MappedLesion, ReadableLesion
from sklearn_orn.study._extraction import caught_warnings
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._models import Model, predict_splits
from sklearn_orn.study._pipeline import fit_again, image_steps, study_pipeline
from sklearn_orn.study._splits import Split, study_splits
from sklearn_orn.study._written_numbers import MISSING, decimal, limits
from sklearn_orn.study.methods._phrases import phrase
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Absent, Results, Sensitivity, Setting, SettingAuc
from sklearn_orn.texture.shared import DEFAULT_BITS

BITS = (5, 6, 8)  # 32 and 64 grey levels are common, 256 is all of an 8-bit image
AT_HAND = 16  # lesions whose images a process has in memory at once
BITS_OF = ("cooccurrence", "run_length")
WORDS = "other grey-level settings"


class _Held(MappedLesion):
    """A lesion that is read once, to be measured with one setting after the other."""

    def __init__(self, lesion: ReadableLesion) -> None:
        super().__init__(lesion, _itself)
        self._regions = lesion.read()

    def read(self) -> dict[str, Region]:
        """Return what was read."""
        return self._regions


def _itself(region: Region) -> Region:
    return region


def sensitivity_grid(study: Study, results: Results) -> Sensitivity | Absent:
    """Repeat the study with other normalisations and bits; its own are not measured."""
    config = study.config
    if not config.sensitivity:
        return Absent("It was switched off (sensitivity: false).")
    if not study.from_images:
        return Absent("The features were given, not measured here.")
    pipeline = study_pipeline(study.readers, config)
    own = DEFAULT_BITS | dict(pipeline["extractor"].bits or {})
    grid = [(method, bits) for method in NORMALIZATIONS for bits in BITS]
    same = [
        method == config.normalization and {own[family] for family in BITS_OF} == {bits}
        for method, bits in grid
    ]
    others = [setting for setting, is_own in zip(grid, same, strict=True) if not is_own]
    tables = _measured(study, pipeline, others)
    judge = delayed(
        partial(
            _judge,
            design=study.design,
            table_steps=study.table_steps(),
            splits=study_splits(study.design, config),
        )
    )
    judged = in_workers(config.n_jobs)(
        judge(study.features if is_own else tables[setting])
        for setting, is_own in zip(grid, same, strict=True)
    )
    rows = zip(grid, same, judged, strict=True)
    return Sensitivity(
        tuple(Setting(*at, own=is_own, result=result) for at, is_own, result in rows)
    )


def _measured(
    study: Study, pipeline: Pipeline, settings: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], pd.DataFrame | LesionError]:
    """Measure with each setting, or say what is wrong; each image is read once."""
    lesions, steps = study.cohort.lesions(), image_steps(pipeline)
    steps = fit_again(steps.set_params(extractor__n_jobs=None), lesions)
    starts = range(0, len(lesions), AT_HAND)
    measure = delayed(partial(_measure_some, steps=steps, settings=settings))
    parts = in_workers(study.config.n_jobs)(
        measure(lesions[start : start + AT_HAND]) for start in starts
    )
    found: dict[tuple[str, int], list[pd.DataFrame | LesionError]]
    found = {setting: [] for setting in settings}
    for start, part in zip(starts, parts, strict=True):
        study.progress(WORDS, start, len(lesions))
        for setting in settings:
            found[setting].append(part[setting])
    study.progress(WORDS, len(lesions), len(lesions))
    return {setting: _whole(tables) for setting, tables in found.items()}


def _measure_some(
    lesions: LesionSequence, steps: Pipeline, settings: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], pd.DataFrame | LesionError]:
    """Read some lesions, and measure them with each setting."""
    steps = deepcopy(steps)  # threads have one
    own = dict(steps[-1].bits or {})
    tables: dict[tuple[str, int], pd.DataFrame | LesionError] = {}
    with caught_warnings():
        try:
            held = LesionSequence(map(_Held, lesions), lesions.index)
        except LesionError as error:
            return dict.fromkeys(settings, error)
        for method, bits in settings:
            chosen = own | dict.fromkeys(BITS_OF, bits)
            steps.set_params(normalizer__method=method, extractor__bits=chosen)
            try:
                tables[method, bits] = steps.transform(held)
            except LesionError as error:
                tables[method, bits] = error
    return tables


def _whole(tables: list[pd.DataFrame | LesionError]) -> pd.DataFrame | LesionError:
    """Return one table, or the first error."""
    measured = []
    for table in tables:
        if isinstance(table, LesionError):
            return table
        measured.append(table)
    return pd.concat(measured)


def _judge(
    features: pd.DataFrame | LesionError,
    design: StudyDesign,
    table_steps: Pipeline,
    splits: list[Split],
) -> SettingAuc | Absent:
    """Learn anew from the features of a setting, and return its AUC, or why not."""
    from sklearn_orn.metrics import roc_auc_ci

    if isinstance(features, LesionError):  # without contrast, say
        return Absent(str(features))
    rows, proba = np.flatnonzero(design.training), np.full(len(design.y), np.nan)
    try:
        with caught_warnings():
            if not design.has_split:
                model = Model("", table_steps, features, [])
                proba = predict_splits(model, design, splits)
            fitted = fit_with_groups(
                clone_to_refit(table_steps),
                features.iloc[rows],
                design.y[rows],
                design.patient[rows],
            )
            if design.has_split:
                rest = ~design.training
                proba[rest] = fitted.predict_proba(features[rest])[:, 1]
        judged = np.flatnonzero(~np.isnan(proba))
        auc = roc_auc_ci(design.y[judged], proba[judged], groups=design.patient[judged])
    except NotEstimable as error:
        return Absent(str(error))
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
