"""The compiled solver on problems so small that it also runs uncompiled.

A solution is judged by the conditions of the optimum, not by another program.
Coverage sees the lines of a kernel only where numba is switched off: ``make coverage``
runs these tests once more so.
"""

import numpy as np
import pytest
from scipy.special import expit

from sklearn_orn.model import logistic_lasso_path

pytestmark = pytest.mark.kernels


def data(n_samples=20, n_features=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_samples, n_features))
    y = (X[:, 0] + rng.normal(size=n_samples) > 0).astype(float)
    return X, y


def violation(X, y, path, l1_ratio=1.0, factors=1.0, weight=None, intercept=True):
    """Return how far each lambda's solution is from its optimum."""
    weight = np.ones(len(y)) if weight is None else weight
    weight = weight / weight.sum()
    mean = weight @ X if intercept else 0.0
    sd = np.sqrt(weight @ (X - weight @ X) ** 2)
    Z = (X - mean) / sd
    found = []
    for lam, b0, coef in zip(path.lambdas, path.intercepts, path.coefs, strict=True):
        residual = weight * (y - expit(b0 + X @ coef))
        beta = coef * sd
        gradient = Z.T @ residual - lam * (1 - l1_ratio) * factors * beta
        bound = lam * l1_ratio * factors
        off = np.where(
            beta != 0,
            np.abs(gradient - bound * np.sign(beta)),
            np.maximum(np.abs(gradient) - bound, 0),
        )
        found.append(max(off.max(), abs(residual.sum()) * intercept))
    return np.array(found)


def test_lasso():
    X, y = data()
    path = logistic_lasso_path(X, y)
    assert path.converged.all()
    assert violation(X, y, path).max() < 1e-9
    assert path.n_nonzero[0] == 0 and path.n_nonzero[-1] == 4


def test_elastic_net():
    X, y = data(seed=1)
    path = logistic_lasso_path(X, y, l1_ratio=0.5, n_lambdas=20)
    assert violation(X, y, path, l1_ratio=0.5).max() < 1e-9


def test_weights():
    X, y = data(seed=2)
    weight = np.linspace(0.5, 3, len(y))
    path = logistic_lasso_path(X, y, sample_weight=weight, n_lambdas=20)
    assert violation(X, y, path, weight=weight).max() < 1e-9


def test_without_intercept():
    X, y = data(seed=3)
    path = logistic_lasso_path(X, y, fit_intercept=False, n_lambdas=20)
    assert (path.intercepts == 0).all()
    assert violation(X, y, path, intercept=False).max() < 1e-9


def test_an_unpenalised_column_is_always_in():
    X, y = data(seed=4)
    factors = np.array([1.0, 0.0, 1.0, 4.0])
    path = logistic_lasso_path(X, y, penalty_factor=factors, n_lambdas=20)
    assert (path.coefs[:, 1] != 0).all()
    assert violation(X, y, path, factors=factors * 4 / 6).max() < 1e-9


def test_a_column_given_twice():
    X, y = data(seed=5)
    X = np.column_stack([X, X[:, 0]])
    path = logistic_lasso_path(X, y, n_lambdas=20)
    assert path.converged.all()
    assert violation(X, y, path).max() < 1e-9


def test_a_constant_column_stays_out():
    X, y = data(seed=6)
    X[:, 2] = 7.0
    path = logistic_lasso_path(X, y, n_lambdas=20)
    assert (path.coefs[:, 2] == 0).all()
    others = [0, 1, 3]
    alone = logistic_lasso_path(X[:, others], y, lambdas=path.lambdas)
    np.testing.assert_allclose(path.coefs[:, others], alone.coefs, atol=1e-6)


def test_more_columns_than_the_active_set_takes():
    X, y = data(30, 150, seed=7)
    path = logistic_lasso_path(X, y, l1_ratio=0.01, lambdas=[1.0, 0.5, 0.2])
    assert (path.n_nonzero > 128).any()
    assert violation(X, y, path, l1_ratio=0.01).max() < 1e-9


def test_given_lambdas_are_solved_to_the_last():
    X, y = data(seed=8)
    path = logistic_lasso_path(X, y, lambdas=[0.01, 0.3, 0.1])
    assert path.lambdas.tolist() == [0.3, 0.1, 0.01]
    assert violation(X, y, path).max() < 1e-9


def test_separable_classes_stop_the_path():
    X = np.linspace(-1, 1, 10)[:, None]
    path = logistic_lasso_path(X, (X[:, 0] > 0).astype(float))
    assert len(path.lambdas) < 100
    assert path.deviance_ratios[-1] > 0.99


def test_too_few_steps_are_reported():
    X, y = data(seed=9)
    path = logistic_lasso_path(X, y, lambdas=[0.001], max_iter=1)
    assert not path.converged.all()


TWO_VALUES = np.array([[-1.0], [-1], [1], [1]]), np.array([0.0, 0, 1, 1])


@pytest.mark.parametrize("n_lambdas", [6, 12, 20])
def test_a_path_stops_where_it_explains_all_but_from_the_fifth_lambda_on(n_lambdas):
    path = logistic_lasso_path(*TWO_VALUES, n_lambdas=n_lambdas)
    # By hand: the largest is |x (y - 1/2)| / n; then evenly on the log scale.
    powers = np.arange(len(path.lambdas)) / (n_lambdas - 1)
    np.testing.assert_allclose(path.lambdas, 0.5 * 1e-4**powers, rtol=1e-12)
    # At the optimum the gradient p - 1/2 is lambda: 1 - p = 1/2 - lambda.
    p = np.clip(0.5 + (0.5 - path.lambdas), None, 1)
    explained = 1 - np.log(p) / np.log(0.5)
    np.testing.assert_allclose(path.deviance_ratios, explained, atol=1e-9)
    first = int(np.argmax(path.deviance_ratios > 0.999))
    assert first == len(path.lambdas) - 1 >= 4
    assert (n_lambdas == 6) == (len(path.lambdas) == 5)


@pytest.mark.parametrize("l1_ratio", [1.0, 0.5, 1e-4])
def test_the_first_lambda_is_the_least_without_a_feature(l1_ratio):
    X, y = data(seed=11)
    factors = np.array([0.5, 2.0, 1.0, 0.5])  # of mean 1
    path = logistic_lasso_path(
        X, y, penalty_factor=factors, l1_ratio=l1_ratio, n_lambdas=5
    )
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    gradient = np.abs(Z.T @ (y - y.mean())) / len(y)
    # glmnet takes 1e-3 for a smaller share.
    expected = (gradient / factors).max() / max(l1_ratio, 1e-3)
    assert path.lambdas[0] == pytest.approx(expected, rel=1e-9)


def test_a_path_stops_where_it_gains_nothing_from_the_fifth_lambda_on():
    X, y = data(30, 2, seed=10)
    # Steps so small that each gains 2e-6 of the deviance.
    none = logistic_lasso_path(X, y, n_lambdas=1_000_000)
    assert len(none.lambdas) == 5
    assert np.diff(none.deviance_ratios).max() < 1e-5


@pytest.mark.parametrize("noise", [0.0, 1e-8])
def test_columns_that_repeat_or_sum_others(noise):
    X, y = data(24, 4, seed=3)
    others = [X[:, 0], -X[:, 1], X[:, 0] + X[:, 2], X[:, 3] - X[:, 1]]
    X = np.column_stack([X, *others])
    X += noise * np.random.default_rng(0).normal(size=X.shape)
    path = logistic_lasso_path(X, y, n_lambdas=25)
    assert path.converged.all()
    assert violation(X, y, path).max() < 1e-9


def test_rows_of_a_resample_count_as_often_as_they_are_drawn():
    """As glmnet's weights do; the solver sees each row once."""
    from sklearn_orn.model._lasso import _repeats_merged

    rng = np.random.default_rng(3)
    X = np.column_stack([rng.integers(2, size=40), rng.normal(size=(40, 4))])
    y = rng.integers(2, size=40).astype(float)
    X[7], y[7] = X[6], 1 - y[6]  # alike but for the outcome
    X[9, 1:] = X[8, 1:]
    times = rng.integers(4, size=40)
    times[6:10] = 2
    drawn = rng.permutation(np.repeat(np.arange(40), times))
    merged, outcome, weight = _repeats_merged(X[drawn], y[drawn], np.ones(len(drawn)))
    assert len(merged) == np.count_nonzero(times)
    for row, label, count in zip(merged, outcome, weight, strict=True):
        (place,) = np.flatnonzero((X == row).all(axis=1) & (y == label))
        assert count == times[place]
    path = logistic_lasso_path(X[drawn], y[drawn])
    weighted = logistic_lasso_path(X, y, sample_weight=times)
    np.testing.assert_allclose(path.lambdas, weighted.lambdas, rtol=1e-12)
    np.testing.assert_allclose(path.coefs, weighted.coefs, atol=1e-9)
