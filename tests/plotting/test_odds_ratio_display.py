import numpy as np
import pandas as pd
import pytest

from sklearn_orn.model import odds_ratios
from sklearn_orn.plotting import OddsRatioDisplay
from tests.model.test_odds_ratios import clinical
from tests.plotting._boxes import assert_readable

pytestmark = pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")


def both_kinds(**settings):
    X, y = clinical()
    kinds = ("univariable", "multivariable")
    return pd.concat([odds_ratios(X, y, kind=kind, **settings) for kind in kinds])


def test_a_row_for_each_level_and_a_mark_for_each_kind():
    table = both_kinds()
    display = OddsRatioDisplay(table).plot()
    names = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert names == [
        "age",
        "sex: male / female",
        "stage: II / X",
        "stage: I / X",
        "smoker: True / False",
    ]
    assert [text.get_text() for text in display.ax_.get_legend().get_texts()] == [
        "univariable",
        "multivariable",
    ]
    row = table[(table["kind"] == "multivariable") & (table["level"] == "II")].iloc[0]
    key = ("multivariable", "stage: II / X")
    assert display.points_[key].get_xdata()[0] == row["odds_ratio"]
    np.testing.assert_allclose(
        display.intervals_[key].get_xdata(), row[["lower", "upper"]].astype(float)
    )
    assert display.texts_[key].get_text().startswith(f"{row['odds_ratio']:.2f} (")
    assert display.ax_.get_xscale() == "log"
    assert_readable(display.figure_)


def test_limits_without_end_are_arrow_heads():
    X, y = clinical()
    X.loc[:9, "sex"], y[:10] = "unknown", "ORN"
    table = odds_ratios(X, y)
    display = OddsRatioDisplay(table).plot()
    key = ("multivariable", "sex: unknown / female")
    low, high = display.ax_.get_xlim()
    assert display.intervals_[key].get_xdata().tolist() == [low, high]
    heads = [line for line in display.ax_.lines if line.get_marker() in "<>"]
    assert len(heads) == 2
    text = display.texts_[key].get_text()
    assert text == "\N{INFINITY} (0.00 to \N{INFINITY}), p not defined"
    assert high < 1000
    assert_readable(display.figure_)


def test_one_kind_has_no_legend_and_takes_axes():
    import matplotlib.pyplot as plt

    X, y = clinical()
    _, ax = plt.subplots(figsize=(7, 2.5), layout="constrained")
    display = OddsRatioDisplay(odds_ratios(X[["age"]], y)).plot(ax)
    assert display.ax_ is ax and ax.get_legend() is None


def test_what_cannot_be_drawn_is_said():
    X, y = clinical()
    table = odds_ratios(X, y)
    with pytest.raises(ValueError, match="table has no column level, p_value"):
        OddsRatioDisplay(table.drop(columns=["level", "p_value"])).plot()
    with pytest.raises(ValueError, match="no row with an interval"):
        OddsRatioDisplay(table[table["lower"].isna()]).plot()
    with pytest.raises(ValueError, match="has 'age' more than once in one kind"):
        OddsRatioDisplay(pd.concat([table, table])).plot()


@pytest.mark.parametrize(
    ("limits", "ticks"),
    [
        ((0.05, 31), ["0.1", "1", "10"]),
        ((0.6, 24), ["1", "2", "5", "10", "20"]),
        ((0.35, 4.4), ["0.5", "1", "2"]),
        ((0.9, 1.2), ["0.9", "1", "1.1"]),
    ],
)
def test_round_odds_ratios_on_any_axis(limits, ticks):
    row = {"predictor": "age", "level": None, "p_value": 0.2}
    row["odds_ratio"] = np.prod(limits) ** 0.5
    lower, upper = np.array(limits) * [1.15, 1 / 1.15]
    table = pd.DataFrame([row | {"lower": lower, "upper": upper}])
    display = OddsRatioDisplay(table).plot()
    shown = [text.get_text() for text in display.ax_.get_xticklabels()]
    low, high = display.ax_.get_xlim()
    assert (low, high) == pytest.approx(limits, rel=0.2)
    assert set(ticks) <= set(shown) and "1" in shown


def test_no_effect_is_on_the_axis_of_odds_ratios_that_are_all_below_it():
    row = {"predictor": "age", "level": None, "p_value": 0.01}
    table = pd.DataFrame([row | {"odds_ratio": 0.2, "lower": 0.1, "upper": 0.4}])
    low, high = OddsRatioDisplay(table).plot().ax_.get_xlim()
    assert low < 0.1 and 1 < high < 1.3


@pytest.mark.parametrize(
    ("lower", "upper", "ticks"),
    [
        (0.06, 26, [0.1, 1, 10]),
        (0.28, 1.1, [0.25, 0.5, 1]),
        (0.75, 1.5, [0.75, 1, 1.25, 1.5]),
        (0.95, 1.05, [0.9, 1, 1.1, 1.2]),
    ],
)
def test_steps_become_finer_until_three_ticks_fit(lower, upper, ticks):
    row = {"predictor": "age", "level": None, "p_value": 0.3, "odds_ratio": 0.999}
    table = pd.DataFrame([row | {"lower": lower, "upper": upper}])
    ax = OddsRatioDisplay(table).plot().ax_
    np.testing.assert_allclose(ax.get_xticks(), ticks, rtol=1e-12)
    assert [text.get_text() for text in ax.get_xticklabels()] == [
        f"{tick:g}" for tick in ticks
    ]
