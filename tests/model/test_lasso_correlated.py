"""The solver where columns resemble each other, as features of one texture do."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.model import logistic_lasso_path
from tests._data import SHARED, needs_shared
from tests.model.test_lasso_kernel import violation


def outcome(rng, X):
    signal = X[:, :5].sum(axis=1)
    return (signal / signal.std() + rng.logistic(size=len(X)) > 0).astype(float)


def check(X, y, **settings):
    path = logistic_lasso_path(X, y, **settings)
    assert path.converged.all()
    worst = violation(X, y, path, settings.get("l1_ratio", 1.0)).max()
    assert worst < 2e-10 * path.lambdas[0] * settings.get("l1_ratio", 1.0)
    return path


@pytest.mark.parametrize("l1_ratio", [1.0, 0.5, 0.05])
@pytest.mark.parametrize("correlation", [0.5, 0.8, 0.95, 0.999])
def test_equal_correlations(correlation, l1_ratio):
    rng = np.random.default_rng(0)
    shared = np.sqrt(correlation) * rng.normal(size=(80, 1))
    X = shared + np.sqrt(1 - correlation) * rng.normal(size=(80, 300))
    check(X, outcome(rng, X), l1_ratio=l1_ratio, n_lambdas=30)


@pytest.mark.parametrize("noise", [0.0, 1e-14, 1e-10, 1e-7, 1e-5, 1e-3])
def test_columns_that_nearly_repeat_others(noise):
    rng = np.random.default_rng(1)
    base = rng.normal(size=(60, 25))
    signs = rng.choice([-1.0, 1.0], size=100)
    X = base[:, rng.integers(0, 25, size=100)] * signs
    X += noise * rng.normal(size=X.shape)
    path = check(X, outcome(rng, base))
    assert path.n_nonzero.max() >= 10


def test_columns_that_sums_of_others_span():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(50, 12)) @ rng.normal(size=(12, 90))
    check(X, outcome(rng, X))


def test_more_columns_than_fit_enter_at_once():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(100, 400))
    y = outcome(rng, X)
    path = logistic_lasso_path(X, y)
    late = path.lambdas[len(path.lambdas) // 2]
    alone = check(X, y, lambdas=[late])
    np.testing.assert_allclose(
        alone.coefs[0], path.coefs[len(path.lambdas) // 2], atol=1e-7
    )


@needs_shared("feature_tables")
@pytest.mark.parametrize("name", ["Arita2018", "Li2020", "Song2020", "Wang2024"])
def test_published_tables(name):
    table = pd.read_csv(SHARED / "feature_tables" / f"{name}.csv.gz")
    y = table.pop("Target").to_numpy(float)
    X = table.select_dtypes("number").drop(columns="ID", errors="ignore")
    X = X.dropna(axis=1).loc[:, lambda t: t.nunique() > 1].to_numpy(float)
    check(X, y)
