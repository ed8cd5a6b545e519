"""What tests of several rooms begin with."""

import multiprocessing
import os
import platform

import pytest

# A command takes all cores where nothing is said; tests run beside each other.
os.environ["LOKY_MAX_CPU_COUNT"] = "1"

collect_ignore = ["_forked.py"]  # to import it takes as long as the workers' start

MADE_ONCE = (
    *("two_reader_study", "one_reader_study", "odd_names_study"),
    *("with_split", "in_folds", "given_study", "combined_study", "synthetic_cohort"),
)


def pytest_collection_modifyitems(items):
    """Put the tests of one study one after the other: few processes make it then.

    They come first, as the tests that are left in the end are shared out anew.
    """

    def studies(item):
        used = {*getattr(item, "fixturenames", ())}
        if hasattr(item, "callspec"):  # of a fixture that is told a study's name
            used |= {x for x in item.callspec.params.values() if isinstance(x, str)}
        return [name not in used for name in MADE_ONCE]

    items.sort(key=studies)


def start_workers(method):
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.backend.context import set_start_method

    get_reusable_executor().shutdown()
    set_start_method(method, force=True)


@pytest.fixture(scope="session", autouse=True)
def forked():
    """Fork workers, as commands do: that takes milliseconds, and their start seconds.

    Return whether they are.
    """
    if platform.system() != "Linux":
        return False
    multiprocessing.set_forkserver_preload(["tests._forked"])
    start_workers("forkserver")
    return True


@pytest.fixture
def started_anew(forked):
    """Start workers as they start in a program of the user's."""
    start_workers("loky")
    yield
    if forked:
        start_workers("forkserver")


@pytest.fixture(scope="session")
def synthetic_cohort(tmp_path_factory):
    """The folder and the table of the synthetic cohort: to be read, not changed."""
    from sklearn_orn.datasets import make_cohort

    folder = tmp_path_factory.mktemp("synthetic") / "cohort"
    return folder, make_cohort(folder, random_state=0)


@pytest.fixture
def measured(monkeypatch):
    """The lesions that are measured, not recalled: their rows."""
    from sklearn_orn.texture import _row_cache

    found = []
    original = _row_cache.measure_lesion

    def spy(lesion, *arguments):
        found.append(lesion.row)
        return original(lesion, *arguments)

    monkeypatch.setattr(_row_cache, "measure_lesion", spy)
    return found
