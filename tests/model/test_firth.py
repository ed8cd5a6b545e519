"""Firth's penalty: published fits, a slow oracle, and what separates the classes."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize
from scipy.special import expit
from sklearn.metrics import log_loss

from sklearn_orn import NomogramClassifier
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.model._firth import firth_logistic, firth_path
from sklearn_orn.model._separation import find_separation
from sklearn_orn.testing.strategies import feature_tables, outcomes_with_patients
from tests._data import R_REFERENCE
from tests._examples import examples

ENDOMETRIAL = pd.read_csv(R_REFERENCE / "endometrial.csv")
SEX2 = pd.read_csv(R_REFERENCE / "sex2.csv")
URINARY = ["age", "oc", "vic", "vicl", "vis", "dia"]


def fit(X, y, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)
        weight = settings.pop("sample_weight", None)
        model = NomogramClassifier(penalty="firth", **settings)
        return model.fit(X, y, sample_weight=weight)


def test_the_deviance_that_is_explained():
    X, y = ENDOMETRIAL[["NV", "PI", "EH"]].to_numpy(float), ENDOMETRIAL["HG"].to_numpy()
    weight = np.arange(len(y)) % 3 + 0.5
    path = firth_path(X, y, weight, np.array([1.0, np.inf, 1.0]), tol=1e-10)
    assert path.coefs.shape == (1, 3) and path.coefs[0, 1] == 0
    alone, kept = firth_logistic(X[:, [0, 2]], y, sample_weight=weight)
    np.testing.assert_allclose(path.coefs[0, [0, 2]], kept)
    proba = expit(alone + X[:, [0, 2]] @ kept)
    share = np.full(len(y), np.average(y, weights=weight))
    lost = [log_loss(y, p, sample_weight=weight) for p in (proba, share)]
    assert path.deviance_ratios == pytest.approx([1 - lost[0] / lost[1]])


@pytest.mark.parametrize("factors", [None, [0.0, 2.0, 1.0]])
def test_the_path_is_one_fit_of_all_columns_with_a_finite_factor(factors):
    X, y = ENDOMETRIAL[["NV", "PI", "EH"]].to_numpy(float), ENDOMETRIAL["HG"].to_numpy()
    path = firth_path(X, y, np.ones(len(y)), factors, tol=1e-10)
    intercept, coef = firth_logistic(X, y)
    np.testing.assert_allclose(path.coefs, [coef])
    np.testing.assert_allclose(path.intercepts, [intercept])
    assert path.lambdas.tolist() == [0] and path.n_nonzero.tolist() == [3]
    assert path.converged.tolist() == [True]


@pytest.mark.parametrize("unit", [1e-14, 1e14])
def test_a_column_may_have_any_unit(unit):
    X, y = ENDOMETRIAL[["NV", "PI", "EH"]].to_numpy(float), ENDOMETRIAL["HG"].to_numpy()
    units = np.array([1, unit, 1])
    one, two = firth_logistic(X, y), firth_logistic(X * units, y)
    np.testing.assert_allclose(two[1] * units, one[1], rtol=1e-6)
    assert two[0] == pytest.approx(one[0], rel=1e-6)


def test_columns_that_determine_each_other_share_the_effect_per_sd():
    X, y = ENDOMETRIAL[["PI", "EH"]].to_numpy(float), ENDOMETRIAL["HG"].to_numpy()
    _, alone = firth_logistic(X, y)
    _, coef = firth_logistic(np.column_stack([X, 0.01 * X[:, 1]]), y)
    assert coef == pytest.approx([alone[0], alone[1] / 2, alone[1] / 2 * 100])


def test_with_more_columns_than_rows_each_row_has_half_a_sample_of_either_class():
    X, y = np.random.default_rng(0).normal(size=(6, 9)), np.array([0, 1, 0, 1, 1, 1])
    intercept, coef = firth_logistic(X, y)
    np.testing.assert_allclose(expit(intercept + X @ coef), (y + 0.5) / 2)


def test_a_column_that_varies_in_rows_of_no_weight_alone_is_constant():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=30), np.arange(30) % 2
    constant = np.full((30, 6), [0.1, 0.3, 1 / 3, 0.7, 1e5 / 3, 12.3])
    X = np.column_stack([x, constant])
    X[0, 1:] += np.arange(1, 7)
    weight = np.r_[0.0, np.ones(29)]
    _, coef = firth_logistic(X, y, sample_weight=weight)
    assert coef[1:].tolist() == 6 * [0]
    assert coef[0] == pytest.approx(firth_logistic(x[1:, None], y[1:])[1][0])


def test_the_published_fit_of_heinze_and_schemper():
    # Stat Med 2002;21:2409, with the digits of brglm2's page (mean bias reduction).
    model = fit(ENDOMETRIAL[["NV", "PI", "EH"]], ENDOMETRIAL["HG"])
    assert model.intercept_[0] == pytest.approx(3.77456, abs=5e-6)
    np.testing.assert_allclose(model.coef_[0], [2.92927, -0.03475, -2.60416], atol=5e-6)
    assert model.lambda_ == 0 and np.isnan(model.lambda_min_)


def test_the_published_fit_of_logistf():
    # logistf(case ~ age + oc + vic + vicl + vis + dia, data = sex2), to its gconv 1e-5.
    published = [
        0.12025404,
        -1.10598130,
        -0.06881673,
        2.26887464,
        -2.11140817,
        -0.78831694,
        3.09601263,
    ]
    counted = fit(SEX2[URINARY], SEX2["case"], sample_weight=SEX2["count"])
    found = np.r_[counted.intercept_, counted.coef_[0]]
    np.testing.assert_allclose(found, published, atol=2e-6)
    rows = SEX2.loc[SEX2.index.repeat(SEX2["count"])]
    assert len(rows) == 239
    each = fit(rows[URINARY], rows["case"])
    np.testing.assert_allclose(each.coef_, counted.coef_, atol=1e-8)


def oracle(X, y, weight):
    """Maximise the penalised likelihood by a method that knows no derivative."""
    design = np.column_stack([np.ones(len(X)), X])

    def lost(beta):
        eta = design @ beta
        p = expit(eta)
        information = (design * (weight * p * (1 - p))[:, None]).T @ design
        sign, log_det = np.linalg.slogdet(information)
        if sign <= 0:
            return np.inf
        return -(weight @ (y * eta - np.logaddexp(0, eta)) + log_det / 2)

    options = {"xatol": 1e-9, "fatol": 1e-13, "maxiter": 20000, "maxfev": 20000}
    start = np.zeros(design.shape[1])
    for _ in range(3):
        start = minimize(lost, start, method="Nelder-Mead", options=options).x
    return start


@pytest.mark.parametrize("seed", range(8))
def test_it_is_what_a_slow_search_finds(seed):
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(8, 30)), int(rng.integers(1, 4))
    X = rng.normal(size=(n, p))
    y = (rng.random(n) < 0.4).astype(float)
    if seed % 2:
        y = (X[:, 0] > 0).astype(float)  # separated
    y[:2] = [0, 1]
    weight = rng.integers(1, 4, n).astype(float)
    intercept, coef = firth_logistic(X, y, sample_weight=weight)
    expected = oracle(X, y, weight)
    np.testing.assert_allclose(np.r_[intercept, coef], expected, atol=2e-4, rtol=2e-4)


def test_a_table_of_two_columns_has_half_a_sample_more_in_every_cell():
    # 2 x 2: the closed form, whether or not a cell is empty.
    for counts in ([5, 3, 2, 7], [5, 3, 0, 1], [4, 4, 6, 0]):
        X = np.repeat([0.0, 0.0, 1.0, 1.0], counts)[:, None]
        y = np.repeat([0.0, 1.0, 0.0, 1.0], counts)
        a, b, c, d = np.array(counts) + 0.5
        intercept, coef = firth_logistic(X, y)
        assert intercept == pytest.approx(np.log(b / a), abs=1e-8)
        assert coef[0] == pytest.approx(np.log(d / c) - np.log(b / a), abs=1e-8)


@st.composite
def problems(draw):
    outcome = draw(outcomes_with_patients(min_per_class=2)).positive
    n = len(outcome)
    X = draw(feature_tables(n, n_features=(1, 3))).to_numpy()
    weight = np.array(draw(st.lists(st.integers(1, 3), min_size=n, max_size=n)))
    return X, outcome.astype(float), weight


def test_columns_that_differ_by_a_large_constant_are_one():
    X = np.array([[1.0, 65538], [2, 65539], [2, 65539], [3, 65540]])
    y, weight = np.array([0.0, 1, 0, 1]), np.array([1, 1, 1, 2])
    _, coef = firth_logistic(X, y, sample_weight=weight)
    _, alone = firth_logistic(X[:, :1], y, sample_weight=weight)
    assert coef.sum() == pytest.approx(alone[0], abs=1e-8)


@given(problems())
@examples(60)
def test_the_modified_score_is_zero_and_weights_are_copies(problem):
    """Firth's equations, and the rows given k times, in any units."""
    X, y, weight = problem
    intercept, coef = firth_logistic(X, y, sample_weight=weight)
    rows = np.repeat(np.arange(len(y)), weight)
    again = firth_logistic(X[rows], y[rows])
    sd = X[rows].std(axis=0)
    np.testing.assert_allclose(again[1] * sd, coef * sd, atol=1e-6)
    varying = np.ptp(X, axis=0) > 0
    Z = (X[:, varying] - X[rows][:, varying].mean(axis=0)) / sd[varying]
    assume(Z.size and np.linalg.cond(np.column_stack([np.ones(len(Z)), Z])) < 1e4)
    design = np.column_stack([np.ones(len(Z)), Z])
    p = expit(intercept + X @ coef)
    root = np.sqrt(weight * p * (1 - p))[:, None] * design
    hat = np.diag(root @ np.linalg.inv(root.T @ root) @ root.T)
    score = design.T @ (weight * (y - p) + hat * (0.5 - p))
    np.testing.assert_allclose(score, 0, atol=1e-6 * weight.sum())


@given(problems())
@examples(60)
def test_separation_is_found_where_no_finite_estimate_exists(problem):
    """A plane exists if and only if some direction never lowers the likelihood."""
    X, y, _ = problem
    sd = X.std(axis=0)
    varying = np.ptp(X, axis=0) > 0
    assume(varying.any())
    Z = np.column_stack([np.ones(len(X)), (X[:, varying] - X[:, varying].mean(0))])
    Z[:, 1:] /= sd[varying]
    found = find_separation(X, y)
    # Gordan's alternative: overlap means positive weights that balance the rows.
    rows = (2 * y - 1)[:, None] * Z
    dual = linprog(
        np.zeros(len(rows)), A_eq=rows.T, b_eq=np.zeros(rows.shape[1]), bounds=(1, None)
    )
    assert (found is None) == (dual.status == 0)
    if found is not None:
        assert found.direction[varying].any() or (y == y[0]).all()


def test_a_level_of_one_class_is_named():
    rng = np.random.default_rng(0)
    age = rng.normal(size=60)
    site = np.zeros(60)
    site[7] = 1
    y = np.where(age + 2 * rng.normal(size=60) > 0, "high", "low")
    y[7] = "low"
    X = pd.DataFrame({"age": age, "site_left": site})
    with pytest.warns(StudyWarning, match="separated by 'site_left'") as caught:
        model = NomogramClassifier(penalty="none").fit(X, y)
    assert abs(model.coef_[0, 1]) > 10
    (text,) = [str(w.message) for w in caught if "separated" in str(w.message)]
    assert "(1 sample with 1, all of class 'low')" in text
    assert 'Set penalty="firth"' in text
    assert "age" not in text
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        firth = NomogramClassifier(penalty="firth").fit(X, y)
    assert abs(firth.coef_[0, 1]) < 4


def test_both_columns_of_one_plane_are_named():
    X = pd.DataFrame({"a": [0, 1, 2, 3, 4, 5.0], "b": [5, 0, 3, 2, 4, 1.0]})
    y = (X["a"] + X["b"] > 5.5).astype(int)
    with pytest.warns(StudyWarning, match="separated by 'a', 'b': .* their coeff"):
        NomogramClassifier(penalty="none").fit(X, y)


def test_a_large_score_without_separation_is_not_called_so():
    x = np.r_[-30.0, np.linspace(-2, 2, 40), 30.0]
    y = (np.sin(37 * x) + x > 0).astype(int)
    y[0], y[-1] = 0, 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = NomogramClassifier(penalty="none").fit(x[:, None], y)
    assert np.abs(model.decision_function(x[:, None])).max() > 8


def test_an_infinite_factor_leaves_a_column_out_of_firths_fit():
    X, y = ENDOMETRIAL[["NV", "PI", "EH"]], ENDOMETRIAL["HG"]
    left = fit(X, y, penalty_factor={"PI": np.inf})
    np.testing.assert_allclose(
        left.coef_[0, [0, 2]], fit(X[["NV", "EH"]], y).coef_[0], atol=1e-12
    )
    assert left.coef_[0, 1] == 0


def test_a_fit_that_does_not_converge_says_how_far_it_got():
    X, y = ENDOMETRIAL[["NV", "PI", "EH"]], ENDOMETRIAL["HG"]
    with pytest.raises(ValueError, match="did not converge in 500 steps.*tol is 1e-30"):
        NomogramClassifier(penalty="firth", tol=1e-30).fit(X, y)
