"""Standard errors, intervals and tests against R, logistf and slow checks."""

import json
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize
from scipy.special import expit
from scipy.stats import chi2, norm
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

from sklearn_orn import NomogramClassifier
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.testing.strategies import feature_tables, outcomes_with_patients
from tests._data import R_REFERENCE
from tests._examples import examples
from tests.model._shared_covariance import shared_by_hand

RMS = json.loads((R_REFERENCE / "rms_lrm_valprob.json").read_text())
TRAIN = pd.read_csv(R_REFERENCE / "scores_train.csv")
VALID = pd.read_csv(R_REFERENCE / "scores_valid.csv")
CLINICAL = pd.read_csv(R_REFERENCE / "a_train95.csv")
ENDOMETRIAL = pd.read_csv(R_REFERENCE / "endometrial.csv")
SEX2 = pd.read_csv(R_REFERENCE / "sex2.csv")
URINARY = ["age", "oc", "vic", "vicl", "vis", "dia"]


def fit(X, y, penalty="none", **params):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)
        return NomogramClassifier(penalty=penalty).fit(X, y, **params)


def model_of(name):
    """The predictors of one of the models that lrm fitted, in its order."""
    stage = CLINICAL["stage"]
    columns = {
        "rad": TRAIN["rad"],
        "lymph": CLINICAL["lymph"],
        "stage": stage,
        "stagef=3": (stage == 3).astype(float),
        "stagef=4-5": (stage >= 4).astype(float),
        "age": CLINICAL["age"],
    }
    names = list(RMS[name]["coef"])[1:]
    return pd.DataFrame({name: columns[name] for name in names})


@pytest.mark.parametrize("name", ["two", "three_factor", "three_linear"])
def test_covariance_and_likelihood_ratio_are_those_of_lrm(name):
    expected = RMS[name]
    model = fit(model_of(name), TRAIN["y"])
    np.testing.assert_allclose(model.covariance_, expected["vcov"], atol=1e-6)
    errors = np.sqrt(np.diag(expected["vcov"]))
    np.testing.assert_allclose(model.standard_errors_, errors, atol=1e-6)
    test, stats = model.likelihood_ratio_, expected["stats"]
    assert test.chi2 == pytest.approx(stats["Model L.R."], abs=1e-6)
    assert test.df == stats["d.f."]
    assert test.p_value == pytest.approx(stats["P"], rel=1e-6)
    table = model.summary()
    assert table.index.tolist() == list(expected["coef"])
    np.testing.assert_allclose(
        table["coefficient"], list(expected["coef"].values()), atol=1e-6
    )


def test_summary_is_that_of_glm_and_its_confint():
    expected = RMS["glm_profile_ci"]
    model = fit(model_of("three_linear"), TRAIN["y"])
    wald, profile = model.summary(), model.summary(interval="profile")
    for column, key in (("standard_error", "se"), ("z", "z"), ("p_value", "p")):
        np.testing.assert_allclose(wald[column], expected[key], atol=1e-6)
    limits = np.log(wald[["lower", "upper"]])
    np.testing.assert_allclose(limits, expected["wald"], atol=1e-6)
    np.testing.assert_allclose(wald["odds_ratio"], np.exp(expected["coef"]), rtol=1e-6)
    # R interpolates its profile by a spline between a few points.
    limits = np.log(profile[["lower", "upper"]])
    np.testing.assert_allclose(limits, expected["profile"], atol=2e-4)


def test_the_sandwich_is_that_of_robcov():
    expected = RMS["cluster_robcov"]
    X, y = VALID[["rad"]], VALID["y"]
    by_patient = fit(X, y, groups=VALID["patient"].map("patient {}".format))
    np.testing.assert_allclose(by_patient.covariance_, expected["vcov"], atol=1e-6)
    robust = expected["vcov_robust_cluster_patient"]
    np.testing.assert_allclose(by_patient.robust_covariance_, robust, atol=1e-6)
    np.testing.assert_allclose(
        fit(X, y).robust_covariance_, expected["vcov_robust_unclustered"], atol=1e-6
    )
    beta = np.r_[by_patient.intercept_, by_patient.coef_[0]]
    shared = shared_by_hand(X, y, VALID["patient"], beta)
    errors = np.sqrt(np.maximum(np.diag(robust), np.diag(shared)))
    found = by_patient.summary()["standard_error"]
    np.testing.assert_allclose(found, errors)
    naive = by_patient.summary(by_patient=False)
    np.testing.assert_allclose(naive["standard_error"], by_patient.standard_errors_)
    pd.testing.assert_frame_equal(naive, fit(X, y).summary())


def test_firths_intervals_are_those_of_heinze_and_schemper():
    # Stat Med 2002;21:2409, table of the endometrial data.
    model = fit(ENDOMETRIAL[["NV", "PI", "EH"]], ENDOMETRIAL["HG"], "firth")
    table = model.summary(interval="profile").drop("Intercept")
    np.testing.assert_allclose(
        np.log(table[["lower", "upper"]]),
        [[0.61, 7.85], [-0.12, 0.04], [-4.37, -1.23]],
        atol=0.005,
    )
    np.testing.assert_allclose(table["standard_error"], [1.55, 0.04, 0.776], atol=5e-3)


def test_firths_intervals_and_tests_are_those_of_logistf():
    # The published output for sex2: profile limits, chi-squared, likelihood ratio.
    limits = [
        (-0.8185591, 1.07315122),
        (-1.9737884, -0.30742514),
        (-0.9414360, 0.78920202),
        (1.2730216, 3.43543273),
        (-3.2608611, -1.11773667),
        (-1.6080879, 0.01518319),
        (0.7745730, 8.03029352),
    ]
    squares = [0.06286, 7.50773, 0.02467, 22.93139, 19.10407, 3.69741, 7.89693]
    model = fit(SEX2[URINARY], SEX2["case"], "firth", sample_weight=SEX2["count"])
    table = model.summary(interval="profile")
    found = np.log(table[["lower", "upper"]])
    np.testing.assert_allclose(found, limits, atol=2e-5)
    np.testing.assert_allclose(table["z"] ** 2, squares, atol=2e-5)
    np.testing.assert_allclose(table["p_value"], chi2.sf(squares, 1), rtol=1e-4)
    assert model.likelihood_ratio_.chi2 == pytest.approx(49.09064, abs=1e-5)
    assert model.likelihood_ratio_.p_value == pytest.approx(7.15089e-09, rel=1e-5)


def log_likelihood(design, y, beta, firth):
    eta = design @ beta
    value = y @ eta - np.logaddexp(0, eta).sum()
    if firth:
        p = expit(eta)
        information = (design * (p * (1 - p))[:, None]).T @ design
        value += np.linalg.slogdet(information)[1] / 2
    return value


@pytest.mark.parametrize("penalty", ["none", "firth"])
def test_the_profile_has_dropped_by_half_the_quantile(penalty):
    """A search without derivatives over the other coefficients, at each limit."""
    X, y = model_of("two"), TRAIN["y"].to_numpy()
    design = np.column_stack([np.ones(len(X)), X])
    model = fit(X, y, penalty)
    beta = np.r_[model.intercept_, model.coef_[0]]
    firth = penalty == "firth"
    highest = log_likelihood(design, y, beta, firth)
    table = model.summary(interval="profile", level=0.9)
    for j, limits in enumerate(np.log(table[["lower", "upper"]]).to_numpy()):
        others = np.arange(3) != j
        for limit in limits:

            def lost(rest, others=others, j=j, limit=limit):
                full = np.empty(3)
                full[others], full[j] = rest, limit
                return -log_likelihood(design, y, full, firth)

            options = {"xatol": 1e-8, "fatol": 1e-12, "maxiter": 5000}
            found = minimize(lost, beta[others], method="Nelder-Mead", options=options)
            drop = highest + found.fun
            assert drop == pytest.approx(chi2.ppf(0.9, 1) / 2, abs=1e-7)


def test_a_weight_is_so_many_samples():
    counted = fit(SEX2[URINARY], SEX2["case"], sample_weight=SEX2["count"])
    rows = SEX2.loc[SEX2.index.repeat(SEX2["count"])]
    each = fit(rows[URINARY], rows["case"])
    pd.testing.assert_frame_equal(counted.summary(), each.summary(), atol=1e-5)
    none = SEX2.assign(count=0).iloc[:9]
    more = pd.concat([SEX2, none])
    again = fit(more[URINARY], more["case"], sample_weight=more["count"])
    pd.testing.assert_frame_equal(again.summary(), counted.summary(), atol=1e-5)


@st.composite
def problems(draw):
    outcome = draw(outcomes_with_patients(min_per_class=3))
    X = draw(feature_tables(len(outcome.positive), n_features=(1, 3)))
    return X, outcome.positive.astype(int), outcome.patients


@given(problems(), st.sampled_from([1e-3, 1.0, 250.0]), st.sampled_from([0.0, -40.0]))
@examples(25)
def test_units_change_coefficients_and_no_test(problem, unit, shift):
    """z, p and the likelihood ratio have no unit; coefficients are per unit."""
    X, y, groups = problem
    varying = X.loc[:, X.std() > 1e-6 * X.abs().max()]
    if not varying.shape[1] or np.linalg.cond(varying.corr()) > 1e6:
        return
    Z = (varying - varying.mean()) / varying.std()
    first = fit(Z, y, "firth", groups=groups)
    second = fit(Z * unit + shift, y, "firth", groups=groups)
    one, two = first.summary().iloc[1:], second.summary().iloc[1:]
    np.testing.assert_allclose(two["z"], one["z"], rtol=1e-4, atol=1e-5)
    scaled = two["standard_error"] * unit
    np.testing.assert_allclose(scaled, one["standard_error"], rtol=1e-4, atol=1e-7)
    assert first.likelihood_ratio_.chi2 == pytest.approx(
        second.likelihood_ratio_.chi2, abs=1e-6
    )


def test_a_number_far_from_zero_has_the_standard_error_of_its_distances():
    rng = np.random.default_rng(0)
    near = rng.integers(0, 10, (60, 1)).astype(float)
    y = (near[:, 0] + rng.normal(0, 6, 60) > 5).astype(int)
    one, other = (fit(near + shift, y).summary() for shift in (0.0, 1e9))
    for column in ("standard_error", "odds_ratio", "p_value"):
        assert other[column].iloc[1] == pytest.approx(one[column].iloc[1], rel=1e-5)


def test_patients_given_k_times_have_the_same_sandwich():
    X, y, patient = VALID[["rad"]], VALID["y"], VALID["patient"]
    once = fit(X, y, groups=patient)
    thrice = fit(
        pd.concat([X] * 3), pd.concat([y] * 3), groups=pd.concat([patient] * 3)
    )
    np.testing.assert_allclose(
        thrice.robust_covariance_, once.robust_covariance_, atol=1e-8
    )
    np.testing.assert_allclose(thrice.covariance_ * 3, once.covariance_, atol=1e-8)


def test_what_separates_the_classes_has_no_wald_test_and_one_limit():
    model = fit(ENDOMETRIAL[["NV", "PI", "EH"]], ENDOMETRIAL["HG"])
    for settings in ({}, {"by_patient": None}):
        row = model.summary(**settings).loc["NV"]
        assert row["standard_error"] == np.inf and row["odds_ratio"] == np.inf
        assert (row["lower"], row["upper"]) == (0, np.inf)
        assert np.isnan(row["z"]) and np.isnan(row["p_value"])
    row = model.summary(interval="profile").loc["NV"]
    assert 3 < row["lower"] < 4 and row["upper"] == np.inf
    assert 0.001 < row["p_value"] < 0.005
    by_patient = fit(
        ENDOMETRIAL[["NV", "PI", "EH"]],
        ENDOMETRIAL["HG"],
        groups=np.arange(len(ENDOMETRIAL)),
    )
    # Its scores are 0, and so would the sandwich be: a certainty that is none.
    assert np.isnan(by_patient.summary().loc["NV", "p_value"])


def two_lines_cross(x, y, slope):
    """Return the log-likelihood of a slope with its best intercept."""
    eta = slope * x

    def excess(intercept):
        return (y - expit(intercept + eta)).sum()

    best = brentq(excess, -eta.max() - 50, -eta.min() + 50)
    return (y * (best + eta) - np.logaddexp(0, best + eta)).sum()


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.arange(20.0), np.arange(20) >= 9),
        (np.arange(12.0), np.arange(12) < 6),
        (np.r_[np.arange(18.0), 17.05, 18], np.arange(20) > 17),
        (np.r_[np.arange(18.0), 17.00001, 18], np.arange(20) > 17),
        (np.repeat([0.0, 1.0], [33, 3]), np.r_[np.arange(33) % 2, 1, 1, 1]),
        (np.repeat([0.0, 1.0], [10, 1]), np.r_[np.arange(10) % 2, 0]),
    ],
)
def test_what_separates_the_classes_has_a_limit_on_one_side(x, y):
    """Where the likelihood, whose supremum the other side has, fell by half of z²."""
    y = y.astype(float)
    model = fit(x[:, None], y)
    row = model.summary(interval="profile").iloc[1][["lower", "upper"]]
    with np.errstate(divide="ignore"):
        low, high = np.log(row.to_numpy(float))
    assert (high == np.inf) == (model.coef_[0, 0] > 0)
    limit, far = (low, high) if high == np.inf else (high, low)
    drop = two_lines_cross(x, y, np.sign(far) * 1e8) - two_lines_cross(x, y, limit)
    assert abs(far) == np.inf
    assert drop == pytest.approx(chi2.ppf(0.95, 1) / 2, abs=1e-6)


def test_what_the_data_do_not_determine_is_nan():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=80), "b": rng.normal(size=80)})
    y = (X["a"] + rng.logistic(size=80) > 0).astype(int)
    plain = fit(X, y)
    more = fit(X.assign(same=3.0, twin=2 * X["b"] + 1), y)
    table = more.summary()
    assert table["standard_error"].isna().tolist() == [True, False, True, True, True]
    np.testing.assert_allclose(
        table.loc["a", "standard_error"], plain.summary().loc["a", "standard_error"]
    )
    assert more.likelihood_ratio_.df == 2
    profile = more.summary(interval="profile")
    assert profile.loc["b"].drop("coefficient").isna().all()
    np.testing.assert_allclose(
        profile.loc["a"], plain.summary(interval="profile").loc["a"], rtol=1e-5
    )
    # Centred twins leave the intercept as it is.
    centred = fit(X.assign(twin=2 * X["b"]), y).summary()
    assert centred["standard_error"].isna().tolist() == [False, False, True, True]
    left = NomogramClassifier(penalty="none", penalty_factor={"b": np.inf}).fit(X, y)
    assert np.isnan(left.summary().loc["b", "z"])
    np.testing.assert_allclose(
        left.summary().loc["a"], fit(X[["a"]], y).summary().loc["a"], rtol=1e-6
    )


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_what_is_determined_has_no_unit(unit):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(80, 2)), columns=["a", "b"])
    y = (X["a"] + rng.logistic(size=80) > 0).astype(int)

    def unknown(table):
        return fit(table * unit, y).summary()["standard_error"].isna().tolist()

    assert unknown(X.assign(same=3.0)) == [False, False, False, True]
    assert unknown(X.assign(twin=2 * X["b"])) == [False, False, True, True]
    assert unknown(X.assign(twin=2 * X["b"] + 1)) == [True, False, True, True]


def noise(n=80, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 2)), columns=["a", "b"])
    return X, (X["a"] + rng.logistic(size=n) > 0).astype(int)


def test_what_is_not_determined_has_no_odds_ratio():
    X, y = noise()
    counts = pd.DataFrame({"a": np.arange(80.0) % 4, "b": X["b"]})
    table = fit(counts.assign(same=3.0, twin=2 * counts["a"]), y).summary()
    unknown = table.drop(columns="coefficient").isna()
    assert unknown.all(axis=1).tolist() == [False, True, False, True, True]
    assert unknown.any(axis=1).tolist() == [False, True, False, True, True]


def test_a_column_of_two_others_leaves_neither_determined_however_small_its_share():
    X, y = noise()
    found = fit(X.assign(both=X["a"] + 1e-5 * X["b"]), y).summary()
    assert found["standard_error"].isna().tolist() == [False, True, True, True]


def test_rows_of_no_weight_determine_nothing():
    X, y = noise()
    weight = np.r_[0.0, np.ones(79)]
    X = X.assign(ghost=np.r_[1.0, np.zeros(79)])
    found = fit(X, y, sample_weight=weight).summary()
    assert np.isnan(found.loc["ghost", "standard_error"])
    without = fit(X[1:], y[1:]).summary()
    pd.testing.assert_frame_equal(found, without, rtol=1e-6)


def test_a_profile_of_a_cross_fitted_score_is_that_of_twice_the_variance():
    """So its likelihood falls by twice as much, as at the level of that quantile."""
    model = fit(model_of("two"), TRAIN["y"])
    wider = 2 * norm.cdf(np.sqrt(2) * norm.ppf(0.95)) - 1
    plain = model.summary(interval="profile", level=0.9)
    found = model.summary(interval="profile", level=0.9, cross_fitted=["rad"])
    other = model.summary(interval="profile", level=wider)
    limits = ["lower", "upper"]
    assert found.loc["rad", limits].to_list() == pytest.approx(
        other.loc["rad", limits].to_list(), rel=1e-9
    )
    z = plain.loc["rad", "z"] / np.sqrt(2)
    assert found.loc["rad", "z"] == pytest.approx(z)
    assert found.loc["rad", "p_value"] == pytest.approx(chi2.sf(z**2, 1))
    pd.testing.assert_frame_equal(found.drop("rad"), plain.drop("rad"))


def test_a_profile_has_no_unit():
    X, y = noise()
    one = fit(X, y).summary(interval="profile")
    units = pd.Series({"a": 1e-9, "b": 1e6})
    two = fit(X * units, y).summary(interval="profile")
    np.testing.assert_allclose(two["z"], one["z"], rtol=1e-5)
    limits = ["lower", "upper"]
    shown = np.log(two.loc["b", limits].to_numpy(float)) * 1e6
    np.testing.assert_allclose(np.exp(shown), one.loc["b", limits], rtol=1e-5)


def test_a_likelihood_ratio_may_lie_below_one():
    x, y = np.arange(60.0) // 2, np.arange(60) % 2
    x[1] = 9
    model = fit(x[:, None], y)
    proba = model.predict_proba(x[:, None])[np.arange(60), y]
    expected = 2 * (np.log(proba).sum() - 60 * np.log(0.5))
    assert 0 < expected < 1
    test = model.likelihood_ratio_
    assert test.chi2 == pytest.approx(expected, rel=1e-6)
    assert test.p_value == pytest.approx(chi2.sf(expected, 1), rel=1e-6)


def test_what_was_not_fitted_says_so():
    with pytest.raises(NotFittedError):
        NomogramClassifier(penalty="none").summary()


def test_the_column_that_separates_is_named_wherever_it_stands():
    columns = ["NV", "PI", "EH"]
    first = fit(ENDOMETRIAL[columns], ENDOMETRIAL["HG"]).summary()
    last = fit(ENDOMETRIAL[columns[::-1]], ENDOMETRIAL["HG"]).summary()
    assert np.isinf(last["odds_ratio"]).tolist() == [False, False, False, True]
    pd.testing.assert_frame_equal(last.loc[first.index], first, rtol=1e-4)


def test_firth_has_limits_where_scores_are_large():
    x, y, weight = np.array([[-1.0], [1.0]]), [0, 1], np.full(2, 1e4)
    row = fit(pd.DataFrame(x, columns=["x"]), y, "firth", sample_weight=weight)
    row = row.summary().loc["x"]
    # Firth adds half a sample to each cell of a saturated table.
    assert row["coefficient"] == pytest.approx(np.log((1e4 + 0.5) / 0.5), rel=1e-6)
    assert np.isfinite(row).all()


def test_the_lasso_has_no_standard_errors():
    X, y = model_of("two"), TRAIN["y"]
    lasso = NomogramClassifier(lambda_rule=0.05).fit(X, y)
    assert not hasattr(lasso, "covariance_")
    with pytest.raises(AttributeError, match="no summary: a LASSO has none: .*'firth'"):
        lasso.summary()
    # Nor does a fit keep what an earlier one left.
    model = NomogramClassifier(penalty="none").fit(X, y)
    model.set_params(penalty="lasso", lambda_rule=0.05).fit(X, y)
    assert not hasattr(model, "standard_errors_")
    assert not hasattr(clone(model), "covariance_")


def test_a_model_of_a_file_has_no_table(tmp_path):
    from sklearn_orn.deploy import load_model, save_model

    X, y = model_of("two"), TRAIN["y"]
    model = fit(X, y)
    pipeline = make_pipeline(
        SimpleImputer().set_output(transform="pandas").fit(X), model
    )
    save_model(tmp_path / "model.json", pipeline)
    read = load_model(tmp_path / "model.json")[-1]
    np.testing.assert_array_equal(read.coef_, model.coef_)
    with pytest.raises(AttributeError, match="no summary: this one was read from a f"):
        read.summary()
    assert not hasattr(read, "standard_errors_")


def test_errors_say_what_to_do():
    X, y = model_of("two"), TRAIN["y"]
    model = fit(X, y)
    with pytest.raises(ValueError, match="pass them as groups to fit"):
        model.summary(by_patient=True)
    with pytest.raises(ValueError, match="interval must be 'wald' or 'profile', got"):
        model.summary(interval="bootstrap")
    with pytest.raises(ValueError, match="level must lie between 0 and 1, got 95"):
        model.summary(level=95)
    patients = fit(X, y, groups=np.arange(len(y)) // 2)
    with pytest.raises(ValueError, match="takes samples as independent"):
        patients.summary(interval="profile", by_patient=True)
    one = patients.summary(interval="profile")
    pd.testing.assert_frame_equal(one, model.summary(interval="profile"))


def test_a_pickle_holds_numbers_for_patients():
    X, y = VALID[["rad"]], VALID["y"]
    model = fit(X, y, groups=VALID["patient"].map("Jane Doe {}".format))
    text = pickle.dumps(model)
    assert b"Jane" not in text
    pd.testing.assert_frame_equal(pickle.loads(text).summary(), model.summary())
