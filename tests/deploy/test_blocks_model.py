"""Models of regions, judged by perturbed outlines: saved, read, applied, explained."""

import json

import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

from sklearn_orn import ICCFilter, NomogramClassifier, Normalizer, TextureExtractor
from sklearn_orn.deploy import (
    ModelFile,
    calculator_page,
    load_model,
    predict_cohort,
    save_model,
)
from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.images import OutlinePerturber, Regions
from sklearn_orn.model import Nomogram

REGIONS = ["lesion", "rim 1 mm outside", "bounding context"]


def one_reader(cohort):
    return cohort.drop(columns="mask_B").rename(columns={"mask_A": "mask"})


@pytest.fixture(scope="module")
def fitted(cohort):
    """A pipeline of one reader, fitted on the cohort of files."""
    pipeline = make_pipeline(
        OutlinePerturber(n=3, random_state=7),
        Regions(REGIONS, margin=2, air=1.0),
        Normalizer(),
        TextureExtractor(["histogram", "gradient"]),
        ICCFilter(0.3, form="ICC(1,1)"),
        SimpleImputer(strategy="median", keep_empty_features=True),
        NomogramClassifier(lambda_rule=0.01),
    )
    return pipeline.fit(one_reader(cohort), (cohort["grade"] == "high").to_numpy())


@pytest.fixture(scope="module")
def path(fitted, cohort, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.json"
    save_model(path, fitted, training=cohort)
    return path


def test_the_features_are_of_regions_that_were_drawn(fitted):
    names = set(fitted[4].get_feature_names_out())
    assert {name.split("__")[0] for name in names} <= {
        *("image|lesion", "image|rim1out", "image|context"),
    }
    assert len({name.split("__")[0] for name in names}) > 1


def test_a_file_asks_for_no_perturbed_outline_and_gives_the_same(path, fitted, cohort):
    again = load_model(path)
    assert again[0].n == 0
    assert again[1].get_params() == fitted[1].get_params()
    table = one_reader(cohort)
    assert np.array_equal(again.predict_proba(table), fitted.predict_proba(table))
    read = [lesion.readers for lesion in again[:2].transform(table)]
    assert {len(names) for names in read} == {3}
    assert list(again[4].judged_by_) == list(fitted[4].judged_by_)


def test_new_lesions_are_predicted_without_a_word_about_readers(path, cohort):
    table = one_reader(cohort)
    scores = predict_cohort(ModelFile.read(path), table)
    assert not scores.table["flags"].str.contains("readers").any()


def test_a_nomogram_and_a_calculator_are_of_what_was_kept(path, fitted):
    nomogram = Nomogram.from_estimator(fitted)
    assert {axis.name.split("|")[0] for axis in nomogram.predictors} == {"image"}
    page = calculator_page(ModelFile.read(path))
    assert "Agreement of perturbed outlines" in page
    assert "lesion, rim 1 mm outside, bounding context" in page
    assert "perturbed1" not in page


def test_regions_that_are_none_are_refused(path, tmp_path):
    data = json.loads(path.read_text(encoding="utf-8"))
    data["pipeline"]["steps"][1][1]["params"]["regions"][0] = "edge"
    target = tmp_path / "changed.json"
    target.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(ModelFileError, match="the name of a region"):
        ModelFile.read(target)
