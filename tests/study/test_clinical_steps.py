"""Clinical columns on their way into a model: what fills gaps, codes and leaves out."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._clinical import (
    clinical_branch,
    clinical_pipeline,
    clinical_table,
    columns_of_models,
    combined_pipeline,
    filled,
    missing_values,
    plain_names,
    unseen_levels,
    usable_columns,
)
from sklearn_orn.study.results import FilledColumn

NAN = np.nan
TRAINING = np.array([True, True, True, True, True, False, False])
TABLE = pd.DataFrame(
    {
        "age": [1.0, 2.0, NAN, 6.0, 7.0, NAN, 99.0],
        "site": ["b", "a", NAN, "b", "c", NAN, "a"],
        "dose": [3.0, 1.0, 3.0, 1.0, 2.0, NAN, 2.0],
        "place": ["x", "y", "x", "y", "y", NAN, "x"],
    }
)


def config(missing="impute", **settings):
    return StudyConfig("y", clinical=list(TABLE), missing=missing, **settings)


# Columns --------------------------------------------------------------------------


def test_named_columns_alone_are_of_the_models():
    settings = config(clinical_selection=["place", "age"])
    found, notes = columns_of_models(TABLE, TRAINING, settings)
    assert (list(found), notes) == (["age", "place"], [])
    assert list(columns_of_models(TABLE, TRAINING, config())[0]) == list(TABLE)
    branch = clinical_branch(TABLE, settings).fit(TABLE)
    assert list(branch.transform(TABLE)) == ["numbers__age", "categories__place_y"]


@pytest.mark.parametrize(("n_levels", "usable"), [(30, True), (31, False)])
def test_thirty_categories_are_not_too_many(n_levels, usable):
    levels = [f"level {i % n_levels}" for i in range(40)]
    table = clinical_table(pd.DataFrame({"x": levels, "year": np.arange(40)}))
    found, notes = usable_columns(table, np.ones(40, dtype=bool))
    assert list(found) == (["x", "year"] if usable else ["year"])
    assert len(notes) == (not usable)


def test_an_infinite_value_anywhere_leaves_a_column_out():
    table = TABLE[["dose"]].replace(NAN, -np.inf)
    assert usable_columns(table, TRAINING)[1] == [
        "Column 'dose' is in no model: it holds an infinite value."
    ]


def test_a_column_may_hold_two_values_or_be_constant_beyond_training():
    table = pd.DataFrame({"x": [1.0, 2, 1, 1, NAN, 5, 5], "y": [1.0, 1, 1, 1, 1, 2, 2]})
    found, notes = usable_columns(table, TRAINING)
    assert list(found) == ["x"]
    assert notes == [
        "Column 'y' is in no model: it is the same for all lesions that train."
    ]


def test_kinds_say_what_a_column_is():
    table = pd.DataFrame({"stage": ["II", "I"], "grade": [1, 2], "n": [1, 2]})
    found = clinical_table(
        table, {"stage": {"ordinal": ["I", "II"]}, "grade": "categorical"}
    )
    assert found["stage"].tolist() == [1.0, 0.0]
    assert found["grade"].tolist() == ["1", "2"]
    assert found["n"].tolist() == [1.0, 2.0] and found["n"].dtype == float


def test_gaps_of_texts_stay_gaps_and_an_empty_column_is_of_numbers():
    table = pd.DataFrame({"x": ["a", None, "b"], "empty": [None, None, None]})
    found = clinical_table(table)
    assert found["x"].isna().tolist() == [False, True, False]
    assert found["x"][[0, 2]].tolist() == ["a", "b"]
    assert found["empty"].dtype == float


def test_levels_of_validation_alone_are_named_with_their_lesions():
    table = TABLE.assign(site=["b", "a", NAN, "b", "b", "c", "c"])
    (note,) = unseen_levels(table, TRAINING)
    assert note.startswith("Column 'site' holds 'c' in 2 lesions of validation and")


# Gaps -----------------------------------------------------------------------------


def test_a_gap_is_filled_by_what_training_says():
    found = filled(TABLE, TRAINING, "impute")
    assert found["age"].tolist() == [1, 2, 4, 6, 7, 4, 99]
    assert found["site"].tolist() == ["b", "a", "b", "b", "c", "b", "a"]
    assert found["dose"].tolist()[5] == 2 and found["place"].tolist()[5] == "y"
    assert list(found) == list(TABLE)


def test_an_indicator_stands_where_training_has_gaps():
    found = filled(TABLE, TRAINING, "indicator")
    assert list(found) == [*TABLE, "age missing"]
    assert found["age missing"].tolist() == ["no", "no", "yes", "no", "no", "yes", "no"]
    assert found["age"].tolist() == [1, 2, 4, 6, 7, 4, 99]
    assert found["site"].tolist()[2] == found["site"].tolist()[5] == "(missing)"
    pd.testing.assert_frame_equal(filled(TABLE, TRAINING, "exclude"), TABLE)


@pytest.mark.parametrize(
    ("rule", "number", "category"),
    [
        ("impute", "the median", "the most frequent category"),
        ("indicator", "the median and an indicator", "a level of its own"),
        ("exclude", None, None),
    ],
)
def test_gaps_are_counted_and_said(rule, number, category):
    found = missing_values(TABLE, rule)
    assert (found.rule, found.n_lesions, found.n_incomplete) == (rule, 7, 2)
    assert found.columns == (
        FilledColumn("age", 2, number),
        FilledColumn("site", 2, category),
        FilledColumn("dose", 1, number),
        FilledColumn("place", 1, category),
    )
    assert missing_values(TABLE[:2], rule).columns == ()


# Steps ----------------------------------------------------------------------------


def coded(missing, table=TABLE, **settings):
    steps = clinical_branch(table, config(missing, **settings)).fit(table[TRAINING])
    return steps.transform(table)


@pytest.mark.filterwarnings("ignore:Found unknown categories")
def test_columns_are_coded_as_training_says():
    found = coded("impute")
    assert list(found) == [
        *("numbers__age", "numbers__dose"),
        *("categories__site_b", "categories__site_c", "categories__place_y"),
    ]
    age = np.array([1, 2, 4, 6, 7, 4, 99.0])
    scaled = (age - 4) / np.sqrt((9 + 4 + 0 + 4 + 9) / 5)
    np.testing.assert_allclose(found["numbers__age"], scaled)
    assert found["categories__site_b"].tolist() == [1, 0, 1, 1, 0, 1, 0]
    assert found["categories__place_y"].tolist() == [0, 1, 0, 1, 1, 1, 0]


@pytest.mark.parametrize("name", ["age", "site"])
def test_a_fold_of_gaps_alone_teaches_nothing(name):
    table = TABLE[[name]]
    settings = StudyConfig("y", clinical=[name])
    with pytest.raises(NotEstimable, match="No column varies"):
        clinical_branch(table, settings).fit(table[table[name].isna()])


@pytest.mark.filterwarnings("ignore:Found unknown categories")
def test_with_indicators_a_gap_is_a_column_or_a_level():
    found = coded("indicator")
    gap = found["numbers__missingindicator_age"]
    assert (gap > 0).tolist() == [False, False, True, False, False, True, False]
    # The first level in the alphabet is the reference: here that of the gap.
    assert [name for name in found if name.startswith("categories__site")] == [
        *("categories__site_a", "categories__site_b", "categories__site_c")
    ]
    assert found["categories__site_a"].tolist()[2] == 0
    assert "numbers__missingindicator_dose" not in found


def test_columns_that_would_have_one_name_have_branches_of_their_own():
    table = pd.DataFrame({"a": ["x", "b_c", "x", "b_c"], "a_b": ["b", "c", "c", "b"]})
    settings = StudyConfig("y", clinical=["a", "a_b"])
    assert list(clinical_branch(table, settings).fit_transform(table)) == [
        *("categories0__a_x", "categories1__a_b_c")
    ]
    twins = pd.DataFrame({"a": ["b_c", "a", "b_c", "a"], "a_b": ["b", "c", "c", "b"]})
    assert list(clinical_branch(twins, settings).fit_transform(twins)) == [
        *("categories0__a_b_c", "categories1__a_b_c")
    ]


def curves(knots, missing="impute", **settings):
    kinds = {"age": {"kind": "continuous", "knots": knots}, "dose": "continuous"}
    return StudyConfig("y", clinical=kinds, missing=missing, **settings)


SPLINES = pd.DataFrame({"age": np.arange(40.0), "dose": np.arange(40.0) % 7})


@pytest.mark.parametrize(
    ("knots", "terms"), [(3, ["", "'"]), ([1.0, 9.0, 20.0, 30.0], ["", "'", "''"])]
)
def test_a_column_with_knots_becomes_the_terms_of_its_spline(knots, terms):
    steps = clinical_branch(SPLINES, curves(knots))
    found = steps.fit_transform(SPLINES)
    assert list(found) == ["numbers__dose", *(f"curve0__age{term}" for term in terms)]
    assert found["curve0__age"].tolist() == SPLINES["age"].tolist()


def test_a_spline_of_gaps_has_an_indicator_where_one_is_asked_for():
    table = SPLINES.assign(age=SPLINES["age"].where(SPLINES.index != 5))
    plain = clinical_branch(table, curves(3)).fit_transform(table)
    assert [name for name in plain if "age" in name] == ["curve0__age", "curve0__age'"]
    assert plain["curve0__age"][5] == 20  # the median of the others
    found = clinical_branch(table, curves(3, "indicator")).fit_transform(table)
    assert list(found)[1:] == [
        *("curve0__age", "curve0__age'", "curve0__missingindicator_age")
    ]
    assert np.flatnonzero(found["curve0__missingindicator_age"]).tolist() == [5]


@pytest.mark.parametrize(
    ("rule", "method", "threshold"),
    [("lasso", "lasso", 0.05), ("univariable p < 0.2", "univariable", 0.2)],
)
def test_a_selection_knows_its_predictors_and_settings(rule, method, threshold):
    settings = curves(
        3, clinical_selection=rule, clinical_penalty="firth", cv=4, random_state=7
    )
    table = SPLINES.assign(site=np.where(SPLINES["dose"] > 3, "a", "b"))
    chosen = clinical_branch(table, settings).named_steps["selected"]
    assert (chosen.method, chosen.p_threshold) == (method, threshold)
    assert (chosen.penalty, chosen.cv, chosen.random_state) == ("firth", 4, 7)
    assert chosen.predictors == {
        "age": ["curve0__age", "curve0__age'", "curve0__missingindicator_age"],
        "dose": ["numbers__dose", "numbers__missingindicator_dose"],
        "site": [f"categories__site_{level}" for level in ("b", "a", "(missing)")],
    }


def test_without_a_selection_all_columns_stay():
    assert "selected" not in clinical_branch(TABLE, config()).named_steps
    penalty = clinical_pipeline(TABLE, config(clinical_penalty="firth"))[-1].penalty
    assert penalty == "firth"


def test_a_score_stands_beside_clinical_columns_or_alone():
    table = SPLINES.assign(**{"radiomics score": np.sin(SPLINES["age"])})
    y = (np.arange(40) % 3 > 0).astype(int)
    settings = StudyConfig("y", clinical=["age"], clinical_penalty="firth")
    both = combined_pipeline(SPLINES[["age"]], settings).fit(table, y)
    assert both[-1].feature_names_in_.tolist() == ["numbers__age", "radiomics score"]
    assert both[-1].penalty == "firth"
    alone = combined_pipeline(SPLINES[[]], settings).fit(table, y)
    assert alone[-1].feature_names_in_.tolist() == ["radiomics score"]


def test_of_several_scores_a_constant_one_is_left_out_and_a_single_one_stays():
    table = SPLINES.assign(one=np.sin(SPLINES["age"]), two=0.0)
    y = (np.arange(40) % 3 > 0).astype(int)
    settings = StudyConfig("y")
    several = combined_pipeline(SPLINES[[]], settings, ["one", "two"])
    columns = several.named_steps["columns"]
    assert list(columns.fit_transform(table, y)) == ["one"]
    single = combined_pipeline(SPLINES[[]], settings, ["two"]).named_steps["columns"]
    assert list(single.fit_transform(table, y)) == ["two"]
    with pytest.raises(NotEstimable, match="No column varies"):
        columns.fit(table.assign(one=1.0), y)


# Words ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("categories__site_b", "'site' at the level 'b'"),
        ("categories1__site_b", "'site' at the level 'b'"),
        ("categories__site_(missing)", "'site' at the level '(missing)'"),
        ("numbers__age", "'age'"),
        ("numbers0__age", "'age'"),
        ("numbers__missingindicator_age", "'age' where it is missing"),
        ("curve0__age", "'age'"),
        ("curve3__age''", "'age'"),
        ("numbers__other", "'numbers__other'"),
    ],
)
def test_a_column_of_a_step_has_the_name_of_the_table(name, plain):
    assert plain_names(f"by {name!r}.", TABLE) == f"by {plain}."
