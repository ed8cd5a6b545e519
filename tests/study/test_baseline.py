"""Table 1 and 2: who is counted, which test is named, and R's numbers."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu, norm

from sklearn_orn.cohort._design import StudyDesign
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study._json_csv import plain_data
from sklearn_orn.study.baseline import _baseline_table
from sklearn_orn.study.baseline._centre_rows import centre_rows
from sklearn_orn.study.baseline._rows import decimals_for, summary_of
from sklearn_orn.study.baseline._variables import read_variable
from tests._data import R_REFERENCE
from tests._examples import examples

R = json.loads((R_REFERENCE / "tests.json").read_text())
A = pd.read_csv(R_REFERENCE / "a_train95.csv")


def baseline_table(*args, **settings):
    """Return the table as results.json has it."""
    return plain_data(_baseline_table.baseline_table(*args, **settings))


def location_table(*args):
    """Return the table as results.json has it."""
    return plain_data(_baseline_table.location_table(*args))


def design_of(patient, y, training=None, classes=("low", "high")):
    patient = np.array(patient, dtype=object)
    y = np.array(y, dtype=int)
    has_split = training is not None
    training = np.array(training, bool) if has_split else np.ones(len(y), bool)
    ids = np.array([f"L{i}" for i in range(len(y))], dtype=object)
    return StudyDesign(ids, patient, y, training, ("0", "1"), classes, has_split)


def of_r():
    return design_of([f"P{i}" for i in A["id"]], A["y"])


def rows_of(table, variable, part="all"):
    rows = table["by_class"][part] if part else table["by_part"]
    return [row for row in rows if row["variable"] == variable]


@pytest.fixture
def small():
    """Six lesions of four patients: P2 has one of each class, P3 two alike."""
    cohort = pd.DataFrame(
        {
            "sex": ["f", "m", "m", "f", "f", "m"],
            "side": ["left", "left", "right", "right", "right", "left"],
            "size": [10.5, 20.0, 30.0, 40.0, 50.0, np.nan],
        }
    )
    design = design_of(["P1", "P2", "P2", "P3", "P3", "P4"], [0, 0, 1, 1, 1, 0])
    return cohort, design


def test_patients_are_counted_once_and_positive_if_any_lesion_is(small):
    table = baseline_table(*small, ["sex"])
    patients, lesions, header, female, male = table["by_class"]["all"]
    assert patients["cells"] == {"low": "2", "high": "2"}
    assert lesions["cells"] == {"low": "3", "high": "3"}
    assert (header["kind"], header["level"], header["unit"]) == (
        "categorical",
        None,
        "patient",
    )
    assert female["cells"] == {"low": "1 (50.0 %)", "high": "1 (50.0 %)"}
    assert male["values"]["high"] == {"count": 1, "total": 2, "share": 0.5}
    assert header["test"] == "Fisher's exact" and header["p_value"] == 1
    assert header["smd"] == 0 and header["note"] is None
    assert "1 patient has lesions of both classes and count" in table["notes"][0]
    assert table["by_part"] is None


def test_a_column_that_differs_within_a_patient_counts_lesions(small):
    (header, left, _) = rows_of(baseline_table(*small, ["side"]), "side")
    assert header["unit"] == left["unit"] == "lesion"
    assert header["note"] == "Counts lesions: the value differs within 1 patient (P2)."
    assert header["test"] == "Pearson chi-square by patient"
    assert left["cells"] == {"low": "3 (100.0 %)", "high": "0 (0.0 %)"}


def test_a_number_that_differs_within_a_patient_is_tested_by_patient():
    rng = np.random.default_rng(0)
    patient = np.repeat(np.arange(40), 2)
    y = patient % 2
    cohort = pd.DataFrame({"size": rng.normal(20, 4, 80)})
    design = design_of(patient.astype(str), y)
    (row,) = rows_of(baseline_table(cohort, design, ["size"]), "size")
    assert (row["kind"], row["unit"]) == ("median", "lesion")
    assert row["test"] == "Mann-Whitney U by patient"
    assert "40 patients (0, 1, 2 and 37 more)." in row["note"]
    assert "independent" not in row["note"]


def test_a_lesion_without_a_category_is_left_out_of_the_test():
    rng = np.random.default_rng(1)
    patient = np.repeat(np.arange(12), 2)
    y, side = patient % 2, np.where(rng.random(24) < 0.5, "left", "right")
    gone = np.array([3, 10, 16])
    cohort = pd.DataFrame({"side": side.astype(object)})
    cohort.loc[gone, "side"] = None
    header = rows_of(
        baseline_table(cohort, design_of(patient.astype(str), y), ["side"]), "side"
    )[0]
    kept = np.setdiff1d(np.arange(24), gone)
    design = design_of(patient[kept].astype(str), y[kept])
    alone = rows_of(baseline_table(cohort.loc[kept], design, ["side"]), "side")[0]
    assert header["test"] == alone["test"] == "Pearson chi-square by patient"
    assert header["p_value"] == pytest.approx(alone["p_value"]) and alone["p_value"] < 1


def test_missing_values_are_counted_and_left_out(small):
    cohort, design = small
    cohort["size"] = [10.0, 20.0, 20.0, 40.0, np.nan, np.nan]
    (row,) = rows_of(
        baseline_table(cohort, design, ["size"], kinds={"size": "median"}), "size"
    )
    assert row["missing"] == {"low": 1, "high": 0}
    assert row["unit"] == "patient"  # P3 has one known value
    assert row["cells"] == {"low": "10.0 [10.0 to 10.0]", "high": "30.0 [25.0 to 35.0]"}
    assert [row["values"][k]["n"] for k in ("low", "high")] == [1, 2]
    notes = baseline_table(cohort, design, ["size"])["notes"]
    assert "Percentages and tests are of the known values." in notes


def test_percentages_are_of_the_known_values(small):
    cohort, design = small
    cohort["sex"] = ["f", " ", None, "f", "f", "m"]
    header, female, male = rows_of(baseline_table(cohort, design, ["sex"]), "sex")
    assert header["missing"] == {"low": 0, "high": 1}
    assert female["cells"] == {"low": "1 (50.0 %)", "high": "1 (100.0 %)"}
    assert male["values"]["high"]["total"] == 1


def test_a_column_without_any_value(small):
    cohort, design = small
    rows = rows_of(
        baseline_table(cohort.assign(empty=None), design, ["empty"]), "empty"
    )
    assert len(rows) == 1
    assert rows[0]["missing"] == {"low": 2, "high": 2}
    assert rows[0]["test"] is None and rows[0]["p_value"] is None


def test_one_class_only_has_no_test(small):
    cohort, _ = small
    design = design_of(["a", "b", "c", "d", "e", "f"], [1] * 6)
    table = baseline_table(cohort, design, ["sex", "size"], kinds={"size": "mean"})
    for row in table["by_class"]["all"]:
        assert row["test"] is None and row["p_value"] is None and row["smd"] is None
    (size,) = rows_of(table, "size")
    assert size["cells"]["low"] == "\N{EN DASH}"
    assert size["cells"]["high"] == "30.1 ± 15.7"


@pytest.mark.parametrize(("name", "key"), [("sex", "a_sex"), ("lymph", "a_lymph")])
def test_chi_square_as_r(name, key):
    header = rows_of(baseline_table(A, of_r(), [name]), name)[0]
    assert header["test"] == "Pearson chi-square"
    assert header["p_value"] == pytest.approx(R[key]["p"], abs=1e-9)
    assert header["statistic"] == pytest.approx(R[key]["chisq"], abs=1e-9)


def test_fisher_as_r():
    header, *levels = rows_of(baseline_table(A, of_r(), ["stage"]), "stage")
    assert header["test"] == "Fisher-Freeman-Halton exact"
    assert header["p_value"] == pytest.approx(R["a_stage"]["fisher_p"], abs=1e-9)
    counts = [[row["values"][k]["count"] for k in ("low", "high")] for row in levels]
    assert counts == R["a_stage"]["table"]
    assert [row["level"] for row in levels] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("name", ["age", "size_mm", "f01", "f02", "f10"])
def test_numbers_as_r(name):
    expected = R[f"mw_{name}"]
    for kind, test, p_value in (
        ("mean", "Welch's t", expected["welch_t"]),
        ("median", "Mann-Whitney U", expected["asymptotic_cc"]["p"]),
    ):
        table = baseline_table(A, of_r(), [name], kinds={name: kind})
        (row,) = rows_of(table, name)
        assert (row["kind"], row["test"]) == (kind, test)
        assert row["p_value"] == pytest.approx(p_value, abs=1e-9)


def test_the_data_choose_between_mean_and_median():
    table = baseline_table(A, of_r(), ["age", "f01"])
    assert rows_of(table, "age")[0]["kind"] == "mean"
    assert rows_of(table, "f01")[0]["kind"] == "median"
    quantiles = A.loc[A["y"] == 1, "f01"].quantile([0.5, 0.25, 0.75])
    cell = rows_of(table, "f01")[0]["values"]["high"]
    assert [cell["median"], cell["q1"], cell["q3"]] == pytest.approx(quantiles.tolist())


def test_all_parts_show_a_variable_alike():
    rng = np.random.default_rng(1)
    n = 120
    training = np.arange(n) < 80
    value = np.where(training, rng.normal(50, 9, n), 50 + 9 * rng.exponential(1, n))
    design = design_of(np.arange(n).astype(str), np.arange(n) % 2, training)
    table = baseline_table(pd.DataFrame({"age": value}), design, ["age"])
    kinds = {rows_of(table, "age", part)[0]["kind"] for part in table["by_class"]}
    assert kinds == {"median"} == {rows_of(table, "age", None)[0]["kind"]}


def test_training_against_validation():
    training = np.arange(95) < 60
    design = design_of(A["id"].astype(str), A["y"], training)
    table = baseline_table(A, design, ["age", "sex", "stage"])
    assert list(table["by_class"]) == ["training", "validation"]
    patients = table["by_part"][0]
    assert patients["values"] == {"training": 60, "validation": 35}
    for part, rows in (("training", training), ("validation", ~training)):
        lesions = table["by_class"][part][1]
        positive = int(A["y"][rows].sum())
        assert lesions["values"] == {"low": rows.sum() - positive, "high": positive}
    stages = {
        part: [row["level"] for row in rows_of(table, "stage", part)]
        for part in ("training", "validation", None)
    }
    assert len({tuple(levels) for levels in stages.values()}) == 1
    (age,) = rows_of(table, "age", None)
    mean = A.loc[training, "age"].mean()
    assert age["values"]["training"]["mean"] == pytest.approx(mean)


def test_notes_tell_of_the_kinds_that_the_table_has():
    def notes(*columns, cohort=A, **settings):
        return baseline_table(cohort, of_r(), columns, **settings)["notes"]

    numbers, categories = "Numbers: mean ± SD and Welch", "Categories: Pearson's"
    first, second, last = notes("age")
    assert first.startswith("One value for each patient") and second.startswith(numbers)
    assert last.startswith("SMD: standardised mean difference without its sign.")
    assert notes("sex")[1].startswith(categories)
    both = [text.partition(":")[0] for text in notes("age", "sex")[1:3]]
    assert both == ["Numbers", "Categories"]
    gap = A.assign(age=A["age"].where(A.index != 3))
    known = "Percentages and tests are of the known values."
    assert known in notes("age", "sex", cohort=gap) and known not in notes("age", "sex")
    first, second, last = notes("sex", unit="lesion")  # one lesion each
    assert first == "Every lesion is counted." and second.startswith(categories)


def test_notes_tell_how_lesions_are_tested(small):
    by_patient = "Rows that count lesions are tested by patient:"
    *_, one_each, last = baseline_table(*small, ["sex"])["notes"]
    assert one_each.startswith("Categories: Pearson's") and last.startswith("SMD")
    *_, one_each, lesions, last = baseline_table(*small, ["sex", "side"])["notes"]
    assert one_each.startswith("Categories: Pearson's")
    assert lesions.startswith(by_patient)
    first, lesions, last = baseline_table(*small, ["sex"], unit="lesion")["notes"]
    assert first == "Every lesion is counted." and lesions.startswith(by_patient)


def test_each_centre_is_described_by_its_patients():
    """P2 has two lesions; P4's age and P5's sex are not known."""
    cohort = pd.DataFrame(
        {
            "age": [70.0, 70.0, 50.0, 61.0, np.nan, 64.0, 90.0, 54.0],
            "sex": ["f", "f", "m", "m", "f", None, "f", "m"],
            "side": ["left", "right", *["left"] * 3, *["right"] * 2, "left"],
        }
    )
    patient = ["P2", "P2", "P1", "P3", "P4", "P5", "P6", "P7"]
    design = design_of(patient, [0, 0, 1, 0, 1, 0, 1, 0])
    centres = np.array(list("bbababba"), dtype=object)

    def told(columns, centres=centres):
        rows = centre_rows(cohort, design, columns, centres)
        return [(r.variable, r.level, r.kind, r.unit, r.cells) for r in rows]

    assert told(["age", "sex"]) == [
        (
            *("age", None, "median", "patient"),
            {"a": "52.0 [51.0 to 53.0] (1 missing)", "b": "67.0 [63.2 to 75.0]"},
        ),
        ("sex", None, "categorical", "patient", {"a": "", "b": "(1 missing)"}),
        (
            *("sex", "f", "categorical", "patient"),
            {"a": "1 (33.3 %)", "b": "2 (66.7 %)"},
        ),
        (
            *("sex", "m", "categorical", "patient"),
            {"a": "2 (66.7 %)", "b": "1 (33.3 %)"},
        ),
    ]
    # Within P2 the side differs, so lesions are counted.
    left = {"a": "3 (100.0 %)", "b": "2 (40.0 %)"}
    assert told(["side"])[1] == ("side", "left", "categorical", "lesion", left)
    # And for all columns where a patient was seen in two centres.
    both = np.array(list("abababba"), dtype=object)
    female = {"a": "2 (50.0 %)", "b": "2 (66.7 %)"}
    assert told(["sex"], both)[1] == ("sex", "f", "categorical", "lesion", female)


def test_lesions_as_the_unit(small):
    table = baseline_table(*small, ["sex"], unit="lesion")
    header, female, _ = rows_of(table, "sex")
    assert header["unit"] == "lesion" and header["note"] is None
    assert female["values"]["high"] == {"count": 2, "total": 3, "share": 2 / 3}
    assert header["test"] == "Pearson chi-square by patient"
    again = baseline_table(*small, ["size"], unit="lesion", kinds={"size": "mean"})
    (size,) = rows_of(again, "size")
    assert (size["kind"], size["test"]) == ("mean", "Fisher-Pitman by patient")


def test_locations_count_lesions_in_every_part():
    cohort = pd.DataFrame({"site": ["jaw", "neck", "neck", "jaw", "orbit", "neck"]})
    design = design_of(list("aabbcd"), [0, 1, 0, 1, 0, 1], [1, 1, 1, 1, 0, 0])
    table = location_table(cohort, design, "site")
    for part in ("training", "validation"):
        rows = rows_of(table, "site", part)
        assert [row["level"] for row in rows] == [None, "jaw", "neck", "orbit"]
    jaw = rows_of(table, "site", "training")[1]
    assert jaw["cells"] == {"low": "1 (50.0 %)", "high": "1 (50.0 %)"}
    numbers = pd.DataFrame({"site": [1, 2, 3, 4, 5, 6]})
    assert (
        len(rows_of(location_table(numbers, design, "site"), "site", "training")) == 7
    )


def test_labels_stay_as_they_are():
    cohort = pd.DataFrame({'a, "b"': ["<b>x</b>", "y & z", "<b>x</b>", "{{ 1 }}"]})
    design = design_of(list("abcd"), [0, 0, 1, 1], classes=('"no", never', "<i>yes"))
    rows = rows_of(baseline_table(cohort, design, ['a, "b"']), 'a, "b"')
    assert [row["level"] for row in rows] == [None, "<b>x</b>", "y & z", "{{ 1 }}"]
    assert list(rows[0]["cells"]) == ['"no", never', "<i>yes"]


def test_levels_in_order_of_a_categorical_column():
    stage = pd.Categorical(["late", "early"] * 3, ["early", "late", "never"])
    cohort = pd.DataFrame({"stage": stage})
    design = design_of(list("abcdef"), [0, 1] * 3)
    rows = rows_of(baseline_table(cohort, design, ["stage"]), "stage")
    assert [row["level"] for row in rows] == [None, "early", "late"]


@pytest.mark.parametrize(
    ("cells", "kind", "levels"),
    [
        ([1, 2, 3, 4, 5, 6], "continuous", ()),
        (["1", "2", "3", "4.5", "5", "6"], "continuous", ()),
        ([1, 2, 3, 4, 5, 5], "categorical", ("1", "2", "3", "4", "5")),
        ([10.0, 9.0, 10.0, 9.0, 1.0, 9.0], "categorical", ("1", "9", "10")),
        ([True, False] * 3, "categorical", ("False", "True")),
        (["b", "a ", " a", "b", "c", "a"], "categorical", ("a", "b", "c")),
    ],
)
def test_kinds_are_inferred(cells, kind, levels):
    patient = np.array(list("abcdef"), dtype=object)
    found = read_variable(pd.Series(cells, name="x"), patient, patient)
    assert (found.kind, found.levels) == (kind, levels)


def test_thirty_categories_are_the_most():
    patient = np.arange(62)
    cells = pd.Series([f"no. {i % 30}" for i in patient], name="x")
    assert len(read_variable(cells, patient, patient).levels) == 30
    cells[61] = "no. 30"
    with pytest.raises(CohortError, match="31 different values for 62 lesions"):
        read_variable(cells, patient, patient)


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        ([1, 2, None, 2], "Int64"),
        ([1, 2, None, 2], "Float64"),
        (["1", "2", None, "2"], "string"),
        ([True, False, None, True], "boolean"),
        (["1", "2", "", "2"], object),
    ],
)
def test_missing_cells_of_any_type(cells, dtype):
    patient = np.array(list("abcd"), dtype=object)
    found = read_variable(pd.Series(cells, dtype=dtype, name="x"), patient, patient)
    assert np.isnan(found.values).tolist() == [False, False, True, False]
    assert len(found.levels) == 2


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"columns": ["sec"]}, CohortError, "no column 'sec', .* sex, side, size"),
        ({"columns": "sex"}, TypeError, "columns is 'sex': expected a list"),
        ({"unit": "knee"}, ValueError, "unit is 'knee': expected 'patient' or"),
        ({"kinds": {"sex": "number"}}, ValueError, r"kinds\['sex'\] is 'number'"),
        ({"kinds": {"age": "mean"}}, ValueError, "kinds names 'age'"),
        (
            {"kinds": {"sex": "mean"}},
            CohortError,
            "'sex' is asked for as mean, but holds 'f'",
        ),
    ],
)
def test_errors(small, arguments, error, message):
    with pytest.raises(error, match=message):
        baseline_table(*small, **{"columns": ["sex"]} | arguments)


def test_columns_that_cannot_be_read():
    design = of_r()
    text = A["age"].astype(str) + [" y" if i == 3 else "" for i in range(95)]
    with pytest.raises(CohortError, match=r"for 95 lesions.* number is '\d+ y'"):
        baseline_table(A.assign(age=text), design, ["age"])
    one = A["age"].where(A.index != 7, np.inf)
    with pytest.raises(CohortError, match="an infinite value for L7: expected"):
        baseline_table(A.assign(age=one), design, ["age"])
    ids = [f"no. {i}" for i in range(95)]
    with pytest.raises(
        CohortError, match="95 different values for 95 lesions.*'no. 0'"
    ):
        baseline_table(A.assign(ids=ids), design, ["ids"])
    with pytest.raises(CohortError, match="'age' holds an infinite value for L0"):
        baseline_table(A.assign(age=np.inf), design, ["age"])
    twice = pd.concat([A[["age"]], A[["age"]]], axis=1)
    with pytest.raises(CohortError, match="has 2 columns 'age'"):
        baseline_table(twice, design, ["age"])
    with pytest.raises(ValueError, match="cohort has 94 rows, the design 95 lesions"):
        baseline_table(A.iloc[1:], design, ["age"])


@pytest.mark.parametrize(
    ("scale", "cell"),
    [
        (1000, "3000 [2000 to 4000]"),
        (1, "3.0 [2.0 to 4.0]"),
        (0.01, "0.030 [0.020 to 0.040]"),
        (-1e-8, "\N{MINUS SIGN}3.00 × 10^\N{MINUS SIGN}8"),
    ],
)
def test_decimals_follow_the_spread(scale, cell):
    cohort = pd.DataFrame({"x": scale * np.tile(np.arange(1.0, 6), 2)})
    design = design_of([str(i) for i in range(10)], [0] * 5 + [1] * 5)
    table = baseline_table(cohort, design, ["x"], kinds={"x": "median"})
    assert rows_of(table, "x")[0]["cells"]["low"].startswith(cell)


def test_decimals_of_a_constant():
    assert decimals_for(np.full(3, 7.0)) == 1
    assert decimals_for(np.full(3, np.nan)) == 1


@pytest.mark.parametrize(
    ("spread", "decimals"),
    [(100, 0), (99.9, 1), (9.9, 1), (0.99, 2), (0.0002, 5), (0.0000999, None)],
)
def test_decimals_show_two_digits_of_the_spread(spread, decimals):
    assert decimals_for(np.array([-spread, spread])) == decimals


def test_the_numbers_of_a_cell():
    values = np.array([4.0, 1.0, 10.0, 2.0, 8.0])
    cell = summary_of(values)
    assert (cell.n, cell.mean, cell.median) == (5, 5.0, 4.0)
    assert cell.sd == pytest.approx(math.sqrt(60 / 4))
    assert (cell.q1, cell.q3, cell.minimum, cell.maximum) == (2.0, 8.0, 1.0, 10.0)
    assert summary_of(np.array([1.0, 3.0])).sd == pytest.approx(math.sqrt(2))
    assert summary_of(np.array([1.0])).sd is None
    assert summary_of(np.array([])).n == 0


@pytest.mark.parametrize("odd", range(4))
def test_a_mean_needs_normal_values_in_every_class_of_every_part(odd):
    bell = 50 + 9 * norm.ppf((np.arange(40) + 0.5) / 40)
    cells = [bell, bell + 100, bell + 300, bell + 700]  # together they are not normal
    design = design_of(
        np.arange(160).astype(str), [0] * 80 + [1] * 80, [1] * 40 + [0] * 80 + [1] * 40
    )

    def kind():
        table = pd.DataFrame({"x": np.concatenate(cells)})
        return rows_of(baseline_table(table, design, ["x"]), "x", None)[0]["kind"]

    assert kind() == "mean"
    cells[odd] = np.exp(bell / 9)
    assert kind() == "median"


def test_normal_values_of_one_class_alone_are_shown_as_means():
    bell = 50 + 9 * norm.ppf((np.arange(40) + 0.5) / 40)
    design = design_of(np.arange(40).astype(str), [1] * 40)
    table = baseline_table(pd.DataFrame({"x": bell}), design, ["x"])
    assert rows_of(table, "x")[0]["kind"] == "mean"


def test_the_test_is_of_the_known_values():
    values = A["f01"].to_numpy().copy()
    values[[3, 50]] = np.nan
    known = ~np.isnan(values)
    table = baseline_table(
        pd.DataFrame({"f01": values}), of_r(), ["f01"], kinds={"f01": "median"}
    )
    (row,) = rows_of(table, "f01")
    groups = [values[known & (A["y"] == y)] for y in (1, 0)]
    assert max(map(len, groups)) < 51  # so few, without ties, are tested exactly
    expected = mannwhitneyu(*groups, method="exact")
    assert row["statistic"] == expected.statistic
    assert row["p_value"] == pytest.approx(expected.pvalue)


@examples(30)
@given(st.integers(0, 2**32 - 1), st.integers(4, 40))
def test_rows_count_everyone_in_any_order(seed, n):
    rng = np.random.default_rng(seed)
    patient = rng.integers(0, n, n).astype(str).astype(object)
    half = {name: bool(rng.integers(2)) for name in patient}
    cohort = pd.DataFrame(
        {
            "grade": rng.choice(["I", "II", None], n),
            "size": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
        }
    )
    design = design_of(patient, rng.integers(0, 2, n), [half[p] for p in patient])
    names = ["grade", "size"]
    kinds = {"size": "median"}
    table = baseline_table(cohort, design, names, kinds=kinds)
    json.dumps(table, allow_nan=False)
    order = rng.permutation(n)
    shuffled = baseline_table(
        cohort.iloc[order], design.take(order), names, kinds=kinds
    )
    for part in ("training", "validation", None):
        rows = table["by_class"][part] if part else table["by_part"]
        again = shuffled["by_class"][part] if part else shuffled["by_part"]
        sizes = {row["unit"]: row["values"] for row in rows[:2]}
        for row, other in zip(rows, again, strict=True):
            assert row["cells"] == other["cells"]
            assert row["p_value"] == pytest.approx(other["p_value"], abs=1e-9)
            if row["missing"] is not None:
                for label, missing in row["missing"].items():
                    known = row["values"][label]["n"]
                    assert known + missing == sizes[row["unit"]][label]
        assert set(patient) == set(design.patient)
    both = table["by_part"][0]["values"]
    assert both["training"] + both["validation"] == len(set(patient))
