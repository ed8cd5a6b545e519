"""The nomogram: points, their total and the probability, for any linear model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from sklearn_orn.model import Nomogram
from sklearn_orn.model.nomogram._pretty import pretty
from sklearn_orn.testing.strategies import nomograms
from tests._examples import examples


@given(nomograms())
@examples(80)
def test_total_points_give_the_probability_of_the_model(drawn):
    """The axes are the linear predictor in other units, beyond their ends too."""
    total = drawn.nomogram.points(drawn.rows)["total"]
    np.testing.assert_allclose(
        drawn.nomogram.probability(total), expit(drawn.linear_predictor()), atol=1e-9
    )


@given(nomograms())
@examples(80)
def test_one_axis_reaches_100_points_and_none_more(drawn):
    """The widest effect is the measure of all others."""
    for axis in drawn.nomogram.predictors:
        assert axis.points.min() == pytest.approx(0)
        assert axis.points.max() <= 100 + 1e-9
    longest = max(axis.points.max() for axis in drawn.nomogram.predictors)
    assert longest == pytest.approx(100)


@given(nomograms())
@examples(80)
def test_points_add_up(drawn):
    """A model without interactions is a sum."""
    points = drawn.nomogram.points(drawn.rows)
    parts = points.drop(columns="total")
    np.testing.assert_allclose(points["total"], parts.sum(axis=1))
    assert set(parts) == {axis.name for axis in drawn.nomogram.predictors}


@given(nomograms(categorical=False), st.integers(1, 30))
@examples(60)
def test_more_of_a_risk_factor_never_means_less_risk(drawn, more):
    """A line goes one way: up where the coefficient is positive."""
    before = drawn.nomogram.points(drawn.rows)
    for name, slope in drawn.coefficients.items():
        moved = drawn.rows.assign(**{name: drawn.rows[name] + more})
        change = drawn.nomogram.points(moved)["total"] - before["total"]
        assert (np.sign(change) == np.sign(slope)).all()


@given(nomograms(categorical=False), st.data())
@examples(60)
def test_units_and_origins_of_predictors_do_not_change_points(drawn, data):
    """Years since 1900 or age in months: the same patient, the same points."""
    names = list(drawn.coefficients)
    factor = {n: 2.0 ** data.draw(st.integers(-6, 6)) for n in names}
    more = {n: float(data.draw(st.integers(-50, 50))) for n in names}
    ranges = {
        axis.name: tuple((axis.ticks[[0, -1]] + more[axis.name]) * factor[axis.name])
        for axis in drawn.nomogram.predictors
    }
    slopes = {n: drawn.coefficients[n] / factor[n] for n in names}
    shift = sum(drawn.coefficients[n] * more[n] for n in names)
    rows = (drawn.rows + more) * factor
    other = Nomogram.from_coefficients(slopes, drawn.intercept - shift, ranges)
    # Round ticks differ, so points may start elsewhere: the probability may not.
    np.testing.assert_allclose(
        other.probability(other.points(rows)["total"]),
        drawn.nomogram.probability(drawn.nomogram.points(drawn.rows)["total"]),
        atol=1e-9,
    )


@given(nomograms())
@examples(60)
def test_the_scales_below_are_one_straight_line_and_its_logistic(drawn):
    """A reader goes down from the total to the probability, at any place."""
    nomogram = drawn.nomogram
    line = nomogram.linear_predictor
    np.testing.assert_allclose(
        nomogram.intercept + line.points / nomogram.points_per_unit,
        line.ticks,
        atol=1e-9,
    )
    risks = nomogram.probability_axis
    assert ((risks.ticks > 0) & (risks.ticks < 1)).all()
    assert (np.diff(risks.ticks) > 0).all() and (np.diff(risks.points) > 0).all()
    np.testing.assert_allclose(
        nomogram.probability(risks.points), risks.ticks, rtol=1e-9
    )
    # Near 1 the logit loses digits.
    np.testing.assert_allclose(
        nomogram.intercept + risks.points / nomogram.points_per_unit,
        logit(risks.ticks),
        atol=1e-6,
    )


@given(nomograms())
@examples(60)
def test_the_table_holds_every_tick_of_every_axis(drawn):
    """For those who cannot see the drawing, and for other programs."""
    nomogram, table = drawn.nomogram, drawn.nomogram.table()
    axes = [
        *nomogram.predictors,
        nomogram.total_points,
        nomogram.linear_predictor,
        nomogram.probability_axis,
    ]
    assert len(table) == sum(len(axis.ticks) for axis in axes)
    for axis in axes:
        rows = table[table["axis"] == axis.name]
        assert rows["value"].tolist() == axis.ticks.tolist()
        assert rows["points"].tolist() == axis.points.tolist()


def test_ticks_as_close_as_doubles_allow():
    """Found by hypothesis: here steps differ by the rounding of their ends."""
    ticks = pretty(65536.0, 65536.0 + 1e-5, 15)
    assert ticks[0] == 65536.0 and ticks[-1] >= 65536.0 + 1e-5
    np.testing.assert_allclose(np.diff(ticks), 5e-7, atol=np.spacing(65536.0))


@given(
    st.floats(-1e6, 1e6),
    st.floats(0, 1e6).map(lambda width: round(width, 6)),
    st.integers(3, 20),
)
@examples(150)
def test_ticks_are_round_evenly_spaced_and_cover_the_range(low, width, n):
    """An axis whose ends lie outside its ticks cannot be read."""
    high = low + width
    ticks = pretty(low, high, n)
    steps = np.diff(ticks)
    step = steps.mean()
    assert (steps > 0).all() and len(ticks) >= 2
    rounding = 4 * np.spacing(np.abs(ticks).max())
    np.testing.assert_allclose(steps, step, rtol=1e-5, atol=rounding)
    assert ticks[0] <= low + 1e-9 * step + 1e-9 * abs(low)
    assert ticks[-1] >= high - 1e-9 * step - 1e-9 * abs(high)
    mantissa = step / 10 ** np.floor(np.log10(step) + 1e-9)
    assert min(abs(mantissa - round_) for round_ in (1, 2, 5, 10)) < 1e-4
