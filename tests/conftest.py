"""What tests of several rooms begin with."""

import pytest


@pytest.fixture(scope="session")
def synthetic_cohort(tmp_path_factory):
    """The folder and the table of the synthetic cohort: to be read, not changed."""
    from sklearn_orn.datasets import make_cohort

    folder = tmp_path_factory.mktemp("synthetic") / "cohort"
    return folder, make_cohort(folder, random_state=0)
