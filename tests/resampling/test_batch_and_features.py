"""Whether the features tell the centre: level, power, patients and errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.resampling import features_predict_batch
from tests._examples import examples

CENTRE = np.repeat(["A", "B", "C"], 20)
PATIENT = np.arange(60) // 2


def noise(seed, columns=12):
    return np.random.default_rng(seed).normal(size=(60, columns))


def test_a_scanner_that_measures_higher_is_recognised():
    X = noise(0) + 1.0 * (CENTRE == "B")[:, None]
    found = features_predict_batch(
        X, CENTRE, groups=PATIENT, n_permutations=39, random_state=0
    )
    assert found.p_value == 1 / 40
    assert found.by_batch.idxmax() == "B" and found.by_batch["B"] > 0.8
    assert abs(found.null.mean() - 0.5) < 0.05


def test_the_level_holds_where_patients_have_several_lesions():
    """Lesions of a patient are alike, which a test by lesion takes for the centre."""
    by_patient, by_lesion = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        of_patient = rng.normal(size=(30, 80))[PATIENT]
        X = of_patient + 0.1 * rng.normal(size=(60, 80))
        centre = rng.permutation(np.repeat(["A", "B"], 15))[PATIENT]
        for groups, found in ((PATIENT, by_patient), (None, by_lesion)):
            result = features_predict_batch(
                X, centre, groups=groups, n_permutations=19, random_state=seed
            )
            found.append(result.p_value <= 0.1)
    assert np.mean(by_patient) <= 0.3
    assert np.mean(by_lesion) > 0.8


def test_missing_and_constant_features_pass():
    X = noise(1)
    X[::3, 0] = np.nan
    X[:, 1], X[:, 2] = 7.0, np.nan
    found = features_predict_batch(X, CENTRE, n_permutations=5, random_state=0)
    assert np.isfinite(found.by_batch).all()


@examples(15)
@given(st.floats(0.01, 100), st.floats(-100, 100))
def test_units_and_origins_of_features_do_not_move_a_two_sample_test(scale, shift):
    X = noise(2)
    first = features_predict_batch(X, CENTRE, n_permutations=2, random_state=0)
    second = features_predict_batch(
        scale * X + shift, CENTRE, n_permutations=2, random_state=0
    )
    assert second.auc == pytest.approx(first.auc, abs=0.02)


def test_what_cannot_be_tested_says_why():
    with pytest.raises(NotEstimable, match="All samples are of one batch"):
        features_predict_batch(noise(0), ["A"] * 60)
    with pytest.raises(NotEstimable, match="of a batch 1 at least, are too few"):
        features_predict_batch(noise(0), [*["A"] * 59, "B"])
    late = ["A"] * 57 + ["B"] * 3
    with pytest.raises(NotEstimable, match="too few for 61 folds"):
        features_predict_batch(noise(0), late, cv=61)


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match="X must be a table of features"):
        features_predict_batch(noise(0)[:, 0], CENTRE)
    with pytest.raises(ValueError, match="batch of each of the 60 samples"):
        features_predict_batch(noise(0), CENTRE[:5])
    with pytest.raises(ValueError, match="batch has 1 missing .* position 2"):
        features_predict_batch(noise(0), [*"AB", None, *"B" * 57])
    with pytest.raises(ValueError, match="n_permutations must be at least 1"):
        features_predict_batch(noise(0), CENTRE, n_permutations=0)
