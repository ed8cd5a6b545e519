import numpy as np
import pandas as pd
import pytest

from sklearn_orn.model._nomogram import Nomogram
from sklearn_orn.plotting import NomogramDisplay
from tests.plotting._boxes import assert_readable


def nomogram_with(n, features):
    """n predictors on all scales, some short, in both directions."""
    table = features.iloc[:, :n]
    weights = np.array([0.9, -0.7, 0.05, 0.4, -0.3, 1.1, -0.15, 0.02, 0.6, -0.45])
    coef = weights[:n] / table.std().to_numpy()
    intercept = -float(coef @ table.mean())
    names = dict(zip(table.columns, coef.tolist(), strict=True))
    return Nomogram.from_coefficients(names, intercept, table), table


def axes_of(width, height):
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]


@pytest.mark.parametrize("with_patient", [False, True])
@pytest.mark.parametrize("n", [1, 3, 10])
@pytest.mark.parametrize("width", [3.5, 7])
def test_readable(n, width, with_patient, features):
    nomogram, table = nomogram_with(n, features)
    if width == 3.5 and with_patient:
        width = 5
    ax = axes_of(width, 0.43 * (n + 4))
    display = NomogramDisplay(nomogram).plot(
        ax, patient=table.iloc[[5]] if with_patient else None
    )
    assert display.ax_ is ax and display.figure_ is ax.figure
    assert_readable(display.figure_)


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
