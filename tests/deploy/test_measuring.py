"""Images are measured with the settings of a signature."""

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from sklearn_orn import Normalizer, TextureExtractor
from sklearn_orn.cohort import Cohort, Columns
from sklearn_orn.deploy import measuring_steps
from sklearn_orn.deploy.shared import sequences_needed
from sklearn_orn.exceptions import CohortError, StudyWarning
from sklearn_orn.images import Lesion, read_cohort
from sklearn_orn.model import PublishedSignature, validate_externally
from sklearn_orn.study._published import validate_published
from tests._two_sequences import write_cohort

COEFFICIENTS = {"S(0,3)Contrast": -0.02, "Horzl_Fraction": 4.0, "Mean": 0.0001}
SETTINGS = {"bits": {"cooccurrence": 5, "run_length": 4}, "normalization": "1-99"}


def signature(**changes):
    return PublishedSignature(COEFFICIENTS, -1.0, **(SETTINGS | changes))


def test_only_what_is_needed_is_measured_and_alike(cohort):
    steps = measuring_steps(signature())
    X = steps.fit_transform(
        cohort[["image", "mask_A"]].rename(columns={"mask_A": "mask"})
    )
    assert X.shape[1] == 9 + 44 + 20
    full = make_pipeline(
        Normalizer("1-99"),
        TextureExtractor(bits={"cooccurrence": 5, "run_length": 4}),
    ).fit_transform(cohort)
    for name in COEFFICIENTS:
        np.testing.assert_array_equal(X[name], full[f"A__{name}"])
    signature().predict(X)  # measured as it was made for: no warning
    y = (cohort["grade"] == "low").astype(int)
    of_table = validate_externally(signature(), X, y, groups=cohort["patient"])
    whole = make_pipeline(steps, signature(reader="A")).fit(cohort)
    of_images = validate_externally(whole, cohort, y, groups=cohort["patient"])
    assert of_images.as_dict() == of_table.as_dict()


def test_what_is_not_reported_is_said(cohort):
    silent = signature(bits=None, normalization=None, reader="mean")
    X = measuring_steps(silent).fit_transform(cohort.iloc[:4])
    with pytest.warns(StudyWarning, match="does not report") as caught:
        silent.predict(X)
    (text,) = (str(warning.message) for warning in caught)
    assert "bits per pixel (cooccurrence) 6" in text
    assert "normalization 3sigma" in text
    chosen = measuring_steps(silent, bits=8, normalization="none")
    assert chosen["normalizer"].method == "none"
    assert chosen["extractor"].bits == {"cooccurrence": 8, "run_length": 8}


def test_features_of_another_family_need_no_distances():
    steps = measuring_steps(PublishedSignature({"Mean": 1.0, "age": 1.0}, 0.0))
    assert steps["extractor"].families == ["histogram"]


@pytest.mark.parametrize(
    ("changes", "given", "message"),
    [
        ({}, {"bits": {"run_length": 6}}, r"bits \(run_length\) is 6.*made for 4"),
        ({}, {"normalization": "none"}, "normalization is 'none'.*made for '1-99'"),
        ({"normalization": None}, {"normalization": "z"}, "normalization is 'z'"),
        ({"coefficients": {"age": 1.0}}, {}, "no feature that is measured.*age"),
    ],
)
def test_what_is_refused(changes, given, message):
    params = {"coefficients": COEFFICIENTS, "intercept": 0.0} | SETTINGS | changes
    with pytest.raises(ValueError, match=message):
        measuring_steps(PublishedSignature(**params), **given)


BLOCKS = {"T2|lesion__Mean": 0.01, "T2|rim3out__GrMean": -0.5}


def test_a_signature_of_sequences_and_regions(tmp_path):
    table = read_cohort(write_cohort(tmp_path, n=12))
    masks, images = ["mask_anna", "mask_ben"], ["image_T1", "image_T2"]
    lesions = [
        Lesion(
            {name[6:]: np.load(row[name]) for name in images},
            {
                f"{image[6:]}|lesion|{mask[5:]}": np.load(row[mask])
                for image in images
                for mask in masks
            },
            spacing=(1.0, 1.0),
        )
        for row in table.to_dict("records")
    ]
    published = PublishedSignature(BLOCKS, -1.0, normalization="1-99", reader="mean")
    assert sequences_needed(published) == ("T2",)
    steps = measuring_steps(published)
    assert list(steps.named_steps) == ["regions", "normalizer", "extractor"]
    assert steps["extractor"].families == ["histogram", "gradient"]
    X = steps.fit_transform(lesions)
    expected = -1.0 + sum(
        weight
        * X[[f"{block}|{reader}__{name}" for reader in ("anna", "ben")]].mean(axis=1)
        for (block, _, name), weight in (
            (key.partition("__"), weight) for key, weight in BLOCKS.items()
        )
    )
    np.testing.assert_allclose(published.decision_function(X), expected)
    plain = PublishedSignature({"T2|lesion__Mean": 0.01}, -1.0)
    assert list(measuring_steps(plain).named_steps) == ["normalizer", "extractor"]


def test_images_of_a_signature_of_one_sequence_are_judged(tmp_path):
    path = write_cohort(tmp_path, n=12)
    published = PublishedSignature(
        {"T2|lesion__Mean": 0.01}, -4.0, normalization="1-99", reader="anna"
    )
    columns = Columns(outcome="grade", patient="patient")
    result = validate_published(published, Cohort.read(path, columns))
    both = make_pipeline(Normalizer("1-99"), TextureExtractor(["histogram"]))
    X = both.fit_transform(read_cohort(path))
    y = read_cohort(path)["grade"]
    direct = validate_externally(published, X, y, groups=read_cohort(path)["patient"])
    assert result.result.as_dict() == direct.as_dict()
    other = PublishedSignature({"FLAIR|lesion__Mean": 0.01}, -4.0, reader="anna")
    with pytest.raises(CohortError, match=r"sequence 'FLAIR'; the table has 'T1', 'T2"):
        validate_published(other, Cohort.read(path, columns))
