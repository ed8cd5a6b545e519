"""Kinds of clinical columns: named, guessed, and what does not fit them."""

import hypothesis
import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st

from sklearn_orn.exceptions import CohortError
from sklearn_orn.study import StudyConfig, run_study
from sklearn_orn.study._clinical import clinical_table, unseen_levels
from sklearn_orn.study._clinical_kinds import as_kind, checked_kinds, guess_kind
from sklearn_orn.study._plan import plan_study


def test_each_column_is_what_it_is_said_to_be():
    table = pd.DataFrame(
        {
            "age": ["60", "70.5", None],
            "grade": [1, 2, np.nan],
            "stage": ["II", "I", "III"],
        }
    )
    kinds = checked_kinds(
        {
            "age": "continuous",
            "grade": {"categorical": 2},
            "stage": {"ordinal": ["I", "II", "III"]},
        }
    )
    found = clinical_table(table, kinds)
    assert found["age"].tolist()[:2] == [60.0, 70.5]
    assert found["grade"].tolist()[:2] == ["1", "2"]
    assert found["stage"].tolist() == [1.0, 0.0, 2.0]
    assert found.isna().sum().tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("kind", "cells", "message"),
    [
        ("continuous", ["60", "old", "old"], "'age' is called continuous .* 'old', in"),
        ({"ordinal": ["a", "b"]}, ["a", "c", "b"], "holds 'c', which its ordinal lev"),
        ({"categorical": "x"}, ["a", "b", "b"], "no lesion at its reference level 'x'"),
    ],
)
def test_cells_that_do_not_fit_are_named(kind, cells, message):
    with pytest.raises(CohortError, match=message):
        as_kind(pd.Series(cells, name="age"), kind)


@pytest.mark.parametrize(
    "kind",
    [
        "numeric",
        1,
        {},
        {"ordinal": "a"},
        {"ordinal": ["a"]},
        {"ordinal": ["a", "a"]},
        {"ordinal": ["a", None]},
        {"categorical": ["a"]},
        {"categorical": "a", "ordinal": ["a", "b"]},
    ],
)
def test_a_kind_that_is_none_is_refused(kind):
    with pytest.raises(ValueError, match="^clinical, age.* expected"):
        StudyConfig(outcome="y", clinical={"age": kind})


def test_names_of_kinds_are_checked():
    with pytest.raises(TypeError, match="clinical holds 1: expected names"):
        StudyConfig(outcome="y", clinical={1: "continuous"})


def test_the_name_of_the_score_is_taken():
    with pytest.raises(ValueError, match="'radiomics score', as the report calls"):
        StudyConfig(outcome="y", clinical=["radiomics score"])


def test_a_combined_nomogram_needs_clinical_columns():
    with pytest.raises(ValueError, match="nomogram is 'combined', but no clinical"):
        StudyConfig(outcome="y", nomogram="combined")


@pytest.mark.parametrize("run", [plan_study, run_study])
def test_cells_are_checked_before_anything_is_measured(run, given, tmp_path):
    table, features = given
    config = StudyConfig(
        outcome="grade",
        positive="high",
        patient="patient",
        clinical={"where": {"categorical": "nowhere"}},
    )
    rest = (features,) if run is plan_study else (tmp_path / "out",)
    keywords = {} if run is plan_study else {"features": features}
    with pytest.raises(CohortError, match="reference level 'nowhere'"):
        run(table.assign(where="here"), config, *rest, **keywords)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([1, 2, 3], "continuous"),
        ([1.5, None], "continuous"),
        ([True, False], {"categorical": "False"}),
        (["M", "F"], {"categorical": "F"}),
        (["T2", "T10", "T1"], {"ordinal": ["T1", "T2", "T10"]}),
        (["IV", "I", "II"], {"ordinal": ["I", "II", "IV"]}),
        (["T1", "N1", "M1"], {"categorical": "M1"}),
        (["T1", "T2"], {"categorical": "T1"}),
        (["Ia", "Ib", "II"], {"categorical": "II"}),
    ],
)
def test_guesses(cells, kind):
    assert guess_kind(pd.Series(cells)) == kind


CELLS = st.sampled_from(
    [None, 0, 1, 2.5, "a", "T1", "T2", "t2", "T3", "I", "ii", "v", "0", "1", "02", "2"]
)


@hypothesis.given(st.lists(CELLS, min_size=2, max_size=8))
def test_a_guessed_kind_fits_its_column(cells):
    column = pd.Series(cells, name="x")
    if column.isna().all():
        return
    kind = guess_kind(column)
    assert checked_kinds({"x": kind}) == {"x": kind}
    assert (as_kind(column, kind).isna() == column.isna()).all()


def test_a_level_that_training_lacks_is_named():
    table = pd.DataFrame({"site": ["a", "b", "a", "c", "c"], "age": range(5)})
    (note,) = unseen_levels(table, np.arange(5) < 3)
    assert note.startswith("Column 'site' holds 'c' in 2 lesions of validation and in")
    assert "Join it to another level" in note
    assert unseen_levels(table, np.ones(5, dtype=bool)) == []
