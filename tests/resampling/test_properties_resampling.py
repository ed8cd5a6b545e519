"""Splits and resamples: whole patients, and every row where it belongs."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

from sklearn_orn import FCMSelector
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.resampling import (
    TemporalSplit,
    instability,
    nested_cross_validate,
    nogueira_index,
    optimism,
    permuted_outcome,
    stability,
)
from sklearn_orn.resampling._bootstrap import patient_resamples
from sklearn_orn.resampling._folds import patient_folds
from sklearn_orn.resampling._indexes import (
    gini_mean_difference,
    largest_miscalibration,
    validation_indexes,
)
from sklearn_orn.testing.strategies import (
    feature_tables,
    outcomes_with_patients,
    probabilities,
)
from tests._examples import examples

seeds = st.integers(0, 2**16)
enough = outcomes_with_patients(min_per_class=3)


@given(enough, st.integers(2, 3), seeds)
@examples(80)
def test_a_patient_stands_on_one_side_of_every_fold(drawn, cv, seed):
    """What is known of a patient in training is no proof on the same patient."""
    folds = patient_folds(cv, drawn.y, drawn.patients, seed)
    assert len(folds) == cv
    for train, test in folds:
        assert not set(drawn.patients[train]) & set(drawn.patients[test])
        assert sorted([*train, *test]) == list(range(len(drawn.y)))
        assert set(drawn.y[train]) == set(drawn.labels)


@given(enough, st.integers(2, 3), seeds, st.booleans())
@examples(80)
def test_folds_test_every_row_once(drawn, cv, seed, grouped):
    """Pooled predictions are one for each lesion."""
    groups = drawn.patients if grouped else None
    tested = [test for _, test in patient_folds(cv, drawn.y, groups, seed)]
    assert sorted(np.concatenate(tested)) == list(range(len(drawn.y)))


@given(enough, seeds)
@examples(60)
def test_one_seed_gives_the_same_folds_whatever_patients_are_called(drawn, seed):
    """An id is a name; the study must come out the same after anonymisation."""
    codes = np.unique(drawn.patients, return_inverse=True)[1]
    first = patient_folds(3, drawn.y, drawn.patients, seed)
    second = patient_folds(3, drawn.y, codes + 1000, seed)
    for one, two in zip(first, second, strict=True):
        np.testing.assert_array_equal(one[1], two[1])


@given(outcomes_with_patients(), st.integers(1, 8), seeds)
@examples(80)
def test_a_resample_holds_whole_patients_and_both_classes(drawn, n_resamples, seed):
    """Patients are drawn, as they were for the study; their lesions come along."""
    codes = np.unique(drawn.patients, return_inverse=True)[1]
    size = np.bincount(codes)
    found = patient_resamples(drawn.y, drawn.patients, n_resamples, seed)
    assert len(found) == n_resamples
    for rows in found:
        assert len(set(drawn.y[rows])) == 2
        times = np.bincount(codes[rows], minlength=len(size)) / size
        np.testing.assert_array_equal(times, np.rint(times))
        assert times.sum() == len(size)
        # All rows of a patient come equally often.
        of_row = np.bincount(rows, minlength=len(codes))
        np.testing.assert_array_equal(of_row, times[codes])


@given(outcomes_with_patients(), seeds)
@examples(40)
def test_without_patients_every_row_is_one(drawn, seed):
    """The bootstrap of Efron: as many rows as there are, with replacement."""
    for rows in patient_resamples(drawn.y, None, 5, seed):
        assert len(rows) == len(drawn.y) and len(set(drawn.y[rows])) == 2


@given(st.lists(st.integers(2000, 2020), min_size=2, max_size=20), st.data())
@examples(80)
def test_the_past_trains_and_the_future_tests(years, data):
    """A date stands on one side of the cut, so every row is in one part."""
    assume(len(set(years)) > 1)
    cut = data.draw(st.sampled_from(sorted(set(years))[1:]))
    [(train, test)] = TemporalSplit(years, cut).split(np.zeros((len(years), 1)))
    years = np.array(years)
    assert years[train].max() < cut <= years[test].min()
    assert sorted([*train, *test]) == list(range(len(years)))


@given(st.lists(st.integers(2000, 2020), min_size=4, max_size=20), st.data())
@examples(60)
def test_a_patient_of_both_times_is_refused(years, data):
    """Neither part may know the other's patients: the split says who, and stops."""
    assume(len(set(years)) > 1)
    cut = data.draw(st.sampled_from(sorted(set(years))[1:]))
    patients = np.array(
        data.draw(st.lists(st.integers(0, 5), min_size=len(years), max_size=len(years)))
    )
    later = np.array(years) >= cut
    both = set(patients[later]) & set(patients[~later])
    split = TemporalSplit(years, cut).split(np.zeros((len(years), 1)), groups=patients)
    if both:
        with pytest.raises(ValueError, match=f"{len(both)} patients stand on both"):
            next(split)
    else:
        next(split)


selections = hnp.arrays(bool, st.tuples(st.integers(2, 8), st.integers(2, 8)))


@given(selections, st.data())
@examples(80)
def test_stability_does_not_know_the_order_of_features_or_resamples(selected, data):
    """A mean of variances over features, each over resamples."""
    rows = data.draw(st.permutations(range(selected.shape[0])))
    columns = data.draw(st.permutations(range(selected.shape[1])))
    first = nogueira_index(selected)
    second = nogueira_index(selected[rows][:, columns])
    assert second == pytest.approx(first, nan_ok=True)
    # What is left out is as stable as what is selected.
    assert nogueira_index(~selected) == pytest.approx(first, nan_ok=True)


@given(st.data(), st.integers(2, 20), st.integers(-5, 5))
@examples(80)
def test_ginis_mean_difference_is_that_of_all_pairs(data, n, factor):
    """The formula over ranks saves the pairs; a shift cancels, a factor stays."""
    values = np.array(data.draw(st.lists(st.integers(-99, 99), min_size=n, max_size=n)))
    pairs = np.abs(values[:, None] - values).sum() / (n * (n - 1))
    assert gini_mean_difference(values) == pytest.approx(pairs)
    moved = gini_mean_difference(values * factor + 7)
    assert moved == pytest.approx(abs(factor) * pairs)


def test_equal_values_have_no_mean_difference():
    # Found by hypothesis: it was -9e-17, and a spread is not negative.
    assert gini_mean_difference(np.full(5, np.log(0.25))) == 0


@given(outcomes_with_patients(labels=[(0, 1)]), st.data())
@examples(60)
def test_indexes_of_validation_hang_together(drawn, data):
    """Those of rms's validate: Dxy is of c, Q is D - U."""
    proba = data.draw(probabilities(len(drawn.y), certain=False))
    found = validation_indexes(drawn.positive, proba)
    assert found["dxy"] == pytest.approx(2 * found["auc"] - 1)
    assert found["q"] == pytest.approx(found["d"] - found["u"], nan_ok=True)
    assert found["brier"] == pytest.approx(np.mean((proba - drawn.y) ** 2))
    # The recalibrating line is the likeliest: it is no worse than the prevalence.
    assert not found["r2"] < -1e-9 and not found["r2"] > 1 + 1e-9
    assert not found["g"] < 0 and not found["gp"] > 1


@given(st.floats(-3, 3), st.floats(-3, 3))
@examples(80)
def test_only_the_diagonal_is_calibrated_everywhere(intercept, slope):
    """The largest distance of a logistic line to p: 0 for intercept 0, slope 1."""
    found = largest_miscalibration(intercept, slope)
    assert 0 <= found <= 1
    assert (found < 1e-12) == (abs(intercept) + abs(slope - 1) < 1e-10)
    # Seen from the other class the line is turned by half.
    assert found == pytest.approx(largest_miscalibration(-intercept, slope))


@given(
    outcomes_with_patients(min_per_class=4, max_lesions=2, mixed=False),
    st.data(),
    seeds,
)
@examples(5)
def test_a_nested_cross_validation_predicts_each_lesion_unseen(drawn, data, seed):
    """Each row once in each repeat, by a model that knew no lesion of its patient."""
    X = data.draw(feature_tables(len(drawn.y), n_features=(2, 3)))
    model = make_pipeline(FCMSelector(k=1), GaussianNB())
    assume((np.ptp(X.to_numpy(), axis=0) > 0).all())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numbers of any size do not converge
        result = nested_cross_validate(
            model, X, drawn.y, groups=drawn.patients, outer=2, random_state=seed
        )
    table = result.predictions
    assert sorted(table["row"]) == list(range(len(drawn.y)))
    assert table["proba"].between(0, 1).all()
    per_patient = table.assign(patient=drawn.patients[table["row"]])
    folds = per_patient.groupby("patient")["fold"].nunique()
    assert (folds == 1).all()


@given(outcomes_with_patients(min_per_class=4, mixed=False), st.data(), seeds)
@examples(5)
def test_frequencies_of_selection_are_shares_of_the_resamples(drawn, data, seed):
    """A feature passes a step in none, some or all of the resamples."""
    X = data.draw(feature_tables(len(drawn.y), n_features=(3, 4)))
    assume((np.ptp(X.to_numpy(), axis=0) > 0).sum() > 1)
    model = make_pipeline(FCMSelector(k=1, combine="union"), GaussianNB())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = stability(
                model,
                X,
                drawn.y,
                groups=drawn.patients,
                n_resamples=5,
                random_state=seed,
            )
        except NotEstimable as error:  # too many resamples of constant features
            assert "could be fitted" in str(error)
            return
    shares = result.frequencies["fcmselector"]
    assert list(shares.index) == list(X)
    times = shares * result.n_resamples
    np.testing.assert_allclose(times, np.rint(times), atol=1e-9)
    assert 1 <= shares.sum() <= 3 + 1e-9
    assert result.n_resamples + sum(result.failures.values()) == 5


@st.composite
def studies(draw):
    """A table of features that vary, outcomes of patients, and a fast pipeline."""
    drawn = draw(outcomes_with_patients(min_per_class=4, max_lesions=2, mixed=False))
    X = draw(feature_tables(len(drawn.y), n_features=2, constant_columns=False))
    assume((np.ptp(X.to_numpy(), axis=0) > 0).all())
    return drawn, X


def data_of(study):
    """Return what is resampled, by the names of parameters."""
    drawn, X = study
    return {"X": X, "y": drawn.y, "groups": drawn.patients}


@given(studies(), seeds)
@examples(8)
def test_optimism_is_what_training_promises_beyond_the_test(study, seed):
    """Corrected is apparent minus optimism, for each index."""
    settings = {"metrics": ["auc", "brier"], "n_resamples": 4, "random_state": seed}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = optimism(GaussianNB(), **data_of(study), **settings)
    table = result.indexes
    expected = table["training"] - table["test"]
    np.testing.assert_allclose(table["optimism"], expected, atol=1e-12)
    corrected = table["apparent"] - table["optimism"]
    np.testing.assert_allclose(table["corrected"], corrected, atol=1e-12)
    assert table[["apparent", "training", "test"]].stack().between(0, 1).all()
    assert result.unit == "patients"


@given(outcomes_with_patients(min_per_class=2), seeds, st.integers(1, 9))
@examples(25)
def test_instability_lies_between_none_and_a_change_of_everything(drawn, seed, n):
    """A mean distance of probabilities is one, and a share of refits is one."""
    rng = np.random.default_rng(seed)
    proba = rng.random(len(drawn.y))
    positive = np.asarray(drawn.y) == drawn.labels[1]
    found = instability(positive, proba, rng.random((n, len(positive))))
    samples = found.samples
    assert samples[["mape", "changed"]].stack().between(0, 1).all()
    assert (samples["lower"] <= samples["upper"]).all()
    assert found.mape == pytest.approx(samples["mape"].mean())
    assert found.changed == pytest.approx(samples["changed"].mean())
    same = instability(positive, proba, np.tile(proba, (n, 1)))
    assert same.mape == 0 and same.changed == 0


@given(studies(), seeds)
@examples(8)
def test_a_permutation_test_never_says_impossible(study, seed):
    """The true outcome is one of the orders: p is at least 1 of all that were tried."""
    settings = {"cv": 2, "n_permutations": 5, "random_state": seed}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = permuted_outcome(GaussianNB(), **data_of(study), **settings)
    tried = len(result.null) + 1
    assert 1 / tried <= result.p_value <= 1
    assert result.p_value * tried == pytest.approx(round(result.p_value * tried))
    assert ((result.null >= 0) & (result.null <= 1)).all() and 0 <= result.auc <= 1
    assert len(result.null) + sum(result.failures.values()) == 5
