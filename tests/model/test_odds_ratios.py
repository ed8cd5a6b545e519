import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import chi2, f, t

from sklearn_orn import NomogramClassifier
from sklearn_orn.exceptions import NotEstimable, StudyWarning
from sklearn_orn.model import RestrictedCubicSpline, odds_ratios
from tests.model._shared_covariance import larger_of_both, shared_by_hand

pytestmark = pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")


def clinical(n=160, seed=0):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "age": rng.normal(60, 9, n).round(),
            "sex": rng.choice(["female", "male"], n),
            "stage": pd.Categorical(
                rng.choice(["I", "II", "X"], n), ["X", "II", "I", "IV"]
            ),
            "smoker": rng.random(n) < 0.4,
        }
    )
    lp = 0.05 * (table["age"] - 60) + (table["stage"] == "II")
    return table, np.where(lp + rng.logistic(size=n) > 0, "ORN", "A")


def test_univariable_are_single_models_and_multivariable_one():
    X, y = clinical()
    groups = np.arange(len(y)) // 2
    alone = odds_ratios(X, y, groups=groups, kind="univariable")
    together = odds_ratios(X, y, groups=groups)
    assert alone["predictor"].tolist() == together["predictor"].tolist()
    assert set(alone["kind"]) == {"univariable"}
    by_hand = NomogramClassifier(penalty="none").fit(X[["age"]], y, groups=groups)
    row = by_hand.summary().loc["age"]
    pd.testing.assert_series_equal(
        alone.loc[0, row.index].astype(float), row, check_names=False
    )
    design = pd.DataFrame(
        {
            "age": X["age"],
            "male": X["sex"] == "male",
            "II": X["stage"] == "II",
            "I": X["stage"] == "I",
            "smoker": X["smoker"],
        }
    ).astype(float)
    whole = NomogramClassifier(penalty="none").fit(design, y, groups=groups).summary()
    shown = together.dropna(subset="lower")
    np.testing.assert_allclose(shown[whole.columns], whole.iloc[1:], rtol=1e-6)


@pytest.mark.parametrize("kind", ["univariable", "multivariable"])
def test_the_variance_of_a_cross_fitted_score_is_doubled_and_no_other(kind):
    X, y = clinical()
    plain = odds_ratios(X, y, kind=kind)
    wide = odds_ratios(X, y, kind=kind, cross_fitted=["age"])
    ratio = wide["standard_error"] / plain["standard_error"]
    expected = np.where(wide["predictor"] == "age", np.sqrt(2), 1)
    known = plain["standard_error"].notna()
    np.testing.assert_allclose(ratio[known], expected[known])
    assert list(plain)[:5] == ["predictor", "level", "kind", "n", "coefficient"]


def test_levels_have_an_order_and_a_reference():
    X, y = clinical()
    table = odds_ratios(X, y)
    # The categories' own order, without those that nobody has.
    assert table["level"].tolist() == [
        None,
        *("female", "male"),
        *("X", "II", "I"),
        *(False, True),
    ]
    reference = table[table["odds_ratio"] == 1]
    assert reference["level"].tolist() == ["female", "X", False]
    assert reference["lower"].isna().all() and reference["p_value"].isna().all()
    assert (reference["coefficient"] == 0).all()
    assert table["n"].tolist()[1:3] == X["sex"].value_counts().sort_index().tolist()
    other = odds_ratios(X, y, reference={"sex": "male", "stage": "I"})
    assert other["level"].tolist()[1:6] == ["male", "female", "I", "X", "II"]
    ratios = (
        table.set_index("level")["odds_ratio"],
        other.set_index("level")["odds_ratio"],
    )
    assert ratios[1]["female"] == pytest.approx(1 / ratios[0]["male"], rel=1e-6)
    assert ratios[1]["II"] == pytest.approx(ratios[0]["II"] / ratios[0]["I"], rel=1e-5)


def test_firth_and_profile():
    X, y = clinical(60)
    X.loc[:3, "sex"], y[:4] = "unknown", "ORN"
    table = odds_ratios(X, y, penalty="firth", interval="profile")
    row = table[table["level"] == "unknown"].iloc[0]
    assert np.isfinite(row["odds_ratio"]) and row["lower"] < row["odds_ratio"]
    plain = odds_ratios(X, y)
    assert plain.loc[plain["level"] == "unknown", "odds_ratio"].item() == np.inf


def test_weights_count_and_other_tables_are_taken():
    X, y = clinical(60)
    weight = np.arange(60) % 3
    rows = np.repeat(np.arange(60), weight)
    weighted = odds_ratios(X[["age", "sex"]], y, sample_weight=weight)
    copied = odds_ratios(X[["age", "sex"]].iloc[rows], y[rows])
    numbers = weighted.columns[4:]
    np.testing.assert_allclose(weighted[numbers], copied[numbers], rtol=1e-5)
    polars = pytest.importorskip("polars")
    other = odds_ratios(polars.DataFrame(X[["age", "sex"]].to_dict("list")), y)
    pd.testing.assert_frame_equal(other, odds_ratios(X[["age", "sex"]], y))


@pytest.mark.parametrize(
    ("change", "settings", "error", "message"),
    [
        ({"sex": None}, {}, ValueError, "Column 'sex' has 160 missing values. Impute"),
        ({"age": np.inf}, {}, NotEstimable, "Column 'age' has one value only"),
        ({"sex": "male"}, {}, NotEstimable, "Column 'sex' has one value only"),
        ({}, {"kind": "both"}, ValueError, "kind must be one of univariable, multi"),
        ({}, {"penalty": "lasso"}, ValueError, "penalty must be 'none' or 'firth'"),
        (
            {},
            {"reference": {"sex": "m"}},
            ValueError,
            "'m' is no level of column 'sex'",
        ),
        ({}, {"reference": {"dose": 1}}, ValueError, "reference names dose, which X"),
    ],
)
def test_bad_input_is_named(change, settings, error, message):
    X, y = clinical()
    with pytest.raises(error, match=message):
        odds_ratios(X.assign(**change), y, **settings)


def test_odd_tables_are_refused():
    X, y = clinical()
    with pytest.raises(TypeError, match="X must be a DataFrame"):
        odds_ratios(X.to_numpy(), y)
    with pytest.raises(ValueError, match="more than one column 'age'"):
        odds_ratios(pd.concat([X, X[["age"]]], axis=1), y)
    mixed = X.assign(sex=np.where(X["smoker"], X["sex"], X["age"].astype(object)))
    mixed["sex"] = [1 if i % 2 else "one" for i in range(len(X))]
    with pytest.raises(TypeError, match="Column 'sex' mixes values that have no order"):
        odds_ratios(mixed, y)
    infinite = X.assign(age=np.where(X["smoker"], np.inf, X["age"]))
    with pytest.raises(ValueError, match="Column 'age' has infinite values"):
        odds_ratios(infinite, y)


def curved(n=160, seed=3):
    """Two lesions of each patient; the risk is lowest in the middle of the ages."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n // 2), 2)
    age = rng.normal(60, 10, n // 2).round(1)[patient]
    site = rng.choice(["jaw", "skull"], n)
    chance = expit(((age - 60) / 8) ** 2 - 1)
    return pd.DataFrame({"age": age, "site": site}), rng.random(n) < chance, patient


@pytest.mark.parametrize("knots", [4, [45, 55, 65, 75]])
@pytest.mark.parametrize("by_patient", [True, False])
def test_a_spline_is_told_by_its_quartiles(knots, by_patient):
    X, y, patient = curved()
    groups = patient if by_patient else None
    table = odds_ratios(X, y, groups=groups, splines={"age": knots})
    row = table.iloc[0]
    given = {"n_knots": knots} if knots == 4 else {"knots": knots}
    spline = RestrictedCubicSpline(**given).fit(X[["age"]].to_numpy())
    design = np.column_stack(
        [spline.transform(X[["age"]].to_numpy()), X["site"] == "skull"]
    )
    model = NomogramClassifier(penalty="none").fit(design, y, groups=groups)
    low, high = np.quantile(X["age"], [0.25, 0.75])
    step = np.diff(spline.transform([[low], [high]]), axis=0)[0]
    covariances = [model.covariance_] * 2
    freedom = np.inf
    if by_patient:
        coefficients = np.r_[model.intercept_, model.coef_[0]]
        shared = shared_by_hand(design, y, patient, coefficients)
        covariances, freedom = [model.robust_covariance_, shared], 80 - 5
    beta, both = model.coef_[0][:3], [of[1:4, 1:4] for of in covariances]
    error = np.sqrt(max(step @ V @ step for V in both))
    limits = np.exp(step @ beta + np.array([-1, 1]) * t.ppf(0.975, freedom) * error)
    assert (row["low"], row["high"]) == (low, high)
    assert row["odds_ratio"] == pytest.approx(np.exp(step @ beta), rel=1e-6)
    assert row[["lower", "upper"]].tolist() == pytest.approx(limits.tolist(), rel=1e-5)
    for name, part in (("p_value", slice(None)), ("p_nonlinear", slice(1, None))):
        b = beta[part]
        larger = larger_of_both(*(V[part, part] for V in both))
        statistic = b @ np.linalg.solve(larger, b)
        p = chi2.sf(statistic, len(b))
        if by_patient:
            p = f.sf(statistic / len(b), len(b), freedom)
        assert row[name] == pytest.approx(p, rel=1e-4), name
    assert row["p_nonlinear"] < 0.01  # it is curved
    assert np.isnan(table.iloc[2]["p_nonlinear"])
    assert table.iloc[2]["odds_ratio"] == pytest.approx(np.exp(model.coef_[0][3]))


def test_a_spline_of_separated_classes_has_no_odds_ratio():
    X = pd.DataFrame({"age": np.arange(60.0)})
    with pytest.warns(StudyWarning, match="separated"):
        row = odds_ratios(X, np.arange(60) >= 30, splines={"age": 3}).iloc[0]
    assert row["odds_ratio"] in (0, np.inf)
    assert row[["lower", "upper"]].tolist() == [0, np.inf]
    assert np.isnan(row["p_value"]) and np.isnan(row["p_nonlinear"])


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"splines": {"size": 4}}, ValueError, "splines names size, which X does not"),
        (
            {"splines": {"site": 4}},
            ValueError,
            "splines names 'site', which holds 'jaw",
        ),
        ({"splines": {"age": 2}}, ValueError, "n_knots"),
        (
            {"splines": {"age": 4}, "interval": "profile"},
            ValueError,
            "spline has Wald's interval only",
        ),
        (
            {"splines": {"age": 4}, "cross_fitted": ["age"]},
            ValueError,
            "'age' is in cross_fitted and in splines",
        ),
    ],
)
def test_splines_that_cannot_be_are_refused(settings, error, message):
    X, y, _ = curved()
    X.loc[0, "site"] = "jaw"
    with pytest.raises(error, match=message):
        odds_ratios(X, y, **settings)


def test_a_bend_alone_may_separate_the_classes():
    X = pd.DataFrame({"age": np.arange(20.0)})
    y = (X["age"] > 10) | (X["age"] % 2 == 1)  # mixed before the first knot
    row = odds_ratios(X, y, splines={"age": [10, 15, 19]}).iloc[0]
    assert row[["lower", "upper"]].tolist() == [0, np.inf]
    assert np.isnan(row["p_value"]) and np.isnan(row["p_nonlinear"])


def test_of_a_spline_with_a_twin_the_bend_alone_is_tested():
    X, y, _ = curved()
    alone = odds_ratios(X, y, splines={"age": 4}).iloc[0]
    row = odds_ratios(X.assign(twin=2 * X["age"]), y, splines={"age": 4}).iloc[0]
    assert np.isnan(row["p_value"])
    assert row["p_nonlinear"] == pytest.approx(alone["p_nonlinear"], rel=1e-6)


def test_a_spline_of_infinite_values_is_refused():
    X, y, _ = curved()
    X.loc[0, "age"] = np.inf
    with pytest.raises(ValueError, match="Column 'age' has infinite values"):
        odds_ratios(X, y, splines={"age": 4})


def test_a_column_with_few_values_has_no_spline():
    X, y, _ = curved()
    X["age"] = np.where(X["age"] > 75, 1.0, 0.0)
    with pytest.raises(NotEstimable, match="'age' has 2 different values"):
        odds_ratios(X, y, splines={"age": 3})
    X["age"] = np.r_[0.0, 2.0, 3.0, np.ones(157)]
    with pytest.raises(NotEstimable, match="the same lower and upper quartile, 1"):
        odds_ratios(X, y, splines={"age": [0, 1, 2]})
