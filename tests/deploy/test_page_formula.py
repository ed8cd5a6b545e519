"""What the page makes of features and clinical values is what `predict` says."""

import copy
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from sklearn_orn import ICCFilter, NomogramClassifier, Normalizer, TextureExtractor
from sklearn_orn.deploy import ModelFile, predict_cohort, save_model
from sklearn_orn.deploy._branches import image_branches
from sklearn_orn.deploy._page_model import page_model
from sklearn_orn.deploy._protocol_flags import protocol_flags
from sklearn_orn.exceptions import ModelFileError, StudyWarning
from sklearn_orn.images import (
    OutlinePerturber,
    Regions,
    Resampler,
    as_lesions,
    protocol_table,
    read_cohort,
)
from sklearn_orn.model import CrossFittedScore, RestrictedCubicSpline
from tests.deploy._models import (
    FEATURES,
    GRADES,
    clinical_branches,
    combined_data,
    fit_combined,
    image_steps,
    imputer,
)
from tests.deploy._node import call, needs_node
from tests.study._cohort import make_table, write_cohort

MASKS = ["image", "mask_A", "mask_B"]


def few():
    return TextureExtractor(["histogram", "cooccurrence"], distances=[2])


@pytest.fixture(scope="module")
def table(cohort):
    """The cohort with clinical columns of all kinds, some with gaps."""
    clinical, _ = combined_data(n=len(cohort))
    more = clinical.drop(columns=[*FEATURES, "age", "pain", "grade"])
    return cohort.assign(
        **more.set_axis(cohort.index), rank=clinical["grade"].to_numpy()
    )


def all_kinds(table):
    """A score of images, and clinical columns scaled, encoded, bent and filled in."""
    texture = make_pipeline(
        *image_steps(),
        ICCFilter(threshold=0.5),
        imputer(),
        StandardScaler(),
        NomogramClassifier(lambda_rule=0.05),
    )
    likely = make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(drop="first", sparse_output=False),
    )
    branches = [
        ("score", CrossFittedScore(texture, cv=2, random_state=0), MASKS),
        *clinical_branches(["age"], ["stage"]),
        ("rank", OrdinalEncoder(categories=[GRADES]), ["rank"]),
        ("smoker", likely, ["smoker"]),
        ("pain", "passthrough", ["pain"]),
        ("dose", SimpleImputer(add_indicator=True), ["dose"]),
        ("size", RestrictedCubicSpline(3), ["size"]),
    ]
    y = (table["grade"] == "high").to_numpy()
    return fit_combined(branches, table, y, table["patient"].to_numpy())


def fitted(cohort, *steps, lambda_rule=0.02):
    y = (cohort["grade"] == "high").to_numpy()
    model = make_pipeline(*steps, NomogramClassifier(lambda_rule=lambda_rule))
    return model.set_output(transform="pandas").fit(cohort, y)


def one_outline(cohort):
    cohort = cohort.drop(columns="mask_B").rename(columns={"mask_A": "mask"})
    return fitted(cohort, Normalizer(), few(), StandardScaler()), cohort


def readers_apart(cohort):
    """Columns of either reader, and a feature that nothing fills in."""
    steps = [Normalizer("1-99-below"), few(), ICCFilter(threshold=0.5, average=False)]
    return fitted(cohort, *steps)


def resampled(cohort):
    steps = [Resampler((0.7, 0.6)), Normalizer("1-99"), few(), ICCFilter(threshold=0.3)]
    return fitted(cohort, *steps, imputer())


def perturbed(cohort):
    cohort = cohort.drop(columns="mask_B").rename(columns={"mask_A": "mask"})
    steps = [
        OutlinePerturber(n=2),
        Normalizer(),
        few(),
        ICCFilter(threshold=0.5, readers="perturbed"),
    ]
    return fitted(cohort, *steps, imputer()), cohort


@pytest.fixture(scope="module")
def more(cohort, table, tmp_path_factory):
    """Name -> model file and the table of its training, of kinds of their own."""
    folder = tmp_path_factory.mktemp("page")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)  # few lesions: some are separated
        made = {
            "all kinds": (all_kinds(table), table),
            "one outline": one_outline(cohort),
            "readers apart": (readers_apart(cohort), cohort),
            "perturbed": perturbed(cohort),
            "resampled": (resampled(cohort), cohort),
        }
    found = {}
    for name, (pipeline, X) in made.items():
        save_model(folder / "model.json", pipeline, training=X)
        found[name] = ModelFile.read(folder / "model.json"), X
    return found


def outlines(model, X):
    """The regions of each row, in the order of the readers of training."""
    (branch,) = image_branches(model.pipeline)
    lesions = as_lesions(X if branch.columns is None else X.filter(branch.columns))
    return [list(lesion.read().values()) for lesion in lesions]


def measured(embedded, regions):
    cases = [
        [
            {
                "pixels": region.image,
                "rows": region.image.shape[0],
                "columns": region.image.shape[1],
                "mask": region.mask,
                "spacing": region.spacing,
                "plan": embedded["plan"],
            }
        ]
        for of_row in regions
        for region in of_row
    ]
    found = iter(call("features/measure.js", "measure", cases))
    return [[next(found)["value"] for _ in of_row] for of_row in regions]


def evaluated(model, X):
    embedded = page_model(model)
    regions = outlines(model, X)
    named = [p["name"] for p in embedded["predictors"] if p["source"] == "clinical"]
    cases = [
        [
            embedded,
            features,
            {name: None if pd.isna(row[name]) else row[name] for name in named},
            {"spacing": of_row[0].spacing, "protocol": acquired},
        ]
        for features, of_row, (_, row), acquired in zip(
            measured(embedded, regions),
            regions,
            X.iterrows(),
            protocol_table(X).to_dict("records"),
            strict=True,
        )
    ]
    return embedded, call("features/model.js", "evaluate", cases)


def compare(model, X):
    expected = predict_cohort(model, X)
    assert not expected.left_out
    embedded, found = evaluated(model, X)
    for one, (_, row) in zip(found, expected.table.iterrows(), strict=True):
        value = one["value"]
        assert value["linearPredictor"] == pytest.approx(
            row["score"], rel=1e-9, abs=1e-11
        )
        assert value["probability"] == pytest.approx(row["probability"], rel=1e-9)
        assert value["predicted"] == row["predicted"]
        assert "; ".join(value["flags"]) == row["flags"]
        total = (row["score"] - embedded["start"]) * embedded["pointsPerUnit"]
        assert value["totalPoints"] == pytest.approx(total, rel=1e-9, abs=1e-9)
    return expected.table


@needs_node
@pytest.mark.parametrize("name", ["images", "mixed", "image_score"])
def test_models_of_images(name, stored_model, models):
    _, X = models[name]
    compare(stored_model(name), X.iloc[:12])


@needs_node
@pytest.mark.parametrize(
    "name", ["all kinds", "one outline", "readers apart", "perturbed", "resampled"]
)
def test_models_of_other_kinds(name, more):
    model, X = more[name]
    compare(model, X.iloc[:12].copy())


@needs_node
@pytest.mark.parametrize("name", ["images", "all kinds"])
def test_flags_of_lesions_unlike_those_of_training(
    name, more, table, stored_model, tmp_path
):
    path = write_cohort(
        tmp_path,
        make_table(6),
        readers=("A",),
        effect=4,
        seed=5,
        PixelSpacing=[0.6, 0.55],
    )
    X = read_cohort(path)
    clinical = ["age", "pain", "stage", "smoker", "dose", "size", "rank"]
    X = X.assign(**{c: table[c].to_numpy()[: len(X)] for c in clinical})
    X["age"], X["size"] = 123.45, 99.5
    model = more[name][0] if name in more else stored_model(name)
    flags = " ".join(compare(model, X)["flags"])
    assert "pixel spacing 0.6 x 0.55 mm, in training 0.5 x 0.5" in flags
    assert "1 of 2 readers" in flags
    assert "the training range" in flags


@needs_node
def test_hostile_names_of_predictors(more):
    model, X = more["all kinds"]
    embedded = page_model(model)
    (features,) = measured(embedded, outlines(model, X.iloc[:1]))
    known = {"stage": "I", "rank": "low", "pain": 0, "size": 5}
    cases = [[embedded, features, {**known, "age": 50}]]
    names = ("__proto__", "constructor", "toString")
    for name in names:
        renamed = copy.deepcopy(embedded)
        next(p for p in renamed["predictors"] if p["name"] == "age")["name"] = name
        ranges = [r for r in renamed["ranges"] if r["predictor"] == "age"]
        ranges[0]["predictor"] = name
        cases.append([renamed, features, {**known, name: 50}])
        cases.append([renamed, features, known])
    usual, *others = (
        found["value"]["probability"]
        for found in call("features/model.js", "evaluate", cases)
    )
    for name, same, unknown in zip(names, others[::2], others[1::2], strict=True):
        assert same == usual, name
        assert unknown != usual, name


@needs_node
def test_position_among_the_scores_of_training(stored_model, models):
    pipeline, X = models["images"]
    trained = np.sort(pipeline.decision_function(X))
    quantiles = page_model(stored_model("images"))["training"]["scores"]
    np.testing.assert_allclose(quantiles[::10], np.quantile(trained, [0, 0.5, 1]))
    scores = [trained[0] - 1, *trained.tolist(), trained[-1] + 1]
    found = call("features/model.js", "shareBelow", [[quantiles, x] for x in scores])
    shares = [one["value"] for one in found]
    assert (shares[0], shares[-1]) == (0, 1)
    expected = np.searchsorted(trained, scores) / len(trained)
    assert np.abs(np.array(shares) - expected).max() < 0.06
    (unknown,) = call("features/model.js", "shareBelow", [[None, 0.5]])
    assert unknown["value"] is None


@needs_node
def test_flags_of_another_protocol():
    trained = [
        {},
        {
            "field_strength_T": (1.5, 3.0),
            "sequence": ("SE / SK", "GR"),
            "TE_ms": (9.0, 80.5),
        },
        {"TR_ms": (500.0, 500.0), "sequence": ("SE",)},
    ]
    acquired = [
        {},
        {"field_strength_T": 1.494, "sequence": "GR", "TR_ms": 530.0, "TE_ms": 84.0},
        {"field_strength_T": 7, "sequence": "SE", "TR_ms": 524.9, "TE_ms": 8.0},
        {"field_strength_T": np.nan, "sequence": None, "TR_ms": 1234.5, "TE_ms": 85.25},
        {"field_strength_T": "3", "sequence": "IR \\ SK", "TR_ms": 1e5, "TE_ms": 80.5},
    ]
    pairs = [(one, known) for one in acquired for known in trained]
    cases = [
        [{"protocol": one}, {"spacings": [], "protocol": known}] for one, known in pairs
    ]
    found = call("features/flags.js", "imageFlags", cases)
    texts = [[flag["text"] for flag in one["value"]] for one in found]
    assert texts == [protocol_flags(one, known) for one, known in pairs]
    assert sum(map(len, texts)) > 15


@needs_node
def test_what_is_not_defined_is_refused(more):
    model, X = more["readers apart"]
    embedded = page_model(model)
    ((features,),) = [measured(embedded, outlines(model, X.iloc[:1]))]
    cases = [[embedded, [features[0], None]], [embedded, []], [embedded, features * 2]]
    found = call("features/model.js", "evaluate", cases)
    assert [one["refused"] for one in found] == [
        "refused_missing_values",
        "refused_empty_outline",
        "refused_too_many_outlines",
    ]
    assert "B__" in found[0]["values"]["names"]


@needs_node
def test_clinical_values_that_are_none(more):
    model, X = more["all kinds"]
    embedded = page_model(model)
    (features,) = measured(embedded, outlines(model, X.iloc[:1]))
    known = {"age": 50, "stage": "I", "rank": "low", "pain": 0, "size": 5}
    cases = [
        [embedded, features, {**known, **change}]
        for change in (
            {"stage": "IV"},
            {"size": "long"},
            {"stage": None},
            {"pain": "1"},
        )
    ]
    found = call("features/model.js", "evaluate", cases)
    assert [one.get("refused") for one in found] == [
        "refused_level",
        "refused_number",
        "refused_missing_values",
        None,
    ]


def test_numbers_are_written_as_python_writes_them():
    rng = np.random.default_rng(0)
    numbers = [0.0, -0.0, 1234.5, 1235.5, -0.00012345, 99999.5, 1e-5, 1e22, 0.5, 100.0]
    numbers += (rng.normal(size=200) * 10.0 ** rng.integers(-8, 9, 200)).tolist()
    found = call("features/flags.js", "general", [[x, 4] for x in numbers])
    assert [one["value"] for one in found] == [f"{x:.4g}" for x in numbers]


def test_only_what_the_model_needs_is_measured(stored_model):
    plan = page_model(stored_model("images"))["plan"]
    assert plan["normalization"] == "1-99"
    assert plan["families"] == ["histogram", "run_length"]
    assert plan["distances"] == []
    assert plan["bits"]["gradient"] == 5
    assert 1 <= len(plan["names"]) <= 6


def saved(pipeline, X, tmp_path):
    save_model(tmp_path / "m.json", pipeline, training=X)
    return ModelFile.read(tmp_path / "m.json")


@pytest.mark.parametrize(
    "steps",
    [
        [Regions(["lesion", "rim 3 mm outside"]), Normalizer()],
        [Normalizer(), Resampler(0.5)],
    ],
)
def test_steps_that_the_page_does_not_know_are_refused(steps, cohort, tmp_path):
    cohort = cohort.drop(columns="mask_B").rename(columns={"mask_A": "mask"})
    model = saved(fitted(cohort, *steps, few(), imputer()), cohort, tmp_path)
    with pytest.raises(ModelFileError, match="before its TextureExtractor"):
        page_model(model)


def test_tables_of_features_are_refused(stored_model):
    with pytest.raises(ModelFileError, match="table of features"):
        page_model(stored_model("features"))


def test_two_branches_of_images_are_refused(cohort, tmp_path):
    branches = [
        (name, make_pipeline(Normalizer(), TextureExtractor([name])), MASKS[:2])
        for name in ("gradient", "histogram")
    ]
    model = saved(
        fitted(cohort, ColumnTransformer(branches), imputer()), cohort, tmp_path
    )
    with pytest.raises(ModelFileError, match="2 branches of images"):
        page_model(model)


def test_steps_between_measuring_and_averaging_are_refused(cohort, tmp_path):
    steps = [Normalizer(), few(), StandardScaler(), ICCFilter(threshold=0.5), imputer()]
    model = saved(fitted(cohort, *steps), cohort, tmp_path)
    with pytest.raises(ModelFileError, match="StandardScaler between"):
        page_model(model)
