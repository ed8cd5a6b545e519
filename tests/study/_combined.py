"""Lesions with clinical columns of three kinds, and features."""

import numpy as np
import pandas as pd

KINDS = {
    "age": "continuous",
    "sex": {"categorical": "m"},
    "t_stage": {"ordinal": ["T1", "T2", "T3", "T4"]},
}
SETTINGS = {"outcome": "y", "patient": "patient", "clinical": KINDS, "cv": 3}
SCORE = "radiomics score"


def cohort(n=90, seed=5):
    """Two lesions of each of 45 patients; age, stage and one feature tell a little."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n // 2), 2)
    y = (patient % 2).astype(int)
    per_patient = rng.normal(size=(3, n // 2))[:, patient]
    stage = np.clip(np.rint(1.5 + per_patient[0] + 0.5 * y), 0, 3).astype(int)
    table = pd.DataFrame(
        {
            "y": y,
            "patient": [f"P{i:02d}" for i in patient],
            "part": np.where(patient % 3 == 0, "validation", "training"),
            "age": np.round(60 + 8 * per_patient[1] + 4 * y, 1),
            "sex": np.where(per_patient[2] > 0, "m", "f"),
            "t_stage": np.array(["T1", "T2", "T3", "T4"])[stage],
        }
    )
    features = pd.DataFrame(rng.normal(size=(n, 4))).add_prefix("f")
    features["f0"] += y
    return table, features
