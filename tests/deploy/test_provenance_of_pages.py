"""Where a model comes from, as its page says it."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_orn import ICCFilter, NomogramClassifier, Normalizer, TextureExtractor
from sklearn_orn.deploy import ModelFile, calculator_page, save_model
from sklearn_orn.deploy._calculator import provenance
from sklearn_orn.images import OutlinePerturber, Regions, Resampler
from sklearn_orn.model import CrossFittedScore
from tests.deploy._drawn import lesion

N = 12
OUTCOME = np.arange(N) % 2 == np.arange(N) // 3 % 2


def lesions(*readers):
    return [lesion(seed, readers) for seed in range(N)]


def said_of(folder, X, *steps, training=None, **settings):
    last = NomogramClassifier(**{"lambda_rule": 0.02} | settings)
    model = make_pipeline(*steps, last).set_output(transform="pandas").fit(X, OUTCOME)
    save_model(folder / "m.json", model, training=training)
    return dict(provenance(ModelFile.read(folder / "m.json"))), model


def test_images_are_described_in_the_order_of_the_steps(tmp_path):
    X = lesions("anna", "ben")
    said, model = said_of(
        tmp_path,
        X,
        Resampler((0.7, 0.9)),
        Normalizer("1-99"),
        TextureExtractor(["histogram", "run_length", "gradient"], bits={"gradient": 5}),
        ICCFilter(0.0),
        training=X,
    )
    kept = int(model[3].get_support().sum())
    expected = {
        "Predicts": "True against False",
        "Training lesions": "12",
        "Resampled to": "0.7 × 0.9 mm",
        "Grey-level window": "1st to 99th percentile of the region",
        "Bits": "run-length 6, gradient 5",
        "Readers": "anna, ben",
        "Pixel spacings": "0.7 × 0.9 mm",
        "Agreement of readers": f"{kept} of {len(model[3].features_)} features with "
        "ICC(2,1) above 0",
    }
    assert said | expected == said
    assert "Regions" not in said and "Agreement of perturbed outlines" not in said
    assert 1 < kept < len(model[3].features_)
    assert said["Trained with"].startswith("sklearn_orn ")


def test_perturbed_outlines_and_regions_are_said(tmp_path):
    said, _ = said_of(
        tmp_path,
        lesions(""),
        OutlinePerturber(n=2),
        Regions(["lesion"]),
        TextureExtractor(["histogram"]),
        ICCFilter(-0.9),
    )
    assert said["Regions"] == "lesion"
    assert "Agreement of perturbed outlines" in said
    assert "Agreement of readers" not in said
    assert "Pixel spacings" not in said
    assert said["Training lesions"] == "not recorded"


def test_one_reader_has_nobody_to_agree_with(tmp_path):
    steps = TextureExtractor(["histogram"]), ICCFilter(n_readers=1)
    said, _ = said_of(tmp_path, lesions(""), *steps)
    assert not [term for term in said if term.startswith("Agreement")]
    assert said["Readers"] == "one, unnamed"


@pytest.fixture(scope="module")
def X():
    rng = np.random.default_rng(0)
    return pd.DataFrame(rng.normal(size=(N, 4)), columns=list("abcd"))


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, "LASSO, lambda 0.02"),
        ({"l1_ratio": 0.5}, "elastic net, lambda 0.02"),
        ({"penalty": "firth"}, "Firth's"),
        ({"penalty": "none"}, "none"),
    ],
)
def test_the_penalty(settings, text, X, tmp_path):
    said, _ = said_of(tmp_path, X[["a"]], **settings)
    assert said["Penalty"] == text


def test_agreement_is_said_wherever_the_filter_stands(X, tmp_path):
    rng = np.random.default_rng(1)
    both = pd.concat(
        [(X + 0.1 * rng.normal(size=X.shape)).add_prefix(f"{r}__") for r in ("x", "y")],
        axis=1,
    )
    score = CrossFittedScore(
        make_pipeline(ICCFilter(0.2), NomogramClassifier(lambda_rule=0.02)), cv=2
    )
    columns = ColumnTransformer([("score", score, list(both))])
    said, _ = said_of(tmp_path, both, Pipeline([("columns", columns)]), penalty="firth")
    assert said["Agreement of readers"] == "4 of 4 features with ICC(2,1) above 0.2"
    assert said["Predictors"] == "1 of 1 candidates"
    assert said["radiomics score"].endswith(
        "of 4 candidate features, LASSO, lambda 0.02; cross-fitted in training"
    )


def test_a_page_measures_on_demand_alone(tmp_path):
    X = lesions("")
    said_of(tmp_path, X, TextureExtractor(["histogram"]))
    model = ModelFile.read(tmp_path / "m.json")
    plain, measuring = calculator_page(model), calculator_page(model, measure=True)
    assert "<canvas" not in plain and "<canvas" in measuring
