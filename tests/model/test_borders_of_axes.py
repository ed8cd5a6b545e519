"""A nomogram's axes: texts, missing values beyond them, and scales, by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.model import Nomogram
from sklearn_orn.model.nomogram._axes import (
    NomogramAxis,
    _probability_ticks,
    is_constant,
    make_term,
    predictor_axes,
    scale_axes,
)
from sklearn_orn.model.nomogram._effects import Bend, Curve, Levels, Line
from sklearn_orn.model.nomogram._source import Source

GRADES = Levels({"low": 0.0, "high": 1.0}, missing=3.0, missing_is_level=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.5, "2.5"),
        (1e-7, "1e-07"),
        (3, "3"),
        ("b", "b"),
        (1.0, "one"),
        ("a", "A"),
        (np.nan, "missing"),
    ],
)
def test_the_text_of_a_tick(value, text):
    axis = NomogramAxis(
        "x", "x", "discrete", *[np.empty(0)] * 2, {1.0: "one", "a": "A"}
    )
    assert axis.tick_text(value) == text


def test_the_level_of_missing_values_may_have_a_text():
    axis = NomogramAxis("x", "x", "discrete", *[np.empty(0)] * 2, {np.nan: "unknown"})
    assert axis.tick_text(np.nan) == "unknown"


def test_labels_are_of_levels_and_of_few_values():
    few, many = (make_term("x", Line(2.0), [1.0, 2.0], few=f) for f in (True, False))
    levels = make_term("x", GRADES, ())
    labels = {"x=1": "one", "x=low": "Low", "x": "An x", "y=2": "two"}
    found = predictor_axes([few, many, levels], 50.0, labels)
    assert [axis.texts for axis in found] == [{1.0: "one"}, {}, {"low": "Low"}]
    assert [axis.label for axis in found] == ["An x"] * 3
    assert found[0].points.tolist() == [0, 100]


@pytest.mark.parametrize(
    ("missing", "widest", "limits"),
    [
        (3.0, 3.0, (0, 3)),  # as long as the longest axis: it stands on it
        (3.0, 2.9, (0, 1)),  # it would make an axis longer
        (-2.0, 3.0, (-2, 1)),
        (-2.0, 2.9, (0, 1)),
        (0.5, 1.0, (0, 1)),
    ],
)
def test_the_level_of_missing_values_makes_no_axis_longer(missing, widest, limits):
    levels = Levels(GRADES.effects, missing=missing, missing_is_level=True)
    term = make_term("x", levels, ()).placed(widest)
    assert term.limits == limits and term.lowest == limits[0]
    assert term.effects.tolist() == [0, 1, missing]


def test_a_number_is_at_zero_points_at_its_lowest_tick():
    term = make_term("x", Line(1.0), [0.05, 0.97], few=False)
    assert (term.lowest, term.limits) == (0, (0.05, 0.97))
    assert term.placed(9.0).limits == (0.05, 0.97) and term.placed(9.0).lowest == 0
    assert make_term("x", Levels({"a": 2.0, "b": -1.0}), ()).lowest == -1


@pytest.mark.parametrize(
    ("missing", "off"),
    [
        *[(0.0, False), (10.0, False), (5.0, False), (-1.0, True), (11.0, True)],
        # A billionth of the longest axis is rounding.
        *[(-1e-9 * 10, False), (10 + 1e-9 * 10, False)],
        *[(-5e-9, False), (10 + 5e-9, False), (-2e-8, True), (10 + 2e-8, True)],
    ],
)
def test_a_missing_value_is_off_the_axis_beyond_its_ends(missing, off):
    term = make_term("x", Line(1.0, missing=missing), [0.0, 10])
    found = term.off_axis(pd.Series([1.0, np.nan, 99]), 10.0)
    assert found.tolist() == [False, off, False]
    # The axis may begin elsewhere.
    term = make_term("x", Line(1.0, missing=missing + 4), [4.0, 14])
    found = term.off_axis(pd.Series([1.0, np.nan, 99]), 10.0)
    assert missing != round(missing) or found.tolist() == [False, off, False]


@pytest.mark.parametrize(
    ("curve", "constant"),
    [
        (Curve(()), True),
        (Curve((), offset=1.0), False),
        (Curve((Bend(Line(1.0)),)), False),
        (Curve((Bend(Line(1.0)),), offset=1.0), False),
    ],
)
def test_a_curve_without_bends_has_no_axis(curve, constant):
    assert is_constant(curve) is constant


def test_a_single_predictor_ends_at_100_total_points():
    # 97 hundredths to the linear predictor's last tick, 1: 103 points.
    for n_predictors, last in ((1, 100), (2, 110)):
        total, lp, _ = scale_axes((0.05, 0.97), 0.0, 100 / 0.97, n_predictors, {})
        assert total.ticks[[0, -1]].tolist() == [0, last] and lp.ticks[-1] == 1


def test_probabilities_are_those_from_the_first_to_the_last_linear_predictor():
    *_, risk = scale_axes((-1.0, 1.0), -1.0, 50.0, 2, {})
    # expit(-1) is 0.27 and expit(1) 0.73; that of the second tick, -0.8, is 0.31.
    np.testing.assert_allclose(risk.ticks, [0.3, 0.4, 0.5, 0.6, 0.7])


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        # Steps of 0.02 for a fifth of 0.07; for a sixth it would be 0.01.
        (0.42, 0.49, [0.42, 0.44, 0.46, 0.48]),
        (1e-13, 1.9e-12, [1e-12, 1.5e-12]),
    ],
)
def test_probabilities_where_few_customary_ones_fit(low, high, ticks):
    np.testing.assert_allclose(_probability_ticks(low, high), ticks, rtol=1e-9)


# Points ---------------------------------------------------------------------------


def graded(missing, high=1.0):
    """A predictor of two levels, and one of the missing values."""
    return Levels({"low": 0.0, "high": high}, missing=missing, missing_is_level=True)


def built(intercept, **effects):
    terms = [make_term(name, effect, ()) for name, effect in effects.items()]
    source = Source(tuple(effects), tuple(effects))
    limits = dict.fromkeys(effects, (0, 1))
    return Nomogram._build(terms, intercept, limits, source, {})


def test_missing_values_beyond_all_axes_have_more_than_100_points():
    nomogram = built(-1.0, a=graded(3.0), b=graded(-2.0, high=0.5))
    assert nomogram.points_per_unit == 100 and nomogram.intercept == -1
    table = pd.DataFrame({"a": ["high", None], "b": ["high", None]})
    found = nomogram.points(table)
    assert found.to_numpy().tolist() == [[100, 50, 150], [300, -200, 100]]


def test_where_missing_values_alone_make_a_difference_they_make_the_axes():
    nomogram = built(-1.0, a=graded(2.0, high=0.0), b=graded(0.5, high=0.0))
    assert nomogram.points_per_unit == 50
    table = pd.DataFrame({"a": ["high", None], "b": ["high", None]})
    found = nomogram.points(table)
    assert found.to_numpy().tolist() == [[0, 0, 0], [100, 25, 125]]
    with pytest.raises(ValueError, match="gives everyone the same probability"):
        built(-1.0, a=graded(0.0, high=0.0))


def test_rows_beyond_the_axes_do_not_lengthen_the_linear_predictor():
    terms = [
        make_term("a", graded(9.0), ()),
        make_term("b", Line(1.0), [0.0, 1.0]),
    ]
    source = Source(("a", "b"), ("a", "b"))
    table = pd.DataFrame({"a": ["low", "high", None], "b": [0.0, 1.0, 1.0]})
    nomogram = Nomogram._build(terms, 0.0, table, source, {})
    assert nomogram.linear_predictor.ticks[[0, -1]].tolist() == [0, 2]
    # Of rows that are all beyond them it is theirs.
    nomogram = Nomogram._build(terms, 0.0, table[2:], source, {})
    assert nomogram.linear_predictor.ticks.mean() == pytest.approx(10, abs=1)


def test_every_axis_stands_in_html_with_its_points():
    html = built(-1.0, a=graded(3.0))._repr_html_()
    for text in ("Linear predictor", "missing", "high", ">points<", "100.0", "300.0"):
        assert text in html


def test_the_table_of_statsmodels_gives_the_limits_unless_another_is_given():
    X = pd.DataFrame({"const": 1.0, "x": np.arange(12.0)})
    logit = type("Logit", (SimpleNamespace,), {})  # what is read of a fit
    model = logit(exog_names=list(X), exog=X.to_numpy(), data=None)
    results = SimpleNamespace(params=[-1.0, 0.5], model=model)
    own = Nomogram.from_estimator(results).predictors[0]
    other = Nomogram.from_estimator(results, 5 * X).predictors[0]
    assert own.ticks[[0, -1]].tolist() == [0, 11]
    assert other.ticks[[0, -1]].tolist() == [0, 55]
