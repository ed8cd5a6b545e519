import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.cohort._outcome import encode_outcome
from sklearn_orn.study import StudyConfig


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("outcome", "", ValueError),
        ("outcome", 3, TypeError),
        ("outcome", None, TypeError),
        ("patient", " ", ValueError),
        ("split", 1, TypeError),
        ("positive", ["a"], TypeError),
        ("cv", 1, ValueError),
        ("cv", 5.0, TypeError),
        ("cv", True, TypeError),
        ("random_state", -1, ValueError),
        ("random_state", None, TypeError),
        ("n_jobs", 0, ValueError),
        ("n_jobs", "2", TypeError),
        ("normalization", "2sigma", ValueError),
        ("icc_threshold", 1.5, ValueError),
        ("icc_threshold", float("nan"), ValueError),
        ("icc_threshold", "high", TypeError),
        ("k", 0, ValueError),
        ("features", ["f*"], TypeError),
    ],
)
def test_a_wrong_setting_is_named(field, value, error):
    with pytest.raises(error, match=f"^{field} is"):
        StudyConfig(**{"outcome": "y", field: value})


def test_one_column_cannot_have_two_roles():
    with pytest.raises(ValueError, match="patient and outcome both name.*'y'"):
        StudyConfig(outcome="y", patient="y")


def test_config_is_frozen():
    config = StudyConfig(outcome="y")
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.cv = 5


def test_results_do_not_record_the_number_of_workers():
    one, two = (StudyConfig(outcome="y", n_jobs=n).as_dict() for n in (1, 2))
    assert one == two


def test_numbers_of_numpy_are_those_of_python():
    dose = {"kind": "continuous", "knots": [50.0, 60.0, 70.0]}
    numbers = {
        "positive": 2,
        "cv": 5,
        "random_state": 3,
        "n_resamples": 20,
        "icc_threshold": 0.5,
        "prevalence": 0.25,
        "clinical": {"age": {"kind": "continuous", "knots": 4}, "dose": dose},
        "pipeline": {"nomogram__threshold": 0.5},
    }
    of_numpy = {
        name: (np.int64 if isinstance(value, int) else np.float32)(value)
        for name, value in numbers.items()
        if not isinstance(value, dict)
    }
    knots = {"age": np.int64(4), "dose": np.array([50.0, 60, 70])}
    kinds = {name: {"kind": "continuous", "knots": k} for name, k in knots.items()}
    of_numpy |= {"clinical": kinds}
    of_numpy |= {"pipeline": {"nomogram__threshold": np.float64(0.5)}}
    plain, other = (StudyConfig(outcome="y", **n) for n in (numbers, of_numpy))
    assert json.dumps(other.as_dict()) == json.dumps(plain.as_dict())


@pytest.mark.parametrize("flag", [True, np.True_])
def test_the_positive_of_a_column_of_flags_is_its_label(flag):
    config = StudyConfig(outcome="y", positive=flag)
    assert config.positive == "True"
    y, classes = encode_outcome(pd.Series([True, False, True]), config.positive)
    assert y.tolist() == [1, 0, 1] and classes == ("False", "True")
    y, classes = encode_outcome(pd.Series(["no", "yes"]), config.positive)
    assert y.tolist() == [0, 1] and classes == ("no", "yes")


def test_clinical_thresholds_and_prevalence():
    config = StudyConfig(outcome="y", threshold_range=[0.1, 0.4], prevalence=0.05)
    assert config.threshold_range == (0.1, 0.4) and config.prevalence == 0.05
    assert config.as_dict()["threshold_range"] == (0.1, 0.4)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"threshold_range": [0.4, 0.1]}, ValueError, "the lower one first"),
        ({"threshold_range": [0.1, 1.0]}, ValueError, "from 0 to below 1"),
        ({"threshold_range": [0.1]}, TypeError, "expected two threshold prob"),
        ({"threshold_range": "0.1-0.4"}, TypeError, "threshold_range is '0.1-0.4'"),
        ({"threshold_range": [True, 0.4]}, TypeError, "expected two threshold"),
        ({"prevalence": 5}, ValueError, "prevalence is 5: expected a share"),
        ({"prevalence": "5 %"}, TypeError, "prevalence is '5 %': expected a share"),
        ({"prevalence": float("nan")}, ValueError, "prevalence is nan"),
    ],
)
def test_wrong_thresholds_and_prevalence_are_named(settings, error, message):
    with pytest.raises(error, match=message):
        StudyConfig(outcome="y", **settings)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ({"omit": ["f*"]}, ValueError, "features holds 'omit'"),
        ({"exclude": "f*"}, TypeError, "features, exclude is 'f\\*': expected a list"),
        ({"include": [3]}, TypeError, "features, include holds 3"),
        ({"include": ["a", "a"]}, ValueError, "features, include names 'a' twice"),
    ],
)
def test_patterns_of_features_are_lists_of_texts(value, error, message):
    with pytest.raises(error, match=f"^{message}"):
        StudyConfig(outcome="y", features=value)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["b"], ("b",)),
        ("univariable p < 0.050", "univariable p < 0.05"),
        ("lasso", "lasso"),
        ("all", "all"),
    ],
)
def test_a_selection_of_clinical_columns_is_kept_in_one_spelling(given, kept):
    config = StudyConfig(outcome="y", clinical=["a", "b"], clinical_selection=given)
    assert config.clinical_selection == config.as_dict()["clinical_selection"] == kept
