"""Steps and scores of the combined model, column by column."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.cohort import Cohort
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._combined_pipeline import (
    CombinedFit,
    _alike,
    _encodable,
    _steps,
    check_apart,
    combined_scores,
    model_table,
    replace_steps,
)
from sklearn_orn.study.results import Absent, CombinedPredictor

NAN = np.nan
GIVEN = {"outcome": "y", "patient": "patient"}


def predictor(name, kind, levels=(), knots=()):
    return CombinedPredictor(
        name, kind, 0.0, 1.0, None, tuple(levels), tuple(knots), ()
    )


AGE = predictor("age", "continuous")
BENT = predictor("age", "continuous", knots=(1.0, 2.0, 4.0))
STAGE = predictor("stage", "ordinal", ["I", "II", "III"])
SITE = predictor("site", "categorical", ["jaw", "neck"])
UNKNOWN = predictor("site", "categorical", ["jaw", "neck", "(missing)"])


def steps_of(of, missing="impute", others=()):
    config = StudyConfig(**GIVEN, missing=missing)
    predictors = (of, *(predictor(name, "continuous") for name in others))
    return _steps(of, SimpleNamespace(predictors=predictors), config)


def made(steps, values, name="x"):
    X = pd.DataFrame({name: values})
    return np.asarray(steps.fit_transform(X), dtype=float)


def test_gaps_of_a_number_are_filled_with_its_median():
    found = made(steps_of(AGE), [1.0, 2.0, 9.0, NAN])
    assert found.tolist() == [[1], [2], [9], [2]]


def test_a_number_with_an_indicator_of_its_gaps():
    both = steps_of(AGE, "indicator", ["age missing"])
    found = made(both, [1.0, 2.0, 9.0, NAN])
    assert found.tolist() == [[1, 0], [2, 0], [9, 0], [2, 1]]
    alone = steps_of(AGE, "indicator", ["dose missing"])
    assert made(alone, [1.0, 2.0, 9.0, NAN]).shape == (4, 1)


def test_gaps_that_are_excluded_are_not_filled():
    assert steps_of(AGE, "exclude") == "passthrough"
    assert list(steps_of(STAGE, "exclude").named_steps) == ["ordinalencoder"]
    assert list(steps_of(SITE, "exclude").named_steps) == ["onehotencoder"]
    names = list(steps_of(BENT, "exclude").named_steps)
    assert names == ["restrictedcubicspline"]


def test_stages_are_numbered_in_their_order():
    found = made(steps_of(STAGE), ["III", "I", "II", NAN])
    assert found.tolist() == [[2], [0], [1], [1]]


def test_a_category_is_told_from_its_reference():
    found = made(steps_of(SITE), ["neck", "jaw", "jaw", NAN])
    assert found.tolist() == [[1], [0], [0], [0]]


def test_a_gap_is_a_level_where_training_has_one():
    found = made(steps_of(UNKNOWN, "indicator"), ["neck", "jaw", NAN])
    assert found.tolist() == [[1, 0], [0, 0], [0, 1]]
    names = list(steps_of(SITE, "indicator").named_steps)
    assert names == ["onehotencoder"]


@pytest.mark.parametrize("others", [(), ("age missing",)])
def test_a_curve_stands_behind_what_fills_gaps(others):
    steps = steps_of(BENT, "indicator", others)
    found = made(steps, [0.0, 1.0, 2.0, 3.0, 5.0, NAN])
    assert found.shape == (6, 2 + len(others))
    np.testing.assert_allclose(found[:5, 0], [0, 1, 2, 3, 5])
    np.testing.assert_allclose(found[:2, 1], 0, atol=1e-15)
    assert found[5, 0] == 2
    if others:
        assert found[:, 2].tolist() == [0, 0, 0, 0, 0, 1]


def test_unknown_levels_are_the_reference_and_gaps_stay():
    X = pd.DataFrame(
        {"site": ["neck", "lung", None, "jaw"], "stage": ["I", None, "III", "II"]}
    )
    clinical = {
        "site": {"categorical": "jaw"},
        "stage": {"ordinal": ["I", "II", "III"]},
    }
    for missing in ("impute", "indicator"):
        config = StudyConfig(**GIVEN, clinical=clinical, missing=missing)
        found = _encodable(X, [SITE, STAGE], config)
        assert found["site"].drop(index=2).tolist() == ["neck", "jaw", "jaw"]
        gap = found["site"][2]
        assert gap == "jaw" if missing == "indicator" else pd.isna(gap)
        assert found["stage"].drop(index=1).tolist() == ["I", "III", "II"]
        assert type(found["stage"][1]) is float and np.isnan(found["stage"][1])
    assert X["site"].tolist()[1] == "lung"
    known = _encodable(X, [UNKNOWN, STAGE], config)
    assert pd.isna(known["site"][2]) and known["site"][1] == "jaw"


def test_numbers_are_read_whatever_stands_behind_a_category():
    X = pd.DataFrame({"site": ["neck", "jaw"], "age": ["61", 70]})
    clinical = {"site": {"categorical": "jaw"}, "age": "continuous"}
    config = StudyConfig(**GIVEN, clinical=clinical)
    found = _encodable(X, [SITE, AGE], config)
    assert found["age"].tolist() == [61.0, 70.0]


@pytest.mark.parametrize(
    ("predictors", "scores", "alike"),
    [
        ([AGE, SITE], ["radiomics score"], False),
        ([predictor("site_neck", "continuous"), SITE], [], True),
        ([predictor("site_jaw", "continuous"), SITE], [], False),
        ([predictor("site", "ordinal", ["I", "II"])], ["site_II"], False),
        ([AGE], ["age"], True),
        ([AGE, predictor("missingindicator_age", "continuous")], [], True),
    ],
)
def test_names_that_two_columns_would_have(predictors, scores, alike):
    assert _alike(predictors, scores) is alike


# A column that is there twice --------------------------------------------------------


TABLE = pd.DataFrame(
    {"lesion": ["a"], "y": [0], "age": [1.0], "image": ["x.png"], "mask": ["m.png"]}
)


def apart(clinical, features=None, nomogram="combined"):
    config = StudyConfig(outcome="y", clinical=clinical, nomogram=nomogram)
    check_apart(Cohort.of(TABLE), features, config)


def test_a_clinical_column_is_neither_an_image_nor_a_feature():
    apart(["age"])
    apart(["age"], pd.DataFrame({"f0": [1.0]}))
    apart(["image"], pd.DataFrame({"f0": [1.0]}))
    with pytest.raises(CohortError, match="'age' is a clinical column and a feature"):
        apart(["age"], pd.DataFrame({"age": [1.0]}))
    with pytest.raises(CohortError, match="'image' is a clinical column and an image"):
        apart(["image", "age"])
    apart(["image"], nomogram="radiomics")


def test_the_table_of_the_model_is_that_of_the_images_or_of_both():
    clinical, features = TABLE[["age"]], pd.DataFrame({"f0": [0.5]}, index=[7])
    cohort = SimpleNamespace(table=TABLE, clinical=clinical)
    study = SimpleNamespace(cohort=cohort, features=features, from_images=True)
    assert model_table(study) is TABLE
    study.from_images = False
    expected = pd.DataFrame({"age": [1.0], "f0": [0.5]}, index=[7])
    pd.testing.assert_frame_equal(model_table(study), expected)


def test_steps_are_replaced_by_their_names():
    columns = SimpleNamespace(
        transformers=[("a", 1, ["x"]), ("b", 2, ["y"])], transformers_=[("b", 3, ["y"])]
    )
    replace_steps(columns, {"b": 9})
    assert columns.transformers == [("a", 1, ["x"]), ("b", 9, ["y"])]
    assert columns.transformers_ == [("b", 9, ["y"])]


# What is told of each lesion ---------------------------------------------------------


SCORES = pd.DataFrame(
    {
        "lesion": ["a", "b", "c"],
        "score": [0.1, 0.2, 0.3],
        "probability": [0.4, 0.5, 0.6],
        "predicted": ["no", "no", "yes"],
    }
)
FIT = CombinedFit(
    [SimpleNamespace(threshold_=None), SimpleNamespace(threshold_=0.5)],
    None,
    np.array([-1.0, 0.0, NAN]),
    np.array([0.3, 0.5, NAN]),
    pd.DataFrame({"score T1": [1.0, 2.0, 3.0], "score T2": [4.0, 5.0, 6.0]}),
)


NOT_JUDGED = Absent("none")


def results_of(split=None, date=None, models=NOT_JUDGED):
    config = SimpleNamespace(split=split, date=date)
    return SimpleNamespace(config=config, labels=("no", "yes"), models=models)


@pytest.mark.parametrize("part", [{"split": "part"}, {"date": "seen"}])
def test_scores_of_a_study_with_parts(part):
    told = combined_scores(SCORES, FIT, results_of(**part))
    assert list(told) == [
        *("lesion", "radiomics score", "radiomics probability", "score T1", "score T2"),
        *("combined score", "combined probability", "predicted"),
    ]
    np.testing.assert_equal(told["combined score"].tolist(), [-1.0, 0.0, NAN])
    np.testing.assert_equal(told["combined probability"].tolist(), [0.3, 0.5, NAN])
    assert told["predicted"].tolist()[:2] == ["no", "yes"]
    assert pd.isna(told["predicted"][2])
    assert told["score T2"].tolist() == [4, 5, 6]
    assert told["radiomics score"].tolist() == [0.1, 0.2, 0.3]


@pytest.mark.parametrize("name", ["clinical + radiomics", "joined scores"])
def test_scores_without_parts_are_those_of_folds(name):
    judged = SimpleNamespace(
        lesion=["c", "a"], probability={"clinical": [0.9, 0.9], name: [1.0, 0.25]}
    )
    told = combined_scores(
        SCORES, FIT, results_of(models=SimpleNamespace(judged=judged))
    )
    np.testing.assert_equal(told["combined probability"].tolist(), [0.25, NAN, 1.0])
    score = told["combined score"].tolist()
    assert score[0] == pytest.approx(np.log(1 / 3)) and np.isnan(score[1])
    assert 36 < score[2] < np.inf
    assert told["predicted"].tolist()[::2] == ["no", "yes"]
    assert pd.isna(told["predicted"][1])


def test_without_a_judged_combined_model_nothing_is_told():
    judged = SimpleNamespace(lesion=["a"], probability={"clinical": [0.9]})
    for models in (
        NOT_JUDGED,
        SimpleNamespace(judged=None),
        SimpleNamespace(judged=judged),
    ):
        told = combined_scores(SCORES, FIT, results_of(models=models))
        assert told["combined probability"].isna().all()
        assert told["predicted"].isna().all()
