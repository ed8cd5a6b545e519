"""The first study compiles its kernels beside other work."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sklearn_orn import _fold_kernel, _numba, model, texture
from sklearn_orn.cli import _compiling
from sklearn_orn.model import _lasso_kernel
from sklearn_orn.model.shared import compile_solver, solver_is_compiled
from sklearn_orn.study.shared import FITTING
from sklearn_orn.texture import _measured_pixels
from sklearn_orn.texture.shared import compile_measuring, measuring_is_compiled

SLEEPS = "import time; time.sleep(60)"
SOLVER = compile_solver, solver_is_compiled, "SOLVER"
MEASURING = compile_measuring, measuring_is_compiled, "MEASURING"
KERNELS = [
    (_lasso_kernel.solve_path, *SOLVER),
    (_fold_kernel.most_even_fold, *SOLVER),
    (_measured_pixels.measure_pixels, *MEASURING),
]


class Compiled:
    """A kernel as numba has it, kept in a folder or nowhere."""

    __module__ = "sklearn_orn.model._lasso_kernel"

    def __init__(self, folder):
        self.__qualname__ = "solve_path_ab12"
        self.stats = self
        self.cache_path = folder


@pytest.fixture
def started(monkeypatch):
    """Return what compiles beside, with which kernels there, and its processes."""

    def start(n_jobs, *, solver, measuring, waits=False, command=SLEEPS, **options):
        monkeypatch.setattr(model.shared, "solver_is_compiled", lambda: solver)
        monkeypatch.setattr(texture.shared, "measuring_is_compiled", lambda: measuring)
        monkeypatch.setattr(_compiling, "SOLVER", SLEEPS)
        monkeypatch.setattr(_compiling, "MEASURING", command)
        made, popen = [], subprocess.Popen

        def noted(arguments, **streams):
            made.append(popen(arguments, **streams))
            return made[-1]

        monkeypatch.setattr(subprocess, "Popen", noted)
        with _compiling.compiled_beside(n_jobs, **options) as waited:
            if waits:
                steps = []
                progress = waited(lambda *step: steps.append(step))
                assert [process.returncode for process in made] == [0, None]
                made[1].terminate()
                progress(FITTING, 0, 1)
                assert None not in [process.returncode for process in made]
                assert steps == [(FITTING, 0, 1)]
        return made

    return start


def test_processes_are_started_once_and_gone_behind(started):
    processes = started(2, solver=False, measuring=False)
    assert len(processes) == 2
    for process in processes:
        assert process.args[0] == sys.executable
        assert process.returncode is not None


def test_workers_wait_for_what_measures_and_fits_for_the_solver(started):
    start = time.monotonic()
    started(2, solver=False, measuring=False, waits=True, command="pass")
    assert time.monotonic() - start < 30


@pytest.mark.parametrize(
    ("n_jobs", "there", "n_started"),
    [
        (2, {"solver": True, "measuring": True}, 0),
        (2, {"solver": False, "measuring": False, "wanted": False}, 0),
        # It measures itself, with what it compiled.
        (1, {"solver": False, "measuring": False}, 1),
        (None, {"solver": True, "measuring": False}, 0),
    ],
)
def test_none_is_started_for_nothing(started, n_jobs, there, n_started):
    assert len(started(n_jobs, **there)) == n_started


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("_lasso_kernel.solve_path_ab12-7.py311.nbi", True),
        ("_lasso_kernel.other_ab12-7.py311.nbi", False),
        ("_lasso_kernel.solve_path_cd34-7.py311.nbi", False),  # of another version
        ("_lasso_kernel.solve_path_ab12-7.py311.nbc", False),
    ],
)
def test_what_numba_kept_is_found(tmp_path, name, there):
    (tmp_path / name).touch()
    assert _numba.is_kept(Compiled(str(tmp_path))) is there


def test_what_an_older_version_left_is_not(tmp_path):
    left = tmp_path / "_lasso_kernel.solve_path-7.py311.nbi"
    left.touch()
    os.utime(left, (1, 1))
    assert not _numba.is_kept(Compiled(str(tmp_path)))


@pytest.mark.parametrize("kernel", [Compiled(None), len])
def test_nothing_is_kept_where_numba_keeps_nothing(kernel):
    assert _numba.is_kept(kernel)


@pytest.mark.parametrize(("kernel", "make", "is_there", "command"), KERNELS)
def test_what_a_process_runs_is_kept(kernel, make, is_there, command):
    make()
    assert f"{make.__name__}()" in getattr(_compiling, command)
    assert is_there()
    folder = getattr(getattr(kernel, "stats", None), "cache_path", None)
    if folder is not None:  # without compilation there is none
        assert list(Path(folder).glob(f"*{kernel.__name__}*.nbc"))
