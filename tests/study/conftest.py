"""Studies that tests share.

What makes them is imported where it is used: the process that hands out the tests reads
this file too, and needs none of it.
"""

import pytest


@pytest.fixture(scope="package", autouse=True)
def faster():
    from tests.study._studies import make_drafts

    with pytest.MonkeyPatch.context() as patch:
        make_drafts(patch)
        yield


@pytest.fixture(scope="session")
def two_reader_cohort(tmp_path_factory):
    """A table with a split, read by two; its labels try to break the page."""
    from tests.study._cohort import make_table, write_cohort

    folder = tmp_path_factory.mktemp("two")
    return write_cohort(folder, make_table(), readers=("A", "B"), SyntheticData="YES")


@pytest.fixture(scope="session")
def one_reader_cohort(tmp_path_factory):
    """A table without a split, read by one."""
    from tests.study._cohort import make_table, write_cohort

    return write_cohort(tmp_path_factory.mktemp("one"), make_table(split=False))


@pytest.fixture(scope="session")
def two_reader_study(two_reader_cohort, tmp_path_factory):
    from tests.study._studies import drafted

    return drafted(two_reader_cohort, tmp_path_factory.mktemp("out2"), split="part")


@pytest.fixture(scope="session")
def one_reader_study(one_reader_cohort, tmp_path_factory):
    from tests.study._studies import drafted

    out = tmp_path_factory.mktemp("out1")
    return drafted(one_reader_cohort, out, laid_out=False)  # two others are


@pytest.fixture
def cohort(two_reader_cohort):
    """The table of two readers, to be changed."""
    from sklearn_orn.images import read_cohort

    return read_cohort(two_reader_cohort).reset_index(drop=True)


@pytest.fixture
def quick_study(monkeypatch, tmp_path):
    """Run a study of two resamples, its figures made (or not) but not rendered."""
    from tests.study import _studies as s

    s.quick_drawings(monkeypatch)

    def run(table, *, features=None, out=None, figures=True, whole=False, **changes):
        if not figures:
            s.sketches(monkeypatch, figures=False, whole=whole)
        config = s.StudyConfig(**s.QUICK | changes)
        return s.run_study(table, config, out or tmp_path / "out", features=features)

    return run


@pytest.fixture(scope="session")
def given():
    """A table without images, and features of which the first two tell the class."""
    from tests.study._studies import given

    return given()


@pytest.fixture(scope="session")
def given_study(given, tmp_path_factory):
    """What `quick_study` finds in the given table, once for all who compare with it."""
    from tests.study._studies import quick

    return quick(*given, tmp_path_factory.mktemp("given") / "out")


@pytest.fixture(scope="session", params=["part", None])
def combined_study(request, tmp_path_factory):
    """A study of clinical columns and score in one model; its table and features."""
    from tests.study._studies import combined

    return combined(request.param, tmp_path_factory.mktemp("combined") / "out")


@pytest.fixture(scope="session")
def odd_names_study(tmp_path_factory):
    """Names, labels and reasons that must come out as text."""
    from tests.study._studies import odd_names

    return odd_names(tmp_path_factory.mktemp("odd"))
