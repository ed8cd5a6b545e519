"""Each setting of a study reaches its step, and no other one."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn import radiomics_pipeline
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._pipeline import (
    FIELDS,
    check_parameters,
    image_steps,
    study_pipeline,
    table_steps,
)
from sklearn_orn.study._radiomics_pipeline import OfSequence

READERS = ("anna", "ben")
ALL = ["normalizer", "extractor", "icc", "imputer", "fcm", "nomogram"]


def pipeline_of(readers=READERS, **settings):
    settings = {"outcome": "y", "patient": "patient"} | settings
    return study_pipeline(readers, StudyConfig(**settings))


def steps_of(*arguments, **settings):
    return list(pipeline_of(*arguments, **settings).named_steps)


@pytest.mark.parametrize(
    ("key", "value", "parameters"),
    [
        ("normalization", "1-99", ["normalizer__method"]),
        ("icc_threshold", 0.6, ["icc__threshold"]),
        ("k", 4, ["fcm__k"]),
        ("cv", 6, ["nomogram__cv"]),
        ("random_state", 7, ["nomogram__random_state"]),
        ("n_jobs", 2, ["extractor__n_jobs"]),
    ],
)
def test_a_setting_changes_the_parameters_of_its_step_alone(key, value, parameters):
    plain, changed = (
        {k: v for k, v in steps.get_params().items() if "__" in k}
        for steps in (pipeline_of(), pipeline_of(**{key: value}))
    )
    differing = [name for name in plain if repr(plain[name]) != repr(changed[name])]
    assert differing == parameters
    assert [changed[name] for name in parameters] == [value] * len(parameters)
    assert {FIELDS[name] for name in parameters} == {key}


def test_a_study_is_judged_at_the_threshold_of_youden():
    assert pipeline_of()["nomogram"].threshold == "youden"
    assert radiomics_pipeline()["nomogram"].threshold == 0.5


def test_parameters_of_the_key_pipeline_reach_their_steps():
    given = {"extractor__distances": [1, 2], "nomogram__lambda_rule": "1se"}
    steps = pipeline_of(pipeline=given)
    assert steps["extractor"].distances == [1, 2]
    assert steps["nomogram"].lambda_rule == "1se"


def test_parameters_of_a_step_that_is_not_there_change_nothing():
    alone = pipeline_of(("",), pipeline={"icc__form": "ICC(3,1)", "fcm__poe": "range"})
    assert list(alone.named_steps) == [name for name in ALL if name != "icc"]
    assert alone["fcm"].poe == "range"
    assert pipeline_of(pipeline={"icc__form": "ICC(3,1)"})["icc"].form == "ICC(3,1)"


def test_readers_are_compared_where_there_are_two():
    assert steps_of(()) == steps_of(("",)) == [name for name in ALL if name != "icc"]
    assert steps_of() == ALL
    assert pipeline_of()["icc"].readers == ["anna", "ben"]
    counted = pipeline_of(pipeline={"icc__n_readers": 2})["icc"]
    assert (counted.n_readers, counted.readers) == (2, None)


def test_perturbed_outlines_are_judged_before_readers():
    steps = pipeline_of(perturbed_outlines=5, random_state=3)
    assert list(steps.named_steps) == ["perturber", *ALL[:2], "icc_perturbed", *ALL[2:]]
    assert (steps["perturber"].n, steps["perturber"].random_state) == (5, 3)
    first, second = steps["icc_perturbed"], steps["icc"]
    assert (first.form, first.readers, first.average) == (
        "ICC(1,1)",
        "perturbed",
        False,
    )
    assert (second.form, second.average) == ("ICC(2,1)", True)
    assert second.readers == ["anna", "ben"]
    alone = pipeline_of(("",), perturbed_outlines=5, icc_threshold=0.6)
    assert "icc_perturbed" not in alone.named_steps
    icc = alone["icc"]
    assert (icc.form, icc.readers, icc.average) == ("ICC(1,1)", "perturbed", True)
    assert icc.threshold == 0.6


def test_regions_are_measured_where_others_than_the_lesion_are_asked_for():
    regions = ["lesion", "rim 3 mm outside"]
    steps = pipeline_of(regions=regions)
    assert list(steps.named_steps) == ["regions", *ALL]
    assert steps["regions"].regions == regions
    assert steps_of(regions=["lesion"]) == ALL


def test_centres_are_harmonised_behind_the_imputer():
    steps = pipeline_of(centre="hospital", harmonise="combat")
    assert list(steps.named_steps) == [*ALL[:4], "combat", *ALL[4:]]
    config = steps["combat"]._sklearn_output_config
    assert config["transform"] == "pandas"
    assert "combat" not in steps_of(centre="hospital")


def test_where_the_steps_that_look_at_images_end():
    steps = pipeline_of(perturbed_outlines=2, regions=["context"])
    assert list(image_steps(steps).named_steps) == [
        "perturber",
        "regions",
        "normalizer",
        "extractor",
    ]
    assert list(table_steps(steps).named_steps) == ["icc_perturbed", *ALL[2:]]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"lasso__cv": 3}, "pipeline names 'lasso__cv': expected <step>__<parameter>"),
        ({"fcm": 3}, "pipeline names 'fcm': expected <step>__<parameter>"),
        ({"fcm__n": 3}, "pipeline names 'fcm__n': the step fcm has the parameters"),
        ({"fcm__k": 3}, "pipeline names 'fcm__k': this one is set by the key 'k'"),
        ({"combat__mean_only": True}, "only with the key 'harmonise'"),
        ({"perturber__shift": 1}, "only with the key 'perturbed_outlines'"),
        ({"regions__margin": 1}, "only with the key 'regions'"),
        ({"icc_perturbed__form": "ICC(1,1)"}, "only with the key 'perturbed_outlines'"),
        ({"nomogram__l1_ratio": 2}, "pipeline: The 'l1_ratio' parameter"),
        ({"extractor__distances": [0]}, "pipeline: "),
        ({"extractor__bits": {"gradient": 9}}, "pipeline: "),
        ({"icc__criterion": "upper"}, "pipeline: The 'criterion' parameter"),
    ],
)
def test_a_parameter_that_reaches_nothing_is_refused(given, message):
    with pytest.raises(CohortError) as error:
        check_parameters(StudyConfig(outcome="y", pipeline=given))
    assert message in str(error.value)


def test_parameters_of_steps_that_are_asked_for_are_taken():
    config = StudyConfig(
        outcome="y",
        centre="hospital",
        harmonise="combat",
        perturbed_outlines=3,
        regions=["context"],
        pipeline={
            "combat__mean_only": True,
            "perturber__shift": 1.0,
            "regions__margin": 1.0,
            "icc_perturbed__form": "ICC(1,1)",
            "icc__criterion": "lower",
        },
    )
    check_parameters(config)
    steps = study_pipeline(READERS, config)
    assert steps["combat"].mean_only and steps["perturber"].shift == 1.0
    assert steps["regions"].margin == 1.0 and steps["icc"].criterion == "lower"


# The chain by itself -----------------------------------------------------------------


def test_defaults_are_those_of_the_published_study():
    steps = radiomics_pipeline()
    assert list(steps.named_steps) == ALL
    assert steps["icc"].threshold == 0.75 and steps["icc"].readers is None
    assert steps["fcm"].k == 10 and steps["nomogram"].cv == 10
    assert steps["normalizer"].method == "3sigma"
    assert steps["imputer"].keep_empty_features
    assert steps["imputer"].strategy == "median"


@pytest.mark.parametrize("readers", [1, np.int64(1), ["anna"]])
def test_one_reader_is_told_by_number_or_name(readers):
    assert "icc" not in radiomics_pipeline(readers).named_steps
    perturbed = radiomics_pipeline(readers, perturbed=2).named_steps
    assert "icc" in perturbed and "icc_perturbed" not in perturbed


@pytest.mark.parametrize("readers", [0, -1, "anna", "", []])
def test_readers_are_one_or_more_or_their_names(readers):
    with pytest.raises(ValueError, match="readers=.*; expected how many readers drew"):
        radiomics_pipeline(readers)


@pytest.mark.parametrize("separate", [[], "T1", ["T1", "T1"]])
def test_sequences_are_a_list_of_different_names(separate):
    with pytest.raises(ValueError, match="separate=.*; expected a list of sequences"):
        radiomics_pipeline(separate=separate)


def test_a_score_of_each_sequence_has_all_settings():
    steps = radiomics_pipeline(
        2, separate=["T1"], k=4, cv=3, random_state=5, icc_threshold=0.6, threshold=0.3
    )
    assert list(steps.named_steps) == ["normalizer", "extractor", "scores", "nomogram"]
    ((name, score, columns),) = steps["scores"].transformers
    assert (name, score.name, columns) == ("T1", "radiomics score T1", OfSequence("T1"))
    assert (score.cv, score.random_state) == (3, 5)
    assert list(score.estimator.named_steps) == ALL[2:]
    inner = score.estimator
    assert (inner["fcm"].k, inner["icc"].threshold, inner["nomogram"].cv) == (4, 0.6, 3)
    assert inner["imputer"]._sklearn_output_config["transform"] == "pandas"
    assert not steps["scores"].verbose_feature_names_out
    assert (steps["nomogram"].penalty, steps["nomogram"].threshold) == ("none", 0.3)


def test_columns_of_a_sequence():
    names = ["T1|lesion|anna__Mean", "T2|lesion|anna__Mean", "T1|lesion|ben__Mean"]
    X = pd.DataFrame(np.zeros((1, 3)), columns=names)
    assert OfSequence("T1")(X) == [names[0], names[2]]
    with pytest.raises(ValueError, match="'T3'; the features are of 'T1', 'T2'"):
        OfSequence("T3")(X)
    with pytest.raises(ValueError, match="'T1'; the features are of one, unnamed"):
        OfSequence("T1")(pd.DataFrame({"anna__Mean": [0.0]}))
