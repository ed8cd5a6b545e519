"""The first study compiles the solver beside the measuring."""

import subprocess
import sys

import pytest

from sklearn_orn.cli import _compiling
from sklearn_orn.model import _lasso_kernel, _solver_compiled, shared


class Compiled:
    """A solver as numba has it, kept in a folder or nowhere."""

    __name__ = "solve_path"

    def __init__(self, folder):
        self.stats = self
        self.cache_path = folder


def started(monkeypatch, *, compiled, command="pass", **options):
    monkeypatch.setattr(shared, "solver_is_compiled", lambda: compiled)
    monkeypatch.setattr(_compiling, "COMPILE", command)
    made, popen = [], subprocess.Popen

    def noted(arguments, **streams):
        made.append(popen(arguments, **streams))
        return made[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)
    with _compiling.solver_compiled_beside(**options):
        pass
    return made


def test_a_process_is_started_once_and_gone_behind(monkeypatch):
    sleeps = "import time; time.sleep(60)"
    (process,) = started(monkeypatch, compiled=False, command=sleeps)
    assert process.args[0] == sys.executable
    assert process.returncode is not None


def test_none_is_started_for_nothing(monkeypatch):
    assert not started(monkeypatch, compiled=True)
    assert not started(monkeypatch, compiled=False, wanted=False)


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("_lasso_kernel.solve_path-7.py311.nbi", True),
        ("_lasso_kernel.other-7.py311.nbi", False),
        ("_lasso_kernel.solve_path-7.py311.nbc", False),
    ],
)
def test_what_numba_kept_is_found(monkeypatch, tmp_path, name, there):
    monkeypatch.setattr(_lasso_kernel, "solve_path", Compiled(str(tmp_path)))
    (tmp_path / name).touch()
    assert _solver_compiled.solver_is_compiled() is there


@pytest.mark.parametrize("solver", [Compiled(None), len])
def test_nothing_is_kept_where_numba_keeps_nothing(monkeypatch, solver):
    monkeypatch.setattr(_lasso_kernel, "solve_path", solver)
    assert _solver_compiled.solver_is_compiled()


def test_what_the_process_runs_solves_and_is_kept():
    _solver_compiled.compile_solver()
    assert "compile_solver" in _compiling.COMPILE
    assert _solver_compiled.solver_is_compiled()
