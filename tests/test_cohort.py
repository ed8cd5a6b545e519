"""One cohort: everything is found once, and a slice keeps it."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.cohort import Cohort, Columns
from sklearn_orn.cohort.shared import as_cohort
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import read_cohort
from tests.images._make import write_png

N = 8
COLUMNS = Columns(
    outcome="grade",
    positive="high",
    patient="pid",
    date="seen",
    cut=2020,
    clinical=["age"],
    location="site",
    size="mm2",
    centre="hospital",
)


@pytest.fixture
def path(tmp_path):
    """A table in a file, with images."""
    rng = np.random.default_rng(0)
    for name in "ab":
        write_png(tmp_path / f"{name}.png", rng.integers(1, 255, (20, 20), np.uint8))
    table = pd.DataFrame(
        {
            "lesion": [f"L{i}" if i else None for i in range(N)],
            "pid": [f"P{i // 2}" for i in range(N)],
            "grade": ["low", "high"] * (N // 2),
            "seen": [2018 + i // 2 for i in range(N)],
            "age": np.arange(N) + 50.5,
            "site": list("xyxyxyxy"),
            "mm2": np.arange(N) * 10.0,
            "hospital": ["east", None] * (N // 2),
            "image": "a.png",
            "mask_A": "b.png",
            "mask_B": ["b.png", None] * (N // 2),
        }
    )
    table.to_csv(tmp_path / "cohort.csv", index=False)
    return tmp_path / "cohort.csv"


@pytest.fixture
def cohort(path):
    return Cohort.read(path, COLUMNS)


def test_everything_is_found(cohort, path):
    assert len(cohort) == N
    assert cohort.names.tolist() == ["row 2", *(f"L{i}" for i in range(1, N))]
    assert cohort.patients.tolist() == [f"P{i // 2}" for i in range(N)]
    assert cohort.design.y.tolist() == [0, 1] * (N // 2)
    assert cohort.design.training.tolist() == [True] * 4 + [False] * 4
    assert cohort.design.has_split
    assert cohort.dates.tolist() == [2018 + i // 2 for i in range(N)]
    assert cohort.centres.tolist() == ["east", None] * (N // 2)
    assert cohort.readers == ("A", "B")
    assert list(cohort.clinical) == ["age"]
    assert cohort.location.tolist() == list("xyxyxyxy")
    assert cohort.size.tolist() == [10.0 * i for i in range(N)]
    assert (cohort.source, cohort.ids_hidden) == (path, False)
    assert cohort.rows.tolist() == list(range(N))
    assert len(list(cohort.files())) == 3
    assert [lesion.readers for lesion in cohort.lesions()[:2]] == [("A", "B"), ("A",)]


@pytest.mark.parametrize(
    "rows", [[5, 1], [False, True] * (N // 2), np.arange(N) > 5, [], [-1]]
)
def test_a_slice_keeps_all_that_is_known(cohort, rows):
    places = np.arange(N)[np.asarray(rows, dtype=None if len(rows) else int)]
    part = cohort.take(rows)
    for field in dataclasses.fields(Cohort):
        whole, cut = getattr(cohort, field.name), getattr(part, field.name)
        if isinstance(whole, pd.DataFrame | pd.Series):
            assert cut.equals(whole.iloc[places])
        elif isinstance(whole, np.ndarray):
            assert cut.tolist() == whole[places].tolist()
        elif field.name != "design":
            assert cut == whole
    assert part.design.patient.tolist() == part.patients.tolist()
    assert part.design.y.tolist() == cohort.design.y[places].tolist()
    assert len(part) == len(places)


def test_a_slice_of_a_slice_knows_its_row_of_the_file(cohort):
    part = cohort.take(cohort.design.y == 1).take([2, 0])
    assert part.rows.tolist() == [5, 1]
    assert part.names.tolist() == ["L5", "L1"]


def test_slices_know_the_row_of_their_lesion(path, tmp_path):
    nibabel = pytest.importorskip("nibabel")
    volume = np.zeros((6, 5, 3), np.int16)
    volume[1:4, 1:4, 1:] = 1
    nibabel.Nifti1Image(volume, np.eye(4)).to_filename(tmp_path / "v.nii")
    table = pd.DataFrame({"patient": ["p", "q"], "lesion": ["x", "y"]})
    table["image"] = table["mask"] = "v.nii#plane=axial"
    table["mask"] = "v.nii"
    table.to_csv(path, index=False)
    cohort = Cohort.read(path, section="all")
    assert cohort.rows.tolist() == [0, 0, 1, 1]
    assert cohort.names.tolist() == ["x/1", "x/2", "y/1", "y/2"]


def test_it_cannot_be_changed(cohort, path):
    with pytest.raises(dataclasses.FrozenInstanceError):
        cohort.names = None
    table = read_cohort(path)
    made = Cohort.of(table)
    table.loc[0, "image"] = "other.png"
    assert made.table["image"].iloc[0].endswith("a.png")


def test_ids_are_hashed_at_the_door(path):
    salt = "0123456789abcdef"
    hashed = Cohort.read(path, COLUMNS, salt=salt, ids=["lesion", "pid"])
    assert hashed.ids_hidden
    assert all(name.startswith("P-") for name in hashed.patients)
    assert hashed.names[0] == "row 2"
    assert all(name.startswith("L-") for name in hashed.names[1:])
    assert hashed.take([2, 3]).ids_hidden
    assert all(lesion.hides_paths for lesion in hashed.take([2, 3]).lesions())


def test_what_is_not_hashed_shows_its_paths(cohort):
    assert not any(lesion.hides_paths for lesion in cohort.lesions())
    assert cohort.lesions()[1].image_of("A").endswith("a.png")


def test_readers_are_left_out(cohort):
    one = cohort.without_readers(["A"])
    assert one.readers == ("B",)
    assert [lesion.readers for lesion in one.lesions()[:2]] == [("B",), ()]
    assert cohort.readers == ("A", "B")


def test_a_table_of_features_is_a_cohort_without_readers():
    table = pd.DataFrame({"patient": [1.0, None], "f": [0.1, 0.2]}, index=["u", "v"])
    cohort = Cohort.of(table)
    assert (cohort.readers, cohort.design, cohort.dates) == ((), None, None)
    assert cohort.patients.tolist() == ["1", None]
    assert cohort.names.tolist() == ["row u", "row v"]
    assert list(cohort.files()) == []
    assert Cohort.of(table[["f"]]).patients is None


def test_a_cohort_is_checked_once(cohort, path):
    assert as_cohort(cohort) is cohort
    assert as_cohort(cohort, COLUMNS) is cohort
    read = as_cohort(path)
    named = as_cohort(
        read.take([3, 2]), Columns(outcome="grade", positive="high", patient="pid")
    )
    assert named.design.y.tolist() == [1, 0]
    assert (named.source, named.rows.tolist()) == (path, [3, 2])
    turned = dataclasses.replace(COLUMNS, positive="low")
    assert as_cohort(cohort, turned).design.y.tolist() == [1, 0] * (N // 2)


def test_signatures_name_the_positive_class():
    table = pd.DataFrame({"y": ["b", "a"], "p": [1, 2]})
    named = Columns(outcome="y", patient="p", class_names=("b", "a"))
    assert Cohort.of(table, named).design.labels == ("b", "a")
    others = dataclasses.replace(named, class_names=("b", "c"))
    with pytest.raises(CohortError, match="nothing says which one is the positive"):
        Cohort.of(table, others)


@pytest.mark.parametrize("key", ["location", "size", "centre", "clinical", "date"])
def test_a_column_that_is_not_there(key):
    table = pd.DataFrame({"y": [0, 1], "p": [1, 2]})
    value = ["gone"] if key == "clinical" else "gone"
    columns = dataclasses.replace(Columns(outcome="y", patient="p"), **{key: value})
    with pytest.raises(CohortError, match=f"no column 'gone', named as {key}"):
        Cohort.of(table, columns)
