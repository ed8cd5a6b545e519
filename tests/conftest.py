"""What tests of several rooms begin with."""

import os

import pytest

# A command takes all cores where nothing is said; tests run beside each other.
os.environ["LOKY_MAX_CPU_COUNT"] = "1"

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
