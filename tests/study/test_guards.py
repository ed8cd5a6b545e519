"""The warnings of a report: each just beyond its limit, and none at it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.study._feature_columns import LEFT_OUT
from sklearn_orn.study._guards import study_guards, telling_features
from sklearn_orn.study.results import Absent, Guard, Recognised, RiskGroup
from tests.study._results_example import (
    EXAMPLE,
    MODEL,
    OPTIMISM,
    VALIDATION,
    centres_example,
    example,
    example_without,
    features_example,
    no_model_example,
    nothing_selected_example,
    perturbed_example,
)


def design(low, high, *, validating=None, patients=None):
    """So many lesions of each class, in training and, where they are given, beside."""
    counts = [(low, high), validating or (0, 0)]
    y = np.concatenate([[0] * a + [1] * b for a, b in counts]).astype(int)
    training = np.arange(len(y)) < low + high
    names = np.array([f"L{i}" for i in range(len(y))], dtype=object)
    patient = names if patients is None else np.array(patients, dtype=object)
    classes = ("low", "high")
    return StudyDesign(
        names, patient, y, training, classes, classes, validating is not None
    )


LARGE = design(800, 800, validating=(200, 200))


def told(results, of=LARGE, **given):
    return {guard.code: guard for guard in study_guards(of, results, **given)}


def n_chosen():
    return len(MODEL.lasso.features)


@pytest.mark.parametrize("smaller", ["low", "high"])
def test_ten_lesions_of_the_smaller_class_for_each_candidate(smaller):
    few, enough = 10 * n_chosen() - 1, 10 * n_chosen()
    counts = {"low": enough + 50, "high": enough + 50}
    at = design(**counts | {smaller: enough}, validating=(5, 5))
    assert "ORN001" not in told(EXAMPLE, at)
    below = design(**counts | {smaller: few}, validating=(500, 500))
    text = told(EXAMPLE, below)["ORN001"].text
    assert f"in training, {smaller}, has {few} lesions of {few} patients" in text
    assert f"for {n_chosen()} candidate features: 9.9 for each, where 10" in text
    assert "ORN001" not in told(no_model_example(), below)


def test_patients_of_the_smaller_class_are_counted_once():
    patients = [f"P{i // 2}" for i in range(50)]
    text = told(EXAMPLE, design(30, 20, patients=patients))["ORN001"].text
    assert "high, has 20 lesions of 10 patients" in text


def test_classes_of_one_size_are_told_by_the_positive_one():
    assert "training, high, has 7 lesions" in told(EXAMPLE, design(7, 7))["ORN001"].text


def test_a_validation_part_of_a_hundred_of_each_class_is_enough():
    assert "ORN017" not in told(EXAMPLE, design(800, 800, validating=(120, 100)))
    text = told(EXAMPLE, design(800, 800, validating=(99, 120)))["ORN017"].text
    assert "Its smaller class, low, has 99 lesions of 99 patients; 100 or more" in text
    assert "ORN017" not in told(EXAMPLE, design(20, 20))  # it has no such part


def test_patients_with_several_lesions():
    assert "ORN013" not in told(EXAMPLE)
    of = design(3, 2, patients=["a", "a", "b", "b", "c"])
    text = told(EXAMPLE, of)["ORN013"].text
    assert text.startswith("2 of 3 patients have more than one lesion. They never")
    assert text.endswith(" 1 patient with lesions of both classes.")
    alike = design(2, 2, patients=["a", "a", "b", "c"])
    assert "both classes" not in told(EXAMPLE, alike)["ORN013"].text
    unjudged = told(no_model_example(), of)["ORN013"].text
    assert "never stand on both sides" not in unjudged
    assert unjudged.endswith(" 1 patient with lesions of both classes.")


def part(name, expected):
    groups = tuple(RiskGroup(0.1, 0.2, 12, 3, value) for value in expected)
    test = replace(VALIDATION.hosmer_lemeshow, groups=groups)
    return replace(VALIDATION, part=name, hosmer_lemeshow=test)


def test_small_cells_are_counted_for_each_part():
    enough, few = part("training", [6, 5, 7]), part("validation", [1, 6, 9])
    assert "ORN010" not in told(example(parts=(enough,)))
    text = told(example(parts=(enough, few)))["ORN010"].text
    assert "fewer than 5 expected lesions: 2 of 6 in validation." in text
    assert "training" not in text


def test_lesions_that_were_left_out():
    text = told(EXAMPLE, design(3, 2))["ORN018"].text
    assert text.startswith("1 of 6 lesions could not be measured")
    assert "ORN018" not in told(example(left_out=()))


def test_readers():
    for source in ("images", "features"):
        assert not {"ORN019", "ORN020"} & told(example(source=source)).keys()
    assert "ORN019" in told(features_example())
    one = example(readers=("A",), agreement=Absent("one reader"))
    assert "no ICC filter was applied" in told(one)["ORN020"].text
    assert "on perturbed outlines" in told(perturbed_example())["ORN020"].text
    assert not {"ORN019", "ORN020"} & told(replace(one, readers=("A", "B"))).keys()


def test_a_study_without_a_split_quotes_the_nested_cross_validation():
    split, folds = told(EXAMPLE), told(EXAMPLE, design(800, 800))
    assert "ORN021" not in split and "ORN021" in folds
    assert "The validation part is the one to quote" in split["ORN014"].text
    assert "Nested cross-validation is the one to quote" in folds["ORN014"].text


def test_no_model():
    guards = told(no_model_example())
    assert guards["ORN002"].text == "no model here"
    # Nothing is said of what a model would show.
    assert not {"ORN001", "ORN014", "ORN022", "ORN023"} & guards.keys()
    assert "kept no feature" in told(nothing_selected_example())["ORN002"].text
    assert "ORN002" not in told(EXAMPLE)


def sized(n_patients, *shrinkages):
    size = EXAMPLE.sample_size
    rows = tuple(
        replace(row, n=100, shrinkage=shrinkage)
        for row, shrinkage in zip(size.riley, shrinkages, strict=True)
    )
    return example(sample_size=replace(size, n_patients=n_patients, riley=rows))


def test_the_size_that_riley_asks_for():
    assert "ORN022" not in told(sized(100, 0.9, 0.9))
    text = told(sized(99, 0.9, 0.4))["ORN022"].text
    assert "100 for the 279 measured and 100 for the 30 seen by the LASSO" in text
    assert "explains 15\N{NO-BREAK SPACE}% of what" in text
    assert "training has 99 patients" in text and "to 0.40 of their size" in text
    # Of the first row, whatever the candidates of the second ask for.
    small = sized(99, 0.9, -0.2).sample_size
    more = replace(small.riley[1], n=10_000)
    wide = replace(small, n_patients=100, riley=(small.riley[0], more))
    assert "ORN022" not in told(example(sample_size=wide))
    assert "to 0.00 of their size" in told(sized(99, 0.9, -0.2))["ORN022"].text
    assert "ORN022" not in told(example_without("sample_size"))


def judged(apparent, harrell, nested, plus_632):
    (auc,) = OPTIMISM.measures
    auc = replace(auc, apparent=apparent, corrected=harrell, plus_632=plus_632)
    unseen = Absent("no folds")
    if nested is not None:
        unseen = replace(EXAMPLE.nested, auc=nested)
    return example(optimism=replace(OPTIMISM, measures=(auc,)), nested=unseen)


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ((0.79, 0.79, 0.75, 0.10), set()),
        ((0.05, 0.05, 0.00, 0.10), set()),  # the limit itself
        ((0.82, 0.76, 0.75, 0.82), {"ORN023"}),
        ((0.76, 0.82, 0.75, 0.82), {"ORN024"}),
        ((0.82, 0.82, 0.75, 0.82), {"ORN023", "ORN024"}),
        ((0.82, 0.82, None, 0.82), set()),  # without it, above the .632+ bootstrap
        ((0.82, 0.76, None, 0.75), {"ORN023"}),
        ((0.82, None, None, 0.75), {"ORN023"}),
        ((None, 0.82, None, 0.75), {"ORN024"}),
        ((0.82, 0.82, None, None), set()),
    ],
)
def test_optimism_of_more_than_a_twentieth(values, codes):
    assert told(judged(*values)).keys() & {"ORN023", "ORN024"} == codes


def test_what_optimism_is_held_against():
    guards = told(judged(0.91, 0.88, 0.71, 0.74))
    assert guards["ORN023"].text == (
        "The AUC in training is 0.91; for the whole procedure on patients that it has "
        "not seen nested cross-validation by patient gives 0.71, the .632+ bootstrap "
        "gives 0.74."
    )
    assert guards["ORN024"].text.startswith(
        "It leaves an AUC of 0.88 where nested cross-validation by patient gives 0.71."
    )
    empty = replace(
        judged(0.91, 0.88, 0.71, 0.74), model=replace(MODEL, coefficients=())
    )
    assert "ORN023" not in told(empty)
    assert "ORN023" not in told(example_without("optimism"))


def shuffled(**changes):
    return example(permuted=replace(EXAMPLE.permuted, **changes))


def test_shuffled_outcomes():
    assert "ORN011" not in told(shuffled(movable=0.9))
    text = told(shuffled(movable=0.89))["ORN011"].text
    assert "Only 89\N{NO-BREAK SPACE}% of the lesions" in text
    assert "ORN025" not in told(shuffled(p_value=0.05))
    found = {"p_value": 0.2, "n_as_large": 3, "auc": 0.604}
    assert told(shuffled(n_permutations=19, **found))["ORN025"].text == (
        "3 of 19 shuffled outcomes give an AUC as high as the cross-validated 0.60, "
        "so p is 0.20."
    )
    # 18 shuffles cannot come to 0.05, whatever the truth.
    assert "ORN025" not in told(shuffled(n_permutations=18, **found))
    assert "ORN011" not in told(example_without("permuted"))


@pytest.mark.parametrize(
    ("first", "lower", "warned"),
    [
        ("radiomics", 0.01, False),
        ("radiomics", 0.0, True),
        ("radiomics", None, True),
        ("clinical + radiomics", -0.1, False),
    ],
)
def test_simpler_models_that_do_as_well(first, lower, warned):
    row = replace(EXAMPLE.models.comparisons[0], first=first, lower=lower)
    models = replace(EXAMPLE.models, comparisons=(row,))
    guards = told(example(models=models))
    assert ("ORN026" in guards) == warned
    if warned:
        assert guards["ORN026"].text == models.verdict
    better = replace(row, first="radiomics", lower=0.01)
    models = replace(models, comparisons=(better, row))
    assert ("ORN026" in told(example(models=models))) == warned


def test_separated_models_and_failed_resamples():
    models = replace(EXAMPLE.models, separated=("age has no finite value",))
    guards = told(example(models=models))
    assert guards["ORN004"].text == "age has no finite value"
    assert guards["ORN012"].text.endswith(": one class only (2 of 200 for optimism).")
    fewer = replace(EXAMPLE.stability, n_resamples=95, failures={"one class only": 5})
    text = told(example(stability=fewer))["ORN012"].text
    assert "(5 of 100 for stability, 2 of 200 for optimism)" in text
    one = told(example_without("stability"))["ORN012"]
    assert one.text.endswith(": one class only (2 of 200 for optimism).")
    none = example_without("optimism", "models")
    assert not {"ORN004", "ORN012"} & told(none).keys()


def test_centres_that_tell_the_class_and_features_that_tell_the_centre():
    codes = {"ORN030", "ORN031", "ORN032"}
    results = centres_example()
    assert told(results).keys() & codes == {"ORN030", "ORN032"}
    text = told(results)["ORN032"].text
    assert "mean AUC of 0.80 (Aachen 0.70, Bonn 0.90, station 3 0.80; p = 0.010" in text
    assert "ComBat takes away" in text
    by_chance = Recognised(0.9, 0.051, 99, {})
    at = replace(by_chance, p_value=0.05)
    for found, expected in ((by_chance, set()), (at, codes)):
        confounding = replace(
            results.centres.confounding,
            class_from_centre=found,
            class_from_protocol=found,
            centre_from_features=found,
        )
        centres = replace(results.centres, confounding=confounding)
        assert told(replace(results, centres=centres)).keys() & codes == expected


def telling(features, of):
    return telling_features(pd.DataFrame(features), of)


def test_features_that_tell_the_classes_apart_alone():
    of = design(10, 10, validating=(2, 2))
    rising = np.arange(24.0)
    swapped = rising.copy()
    swapped[[0, 19]] = rising[[19, 0]]  # an AUC of 0.81
    assert telling({"a": rising, "b": swapped, "c": -rising}, of) == [
        ("a", 1.0),
        ("c", 1.0),
    ]
    # What validation holds is not looked at.
    assert telling({"a": np.r_[rising[:20], 99, 99, -99, -99]}, of) == [("a", 1.0)]
    gaps = rising.copy()
    gaps[[0, 3, 15]] = np.nan, np.inf, np.nan
    assert telling({"a": gaps}, of) == [("a", 1.0)]
    for lost in (slice(0, 10), slice(10, 20), slice(0, 20)):
        gaps = rising.copy()
        gaps[lost] = np.nan  # one class, or no lesion, is left
        assert telling({"a": gaps}, of) == []


def test_an_auc_of_19_in_20_is_not_yet_too_good():
    of = design(20, 1)
    values = np.arange(21.0)
    values[20] = 18.5  # above 19 of 20
    assert telling({"a": values}, of) == []
    values[[18, 20]] = 18.0, 19.0  # and as high as one
    assert telling({"a": values}, of) == [("a", 0.975)]
    assert telling({"a": np.ones(21)}, of) == []  # ties tell nothing


def test_telling_features_are_named_best_first():
    of = design(20, 20)
    best = np.arange(40.0)
    good = best.copy()
    good[[19, 20]] = best[[20, 19]]
    features = pd.DataFrame({"good": good, "best": best})
    guard = told(EXAMPLE, of, features=features)["ORN027"]
    assert guard.title == "2 features that tell the classes apart alone."
    assert "AUC of best (1.000), good (0.998) is above 0.95" in guard.text
    assert "they hold the outcome" in guard.text
    guard = told(EXAMPLE, of, features=features[["best"]])["ORN027"]
    assert guard.title == "1 feature that tells the classes apart alone."
    assert "it holds the outcome" in guard.text


def test_columns_that_are_no_features():
    features = pd.DataFrame({"f1": np.zeros(4)})
    assert "ORN028" not in told(EXAMPLE, design(2, 2), features=features)
    features.attrs[LEFT_OUT] = {"text": ["comment"]}
    text = told(EXAMPLE, design(2, 2), features=features)["ORN028"].text
    assert text.startswith("Columns of the table that were not taken for features: ")
    assert text.endswith("text (comment).")


def test_the_order_of_the_warnings_and_those_of_steps():
    caught = ["ORN001: few events", "ORN009: something", "of a step of one's own"]
    guards = list(study_guards(design(9, 9), EXAMPLE, caught=caught))
    assert guards[0].code == "ORN029"  # synthetic data: nothing is a finding
    assert guards[-1] == Guard(None, "From the run.", "of a step of one's own")
    assert [guard.code for guard in guards].count("ORN001") == 1
    assert "ORN029" not in told(example(synthetic=False))


def copies(*pairs, n=40, n_features=6, decimals=9):
    """Features of lesions of which the second of each pair is the first again."""
    values = np.random.default_rng(0).normal(size=(n, n_features)).round(decimals)
    for first, second in pairs:
        values[second] = values[first]
    return pd.DataFrame(values, columns=[f"f{i}" for i in range(n_features)])


def test_copies_of_a_lesion_are_named_with_their_patients():
    of = design(15, 15, validating=(5, 5), patients=[f"P{i // 2}" for i in range(40)])
    guard = told(EXAMPLE, of, features=copies((3, 35), (10, 11)))["ORN033"]
    assert guard.text.startswith(
        "Lesions with the same value of every feature: L3 (P1) and L35 (P17), "
        "L10 (P5) and L11 (P5)."
    )
    assert "1 of them stands under several patients, 1 in training" in guard.text
    alone = told(EXAMPLE, of, features=copies((10, 11)))["ORN033"].text
    assert "patients" not in alone
    assert "ORN033" not in told(EXAMPLE, of, features=copies())


def test_copies_in_training_alone_are_of_two_patients_and_of_one_part():
    of = design(15, 15, validating=(5, 5))
    text = told(EXAMPLE, of, features=copies((3, 4), (3, 5)))["ORN033"].text
    assert "L3 (L3) and L4 (L4) and L5 (L5)" in text
    assert "1 of them stands under several patients: what" in text


@pytest.mark.parametrize(
    "features",
    [
        copies((3, 4), n_features=4),  # too few to say so
        copies((3, 4), decimals=0),  # too coarse
        copies((3, 4)).assign(f5=range(40)),  # one differs
    ],
)
def test_lesions_that_may_be_alike_are_no_copies(features):
    assert "ORN033" not in told(EXAMPLE, design(20, 20), features=features)


def test_what_is_not_defined_is_alike_and_not_enough():
    features = copies((3, 4))
    features.loc[[3, 4], "f0"] = np.nan
    features["f6"] = np.r_[-0.0, np.arange(39.0)][::-1]
    features.loc[3, "f6"], features.loc[4, "f6"] = 0.0, -0.0
    assert "ORN033" in told(EXAMPLE, design(20, 20), features=features)
    features.loc[[3, 4], ["f1", "f2", "f3"]] = np.nan
    assert "ORN033" not in told(EXAMPLE, design(20, 20), features=features)


@pytest.mark.parametrize(("step", "found"), [(1.9, True), (2.0, False), (2.5, False)])
def test_five_features_that_differ_in_most_lesions_tell_copies(step, found):
    features = copies((6, 7), n_features=5)
    features["f0"] = np.arange(40) // step
    assert ("ORN033" in told(EXAMPLE, design(20, 20), features=features)) == found


def test_small_numbers_are_not_alike():
    features = copies() * 1e-20
    assert "ORN033" not in told(EXAMPLE, design(20, 20), features=features)


def test_three_groups_of_copies_are_named():
    features = copies(*((i, i + 20) for i in range(4)))
    text = told(EXAMPLE, design(20, 20), features=features)["ORN033"].text
    assert "L2 (L2) and L22 (L22) and 1 more. " in text
    assert "4 of them stand under several" in text


def scaled(values, n_scaled, way):
    """Return a table of which the first features are scaled over all rows."""
    names = [f"f{i}" for i in range(values.shape[1])]
    table = pd.DataFrame(values.copy(), columns=names)
    first = table.iloc[:, :n_scaled]
    if way == "minmax":
        table.iloc[:, :n_scaled] = (first - first.min()) / (first.max() - first.min())
    else:
        table.iloc[:, :n_scaled] = (first - first.mean()) / first.std(ddof=way)
    return table


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (0, "have mean 0 and SD 1 over all"),
        (1, "have mean 0 and SD 1 over all"),
        ("minmax", "have 0 as the smallest and 1 as the largest value over all"),
    ],
)
def test_features_scaled_over_all_lesions(way, words):
    values = np.random.default_rng(0).normal(20, 4, size=(60, 9))
    values[0, 0] = np.nan
    of = design(20, 20, validating=(10, 10))
    rounded = scaled(values, 5, way).round(4)
    assert (
        f"5 of 9 features {words}" in told(EXAMPLE, of, features=rounded)["ORN034"].text
    )
    assert "ORN034" not in told(EXAMPLE, of, features=scaled(values, 4, way))
    ten = scaled(np.hstack([values, values[:, :1]]), 5, way)
    assert "ORN034" not in told(EXAMPLE, of, features=ten)  # half of them
    empty = scaled(values, 5, way).assign(none=np.nan)
    assert "ORN034" not in told(EXAMPLE, of, features=empty)
    text = told(EXAMPLE, design(30, 30), features=rounded)["ORN034"].text
    assert f"{words} lesions: they were" in text


@pytest.mark.parametrize(
    ("shift", "factor"),
    [
        (0.1, 1),  # a mean of 0.1
        (0, 1.1),  # an SD of 1.1
        (20, 1),
        (0, 30),
    ],
)
def test_another_mean_or_another_sd_is_not_scaled(shift, factor):
    values = np.random.default_rng(0).normal(size=(60, 9))
    features = scaled(values, 9, 0) * factor + shift
    assert "ORN034" not in told(EXAMPLE, design(30, 30), features=features)


@pytest.mark.parametrize(("low", "high"), [(0, 2), (-1, 1), (0, 0.9999), (1e-4, 1)])
def test_another_smallest_or_largest_value_is_not_scaled(low, high):
    values = np.random.default_rng(0).normal(size=(60, 9))
    features = scaled(values, 9, "minmax") * (high - low) + low
    assert "ORN034" not in told(EXAMPLE, design(30, 30), features=features)


def test_features_without_a_lesion_to_train_on():
    values = np.random.default_rng(0).normal(20, 4, size=(60, 9))
    of = design(0, 0, validating=(30, 30))
    assert "ORN034" in told(EXAMPLE, of, features=scaled(values, 9, 0))
    assert "ORN034" not in told(EXAMPLE, of, features=pd.DataFrame(values))


def test_features_scaled_by_training_alone_are_not_meant():
    values = np.random.default_rng(0).normal(20, 4, size=(60, 9))
    of = design(20, 20, validating=(10, 10))
    train = values[of.training]
    by_training = (values - train.mean(axis=0)) / train.std(axis=0)
    features = pd.DataFrame(by_training).add_prefix("f")
    assert "ORN034" not in told(EXAMPLE, of, features=features)
    ends = (values - train.min(axis=0)) / np.ptp(train, axis=0)
    features = pd.DataFrame(ends).add_prefix("f")
    assert "ORN034" not in told(EXAMPLE, of, features=features)
