"""A study of few lesions, as the sections that compute take it."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._feature_columns import drawn_features
from sklearn_orn.study._pipeline import study_pipeline, table_steps

N = 48
FEATURES = ("Mean", "S(1,0)Contrast", "Teta1", "WavEnHH_s-1")
# How far two readings of a feature are apart.
NOISE = (0.2, 0.3, 0.9, 3.0)


def design_of(y, *, training=None, patient=None, part=None):
    n = len(y)
    return StudyDesign(
        lesion=np.array([f"L{i:02d}" for i in range(n)]),
        patient=np.array([f"P{i:02d}" for i in range(n)])
        if patient is None
        else patient,
        y=np.array(y),
        training=np.ones(n, bool) if training is None else training,
        labels=("low", "high"),
        classes=("low", "high"),
        has_split=training is not None,
        part=part,
    )


def small_study(
    readers=("anna", "ben"),
    n_virtual=0,
    *,
    split=True,
    seed=0,
    penalty=0.03,
    **settings,
):
    """Features of each reader and of perturbed outlines; the first tells the class."""
    rng = np.random.default_rng(seed)
    y = np.arange(N) % 2
    truth = rng.normal(size=(N, len(FEATURES)))
    truth[:, 0] += 1.5 * y
    truth[:, 1] += 0.7 * y
    virtual = [f"perturbed{i + 1}" for i in range(n_virtual)]
    blocks = (*readers, *virtual)
    columns = {
        f"{block}__{name}": truth[:, i] + NOISE[i] * rng.normal(size=N)
        for block in blocks
        for i, name in enumerate(FEATURES)
    }
    features = pd.DataFrame(columns)
    config = StudyConfig(
        outcome="y",
        patient="patient",
        cv=3,
        k=3,
        perturbed_outlines=n_virtual if n_virtual > 1 else 0,
        pipeline={"nomogram__lambda_rule": penalty},  # no search for it
        **settings,
    )
    design = design_of(y, training=np.arange(N) % 3 > 0 if split else None)
    return SimpleNamespace(
        design=design,
        features=features,
        drawn=drawn_features(features),
        config=config,
        readers=tuple(readers),
        blocks=blocks,
        table_steps=lambda: table_steps(study_pipeline(readers, config)),
    )


def block_of(study, name):
    """Return the features that one reader measured."""
    own = study.features.filter(regex=f"^{name}__")
    return own.rename(columns=lambda column: column.partition("__")[2])
