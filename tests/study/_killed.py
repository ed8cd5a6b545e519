"""A study that kills itself: what a process of its own runs.

What a study imports when it needs it is imported here, once for all that are killed.
"""

import os
import signal

import matplotlib.backends.backend_svg
import matplotlib.figure
import pytest

import sklearn_orn.plotting
import sklearn_orn.texture._wavelet  # noqa: F401  (the compiler)
from sklearn_orn._io.text_files import write_bytes
from sklearn_orn.study import StudyConfig, run_study
from sklearn_orn.study.report import _made
from sklearn_orn.study.report._names import figure_files
from sklearn_orn.study.report._svg import Drawing
from tests.study._studies import SETTINGS, make_drafts, quick_drawings


def run_until(cohort, out, target):
    """Resume a study; be killed when a file is whole, but not yet in its place.

    Parameters
    ----------
    cohort, out : str
        Table and folder.
    target : str
        File of the folder.
    """
    replace, place = os.replace, os.path.join(out, target)

    def kill(source, destination):
        if os.fspath(destination) == place:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(source, destination)

    os.replace = kill
    with pytest.MonkeyPatch.context() as patch:
        make_drafts(patch)
        quick_drawings(patch)
        patch.setattr(Drawing, "save", _save)
        patch.setattr(_made, "draw", _draw)
        run_study(cohort, StudyConfig(**SETTINGS, split="part"), out, resume=True)


def _draw(make, key):
    """Draw nothing: the page of a study that was killed is made anew."""
    return Drawing(matplotlib.figure.Figure(), key, '<svg viewBox="0 0 1 1"></svg>')


def _save(drawing, folder):
    """Write files that nothing may take for the figures."""
    for name in figure_files(drawing.key):
        write_bytes(folder.parent / name, b"of a study that was killed")
