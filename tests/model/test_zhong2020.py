"""The published score: its numbers, and what the bit depth does to it."""

import warnings

import numpy as np
import pytest

from sklearn_orn._feature_settings import quantised_family
from sklearn_orn.deploy import measuring_steps
from sklearn_orn.exceptions import CohortError, StudyWarning
from sklearn_orn.images import read_cohort
from sklearn_orn.model import PublishedSignature, zhong2020
from sklearn_orn.texture import feature_names

LESIONS = 24


@pytest.fixture(scope="module")
def cohort(synthetic_cohort):
    folder, _ = synthetic_cohort
    return read_cohort(folder / "cohort.csv").iloc[:LESIONS]


def measured(cohort, bits):
    return measuring_steps(zhong2020(bits)).fit_transform(cohort)


def test_the_score_is_the_printed_table():
    signature = zhong2020(4)
    assert signature.intercept == 1.29
    assert len(signature.coefficients) == 8
    assert sum(signature.coefficients.values()) == pytest.approx(-0.5312276)
    assert set(signature.coefficients) <= set(feature_names())
    families = {quantised_family(name) for name in signature.coefficients}
    assert families == {"cooccurrence", "run_length"}
    assert (signature.normalization, signature.reader) == ("3sigma", "mean")
    assert signature.class_names == ("metastasis", "ORN")
    assert "reports neither the bits per pixel nor a threshold" in signature.notes


def test_it_saturates_at_6_bits_and_is_plausible_at_4(cohort):
    with pytest.warns(StudyWarning, match="100 % of the scores lie beyond") as told:
        six = zhong2020(6).decision_function(measured(cohort, 6))
    assert [warning.message.code for warning in told] == ["ORN008"]
    assert six.max() < -5
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        four = zhong2020(4).decision_function(measured(cohort, 4))
    assert np.abs(four).max() < 5
    np.testing.assert_allclose([six.min(), six.max()], [-50.8, -20.5], atol=0.05)
    np.testing.assert_allclose([four.min(), four.max()], [-1.68, -0.02], atol=0.005)


def test_features_of_another_depth_are_refused(cohort):
    with pytest.raises(CohortError, match=r"cooccurrence\): signature 4, X 6"):
        zhong2020(4).predict(measured(cohort, 6))


def test_each_family_may_have_bits_of_its_own(tmp_path):
    bits = {"cooccurrence": 4, "run_length": 6}
    signature = zhong2020(bits)
    assert signature.bits == bits
    signature.to_json(tmp_path / "s.json")
    again = PublishedSignature.from_json(tmp_path / "s.json")
    assert again.coefficients == signature.coefficients


def test_the_bit_depth_must_be_given():
    with pytest.raises(TypeError):
        zhong2020()
    with pytest.raises(TypeError, match="does not report the bits"):
        zhong2020(None)
    with pytest.raises(ValueError, match="expected the bits of 'run_length' too"):
        zhong2020({"cooccurrence": 4})
    with pytest.raises(ValueError, match="integer from 1 to 8"):
        zhong2020(9)
