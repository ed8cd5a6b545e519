"""A study that kills itself: what a process of its own runs."""

import os
import signal

import pytest

from sklearn_orn.study import StudyConfig, run_study
from tests.study.conftest import SETTINGS, make_drafts, quick_drawings


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
        if not target.startswith("figures"):
            quick_drawings(patch)
        run_study(cohort, StudyConfig(**SETTINGS, split="part"), out, resume=True)
