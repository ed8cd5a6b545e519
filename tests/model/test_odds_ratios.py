import numpy as np
import pandas as pd
import pytest

from sklearn_orn import NomogramClassifier
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.model import odds_ratios

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
