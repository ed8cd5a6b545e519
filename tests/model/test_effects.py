"""What a predictor adds to a linear predictor: sums, scales and gaps, by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklearn_orn import NomogramClassifier
from sklearn_orn.model import Nomogram
from sklearn_orn.model.nomogram._effects import (
    Bend,
    Curve,
    Levels,
    Line,
    bent,
    filled,
    total,
    values_at,
)
from sklearn_orn.selection import ComBat

NAN = np.nan
X = np.array([-1.0, 0.0, 2.5, 4.0])
LINE = Line(2.0, 3.0, 1.0, missing=5.0)
LEVELS = Levels({"a": 1.0, "b": -2.0}, missing=0.5)
# Knots 0, 1, 3: the term is x³ / 9 up to the second knot, and then straight.
CURVE = Curve((Bend(Line(0.5, 1.0)), Bend(Line(), -3.0, (0.0, 1.0, 3.0))), 0.25, 4.0)


def by_hand(effect, x):
    if effect is LINE:
        return 2 * (x - 3) + 1
    cubes = [np.maximum(x - knot, 0) ** 3 for knot in (0, 1, 3)]
    term = (cubes[0] - cubes[1] * 3 / 2 + cubes[2] / 2) / 9
    return 0.5 * (x - 1) - 3 * term + 0.25


@pytest.mark.parametrize("effect", [LINE, CURVE])
def test_an_effect_and_its_scale(effect):
    np.testing.assert_allclose(effect.at(X), by_hand(effect, X))
    scaled = effect.scaled(4.0, 0.5)
    np.testing.assert_allclose(scaled.at(X), 4 * (by_hand(effect, X) - 0.5))
    assert scaled.missing == 4 * (effect.missing - 0.5)


def test_levels_and_their_scale():
    found = LEVELS.scaled(4.0, 0.5)
    assert found.effects == {"a": 2.0, "b": -10.0} and found.missing == 0


def test_the_identity_is_a_line_of_slope_1():
    assert Line().is_identity
    for line in (Line(2.0), Line(1.0, 1.0), Line(1.0, 0.0, 1.0)):
        assert not line.is_identity


def test_the_extremes_of_a_curve_lie_inside_it_too():
    hill = Curve((Bend(Line(1.0)), Bend(Line(), -4.5, (0.0, 1.0, 3.0))))
    # x - x³ / 2 up to the knot at 1, with its top where 1 is 3 x² / 2.
    low, high = hill.extremes(-0.5, 1.0)
    assert low == -0.5
    assert high == pytest.approx(2 / 3 * np.sqrt(2 / 3), abs=1e-5)


@pytest.mark.parametrize(
    ("effect", "value", "missing"),
    [
        (Line(2.0), 7.0, 7.0),
        (Line(2.0), "text", "text"),
        (LINE, 7.0, 5.0),
        (Levels({"a": 1.0}), "7", 7.0),
        (LEVELS, 7.0, 0.5),
        (Curve(()), 7, 7.0),
    ],
)
def test_a_gap_is_filled_once(effect, value, missing):
    assert filled(effect, value).missing == missing


def test_a_bend_of_a_line_bends_its_gaps_too():
    found = bent(Line(2.0, missing=1.0), (0.0, 1.0, 3.0), 0)
    np.testing.assert_allclose(found.at(np.array([0.5])), 1 / 9)
    assert found.missing == pytest.approx(1 / 9)
    assert np.isnan(bent(Line(2.0), (0.0, 1.0, 3.0), 0).missing)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (LINE, Line(-0.5, 1.0, 0.25, missing=2.0)),
        (LINE, CURVE),
        (CURVE, LINE),
        (CURVE, CURVE),
    ],
)
def test_a_sum_of_effects_of_numbers(first, second):
    found = total(first, second, "x")
    np.testing.assert_allclose(found.at(X), first.at(X) + second.at(X))
    assert found.missing == first.missing + second.missing
    assert isinstance(found, Line) == (first is LINE and isinstance(second, Line))


def test_a_sum_of_levels_has_those_of_both():
    other = Levels({"c": 9.0, "b": 0.5}, missing=1.0)
    found = total(LEVELS, other, "x")
    assert (found.effects, found.missing) == ({"b": -1.5}, 1.5)
    grades = Levels({1: 0.5, 3: -1.0}, missing=2.0)
    for pair in ((grades, LINE), (LINE, grades)):
        found = total(*pair, "x")
        assert found.effects == {1: 0.5 - 3, 3: -1.0 + 1} and found.missing == 7


@pytest.mark.parametrize(
    ("is_level", "other", "expected"),
    [(True, 1.0, True), (True, NAN, False), (False, 1.0, False), (False, NAN, False)],
)
def test_missing_values_stay_a_level_where_both_know_them(is_level, other, expected):
    first = Levels({"a": 1.0}, 0.5, missing_is_level=is_level)
    found = total(first, Levels({"a": 1.0}, other), "x")
    assert found.missing_is_level is expected


def test_effects_of_values_and_gaps():
    assert values_at(LEVELS, ["b", None, "a"], "x").tolist() == [-2, 0.5, 1]
    assert values_at(LINE, [3, NAN, "4"], "x").tolist() == [1, 5, 3]
    assert values_at(Line(), [3, 4], "x").tolist() == [3, 4]
    assert values_at(LINE, [None], "x").tolist() == [5]
    with pytest.raises(ValueError, match="'x' is missing in 2 of 4 rows, the first"):
        values_at(Line(), [3, None, 4, NAN], "x")
    with pytest.raises(ValueError, match="'x' has no level 'c'. Its levels are 'a'"):
        values_at(LEVELS, ["a", "c"], "x")
    with pytest.raises(ValueError, match="'x' must hold numbers"):
        values_at(Line(), [3, "four"], "x")
    with pytest.raises(ValueError, match="'x' has infinite values"):
        values_at(Line(), [3, np.inf], "x")


# Fitted models --------------------------------------------------------------------


def of_coefficients(*coef):
    """A logistic model of these coefficients, as if it were fitted."""
    model = LogisticRegression()
    model.coef_, model.intercept_ = np.array([coef]), np.array([-0.5])
    model.classes_ = np.array([0, 1])
    model.feature_names_in_ = np.array(list("abc")[: len(coef)], dtype=object)
    model.n_features_in_ = len(coef)
    return model


def test_a_coefficient_of_1_is_an_axis_and_one_of_0_is_none():
    table = pd.DataFrame({"a": [0.0, 2, 1], "b": [0.0, 5, 3], "c": [1.0, 0, 2]})
    model = of_coefficients(1.0, 0.0, -2.0)
    nomogram = Nomogram.from_estimator(model, table)
    assert [axis.name for axis in nomogram.predictors] == ["a", "c"]
    risk = nomogram.probability(nomogram.points(table)["total"])
    np.testing.assert_allclose(risk, model.predict_proba(table)[:, 1])


def test_what_was_not_fitted_has_no_nomogram():
    with pytest.raises(NotFittedError):
        Nomogram.from_estimator(LogisticRegression())


def test_harmonised_columns_are_predictors():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(40, 2)), columns=["a", "b"])
    X["centre"] = np.repeat(["A", "B"], 20)
    y = (X["a"] + rng.normal(size=40) > 0).astype(int)
    combat = ComBat("centre").set_output(transform="pandas")
    model = make_pipeline(combat, NomogramClassifier(penalty="firth")).fit(X, y)
    nomogram = Nomogram.from_estimator(model, X)
    assert [axis.name for axis in nomogram.predictors] == [*("combat__a", "combat__b")]
    risk = nomogram.probability(nomogram.points(X)["total"])
    np.testing.assert_allclose(risk, model.predict_proba(X)[:, 1])


# Named coefficients ---------------------------------------------------------------

COEFFICIENTS = {"grade": 0.5, "stage_II": -1.0, "age": 0.25, "none": 0.0, "site=b": 1.0}
TABLE = pd.DataFrame(
    {
        "grade": [1, 2, 3],
        "stage": ["I", "II", "I"],
        "age": [1.0, 3, 9],
        "site": list("aba"),
    }
)
CATEGORIES = {"grade": [1, 2, 3], "stage": ["I", "II"], "site": ["a", "b"]}


def test_each_coefficient_finds_its_predictor_in_their_order():
    nomogram = Nomogram.from_coefficients(
        COEFFICIENTS, -1.0, TABLE, categories=CATEGORIES
    )
    axes = nomogram.predictors
    found = {axis.name: (axis.kind, axis.ticks.tolist()) for axis in axes}
    assert list(found) == ["grade", "stage", "age", "site"]
    assert found["grade"] == ("discrete", [1, 2, 3])
    assert found["stage"] == ("categorical", ["I", "II"])
    score = [0.5 + 0.25 - 1, 1 - 1 + 0.75 + 1 - 1, 1.5 + 2.25 - 1]
    risk = nomogram.probability(nomogram.points(TABLE)["total"])
    np.testing.assert_allclose(risk, 1 / (1 + np.exp(-np.array(score))))


@pytest.mark.parametrize(
    ("coefficients", "intercept", "error", "message"),
    [
        ([1.0], 0.0, TypeError, "must be a mapping name -> coefficient, got list"),
        ({"age": np.inf, "x": NAN}, 0.0, ValueError, "Not finite: age, x"),
        ({"age": 1.0}, NAN, ValueError, "Not finite: intercept"),
        ({"age": 1.0}, 0.0, ValueError, "No coefficient belongs to .* 'stage=II'"),
    ],
)
def test_coefficients_that_cannot_be_are_refused(
    coefficients, intercept, error, message
):
    with pytest.raises(error, match=message):
        Nomogram.from_coefficients(
            coefficients, intercept, TABLE, categories={"stage": ["I", "II"]}
        )


def test_a_range_is_needed_where_there_is_no_table():
    with pytest.raises(ValueError, match="No range is given for predictor 'age': pass"):
        Nomogram.from_coefficients({"age": 1.0}, 0.0, {"dose": (0, 1)})
    found = Nomogram.from_coefficients({"age": 1.0}, 0.0, {"age": (0, 10)})
    assert found.predictors[0].ticks[[0, -1]].tolist() == [0, 10]
