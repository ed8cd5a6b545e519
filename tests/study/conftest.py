from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.images import read_cohort
from sklearn_orn.study import StudyConfig, run_study
from sklearn_orn.study.report._made import start_drawing
from sklearn_orn.study.report._svg import STYLE, Drawing, Rendered, _style
from sklearn_orn.study.report.sections._images import MOST_PANELS
from tests.study._cohort import make_table, write_cohort
from tests.study._combined import KINDS
from tests.study._combined import cohort as combined_cohort
from tests.study._odd_names import (
    CLINICAL,
    LABELS,
    LOCATION,
    SCREENING,
    write_odd_cohort,
)

SETTINGS = {
    "outcome": "grade",
    "positive": "high",
    "patient": "patient",
    "cv": 3,
    "k": 3,
    "n_resamples": 4,
    "n_permutations": 3,
    "sensitivity": False,
}


QUICK = SETTINGS | {"split": "part", "n_resamples": 2, "n_permutations": 1}
HERE = Path(__file__).parent
LAYOUT = "matplotlib.layout_engine.ConstrainedLayoutEngine.execute"
STUDIES = ("two_reader_study", "one_reader_study", "odd_names_study")


def pytest_collection_modifyitems(items):
    """Put the tests of one study one after the other: few workers make it then."""

    def study(item):
        used = {*getattr(item, "fixturenames", ())}
        if hasattr(item, "callspec"):  # of a fixture that is told a study's name
            used |= {x for x in item.callspec.params.values() if isinstance(x, str)}
        return [name not in used for name in STUDIES]

    places = [i for i, item in enumerate(items) if item.path.is_relative_to(HERE)]
    ordered = sorted((items[i] for i in places), key=study)
    for i, item in zip(places, ordered, strict=True):
        items[i] = item


@pytest.fixture(scope="session", autouse=True)
def faster():
    with pytest.MonkeyPatch.context() as patch:
        make_drafts(patch)
        yield


def make_drafts(monkeypatch):
    """Write coarse PNG and PDF files with fonts as outlines; repeat no folds.

    Legends settle no axes before they find their place.
    The montage is of four lesions.
    """
    monkeypatch.setattr("sklearn_orn.study.report._montage.MOST_PANELS", 4)
    monkeypatch.setattr("sklearn_orn.plotting._style.axes_size", lambda ax: None)
    monkeypatch.setitem(STYLE, "pdf.fonttype", 3)
    monkeypatch.setattr("sklearn_orn.study.report._svg.PRINT_DPI", 60)
    repeat_nothing(monkeypatch)


def repeat_nothing(monkeypatch):
    monkeypatch.setattr("sklearn_orn.study.report.sections._optimism.REPEATS", 1)


@pytest.fixture(scope="session")
def two_reader_cohort(tmp_path_factory):
    """A table with a split, read by two; its labels try to break the page."""
    folder = tmp_path_factory.mktemp("two")
    return write_cohort(folder, make_table(), readers=("A", "B"), SyntheticData="YES")


@pytest.fixture(scope="session")
def one_reader_cohort(tmp_path_factory):
    """A table without a split, read by one."""
    return write_cohort(tmp_path_factory.mktemp("one"), make_table(split=False))


@pytest.fixture(scope="session")
def two_reader_study(two_reader_cohort, tmp_path_factory):
    config = StudyConfig(**SETTINGS, split="part")
    return run_study(two_reader_cohort, config, tmp_path_factory.mktemp("out2"))


@pytest.fixture(scope="session")
def one_reader_study(one_reader_cohort, tmp_path_factory):
    config = StudyConfig(**SETTINGS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LAYOUT, lambda engine, figure: None)  # two others are laid out
        return run_study(one_reader_cohort, config, tmp_path_factory.mktemp("out1"))


@pytest.fixture
def cohort(two_reader_cohort):
    """The table of two readers, to be changed."""
    return read_cohort(two_reader_cohort).reset_index(drop=True)


def leave_out(*_, **options):
    raise NotEstimable("They are not made here.")


def sketches(monkeypatch, *, figures=True, whole=False):
    """Make every figure and write its files, but lay none out, and render no SVG.

    Without `figures` none is made, nor its caption, the three models are fitted to no
    resamples and the steps, unless numbers are asked for as a `whole`, to no folds of
    folds and no shuffled outcomes: for studies whose figures others make as well.
    """

    def draw(make, key):
        with _style(key):
            figure = make()
            figure.set_layout_engine(None)
            return Drawing(figure, key, '<svg viewBox="0 0 1 1"></svg>')

    monkeypatch.setattr("sklearn_orn.study.report._made.draw", draw)
    if not figures:
        drawn = "sklearn_orn.study.report._made._drawn"
        monkeypatch.setattr(drawn, lambda *_: "No figure is made here.")
        monkeypatch.setattr("sklearn_orn.study._three_models._refitted", leave_out)
        for name in () if whole else ("nested_cross_validate", "permuted_outcome"):
            monkeypatch.setattr(f"sklearn_orn.resampling.{name}", leave_out)
    # Workers would know nothing of it.
    here = "sklearn_orn.study.report._write.start_drawing"
    monkeypatch.setattr(
        here, lambda results, _, cohort: start_drawing(results, 1, cohort)
    )
    monkeypatch.setattr(LAYOUT, lambda engine, figure: None)
    monkeypatch.setattr("sklearn_orn.plotting._style.axes_size", lambda ax: None)


def unsaved(monkeypatch):
    """Render every figure for the page, but write no file of it, and no montage."""
    monkeypatch.setattr(Drawing, "save", lambda self, folder: None)
    montage = "sklearn_orn.study.report._made.draw_montage"
    monkeypatch.setattr(montage, lambda cohort: Rendered("montage", "", {}))


def quick_drawings(monkeypatch, *, figures=True, whole=False):
    """Make every figure, but render none and write none: that takes longest."""
    sketches(monkeypatch, figures=figures, whole=whole)
    unsaved(monkeypatch)


@pytest.fixture
def quick_study(monkeypatch, tmp_path):
    """Run a study of two resamples, its figures made (or not) but not rendered."""
    quick_drawings(monkeypatch)

    def run(table, *, features=None, out=None, figures=True, whole=False, **changes):
        if not figures:
            sketches(monkeypatch, figures=False, whole=whole)
        config = StudyConfig(**QUICK | changes)
        return run_study(table, config, out or tmp_path / "out", features=features)

    return run


@pytest.fixture(scope="session")
def given():
    """A table without images, and features of which the first two tell the class."""
    rng = np.random.default_rng(0)
    table = make_table()
    high = (table["grade"] == "high").to_numpy()
    values = rng.standard_normal((len(table), 10))
    values[:, 0] += 1.5 * high
    values[:, 1] += high
    return table, pd.DataFrame(values, columns=[f"f{i}" for i in range(10)])


@pytest.fixture(scope="session")
def given_study(given, tmp_path_factory):
    """What `quick_study` finds in the given table, once for all who compare with it."""
    table, features = given
    with pytest.MonkeyPatch.context() as patch:
        quick_drawings(patch)
        out = tmp_path_factory.mktemp("given") / "out"
        return run_study(table, StudyConfig(**QUICK), out, features=features)


@pytest.fixture(scope="session", params=["part", None])
def combined_study(request, tmp_path_factory):
    """A study of clinical columns and score in one model; its table and features."""
    table, features = combined_cohort()
    settings = {"outcome": "y", "positive": 1, "split": request.param}
    settings |= {"clinical": KINDS, "nomogram": "combined"}
    config = StudyConfig(**QUICK | settings)
    with pytest.MonkeyPatch.context() as patch:
        quick_drawings(patch)
        out = tmp_path_factory.mktemp("combined") / "out"
        return run_study(table, config, out, features=features), table, features


@pytest.fixture(scope="session")
def odd_names_study(tmp_path_factory):
    """Names, labels and reasons that must come out as text."""
    folder = tmp_path_factory.mktemp("odd")
    settings = QUICK | {
        "positive": LABELS[1],
        "clinical": [CLINICAL],
        "location": LOCATION,
        "screening": SCREENING,
        "pipeline": {"nomogram__lambda_rule": 0.05},  # no search for it
    }
    with pytest.MonkeyPatch.context() as patch:  # each name is one of the montage
        patch.setattr("sklearn_orn.study.report._montage.MOST_PANELS", MOST_PANELS)
        config = StudyConfig(**settings)
        return run_study(write_odd_cohort(folder), config, folder / "out")
