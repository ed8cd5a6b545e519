import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from sklearn_orn.model.nomogram._points import Nomogram
from sklearn_orn.model.nomogram._pretty import pretty
from tests._data import R_REFERENCE, of_r

MODELS = {"f2": "two", "f3": "three_factor", "f3l": "three_linear"}
STAGES = {1: "1-2", 2: "1-2", 3: "3", 4: "4-5", 5: "4-5"}


@pytest.fixture(scope="module")
def training():
    table = pd.read_csv(R_REFERENCE / "a_train95.csv")
    table["rad"] = pd.read_csv(R_REFERENCE / "scores_train.csv")["rad"]
    table["stagef"] = table["stage"].map(STAGES)
    return table


def nomogram_of(name, training):
    coefficients = dict(of_r("rms_lrm_valprob")[MODELS[name]]["coef"])
    intercept = coefficients.pop("Intercept")
    categories = {"stagef": ["1-2", "3", "4-5"]} if name == "f3" else None
    return Nomogram.from_coefficients(
        coefficients, intercept, training, categories=categories
    )


@pytest.mark.parametrize("name", MODELS)
def test_axes_equal_rms(name, training):
    nomogram = nomogram_of(name, training)
    reference = of_r("rms_nomogram")[name]
    discrete = [axis.kind != "continuous" for axis in nomogram.predictors]
    assert discrete == [d == "TRUE" for d in reference["attr"]["discrete"]]
    for axis in nomogram.predictors:
        expected = reference[axis.name]
        if axis.kind == "categorical":
            assert axis.ticks.tolist() == expected[axis.name]
        else:
            np.testing.assert_allclose(axis.ticks, expected[axis.name], atol=1e-12)
        np.testing.assert_allclose(axis.points, expected["points"], atol=1e-9)
    np.testing.assert_array_equal(
        nomogram.total_points.ticks, reference["total.points"]["x"]
    )
    lp = nomogram.linear_predictor
    np.testing.assert_array_equal(lp.ticks, reference["lp"]["x.real"])
    np.testing.assert_allclose(lp.points, reference["lp"]["x"], atol=1e-9)
    attr = reference["attr"]
    assert nomogram.intercept == pytest.approx(attr["Intercept"][0], abs=1e-12)
    assert nomogram.points_per_unit == pytest.approx(attr["sc"][0], abs=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_probability_axis_equals_rms_but_for_its_interpolation(name, training):
    nomogram = nomogram_of(name, training)
    reference = of_r("rms_nomogram")[name]["risk"]
    axis = nomogram.probability_axis
    np.testing.assert_array_equal(axis.ticks, reference["x.real"])
    np.testing.assert_allclose(axis.points, reference["x"], atol=5e-4)
    np.testing.assert_allclose(nomogram.probability(axis.points), axis.ticks, 1e-12)
    # rms inverts the logistic function between 1000 values of its lp axis.
    grid = np.linspace(*nomogram.linear_predictor.ticks[[0, -1]], 1000)
    lp = np.interp(axis.ticks, expit(grid), grid)
    theirs = (lp - nomogram.intercept) * nomogram.points_per_unit
    np.testing.assert_allclose(theirs, reference["x"], atol=1e-9)


@pytest.mark.parametrize("name", MODELS)
def test_points_give_rms_linear_predictors(name, training):
    nomogram = nomogram_of(name, training)
    expected = of_r("rms_lrm_valprob")[MODELS[name]]["linear_predictors"]
    risk = nomogram.probability(nomogram.points(training)["total"])
    # The stored scores have 12 digits, the fit's had 10.
    np.testing.assert_allclose(risk, expit(expected), atol=1e-8)


@pytest.fixture
def fitted():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        rng.normal(size=(60, 4)) * [1e-4, 1, 100, 1e5], columns=["a", "b", "c", "d"]
    )
    y = np.where(X["a"] * 1e4 - X["c"] / 100 + rng.normal(size=60) > 0, "yes", "no")
    scaled = LogisticRegression().fit(X / X.std(), y)
    model = LogisticRegression().fit(X, y)
    model.coef_ = scaled.coef_ / X.std().to_numpy()
    model.coef_[0, 1] = 0.0
    model.intercept_ = scaled.intercept_
    return model, X


def test_probabilities_are_the_classifiers_own(fitted):
    model, X = fitted
    nomogram = Nomogram.from_estimator(model, X)
    outside = X * 5
    for table in (X, outside, outside.to_numpy()):
        points = nomogram.points(table)
        lp = np.asarray(table) @ model.coef_[0] + model.intercept_[0]
        np.testing.assert_allclose(
            nomogram.probability(points["total"]), expit(lp), atol=1e-12
        )
    np.testing.assert_allclose(
        nomogram.probability(nomogram.points(X)["total"]),
        model.predict_proba(X)[:, 1],
        atol=1e-12,
    )
    assert nomogram.points(outside)["total"].max() > 100


def test_only_nonzero_coefficients_have_an_axis(fitted):
    model, X = fitted
    nomogram = Nomogram.from_estimator(model, X, labels={"a": "Feature a"})
    assert [axis.name for axis in nomogram.predictors] == ["a", "c", "d"]
    assert nomogram.predictors[0].label == "Feature a"
    assert nomogram.points(X).columns.tolist() == ["a", "c", "d", "total"]
    assert nomogram.points(X).index.equals(X.index)


def test_negative_coefficients_run_the_other_way(fitted):
    model, X = fitted
    axes = {axis.name: axis for axis in Nomogram.from_estimator(model, X).predictors}
    assert np.all(np.diff(axes["a"].points) > 0)
    assert np.all(np.diff(axes["c"].points) < 0)
    ends = [axes[name].points[[0, -1]] for name in axes]
    assert np.min(ends) == 0 and np.max(ends) == 100


def test_estimator_without_table_or_ranges(fitted):
    model, X = fitted
    with pytest.raises(ValueError, match="pass the training table as X"):
        Nomogram.from_estimator(model)
    model.feature_ranges_ = np.array([X.min(), X.max()])
    axes = Nomogram.from_estimator(model).predictors
    for mine, theirs in zip(
        axes, Nomogram.from_estimator(model, X).predictors, strict=True
    ):
        np.testing.assert_array_equal(mine.ticks, theirs.ticks)


def test_unnamed_training_array(fitted):
    model, X = fitted
    unnamed = LogisticRegression().fit(X.to_numpy(), X["a"] > 0)
    nomogram = Nomogram.from_estimator(unnamed, X.to_numpy())
    assert nomogram.predictors[0].name == "x0"


def test_one_predictor_fills_the_points_axis():
    nomogram = Nomogram.from_coefficients({"score": 0.5}, 0.1, {"score": (-3.2, 2.7)})
    assert nomogram.predictors[0].points[[0, -1]].tolist() == [0, 100]
    assert nomogram.total_points.ticks.tolist() == list(range(0, 101, 10))


def test_rare_outcome_has_probability_ticks():
    nomogram = Nomogram.from_coefficients({"score": 0.2}, -5, {"score": (0, 1)})
    ticks = nomogram.probability_axis.ticks
    assert len(ticks) >= 2 and ticks.max() < 0.02


def test_categories_by_either_naming_and_as_numbers():
    levels = ["I", "II", "III"]
    ranges = {"age": (30, 70)}
    by_r, by_sklearn = (
        Nomogram.from_coefficients(
            {"age": 0.02, f"stage{sign}II": 0.5, f"stage{sign}III": -0.25},
            0,
            ranges,
            categories={"stage": levels},
        )
        for sign in "=_"
    )
    pd.testing.assert_frame_equal(by_r.table(), by_sklearn.table())
    stage = by_r.predictors[1]
    assert stage.kind == "categorical" and stage.ticks.tolist() == levels
    np.testing.assert_allclose(stage.points, by_r.points_per_unit * stage_effects())
    numbers = Nomogram.from_coefficients(
        {"age": 0.02, "nodes": 0.3}, 0, ranges, categories={"nodes": [0, 1, 2]}
    )
    assert numbers.predictors[1].kind == "discrete"
    assert numbers.predictors[1].ticks.tolist() == [0, 1, 2]


def stage_effects():
    return np.array([0.0, 0.5, -0.25]) + 0.25


def test_table_has_every_tick(training):
    nomogram = nomogram_of("f3", training)
    table = nomogram.table()
    assert table.columns.tolist() == ["axis", "label", "value", "points"]
    assert table["axis"].unique().tolist() == [
        "rad",
        "stagef",
        "age",
        "total",
        "linear_predictor",
        "probability",
    ]
    assert table.loc[table["axis"] == "stagef", "value"].tolist() == ["1-2", "3", "4-5"]


def test_one_patient_as_series_or_mapping(training):
    nomogram = nomogram_of("f3", training)
    expected = nomogram.points(training).iloc[[3]].to_numpy()
    row = training.iloc[3]
    np.testing.assert_allclose(nomogram.points(row).to_numpy(), expected)
    np.testing.assert_allclose(nomogram.points(row.to_dict()).to_numpy(), expected)


def test_pickle(training):
    nomogram = nomogram_of("f3", training)
    again = pickle.loads(pickle.dumps(nomogram))
    pd.testing.assert_frame_equal(again.table(), nomogram.table())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rad": None}, "'rad' is missing in 1 of 1 rows"),
        ({"rad": "high"}, "'rad' must hold numbers"),
        ({"stagef": "6"}, "no level '6'. Its levels are '1-2', '3', '4-5'"),
    ],
)
def test_bad_patients(training, change, message):
    nomogram = nomogram_of("f3", training)
    with pytest.raises(ValueError, match=message):
        nomogram.points({**training.iloc[0].to_dict(), **change})


def test_bad_models(training):
    make = Nomogram.from_coefficients
    with pytest.raises(ValueError, match="gives everyone the same probability"):
        make({"age": 0.0}, 1, training)
    with pytest.raises(ValueError, match="X has no column 'size'"):
        make({"size": 1.0}, 1, training)
    with pytest.raises(ValueError, match="No range is given for predictor 'age'"):
        make({"age": 1.0}, 1, {"size": (0, 1)})
    with pytest.raises(ValueError, match="No coefficient belongs to the categorical"):
        make({"age": 1.0}, 1, training, categories={"sex": ["F", "M"]})
    with pytest.raises(ValueError, match="Not finite: age"):
        make({"age": np.nan}, 1, training)
    with pytest.raises(ValueError, match="cannot be called 'total'"):
        make({"total": 1.0}, 1, training)
    with pytest.raises(TypeError, match="coefficients must be a mapping"):
        make([1.0], 1, training)
    with pytest.raises(TypeError, match="X_or_ranges must be a DataFrame"):
        make({"age": 1.0}, 1, training.to_numpy())
    with pytest.raises(ValueError, match=r"expected \(n_samples, 1\)"):
        make({"age": 1.0}, 1, training).points(np.zeros((2, 3)))


def test_refuses_what_is_not_binary_and_linear():
    X = np.arange(12.0).reshape(6, 2)
    three = LogisticRegression().fit(X, [0, 0, 1, 1, 2, 2])
    with pytest.raises(TypeError, match="binary linear classifier"):
        Nomogram.from_estimator(three, X)


@pytest.mark.parametrize(
    ("limits", "n", "expected"),
    [
        # From the examples of R's help page.
        ((1, 15), 5, np.arange(0, 17, 2)),
        ((1, 15), 4, [0, 5, 10, 15]),
        ((2, 30), 5, [0, 5, 10, 15, 20, 25, 30]),
        ((1, 20), 5, [0, 5, 10, 15, 20]),
        ((1, 20), 2, [0, 10, 20]),
        ((1, 20), 10, np.arange(0, 21, 2)),
        ((0, 0), 5, [-1, 0]),
        ((2, 2), 5, [0, 2]),
        ((37, 80), 10, np.arange(35, 81, 5)),
        ((-3.11382229, 4.16001244), 10, np.arange(-4, 6)),
        ((0.1, 0.3), 5, [0.1, 0.15, 0.2, 0.25, 0.3]),
    ],
)
def test_pretty_equals_r(limits, n, expected):
    np.testing.assert_array_equal(pretty(*limits, n), expected)


def test_pretty_covers_with_round_steps():
    rng = np.random.default_rng(1)  # steps stay far above the rounding of `low`
    for _ in range(300):
        low = rng.normal() * 10.0 ** rng.integers(-3, 4)
        high = low + rng.exponential() * 10.0 ** rng.integers(-3, 4)
        n = int(rng.integers(2, 15))
        ticks = pretty(low, high, n)
        step = np.median(np.diff(ticks))
        assert ticks[0] <= low + 1e-9 * step and ticks[-1] >= high - 1e-9 * step
        mantissa = step / 10 ** np.floor(np.log10(step) + 1e-9)
        assert np.isclose(mantissa, [1, 2, 5, 10], rtol=1e-6).any()
        assert n // 3 <= len(ticks) - 1 <= 2 * n + 2


def test_pretty_needs_ordered_finite_limits():
    with pytest.raises(ValueError, match="ascending order"):
        pretty(1, 0)
    with pytest.raises(ValueError, match="Finite"):
        pretty(0, np.inf)
