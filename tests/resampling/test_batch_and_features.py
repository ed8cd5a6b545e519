"""Whether the features tell the centre: level, power, patients and errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.resampling import features_predict_batch
from sklearn_orn.resampling._batch_and_features import _aucs, _smoother
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


def with_gaps():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(24, 5)) * [1, 10, 0.1, 1, 1] + [0, 5, 0, 2, -40]
    X[[0, 5, 9], 1] = np.nan
    X[:, 3], X[:, 4] = 7.0, np.nan
    return X


def test_the_classifier_of_batches_is_scikit_learns_ridge_regression():
    X, member = with_gaps(), (np.arange(24) % 4 == 1).astype(float)
    train, test = np.r_[0:10, 14:24], np.r_[10:14]
    Z = StandardScaler().fit(X[train, :4]).transform(X[:, :4])
    Z = np.column_stack([np.nan_to_num(Z), np.zeros(24)])
    model = Ridge(alpha=5).fit(Z[train], member[train] - member[train].mean())
    np.testing.assert_allclose(
        _smoother(X, train, test) @ member[train], model.predict(Z[test]), atol=1e-12
    )


def test_a_feature_that_one_training_row_has_tells_nothing():
    X = np.column_stack([np.arange(6.0), np.full(6, np.nan)])
    X[0, 1], X[5, 1] = 3.0, 9.0
    alone = _smoother(X[:, :1], np.arange(4), np.array([4, 5]))
    both = _smoother(X, np.arange(4), np.array([4, 5]))
    assert np.isfinite(both).all()
    # With two features the penalty is twice as large, and the second is 0.
    Z = (X[:, 0] - 1.5) / np.sqrt(1.25)
    for found, p in ((alone, 1), (both, 2)):
        expected = np.outer(Z[4:], Z[:4]) / (p + Z[:4] @ Z[:4])
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_the_auc_of_a_batch_is_the_mean_of_the_folds_that_test_it():
    codes = np.array([0, 0, 1, 1, 2, 2, 0, 1, 0, 1])
    # The rows to train give each batch one, so that a score is what its row says.
    splits = [(np.array([0, 2, 4]), np.arange(6, 8)), (np.array([1, 3, 5]), [8, 9])]
    smoothers = [
        np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1]]),
        np.array([[0.2, 0.9, 0.0], [0.8, 0.9, 0.1]]),
    ]
    found = _aucs(codes, 3, splits, smoothers)
    assert found[:2].tolist() == [0.5, 0.75] and np.isnan(found[2])


def test_features_that_tell_nothing_and_all():
    settings = {"n_permutations": 9, "random_state": 0}
    nothing = features_predict_batch(np.ones((60, 2)), CENTRE, **settings)
    assert nothing.auc == 0.5 and nothing.null.tolist() == [0.5] * 9
    assert nothing.p_value == 1 and nothing.by_batch.tolist() == [0.5] * 3
    member = (CENTRE[:, None] == np.array(["A", "B", "C"])).astype(float)
    found = features_predict_batch(member, CENTRE, groups=PATIENT, **settings)
    assert found.auc == 1 and found.by_batch.to_dict() == {"A": 1, "B": 1, "C": 1}
    assert found.by_batch.name == "auc" and len(found.null) == 9
    assert found.p_value == 1 / 10
    assert found.null.max() < 0.9


def test_the_auc_is_the_mean_of_the_batches_and_the_seed_gives_it_again():
    X = noise(3)
    X[:, 0] += 2 * (CENTRE == "B")
    settings = {"groups": PATIENT, "cv": 3, "n_permutations": 4, "random_state": 7}
    first, second = (features_predict_batch(X, CENTRE, **settings) for _ in "12")
    assert first.auc == pytest.approx(first.by_batch.mean())
    np.testing.assert_array_equal(first.null, second.null)
    larger = (first.null >= first.auc).sum()
    assert first.p_value == (1 + larger) / 5
    other = features_predict_batch(X, CENTRE, **{**settings, "random_state": 8})
    assert other.auc != first.auc


def test_two_patients_of_a_batch_and_as_many_as_folds_are_enough():
    X = np.random.default_rng(0).normal(size=(12, 2))
    batch = np.repeat(["A", "B"], [8, 4])
    patient = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    settings = {"n_permutations": 1, "random_state": 0}
    found = features_predict_batch(X, batch, groups=patient, cv=2, **settings)
    assert np.isfinite(found.auc)
    with pytest.raises(NotEstimable, match=r"^6 patients, of a batch 2 at least"):
        features_predict_batch(X, batch, groups=patient, cv=7, **settings)
    with pytest.raises(NotEstimable, match=r"of a batch 1 at least"):
        features_predict_batch(X, batch, groups=patient // 2, cv=2, **settings)
    with pytest.raises(NotEstimable, match="not tested beside others in any fold"):
        features_predict_batch(X, batch, groups=patient, cv=6, **settings)


def test_each_batch_has_two_patients_and_is_tested_beside_others():
    X = np.random.default_rng(0).normal(size=(12, 2))
    with pytest.raises(NotEstimable, match="of a batch 1 at least"):
        features_predict_batch(X, [*"AAAAAABBBBBC"], cv=2)
    # Only the patients of both A and B are tested beside others.
    patient = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    with pytest.raises(NotEstimable, match="not tested beside others in any fold"):
        features_predict_batch(X, [*"ABABABABCCCC"], groups=patient, cv=6)


def test_a_table_has_columns():
    with pytest.raises(ValueError, match=r"shape \(12, 0\)"):
        features_predict_batch(np.ones((12, 0)), np.repeat(["A", "B"], 6))
    found = features_predict_batch(
        np.ones((12, 1)), np.repeat(["A", "B"], 6), cv=2, random_state=0
    )
    assert found.auc == 0.5 and len(found.null) == 100


def test_shuffled_batches_that_no_fold_tests_are_no_evidence():
    """Four lesions in two folds: a third of the shuffles part the batches by fold."""
    X, batch = np.array([[0.0], [0.2], [3.0], [3.1]]), list("AABB")
    settings = {"cv": 2, "n_permutations": 60, "random_state": 3}
    found = features_predict_batch(X, batch, **settings)
    untested = np.isnan(found.null)
    assert 10 < untested.sum() < 35
    as_high = (untested | (found.null >= found.auc)).sum()
    assert found.p_value == (1 + as_high) / 61
