"""Folds and shuffled outcomes: numbers worked out by hand, and borders."""

import warnings

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy.stats import spearmanr
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import PredefinedSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_orn.exceptions import NotEstimable, StudyWarning
from sklearn_orn.metrics import calibration_statistics, roc_auc_ci
from sklearn_orn.resampling import (
    TemporalSplit,
    batch_predicts_class,
    nested_cross_validate,
    permuted_outcome,
    third_reader,
)
from sklearn_orn.resampling._nested_cross_validation import selected_names
from sklearn_orn.resampling._permutation import movable_share, shuffle_outcome

SCORE = np.array([0.2, 0.7, 0.4, 0.5, 0.1, 0.6, 0.8, 0.3, 0.45, 0.9, 0.35, 0.55])
Y = np.array([0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1])
FOLDS = [
    (np.arange(4, 12), np.arange(4)),
    (np.r_[0:4, 8:12], np.arange(4, 8)),
    (np.arange(8), np.arange(8, 12)),
]


class FirstColumn(ClassifierMixin, BaseEstimator):
    """The first column is the probability, whatever trained it."""

    __metadata_request__fit = {"groups": True}
    seen: list = []

    def __init__(self, turned=False):
        self.turned = turned

    def fit(self, X, y, groups=None):
        self.classes_ = np.unique(y)
        self.seen.append((len(y), groups))
        return self

    def predict_proba(self, X):
        p = np.asarray(X)[:, 0]
        return np.column_stack([p, 1 - p] if self.turned else [1 - p, p])


def mean_auc(y, score=SCORE, folds=FOLDS):
    tested = [test for _, test in folds if len(set(y[test])) == 2]
    return np.mean([roc_auc_score(y[test], score[test]) for test in tested])


# Shuffled outcomes ----------------------------------------------------------------


def test_patients_of_one_class_exchange_it():
    y, patient = np.array([0, 0, 1, 1, 1, 0]), np.array([0, 0, 1, 1, 1, 2])
    seen = {
        tuple(shuffle_outcome(y, patient, np.random.RandomState(seed)))
        for seed in range(40)
    }
    assert seen == {(0, 0, 1, 1, 1, 0), (1, 1, 0, 0, 0, 0), (0, 0, 0, 0, 0, 1)}
    assert y.tolist() == [0, 0, 1, 1, 1, 0]


def test_patients_of_both_classes_exchange_theirs_with_others_of_their_size():
    y = np.array([0, 1, 1, 1, 1, 0, 0, 0, 0, 1])
    patient = np.array([0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    y[6] = 1
    seen = [
        shuffle_outcome(y, patient, np.random.RandomState(seed)) for seed in range(60)
    ]
    assert {tuple(s[:2]) for s in seen} == {(0, 1), (1, 0)}
    positives = {(s[2:6].sum(), s[6:].sum()) for s in seen}
    assert positives == {(3, 2), (2, 3)}
    assert len({tuple(s[2:6]) for s in seen if s[2:6].sum() == 3}) == 4


def test_patients_of_both_classes_and_three_sizes():
    y = np.array([0, 1, 0, 1, 1, 1, 0, 0, 0])
    patient = np.repeat([0, 1, 2], [2, 3, 4])
    for seed in range(5):
        found = shuffle_outcome(y, patient, np.random.RandomState(seed))
        assert [found[patient == p].sum() for p in range(3)] == [1, 2, 1]


def test_samples_without_patients_exchange_theirs():
    seen = {
        tuple(shuffle_outcome(np.array([0, 0, 1]), None, np.random.RandomState(seed)))
        for seed in range(20)
    }
    assert seen == {(0, 0, 1), (0, 1, 0), (1, 0, 0)}


@pytest.mark.parametrize(
    ("y", "patient", "share"),
    [
        ([0, 0, 1, 1], [0, 0, 1, 1], 1.0),
        ([0, 0, 0, 1, 0, 1], [0, 0, 1, 1, 2, 2], 4 / 6),
        ([1, 0, 1, 0], [0, 0, 1, 1], 1.0),
        ([0, 1, 1, 1, 1], [0, 0, 1, 1, 1], 2 / 5),
        ([0, 1, 1], [0, 1, 2], 1.0),
    ],
)
def test_the_share_that_can_move(y, patient, share):
    assert movable_share(np.array(y), np.array(patient)) == pytest.approx(share)


@pytest.mark.parametrize(("n_mixed", "warned"), [(9, False), (8, True)])
def test_nine_outcomes_of_ten_that_can_move_are_enough(n_mixed, warned, recwarn):
    patient = np.repeat(np.arange(10), 2)
    y = np.where(patient < n_mixed, np.arange(20) % 2, 0)
    X = np.linspace(0.1, 0.9, 20)[:, None]
    folds = [(np.arange(10), np.arange(10, 20)), (np.arange(10, 20), np.arange(10))]
    found = permuted_outcome(
        FirstColumn(), X, y, groups=patient, cv=folds, n_permutations=1
    )
    assert found.movable == pytest.approx(n_mixed / 10)
    told = [str(w.message) for w in recwarn if w.category is StudyWarning]
    assert [text[:12] for text in told] == ["Only 80 % of"] * warned


def permuted(score=SCORE, y=Y, **settings):
    return permuted_outcome(FirstColumn(), score[:, None], y, cv=FOLDS, **settings)


def test_permuted_outcome_by_hand():
    found = permuted(n_permutations=30, random_state=0)
    assert found.auc == pytest.approx(mean_auc(Y))
    assert found.pooled_auc == pytest.approx(roc_auc_score(Y, SCORE))
    assert len(found.null) == len(found.pooled_null) == 30
    rng = np.random.RandomState(0)
    outcomes = [Y[rng.permutation(12)] for _ in range(30)]
    np.testing.assert_allclose(found.null, [mean_auc(y) for y in outcomes])
    pooled = [roc_auc_score(y, SCORE) for y in outcomes]
    np.testing.assert_allclose(found.pooled_null, pooled)
    larger = sum(mean_auc(y) > found.auc - 1e-9 for y in outcomes)
    assert found.n_as_large == larger >= 1
    assert found.p_value == (1 + larger) / 31
    assert (found.unit, found.movable, found.failures) == ("samples", 1.0, {})


def test_null_values_that_equal_the_auc_are_as_large():
    found = permuted(np.full(12, 0.5), n_permutations=7, random_state=0)
    assert found.auc == 0.5 and found.null.tolist() == [0.5] * 7
    assert found.n_as_large == 7 and found.p_value == 1


def test_the_larger_label_is_the_positive_one():
    words = permuted(y=np.where(Y, "orn", "met"), n_permutations=5, random_state=0)
    numbers = permuted(n_permutations=5, random_state=0)
    assert words.auc == numbers.auc
    np.testing.assert_array_equal(words.null, numbers.null)


def test_a_fold_of_one_class_has_no_auc_and_its_predictions_are_pooled():
    folds = [(np.arange(2, 12), [0, 2]), (np.r_[0, 2, 6:12], [1, 3, 4, 5])]
    found = permuted_outcome(
        FirstColumn(), SCORE[:, None], Y, cv=folds, n_permutations=1, random_state=0
    )
    assert found.auc == pytest.approx(
        roc_auc_score(Y[[1, 3, 4, 5]], SCORE[[1, 3, 4, 5]])
    )
    assert found.pooled_auc == pytest.approx(roc_auc_score(Y[:6], SCORE[:6]))
    with pytest.raises(NotEstimable, match="cross-validated: No fold tests both"):
        permuted_outcome(FirstColumn(), SCORE[:, None], Y, cv=folds[:1])
    ones = [(np.arange(2, 12), [1, 3])]
    with pytest.raises(NotEstimable, match="cross-validated: No fold tests both"):
        permuted_outcome(FirstColumn(), SCORE[:, None], Y, cv=ones)


def test_permutations_that_fail_do_not_count():
    # The training rows must hold the two positives: most orders leave one class.
    y = np.array([0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1])
    folds = [(np.arange(4), np.arange(4, 12))]
    found = permuted_outcome(
        FirstColumn(), SCORE[:, None], y, cv=folds, n_permutations=40, random_state=0
    )
    assert set(found.failures) <= {
        "The samples that train are of one class only",
        "No fold tests both classes",
    }
    failed = sum(found.failures.values())
    assert failed > 0 and len(found.null) == len(found.pooled_null) == 40 - failed
    assert found.p_value == (1 + found.n_as_large) / (1 + len(found.null))


class TrueOutcome(FirstColumn):
    """A classifier that learns the outcome of `Y` alone."""

    def fit(self, X, y, groups=None):
        if not np.array_equal(y, Y[4:]):
            raise NotEstimable("This is no outcome: it was shuffled.")
        return super().fit(X, y)


def test_where_no_permutation_is_fitted_there_is_no_p_value():
    with pytest.raises(NotEstimable, match="No permutation .* no outcome': 2"):
        permuted_outcome(
            TrueOutcome(),
            SCORE[:, None],
            Y,
            cv=FOLDS[:1],
            n_permutations=2,
            random_state=0,  # by chance a shuffle leaves the outcome as it is
        )


def test_permuted_outcome_hands_its_settings_on(capfd):
    patient = np.array([f"p{i // 2}" for i in range(12)])
    y = np.array([0, 1, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1])
    FirstColumn.seen.clear()
    settings = {"groups": patient, "cv": 2, "n_permutations": 3, "random_state": 4}
    found = permuted_outcome(FirstColumn(), SCORE[:, None], y, **settings)
    assert found.unit == "patients" and len(FirstColumn.seen) == 8
    assert all(set(groups) <= set(patient) for _, groups in FirstColumn.seen)
    assert capfd.readouterr() == ("", "")
    again = permuted_outcome(FirstColumn(), SCORE[:, None], y, verbose=1, **settings)
    assert "permutations" in capfd.readouterr().err
    np.testing.assert_array_equal(found.null, again.null)
    with pytest.raises(ValueError, match="n_permutations must be at least 1"):
        permuted_outcome(FirstColumn(), SCORE[:, None], y, n_permutations=0)


# Nested ---------------------------------------------------------------------------


def nested(X=SCORE[:, None], y=Y, **settings):
    return nested_cross_validate(FirstColumn(), X, y, **settings)


def test_nested_folds_by_hand():
    found = nested(outer=FOLDS)
    folds = found.folds
    assert folds["repeat"].tolist() == [0] * 3 and folds["fold"].tolist() == [0, 1, 2]
    assert folds["n_train"].tolist() == [8] * 3 and folds["n_test"].tolist() == [4] * 3
    aucs = [roc_auc_score(Y[test], SCORE[test]) for _, test in FOLDS]
    np.testing.assert_allclose(folds["auc"], aucs)
    briers = [np.mean((Y[test] - SCORE[test]) ** 2) for _, test in FOLDS]
    np.testing.assert_allclose(folds["brier"], briers)
    assert folds["selected"].tolist() == [()] * 3
    assert folds["parameters"].tolist() == [{}] * 3
    assert found.mean_auc == pytest.approx(np.mean(aucs))
    assert found.sd_auc == pytest.approx(np.std(aucs, ddof=1))
    assert found.auc_lower < found.mean_auc < found.auc_upper
    assert found.unit == "samples" and found.warnings == {}
    table = found.predictions
    assert list(table) == ["repeat", "fold", "row", "y", "proba"]
    assert table["row"].tolist() == list(range(12))
    np.testing.assert_array_equal(table["y"], Y)
    np.testing.assert_array_equal(table["proba"], SCORE)
    assert table.index.tolist() == list(range(12))
    assert table["fold"].tolist() == [0] * 4 + [1] * 4 + [2] * 4


def test_pooled_predictions_by_repeat():
    patient = np.arange(12) // 2
    y = np.array([0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0])
    found = nested(y=y, outer=2, n_repeats=2, groups=patient, random_state=0)
    pooled = found.pooled
    assert pooled.index.tolist() == [0, 1] and pooled.index.name == "repeat"
    # The order of rows is another one, and the probabilities are the same.
    expected = calibration_statistics(y, SCORE)
    auc, lower, upper, _ = roc_auc_ci(y, SCORE, groups=patient)
    for repeat in (0, 1):
        assert pooled.loc[repeat].to_dict() == pytest.approx(
            {
                "auc": auc,
                "auc_lower": lower,
                "auc_upper": upper,
                "brier": expected.brier,
                "intercept": expected.intercept,
                "slope": expected.slope,
            }
        )
    assert found.unit == "patients"
    plain = nested(outer=FOLDS).pooled.loc[0]
    assert plain["auc_lower"] == pytest.approx(roc_auc_ci(Y, SCORE)[1])


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_in_all_folds_has_missing_values_under_every_name(label):
    test = np.flatnonzero(Y == label)[:3]
    found = nested(outer=[(np.setdiff1d(np.arange(12), test), test)])
    assert np.isnan(found.folds["auc"][0]) and found.folds["brier"].notna().all()
    both = nested(outer=FOLDS).pooled
    assert list(found.pooled) == list(both)
    assert found.pooled.isna().all(axis=None)


@pytest.mark.parametrize("test", [[0, 1, 2], [1, 3, 4]])
def test_one_sample_of_a_class_is_enough_for_an_auc(test):
    found = nested(outer=[(np.setdiff1d(np.arange(12), test), test)])
    expected = roc_auc_score(Y[test], SCORE[test])
    assert found.folds["auc"][0] == found.pooled["auc"][0] == expected
    assert found.pooled["brier"][0] == pytest.approx(found.folds["brier"][0])


class Warner(FirstColumn):
    """A classifier that warns twice of one thing, and once of another."""

    def fit(self, X, y, groups=None):
        for text in ("Weak: 3 events.", "Weak: 4 events.", "Small."):
            warnings.warn(text, StudyWarning, stacklevel=2)
        return super().fit(X, y)


def test_warnings_of_nested_folds_count_once_a_fold():
    found = nested_cross_validate(Warner(), SCORE[:, None], Y, outer=FOLDS)
    assert found.warnings == {"Weak": 3, "Small": 3}


def test_tuning_takes_what_scores_best_on_folds_of_patients():
    patient = np.arange(12) // 2
    y = np.array([0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1])
    score = np.where(y == 1, 0.8, 0.3) + np.linspace(0, 0.1, 12)
    settings = {"groups": patient, "outer": 3, "inner": 2, "random_state": 0}
    grid = {"turned": [False, True]}
    FirstColumn.seen.clear()
    found = nested(score[:, None], y, param_grid=grid, **settings)
    assert found.folds["parameters"].tolist() == [{"turned": False}] * 3
    assert found.mean_auc == 1
    # Two settings on two inner folds of four rows, and the better one on eight.
    assert [n for n, _ in FirstColumn.seen] == [4, 4, 4, 4, 8] * 3
    for _, groups in FirstColumn.seen:
        assert (np.unique(groups, return_counts=True)[1] == 2).all()

    def worst(estimator, X, y):
        return -roc_auc_score(y, estimator.predict_proba(X)[:, 1])

    turned = nested(score[:, None], y, param_grid=grid, scoring=worst, **settings)
    assert turned.folds["parameters"].tolist() == [{"turned": True}] * 3
    assert turned.mean_auc == 0


def test_nested_hands_its_settings_on(capfd):
    y = np.array([0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0])
    quiet = nested(y=y, outer=2, n_repeats=2, random_state=5)
    assert quiet.folds["repeat"].tolist() == [0, 0, 1, 1]
    assert capfd.readouterr() == ("", "")
    told = nested(y=y, outer=2, n_repeats=2, random_state=5, verbose=1)
    assert "outer folds" in capfd.readouterr().err
    pd.testing.assert_frame_equal(quiet.predictions, told.predictions)
    assert not quiet.predictions["row"][:12].equals(
        quiet.predictions["row"][12:].reset_index(drop=True)
    )
    with pytest.raises(ValueError, match="n_repeats must be at least 1"):
        nested(n_repeats=0)
    test_fold = PredefinedSplit(np.repeat([0, 1, 2], 4))
    pd.testing.assert_frame_equal(
        nested(outer=test_fold).folds, nested(outer=FOLDS).folds
    )


def test_the_names_that_the_last_selecting_step_keeps():
    X = pd.DataFrame({"a": SCORE, "b": SCORE[::-1], "c": Y + 0.1 * SCORE})
    one = make_pipeline(SelectKBest(k=1), StandardScaler(), LogisticRegression())
    assert selected_names(one.fit(X, Y)) == ("c",)
    twice = make_pipeline(SelectKBest(k=2), SelectKBest(k=1), LogisticRegression())
    assert selected_names(twice.fit(X, Y)) == ("c",)
    assert selected_names(SelectKBest(k=2).fit(X, Y)) == ("b", "c")
    assert selected_names(LogisticRegression().fit(X, Y)) == ()
    model = make_pipeline(SelectKBest(k=2), FirstReader())
    model.set_output(transform="pandas").fit(X, Y)
    assert selected_names(model) == ("c",)


def test_nested_folds_name_what_was_selected():
    X = pd.DataFrame({"b": SCORE[::-1], "c": Y + 0.1 * SCORE})
    model = make_pipeline(SelectKBest(k=1), LogisticRegression())
    found = nested_cross_validate(model, X, Y, outer=FOLDS)
    assert found.folds["selected"].tolist() == [("c",)] * 3
    assert found.mean_auc == 1
    # The columns keep their names behind a step that makes arrays.
    model = make_pipeline(SimpleImputer(), FirstReader())
    found = nested_cross_validate(model, X.assign(d=1.0), Y, outer=FOLDS)
    assert all("d" in names for names in found.folds["selected"])


# Later patients -------------------------------------------------------------------


def test_the_cut_is_the_first_date_of_the_test_set():
    ((train, test),) = TemporalSplit([2021, 2019, 2020, 2020], 2020).split(np.ones(4))
    assert train.tolist() == [1] and test.tolist() == [0, 2, 3]
    days = ["2020-02-29", "2020-03-01", "2019-12-31"]
    ((train, test),) = TemporalSplit(days, "2020-03-01").split(np.ones((3, 1)))
    assert train.tolist() == [0, 2] and test.tolist() == [1]


def test_a_column_of_dates_is_read_from_the_table():
    X = pd.DataFrame({"seen": ["2020-05-01", "2018-05-01", "2019-05-01"]})
    split = TemporalSplit("seen", "2019-05-01")
    ((train, test),) = split.split(X)
    assert train.tolist() == [1] and test.tolist() == [0, 2]
    assert split.get_n_splits() == 1
    for other in (X.rename(columns={"seen": "when"}), np.ones((3, 1))):
        with pytest.raises(ValueError, match="date='seen' is not a column"):
            next(split.split(other))


def test_a_patient_before_and_after_the_cut_is_refused():
    split = TemporalSplit([1, 2, 3, 4], 3)
    ((train, test),) = split.split(np.ones(4), groups=["a", "a", "b", "b"])
    assert train.tolist() == [0, 1] and test.tolist() == [2, 3]
    with pytest.raises(ValueError, match="1 patients stand on both sides"):
        next(split.split(np.ones(4), groups=["a", "b", "b", "c"]))
    with pytest.raises(ValueError, match="groups"):
        next(split.split(np.ones(4), groups=["a", "b", "b"]))


@pytest.mark.parametrize(
    ("date", "cut", "message"),
    [
        ([1, 2, 3], 2, "date has 3 values, X has 4 samples"),
        ([1, None, None, 3], 2, "2 missing values, the first at position 1"),
        ([1, 2, 3, 4], 5, "dated from cut=5: the dates run from 1 to 4"),
        ([1, 2, 3, 4], 1, "dated before cut=1: the dates run from 1 to 4"),
        (["2020-01-02"] * 4, "2020-01-03", "dated from cut='2020-01-03'"),
    ],
)
def test_a_cut_that_parts_nothing_is_named(date, cut, message):
    with pytest.raises(ValueError, match=message):
        next(TemporalSplit(date, cut).split(np.ones(4)))


def test_patients_are_asked_for_by_metadata_routing():
    with sklearn.config_context(enable_metadata_routing=True):
        routing = TemporalSplit([1, 2], 2).get_metadata_routing()
    assert routing.split.requests["groups"] is True


# Third reader ---------------------------------------------------------------------


class FirstReader(FirstColumn):
    """The first column as it is; it selects the columns whose mean is above 0.5."""

    def fit(self, X, y, groups=None):
        self.selected_features_ = [name for name in X if X[name].mean() > 0.5]
        return super().fit(X, y, groups)


def test_third_reader_by_hand(capfd):
    other = SCORE.copy()
    other[[0, 1, 5]] = [0.75, 0.15, 0.65]
    tables = {
        "one": pd.DataFrame({"p": SCORE, "a": 0.9, "b": 0.9, "c": 0.1}),
        "two": pd.DataFrame({"p": other, "a": 0.9, "b": 0.1, "c": 0.9}),
    }
    for table in tables.values():
        table["p"] -= 0.05  # its mean is below 0.5
    found = third_reader(make_pipeline(FirstReader()), tables, Y, cv=FOLDS)
    assert found.index.tolist() == ["one", "two"] and found.index.name == "readers"
    assert found["n_selected"].tolist() == [2, 2]
    assert found["jaccard"].tolist() == [1, pytest.approx(1 / 3)]
    np.testing.assert_allclose(found["auc"], [mean_auc(Y), mean_auc(Y, other)])
    expected = [1, spearmanr(SCORE, other).statistic]
    np.testing.assert_allclose(found["correlation"], expected)
    assert capfd.readouterr() == ("", "")


def test_third_reader_on_folds_that_leave_some_untested():
    tables = {name: pd.DataFrame({"p": SCORE}) for name in ("one", "two")}
    one_class = [(np.arange(2, 12), [0, 2]), *FOLDS[1:2]]
    found = third_reader(make_pipeline(FirstReader()), tables, Y, cv=one_class)
    assert found["n_selected"].tolist() == [0, 0]
    assert found["jaccard"].tolist() == [1, 1]
    np.testing.assert_allclose(found["auc"], mean_auc(Y, folds=one_class[1:]))
    assert found["correlation"].tolist() == [1, 1]
    none = third_reader(make_pipeline(FirstReader()), tables, Y, cv=one_class[:1])
    assert none["auc"].isna().all()


@pytest.mark.parametrize("flat", ["one", "two"])
def test_equal_probabilities_have_no_rank(flat):
    tables = {
        name: pd.DataFrame({"p": np.full(12, 0.5) if name == flat else SCORE})
        for name in ("one", "two")
    }
    found = third_reader(make_pipeline(FirstReader()), tables, Y, cv=FOLDS)
    assert np.isnan(found.loc["two", "correlation"])
    assert np.isnan(found.loc["one", "correlation"]) == (flat == "one")


@pytest.mark.parametrize("coarse", [("one",), ("two",), ("one", "two")])
def test_two_probabilities_have_ranks(coarse):
    halves = np.where(SCORE > 0.42, 0.7, 0.3)
    own = {name: halves if name in coarse else SCORE for name in ("one", "two")}
    tables = {name: pd.DataFrame({"p": p}) for name, p in own.items()}
    found = third_reader(make_pipeline(FirstReader()), tables, Y, cv=FOLDS)
    expected = spearmanr(own["one"], own["two"]).statistic
    assert found.loc["two", "correlation"] == pytest.approx(expected)
    assert found.loc["one", "correlation"] == pytest.approx(1)


def test_third_reader_hands_patients_and_the_seed_on():
    patient = np.array([f"p{i // 2}" for i in range(12)])
    y = np.array([0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1])
    FirstColumn.seen.clear()
    table = pd.DataFrame({"p": SCORE})
    settings = {"cv": 2, "groups": patient}
    first = third_reader(make_pipeline(FirstReader()), {"one": table}, y, **settings)
    assert [n for n, _ in FirstColumn.seen][0] == 12 and len(FirstColumn.seen) == 3
    assert all(set(groups) <= set(patient) for _, groups in FirstColumn.seen)
    again = third_reader(
        make_pipeline(FirstReader()), {"one": table}, y, random_state=0, **settings
    )
    pd.testing.assert_frame_equal(first, again)
    plain = third_reader(make_pipeline(FirstReader()), {"one": table}, y, cv=2)
    assert plain["n_selected"].tolist() == [0]
    with pytest.raises(ValueError, match="groups"):
        third_reader(
            make_pipeline(FirstReader()), {"one": table}, y, groups=patient[1:]
        )
    with pytest.raises(ValueError, match=r"\[11, 12\] rows"):
        third_reader(make_pipeline(FirstReader()), {"one": table, "two": table[1:]}, y)


# Batches --------------------------------------------------------------------------


def test_the_batch_alone_predicts_with_its_share_of_the_class():
    batch = np.repeat(["A", "B"], 6)
    y = np.array([0, 0, 1, 0, 0, 1, 1, 1, 0, 1, 1, 0])
    folds = [(np.r_[0:3, 6:9], np.r_[3:6, 9:12]), (np.r_[3:6, 9:12], np.r_[0:3, 6:9])]
    found = batch_predicts_class(y, batch, cv=folds, n_permutations=9, random_state=0)
    assert found.auc == pytest.approx(mean_auc(y, (batch == "B") + 0.0, folds))
    assert len(found.null) == 9 and found.unit == "samples"
    patient = np.arange(12) // 3
    with pytest.raises(ValueError, match="patients stand on both sides"):
        batch_predicts_class(
            y, batch, cv=[(np.arange(4), np.arange(4, 12))], groups=patient
        )


def test_a_batch_that_no_training_row_has_predicts_the_middle():
    batch = np.array([*"AAAABBBB", *"CCCC"])
    found = batch_predicts_class(
        Y, batch, cv=FOLDS[2:], n_permutations=9, random_state=0
    )
    assert found.auc == 0.5


def test_two_batches_are_needed_and_one_name_for_each_sample():
    assert batch_predicts_class(Y, list("AB" * 6), cv=FOLDS, n_permutations=1).auc >= 0
    with pytest.raises(NotEstimable, match="of one batch"):
        batch_predicts_class(Y, ["A"] * 12)
    with pytest.raises(
        ValueError, match=r"12 samples of y, got an array of shape \(11,"
    ):
        batch_predicts_class(Y, ["A"] * 11)
    with pytest.raises(ValueError, match=r"shape \(12, 1\)"):
        batch_predicts_class(Y[:, None], np.array([["A"]] * 12))
    with pytest.raises(ValueError, match="batch has 1 missing values"):
        batch_predicts_class(Y, [*"ABABABABABA", None])
