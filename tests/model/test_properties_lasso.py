"""The LASSO path: its optimality conditions, and what must not change it."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import expit

from sklearn_orn.model import logistic_lasso_path
from sklearn_orn.testing.strategies import feature_tables, outcomes_with_patients
from tests._examples import drawn_copies, examples

ratios = st.sampled_from([1.0, 0.5, 0.1])
N_LAMBDAS = 15


@st.composite
def problems(draw, min_per_class=2, **settings):
    """A table and 0 or 1 for each row; constant columns among them."""
    outcome = draw(outcomes_with_patients(min_per_class=min_per_class)).positive
    X = draw(feature_tables(len(outcome), **settings)).to_numpy()
    return X, outcome.astype(int)


def solved(X, y, **settings):
    path = logistic_lasso_path(X, y, n_lambdas=N_LAMBDAS, **settings)
    # Separated classes have no solution at lambdas next to 0: those do not count.
    return path, path.converged


def per_sd(X, coefs, weight=None):
    weight = np.ones(len(X)) if weight is None else weight
    mean = np.average(X, axis=0, weights=weight)
    return coefs * np.sqrt(np.average((X - mean) ** 2, axis=0, weights=weight))


def assert_same_path(first, second, X):
    """Compare lambdas, and coefficients per standard deviation."""
    n = min(len(first.lambdas), len(second.lambdas))
    good = first.converged[:n] & second.converged[:n]
    # Without any association the largest lambda is a rounding error.
    np.testing.assert_allclose(
        second.lambdas[:n], first.lambdas[:n], rtol=1e-8, atol=1e-15
    )
    np.testing.assert_allclose(
        per_sd(X, second.coefs[:n][good]), per_sd(X, first.coefs[:n][good]), atol=1e-5
    )


@given(problems(), ratios, st.data())
@examples(60)
def test_optimality_with_weights_and_factors_of_the_penalty(problem, l1_ratio, data):
    """Karush, Kuhn and Tucker: the problem is convex, so these prove the solution.

    The gradient of the likelihood balances the penalty where a coefficient is not 0,
    and is within it where it is.
    """
    X, y = problem
    n, p = X.shape
    weight = np.array(
        data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), dtype=float
    )
    assume(len(np.unique(y[weight > 0])) == 2)
    factors = data.draw(st.lists(st.sampled_from([1, 2, 0]), min_size=p, max_size=p))
    path, converged = solved(
        X, y, l1_ratio=l1_ratio, sample_weight=weight, penalty_factor=factors
    )
    share, used = weight / weight.sum(), weight > 0
    v = np.array(factors) * (p / sum(factors) if sum(factors) else 1)
    varying = np.ptp(X[used], axis=0) > 0
    mean = share @ X
    sd = np.sqrt(share @ (X - mean) ** 2)
    Z = ((X - mean) / np.where(varying, sd, 1))[:, varying]
    assert not path.coefs[:, ~varying].any()
    for k in np.flatnonzero(converged):
        beta, lam, vj = (path.coefs[k] * sd)[varying], path.lambdas[k], v[varying]
        residual = share * (y - expit(X @ path.coefs[k] + path.intercepts[k]))
        assert abs(residual.sum()) < 1e-7
        gradient = Z.T @ residual - lam * (1 - l1_ratio) * vj * beta
        bound = lam * l1_ratio * vj
        zero = beta == 0
        assert (np.abs(gradient[zero]) <= bound[zero] + 1e-7).all()
        expected = bound * np.sign(beta)
        np.testing.assert_allclose(gradient[~zero], expected[~zero], atol=1e-7)


@given(problems(), ratios)
@examples(50)
def test_the_path_starts_where_the_first_feature_enters(problem, l1_ratio):
    """Its first lambda is the smallest that keeps all at 0: the largest gradient."""
    X, y = problem
    path, _ = solved(X, y, l1_ratio=l1_ratio)
    varying = np.ptp(X, axis=0) > 0
    centred = (X - X.mean(axis=0))[:, varying]
    gradient = centred.T @ (y - y.mean()) / len(y)
    largest = np.abs(gradient / centred.std(axis=0)).max(initial=0) / l1_ratio
    np.testing.assert_allclose(path.lambdas[0], largest, rtol=1e-9, atol=1e-12)
    assert path.n_nonzero[0] == 0 or largest < 1e-12
    prevalence = y.mean()
    start = np.log(prevalence / (1 - prevalence))
    np.testing.assert_allclose(path.intercepts[0], start, atol=1e-9)


@given(problems(), ratios)
@examples(50)
def test_less_penalty_explains_more_and_costs_more(problem, l1_ratio):
    """Along a path of optima the likelihood only rises, and the penalty's sum too."""
    X, y = problem
    path, converged = solved(X, y, l1_ratio=l1_ratio)
    assert (np.diff(path.lambdas) < 0).all() or path.lambdas[0] == 0
    explained = path.deviance_ratios[converged]
    assert (np.diff(explained) >= -1e-9).all()
    assert ((explained > -1e-9) & (explained <= 1)).all()
    beta = per_sd(X, path.coefs[converged])
    cost = l1_ratio * np.abs(beta) + (1 - l1_ratio) / 2 * beta**2
    assert (np.diff(cost.sum(axis=1)) >= -1e-6 * (1 + cost[1:].sum(axis=1))).all()
    np.testing.assert_array_equal(path.n_nonzero, (path.coefs != 0).sum(axis=1))


@given(problems(), ratios, st.data())
@examples(50)
def test_the_order_of_columns_and_rows_does_not_matter(problem, l1_ratio, data):
    """A sum over rows and a sum over columns."""
    X, y = problem
    rows = data.draw(st.permutations(range(len(y))))
    columns = data.draw(st.permutations(range(X.shape[1])))
    # Of columns that say the same the LASSO may take any: the ridge part decides.
    first, _ = solved(X, y, l1_ratio=0.5 * l1_ratio)
    second, _ = solved(X[rows][:, columns], y[rows], l1_ratio=0.5 * l1_ratio)
    back = np.argsort(columns)
    assert_same_path(first, second._replace(coefs=second.coefs[:, back]), X)


@given(problems(), ratios, st.data())
@examples(50)
def test_units_and_origins_of_features_do_not_matter(problem, l1_ratio, data):
    """Features are standardised: units go into coefficients, origins into b0."""
    X, y = problem
    p = X.shape[1]
    numbers = st.lists(st.integers(-6, 6), min_size=p, max_size=p)
    factor, more = 2.0 ** np.array(data.draw(numbers)), np.array(data.draw(numbers))
    first, _ = solved(X, y, l1_ratio=0.5 * l1_ratio)
    second, _ = solved((X + more) * factor, y, l1_ratio=0.5 * l1_ratio)
    assert_same_path(first, second._replace(coefs=second.coefs * factor), X)
    n = min(len(first.lambdas), len(second.lambdas))
    for k in np.flatnonzero(first.converged[:n] & second.converged[:n]):
        one = X @ first.coefs[k] + first.intercepts[k]
        two = (X + more) * factor @ second.coefs[k] + second.intercepts[k]
        np.testing.assert_allclose(two, one, atol=1e-4)


@given(problems(), ratios)
@examples(50)
def test_the_other_class_as_the_positive_one_changes_signs_only(problem, l1_ratio):
    """P(1) = 1 - P(0): the score changes its sign and nothing else."""
    X, y = problem
    first, _ = solved(X, y, l1_ratio=0.5 * l1_ratio)
    second, _ = solved(X, 1 - y, l1_ratio=0.5 * l1_ratio)
    assert_same_path(first, second._replace(coefs=-second.coefs), X)
    n = min(len(first.lambdas), len(second.lambdas))
    np.testing.assert_allclose(
        first.deviance_ratios[:n], second.deviance_ratios[:n], atol=1e-6
    )


@given(problems(), ratios, st.data())
@examples(50)
def test_a_weight_counts_as_copies_of_the_row(problem, l1_ratio, data):
    """A weighted sum with weight 2 is the sum with the row twice."""
    X, y = problem
    weight, rows = drawn_copies(data, len(y), least=1)
    # The end of the grid goes by the number of rows, as in glmnet.
    assume((len(y) < X.shape[1]) == (len(rows) < X.shape[1]))
    first, _ = solved(X, y, l1_ratio=0.5 * l1_ratio, sample_weight=weight)
    second, _ = solved(X[rows], y[rows], l1_ratio=0.5 * l1_ratio)
    third, _ = solved(X, y, l1_ratio=0.5 * l1_ratio, sample_weight=weight * 0.37)
    assert_same_path(first, second, X)
    assert_same_path(first, third, X)


@given(problems(), ratios)
@examples(40)
def test_each_lambda_is_solved_for_itself(problem, l1_ratio):
    """Warm starts and strong rules save time: a convex problem has one optimum."""
    X, y = problem
    path, converged = solved(X, y, l1_ratio=0.5 * l1_ratio)
    chosen = np.flatnonzero(converged)[-1]
    alone = logistic_lasso_path(
        X, y, l1_ratio=0.5 * l1_ratio, lambdas=[path.lambdas[chosen]]
    )
    np.testing.assert_allclose(
        per_sd(X, alone.coefs[0]), per_sd(X, path.coefs[chosen]), atol=1e-5
    )


@given(problems())
@examples(40)
def test_no_other_coefficients_are_better(problem):
    """The objective at the solution against the same with each coefficient moved."""
    X, y = problem
    path, converged = solved(X, y)
    k = np.flatnonzero(converged)[-1]
    sd = X.std(axis=0)

    def objective(coef, intercept):
        score = X @ coef + intercept
        loss = np.mean(np.logaddexp(0, score) - y * score)
        return loss + path.lambdas[k] * np.abs(coef * sd).sum()

    best = objective(path.coefs[k], path.intercepts[k])
    for j in np.flatnonzero(np.ptp(X, axis=0) > 0):
        for step in (-0.1, -0.001, 0.001, 0.1):
            moved = path.coefs[k].copy()
            moved[j] += step / sd[j]
            # The best intercept does not undo it: both are moved.
            for shift in (0.0, -step / sd[j] * X[:, j].mean()):
                assert objective(moved, path.intercepts[k] + shift) >= best - 1e-9
