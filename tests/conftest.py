"""What tests of several rooms begin with."""

import pytest


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
