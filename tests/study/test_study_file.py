"""The settings of a study in a file."""

import string

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from sklearn_orn.datasets import make_cohort
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import read_cohort
from sklearn_orn.study import StudyConfig, read_study_file
from sklearn_orn.study._clinical_kinds import guess_kind
from sklearn_orn.study._guessed_settings import guess_settings
from sklearn_orn.study._study_file import FIELDS
from sklearn_orn.study.shared import make_config, study_file_text
from tests._examples import examples
from tests.study._checks import make_design
from tests.study._cohort import make_table


def written(folder, text):
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read(tmp_path):
    path = written(
        tmp_path,
        """
# all that there is
outcome: grade
positive: yes
patient: patient
split: part
readers: [anna, no]
clinical: [age, "t, n"]
location: site
size: volume
cv: 5
random_state: 3
normalization: 1-99
icc_threshold: 0.9
k: 8
pipeline:
  nomogram__lambda_rule: "1se"
n_resamples: 10
n_permutations: 11
sensitivity: false
pooled_decision_curve: true
screening:
  screened: {patients: 123}
  excluded:
    - {reason: "no, MRI", patients: 8}
""",
    )
    config = make_config(read_study_file(path), source=path)
    assert config.positive == "yes"
    assert config.readers == ("anna", "no")
    assert config.clinical == ("age", "t, n")
    assert config.sensitivity is False
    assert config.pooled_decision_curve is True
    assert config.pipeline == {"nomogram__lambda_rule": "1se"}
    assert config.screening["excluded"][0]["reason"] == "no, MRI"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("positive: yes", "yes"),
        ("positive: No", "No"),
        ("positive: on", "on"),
        ("positive: 1", 1),
        ("positive: '1'", "1"),
        ("positive: 2020-01-31", "2020-01-31"),
    ],
)
def test_a_label_stays_what_it_is(tmp_path, text, value):
    found = read_study_file(written(tmp_path, text))["positive"]
    assert (found, type(found)) == (value, type(value))


def test_a_positive_class_called_yes_is_found(tmp_path):
    path = written(tmp_path, "outcome: grade\npositive: yes\npatient: patient")
    table = make_table(labels=("no", "yes"))
    design = make_design(table, make_config(read_study_file(path)))
    assert design.labels == ("no", "yes")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("outcom: grade", "unknown key 'outcom'. Did you mean 'outcome'?"),
        ("n_resample: 5", "unknown key 'n_resample'. Did you mean 'n_resamples'?"),
        ("zzz: 5", "unknown key 'zzz'. Known are outcome, positive"),
        ("1: 5", "unknown key 1."),
        ("outcome: a\noutcome: b", "key 'outcome' stands twice"),
        ("- outcome", "expected lines of the form 'key: value'"),
        ("just text", "expected lines of the form 'key: value'"),
        ("outcome: [", "no YAML"),
        ("outcome: !!python/object:os.system x", "no YAML"),
        ("a: &a [*a]", "an alias ('*name'): write the value out"),
        ("outcome: a\n<<: {cv: 3}", "the tag 'tag:yaml.org,2002:merge'"),
        ("cut: !!timestamp 2001-99-99", "the tag 'tag:yaml.org,2002:timestamp'"),
        ("cv: !!int ''", "a value cannot be read"),
        ("cv: " + "9" * 5000, "a value cannot be read"),
        ("cv: " + "[" * 5000, "nested too deeply"),
        ("# " + "x" * 2**20, "larger than 1048576 bytes"),
    ],
)
def test_a_file_that_is_wrong(tmp_path, text, message):
    path = written(tmp_path, text)
    with pytest.raises(CohortError) as error:
        read_study_file(path)
    assert str(error.value).startswith(str(path))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_or_no_text(tmp_path):
    with pytest.raises(CohortError, match="no such file"):
        read_study_file(tmp_path / "nowhere.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CohortError, match=r"bytes\.yaml: no YAML"):
        read_study_file(tmp_path / "bytes.yaml")


def test_an_empty_file_holds_nothing(tmp_path):
    assert read_study_file(written(tmp_path, "# nothing\n")) == {}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("cv: five", "cv is 'five': expected an integer"),
        ("cv: 1", "cv is 1: expected an integer, 2 or more"),
        ("cv: 3.0", "cv is 3.0: expected an integer"),
        ("random_state: [1]", r"random_state is [1]"),
        ("icc_threshold: high", "icc_threshold is 'high': expected a number"),
        ("sensitivity: yes", "sensitivity is 'yes': expected true or false"),
        ("clinical: age", "clinical is 'age': expected a list of names"),
        ("clinical: [1]", "clinical holds 1: expected names"),
        ("clinical: [a, a]", "clinical names 'a' twice"),
        ("readers: {a: 1}", "readers is {'a': 1}: expected a list"),
        ("pipeline: fast", "pipeline is 'fast': expected a mapping"),
        ("screening: 12", "screening is 12: expected a mapping"),
        ("positive: [a]", "positive is ['a']: expected the label"),
        ("patient: 4", "patient is 4: expected the name of a column"),
        ("split: ''", "split is empty"),
        ("date: when", "date is given without cut"),
        ("cut: 2020-01-01", "cut is given without date"),
        ("normalization: 2sigma", "normalization is '2sigma'"),
        ("n_resamples: 0", "n_resamples is 0"),
        ("n_jobs: 0", "n_jobs is 0"),
    ],
)
def test_a_wrong_value_names_the_file_and_the_key(tmp_path, line, message):
    path = written(tmp_path, f"outcome: grade\n{line}\n")
    with pytest.raises(CohortError) as error:
        make_config(read_study_file(path), source=path)
    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)


def test_without_an_outcome_it_says_how_to_name_one(tmp_path):
    with pytest.raises(CohortError, match=r"--outcome COLUMN, .*'outcome: COLUMN'"):
        make_config({"positive": "high"})


def init(table, folder):
    """What init writes, as the settings that are read from it."""
    return read_study_file(written(folder, study_file_text(table, "cohort.csv")))


def test_what_init_writes_for_the_synthetic_cohort_can_be_run(tmp_path, monkeypatch):
    room = "sklearn_orn.datasets._synthetic_cohort."  # its table is enough
    monkeypatch.setattr(
        f"{room}draw_patient", lambda rng, rows, _: [(0, 0)] * len(rows)
    )
    monkeypatch.setattr(f"{room}_write_lesion", lambda *lesion: None)
    make_cohort(tmp_path / "cohort", random_state=0)
    table = read_cohort(tmp_path / "cohort" / "cohort.csv")
    settings = init(table, tmp_path)
    assert settings["outcome"] == "outcome"
    assert settings["patient"] == "patient"
    assert settings["split"] == "split"
    assert settings["location"] == "vertebra"
    assert {"age", "sex", "t_stage", "dose_gy"} <= set(settings["clinical"])
    assert not {"lesion", "image", "mask_a", "synthetic"} & set(settings["clinical"])
    config = make_config(settings | {"positive": "ORN"})
    design = make_design(table, config)
    assert design.has_split
    defaults = StudyConfig(outcome="outcome")
    for name in ("cv", "k", "n_resamples", "n_permutations", "normalization"):
        assert getattr(config, name) == getattr(defaults, name)


def test_what_init_writes_for_a_table_with_nothing_recognisable(tmp_path):
    cells = {"image": ["a.dcm"] * 3, "mask": ["a.png"] * 3, "q": [1, 2, 3]}
    table = pd.DataFrame(cells | {"r": [1, 2, 1], "s": [0, 1, 1]})
    text = study_file_text(table, "t.csv")
    settings = read_study_file(written(tmp_path, text))
    assert not {"outcome", "positive", "patient", "split", "date"} & set(settings)
    assert "# outcome:  # column of the outcome; with two values: r, s" in text
    assert settings["clinical"] == {"q": "continuous"}
    with pytest.raises(CohortError, match="nothing says which column is the outcome"):
        make_config(settings)
    assert make_config(settings | {"outcome": "s"}).outcome == "s"


def test_the_only_column_of_two_values_is_the_outcome():
    table = pd.DataFrame({"mask": ["a.png", "b.png"], "q": [1, 2], "site": ["x", "x"]})
    assert guess_settings(table)["outcome"] == "q"


def test_a_column_of_dates_is_offered_not_taken(tmp_path):
    table = make_table(split=False).assign(year=2020)
    text = study_file_text(table, "t.csv")
    assert '# date: "year"  # instead of split' in text
    config = make_config(read_study_file(written(tmp_path, text)))
    assert config.date is None


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        *[
            ((0, 1), 1),
            ((0.0, 1.0), 1),
            ((False, True), "True"),
            (("no", "yes"), "yes"),
        ],
        *[(("Nein", "JA"), "JA"), (("malignant", "benign"), "malignant")],
        *[(("none", "mild"), "mild"), (("low", "high"), "low")],
    ],
)
def test_a_positive_class_is_proposed_and_to_be_confirmed(tmp_path, labels, positive):
    table = make_table(labels=labels)
    settings = init(table, tmp_path)
    assert settings["outcome"] == "grade"
    assert settings["positive"] == positive
    assert make_design(table, make_config(settings)).y.any()
    text = study_file_text(table, "t.csv")
    plain = positive in (1, "True")
    assert ("CONFIRM: class whose" in text) is not plain


def test_the_rarer_class_is_proposed():
    table = make_table()
    table["grade"] = ["low", "high", "low"] * (len(table) // 3)
    assert 'positive: "high"  # CONFIRM: ' in study_file_text(table, "t.csv")


def test_there_are_no_more_folds_than_patients_of_a_class(tmp_path):
    assert init(make_table(20), tmp_path)["cv"] == 6  # to train on
    assert init(make_table(20, split=False), tmp_path)["cv"] == 10


def test_an_outcome_that_is_empty_where_the_model_learns_is_no_obstacle(tmp_path):
    table = make_table()
    table["grade"] = table["grade"].where(table["part"] == "validation")
    assert init(table, tmp_path)["outcome"] == "grade"
    assert "# outcome: " in study_file_text(table.assign(grade=np.nan), "t.csv")


def test_one_part_alone_is_no_split():
    table = make_table().rename(columns={"part": "split"})
    assert guess_settings(table)["split"] == "split"
    assert guess_settings(table.assign(split="training"))["split"] is None


def test_without_patients_each_lesion_is_one_to_be_confirmed():
    table = make_table().drop(columns="patient")
    text = study_file_text(table, "t.csv")
    assert 'patient: "lesion"  # CONFIRM: each lesion is taken for another' in text
    table = table.rename(columns={"lesion": "Patient ID"})
    assert guess_settings(table)["patient"] == "Patient ID"


def test_a_column_of_both_parts_is_the_split_whatever_it_is_called():
    parts = ["Training", "validation"] * 4
    table = make_table(split=False).iloc[:8].assign(Gruppe=parts)
    settings = guess_settings(table)
    assert settings["split"] == "Gruppe"
    assert "Gruppe" not in settings["clinical"]
    assert guess_settings(table.assign(Teil=parts))["split"] is None


@pytest.mark.parametrize("name", ["outcome", "patient", "centre", "site", "year"])
def test_a_column_that_is_the_split_is_nothing_else(name, tmp_path):
    parts = ["training", "validation"] * 4
    table = make_table(split=False).iloc[:8].assign(**{name: parts})
    settings = guess_settings(table)
    assert settings["split"] == name
    assert list(settings.values()).count(name) == 1
    assert name not in settings["clinical"]
    make_config(init(table, tmp_path))


def test_a_column_of_other_values_is_no_split():
    table = make_table().rename(columns={"part": "group"})
    assert guess_settings(table)["split"] == "group"
    table["group"] = ["A", "B"] * 24
    found = guess_settings(table)
    assert found["split"] is None
    assert "group" in found["clinical"]


def test_numbers_with_some_texts_are_shown_and_not_taken(tmp_path):
    table = make_table()
    table["ca 19-9"] = [*map(str, range(20, 66)), "> 1200", "k.A."]
    table["grade of necrosis"] = ["1", "2", "3a"] * 16
    settings = init(table, tmp_path)
    assert "ca 19-9" not in settings["clinical"]
    assert settings["clinical"]["grade of necrosis"] == {"categorical": "1"}
    assert (
        '# "ca 19-9": continuous  # but it holds "> 1200", "k.A.": write numbers'
        in study_file_text(table, "t.csv")
    )


@pytest.mark.parametrize(
    ("levels", "reference"),
    [
        (["ja", "nein"], "nein"),
        (["yes", "no", "?"], "no"),
        (["-", "w", "m"], "m"),
    ],
)
def test_the_reference_is_no_or_the_first_that_has_a_name(levels, reference):
    assert guess_kind(pd.Series(levels * 3)) == {"categorical": reference}


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12
) | st.sampled_from(
    [
        "outcome",
        "Patient",
        "split",
        "date",
        "no",
        "null",
        "a: b",
        "#x",
        "- y",
        "1",
        "\r",
    ]
)


@examples(40)
@forall(st.lists(NAMES, min_size=1, max_size=6, unique=True), st.data())
def test_init_writes_what_can_be_read_whatever_columns_are_called(
    tmp_path_factory, names, data
):
    cells = st.sampled_from([0, 1, 2, 0.5, None, "a", "b", "training", "validation"])
    table = pd.DataFrame(
        {n: data.draw(st.lists(cells, min_size=4, max_size=4)) for n in names}
    )
    folder = tmp_path_factory.mktemp("init")
    settings = init(table, folder)
    assert set(settings) <= set(FIELDS)
    guessed = guess_settings(table)
    for key, value in guessed.items():
        if key != "positive" and key in settings:
            assert settings[key] == value
    for column in settings.get("clinical", []):
        assert column in table.columns
    if "outcome" in settings:
        make_config(settings)


@examples(60)
@forall(st.text(string.printable, max_size=60))
def test_any_text_is_settings_or_one_clear_error(tmp_path_factory, text):
    path = written(tmp_path_factory.mktemp("any"), text)
    try:
        found = read_study_file(path)
    except CohortError as error:
        assert str(error).startswith(str(path))
    else:
        assert set(found) <= set(FIELDS)


def test_guesses_do_not_depend_on_the_index():
    table = make_table()
    shuffled = table.set_index(np.arange(len(table)) + 7)
    assert guess_settings(table) == guess_settings(shuffled)


def test_a_column_with_one_other_word_is_no_split():
    table = make_table(split=False).iloc[:9]
    parts = ["training", "validation", "banana"] * 3
    assert guess_settings(table.assign(split=parts))["split"] is None
    assert guess_settings(table.assign(other=parts))["split"] is None


def test_a_column_is_one_of_numbers_where_most_of_its_cells_are():
    table = make_table(split=False).iloc[:12]
    for n, taken in ((5, True), (6, False)):
        cells = [*map(str, range(12 - n)), *"abcdef"[:n]]
        found = guess_settings(table.assign(marker=cells))["not_all_numbers"]
        assert list(found) == (["marker"] if taken else [])
