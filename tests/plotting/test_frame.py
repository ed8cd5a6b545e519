"""What holds for every Display: its docstrings, its axes, its signatures."""

import inspect
import re
from functools import cache
from types import SimpleNamespace
from typing import Unpack

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression

from sklearn_orn import NomogramClassifier, plotting
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.model import Nomogram, odds_ratios
from sklearn_orn.plotting import (
    DecisionCurveDisplay,
    FlexibleCalibrationDisplay,
    FlowChartDisplay,
    ForestDisplay,
    ICCComparisonDisplay,
    ICCDisplay,
    InstabilityDisplay,
    LassoCVDisplay,
    LassoPathDisplay,
    MontageDisplay,
    NomogramDisplay,
    OddsRatioDisplay,
    PerformanceDisplay,
    ReaderAgreementDisplay,
    RedundancyDisplay,
    RocDisplay,
    StabilityDisplay,
    WaterfallDisplay,
)
from sklearn_orn.plotting._display import Display
from sklearn_orn.plotting._types import Settings
from sklearn_orn.resampling import instability
from tests.plotting.test_flow_chart import FLOWS

Y = np.arange(40) % 5 < 2
PROBA = np.linspace(0.05, 0.95, 40)
ROUGH = pd.DataFrame({"dose": np.sin(np.arange(40))})
TABLE = pd.DataFrame(np.random.default_rng(0).random((6, 3)), columns=[*"abc"])
LASSO = SimpleNamespace(
    lambdas=np.geomspace(1, 0.1, 5),
    n_nonzero=np.array([0, 1, 1, 2, 2]),
)
MADE = {
    FlexibleCalibrationDisplay: lambda: FlexibleCalibrationDisplay.from_predictions(
        Y, PROBA
    ),
    DecisionCurveDisplay: lambda: DecisionCurveDisplay.from_predictions(Y, PROBA),
    FlowChartDisplay: lambda: FlowChartDisplay(FLOWS["no split"]),
    ForestDisplay: lambda: ForestDisplay.from_predictions(
        Y, PROBA, np.repeat(["A", "B"], 20)
    ),
    ICCComparisonDisplay: lambda: ICCComparisonDisplay(
        readers=np.array([0.5, 0.9, np.nan]),
        perturbed=np.array([0.7, 0.95, 0.9]),
        families=np.array(["a", "b", "b"], dtype=object),
        correlation=1.0,
        threshold=0.75,
    ),
    ICCDisplay: lambda: ICCDisplay(
        icc=np.array([0.5, 0.9]),
        lower=np.array([0.3, 0.8]),
        upper=np.array([0.7, 1.0]),
        families=np.array(["a", "b"], dtype=object),
    ),
    InstabilityDisplay: lambda: InstabilityDisplay(
        instability=instability(Y, PROBA, np.tile(PROBA, (3, 1)))
    ),
    LassoCVDisplay: lambda: LassoCVDisplay(
        **vars(LASSO), score_mean=np.ones(5), score_se=np.ones(5)
    ),
    LassoPathDisplay: lambda: LassoPathDisplay(
        **vars(LASSO), coefs=np.outer(np.arange(5), [1, -2]), names="ab"
    ),
    MontageDisplay: lambda: MontageDisplay.from_cohort([(np.eye(9), np.eye(9) > 0)]),
    NomogramDisplay: lambda: NomogramDisplay(
        Nomogram.from_coefficients({"a": 1.0}, 0.0, {"a": (0, 1)})
    ),
    OddsRatioDisplay: lambda: OddsRatioDisplay(odds_ratios(ROUGH, Y)),
    PerformanceDisplay: lambda: PerformanceDisplay.from_predictions(Y, PROBA),
    ReaderAgreementDisplay: lambda: ReaderAgreementDisplay.from_predictions(
        PROBA, PROBA + 0.1 * Y
    ),
    RedundancyDisplay: lambda: RedundancyDisplay(correlation=TABLE.corr()),
    RocDisplay: lambda: RocDisplay.from_predictions(Y, PROBA),
    StabilityDisplay: lambda: StabilityDisplay(frequencies=TABLE),
    WaterfallDisplay: lambda: WaterfallDisplay.from_predictions(Y, PROBA),
}
ON_AXES = [display for display in MADE if display is not MontageDisplay]


@cache
def made_once(display):
    return MADE[display]()


METHODS = [
    pytest.param(display, method, id=f"{display.__name__}.{name}")
    for display in MADE
    for name, method in inspect.getmembers(display, inspect.isroutine)
    if not name.startswith("_")
]


def section(doc, title):
    """Return the names that a section of a docstring describes, with their types."""
    body = re.split(r"\n\n(?=[A-Z].*\n--)", doc)
    lines = next(part for part in body if part.startswith(f"{title}\n---")).split("\n")
    entries = [line.partition(" : ") for line in lines[2:] if line[:1].strip()]
    return {name: kind for names, _, kind in entries for name in names.split(", ")}


def axes_for(display):
    """Return new axes as a display takes them, on a figure pyplot does not know."""
    figure = Figure(figsize=(7, 6), layout="constrained")
    return figure.subplots(2, 2) if display is PerformanceDisplay else figure.subplots()


def test_every_display_is_made_here():
    assert {display.__name__ for display in MADE} == set(plotting.__all__)
    assert all(issubclass(display, Display) for display in MADE)


@pytest.mark.parametrize("display", MADE)
def test_the_class_says_how_it_is_made_and_what_it_has(display):
    doc = inspect.getdoc(display)
    assert "[[" not in doc
    for name in dir(display):
        assert (f"`{name}`" in doc) or not name.startswith("from_")
    assert set(section(doc, "Parameters")) == set(inspect.signature(display).parameters)
    drawn = vars(made_once(display).plot())
    assert set(section(doc, "Attributes")) == {n for n in drawn if n.endswith("_")}


@pytest.mark.parametrize("display", MADE)
def test_an_example_imports_pyplot_and_closes_its_figure(display):
    doc = inspect.getdoc(display)
    shown = ">>> display" in doc or ">>> [" in doc
    assert doc.count(">>> import matplotlib.pyplot as plt") == shown
    assert doc.endswith("\n>>> plt.close(display.figure_)") == shown


@pytest.mark.parametrize(("display", "method"), METHODS)
def test_every_parameter_and_its_default_are_described(display, method):
    doc = inspect.getdoc(method)
    assert "[[" not in doc and "settings" not in doc
    assert list(section(doc, "Returns")) == [display.__name__]
    described = section(doc, "Parameters")
    parameters = dict(inspect.signature(method).parameters)
    parameters.pop("self", None)
    assert list(described) == list(parameters)
    for name, parameter in parameters.items():
        assert parameter.kind is not inspect.Parameter.VAR_KEYWORD
        default = re.search(r"default=(.*)", described[name])
        if parameter.default is inspect.Parameter.empty:
            assert default is None
        else:
            written = repr(parameter.default).replace("'", '"')
            assert default is not None and default[1] == written


@pytest.mark.parametrize("display", ON_AXES)
def test_given_axes_are_used_and_pyplot_left_alone(display):
    made = made_once(display)
    plt.close("all")
    ax = axes_for(display)
    assert made.plot(ax=ax) is made
    assert np.all(made.ax_ == ax)
    assert made.figure_ is np.ravel(ax)[0].figure
    assert np.ravel(ax)[0].has_data()
    assert not plt.get_fignums()


@pytest.mark.parametrize("display", ON_AXES)
def test_without_axes_one_figure_is_made(display):
    made = made_once(display)
    plt.close("all")
    made.plot()
    assert plt.get_fignums() == [made.figure_.number]


def test_a_montage_makes_a_figure_of_its_own():
    made = made_once(MontageDisplay)
    figure = made.figure_
    assert figure is not made.plot().figure_
    assert not plt.get_fignums()


@pytest.mark.parametrize("display", ON_AXES)
def test_it_can_be_drawn_again(display):
    made = made_once(display)
    first = made.plot(ax=axes_for(display)).figure_
    second = made.plot(ax=axes_for(display)).figure_
    assert made.figure_ is second is not first
    pictures = []
    for figure in (first, second):
        figure.set_dpi(50)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        pictures.append(np.asarray(canvas.buffer_rgba()))
    np.testing.assert_array_equal(*pictures)


@pytest.mark.parametrize("display", ON_AXES)
def test_wrong_axes_are_named(display):
    made = made_once(display)
    axes = Figure().subplots(3)
    with pytest.raises(ValueError, match=r"ax must be (one|four) Axes, got 3"):
        made.plot(ax=axes)
    wrong = [Figure()] * (4 if display is PerformanceDisplay else 1)
    with pytest.raises(TypeError, match="ax must be matplotlib Axes, got Figure"):
        made.plot(ax=wrong)


@pytest.mark.parametrize(
    "display",
    [RocDisplay, FlexibleCalibrationDisplay, DecisionCurveDisplay, PerformanceDisplay],
)
def test_keywords_are_passed_on_by_name(display):
    model = LogisticRegression().fit(PROBA[:, None], Y)
    made = display.from_estimator(model, PROBA[:, None], Y, name="Mine")
    assert getattr(made, "roc", made).name == "Mine"
    with pytest.raises(TypeError, match="unexpected keyword argument 'title'"):
        display.from_estimator(model, PROBA[:, None], Y, title="Mine")


@pytest.mark.parametrize(
    ("display", "threshold"),
    [
        (RocDisplay, "youden"),
        (FlexibleCalibrationDisplay, 0.5),
        (DecisionCurveDisplay, 0.5),
        (PerformanceDisplay, 0.5),
    ],
)
def test_a_warning_points_at_the_line_of_the_caller(display, threshold):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": Y + rng.normal(size=40)})
    with pytest.warns(StudyWarning) as fitting:
        model = NomogramClassifier(cv=3, random_state=0, threshold=threshold).fit(X, Y)
        display.from_estimator(model, X, Y)
    assert {warning.filename for warning in fitting} == {__file__}


def test_a_parameter_without_text_is_an_error_when_the_class_is_made():
    with pytest.raises(LookupError, match="no text of sharpness: write it in `_texts`"):

        class _Unfinished(Display):
            """What has no text."""

            def plot(self, ax=None, *, sharpness=1):
                """Draw."""


def test_texts_of_a_base_and_of_the_method_go_before_the_shared_ones():
    class Base(Display):
        _texts = """
label : str
    Of the base.
plot.ax : object
    Of its `plot`.
"""

    class Derived(Base):
        """Derived.

        Attributes
        ----------
        [[figure_]]
        """

        def plot(self, label, ax, first, second):
            """Draw.

            Parameters
            ----------
            first, second : int
                Together.

            Notes
            -----
            Last.
            """

        @classmethod
        def from_nothing(cls):
            """Nothing.

            Returns
            -------
            Derived
                Empty.
            """

    assert inspect.getdoc(Derived.plot) == (
        "Draw.\n\nParameters\n----------\nlabel : str\n    Of the base.\nax : object\n"
        "    Of its `plot`.\nfirst, second : int\n    Together.\n\nReturns\n-------\n"
        "Derived\n    Itself.\n\nNotes\n-----\nLast."
    )
    assert inspect.getdoc(Derived).endswith("figure_ : matplotlib Figure")
    assert inspect.getdoc(Derived.from_nothing) == (
        "Nothing.\n\nReturns\n-------\nDerived\n    Empty."
    )


def test_without_docstrings_it_works():
    """So it is under ``python -OO``."""

    class Bare(Display):
        @classmethod
        def from_predictions(cls, y_true, *, name=None):
            return cls()

        @classmethod
        def from_estimator(cls, estimator, **settings: Unpack[Settings]):
            return cls.from_predictions([], **settings)

    assert Bare.from_estimator.__doc__ is None
    parameters = inspect.signature(Bare.from_estimator).parameters
    assert list(parameters) == ["estimator", "name"]
