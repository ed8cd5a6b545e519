"""Labels that go with batches: ComBat in the pipeline finds nothing in new batches."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_orn.selection import ComBat
from sklearn_orn.selection._combat_formulas import batch_effects, standardise

BATCHES, LESIONS, FEATURES = 8, 20, 100


def batch_noise(rng):
    """Features that know their batch and not the class, which goes with the batch."""
    batch = np.repeat(np.arange(BATCHES), LESIONS)
    positives = np.where(np.arange(BATCHES) % 2, 16, 4)
    y = np.concatenate([rng.permutation(LESIONS) < k for k in positives]).astype(int)
    scale = rng.uniform(0.7, 1.5, size=(BATCHES, 1))[batch]
    noise = scale * rng.normal(size=(len(batch), FEATURES))
    return noise + rng.normal(size=(BATCHES, FEATURES))[batch], y, batch


def fitted_outside_with_the_outcome(X, y, batch):
    """What ComBat refuses: all rows at once, with the class as a covariate."""
    outcome = y[:, None].astype(float)
    standard = standardise(X, batch, outcome, None)
    expected, scale = standard.expected(outcome), np.sqrt(standard.variance)
    Z = (X - expected) / scale
    for code in range(BATCHES):
        own = batch == code
        gamma, delta = batch_effects(Z[own], by_prior=True, mean_only=False)
        Z[own] = (Z[own] - gamma) / np.sqrt(delta)
    return Z * scale + expected


def aucs_in_new_batches(seed):
    X, y, batch = batch_noise(np.random.default_rng(seed))
    outside = fitted_outside_with_the_outcome(X, y, batch)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
    pipeline = make_pipeline(ComBat(unseen="grand"), *[s for _, s in model.steps])
    aucs = []
    for new in range(BATCHES):
        train, test = batch != new, batch == new
        pipeline.fit(X[train], y[train], batch=batch[train])
        inside = pipeline.predict_proba(X[test], batch=batch[test])[:, 1]
        model.fit(outside[train], y[train])
        leaked = model.predict_proba(outside[test])[:, 1]
        aucs.append([roc_auc_score(y[test], score) for score in (inside, leaked)])
    return np.mean(aucs, axis=0)


def run(n):
    with config_context(enable_metadata_routing=True):
        return np.array([aucs_in_new_batches(seed) for seed in range(n)])


def test_inside_the_pipeline_there_is_nothing_and_outside_there_is():
    aucs = run(6)
    inside, outside = aucs.mean(axis=0)
    assert 0.42 < inside < 0.58  # 0.50 within two standard errors of six runs
    assert outside > 0.6
    assert (aucs[:, 1] > aucs[:, 0]).all()


@pytest.mark.long
def test_inside_the_pipeline_the_auc_is_one_half():
    aucs = run(150)
    inside, outside = aucs.mean(axis=0)
    error = aucs[:, 0].std(ddof=1) / np.sqrt(len(aucs))
    assert error < 0.01
    assert abs(inside - 0.5) < 3 * error
    assert outside > 0.6
