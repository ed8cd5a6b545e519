"""Nested cross-validation, permuted outcomes and the temporal split: nothing leaks."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import t
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_orn import FCMSelector, NomogramClassifier
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.resampling import (
    TemporalSplit,
    nested_cross_validate,
    permuted_outcome,
)
from sklearn_orn.resampling._fold_auc import fold_auc
from sklearn_orn.resampling._permutation import movable_share, shuffle_outcome
from tests._examples import examples
from tests.resampling._tables import study_steps, two_readers


def noise(seed, n_patients=60, n_features=40):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), 2)
    X = rng.normal(size=(len(patient), n_features))
    return X, (np.arange(n_patients) % 2)[patient], patient


def quick(k=3):
    return make_pipeline(FCMSelector(k=k), LogisticRegression())


def test_mean_fold_auc_of_noise_is_a_half():
    means, pooled = [], []
    for seed in range(30):
        X, y, patient = noise(seed)
        result = nested_cross_validate(quick(), X, y, groups=patient, random_state=seed)
        means.append(result.mean_auc)
        pooled.append(result.pooled["auc"][0])
    assert abs(np.mean(means) - 0.5) < 3 * np.std(means) / np.sqrt(30)


def test_selection_outside_the_fold_finds_something_in_noise():
    X, y, patient = noise(0, n_features=200)
    chosen = FCMSelector(k=3).fit(X, y).transform(X)
    leaking = nested_cross_validate(
        LogisticRegression(), chosen, y, groups=patient, random_state=0
    )
    assert leaking.mean_auc > 0.6
    honest = nested_cross_validate(quick(), X, y, groups=patient, random_state=0)
    assert honest.mean_auc < leaking.mean_auc - 0.1


def test_a_column_that_copies_the_outcome_on_test_rows_changes_nothing():
    X, y, patient = two_readers(0, signal=1)
    split = [(np.flatnonzero(patient >= 12), np.flatnonzero(patient < 12))]
    for reader in "ab":
        X[f"{reader}__copy"] = np.where(patient < 12, y, 0.0)
    honest = X.assign(a__copy=0.0, b__copy=0.0)
    results = [
        nested_cross_validate(
            study_steps(), table, y, groups=patient, outer=split, random_state=0
        )
        for table in (X, honest)
    ]
    pd.testing.assert_frame_equal(results[0].predictions, results[1].predictions)


def test_nested_keeps_patients_together_on_both_levels():
    X, y, patient = two_readers(1, signal=2.5)
    result = nested_cross_validate(
        study_steps(),
        X,
        y,
        groups=patient,
        param_grid={"fcmselector__k": [1, 3]},
        outer=4,
        inner=3,
        n_repeats=2,
        random_state=0,
    )
    folds = result.folds
    assert len(folds) == 8 and set(folds["repeat"]) == {0, 1}
    for _, part in result.predictions.groupby("repeat"):
        assert sorted(part["row"]) == list(range(len(y)))
        fold_of = part.groupby(patient[part["row"]])["fold"].nunique()
        assert (fold_of == 1).all()
        np.testing.assert_array_equal(part["y"], y[part["row"]])
    assert set(folds["parameters"].map(lambda p: p["fcmselector__k"])) <= {1, 3}
    assert all("f0" in selected for selected in folds["selected"])
    assert result.mean_auc > 0.75 and result.unit == "patients"
    assert (result.pooled["auc_lower"] < result.pooled["auc"]).all()
    first, second = (
        result.predictions.query("repeat == @r").sort_values("row") for r in (0, 1)
    )
    assert not np.array_equal(first["fold"], second["fold"])


def test_nested_is_the_same_in_processes_and_from_a_splitter():
    X, y, patient = two_readers(2, signal=1)
    splits = list(GroupKFold(3).split(X, y, patient))
    results = [
        nested_cross_validate(
            quick(), X, y, groups=patient, outer=outer, n_jobs=n_jobs, verbose=verbose
        )
        for outer, n_jobs, verbose in [(GroupKFold(3), 1, 1), (splits, 2, 0)]
    ]
    pd.testing.assert_frame_equal(results[0].predictions, results[1].predictions)


def test_nested_refuses_a_patient_on_both_sides():
    X, y, patient = noise(0)
    with pytest.raises(ValueError, match="1 patients stand on both sides .*: 0"):
        nested_cross_validate(
            quick(), X, y, groups=patient, outer=[(np.arange(1, 120), [0])]
        )
    with pytest.raises(ValueError, match="40 folds need at least 40 patients of each"):
        nested_cross_validate(quick(), X, y, groups=patient, outer=40)
    with pytest.raises(ValueError, match="At least 2 folds"):
        nested_cross_validate(quick(), X, y, outer=1)
    with pytest.raises(ValueError, match="n_repeats must be at least 1"):
        nested_cross_validate(quick(), X, y, n_repeats=0)


def test_nested_folds_of_one_class_have_no_auc():
    X, y, patient = noise(1)
    rows = np.arange(len(y))
    positive = rows[(y == 1) & (patient < 20)]
    split = [(np.setdiff1d(rows, rows[patient < 20]), positive)]
    result = nested_cross_validate(LogisticRegression(), X, y, outer=split)
    assert np.isnan(result.folds["auc"][0]) and np.isnan(result.pooled["auc"][0])
    assert result.folds["selected"][0] == () and result.unit == "samples"


@given(st.integers(0, 2**32 - 1), st.booleans())
@examples(50)
def test_outcomes_are_shuffled_by_patient(seed, mixed):
    rng = np.random.RandomState(seed)
    unit = np.repeat(np.arange(12), rng.randint(1, 4, 12))
    y = rng.randint(0, 2, 12)[unit]
    if mixed:
        y[0] = 1 - y[0]
        y[unit == unit[0]] = y[unit == unit[0]]
    shuffled = shuffle_outcome(y, unit, rng)

    def of_both(values):
        return [p for p in range(12) if len(set(values[unit == p])) == 2]

    assert of_both(y) == of_both(shuffled)
    single = [p for p in range(12) if p not in of_both(y)]
    counts = [sum(v[unit == p][0] for p in single) for v in (y, shuffled)]
    assert counts[0] == counts[1]
    positives = [
        sorted((sum(unit == p), sum(v[unit == p])) for p in of_both(y))
        for v in (y, shuffled)
    ]
    assert positives[0] == positives[1]


def sizes_that_tell_the_class(n_patients=71):
    """Patients of one class with 2 lesions, of the other with 3; the last has both."""
    rng = np.random.default_rng(0)
    label = rng.permutation(n_patients) % 2
    patient = np.repeat(np.arange(n_patients), 2 + label)
    y = label[patient]
    y[-1] = 1 - y[-1]
    X = rng.normal(size=(len(y), 4)) + 2 * y[:, None]
    return X, y, patient


def test_one_patient_of_both_classes_does_not_stop_the_shuffling():
    X, y, patient = sizes_that_tell_the_class()
    result = permuted_outcome(
        LogisticRegression(), X, y, groups=patient, n_permutations=19, random_state=0
    )
    assert result.auc > 0.95 and result.movable == 1.0
    assert abs(result.null.mean() - 0.5) < 3 * result.null.std() / np.sqrt(19)
    assert result.n_as_large == 0 and result.p_value == 1 / 20


def test_outcomes_that_cannot_move_are_told():
    # Nine patients are negative, three have both classes: none is positive alone.
    patient = np.repeat(np.arange(12), 2)
    y = ((patient < 3) & (np.arange(24) % 2 == 0)).astype(int)
    assert movable_share(y, patient) == pytest.approx(6 / 24)
    assert movable_share(y, None) == 1.0
    X = np.random.default_rng(0).normal(size=(24, 2))
    with pytest.warns(StudyWarning, match="Only 25 % of the outcomes can be shuffled"):
        permuted_outcome(
            LogisticRegression(), X, y, groups=patient, cv=3, n_permutations=2
        )


@pytest.mark.parametrize("n_repeats", [1, 3])
def test_the_interval_of_the_mean_auc_allows_for_shared_training(n_repeats):
    X, y, patient = noise(2)
    found = nested_cross_validate(
        quick(), X, y, groups=patient, n_repeats=n_repeats, random_state=0
    )
    aucs = found.folds["auc"].to_numpy()
    assert found.mean_auc == pytest.approx(aucs.mean())
    n = len(aucs)
    half = t.ppf(0.975, n - 1) * np.sqrt((1 / n + 1 / 4) * aucs.var(ddof=1))
    middle = logit(aucs.mean())
    half /= aucs.mean() * (1 - aucs.mean())
    expected = expit([middle - half, middle + half])
    np.testing.assert_allclose([found.auc_lower, found.auc_upper], expected)


def test_one_fold_has_no_interval():
    folds = pd.DataFrame({"n_train": [10], "n_test": [5], "auc": [0.7]})
    assert fold_auc(folds)[0] == 0.7 and np.isnan(fold_auc(folds)[1:]).all()
    assert np.isnan(fold_auc(folds.assign(auc=np.nan))).all()
    perfect = pd.DataFrame({"n_train": [10] * 2, "n_test": [5] * 2, "auc": [1.0] * 2})
    assert fold_auc(perfect) == (1.0, 1.0, 1.0, 0.0)


def test_permuted_outcome_of_signal_and_of_noise():
    X, y, patient = two_readers(3, signal=2)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    strong = permuted_outcome(
        model, X[["a__f0", "a__f1"]], y, groups=patient, n_permutations=39,
        random_state=0, verbose=1,
    )  # fmt: skip
    assert strong.p_value == 1 / 40 and strong.unit == "patients"
    one, two = (
        permuted_outcome(
            model, X[["a__f0", "a__f1"]], y, groups=patient, n_permutations=9,
            random_state=0, n_jobs=n_jobs,
        )
        for n_jobs in (1, 2)
    )  # fmt: skip
    np.testing.assert_array_equal(one.null, two.null)
    X, y, patient = noise(5)
    nothing = permuted_outcome(
        quick(), X, y, groups=patient, n_permutations=60, random_state=0
    )
    error = nothing.null.std() / np.sqrt(60)
    assert abs(nothing.null.mean() - 0.5) < 3 * error
    assert nothing.p_value > 0.02


def test_the_pooled_auc_is_biased_downwards_under_the_null():
    # Without signal a fold that tests more positives was trained on fewer.
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 1)), np.arange(40) % 2
    result = permuted_outcome(
        make_pipeline(StandardScaler(), LogisticRegression(C=1e-6)),
        X,
        y,
        cv=GroupKFold(7),
        groups=np.arange(40),
        n_permutations=40,
        random_state=0,
    )
    assert result.pooled_null.mean() < 0.4
    assert result.null.mean() > result.pooled_null.mean() + 0.05


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")
def test_null_of_the_studys_pipeline_on_the_synthetic_cohort(tmp_path):
    from sklearn.impute import SimpleImputer

    from sklearn_orn import ICCFilter, Normalizer, TextureExtractor
    from sklearn_orn.datasets import make_cohort

    cohort = make_cohort(tmp_path, random_state=0)
    pipeline = make_pipeline(
        Normalizer(),
        TextureExtractor(),
        ICCFilter(),
        SimpleImputer(strategy="median", keep_empty_features=True),
        FCMSelector(),
        NomogramClassifier(cv=5, random_state=0),
    ).set_output(transform="pandas")
    result = permuted_outcome(
        pipeline,
        cohort[["image", "mask_reader_a", "mask_reader_b"]],
        cohort["outcome"] == "ORN",
        groups=cohort["patient"],
        n_permutations=60,
        random_state=0,
        n_jobs=2,
    )
    assert not result.failures
    assert abs(result.null.mean() - 0.5) < 3 * result.null.std() / np.sqrt(60)
    assert result.pooled_null.mean() < result.null.mean()
    assert result.p_value < 0.05


def test_permutations_that_cannot_be_fitted():
    X, y, patient = noise(6, n_patients=12)
    model = make_pipeline(FCMSelector(k=1), NomogramClassifier(cv=5))
    with pytest.raises(ValueError, match="cannot be cross-validated: cv=5 needs"):
        permuted_outcome(model, X, y, groups=patient, cv=3, n_permutations=2)
    with pytest.raises(ValueError, match="7 folds need at least 7 patients"):
        permuted_outcome(quick(), X, y, groups=patient, cv=7, n_permutations=2)
    with pytest.raises(ValueError, match="n_permutations must be at least 1"):
        permuted_outcome(quick(), X, y, n_permutations=0)


DATES = pd.date_range("2018-01-01", periods=12, freq="120D").repeat(5)


@pytest.mark.parametrize("date", [DATES, DATES.astype(str), DATES.year, "scanned"])
def test_temporal_split(date):
    X = pd.DataFrame({"x": np.arange(60.0), "scanned": DATES})
    cut = 2020 if isinstance(date, pd.Index) and date.dtype.kind == "i" else "2020"
    splitter = TemporalSplit(date, cut)
    ((train, test),) = splitter.split(X)
    assert splitter.get_n_splits() == 1
    assert (DATES[train] < "2020-01-01").all() and (DATES[test] >= "2020-01-01").all()
    assert len(train) + len(test) == 60


def test_temporal_split_works_wherever_cv_is_asked_for():
    import sklearn

    X, y, patient = noise(7, n_patients=30)
    later = TemporalSplit(patient, 20)
    scores = cross_validate(quick(), X, y, cv=later, groups=patient)
    assert len(scores["test_score"]) == 1
    nested = nested_cross_validate(quick(), X, y, groups=patient, outer=later)
    assert set(patient[nested.predictions["row"]]) == set(range(20, 30))
    with sklearn.config_context(enable_metadata_routing=True):
        search = GridSearchCV(quick(), {"fcmselector__k": [1, 2]}, cv=later)
        search.fit(X, y, groups=patient)
        with pytest.raises(ValueError, match="1 patients stand on both sides"):
            search.fit(X, y, groups=np.where(patient == 29, 0, patient))


@pytest.mark.parametrize(
    ("date", "cut", "message"),
    [
        ("when", 1, "date='when' is not a column of X"),
        ([1, 2], 1, "date has 2 values, X has 4 samples"),
        ([1, 2, None, 3], 2, "1 missing values, the first at position 2"),
        ([1, 2, 3, 4], 5, "No sample is dated from cut=5: the dates run from 1 to 4"),
        ([1, 2, 3, 4], 1, "No sample is dated before cut=1"),
        (
            ["2020-01-01", "2020-03-01", "2020-02-01", "2020-02-02"],
            "2021-01-01",
            "the dates run from 2020-01-01 to 2020-03-01\\.$",
        ),
    ],
)
def test_bad_temporal_splits_are_named(date, cut, message):
    with pytest.raises(ValueError, match=message):
        list(TemporalSplit(date, cut).split(np.zeros((4, 1))))
