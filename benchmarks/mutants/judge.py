"""Run the tests that reach a line, on a module with or without an error.

Each run is a fork of a process that has imported what every test needs, so that it
starts at once, and no file is changed.
"""

import ast
import gc
import importlib.abc
import importlib.util
import io
import json
import os
import resource
import signal
import sys
import tempfile
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import coverage
import numba
import pytest

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".mutants"
PRELOADED = (
    "numpy scipy.stats scipy.special scipy.optimize pandas numba joblib jinja2 pydicom "
    "PIL.Image yaml skimage.measure matplotlib.backends.backend_agg matplotlib.pyplot "
    "sklearn.compose sklearn.decomposition "
    "sklearn.feature_selection sklearn.impute sklearn.linear_model "
    "sklearn.model_selection sklearn.neighbors hypothesis.extra.numpy "
    "hypothesis.extra.pandas _hypothesis_pytestplugin xdist.plugin pytest_cov.plugin"
).split()
# What is imported before the fork is too late for pytest to rewrite.
QUIET = [
    *("-q", "-o", "addopts=", "-p", "no:cacheprovider"),
    *("-o", "python_files=test_*.py"),  # or pytest imports what is called *_test.py
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
    *("-p", "no:unraisableexception"),  # collects garbage several times
]
MEMORY = 6 << 30  # bytes; an error may ask for more than there is
SHORTEST, SLOWER = 5.0, 20  # a test fails after 5 s or 20 times what it took before
BROKEN = {3: "pytest failed", 4: "pytest was called wrongly", 5: "no test ran"}


class _OneModule(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Import a module from a tree instead of its file."""

    def __init__(self, path: Path, tree: ast.Module) -> None:
        self.path, self.tree = path, tree
        parts = path.relative_to(ROOT).with_suffix("").parts
        self.name = ".".join(parts)

    def find_spec(self, fullname, path=None, target=None):
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def exec_module(self, module):
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)


class _Chosen:
    """Keep some tests, in a given order; stop each after a time of its own."""

    def __init__(self, limits: dict[str, float], tell) -> None:
        self.limits, self.tell = limits, tell

    def pytest_collection_modifyitems(self, items):
        by_name = {item.nodeid: item for item in items}
        items[:] = [by_name[name] for name in self.limits if name in by_name]

    def pytest_runtest_setup(self, item):
        signal.setitimer(signal.ITIMER_REAL, self.limits[item.nodeid])

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.tell({"code": 1, "killer": report.nodeid})


class _Lines:
    """Note the lines that each test reaches, and its time."""

    def __init__(self, watch: coverage.Coverage) -> None:
        self.watch = watch
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []

    def pytest_runtest_logstart(self, nodeid):
        self.watch.switch_context(nodeid)

    def pytest_runtest_logfinish(self):
        self.watch.switch_context("")

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef, request):
        if fixturedef.scope == "function":
            return (yield)
        # What a test of the module makes for all of them, all of them rest on.
        self.watch.switch_context("")
        result = yield
        self.watch.switch_context(request._pyfuncitem.nodeid)
        return result

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] = (
            self.seconds.get(report.nodeid, 0.0) + report.duration
        )
        if report.failed:
            self.failed.append(f"{report.nodeid}\n{report.longreprtext}")


def _pytest(files, plugin, *options):
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        code = pytest.main(
            [*QUIET, *options, *files],
            plugins=[plugin],
        )
    return int(code), out.getvalue()


def _in_a_child(work, compiled):
    """Return what `work` tells, or None if it was stopped."""
    with tempfile.TemporaryFile("w+") as answer:

        def tell(value):
            json.dump(value, answer)
            answer.flush()
            os._exit(0)

        child = os.fork()
        if child == 0:
            try:
                numba.config.DISABLE_JIT = not compiled
                resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
                tell(work(tell))
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return None
        answer.seek(0)
        text = answer.read()
    if not text:
        raise RuntimeError("The tests ended without a result.")
    return json.loads(text)


def reach(path, test_file, options, compiled):
    """Return what each test of a file takes, and what lines of `path` it reaches.

    Lines that are run at import, or for a whole module of tests, stand under "".
    """

    def work(_):
        watch = coverage.Coverage(
            data_file=None, include=[str(path)], config_file=False, messages=False
        )
        lines = _Lines(watch)
        watch.start()
        code, text = _pytest([test_file], lines, *options)
        watch.stop()
        data = watch.get_data()
        contexts = data.contexts_by_lineno(str(path)) if data else {}
        by_test = {name: [] for name in ["", *lines.seconds]}
        for line, names in contexts.items():
            for name in names:
                by_test.setdefault(name, []).append(line)
        return {
            "code": code,
            "text": "\n".join(lines.failed) or text,
            "lines": by_test,
            "seconds": lines.seconds,
        }

    found = _in_a_child(work, compiled)
    if found is None or found["code"]:
        text = "stopped" if found is None else found["text"]
        raise SystemExit(f"{test_file} fails without any error put in:\n{text[-3000:]}")
    return found


def judge(path, tree, seconds, compiled):
    """Return what happens to an error: the test that sees it, "time", or "".

    Parameters
    ----------
    path : Path
        The file with the error.
    tree : ast.Module
        Its contents.
    seconds : dict of str to float
        The tests in their order, with what they take without the error.
    compiled : bool
        Whether the kernels are compiled.
    """
    limits = {n: max(SHORTEST, SLOWER * s) for n, s in seconds.items()}
    files = sorted({name.split("::")[0] for name in seconds})

    def work(tell):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 60)  # to import and collect
        sys.meta_path.insert(0, _OneModule(path, tree))
        code, text = _pytest(files, _Chosen(limits, tell), "-x")
        return {"code": code, "killer": "", "text": text}

    result = _in_a_child(work, compiled)
    if result is None:
        return "time"
    if result["code"] in (1, 2) and not result["killer"]:
        return "import"
    if result["code"] in BROKEN:
        raise RuntimeError(f"{BROKEN[result['code']]}:\n{result['text'][-3000:]}")
    return result["killer"]


def preload():
    """Import what the tests need and what no error is put into; start pytest once."""
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", CI="1")
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(KEPT / "bytecode")
    for name in PRELOADED:
        importlib.import_module(name)
    with redirect_stdout(io.StringIO()):
        pytest.main(["--version", *QUIET])
    gc.freeze()
