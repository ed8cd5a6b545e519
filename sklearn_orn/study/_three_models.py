"""How far the clinical model, the radiomics score and both depend on the patients."""

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from sklearn_orn._grouped_folds import GroupedFolds
from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.model import CrossFittedScore, NomogramClassifier
from sklearn_orn.study._clinical import (
    clinical_branch,
    clinical_pipeline,
    columns_of_models,
)
from sklearn_orn.study._config import SCORE, StudyConfig
from sklearn_orn.study._records import columns_of
from sklearn_orn.study._scores import planned_scores
from sklearn_orn.study._side_by_side import Branch, SideBySide
from sklearn_orn.study._varying import Varying
from sklearn_orn.study._verdict import BOTH
from sklearn_orn.study.results import (
    RADIOMICS,
    LesionInstability,
    ModelInstability,
    ModelsInstability,
)

if TYPE_CHECKING:
    from sklearn_orn.resampling.shared import Refits

MOST_RESAMPLES = 50  # each refits the texture steps once more for each fold


class _Refitted(Pipeline):
    """A pipeline in which a level that a resample lacks counts as the reference."""

    def predict_proba(self, X: object, **params: object) -> np.ndarray:
        """Return the probabilities, without a warning for each resample."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Found unknown categories")
            proba: np.ndarray = super().predict_proba(X, **params)
        return proba


def combined_steps(
    table_steps: Pipeline,
    features: pd.DataFrame,
    clinical: pd.DataFrame,
    config: StudyConfig,
) -> Pipeline:
    """Return the combined model of the features with the clinical columns after them.

    The score of lesions that train is cross-fitted by patient, anew in each fit.
    """
    folds = GroupedFolds(config.cv, shuffle=True, random_state=config.random_state)
    n = features.shape[1]
    branches: list[Branch] = [
        *(
            (
                name.replace(SCORE, "score"),
                CrossFittedScore(steps, cv=folds, name=name),
                features.columns.get_indexer(pd.Index(columns)),
            )
            for name, columns, steps in planned_scores(table_steps, features, config)
        ),
        (
            "clinical",
            clinical_branch(clinical, config),
            np.arange(n, n + clinical.shape[1]),
        ),
    ]
    return _Refitted(
        [
            ("columns", SideBySide(branches)),
            ("varying", Varying()),
            ("nomogram", NomogramClassifier(penalty=config.clinical_penalty)),
        ]
    ).set_output(transform="pandas")


def models_instability(
    table_steps: Pipeline,
    features: pd.DataFrame,
    design: StudyDesign,
    config: StudyConfig,
    *,
    clinical: pd.DataFrame,
    threshold: float,
    refits: "Refits | None" = None,
) -> ModelsInstability:
    """Refit the three models on the same resamples of the patients in training.

    `refits` are those of the table steps in training, where they are known.
    """
    usable, notes = columns_of_models(clinical, design.training, config)
    if not usable.shape[1]:
        raise NotEstimable(" ".join(notes) or "No clinical columns are named.")
    kept = design.training.copy()
    if config.missing == "exclude":
        kept &= usable.notna().all(axis=1).to_numpy()
    rows = np.flatnonzero(kept)
    part = design.take(rows)
    usable = usable.iloc[rows].set_axis(features.index[rows])
    known = {}
    if refits is not None and kept.sum() == design.training.sum():
        known[RADIOMICS] = refits
    # A feature may be called like a clinical column.
    features = features.iloc[rows].rename(columns={c: f"{c} (feature)" for c in usable})
    tables = {
        "clinical": (clinical_pipeline(usable, config), usable),
        RADIOMICS: (table_steps, features),
        BOTH: (
            combined_steps(table_steps, features, usable, config),
            pd.concat([features, usable], axis=1),
        ),
    }
    return ModelsInstability(
        threshold=threshold,
        n_lesions=len(rows),
        n_resamples=min(config.n_resamples, MOST_RESAMPLES),
        models=tuple(_refitted(tables, part, config, threshold, known)),
    )


def _refitted(
    tables: dict[str, tuple[Pipeline, pd.DataFrame]],
    part: StudyDesign,
    config: StudyConfig,
    threshold: float,
    known: "dict[str, Refits]",
) -> Iterator[ModelInstability]:
    from sklearn_orn.resampling.shared import optimism_of, refit_patients

    n_resamples = min(config.n_resamples, MOST_RESAMPLES)
    for name, (steps, table) in tables.items():
        # One seed draws the same patients for each model.
        refits = known.get(name) or refit_patients(
            _Refitted(steps.steps).set_output(transform="pandas"),
            table,
            part.y,
            groups=part.patient,
            n_resamples=n_resamples,
            random_state=config.random_state,
            n_jobs=config.n_jobs,
            selects=False,
        )
        found = optimism_of(
            refits.first(n_resamples),
            metrics=["auc"],
            threshold=threshold,
            n_jobs=config.n_jobs,
        )
        samples = found.instability.samples.copy()
        samples.insert(0, "lesion", list(part.lesion))
        names = ["apparent", "out_of_bag"]
        apparent, out_of_bag = found.indexes[names].to_numpy()[0].tolist()
        yield ModelInstability(
            name=name,
            n_refits=found.n_resamples,
            failures=found.failures,
            mape=found.instability.mape,
            changed=found.instability.changed,
            auc_apparent=apparent,
            auc_out_of_bag=out_of_bag,
            lesions=columns_of(LesionInstability, samples),
        )
