"""Which clinical predictors the training data select, and how often resamples do."""

import numpy as np
import pandas as pd
from sklearn.base import clone

from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._clinical import clinical_branch, columns_of_models
from sklearn_orn.study._clinical_rule import naming_the_setting
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._evaluation import patients_kept_together
from sklearn_orn.study._extraction import caught_warnings
from sklearn_orn.study.results import ClinicalPredictor, ClinicalSelection


def clinical_selection(
    clinical: pd.DataFrame, design: StudyDesign, config: StudyConfig
) -> ClinicalSelection:
    """Select in training, and again in bootstrap resamples of its patients."""
    from sklearn_orn.resampling import stability

    rule = config.clinical_rule
    if rule.kind not in ("univariable", "lasso"):
        raise NotEstimable("No clinical predictors are selected by the outcome.")
    usable, notes = columns_of_models(clinical, design.training, config)
    if not usable.shape[1]:
        raise NotEstimable(" ".join(notes))
    rows = np.flatnonzero(design.training)
    if config.missing == "exclude":
        rows = rows[usable.iloc[rows].notna().all(axis=1)]
    table, part = usable.iloc[rows], design.take(rows)
    branch = clinical_branch(usable, config)
    with patients_kept_together(), naming_the_setting():
        chosen = clone(branch).fit(table, part.y, groups=part.patient)["selected"]
    with caught_warnings():  # of resamples without a selection: they are counted
        found = stability(
            branch,
            table,
            part.y,
            groups=part.patient,
            n_resamples=config.n_resamples,
            random_state=config.random_state,
            n_jobs=config.n_jobs,
        )
    shares = found.frequencies["selected"]
    tested = rule.kind == "univariable"
    return ClinicalSelection(
        rule=rule.kind,
        p_threshold=rule.p_threshold,
        n_lesions=len(rows),
        n_patients=len(set(part.patient)),
        n_resamples=found.n_resamples,
        failures=found.failures,
        predictors=tuple(
            ClinicalPredictor(
                name,
                selected=name in chosen.selected_predictors_,
                p_value=chosen.p_values_[name] if tested else None,
                share=float(shares[name]),
            )
            for name in map(str, usable)
            if name in chosen.predictors_
        ),
    )


def selected_columns(
    table: pd.DataFrame, part: StudyDesign, config: StudyConfig
) -> list[str]:
    """Return the clinical columns of a model of these lesions, all that train."""
    if not config.clinical_rule.learns:
        return [str(name) for name in table]
    with patients_kept_together(), naming_the_setting():
        branch = clinical_branch(table, config)
        branch.fit(table, part.y, groups=part.patient)
    return [str(name) for name in branch["selected"].selected_predictors_]
