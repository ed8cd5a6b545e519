import runpy
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.model.nomogram._points import Nomogram
from sklearn_orn.plotting import NomogramDisplay
from tests.plotting._boxes import assert_readable, axes_of


def nomogram_with(n, features):
    """n predictors on all scales, some short, in both directions."""
    table = features.iloc[:, :n]
    weights = np.array([0.9, -0.7, 0.05, 0.4, -0.3, 1.1, -0.15, 0.02, 0.6, -0.45])
    coef = weights[:n] / table.std().to_numpy()
    intercept = -float(coef @ table.mean())
    names = dict(zip(table.columns, coef.tolist(), strict=True))
    return Nomogram.from_coefficients(names, intercept, table), table


@pytest.mark.parametrize("with_patient", [False, True])
@pytest.mark.parametrize("n", [1, 3, 10])
@pytest.mark.parametrize("width", [3.5, 7])
def test_readable(n, width, with_patient, features):
    nomogram, table = nomogram_with(n, features)
    ax = axes_of(width, 0.43 * (n + 4))
    display = NomogramDisplay(nomogram).plot(
        ax, patient=table.iloc[[5]] if with_patient else None
    )
    assert display.ax_ is ax and display.figure_ is ax.figure
    assert_readable(display.figure_)


def test_texts_are_measured_without_a_canvas_for_each(features, monkeypatch):
    """One as large as the figure for each text was 700 MB for 22 predictors."""
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.figure import Figure

    made = []
    begin = RendererAgg.__init__

    def count(self, width, height, dpi):
        made.append(width * height)
        begin(self, width, height, dpi)

    monkeypatch.setattr(RendererAgg, "__init__", count)
    nomogram, table = nomogram_with(10, features)
    ax = Figure(figsize=(7, 6)).subplots()  # pyplot's figures keep their canvas
    NomogramDisplay(nomogram).plot(ax, patient=table.iloc[[5]])
    assert sum(size > 1 for size in made) <= 2


def test_names_lines_and_ticks(features):
    nomogram, _ = nomogram_with(3, features)
    display = NomogramDisplay(nomogram).plot()
    scales = ["total", "linear_predictor", "probability"]
    names = ["points", *features.columns[:3], *scales]
    assert list(display.axis_lines_) == list(display.names_) == names
    assert display.names_["S(5,-5)InvDfMom"].get_text() == "S(5,-5)InvDfMom"
    assert display.figure_.get_size_inches()[0] == 7
    # 100 points and the highest total stand on one vertical.
    ends = [display.axis_lines_[name].get_xdata()[-1] for name in ("points", "total")]
    assert ends[0] == pytest.approx(ends[1])
    shown = [text.get_text() for text in display.tick_labels_["points"]]
    assert shown == [str(i) for i in range(0, 101, 10)]
    for name in names:
        assert len(display.tick_labels_[name]) >= 2


def test_opposite_directions(features):
    nomogram, _ = nomogram_with(3, features)
    display = NomogramDisplay(nomogram).plot()

    def values(name):
        texts = sorted(display.tick_labels_[name], key=lambda t: t.get_position()[0])
        return [float(t.get_text().replace("\N{MINUS SIGN}", "-")) for t in texts]

    assert np.all(np.diff(values("S(5,-5)InvDfMom")) > 0)
    assert np.all(np.diff(values("S(1,0)Contrast")) < 0)


def test_worked_patient(features):
    nomogram, table = nomogram_with(3, features)
    patient = table.iloc[7]
    display = NomogramDisplay(nomogram).plot(patient=patient)
    points = nomogram.points(patient).iloc[0]
    left, right = display.axis_lines_["points"].get_xdata()
    for name in table.columns:
        x = display.patient_markers_[name].get_xdata()[0]
        assert (x - left) / (right - left) * 100 == pytest.approx(points[name])
        assert display.patient_texts_[name].get_text().endswith(f"{points[name]:.1f}")
    places = {
        display.patient_markers_[name].get_xdata()[0]
        for name in ("total", "linear_predictor", "probability")
    }
    assert len(places) == 1
    risk = float(nomogram.probability(points["total"]))
    assert display.patient_texts_["probability"].get_text() == f"{risk:.3f}"
    assert_readable(display.figure_)


def test_patient_beyond_the_axes_is_an_arrow_head():
    nomogram = Nomogram.from_coefficients({"score": 1.2}, -0.3, {"score": (-3, 4)})
    display = NomogramDisplay(nomogram).plot(patient={"score": 9.0})
    assert display.patient_markers_["score"].get_marker() == ">"
    assert display.patient_texts_["probability"].get_text() == "> 0.999"
    low = NomogramDisplay(nomogram).plot(patient={"score": -9.0})
    assert low.patient_markers_["score"].get_marker() == "<"
    assert low.patient_texts_["probability"].get_text() == "< 0.001"


def test_one_patient_only(features):
    nomogram, table = nomogram_with(3, features)
    with pytest.raises(ValueError, match="patient must be one row, got 2"):
        NomogramDisplay(nomogram).plot(patient=table.iloc[:2])


@pytest.mark.parametrize("width", [3.5, 7])
def test_categories_on_short_axes_are_all_named(width):
    levels = ["T1", "T2", "T3", "T4a", "T4b"]
    coef = {f"stage={level}": 0.1 * i for i, level in enumerate(levels)}
    nomogram = Nomogram.from_coefficients(
        {"score": 2.0, **coef, "nodes": 0.05},
        -0.5,
        {"score": (-3, 3)},
        categories={"stage": levels, "nodes": [0, 1, 2, 3]},
        labels={"stage": "Stage of the primary tumour at first presentation"},
    )
    display = NomogramDisplay(nomogram).plot(axes_of(width, 3.2))
    assert sorted(t.get_text() for t in display.tick_labels_["stage"]) == levels
    assert len(display.tick_labels_["nodes"]) == 4
    assert "\n" in display.names_["stage"].get_text()
    assert_readable(display.figure_)


ODD = ["$\\alpha$ & <i>age</i>", "100 $", "a_b^{c}", '<b>"T3"</b>', "$\\frac{$"]


def odd_nomogram():
    """Names and levels that look like formulas or markup."""
    coef = {f"{ODD[0]}={level}": 0.3 * i for i, level in enumerate(ODD)}
    return Nomogram.from_coefficients(
        {"score": 1.2, **coef, ODD[1]: -0.01},
        -0.5,
        {"score": (-3, 3), ODD[1]: (20, 90)},
        categories={ODD[0]: ODD},
        labels={"probability": "Probability of $x^2$"},
    )


def test_formulas_and_markup_are_text(tmp_path):
    import matplotlib

    patient = {"score": 1, ODD[0]: ODD[4], ODD[1]: 30}
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        display = NomogramDisplay(odd_nomogram()).plot(patient=patient)
        display.figure_.savefig(tmp_path / "odd.svg")
    assert_readable(display.figure_)
    assert display.names_[ODD[1]].get_text() == ODD[1]
    svg = ElementTree.parse(tmp_path / "odd.svg")
    texts = [node.text for node in svg.iter() if node.tag.endswith("}text")]
    assert {*ODD, "Probability of $x^2$"} <= set(texts)
    assert any(text.startswith("$\\frac{$ \N{RIGHTWARDS ARROW}") for text in texts)


@pytest.mark.parametrize("width", [3.5, 7])
def test_long_levels_are_cut_and_long_values_wrapped(width):
    levels = ["locally advanced, not operable", "T2", "resected elsewhere", "unknown"]
    coef = {f"stage={level}": 0.2 * i for i, level in enumerate(levels)}
    nomogram = Nomogram.from_coefficients(
        {"score": 2.0, **coef},
        -0.5,
        {"score": (-3, 3)},
        categories={"stage": levels},
        labels={"stage": "Stage of the primary tumour " * 6},
    )
    patient = {"score": 1, "stage": levels[0]}
    display = NomogramDisplay(nomogram).plot(axes_of(width, 2.7), patient=patient)
    assert_readable(display.figure_)
    assert display.names_["stage"].get_text().count("\n") == 2
    assert display.names_["stage"].get_text().endswith("\N{HORIZONTAL ELLIPSIS}")
    value = display.patient_texts_["stage"].get_text()
    assert value.startswith("locally") and value.endswith("\n\N{RIGHTWARDS ARROW} 0.0")
    shown = {text.get_text() for text in display.tick_labels_["stage"]}
    assert len(shown) == 4 and "T2" in shown
    cut = {text for text in shown if text.endswith("\N{HORIZONTAL ELLIPSIS}")}
    assert bool(cut) == (width == 3.5)
    assert nomogram.table()["value"].isin(levels).sum() == 4


def test_levels_that_are_close_share_a_row():
    nomogram = Nomogram.from_coefficients(
        {"score": 1.0, "sex=male": 0.9, "stage=N1": 0.9, "stage=N2": 1.1},
        0,
        {"score": (-3, 3)},
        categories={"sex": ["female", "male"], "stage": ["N0", "N1", "N2"]},
    )
    display = NomogramDisplay(nomogram).plot()
    for name in ("sex", "stage"):
        heights = {text.get_position()[1] for text in display.tick_labels_[name]}
        assert len(heights) == 1
    assert_readable(display.figure_)


def test_labels_at_round_values():
    nomogram = Nomogram.from_coefficients({"score": 1.2}, -0.3, {"score": (-3, 4)})
    display = NomogramDisplay(nomogram).plot(axes_of(3.5, 2.2), {"score": 1.234})
    shown = [text.get_text() for text in display.tick_labels_["score"]]
    assert shown == ["\N{MINUS SIGN}2", "0", "2", "4"]


def test_pipeline_with_missing_values():
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {"age": rng.normal(60, 9, 90), "grade": rng.choice([1.0, 2.0, np.nan], 90)}
    )
    columns = ColumnTransformer(
        [
            ("age", SimpleImputer(), ["age"]),
            ("grade", OneHotEncoder(sparse_output=False), ["grade"]),
        ]
    )
    model = make_pipeline(columns, LogisticRegression())
    model.fit(X, rng.integers(0, 2, 90) | X["grade"].isna())
    patient = {"age": np.nan, "grade": 2}
    display = NomogramDisplay.from_estimator(model, X, patient=patient)
    shown = {text.get_text() for text in display.tick_labels_["grade"]}
    # It is no number of the axis, and makes none longer.
    assert shown == {"1", "2", "missing \N{RIGHTWARDS ARROW} 313"}
    assert display.patient_texts_["age"].get_text().startswith("missing ")
    assert display.patient_texts_["grade"].get_text().startswith("2 ")


def test_levels_and_few_values_have_labels():
    nomogram = Nomogram.from_coefficients(
        {"score": 1.0, "lymph": 0.9, "stage=2": 0.5, "stage=3": 1.1},
        0,
        {"score": (-3, 3)},
        categories={"lymph": [0, 1], "stage": [1, 2, 3]},
        labels={
            "lymph=0": "no",
            "lymph=1": "yes",
            "stage=2": "N2",
            "stage=3": "N3",
            "score=1": "no label of a continuous axis",
        },
    )
    patient = {"score": 1, "lymph": 1, "stage": 3}
    display = NomogramDisplay(nomogram).plot(patient=patient)

    def shown(name):
        return {text.get_text() for text in display.tick_labels_[name]}

    assert shown("lymph") == {"no", "yes"} and shown("stage") == {"1", "N2", "N3"}
    assert "no label of a continuous axis" not in shown("score")
    assert display.patient_texts_["lymph"].get_text().startswith("yes ")
    assert nomogram.table().loc[lambda t: t["axis"] == "stage", "value"].tolist() == [
        1,
        2,
        3,
    ]
    assert_readable(display.figure_)


def turning_nomogram():
    """Risk rises with age to 60 and falls again; with the dose it turns twice."""
    return Nomogram.from_coefficients(
        {"age": 0.15, "age'": -0.35, "dose": 0.8, "dose'": -4.0, "dose''": 14.0},
        -6.0,
        {"age": (30, 90), "dose": (54, 74)},
        knots={"age": [45, 60, 75], "dose": [60, 64, 68, 72]},
    )


@pytest.mark.parametrize("width", [3.5, 7])
def test_an_axis_that_turns_has_ticks_on_both_sides(width):
    nomogram = turning_nomogram()
    axis = nomogram.predictors[0]
    display = NomogramDisplay(nomogram).plot(
        axes_of(width, 2.7), {"age": 71, "dose": 66}
    )
    top = axis.ticks[np.argmax(axis.points)]
    y = display.axis_lines_["age"].get_ydata()[0]
    for text in display.tick_labels_["age"]:
        at, height = text.get_position()
        value = float(text.get_text())
        assert (height > y) == (value > top)
        left, right = display.axis_lines_["points"].get_xdata()
        points = axis.points[axis.ticks == value].item()
        assert (at - left) / (right - left) * 100 == pytest.approx(points)
    assert {text.get_text() for text in display.tick_labels_["age"]} > {"30"}
    low, high = display.axis_lines_["age"].get_xdata()
    left, right = display.axis_lines_["points"].get_xdata()
    span = np.array([axis.points.min(), axis.points.max()]) / 100 * (right - left)
    np.testing.assert_allclose([low, high], left + span)
    dose = display.tick_labels_["dose"]
    assert len({text.get_position()[1] for text in dose}) == 2
    assert_readable(display.figure_)


def test_a_missing_level_beyond_the_axes_is_an_arrow_head():
    from tests.model.test_nomogram_pipeline import table_with_a_telling_gap

    with pytest.warns(UserWarning, match="separated"):
        model, X = table_with_a_telling_gap()
    display = NomogramDisplay.from_estimator(model, X)
    texts = [text.get_text() for text in display.tick_labels_["stage"]]
    points = display.nomogram.predictors[1].points[-1]
    assert f"missing \N{RIGHTWARDS ARROW} {points:.0f}" in texts
    heads = [line for line in display.ax_.lines if line.get_marker() == ">"]
    right = display.axis_lines_["points"].get_xdata()[-1]
    assert [line.get_xdata()[0] for line in heads] == [right]
    assert display.axis_lines_["stage"].get_xdata()[-1] < right
    assert_readable(display.figure_)


def test_the_example_draws_the_pictures_of_the_docs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path(__file__).parents[2] / "examples"
    made = runpy.run_path(str(path / "plot_nomogram_with_clinical_columns.py"))
    assert list(tmp_path.iterdir()) == []
    for name, n in (("one", 1), ("three", 3), ("ten", 10)):
        nomogram = made[name]
        assert len(nomogram.predictors) == n
        assert_readable(made["figures"][f"nomogram-{n}.png"])
    for nomogram, model in ((made["three"], "combined"), (made["ten"], "whole")):
        risk = nomogram.probability(nomogram.points(made["table"])["total"])
        proba = made[model].predict_proba(made["table"])[:, 1]
        np.testing.assert_allclose(risk, proba, rtol=0, atol=1e-12)


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png"])
def test_file_formats(suffix, features, tmp_path):
    nomogram, _ = nomogram_with(3, features)
    display = NomogramDisplay(nomogram).plot()
    path = tmp_path / f"nomogram.{suffix}"
    display.figure_.savefig(path, dpi=300)
    assert path.stat().st_size > 5000


def test_from_estimator(features):
    from sklearn.linear_model import LogisticRegression

    X = pd.DataFrame({"score": features["S(1,0)Contrast"].rank() / 95})
    model = LogisticRegression().fit(X, np.arange(95) % 2)
    display = NomogramDisplay.from_estimator(
        model, X, labels={"score": "Radiomics score"}, patient=X.iloc[0]
    )
    assert display.names_["score"].get_text() == "Radiomics score"
