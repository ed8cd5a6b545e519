"""A published signature on a table of features: who is judged, by which settings."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from sklearn_orn.cohort import Cohort, Columns
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images import read_cohort
from sklearn_orn.model import PublishedSignature, validate_externally
from sklearn_orn.study._published import (
    has_images,
    score_published,
    validate_published,
)
from sklearn_orn.texture import declare_settings
from tests._two_sequences import write_cohort

pytestmark = pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")

SIGNATURE = PublishedSignature({"Mean": 2.0, "S(1,0)Contrast": -1.0}, intercept=0.5)


def features():
    return pd.DataFrame(
        {
            "lesion": list("abcdefgh"),
            "patient": [1, 1, 2, 3, 4, 5, 6, 6],
            "grade": ["low", "high", "low", "high", "low", "high", "high", "low"],
            "Mean": [0.0, 1.0, 0.5, 0.25, 1.0, 2.0, 0.75, np.nan],
            "S(1,0)Contrast": [1.0, 0.5, np.nan, 0.0, 3.0, 1.5, 2.5, np.nan],
        }
    )


def cohort(table):
    columns = Columns(outcome="grade", positive="high", patient="patient")
    return Cohort.of(table, columns)


def scored(table, bits=None, normalization=None, signature=SIGNATURE):
    return score_published(
        signature, cohort(table), bits=bits, normalization=normalization, n_jobs=None
    )


@pytest.mark.parametrize(
    ("columns", "images"),
    [
        (["image", "mask"], True),
        (["image", "mask_anna"], True),
        (["image", "masked", "unmask"], False),
        (["Mean", "grade"], False),
        (["mask", "diagnostics_Versions_PyRadiomics"], False),
        ([0, "mask"], True),
    ],
)
def test_a_table_of_images_names_outlines(columns, images):
    assert has_images(columns) is images


def test_scores_of_the_lesions_that_have_all_features():
    found = scored(features())
    assert found.rows.tolist() == [0, 1, 3, 4, 5, 6]
    np.testing.assert_allclose(found.score, [-0.5, 2.0, 1.0, -0.5, 3.0, -0.5])
    assert found.design.lesion.tolist() == list("abdefg")
    assert found.design.y.tolist() == [0, 1, 1, 0, 1, 1]
    assert [(row.lesion, row.patient) for row in found.left_out] == [
        ("c", "2"),
        ("h", "6"),
    ]
    reasons = [row.reason for row in found.left_out]
    assert "'c': no value for S(1,0)Contrast, which the signature needs" in reasons[0]
    assert "'h': no value for Mean, S(1,0)Contrast, which" in reasons[1]


def test_a_validation_is_that_of_the_complete_lesions_by_patient():
    table = features()
    found = validate_published(SIGNATURE, cohort(table))
    kept = table.drop(index=[2, 7])
    y = (kept["grade"] == "high").astype(int)
    direct = validate_externally(SIGNATURE, kept, y, groups=kept["patient"])
    np.testing.assert_equal(found.result.as_dict(), direct.as_dict())
    assert found.labels == ("low", "high")
    assert [row.lesion for row in found.left_out] == ["c", "h"]
    risk = expit([-0.5, 2.0, 1.0, -0.5, 3.0, -0.5])
    assert found.result.brier == pytest.approx(np.mean((risk - y) ** 2))


def test_images_are_scored_beside_columns_of_the_table_and_without_other_sequences(
    tmp_path,
):
    table = read_cohort(write_cohort(tmp_path, n=4)).assign(age=[50.0, 60, 70, 80])
    table["image_T1"] = [str(tmp_path / "gone.npy"), *table["image_T1"][1:]]
    mixed = PublishedSignature(
        {"T2|lesion__Mean": 0.01, "age": 0.5}, -4.0, normalization="1-99", reader="anna"
    )
    columns = Columns(outcome="grade", patient="patient")
    found = score_published(
        mixed, Cohort.of(table, columns), bits=None, normalization=None, n_jobs=None
    )
    means = [
        np.load(row["image_T2"])[np.load(row["mask_anna"]) > 0].mean()
        for row in table.to_dict("records")
    ]
    assert found.left_out == () and found.rows.tolist() == [0, 1, 2, 3]
    # MaZda's mean counts grey levels from 1.
    expected = 0.01 * (1 + np.array(means)) + 0.5 * table["age"] - 4
    np.testing.assert_allclose(found.score, expected)


def test_the_warnings_of_a_validation_are_kept():
    far = PublishedSignature({"Mean": 200.0}, intercept=9.0)
    for warnings in (
        validate_published(far, cohort(features())).warnings,
        scored(features(), signature=far).warnings,
    ):
        assert any("nearly 0 or 1" in text or "beyond" in text for text in warnings)


@pytest.mark.parametrize("label", ["high", "low"])
def test_one_lesion_of_a_class_can_be_judged_and_none_cannot(label):
    table = features().assign(
        grade=[label, *7 * [{"high": "low", "low": "high"}[label]]]
    )
    assert scored(table).design.y.sum() in (1, 5)
    with pytest.raises(CohortError, match="the outcome holds one class only"):
        both = Columns(outcome="grade", positive="high", patient="patient")
        some = Cohort.of(table, both).take(np.arange(1, 8))
        score_published(SIGNATURE, some, bits=None, normalization=None, n_jobs=None)


def test_a_table_without_an_outcome_is_refused():
    with pytest.raises(CohortError, match="the cohort names no outcome"):
        validate_published(SIGNATURE, Cohort.of(features()))


def test_a_signature_of_which_no_lesion_has_all_features_is_refused():
    table = features().assign(Mean=[np.nan, *7 * [np.inf]])
    with pytest.raises(CohortError, match="none of the 8 lesions has all .*lesion 'a'"):
        scored(table)


def settings(found):
    return found.settings.bits.get("cooccurrence"), found.settings.normalization


def test_settings_that_are_given_fill_in_what_the_table_does_not_say():
    plain = features()
    assert settings(scored(plain)) == (None, None)
    assert settings(scored(plain, bits=6)) == (6, None)
    assert settings(scored(plain, normalization="3sigma")) == (None, "3sigma")
    own = declare_settings(plain, bits={"cooccurrence": 5})
    assert settings(scored(own)) == (5, None)
    assert settings(scored(own, bits=5, normalization="1-99")) == (5, "1-99")
    own = declare_settings(plain, normalization="1-99")
    assert settings(scored(own, bits=4)) == (4, "1-99")
    found = validate_published(SIGNATURE, cohort(plain), bits=6, normalization="none")
    assert settings(found) == (6, "none")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"bits": 6}, r"bits \(cooccurrence\) is given as 6, and .* say 5"),
        ({"normalization": "1-99"}, "normalization is given as 1-99, and .* say 3sig"),
        ({"bits": 5, "normalization": "1-99"}, "normalization is given as 1-99"),
    ],
)
def test_settings_that_contradict_the_table_are_refused(given, message):
    own = declare_settings(features(), bits=5, normalization="3sigma")
    with pytest.raises(CohortError, match=message):
        scored(own, **given)
