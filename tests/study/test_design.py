from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.cohort import Cohort
from sklearn_orn.cohort._outcome import encode_outcome
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._enough import why_no_model
from tests.study._checks import make_design
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
        ({"location": "site"}, "no column 'site', named as location"),
        ({"clinical": ["age"]}, "no column 'age', named as clinical"),
        ({"size": "mm"}, "no column 'mm', named as size"),
        ({"size": "lesion"}, r"column 'lesion' \(size\) holds 'L00' for .*numbers"),
    ],
)
def test_settings_that_do_not_fit_the_table(changes, message):
    with pytest.raises(CohortError, match=message):
        make_design(make_table(), config(**changes))


def test_one_size_that_is_no_number_is_named_with_its_lesion():
    table = make_table().assign(mm=1.5)
    assert Cohort.of(table, config(size="mm").columns).size.tolist() == [1.5] * 48
    table = table.astype({"mm": object})
    table.loc[[3, 4, 5], "mm"] = ["2.5", "big", None]
    with pytest.raises(CohortError, match=r"'mm' \(size\) holds 'big' for L04: exp"):
        make_design(table, config(size="mm"))


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


def reason(table, cv=3, **changes):
    return why_no_model(make_design(table, config(cv=cv, **changes)), cv=cv)


@pytest.mark.parametrize("part", ["training", "validation"])
def test_a_part_of_one_class_has_no_model(part):
    table = make_table()
    assert reason(table) is None
    table = table[(table["part"] != part) | (table["grade"] == "high")]
    assert f"the {part} part holds no measured lesion of class 'low'" in reason(table)


def test_one_class_without_a_split_has_no_model():
    table = make_table()
    told = reason(table[table["grade"] == "high"], split=None)
    assert told.startswith("no measured lesion is of class 'not high'")
    told = reason(table[table["grade"] == "low"], split=None)
    assert told.startswith("no measured lesion is of class 'high'")


def test_other_than_two_classes():
    table = make_table().assign(grade=["a", "b", "c"] * 16)
    with pytest.raises(CohortError, match=r"3 classes: 'a' \(16\), 'b'"):
        make_design(table, config(positive="a"))


def test_a_class_of_too_few_patients_has_no_model():
    told = reason(make_table(), cv=15)
    assert "class 'low' has 15 lesions of 11 patients" in told
    assert "cv=15 folds by patient: at least 15" in told
    assert "--cv N" in told


def test_folds_within_folds_need_more_patients():
    table = make_table(8)
    assert reason(table, cv=2, split=None) is None
    assert "within folds: at least 5 patients" in reason(table, cv=3, split=None)


@pytest.mark.parametrize(
    ("before", "after", "cut"),
    [
        (2015, 2021, 2020),
        ("2015-01-31", "2020-02-01", "2020-02-01"),
        ("2015-01", "2020-02", "2020-02-01"),
        (2015, 2020, "2020"),
        (2015.5, 2020.0, 2019.5),
        (pd.Timestamp("2015-01-01"), pd.Timestamp("2020-02-01"), "2020-02-01"),
        (date(2015, 1, 1), date(2020, 2, 1), date(2020, 2, 1)),
    ],
)
def test_a_split_by_date(before, after, cut):
    later = make_table()["part"] == "validation"
    table = make_table().assign(seen=[after if new else before for new in later])
    design = make_design(table, config(split=None, date="seen", cut=cut))
    assert design.has_split
    np.testing.assert_array_equal(design.training, ~later)


@pytest.mark.parametrize(
    ("dates", "cut", "message"),
    [
        ([2015 + i % 10 for i in range(48)], 2020, "3 patients stand on both sides"),
        ([2015] * 48, 2020, "No sample is dated from cut=2020"),
        ([2015] * 47 + [None], 2020, "column 'seen' .* is empty for 1 of 48"),
        (["soon"] * 48, "2020-01-01", "column 'seen' .* holds 'soon' for L00"),
        (["31/01/2020"] * 48, "2020-01-01", "Write dates as 2020-01-31"),
        (["2020-13-45"] * 48, "2020-01-01", "column 'seen'.*2020-13-45"),
        (["2015-01-01"] * 48, "never", "cut='never' of column 'seen'"),
        ([2015] * 48, "2020-01-01", "cut='2020-01-01' of column 'seen'.*numbers"),
    ],
)
def test_a_cut_that_does_not_fit_the_dates(dates, cut, message):
    table = make_table().assign(seen=dates)
    with pytest.raises(CohortError, match=message) as error:
        make_design(table, config(split=None, date="seen", cut=cut))
    assert "\n" not in str(error.value)


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
        (["No", "YES"], None, ("No", "YES")),
        (["nein", "ja"], "1", ("nein", "ja")),
        (["0", "ja"], "YES", ("0", "ja")),
    ],
)
def test_labels(values, positive, labels):
    y, found = encode_outcome(pd.Series(values, name="y"), positive)
    assert found == labels
    assert y.tolist() == ([1, 0] if positive == 0 else [0, 1])


def test_answers_in_any_spelling_are_one():
    column = pd.Series(["Yes", "YES", "ja", "YES", "nein", "No", "No", 1], name="y")
    y, labels = encode_outcome(column, None)
    assert y.tolist() == [1, 1, 1, 1, 0, 0, 0, 1]
    assert labels == ("No", "YES")  # as most of the cells have it
    with pytest.raises(CohortError, match="3 classes.*differ by capitals alone"):
        encode_outcome(pd.Series(["ORN", "orn", "meta"], name="y"), None)
    with pytest.raises(CohortError, match="3 classes") as caught:
        encode_outcome(pd.Series(["ORN", "scar", "meta"], name="y"), None)
    assert "capitals" not in str(caught.value)
    with pytest.raises(CohortError, match="3 classes: 'ORN' .1., 'ja' .2., 'meta'"):
        encode_outcome(pd.Series(["ja", "ORN", "meta", "ja"], name="y"), "ja")


@pytest.mark.parametrize(
    ("positive", "y", "labels"),
    [
        (None, [1], ("not high", "high")),
        ("high", [1], ("not high", "high")),
        ("ORN", [0], ("high", "ORN")),
    ],
)
def test_a_single_lesion_is_of_one_class(positive, y, labels):
    found, names = encode_outcome(pd.Series(["high"], name="y"), positive)
    assert (found.tolist(), names) == (y, labels)


@pytest.mark.parametrize("values", [["yes", "maybe"], ["no", "ORN"]])
def test_an_answer_beside_another_label_does_not_say_which_is_positive(values):
    with pytest.raises(CohortError, match="nothing says which one is the positive"):
        encode_outcome(pd.Series(values, name="y"), None)


@pytest.mark.parametrize(
    ("values", "positive"), [([0, 1], "high"), (["no", "ORN"], "yes")]
)
def test_a_positive_label_that_no_lesion_has_is_refused(values, positive):
    with pytest.raises(CohortError, match=f"label '{positive}' is not in column 'y'"):
        encode_outcome(pd.Series(values, name="y"), positive)


def test_german_dates_are_those_of_iso():
    later = make_table()["part"] == "validation"
    dates = ["1.2.2021" if new else "31.12.2020" for new in later]
    table = make_table().assign(seen=dates)
    design = make_design(table, config(split=None, date="seen", cut="01.01.2021"))
    np.testing.assert_array_equal(design.training, ~later)


def test_patients_that_lost_the_zeros_of_their_ids_are_pointed_at():
    table = make_table()
    table["patient"] = table["patient"].map({"P00": "P0"}).fillna(table["patient"])
    assert make_design(table, config()) is not None
    table.loc[0, "patient"] = "P000"
    with pytest.raises(CohortError, match="'P000' and 'P0', which differ by zeros"):
        make_design(table, config())


@pytest.mark.parametrize("labels", [(0, 1), (False, True), ("no", "YES"), (0, "ja")])
def test_an_answer_is_named_after_its_column(labels):
    table = make_table(labels=labels)
    design = make_design(table, config(positive=None))
    assert design.labels == tuple(map(str, labels))
    assert design.classes == tuple(f"grade = {label}" for label in labels)
    one = make_design(table[table["grade"] == labels[1]], config(positive=None))
    assert one.classes == (f"grade = not {labels[1]}", f"grade = {labels[1]}")


@pytest.mark.parametrize("labels", [("no", "ORN"), ("meta", "yes"), ("note", "knot")])
def test_a_label_that_names_a_class_stays(labels):
    design = make_design(make_table(labels=labels), config(positive=labels[1]))
    assert design.classes == labels


def test_one_validation_part_has_no_name_and_several_have():
    table = make_table()
    assert make_design(table, config()).part is None
    new = table.index[table["part"] == "validation"]
    table.loc[new[::2], "patient"] += "x"
    table.loc[new[::2], "part"] = "External  A"
    table.loc[new[2], "part"] = "external a"
    design = make_design(table, config())
    expected = table["part"].replace(["External  A", "external a"], "External A")
    assert design.part.tolist() == expected.tolist()
    rows = new[[4, 1, 0]].to_numpy()
    assert design.take(rows).part.tolist() == expected[rows].tolist()
    assert make_design(make_table(), config()).take(rows).part is None


def test_a_signature_tells_the_positive_class_where_it_knows_the_labels():
    names = ("low", "high")

    def design(table=None, positive=None):
        columns = config(positive=positive).columns
        table = make_table() if table is None else table
        return Cohort.of(table, replace(columns, class_names=names)).design

    assert design().labels == ("low", "high")
    assert design(positive="low").labels == ("high", "low")
    only = design(make_table().query("grade == 'low'"))
    assert only.labels == ("low", "high") and not only.y.any()
    with pytest.raises(CohortError, match="nothing says which one is the positive"):
        design(make_table(labels=("benign", "malignant")))
    assert design(make_table(labels=(0, 1))).labels == ("0", "1")


def test_lesions_without_a_name_are_named_by_row():
    table = make_table().drop(columns="lesion")
    assert make_design(table, config()).lesion[3] == "row 3"
