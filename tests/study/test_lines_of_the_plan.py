"""What a dry run says of a table, its features and its settings, line by line."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import CohortError
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._feature_columns import LEFT_OUT
from sklearn_orn.study._plan import _feature_lines, _lines, plan_study
from tests.study._checks import make_design
from tests.study._combined import SETTINGS, cohort

TABLE, FEATURES = cohort()
TWO_READERS = FEATURES.add_prefix("A__").join(FEATURES.add_prefix("B__"))


def plan(features=FEATURES, table=TABLE, **changes):
    text, problems = plan_study(table, StudyConfig(**SETTINGS | changes), features)
    return text.splitlines(), problems


def of_images(readers, sequences=(), **changes):
    config = StudyConfig(**SETTINGS | changes)
    return _lines(make_design(TABLE, config), config, readers, sequences, None)


def test_lesions_and_patients_of_each_class_and_part():
    lines, problems = plan(split="part")
    assert problems == []
    part = TABLE["part"] == "training"
    n = [(TABLE[rows]["y"] == y).sum() for rows in (part, ~part) for y in (1, 0)]
    assert lines[0] == "90 lesions of 45 patients"
    assert lines[1:5] == [
        f"  training, y = 1 (positive): {n[0]} lesions, {n[0] // 2} patients",
        f"  training, y = 0: {n[1]} lesions, {n[1] // 2} patients",
        f"  validation, y = 1 (positive): {n[2]} lesions, {n[2] // 2} patients",
        f"  validation, y = 0: {n[3]} lesions, {n[3] // 2} patients",
    ]
    assert lines[5:9] == [
        "Readers: one",
        "Features: 4, given",
        "  without a prefix (4): f0, f1, f2, f3",
        "Judged on: the validation part",
    ]


def test_the_steps_are_those_that_learn_of_a_table():
    lines, _ = plan()
    first, last = lines.index("Steps:"), len(lines) - 3
    names = [line.split(":")[0] for line in lines[first + 1 : last]]
    assert names == ["  imputer", "  fcm", "  nomogram"]
    assert "Judged on: 3 folds by patient" in lines
    assert lines[last:] == [
        "Then: 200 bootstrap resamples, 100 shuffled outcomes, nested "
        "cross-validation, simpler models",
        "Clinical columns: age, sex, t_stage",
        lines[-1],
    ]
    assert lines[-1].startswith("Writes: report.html, calculator.html, model.json")


def test_readers_of_given_features():
    lines, _ = plan(TWO_READERS, n_resamples=7, n_permutations=5, clinical=())
    at = lines.index("Readers: A, B")
    block = "    without a prefix (4): f0, f1, f2, f3"
    assert lines[at + 1 : at + 6] == [
        "Features: 8, given",
        "  A: 4",
        block,
        "  B: 4",
        block,
    ]
    assert any(line.startswith("  icc: ICCFilter(") for line in lines)
    assert (
        "Then: 7 bootstrap resamples, 5 shuffled outcomes, nested cross-validation, "
        "other readers, simpler models" in lines
    )
    assert "Clinical columns: none" in lines


def test_centres_stand_before_what_is_written():
    lines, _ = plan(table=TABLE.assign(c=["A", "B", "B"] * 30), centre="c")
    assert lines[-2] == "Centres: A (30), B (60)"


def test_the_clinical_columns_that_are_taken():
    assert (
        "Of these the models take: age, sex"
        in plan(clinical_selection=["age", "sex"])[0]
    )
    assert "Of these the models take: lasso" in plan(clinical_selection="lasso")[0]
    assert not [line for line in plan()[0] if line.startswith("Of these")]


def test_rejected_lesions_are_told_first(tmp_path):
    path = tmp_path / "decisions.csv"
    table = TABLE.assign(lesion=[f"L{i}" for i in range(len(TABLE))])
    table[["lesion"]].assign(decision="accept", comment="").to_csv(path, index=False)
    text = path.read_text().replace("L3,accept,", "L3,reject,blurred")
    path.write_text(text.replace("L5,accept,", "L5,reject,blurred"))
    lines, _ = plan(table=table, exclusions=path)
    assert lines[:2] == [
        "2 of 90 lesions rejected on inspection",
        "88 lesions of 45 patients",
    ]
    assert not plan()[0][0].endswith("inspection")


def test_no_model_is_a_problem_with_its_reason():
    _, (problem,) = plan(table=TABLE.assign(y=(np.arange(90) < 4).astype(int)))
    assert problem.startswith("No model: ")


def test_parameters_that_reach_nothing_stop_the_plan():
    with pytest.raises(CohortError, match="'fcm__n'"):
        plan(pipeline={"fcm__n": 1})
    screened = {"screened": {"lesions": 3}}
    with pytest.raises(CohortError, match="screen"):
        plan(screening=screened)


# Of images ---------------------------------------------------------------------------


def lines_of(words, lines):
    return [line for line in lines if line.startswith(words)]


def test_sequences_regions_and_readers_make_blocks():
    regions = {"regions": ["lesion", "rim 3 mm outside"]}
    lines = of_images(("A", "B"), ("T1", "T2", "DWI"), **regions)
    assert "Sequences: T1, T2, DWI" in lines
    assert "Regions: lesion, rim 3 mm outside" in lines
    assert "Blocks: 12, each measured by itself" in lines
    assert "Blocks: 6, each measured by itself" in of_images(
        ("",), ("T1", "T2", "DWI"), **regions
    )
    assert "Blocks: 2, each measured by itself" in of_images(("A",), **regions)
    plain = of_images(("A", "B"))
    for words in ("Sequences", "Regions", "Blocks", "Perturbed", "Scores"):
        assert not lines_of(words, plain)
    assert "Readers: A, B" in plain and "Readers: one" in of_images(("",))


def test_what_is_done_again_with_images():
    told = lines_of("Then", of_images(("A", "B")))
    assert told[0].endswith("other readers, other grey-level settings, simpler models")
    alone = lines_of("Then", of_images(("A",), sensitivity=False))
    assert alone[0].endswith("nested cross-validation, simpler models")
    steps = of_images(("A", "B"), perturbed_outlines=5)
    assert "Perturbed outlines: 5 of each lesion" in steps
    assert lines_of("  normalizer: Normalizer", steps)


def test_scores_of_sequences():
    lines = of_images(("A",), ("T1", "T2"), scores="separate")
    assert "Scores: one of each sequence, joined by the combined model" in lines


# Features ----------------------------------------------------------------------------


def table_of(*names):
    return pd.DataFrame(np.zeros((1, len(names))), columns=list(names))


def test_features_are_listed_by_prefix_within_88_letters():
    names = [f"wavelet_a-feature-of-some-length-{i:02d}" for i in range(9)]
    lines = _feature_lines(table_of(*names, "size"))
    assert lines[0] == "Features: 10, given"
    text = "\n".join(lines)
    assert all(name.removeprefix("wavelet_") in text for name in names)
    assert "size" in text
    assert max(map(len, lines)) <= 88 and len(lines) > 4
    assert all(line.startswith("  ") for line in lines[1:])
    broken = [line for line in lines if line.rstrip().endswith("-")]
    assert broken == []
    long = "x" * 120
    assert any(long in line for line in _feature_lines(table_of(long)))


def test_names_that_are_no_blocks_stay_whole():
    lines = _feature_lines(table_of("A__Mean", "size"))
    assert not [line for line in lines if line.startswith("  A:")]
    assert "  without a prefix (1): size" in lines


def test_what_was_left_out_is_told():
    table = table_of("size")
    assert not lines_of("No features", _feature_lines(table))
    table.attrs[LEFT_OUT] = {"of pyradiomics": ["diagnostics_x"]}
    (told,) = lines_of("No features: ", _feature_lines(table))
    assert "diagnostics_x" in told
