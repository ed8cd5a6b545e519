"""What `init` takes each column of a table for, from its name and its values."""

import pandas as pd
import pytest

from sklearn_orn.study._guessed_settings import (
    class_labels,
    guess_folds,
    guess_positive,
    guess_settings,
    two_valued,
)

N = 12
PLAIN = pd.DataFrame(
    {
        "lesion": [f"L{i}" for i in range(N)],
        "image": "a.png",
        "mask_anna": "m.png",
        "grade": ["low", "high"] * 6,
        "age": range(40, 52),
    }
)
KEYS = ("outcome", "patient", "split", "date", "centre", "location")


def guessed(key, **columns):
    return guess_settings(PLAIN.assign(**columns))[key]


def test_a_table_of_lesions_with_an_outcome_and_an_age():
    found = guess_settings(PLAIN)
    assert {key: found[key] for key in KEYS} == {
        "outcome": "grade",
        "patient": "lesion",
        "split": None,
        "date": None,
        "centre": None,
        "location": None,
    }
    assert found["clinical"] == {"age": "continuous"}
    assert found["not_all_numbers"] == {}


def test_names_in_other_spellings():
    table = PLAIN.rename(columns={"grade": "Diagnosis"})
    table = table.assign(
        **{"Patient-ID": range(N), "Zentrum": ["A", "B"] * 6, "MRI date": range(N)}
    )
    found = guess_settings(table)
    assert found["outcome"] == "Diagnosis" and found["patient"] == "Patient-ID"
    assert found["centre"] == "Zentrum" and found["date"] == "MRI date"


def test_a_lesion_is_a_patient_where_each_is_another():
    assert guessed("patient", lesion=["L1"] * 2 + [f"L{i}" for i in range(10)]) is None
    assert guess_settings(PLAIN.drop(columns="lesion"))["patient"] is None
    assert guessed("patient", patient=[1, 2] * 6) == "patient"


def test_the_outcome_has_two_classes():
    three = PLAIN.assign(grade=["low", "high", "other"] * 4)
    assert guess_settings(three)["outcome"] is None
    one_more = three.assign(pain=[0, 1] * 6)
    found = guess_settings(one_more)
    assert found["outcome"] == "pain" and "grade" in found["clinical"]
    both = one_more.assign(sex=["m", "f"] * 6)
    found = guess_settings(both)
    assert found["outcome"] is None
    assert not {"pain", "sex"} & set(found["clinical"])
    assert two_valued(both) == ["pain", "sex"]


def test_a_column_that_has_another_role_is_not_the_outcome():
    table = PLAIN.drop(columns="grade").assign(site=["left", "right"] * 6)
    found = guess_settings(table)
    assert found["location"] == "site" and found["outcome"] is None
    assert guess_settings(table.assign(pain=[0, 1] * 6))["outcome"] == "pain"


def test_a_centre_is_one_of_several():
    assert guessed("centre", centre="A") is None
    assert guessed("centre", centre=["A", "B"] * 6) == "centre"
    assert "centre" not in guessed("clinical", centre=["A", "B", "C"] * 4)


def test_with_a_split_no_date_is_offered():
    dates = {"year": range(2000, 2000 + N)}
    parts = ["training", "validation"] * 6
    assert guessed("date", **dates) == "year"
    found = guess_settings(PLAIN.assign(**dates, part=parts))
    assert (found["split"], found["date"]) == ("part", None)


@pytest.mark.parametrize(
    ("parts", "is_split"),
    [
        (["training", "validation"], True),
        (["Training", "internal"], True),
        (["training", "training"], False),
        (["validation", "test"], False),
        (["A", "B"], False),
        ([0, 1], False),
        (["training", None], False),
    ],
)
def test_a_split_holds_training_and_another_part(parts, is_split):
    assert (guessed("split", split=parts * 6) == "split") is is_split
    assert (guessed("split", other=parts * 6) == "other") is is_split


def test_of_two_splits_neither_is_taken():
    parts = ["training", "validation"] * 6
    assert guessed("split", one=parts, two=parts[::-1]) is None
    assert guessed("split", one=parts, split=parts[::-1]) == "split"


@pytest.mark.parametrize(
    "name",
    [
        *("image_T1", "mask_ben", "series_@T1", "stack_T2", "section@T1", "series"),
        *("stack", "section", "roi", "lesion"),
    ],
)
def test_columns_of_images_are_nothing_clinical(name):
    table = PLAIN.drop(columns=["lesion", "image", "mask_anna"])
    found = guess_settings(table.assign(**{name: [1, 2, 3] * 4}))
    assert name not in found["clinical"]
    assert name not in two_valued(table.assign(**{name: [1, 2] * 6}))


@pytest.mark.parametrize("name", ["sections", "roi_volume", "seriesly", "lesions"])
def test_columns_that_sound_like_images_alone(name):
    assert name in guessed("clinical", **{name: [1, 2, 3] * 4})


@pytest.mark.parametrize("name", ["date", "section", "synthetic"])
def test_columns_that_describe_no_patient(name):
    parts = ["training", "validation"] * 6
    assert name not in guessed("clinical", split=parts, **{name: [1, 2, 3] * 4})


def test_columns_with_few_levels_or_numbers_are_clinical():
    ten, eleven = ([f"x{i % n}" for i in range(N)] for n in (10, 11))
    found = guessed(
        "clinical", one="x", two=["x", "y"] * 6, ten=ten, eleven=eleven, same=5,
        numbers=range(N), stage=["T1", "T2", "T3"] * 4,
    )  # fmt: skip
    assert {"ten", "numbers", "stage"} <= set(found)
    assert not {"one", "eleven", "same"} & set(found)


def test_a_blank_name_is_no_column():
    found = guess_settings(PLAIN.assign(**{" ": [0, 1] * 6}).drop(columns="grade"))
    assert found["outcome"] is None and list(found["clinical"]) == ["age"]
    assert two_valued(PLAIN.assign(**{" ": [0, 1] * 6})) == ["grade"]


def test_texts_among_numbers_are_shown_once_each():
    cells = [*map(str, range(20, 29)), "k.A.", "> 50", "k.A."]
    found = guess_settings(PLAIN.assign(marker=cells))
    assert found["not_all_numbers"] == {"marker": ["k.A.", "> 50"]}
    assert "marker" not in found["clinical"]
    half = [*map(str, range(6)), *"abcdef"]
    assert guessed("not_all_numbers", marker=half) == {}
    ten = [*map(str, range(9)), "x", "x", "1"]
    assert guessed("not_all_numbers", marker=ten) == {}
    assert guessed("not_all_numbers", marker=[None, *cells[:9], "x", "11"]) == {
        "marker": ["x"]
    }


# Which class is the positive one, and how many folds there are -----------------------


@pytest.mark.parametrize(
    ("cells", "positive"),
    [
        (["no", "yes", "yes"], "yes"),
        (["malignant", "benign", "malignant"], "malignant"),
        (["Control", "case", "case"], "case"),
        (["low", "high", "high"], "low"),
        (["low", "high", "low"], "high"),
        (["low", "high"], "low"),
        (["no pain", "none", "none"], "no pain"),
        ([0, 1, 1], "1"),
    ],
)
def test_the_positive_class_is_a_finding_or_the_rarer_one(cells, positive):
    column = pd.Series([*cells, None], dtype=object)
    assert guess_positive(column) == positive
    assert class_labels(column) == sorted(set(map(str, cells)))


def table_of(classes):
    """Two lesions of each patient; a class for each patient, and their parts."""
    rows = [
        {"patient": i, "grade": grade, "split": part}
        for i, (grade, part) in enumerate(classes)
        for _ in range(2)
    ]
    return pd.DataFrame(rows)


def folds(table, most=10, **columns):
    named = {"outcome": "grade", "patient": "patient", "split": None} | columns
    return guess_folds(table, named, most)


def test_folds_are_as_many_as_the_smaller_class_has_patients_to_train_on():
    classes = [("high", "training")] * 4 + [("high", "validation")] * 3
    classes += [("low", "training")] * 9 + [(None, "training")] * 3
    table = table_of(classes)
    assert folds(table) == 7
    assert folds(table, split="split") == 4
    assert folds(table, most=3) == 3
    assert folds(table, outcome=None) == folds(table, patient=None) == 10
    assert folds(table_of([("high", "training"), *classes[-6:]]), most=10) == 2
    assert folds(table_of(classes[:4])) == 10
    training = table.replace({"split": {"training": "Training"}})
    assert folds(training, split="split") == 4
