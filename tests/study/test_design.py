import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import CohortError
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._design import encode_outcome, make_design
from tests.study._cohort import make_table


def config(**changes):
    settings = {
        "outcome": "grade",
        "positive": "high",
        "patient": "patient",
        "split": "part",
        "cv": 3,
    }
    return StudyConfig(**settings | changes)


def with_cell(column, row, value):
    table = make_table().astype(object)
    table.loc[row, column] = value
    return table


def test_design_of_a_good_table():
    table = make_table()
    design = make_design(table, config())
    assert design.labels == design.classes == ("low", "high")
    np.testing.assert_array_equal(design.y, table["grade"] == "high")
    np.testing.assert_array_equal(design.training, table["part"] == "training")
    assert not set(design.patient[design.training]) & set(
        design.patient[~design.training]
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"outcome": "grad"}, r"no column 'grad', named as outcome.*lesion, patient"),
        ({"patient": "pat"}, "no column 'pat', named as patient"),
        ({"split": "fold"}, "no column 'fold', named as split"),
        ({"positive": "High"}, r"'High' is not in column 'grade'.*'high' \(24\)"),
        ({"positive": None}, r"'high' \(24\), 'low' \(24\), not 0/1.*--positive LABEL"),
        ({"patient": None}, "--patient COLUMN.*name the lesion column"),
        ({"cv": 15}, r"class 'low' has .* of 11 patients.*cv=15.*--cv N"),
    ],
)
def test_settings_that_do_not_fit_the_table(changes, message):
    with pytest.raises(CohortError, match=message):
        make_design(make_table(), config(**changes))


def test_sorted_labels_never_decide_which_class_is_positive():
    table = make_table()
    low, high = (
        make_design(table, config(positive=label)) for label in ("low", "high")
    )
    np.testing.assert_array_equal(low.y, 1 - high.y)


@pytest.mark.parametrize("column", ["grade", "patient", "part"])
@pytest.mark.parametrize("value", [np.nan, None, " "])
def test_empty_cells_are_named_by_lesion(column, value):
    with pytest.raises(CohortError, match=f"column '{column}'.*is empty for 1.*L04"):
        make_design(with_cell(column, 4, value), config())


def test_other_split_values_are_named():
    with pytest.raises(CohortError, match=r"'test' \(1\) for L04: expected 'training'"):
        make_design(with_cell("part", 4, "test"), config())


def test_split_is_read_without_regard_to_case_and_space():
    design = make_design(with_cell("part", 0, " Training "), config())
    assert design.training[0]


def test_a_split_needs_both_parts():
    table = make_table().assign(part="training")
    with pytest.raises(CohortError, match="no lesion for validation"):
        make_design(table, config())


def test_a_patient_in_both_parts_is_named():
    table = make_table().assign(patient=[f"P{i % 8}" for i in range(48)])
    with pytest.raises(CohortError, match=r"8 patient\(s\).*P0, P1, .* and 3 more"):
        make_design(table, config())


@pytest.mark.parametrize("part", ["training", "validation"])
def test_a_part_of_one_class_is_refused(part):
    table = make_table()
    table = table[(table["part"] != part) | (table["grade"] == "high")]
    with pytest.raises(CohortError, match=f"the {part} part holds no .* class 'low'"):
        make_design(table, config())


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a"] * 48, "only one class: 'a' "),
        (["a", "b", "c"] * 16, r"3 classes: 'a' \(16\), 'b'"),
    ],
)
def test_other_than_two_classes(labels, message):
    with pytest.raises(CohortError, match=message):
        make_design(make_table().assign(grade=labels), config(positive="a"))


def test_folds_within_folds_need_more_patients():
    table = make_table(8)
    assert make_design(table, config(split=None, cv=2)).training.all()
    with pytest.raises(CohortError, match="within folds: at least 5 patients"):
        make_design(table, config(split=None, cv=3))


def test_an_empty_table():
    with pytest.raises(CohortError, match="empty"):
        make_design(make_table().iloc[:0], config())


@pytest.mark.parametrize(
    ("values", "positive", "labels"),
    [
        ([0, 1], None, ("0", "1")),
        ([0.0, 1.0], None, ("0", "1")),
        (["0", "1"], None, ("0", "1")),
        ([False, True], None, ("False", "True")),
        ([0, 1], 0, ("1", "0")),
        ([1.0, 2.0], "2", ("1", "2")),
        (["no", "yes"], "yes", ("no", "yes")),
        (["no", "yes "], "yes", ("no", "yes")),
    ],
)
def test_labels(values, positive, labels):
    y, found = encode_outcome(pd.Series(values, name="y"), positive)
    assert found == labels
    assert y.tolist() == ([1, 0] if positive == 0 else [0, 1])


def test_a_label_of_digits_is_named_after_its_column():
    table = make_table(labels=(0, 1))
    design = make_design(table, config(positive=None))
    assert design.classes == ("grade = 0", "grade = 1")


def test_lesions_without_a_name_are_named_by_row():
    table = make_table().drop(columns="lesion")
    assert make_design(table, config()).lesion[3] == "row 3"
