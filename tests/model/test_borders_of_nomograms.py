"""Nomograms at their borders: ten values, limits, ticks, worked out by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from sklearn_orn.model import Nomogram
from sklearn_orn.model.nomogram._axes import _probability_ticks, is_constant, make_term
from sklearn_orn.model.nomogram._effects import Levels, Line


def axis_of(values, slope=1.0):
    values = np.asarray(values, float)
    nomogram = Nomogram.from_coefficients(
        {"x": slope}, 0.0, pd.DataFrame({"x": values})
    )
    return nomogram.predictors[0]


def test_ten_values_are_ticks_and_eleven_are_not():
    ten = np.array([0.1, 0.2, 0.35, 0.4, 0.55, 0.6, 0.7, 0.85, 0.9, 1.17])
    axis = axis_of([*ten, *ten[::-1]])
    assert axis.kind == "discrete" and axis.ticks.tolist() == ten.tolist()
    axis = axis_of([*ten, 0.5])
    assert axis.kind == "continuous"
    np.testing.assert_allclose(axis.ticks, np.arange(0.1, 1.25, 0.1))


def test_two_values_are_two_ticks():
    axis = axis_of([3, 1, 3, 1], slope=-2.0)
    assert axis.ticks.tolist() == [1, 3] and axis.points.tolist() == [100, 0]


def test_ticks_can_be_asked_for_and_missing_values_do_not_count():
    line = Line(-2.0)
    values = [3.0, np.nan, 1.0, None, 3.0]
    term = make_term("x", line, values)
    assert (term.kind, term.ticks.tolist(), term.limits) == (
        "discrete",
        [1, 3],
        (-6, -2),
    )
    assert term.lowest == -6 and term.effect_of([2.0, 5.0]).tolist() == [-4, -10]
    term = make_term("x", line, values, few=False)
    assert term.kind == "continuous" and term.limits == (-6, -2)
    np.testing.assert_allclose(term.ticks, np.arange(1, 3.1, 0.2))
    many = np.arange(20.0)
    assert make_term("x", line, many, few=True).ticks.tolist() == many.tolist()
    with pytest.raises(ValueError, match="'x' has no values to take its limits"):
        make_term("x", line, [np.nan])


def test_levels_are_ticks_and_the_missing_one_is_last():
    levels = Levels({"b": 0.5, "a": -1.0}, missing=2.0)
    term = make_term("x", levels, ())
    assert term.kind == "categorical" and term.ticks.tolist() == ["b", "a"]
    assert (term.effects.tolist(), term.limits) == ([0.5, -1], (-1, 0.5))
    term = make_term("x", replace(levels, missing_is_level=True), ())
    assert term.ticks[:2].tolist() == ["b", "a"] and np.isnan(term.ticks[2])
    assert (term.effects.tolist(), term.limits) == ([0.5, -1, 2], (-1, 2))


@pytest.mark.parametrize(
    ("effect", "constant"),
    [
        (Line(0.0), True),
        (Line(0.0, missing=0.0), True),
        (Line(0.0, missing=0.1), False),
        (Line(1e-300), False),
        (Line(0.0, offset=1.0), False),
        (Levels({"a": 0.0, "b": 0.0}), True),
        (Levels({"a": 0.0, "b": -1.0}), False),
        (Levels({"a": 1.0, "b": 1.0}), False),
        (Levels({"a": 0.0}, missing=-1.0), False),
    ],
)
def test_an_effect_of_nothing_has_no_axis(effect, constant):
    assert is_constant(effect) is constant


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.1, 0.3, [0.1, 0.2, 0.3]),
        (0.05, 0.95, [0.05, *np.arange(1, 10) / 10, 0.95]),
        # Two customary ones are too few.
        (0.1, 0.2, [0.1, 0.12, 0.14, 0.16, 0.18, 0.2]),
        (0.09, 0.21, [0.1, 0.12, 0.14, 0.16, 0.18, 0.2]),
        # No tick at 0 or 1, where a log-odds is infinite.
        (0.0, 0.1, [0.02, 0.04, 0.06, 0.08, 0.1]),
        (0.91, 1.0, [0.92, 0.94, 0.96, 0.98]),
        (1e-13, 1e-11, [2e-12, 4e-12, 6e-12, 8e-12, 1e-11]),
    ],
)
def test_probabilities_of_ticks(low, high, ticks):
    np.testing.assert_allclose(_probability_ticks(low, high), ticks, rtol=1e-9)


def test_no_probability_is_nearer_to_one_than_its_log_odds_can_tell():
    found = 1 - _probability_ticks(1 - 3e-12, 1.0)
    assert len(found) > 1 and found.min() == pytest.approx(1e-12, rel=1e-3, abs=0)
    assert found.max() <= 3.001e-12


def test_scales_end_at_round_numbers_by_hand():
    # Effects 0 to 4 and 0 to 1: 25 points for each unit; an intercept of -2.
    nomogram = Nomogram.from_coefficients(
        {"a": 2.0, "b": -1.0},
        -1.0,
        {"a": (0, 2), "b": (0, 1)},
        labels={"b": "B", "total": "Sum", "probability": "Risk"},
    )
    assert (nomogram.points_per_unit, nomogram.intercept) == (25, -2)
    a, b = nomogram.predictors
    assert (a.label, b.label) == ("a", "B")
    np.testing.assert_allclose(a.points, 50 * a.ticks)
    np.testing.assert_allclose(b.points, 25 * (1 - b.ticks))
    # The linear predictor runs from -2 to 3, in about ten steps; 125 points in all.
    lp, total = nomogram.linear_predictor, nomogram.total_points
    np.testing.assert_allclose(lp.ticks, np.arange(-2, 3.1, 0.5))
    np.testing.assert_allclose(lp.points, 25 * (lp.ticks + 2))
    assert total.ticks.tolist() == total.points.tolist() == [*range(0, 141, 10)][:14]
    assert (total.label, lp.label) == ("Sum", "Linear predictor")
    risk = nomogram.probability_axis
    assert risk.label == "Risk" and risk.ticks.tolist()[::8] == [0.2, 0.95]
    np.testing.assert_allclose(expit(risk.points / 25 - 2), risk.ticks)
    patient = {"a": 1.5, "b": 0.2}
    points = nomogram.points(patient)
    assert points.to_numpy()[0] == pytest.approx([75, 20, 95])
    assert nomogram.probability(95) == pytest.approx(expit(-1 + 3 - 0.2))


def test_limits_of_a_table_are_of_its_rows_and_those_of_ranges_of_their_ends():
    table = pd.DataFrame({"a": [0.0, 1, 2], "b": [1.0, 0.5, 0]})
    coefficients = {"a": 2.0, "b": 2.0}
    # Of the rows 2, 3, 4; of the ranges 0 to 6.
    of_rows = Nomogram.from_coefficients(coefficients, 0.0, table)
    of_ends = Nomogram.from_coefficients(coefficients, 0.0, {"a": (0, 2), "b": (0, 1)})
    assert of_rows.linear_predictor.ticks[[0, -1]].tolist() == [2, 4]
    assert of_ends.linear_predictor.ticks[[0, -1]].tolist() == [0, 6]
