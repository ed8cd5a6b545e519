"""Several validation parts: each has its columns, curves and updates."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.cohort import Cohort, Columns
from sklearn_orn.exceptions import CohortError
from sklearn_orn.metrics import ExternalValidation, roc_auc_ci
from sklearn_orn.study._guessed_settings import guess_settings
from sklearn_orn.study.report.sections._performance import performance_table
from sklearn_orn.study.report.sections._validation_parts import update_table
from sklearn_orn.study.results import Absent


@pytest.fixture(scope="module")
def drawn():
    """A table of four parts; external B has one class."""
    rng = np.random.default_rng(3)
    n = 110
    y = rng.integers(0, 2, n)
    part = np.array(["training"] * 60 + ["internal"] * 25 + ["External A"] * 20)
    part = np.append(part, ["external b", *["External B"] * 4])
    y[part == "External B"] = y[part == "external b"] = 1
    table = pd.DataFrame(
        {
            "lesion": [f"L{i}" for i in range(n)],
            "patient": [f"P{i // 2}" if i < 60 else f"P{i}" for i in range(n)],
            "grade": np.where(y, "high", "low"),
            "part": part,
        }
    )
    values = rng.standard_normal((n, 6))
    values[:, 0] += 1.5 * y
    return table, pd.DataFrame(values, columns=[f"f{i}" for i in range(6)])


def test_each_part_is_judged_by_the_model_of_training(drawn, quick_study):
    table, features = drawn
    found = quick_study(table, features=features, n_resamples=2, clinical=[])
    numbers = found.numbers
    parts = numbers.validation_parts
    assert [row.name for row in parts.rows] == ["External A", "internal"]
    assert parts.missing == {"external b": "All its lesions are of one class."}
    scores = found.scores
    for row in parts.rows:
        own = scores[(table["part"] == row.name).to_numpy()]
        y = (own["outcome"] == "high").to_numpy()
        assert row.lesions == tuple(own["lesion"])
        assert row.judged.n_lesions == len(own)
        groups = own["patient"].to_numpy()
        expected = roc_auc_ci(y, own["probability"], groups=groups)
        assert row.judged.auc.auc == pytest.approx(expected.auc)
        told = ExternalValidation.from_predictions(y, own["probability"])
        assert row.updates[0].intercept == pytest.approx(told.updates[0].intercept)
        assert row.updates[1].slope == pytest.approx(told.updates[1].slope)
    together = numbers.parts[-1]
    assert (together.part, together.n_lesions) == ("validation", 50)
    heads = [column.head for column in performance_table(numbers).columns]
    assert heads[1::2] == [
        "Validation, together",
        "External A",
        "Internal",
        "Training (apparent)",
    ]
    rows = update_table(numbers).rows
    assert [row[1] for row in rows[:3]] == [
        "as it is",
        "intercept updated",
        "intercept and slope updated",
    ]
    assert rows[-1][0] == "External b" and "one class" in rows[-1][-1]
    text = found.report.read_text("utf-8")
    assert "of all validation parts together" in text


def test_two_parts_are_as_they_were(two_reader_study):
    assert two_reader_study.numbers.validation_parts == Absent(
        "There are not several validation parts."
    )
    assert "Each validation part" not in two_reader_study.report.read_text("utf-8")


def test_a_misspelt_part_is_refused(drawn):
    table, _ = drawn
    columns = Columns(outcome="grade", positive="high", patient="patient", split="part")
    design = Cohort.of(table, columns).design
    assert set(design.part) == {"training", "internal", "External A", "external b"}
    assert design.take(design.training).part.tolist() == ["training"] * 60
    for wrong in ("trained", "extern", "A"):
        bad = table.assign(part=table["part"].replace("internal", wrong))
        with pytest.raises(CohortError, match="expected 'training' or 'validation'"):
            Cohort.of(bad, columns)


def test_init_finds_a_split_of_several_parts(drawn):
    table, _ = drawn
    assert guess_settings(table)["split"] == "part"
    named = table.rename(columns={"part": "where"})
    assert guess_settings(named)["split"] == "where"
