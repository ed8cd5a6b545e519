"""What the page that measures is given, computed with as the page does."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_orn import (
    FCMSelector,
    ICCFilter,
    NomogramClassifier,
    Normalizer,
    TextureExtractor,
)
from sklearn_orn.deploy import ModelFile, save_model
from sklearn_orn.deploy._page_model import page_model
from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.images import Lesion, OutlinePerturber, Regions, Resampler
from sklearn_orn.model import CrossFittedScore
from sklearn_orn.texture import extract_features
from tests.deploy._drawn import lesion
from tests.deploy._models import STAGES, clinical_branches, fit_combined

pytestmark = pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")
N = 24


def training(**settings):
    return [lesion(seed, **settings) for seed in range(N)]


OUTCOME = (np.arange(N) + np.arange(N) % 5 * 3) > 16


def fitted(*steps, X=None, families=("histogram",)):
    pipeline = make_pipeline(
        *(steps or (Normalizer(),)),
        TextureExtractor(list(families)),
        ICCFilter(-1),
        SimpleImputer(keep_empty_features=True),
        NomogramClassifier(lambda_rule=0.02),
    )
    return pipeline.set_output(transform="pandas").fit(
        training() if X is None else X, OUTCOME
    )


def as_file(folder, pipeline, X=None):
    save_model(folder / "m.json", pipeline, training=training() if X is None else X)
    return ModelFile.read(folder / "m.json")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return as_file(tmp_path_factory.mktemp("model"), fitted())


@pytest.fixture(scope="module")
def data(model):
    return page_model(model)


def effect(field, value):
    total = field["offset"]
    for bend in field["bends"]:
        inside = bend["slope"] * (value - bend["center"]) + bend["offset"]
        total += bend["weight"] * inside
    return total


def score(data, measured):
    """The score of what was measured, for each reader."""
    total = data["intercept"]
    for field in data["predictors"]:
        assert field["source"] == "measured"
        values = [measured[place][name] for place, name in field["columns"]]
        present = [value for value in values if not np.isnan(value)]
        missing = field["missing"]
        total += effect(field, np.mean(present)) if present else missing
    return total


@pytest.mark.parametrize("seed", [40, 41])
def test_measured_features_give_the_score(model, data, seed):
    new = lesion(seed)
    measured = [
        extract_features(region.image, region.mask, families=["histogram"])
        for region in new.read().values()
    ]
    expected = model.pipeline.decision_function([new])[0]
    assert score(data, measured) == pytest.approx(expected, abs=1e-9)
    nothing = dict.fromkeys(measured[0], np.nan)
    alone = Lesion(new.read()["anna"].image, {"anna": new.read()["anna"].mask})
    expected = model.pipeline.decision_function([alone])[0]
    assert score(data, [measured[0], nothing]) == pytest.approx(expected, abs=1e-9)
    assert data["predictors"]


def test_only_what_the_model_takes_is_measured(model, data):
    plan = data["plan"]
    taken = {name for field in data["predictors"] for _, name in field["columns"]}
    assert set(plan["names"]) == taken
    assert plan["families"] == ["histogram"]
    assert plan["normalization"] == "3sigma"
    assert plan["resampled"] is None
    assert data["readers"] == ["anna", "ben"]
    assert data["sha256"] == model.sha256
    for field in data["predictors"]:
        assert sorted(place for place, _ in field["columns"]) == [0, 1]
        assert {name for _, name in field["columns"]} == {field["name"]}


def test_the_lesions_of_training(model, data):
    found = data["training"]
    assert found["nLesions"] == N
    assert found["spacings"] == [[0.5, 0.5]]
    assert found["scores"] == model.classifier.score_quantiles_.tolist()


def test_ranges_are_those_of_training_and_gaps_are_filled(model, data):
    made = model.pipeline[:3].transform(training())
    filled = model.pipeline[3].statistics_
    names = made.columns.tolist()
    assert {r["predictor"] for r in data["ranges"]} == {
        field["name"] for field in data["predictors"]
    }
    for found in data["ranges"]:
        column = made[found["predictor"]]
        assert found["low"] == pytest.approx(column.min())
        assert found["high"] == pytest.approx(column.max())
        value = filled[names.index(found["predictor"])]
        assert found["filled"] == pytest.approx(value)
    for field in data["predictors"]:
        value = filled[names.index(field["name"])]
        assert field["missing"] == pytest.approx(effect(field, value))
    assert data["needed"] == {}


def test_without_an_imputer_all_columns_are_needed(tmp_path):
    pipeline = make_pipeline(
        Normalizer("1-99"),
        TextureExtractor(["histogram", "gradient"], bits={"gradient": 5}),
        ICCFilter(-1, average=False),
        NomogramClassifier(lambda_rule=0.05),
    )
    pipeline.set_output(transform="pandas").fit(training(), OUTCOME)
    model = as_file(tmp_path, pipeline)
    data = page_model(model)
    names = model.classifier.feature_names_in_.tolist()
    assert list(data["needed"]) == names
    for name, columns in data["needed"].items():
        reader, feature = name.split("__")
        assert columns == [(["anna", "ben"].index(reader), feature)]
    assert all(field["missing"] is None for field in data["predictors"])
    assert all(found["filled"] is None for found in data["ranges"])
    assert data["plan"]["families"] == ["histogram", "gradient"]
    assert data["plan"]["bits"]["gradient"] == 5
    assert data["plan"]["normalization"] == "1-99"


def test_images_that_are_resampled_first(tmp_path):
    for spacing, pair in ((0.7, [0.7, 0.7]), ((0.6, 0.8), [0.6, 0.8])):
        model = as_file(tmp_path, fitted(Resampler(spacing=spacing), Normalizer()))
        assert page_model(model)["plan"]["resampled"] == pair
    model = as_file(tmp_path, fitted(Normalizer(), Resampler(spacing=0.7)))
    with pytest.raises(ModelFileError, match="it has the step Resampler before"):
        page_model(model)


def test_perturbed_outlines_are_not_drawn_on_the_page(tmp_path):
    X = training(readers=("",))
    steps = (OutlinePerturber(n=2), Normalizer())
    data = page_model(as_file(tmp_path, fitted(*steps, X=X), X))
    assert len(data["readers"]) == 1
    for field in data["predictors"]:
        assert [place for place, _ in field["columns"]] == [0]


def test_models_that_the_page_cannot_measure_for_are_named(tmp_path):
    regions = fitted(Regions(["lesion", "rim 1 mm outside"]), Normalizer())
    with pytest.raises(ModelFileError, match="cannot measure for this model: it "):
        page_model(as_file(tmp_path, regions))
    X = np.random.default_rng(0).normal(size=(N, 2))
    features = make_pipeline(NomogramClassifier(penalty="none")).fit(X, OUTCOME)
    save_model(tmp_path / "f.json", features)
    with pytest.raises(ModelFileError, match="a table of features, and knows no im"):
        page_model(ModelFile.read(tmp_path / "f.json"))


def test_a_pipeline_within_the_pipeline_is_followed(model, data, tmp_path):
    steps = model.pipeline.steps
    inner = Pipeline(steps[:3])
    nested = page_model(as_file(tmp_path, Pipeline([("inner", inner), *steps[3:]])))
    for name in ("predictors", "plan", "ranges", "needed", "intercept"):
        assert nested[name] == data[name]


def test_a_step_between_features_and_their_mean_is_named(tmp_path):
    pipeline = make_pipeline(
        Normalizer(),
        TextureExtractor(["histogram"]),
        StandardScaler(),
        ICCFilter(-1),
        NomogramClassifier(lambda_rule=0.02),
    )
    pipeline.set_output(transform="pandas").fit(training(), OUTCOME)
    with pytest.raises(ModelFileError, match="the step StandardScaler between its Tex"):
        page_model(as_file(tmp_path, pipeline))


def test_a_scaler_is_followed_to_what_is_measured(tmp_path):
    one = training(readers=("",))
    pipeline = make_pipeline(
        Normalizer(),
        TextureExtractor(["histogram"]),
        StandardScaler(),
        NomogramClassifier(lambda_rule=0.02),
    )
    pipeline.set_output(transform="pandas").fit(one, OUTCOME)
    data = page_model(as_file(tmp_path, pipeline, one))
    assert data["readers"] == [""]
    new = lesion(40, readers=("",))
    region = new.read()[""]
    measured = extract_features(region.image, region.mask, families=["histogram"])
    expected = pipeline.decision_function([new])[0]
    assert score(data, [measured]) == pytest.approx(expected, abs=1e-9)


# Of images and clinical columns -----------------------------------------------------

FILES = ["image", "mask_anna", "mask_ben"]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Lesions as pictures, with clinical columns of three kinds."""
    folder, rows = tmp_path_factory.mktemp("pictures"), []
    for seed in range(N):
        regions = lesion(seed).read()
        pictures = {"image": regions["anna"].image.astype(np.uint8)}
        pictures |= {f"mask_{r}": 255 * x.mask for r, x in regions.items()}
        row = {"age": 40.0 + 7 * seed % 31, "stage": STAGES[seed % 3], "pain": seed % 2}
        for name, pixels in pictures.items():
            row[name] = str(folder / f"{seed}{name}.png")
            Image.fromarray(pixels.astype(np.uint8)).save(row[name])
        rows.append(row)
    return pd.DataFrame(rows)


def texture_steps():
    return [Normalizer(), TextureExtractor(["histogram"]), ICCFilter(-1)]


def score_of(*steps, name="score"):
    steps = make_pipeline(*steps, SimpleImputer(), NomogramClassifier(lambda_rule=0.02))
    return CrossFittedScore(steps, cv=2, random_state=0, name=name)


def combined(table, *branches):
    columns = [
        *clinical_branches(["age"], ["stage"]),
        ("pain", "passthrough", ["pain"]),
    ]
    return fit_combined([*branches, *columns], table, OUTCOME, np.arange(N))


def known(field, values):
    """What a predictor counts, of numbers and levels under their names."""
    value = values[field["name"]]
    if field["choices"]:
        effects = {choice["text"]: choice["effect"] for choice in field["choices"]}
        return effects[str(value)]
    return effect(field, value)


@pytest.fixture(scope="module")
def both(table, tmp_path_factory):
    branch = ("score", score_of(*texture_steps()), FILES)
    return as_file(tmp_path_factory.mktemp("both"), combined(table, branch), table)


@pytest.mark.parametrize("row", [0, 4, 11])
def test_a_score_of_images_and_clinical_columns_together(both, table, row):
    data = page_model(both)
    row = table.iloc[[row]]
    read = Lesion(
        row["image"].item(), {r: row[f"mask_{r}"].item() for r in ("anna", "ben")}
    )
    measured = [
        extract_features(region.image, region.mask, families=["histogram"])
        for region in read.read().values()
    ]
    values, found = row.iloc[0].to_dict(), {f["name"]: f for f in data["predictors"]}
    panel = found["score"]["score"]
    values["score"] = score(panel, measured)
    total = data["intercept"] + sum(known(f, values) for f in data["predictors"])
    assert total == pytest.approx(both.pipeline.decision_function(row)[0], abs=1e-9)
    assert [f["source"] for f in data["predictors"]].count("score") == 1
    assert {found[name]["source"] for name in ("age", "pain", "stage")} == {"clinical"}
    taken = {name for field in panel["predictors"] for _, name in field["columns"]}
    assert set(data["plan"]["names"]) == taken


def test_ranges_of_a_score_are_those_of_its_own_training(both, table):
    data = page_model(both)
    (panel,) = [f["score"] for f in data["predictors"] if f["score"]]
    inner = both.pipeline[0].named_transformers_["score"].estimator_
    names = inner[:3].get_feature_names_out()
    measured = pd.DataFrame(inner[:3].transform(table[FILES]), columns=names)
    filled = dict(zip(names, inner[3].statistics_, strict=True))
    assert {r["predictor"] for r in panel["ranges"]} == {
        field["name"] for field in panel["predictors"]
    }
    for found in panel["ranges"]:
        column = measured[found["predictor"]]
        assert (found["low"], found["high"]) == pytest.approx(
            (column.min(), column.max())
        )
        assert found["filled"] == pytest.approx(filled[found["predictor"]])
    assert {found["name"] for found in data["ranges"]} == {"age", "score", "pain"}


def test_what_is_scaled_is_filled_and_flagged_in_its_own_units(tmp_path):
    pipeline = make_pipeline(
        *texture_steps(),
        StandardScaler(with_mean=False),
        StandardScaler(),
        SimpleImputer(strategy="constant", fill_value=0.25),
        NomogramClassifier(lambda_rule=0.02),
    )
    pipeline.set_output(transform="pandas").fit(training(), OUTCOME)
    data = page_model(as_file(tmp_path, pipeline))
    measured = pipeline[:3].transform(training())
    assert data["ranges"]
    for found in data["ranges"]:
        column = measured[found["predictor"]]
        assert (found["low"], found["high"]) == pytest.approx(
            (column.min(), column.max())
        )
        expected = column.mean() + 0.25 * column.std(ddof=0)
        assert found["filled"] == pytest.approx(expected)


def test_readers_are_followed_through_two_filters_in_a_row(tmp_path):
    pipeline = make_pipeline(
        OutlinePerturber(n=2),
        Normalizer(),
        TextureExtractor(["histogram"]),
        ICCFilter(-0.9, readers="perturbed", average=False, min_lesions=2),
        ICCFilter(-0.9),
        NomogramClassifier(lambda_rule=0.02),
    )
    pipeline.set_output(transform="pandas").fit(training(), OUTCOME)
    data = page_model(as_file(tmp_path, pipeline))
    assert data["readers"] == ["anna", "ben"] and data["predictors"]
    for field in data["predictors"]:
        assert sorted(field["columns"]) == [(0, field["name"]), (1, field["name"])]


def test_a_score_of_columns_may_stand_before_the_texture(table, tmp_path):
    clinic = score_of(name="clinic")
    model = combined(
        table,
        ("clinic", clinic, ["age", "pain"]),
        ("texture", make_pipeline(*texture_steps(), FCMSelector(k=2)), FILES),
    )
    data = page_model(as_file(tmp_path, model, table))
    sources = {field["name"]: field["source"] for field in data["predictors"]}
    assert sources.pop("clinic") == "score"
    measured = {name for name, source in sources.items() if source == "measured"}
    assert measured and measured == set(data["plan"]["names"])


def test_images_are_read_in_one_branch(table, tmp_path):
    model = combined(
        table,
        ("first", score_of(*texture_steps(), name="first"), FILES),
        ("second", score_of(*texture_steps(), name="second"), FILES),
    )
    with pytest.raises(ModelFileError, match="2 branches of images; expected one"):
        page_model(as_file(tmp_path, model, table))


def test_a_model_of_several_sequences_is_not_measured(table, tmp_path):
    X = table.rename(columns={"image": "image_T1"}).assign(image_T2=table["image"])
    with pytest.raises(ModelFileError, match="one of several sequences or regions"):
        page_model(as_file(tmp_path, fitted(X=X), X))


def test_codes_have_their_line_beside_their_choices(both):
    (field,) = [f for f in page_model(both)["predictors"] if f["name"] == "pain"]
    assert [choice["text"] for choice in field["choices"]] == ["0", "1"]
    for choice in field["choices"]:
        on_the_line = effect(field | {"offset": 0.0}, float(choice["text"]))
        assert choice["effect"] == pytest.approx(on_the_line)
    assert choice["effect"] != 0
