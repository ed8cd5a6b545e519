"""Small tables of two readers, and the study's steps that take them."""

import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline

from sklearn_orn import FCMSelector, ICCFilter, NomogramClassifier


def two_readers(seed, *, n_patients=40, n_features=30, signal=0.0):
    """Patients of one to three lesions; `signal` is in the first feature."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), rng.integers(1, 4, n_patients))
    y = (np.arange(n_patients) % 2)[patient]
    truth = rng.normal(size=(n_patients, n_features))[patient]
    truth = truth + 0.5 * rng.normal(size=truth.shape)
    truth[:, 0] += signal * y
    columns = {}
    for reader in "ab":
        drawn = truth + 0.3 * rng.normal(size=truth.shape)
        for i in range(n_features):
            columns[f"{reader}__f{i}"] = drawn[:, i]
    return pd.DataFrame(columns), y, patient


def study_steps(cv=3, k=3):
    """Return the steps after the extractor."""
    return make_pipeline(
        ICCFilter(threshold=0.5),
        FCMSelector(k=k),
        NomogramClassifier(cv=cv, random_state=0),
    )
