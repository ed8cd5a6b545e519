"""What the columns of a cohort table mean: readers, sequences, rescans."""

import json
from pathlib import Path

import pandas as pd
import pytest

from sklearn_orn.cohort import Cohort
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import as_lesions, expand_cohort, read_cohort
from sklearn_orn.images._table_columns import (
    check_unique,
    lesion_columns,
    table_columns,
)

TABLES = Path(__file__).parent / "tables"
BEFORE = json.loads((TABLES / "read_before_sequences.json").read_text())


def seen(path):
    """Return what each block of each lesion is read from."""
    return [
        {
            name: [
                *(Path(of(name)).name for of in (lesion.image_of, lesion.mask_of)),
                *(of(name) for of in (lesion.section_of, lesion.series_of)),
                lesion.stack_of(name),
            ]
            for name in lesion.readers
        }
        for lesion in as_lesions(read_cohort(path))
    ]


@pytest.mark.parametrize("name", BEFORE)
def test_tables_of_before_mean_what_they_meant(name):
    """The JSON was written by the version before there were sequences."""
    assert seen(TABLES / name) == BEFORE[name]


def test_sequences_share_outlines():
    first, second = seen(TABLES / "sequences.csv")
    assert first == {
        "T1|lesion|anna": ["1t1", "1a.dcm", 4, None, None],
        "T1|lesion|ben": ["1t1", "1b.dcm", 4, None, None],
        "CE-T1|lesion|anna": ["1ce", "1a.dcm", None, None, None],
        "CE-T1|lesion|ben": ["1ce", "1b.dcm", None, None, None],
    }
    # ben did not draw, and CE-T1 was not made
    assert second == {"T1|lesion|anna": ["2t1", "2a.dcm", None, None, None]}


def test_an_outline_of_one_sequence_comes_before_that_of_all():
    first, second = seen(TABLES / "sequences_drawn_apart.csv")
    assert first == {
        "T1|lesion|anna": ["1t1", "1t1a.png", None, None, None],
        "T1|lesion|ben": ["1t1", "1b.nrrd", None, None, None],
        "T2|lesion|anna": ["1t2", "1t2a.png", None, "7", None],
        "T2|lesion|ben": ["1t2", "1b.nrrd", None, "7", None],
    }
    assert list(second) == ["T1|lesion|anna", "T1|lesion|ben", "T2|lesion|ben"]
    assert second["T2|lesion|ben"] == ["2t2", "2b.nrrd", None, "7", "b=0"]


def test_names_of_sequences_in_both_columns_are_sequences():
    assert seen(TABLES / "sequences_without_readers.csv") == [
        {
            "T1|lesion": ["1t1.dcm", "1t1.png", None, None, None],
            "T2|lesion": ["1t2.dcm", "1t2.png", None, None, None],
        }
    ]


def test_a_rescan_has_images_of_its_own():
    (lesion,) = seen(TABLES / "sequences_rescan.csv")
    assert lesion == {
        "T1|lesion|anna": ["1t1", "1a.dcm", 3, None, None],
        "T1|lesion|rescan": ["1t1r", "1r.dcm", 4, None, None],
        "T2|lesion|anna": ["1t2", "1a.dcm", None, None, None],
        "T2|lesion|rescan": ["1t2r", "1r.dcm", None, None, None],
    }
    assert seen(TABLES / "rescan_new_spelling.csv") == [
        {
            "anna": ["1", "1a.dcm", 4, None, None],
            "rescan": ["1r", "1r.dcm", 5, None, None],
        }
    ]


@pytest.mark.parametrize(
    ("columns", "sequences", "readers"),
    [
        ("image mask", (), ("",)),
        ("image mask_A mask_B", (), ("A", "B")),
        ("image_A image_B mask_A mask_B", (), ("A", "B")),
        ("image_T1 mask_T1", (), ("T1",)),
        ("image image_T1 mask_T1", (), ("T1",)),
        ("image_T1 image_T2 mask_T1_A mask_T2_B", ("T1", "T2"), ("A", "B")),
        ("image_T1 image_T2 mask", ("T1", "T2"), ("",)),
        ("image_T1 image_T2 mask mask_T2", ("T1", "T2"), ("",)),
        ("image_pre image_post mask_pre mask_post", ("pre", "post"), ("",)),
        ("image_T1 mask_A", ("T1",), ("A",)),
        ("image_T1 image_X mask_A", ("T1", "X"), ("A",)),
        ("image_T1 image_T1_FS mask_T1_FS_A mask_T1_A", ("T1", "T1_FS"), ("A",)),
        ("image@T1 image@T2 mask_T1 mask_T2", (), ("T1", "T2")),
        ("image_T1@A image_T2 mask_A mask_B", ("T2", "T1"), ("A", "B")),
    ],
)
def test_what_is_a_sequence_and_who_a_reader(columns, sequences, readers):
    found = table_columns(columns.split())
    assert (found.sequences, found.readers) == (sequences, readers)
    assert set(found.paths()) == set(columns.split())


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("image image_T1 mask", "'image' beside 'image_T1'.*'image@<reader>'"),
        ("image image_T1 image_T2 mask_T1 mask_T2", "'image' beside 'image_T1', 'im"),
        ("image_T1 image_T2 mask_T1", "sequence 'T2' has no mask.*'mask_T2_<reader>'"),
        ("image_T1 image_T2 mask_T1 mask_A", "'mask_T1', of no reader, beside 'mask_A"),
        ("image_T1 image_T2", "no mask column"),
        ("image_A mask_A mask_B", "no column 'image'"),
        ("image image mask", "2 columns named 'image'"),
        ("image mask_A mask_A", "2 columns named 'mask_A'"),
        ("image_T1 mask_a|b", r"column 'mask_a\|b' has a '\|'"),
        ("image_T1|FS mask_a", r"column 'image_T1\|FS' has a '\|'"),
        ("image image_B mask_A", "'image_B' names a reader without a mask"),
        ("image image@B mask_A", "'image@B' names a reader without a mask"),
        ("image_T1 image_T1@B mask_A", "'image_T1@B' names a reader without a mask"),
        (
            "image_T1@A image_T2 mask_T1_A mask_T1_B mask_T2_A",
            "reader 'B' has no image",
        ),
        ("image_T1 image_T2 mask_", "'mask_' names no reader"),
        ("image mask image@X mask_X", "both 'mask' and 'mask_X'"),
    ],
)
def test_what_is_refused_says_the_spelling(columns, message):
    with pytest.raises(CohortError, match=message):
        table_columns(columns.split())


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a", "b", "a"], "2 columns named 'a'"),
        (["a", "b", "b", "b"], "3 columns named 'b'"),
        (["a", ""], "an unnamed column"),
    ],
)
def test_each_column_has_a_name_of_its_own(names, message):
    with pytest.raises(CohortError, match=f"the table has {message}; expected"):
        check_unique(names)
    check_unique(["a", "b"])


def test_the_columns_that_say_where_a_lesion_is():
    names = ["patient", "mask_A", "section", "image", 7, "stack_A", "stack_B", "age"]
    assert lesion_columns(names) == ["mask_A", "section", "image", "stack_A"]


COLUMNS = "image_T1 image_T2 image_T2@B mask_A mask_T2_B mask_T1_B section_T2 age"


def cohort(columns=COLUMNS):
    return Cohort.of(
        pd.DataFrame([[f"{c}.x" for c in columns.split()]]).set_axis(
            columns.split(), axis=1
        )
    )


def test_a_cohort_without_readers_or_sequences():
    whole = cohort()
    assert (whole.sequences, whole.readers) == (("T1", "T2"), ("A", "B"))
    assert cohort("image mask").sequences == cohort("age").sequences == ()
    alone = whole.without_readers(["B"])
    assert list(alone.table) == ["image_T1", "image_T2", "mask_A", "section_T2", "age"]
    assert (alone.sequences, alone.readers) == (("T1", "T2"), ("A",))
    t1 = whole.without_sequences(["T2"])
    assert list(t1.table) == ["image_T1", "mask_A", "mask_T1_B", "age"]
    assert (t1.sequences, t1.readers) == (("T1",), ("A", "B"))
    assert list(as_lesions(t1.table)[0].readers) == ["T1|lesion|A", "T1|lesion|B"]


def test_one_sequence_that_is_left_stays_a_sequence():
    left = cohort("image_T1 image_T2 mask_T1 mask_T2").without_sequences(["T1"])
    assert as_lesions(left.table)[0].readers == ("T2|lesion",)
    assert left.sequences == table_columns(left.table.columns).sequences == ("T2",)


def test_an_outline_of_all_sequences_stays_beside_that_of_the_one_that_is_left():
    left = cohort("image_T1 image_T2 mask mask_T2").without_sequences(["T1"])
    assert list(left.table) == ["image_T2", "mask", "mask_T2"]
    (lesion,) = as_lesions(left.table)
    assert lesion.readers == ("T2|lesion",)
    assert lesion.mask_of("T2|lesion") == "mask_T2.x"


@pytest.mark.parametrize(
    ("dropped", "message"), [(["T3"], "names 'T3'"), (["T1", "T2"], "leaves none")]
)
def test_sequences_that_cannot_be_dropped(dropped, message):
    with pytest.raises(CohortError, match=f"{message}.*'T1', 'T2'"):
        cohort().without_sequences(dropped)


def test_every_slice_of_several_sequences_is_refused():
    table = pd.DataFrame({"image_T1": ["a"], "mask_A": ["b"], "patient": ["c"]})
    with pytest.raises(CohortError, match="images of several sequences"):
        expand_cohort(table, "all")
    with pytest.raises(CohortError, match="reader 'B' has no mask"):
        expand_cohort(table, "largest", reader="B")
