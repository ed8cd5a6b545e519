import pytest

from sklearn_orn.study import StudyConfig, run_study
from tests.study._cohort import make_table, write_cohort

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


@pytest.fixture(scope="session")
def two_reader_cohort(tmp_path_factory):
    """A table with a split, read by two; its labels try to break the page."""
    folder = tmp_path_factory.mktemp("two")
    return write_cohort(folder, make_table(), readers=("A", "B"), SyntheticData="YES")


@pytest.fixture(scope="session")
def one_reader_cohort(tmp_path_factory):
    """A table without a split, read by one."""
    return write_cohort(tmp_path_factory.mktemp("one"), make_table(split=False))


@pytest.fixture(scope="session")
def two_reader_study(two_reader_cohort, tmp_path_factory):
    config = StudyConfig(**SETTINGS, split="part")
    return run_study(two_reader_cohort, config, tmp_path_factory.mktemp("out2"))


@pytest.fixture(scope="session")
def one_reader_study(one_reader_cohort, tmp_path_factory):
    config = StudyConfig(**SETTINGS)
    return run_study(one_reader_cohort, config, tmp_path_factory.mktemp("out1"))
