"""The settings of the tests' studies, and how they are made with less drawing."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study import StudyConfig, run_study
from sklearn_orn.study.report._made import start_drawing
from sklearn_orn.study.report._svg import STYLE, Drawing, Rendered, _style
from sklearn_orn.study.report.sections._images import MOST_PANELS
from tests.study._cohort import make_table
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
LAYOUT = "matplotlib.layout_engine.ConstrainedLayoutEngine.execute"


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
    not_laid_out(monkeypatch)
    monkeypatch.setattr("sklearn_orn.plotting._style.axes_size", lambda ax: None)
    monkeypatch.setattr("sklearn_orn.plotting._style._is_narrow", lambda *_: True)


def unsaved(monkeypatch):
    """Render every figure for the page, but write no file of it, and no montage."""
    monkeypatch.setattr(Drawing, "save", lambda self, folder: None)
    montage = "sklearn_orn.study.report._made.draw_montage"
    monkeypatch.setattr(montage, lambda cohort: Rendered("montage", "", {}))


def quick_drawings(monkeypatch, *, figures=True, whole=False):
    """Make every figure, but render none and write none: that takes longest."""
    sketches(monkeypatch, figures=figures, whole=whole)
    unsaved(monkeypatch)


def not_laid_out(monkeypatch):
    monkeypatch.setattr(LAYOUT, lambda engine, figure: None)


def drafted(cohort, out, *, laid_out=True, **changes):
    """Run a study of the settings, its figures written."""
    with pytest.MonkeyPatch.context() as patch:
        make_drafts(patch)
        if not laid_out:
            not_laid_out(patch)
        return run_study(cohort, StudyConfig(**SETTINGS | changes), out)


def quick(table, features, out, **changes):
    """Run a study of two resamples, its figures made but not rendered."""
    with pytest.MonkeyPatch.context() as patch:
        make_drafts(patch)
        quick_drawings(patch)
        return run_study(table, StudyConfig(**QUICK | changes), out, features=features)


def given():
    """Return a table without images, and features: two of them tell the class."""
    rng = np.random.default_rng(0)
    table = make_table()
    high = (table["grade"] == "high").to_numpy()
    values = rng.standard_normal((len(table), 10))
    values[:, 0] += 1.5 * high
    values[:, 1] += high
    return table, pd.DataFrame(values, columns=[f"f{i}" for i in range(10)])


def combined(split, out):
    """Return a study of columns and score in one model, its table and its features."""
    table, features = combined_cohort()
    settings = {"outcome": "y", "positive": 1, "split": split, "clinical": KINDS}
    study = quick(table, features, out, **settings, nomogram="combined")
    return study, table, features


def odd_names(folder):
    """Return a study of names, labels and reasons that must come out as text."""
    settings = QUICK | {
        "positive": LABELS[1],
        "clinical": [CLINICAL],
        "location": LOCATION,
        "screening": SCREENING,
        "pipeline": {"nomogram__lambda_rule": 0.05},  # no search for it
    }
    with pytest.MonkeyPatch.context() as patch:
        make_drafts(patch)
        not_laid_out(patch)
        # Each name is one of the montage.
        patch.setattr("sklearn_orn.study.report._montage.MOST_PANELS", MOST_PANELS)
        config = StudyConfig(**settings)
        return run_study(write_odd_cohort(folder), config, folder / "out")
