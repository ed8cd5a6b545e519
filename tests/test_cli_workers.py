"""Workers of a command are forked from a process that has imported all they need."""

import argparse
import atexit
import gc
import importlib
import multiprocessing
import multiprocessing.forkserver
import os
import platform
import signal
import sys

import joblib
import pytest
from joblib.externals.loky.backend import context

from sklearn_orn.cli import _compiling, _imports_of_workers, _workers_ahead, main
from sklearn_orn.cli._workers_ahead import workers_ahead
from sklearn_orn.model import shared as model
from sklearn_orn.texture import shared as texture

CANNOT_FORK = platform.system() != "Linux"


@pytest.fixture
def started(monkeypatch):
    """Return what starts workers ahead, and notes it instead of doing it."""
    noted = []

    def note():
        names = (*_workers_ahead.THREADS, "PYTHONSAFEPATH")
        noted.append({name: os.environ[name] for name in names})

    monkeypatch.setattr(multiprocessing.forkserver, "ensure_running", note)
    monkeypatch.setattr(multiprocessing, "set_forkserver_preload", noted.append)
    monkeypatch.setattr(
        context, "set_start_method", lambda name, force: noted.append((name, force))
    )
    monkeypatch.setattr(joblib, "cpu_count", lambda: 8)

    def start(n_jobs, *, as_program=True):
        forked = workers_ahead(argparse.Namespace(as_program=as_program), n_jobs)
        assert forked is bool(noted)
        return noted

    return start


@pytest.mark.skipif(CANNOT_FORK, reason="processes are not forked here")
def test_they_share_the_cores_and_the_environment_is_left_alone(started, monkeypatch):
    for name in _workers_ahead.THREADS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    before = dict(os.environ)
    modules, environment, method = started(4)
    assert modules == [_workers_ahead.IMPORTS]
    assert method == ("forkserver", True)
    assert environment.pop("PYTHONSAFEPATH") == "1"
    assert environment.pop("OMP_NUM_THREADS") == "3"
    assert set(environment.values()) == {"2"}
    assert dict(os.environ) == before


@pytest.mark.parametrize("n_jobs", [1, None])
def test_one_worker_is_the_command_itself(started, n_jobs):
    assert started(n_jobs) == []


def test_a_program_of_the_users_is_not_imported_by_workers(started):
    assert started(2, as_program=False) == []


@pytest.mark.parametrize("system", ["Windows", "Darwin"])
def test_where_forks_are_not_safe_they_start_as_ever(started, monkeypatch, system):
    monkeypatch.setattr(platform, "system", lambda: system)
    assert started(2) == []


@pytest.mark.skipif(CANNOT_FORK, reason="processes are not forked here")
def test_what_compiles_is_forked_and_silent(tmp_path, capfd):
    multiprocessing.set_forkserver_preload([])
    done = tmp_path / "done"
    command = f"open({str(done)!r}, 'w').close(); print('so far'); 1 / 0"
    with _compiling.compiled_beside(2, wanted=False, forked=True):
        process = _compiling._forked(command)
        _compiling._wait([process])
    assert process.exitcode == 1
    assert done.exists()
    assert capfd.readouterr() == ("", "")


def test_all_is_imported_and_what_python_does_otherwise_comes_back(monkeypatch):
    before, threshold = signal.getsignal(signal.SIGINT), gc.get_threshold()
    frozen = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(gc.get_threshold()[0]))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # put back in the end
    try:
        _imports_of_workers.prepare()
    finally:
        gc.set_threshold(*threshold)
    assert frozen == [_workers_ahead.RARELY]
    assert sys.modules.keys() >= {*_imports_of_workers.MODULES}
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.skipif(CANNOT_FORK, reason="processes are not forked here")
def test_a_worker_that_starts_while_its_command_ends_says_nothing(capfd):
    from _multiprocessing import SemLock

    with pytest.raises(FileNotFoundError) as lost:
        SemLock._rebuild(0, 1, 1, "/gone with its command")
    _imports_of_workers.of_a_start(lost.type, lost.value, lost.tb)
    assert capfd.readouterr() == ("", "")
    for error in (FileNotFoundError(2, "none", "x.csv"), ImportError("of x.csv")):
        _imports_of_workers.of_a_start(type(error), error, None)
        assert "x.csv" in capfd.readouterr().err


def test_nothing_is_done_where_no_process_is_forked(monkeypatch):
    prepared = []
    monkeypatch.setattr(gc, "freeze", lambda: prepared.append(1))
    monkeypatch.delenv(_workers_ahead.FORKED_FROM_HERE, raising=False)
    importlib.reload(_imports_of_workers)
    assert not prepared
    with _workers_ahead._environment(1):
        assert _workers_ahead.FORKED_FROM_HERE in os.environ
    assert _workers_ahead.FORKED_FROM_HERE not in os.environ


def test_a_program_that_ends_looks_at_nothing_for_garbage(monkeypatch):
    arguments, threshold, at_the_end = ["check", "none.csv"], gc.get_threshold(), []
    monkeypatch.setattr(atexit, "register", at_the_end.append)
    monkeypatch.setattr(sys, "argv", ["sklearn-orn", *arguments])
    try:
        assert main(arguments) == 2  # in a process that is the user's
        assert (gc.get_threshold(), at_the_end) == (threshold, [])
        assert main() == 2
        assert gc.get_threshold()[0] == _workers_ahead.RARELY
    finally:
        gc.set_threshold(*threshold)
    assert at_the_end == [gc.freeze]


def test_what_is_needed_later_is_imported_while_workers_import(monkeypatch):
    imported = []
    monkeypatch.setattr(_compiling, "import_module", imported.append)
    monkeypatch.setattr(model, "solver_is_compiled", lambda: True)
    monkeypatch.setattr(texture, "measuring_is_compiled", lambda: True)
    monkeypatch.setattr(model, "compile_solver", lambda: imported.append("solver"))
    for forked in (False, True):
        with _compiling.compiled_beside(2, forked=forked):
            pass
        assert bool(imported) is forked
    assert imported == [*_compiling.NEEDED_LATER, "solver"]
