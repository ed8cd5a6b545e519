"""A radiomics score for each sequence, joined by a logistic model."""

import warnings

import numpy as np
import pytest
import sklearn
from sklearn.base import clone

from sklearn_orn import NomogramClassifier, radiomics_pipeline
from sklearn_orn.deploy import ModelFile, calculator_page, predict_cohort, save_model
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.images import read_cohort

from ._two_sequences import write_cohort

NAMES = ["radiomics score T1", "radiomics score T2"]


def separate(**settings):
    pipeline = radiomics_pipeline(
        ["anna", "ben"], separate=["T1", "T2"], cv=3, k=3, random_state=0, **settings
    )
    parameters = {
        f"scores__{name}__estimator__nomogram__lambda_rule": 0.02
        for name in ("T1", "T2")
    }
    return pipeline.set_params(extractor__families=["histogram"], **parameters)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return read_cohort(write_cohort(tmp_path_factory.mktemp("two")))


@pytest.fixture(scope="module")
def fitted(table):
    with (
        warnings.catch_warnings(),
        sklearn.config_context(enable_metadata_routing=True),
    ):
        warnings.simplefilter("ignore", StudyWarning)
        return separate(threshold="youden").fit(
            table, table["grade"], groups=table["patient"]
        )


def test_each_sequence_has_a_score(fitted):
    assert list(fitted[-1].feature_names_in_) == NAMES
    for name, score, columns in fitted["scores"].transformers_:
        assert len(columns) == 2 * 9
        assert all(column.startswith(f"{name}|lesion|") for column in columns)
        assert list(score.estimator_.named_steps) == [
            "icc",
            "imputer",
            "fcm",
            "nomogram",
        ]
        assert all(f.startswith(name) for f in score.estimator_[-1].feature_names_in_)


def test_the_scores_that_train_have_not_seen_the_patient(fitted, table):
    features = fitted[:2].transform(table)
    y, patients = table["grade"].to_numpy(), table["patient"].to_numpy()
    scores = clone(fitted["scores"])
    with (
        warnings.catch_warnings(),
        sklearn.config_context(enable_metadata_routing=True),
    ):
        warnings.simplefilter("ignore", StudyWarning)
        crossed = scores.fit_transform(features, y, groups=patients)
    last = NomogramClassifier(penalty="none", threshold="youden").fit(crossed, y)
    np.testing.assert_allclose(last.coef_, fitted[-1].coef_)
    apparent = scores.transform(features)
    assert np.abs(apparent - crossed).to_numpy().max() > 0.01


def test_the_model_file_holds_it(fitted, table, tmp_path):
    file = tmp_path / "model.json"
    save_model(file, fitted, training=table)
    model = ModelFile.read(file)
    expected = fitted.predict_proba(table)[:, 1]
    np.testing.assert_allclose(model.pipeline.predict_proba(table)[:, 1], expected)
    found = predict_cohort(model, table).table["probability"]
    np.testing.assert_allclose(found, expected)
    page = calculator_page(model)
    assert all(name in page for name in NAMES)


def test_the_same_with_rims_and_one_reader(table):
    steps = separate(regions=["lesion", "rim3out"], perturbed=2).named_steps
    assert list(steps) == ["perturber", "regions", "normalizer", "extractor", *steps][
        :4
    ] + [
        "scores",
        "nomogram",
    ]
    inner = steps["scores"].transformers[0][1].estimator
    assert list(inner.named_steps)[:2] == ["icc_perturbed", "icc"]


def test_a_sequence_that_the_table_has_not(table):
    pipeline = radiomics_pipeline(separate=["T1", "FLAIR"], cv=3)
    pipeline.set_params(extractor__families=["histogram"])
    with pytest.raises(ValueError, match=r"sequence 'FLAIR'; the features are of 'T1'"):
        pipeline.fit(table, table["grade"])


@pytest.mark.parametrize("wrong", ["T1", [], ["T1", "T1"]])
def test_wrong_lists_of_sequences(wrong):
    with pytest.raises(ValueError, match=r"separate=.*a list of sequences, each once"):
        radiomics_pipeline(separate=wrong)
