"""Settings of a study at their borders, and what becomes of each."""

import datetime
from pathlib import Path

import numpy as np
import pytest

from sklearn_orn._workers import MOST_WORKERS
from sklearn_orn.study import StudyConfig

LIMITS = [
    ("cv", 2, None),
    ("random_state", 0, 4294967295),
    ("k", 1, None),
    ("n_resamples", 2, 1_000_000),
    ("n_permutations", 1, 1_000_000),
]


def config(**settings):
    return StudyConfig(**{"outcome": "y"} | settings)


def refused(error, message, **settings):
    with pytest.raises(error) as caught:
        config(**settings)
    assert message in str(caught.value)


@pytest.mark.parametrize(("name", "low", "high"), LIMITS)
def test_whole_numbers_have_limits(name, low, high):
    assert getattr(config(**{name: low}), name) == low
    refused(ValueError, f"{name} is {low - 1}", **{name: low - 1})
    if high is None:
        assert getattr(config(**{name: 10**7}), name) == 10**7
        refused(TypeError, f"expected an integer, {low} or more", **{name: "a"})
        return
    assert getattr(config(**{name: high}), name) == high
    refused(ValueError, f"from {low} to {high}", **{name: high + 1})


def test_perturbed_outlines_are_none_or_several():
    for n in (0, 2, 1000):
        assert config(perturbed_outlines=n).perturbed_outlines == n
    for n in (-1, 1, 1001):
        refused(ValueError, f"perturbed_outlines is {n}", perturbed_outlines=n)


def test_defaults_are_those_of_the_documentation():
    plain = config()
    assert (plain.cv, plain.k, plain.icc_threshold, plain.random_state) == (
        10,
        10,
        0.75,
        0,
    )
    assert (plain.n_resamples, plain.n_permutations) == (200, 100)
    assert plain.perturbed_outlines == 0
    assert plain.sensitivity is True and plain.pooled_decision_curve is False
    assert plain.regions == ("lesion",) and plain.normalization == "3sigma"
    assert plain.clinical == () and plain.ignore == ()
    assert plain.threshold_range is None and plain.prevalence is None


@pytest.mark.parametrize("n", [None, 1, -1, MOST_WORKERS])
def test_workers(n):
    assert config(n_jobs=n).n_jobs == n


@pytest.mark.parametrize(
    ("n", "error"),
    [
        (0, ValueError),
        (MOST_WORKERS + 1, ValueError),
        (True, TypeError),
        (1.5, TypeError),
    ],
)
def test_workers_that_are_none(n, error):
    refused(error, f"n_jobs is {n}", n_jobs=n)


@pytest.mark.parametrize("value", [0, 0.5, 1])
def test_a_threshold_of_the_icc_is_from_0_to_1(value):
    found = config(icc_threshold=value).icc_threshold
    assert found == value and type(found) is float
    refused(ValueError, "icc_threshold is", icc_threshold=value - 1.01)
    refused(ValueError, "icc_threshold is", icc_threshold=value + 1.01)
    refused(TypeError, "icc_threshold is", icc_threshold=True)


def test_thresholds_of_probability_are_from_0_to_below_1():
    assert config(threshold_range=[0, 0.999]).threshold_range == (0.0, 0.999)
    for wrong in ([-0.01, 0.5], [0.5, 0.5], [0.5, 1], [0.5, 1.5]):
        refused(ValueError, "threshold_range is", threshold_range=wrong)
    for wrong in ([0.1, "0.4"], ["0.1", 0.4], [0.1, 0.2, 0.3], 0.4, {0.1, 0.4}):
        refused(TypeError, "threshold_range is", threshold_range=wrong)


def test_a_prevalence_is_between_0_and_1():
    assert config(prevalence=1e-6).prevalence == 1e-6
    for wrong in (0, 1, -0.1, 1.5):
        refused(ValueError, "prevalence is", prevalence=wrong)
    refused(TypeError, "prevalence is True", prevalence=True)


@pytest.mark.parametrize(
    "name", ["patient", "split", "date", "location", "size", "centre"]
)
def test_columns_are_named_by_texts(name):
    refused(TypeError, f"{name} is 3", **{name: 3})
    refused(ValueError, f"{name} is empty", **{name: " "})
    assert getattr(config(), name) is None


def test_names_are_lists_of_different_texts():
    assert config(readers=["b", "a"]).readers == ("b", "a")
    assert config(sequences=("T1", "T2")).sequences == ("T1", "T2")
    for name in ("readers", "sequences", "clinical"):
        refused(TypeError, f"{name} is", **{name: "anna"})
        refused(TypeError, f"{name} is", **{name: 3})
        refused(TypeError, f"{name} holds 3", **{name: ["anna", 3]})
        refused(TypeError, f"{name} holds", **{name: ["anna", " "]})
        refused(ValueError, f"{name} names 'anna' twice", **{name: ["anna", "anna"]})


def test_regions_are_different_ones():
    assert config(regions=["lesion", "rim 3 mm outside"]).regions == (
        "lesion",
        "rim 3 mm outside",
    )
    refused(ValueError, "regions is empty", regions=[])
    refused(
        ValueError, "are the same", regions=["rim 3 mm outside", "rim 3.0 mm outside"]
    )
    refused(ValueError, "regions: ", regions=["rim of salt"])


def test_patterns_of_features_are_kept():
    given = {"include": ["a*"], "exclude": ["*b"]}
    assert config(features=given).features == given
    assert config(features={"exclude": ("*b",)}).features == {"exclude": ["*b"]}
    assert config().features is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, None),
        ("yes", "yes"),
        (True, "True"),
        (np.False_, "False"),
        (np.int8(2), 2),
        (1.5, 1.5),
        (np.float32(0.5), 0.5),
    ],
)
def test_the_label_of_the_positive_class(given, kept):
    found = config(positive=given).positive
    assert found == kept and type(found) is type(kept)


def test_mappings_and_flags():
    for name in ("pipeline", "screening"):
        refused(TypeError, f"{name} is", **{name: [1]})
        refused(TypeError, f"{name} is", **{name: {1: 2}})
        refused(TypeError, f"{name} is", **{name: {"a": 1, 2: 3}})
    for name in ("sensitivity", "pooled_decision_curve"):
        refused(TypeError, f"{name} is 1", **{name: 1})
        refused(TypeError, f"{name} is None", **{name: None})


@pytest.mark.parametrize(
    "name",
    ["normalization", "missing", "clinical_penalty", "nomogram", "scores", "harmonise"],
)
def test_choices_are_one_of_their_words(name):
    refused(ValueError, f"{name} is 'other': expected one of", **{name: "other"})


def test_paths_of_decisions():
    assert config(exclusions=Path("x.csv")).exclusions == Path("x.csv")
    assert config(exclusions="x.csv").exclusions == "x.csv"
    refused(TypeError, "exclusions is 3", exclusions=3)


def test_codes_of_warnings():
    assert config(ignore=["ORN017", "ORN001"]).ignore == ("ORN017", "ORN001")
    refused(ValueError, "ignore names 'ORN999'", ignore=["ORN001", "ORN999"])


# What goes together -----------------------------------------------------------------


def test_a_column_has_one_role_unless_it_describes():
    for name in ("location", "size", "centre"):
        shared = config(**{name: "x"}, clinical=["x", "age"])
        assert getattr(shared, name) == "x"
    config(location="x", centre="x")
    for settings in (
        {"clinical": ["y"]},
        {"patient": "p", "clinical": ["p"]},
        {"split": "s", "location": "s"},
        {"location": "x", "split": "x"},
    ):
        refused(ValueError, "both name the column", **settings)


def test_a_date_needs_its_cut():
    found = config(date="seen", cut="2020-01-01")
    assert found.has_split and found.columns.date == "seen"
    refused(ValueError, "date is given without cut", date="seen")
    refused(ValueError, "cut is given without date", cut="2020-01-01")
    refused(ValueError, "split and date", date="seen", cut="2020", split="part")
    assert config(split="part").has_split and not config().has_split


@pytest.mark.parametrize(
    ("cut", "kept"),
    [
        (2020, 2020),
        (20.5, 20.5),
        (datetime.date(2020, 1, 2), "2020-01-02"),
        ("2020", "2020"),
    ],
)
def test_a_cut_is_plain_data(cut, kept):
    found = config(date="seen", cut=cut).as_dict()["cut"]
    assert found == kept and type(found) is type(kept)
    assert config().as_dict()["cut"] is None


def test_a_combined_nomogram_joins_something():
    refused(ValueError, "nomogram is 'combined', but no", nomogram="combined")
    config(nomogram="combined", clinical=["age"])
    config(nomogram="combined", scores="separate")
    config(nomogram="radiomics", clinical=["age"])
    config(nomogram="radiomics")


def test_centres_are_named_where_they_are_harmonised():
    assert config(centre="hospital", harmonise="combat").harmonise == "combat"
    refused(ValueError, "no centre is named", harmonise="combat")
    given = {"centre": "hospital", "harmonise": "combat"}
    refused(ValueError, "scores", scores="separate", **given)
    refused(
        ValueError,
        "nomogram is 'combined'",
        nomogram="combined",
        clinical=["a"],
        **given,
    )
    config(scores="separate")
    config(centre="hospital", scores="separate")
    config(nomogram="combined", clinical=["a"], centre="hospital")


def test_a_centre_of_the_headers_is_no_column():
    found = config(centre="header station")
    assert found.centre_field == "StationName" and found.columns.centre is None
    named = config(centre="hospital")
    assert named.centre_field is None and named.columns.centre == "hospital"
    assert config().centre_field is None
    assert config(centre="header").columns.centre == "header"
    refused(ValueError, "of the headers it can be", centre="Header town")


def test_clinical_columns_and_their_kinds():
    kinds = {"age": "continuous", "sex": {"categorical": "m"}}
    found = config(clinical=kinds)
    assert list(found.clinical) == ["age", "sex"] == list(found.columns.clinical)
    assert set(found.clinical_kinds) == {"age", "sex"}
    plain = config(clinical=["sex", "age"])
    assert plain.clinical == ("sex", "age") and plain.clinical_kinds == {}
    refused(ValueError, "radiomics score", clinical=["age", "radiomics score"])
