"""What a bootstrap says of a pipeline: numbers worked out by hand, and borders."""

from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score

from sklearn_orn.exceptions import NotEstimable, StudyWarning
from sklearn_orn.metrics import net_benefit
from sklearn_orn.metrics.shared import lowess
from sklearn_orn.resampling import instability, nogueira_index, optimism, stability
from sklearn_orn.resampling._indexes import (
    INDEXES,
    calibration_at,
    gini_mean_difference,
    largest_miscalibration,
    validation_indexes,
)
from sklearn_orn.resampling._optimism import _grid
from sklearn_orn.resampling._out_of_bag_632 import (
    out_of_bag_pairs,
    out_of_bag_values,
    plus_632,
    without_information,
)
from sklearn_orn.resampling._refits import Refit, Refits
from sklearn_orn.resampling.shared import optimism_of, stability_of

Y = np.array([0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 0, 1])
PROBA = np.array([0.1, 0.3, 0.2, 0.6, 0.4, 0.9, 0.35, 0.8, 0.7, 0.15, 0.5, 0.55])


def all_pairs(values):
    return np.mean([abs(a - b) for a, b in combinations(values, 2)])


# Indexes --------------------------------------------------------------------------


def test_ginis_mean_difference_by_hand():
    assert gini_mean_difference(np.array([4.0, 1.0, 2.0])) == pytest.approx(2.0)
    assert gini_mean_difference(np.array([-3.0, 4.0])) == 7.0
    assert gini_mean_difference(np.full(5, np.log(0.25))) == 0


def test_indexes_by_a_fitted_line_and_their_definitions():
    line = LogisticRegression(C=1e12, tol=1e-12, max_iter=1000)
    line.fit(logit(PROBA)[:, None], Y)
    score = line.decision_function(logit(PROBA)[:, None])
    n, total = len(Y), {"normalize": False}
    null = 2 * log_loss(Y, np.full(n, Y.mean()), **total)
    own = 2 * log_loss(Y, PROBA, **total)
    fitted = 2 * log_loss(Y, expit(score), **total)
    auc = roc_auc_score(Y, PROBA)
    expected = {
        "auc": auc,
        "dxy": 2 * auc - 1,
        "r2": (1 - np.exp((fitted - null) / n)) / (1 - np.exp(-null / n)),
        "brier": np.mean((Y - PROBA) ** 2),
        "intercept": line.intercept_[0],
        "slope": line.coef_[0, 0],
        "d": (null - fitted - 1) / n,
        "u": (own - fitted - 2) / n,
        "q": (null - own + 1) / n,
        "g": all_pairs(score),
        "gp": all_pairs(expit(score)),
    }
    found = validation_indexes(Y == 1, PROBA)
    assert found == pytest.approx(expected, abs=1e-6)
    assert {*found, "emax"} == set(INDEXES)


def test_equal_probabilities_explain_nothing():
    found = validation_indexes(Y[:-1] == 1, np.full(11, 0.3))
    assert found["auc"] == 0.5 and found["dxy"] == 0
    assert found["r2"] == pytest.approx(0) and found["d"] == pytest.approx(-1 / 11)
    assert found["g"] == 0 and found["gp"] == 0
    assert np.isnan(found["slope"]) and np.isnan(found["u"])


def test_indexes_of_a_line_that_does_not_exist_are_missing():
    separated = validation_indexes(Y == 1, np.where(Y == 1, 0.6, 0.4))
    assert separated["auc"] == 1 and separated["brier"] == pytest.approx(0.16)
    for name in ("intercept", "slope", "r2", "d", "u", "q", "g", "gp"):
        assert np.isnan(separated[name]), name


def test_the_largest_miscalibration_by_hand():
    # An intercept of a moves the odds by e^a, and p at most by tanh(a / 4).
    assert largest_miscalibration(2.0, 1.0) == pytest.approx(np.tanh(0.5), abs=1e-6)
    assert largest_miscalibration(-1.0, 1.0) == pytest.approx(np.tanh(0.25), abs=1e-6)
    # A slope of 0 gives all the same, which is farthest from the first or last p.
    for same in (-8.0, 0.0, 8.0):
        expected = pytest.approx(expit(abs(same)) - 1 / 2000, abs=1e-12)
        assert largest_miscalibration(same, 0.0) == expected
    assert largest_miscalibration(0.0, 1.0) == pytest.approx(0, abs=1e-12)
    assert np.isnan(largest_miscalibration(np.nan, 1.0))
    assert np.isnan(largest_miscalibration(0.0, np.nan))


def test_a_calibration_curve_ends_with_the_data():
    x, observed = lowess(PROBA, Y.astype(float))
    inside, other = calibration_at(
        Y == 1, PROBA, np.array([0.1, 0.125, 0.9]), np.array([0.0999, 0.9001])
    )
    expected = [observed[0], (observed[0] + observed[1]) / 2, observed[-1]]
    np.testing.assert_allclose(inside, expected)
    assert x[1] == 0.15 and np.isnan(other).all()


# Out of bag and .632+ -------------------------------------------------------------


def test_out_of_bag_are_the_patients_not_drawn_with_both_classes():
    positive = np.array([1, 0, 1, 0, 1], dtype=bool)
    patient = np.array([0, 0, 1, 2, 2])
    # Patient 0 is drawn by one of its rows; the rest of the second has one class.
    resamples = [np.array([1, 2]), np.array([0, 3, 4]), np.array([2]), np.arange(5)]
    proba = np.arange(20).reshape(4, 5) / 20
    (first, risk), (third, other) = out_of_bag_pairs(
        positive, patient, resamples, proba
    )
    assert first.tolist() == [False, True] and risk.tolist() == [0.15, 0.2]
    assert third.tolist() == [True, False, False, True]
    assert other.tolist() == [0.5, 0.55, 0.65, 0.7]


def test_a_rest_of_one_class_has_no_auc_whichever_it_is():
    positive, unit = np.array([True, True, False, False]), np.arange(4)
    resamples = [np.array([0, 1]), np.array([2, 3]), np.array([0, 2])]
    pairs = out_of_bag_pairs(positive, unit, resamples, np.full((3, 4), 0.5))
    assert len(pairs) == 1


def test_out_of_bag_values_are_means_or_of_all_together():
    pairs = [
        (Y[:4] == 1, PROBA[:4]),
        (Y[4:] == 1, PROBA[4:]),
        (Y[2:9] == 1, PROBA[2:9]),
    ]

    def positives(y, p):
        assert y.dtype.kind == "i"
        return y.sum() + p.max()

    found = out_of_bag_values(pairs, {"positives": positives})
    auc = np.mean([roc_auc_score(*pair) for pair in pairs])
    assert found["auc"] == pytest.approx(auc)
    assert found["dxy"] == pytest.approx(2 * auc - 1)
    assert found["positives"] == pytest.approx((1.6 + 5.9 + 4.9) / 3)
    columns = zip(*pairs, strict=True)
    together = validation_indexes(*(np.concatenate(column) for column in columns))
    assert found["slope"] == together["slope"] and found["brier"] == together["brier"]
    assert out_of_bag_values([], {"positives": positives}) == {}


def test_without_information_outcome_and_probability_are_any_pair():
    found = without_information(
        np.array([True, False, False, False]), np.array([0.5, 0.1, 0.2, 0.2])
    )
    ones, zeros = (0.25 + 0.81 + 0.64 + 0.64) / 4, (0.25 + 0.01 + 0.04 + 0.04) / 4
    assert found["brier"] == pytest.approx(ones / 4 + 3 * zeros / 4)
    nothing = {"auc": 0.5, "dxy": 0, "r2": 0, "slope": 0}
    assert {name: found[name] for name in nothing} == nothing


def test_632_plus_by_hand():
    apparent = {"auc": 0.9, "dxy": 0.8, "r2": 0.6, "brier": 0.1, "slope": 1.0}
    rest = {"auc": 0.8, "dxy": 0.6, "r2": np.nan, "brier": 0.3, "slope": 0.5}
    apparent["intercept"], rest["intercept"] = 0.2, -0.4
    nothing = {"auc": 0.5, "dxy": 0.0, "r2": 0.0, "brier": 0.25, "slope": 0.0}
    found = plus_632(apparent, rest, nothing)
    quarter, half = 0.632 / (1 - 0.368 / 4), 0.632 / (1 - 0.368 / 2)
    assert found == pytest.approx(
        {
            "auc": 0.9 - 0.1 * quarter,
            "dxy": 0.8 - 0.2 * quarter,
            "brier": 0.3,
            "slope": 1 - 0.5 * half,
            "intercept": 0.2 - 0.6 * half,
        }
    )


def test_632_plus_without_overfitting_and_without_room():
    nothing = dict.fromkeys(("auc", "dxy", "r2", "brier", "slope"), 0.5)
    better = plus_632({"auc": 0.7}, {"auc": 0.8}, nothing)
    assert better == {"auc": pytest.approx(0.368 * 0.7 + 0.632 * 0.8)}
    assert plus_632({"auc": 0.5}, {"auc": 0.6}, nothing) == {"auc": 0.6}
    assert plus_632({"auc": 0.7}, {}, nothing) == {}


# Optimism -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "first", "last"), [(3, 1, 1), (4, 1, 2), (9, 4, 4), (10, 4, 5), (12, 4, 7)]
)
def test_the_grid_runs_from_the_fifth_lowest_to_the_fifth_highest(n, first, last):
    found = _grid(np.random.default_rng(0).permutation(np.arange(n) / 20))
    assert len(found) == 50
    np.testing.assert_allclose(found[[0, -1]], [first / 20, last / 20])


ROWS = [
    np.array([0, 1, 2, 3, 4, 5, 4, 5, 2, 3, 0, 1]),
    np.array([6, 7, 8, 9, 10, 11, 8, 9, 0, 1, 0, 1]),
    np.array([2, 3, 4, 5, 8, 9, 10, 11, 6, 7, 6, 7]),
]
REFITTED = np.array(
    [
        PROBA[::-1] * 0.5 + PROBA * 0.5,
        np.clip(PROBA + 0.05 * np.cos(np.arange(12)), 0.02, 0.98),
        np.clip(PROBA * np.linspace(0.5, 1.1, 12), 0.02, 0.98),
    ]
)


def by_hand(codes, *, threshold=0.45, warned=("weak", "few")):
    """Refits of twelve lesions, of which each gives its own probabilities."""
    whole = SimpleNamespace(threshold_=threshold)
    each = [
        Refit(rows, {}, proba, set(warned[:i]))
        for i, (rows, proba) in enumerate(zip(ROWS, REFITTED, strict=True))
    ]
    labels = np.array(["met", "orn"])[Y]
    return Refits(labels, codes, whole, PROBA, [*each, "The rest: it failed"])


@pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")
@pytest.mark.parametrize("by_patient", [True, False])
def test_what_optimism_is_made_of(by_patient):
    patient = np.arange(12) // 2
    found = optimism_of(
        by_hand(patient if by_patient else None),
        metrics={"auc": roc_auc_score, "high": lambda y, p: (y * p).sum()},
        n_jobs=None,
    )
    assert found.unit == ("patients" if by_patient else "samples")
    assert (found.n_resamples, found.n_out_of_bag) == (3, 3)
    assert found.failures == {"The rest: it failed": 1}
    assert found.warnings == {"weak": 2, "few": 1}
    np.testing.assert_array_equal(found.predictions, REFITTED)
    table = found.indexes
    assert list(table.index) == ["auc", "high"]
    training = [roc_auc_score(Y[r], p[r]) for r, p in zip(ROWS, REFITTED, strict=True)]
    test = [roc_auc_score(Y, p) for p in REFITTED]
    rest = [~np.isin(np.arange(12), r) for r in ROWS]
    left = [roc_auc_score(Y[r], p[r]) for r, p in zip(rest, REFITTED, strict=True)]
    own, bias = roc_auc_score(Y, PROBA), np.mean(training) - np.mean(test)
    columns = ["apparent", "training", "test", "corrected", "out_of_bag", "n"]
    assert table.loc["auc", columns].tolist() == pytest.approx(
        [own, np.mean(training), np.mean(test), own - bias, np.mean(left), 3]
    )
    assert table.loc["high", "apparent"] == pytest.approx(PROBA[Y == 1].sum())
    assert table.loc["high", "training"] == pytest.approx(
        np.mean([p[r] @ Y[r] for r, p in zip(ROWS, REFITTED, strict=True)])
    )
    assert np.isnan(table.loc["high", "plus_632"])
    assert table.loc["auc", "plus_632"] < own


@pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")
def test_the_curves_of_optimism_are_those_of_its_predictions():
    refits = by_hand(np.arange(12) // 2)
    found = optimism_of(refits, metrics=None, n_jobs=None)
    assert list(found.indexes.index) == list(INDEXES)
    assert found.instability.threshold == 0.45
    at = _grid(PROBA)
    curve = found.calibration
    np.testing.assert_array_equal(curve["predicted"], at)
    positive = Y == 1
    np.testing.assert_allclose(
        curve["apparent"], calibration_at(positive, PROBA, at)[0]
    )
    rest = [~np.isin(np.arange(12), r) for r in ROWS]
    left = [(positive[r], p[r]) for r, p in zip(rest, REFITTED, strict=True)]
    together = [np.concatenate(v) for v in zip(*left, strict=True)]
    np.testing.assert_allclose(curve["out_of_bag"], calibration_at(*together, at)[0])
    again = instability(Y, PROBA, REFITTED, threshold=0.45)
    pd.testing.assert_frame_equal(again.samples, found.instability.samples)
    pd.testing.assert_frame_equal(again.calibration, found.instability.calibration)
    given = optimism_of(refits, metrics=None, threshold=0.2, n_jobs=None)
    assert given.instability.threshold == 0.2
    unlearnt = by_hand(None)
    del unlearnt.whole.threshold_
    half = optimism_of(unlearnt, metrics="auc", n_jobs=None)
    assert half.instability.threshold == 0.5 and list(half.indexes.index) == ["auc"]


def test_where_all_were_drawn_there_is_no_out_of_bag():
    everybody = [Refit(np.arange(12), {}, proba, set()) for proba in REFITTED]
    refits = Refits(Y, None, None, PROBA, everybody)
    found = optimism_of(refits, metrics=None, n_jobs=None)
    assert found.n_out_of_bag == 0 and found.failures == {}
    assert found.indexes[["out_of_bag", "plus_632"]].isna().all(axis=None)
    assert found.calibration["out_of_bag"].isna().all()
    assert found.indexes.loc["auc", "optimism"] == 0


class Noted(LogisticRegression):
    """A classifier that notes the patients of the rows that train it."""

    __metadata_request__fit = {"groups": True}
    seen: list = []

    def fit(self, X, y, groups=None):
        self.seen.append(groups)
        return super().fit(X, y)


def test_optimism_hands_its_settings_on(capfd):
    X = np.random.default_rng(0).normal(size=(12, 2))
    settings = {"metrics": ["brier"], "n_resamples": 4, "random_state": 3}
    patient = np.arange(12) // 2
    quiet = optimism(Noted(), X, Y, groups=patient, **settings)
    assert quiet.unit == "patients" and quiet.n_resamples == 4
    assert capfd.readouterr() == ("", "")
    told = optimism(Noted(), X, Y, groups=patient, threshold=0.9, verbose=1, **settings)
    assert "bootstrap" in capfd.readouterr().err
    assert told.instability.threshold == 0.9
    pd.testing.assert_frame_equal(told.indexes, quiet.indexes)
    for threshold in (0, 1.5):
        with pytest.raises(ValueError, match="threshold must lie between 0 and 1"):
            optimism(Noted(), X, Y, threshold=threshold, **settings)
    with pytest.raises(ValueError, match="metrics names auroc"):
        optimism(None, X, Y, metrics=["auc", "auroc"])


def test_the_copies_of_a_patient_or_sample_have_one_number():
    X = np.random.default_rng(0).normal(size=(12, 2))
    patient = np.arange(12) // 2
    for groups, of_refit in ((patient, patient), (None, np.arange(12))):
        Noted.seen.clear()
        optimism(Noted(), X, Y, groups=groups, metrics=["auc"], n_resamples=ROWS)
        for seen, rows in zip(Noted.seen[1:], ROWS, strict=True):
            np.testing.assert_array_equal(seen, of_refit[rows])


# Instability ----------------------------------------------------------------------


def test_instability_by_hand():
    refits = [[0.5, 0.4, 0.9], [0.2, 0.6, 0.5], [0.3, 0.4, 0.7], [0.1, 0.8, 1.0]]
    found = instability([0, 1, 1], [0.2, 0.6, 0.9], refits)
    samples = found.samples
    assert samples["probability"].tolist() == [0.2, 0.6, 0.9]
    np.testing.assert_allclose(samples["mape"], [0.5 / 4, 0.6 / 4, 0.7 / 4])
    assert samples["changed"].tolist() == [0.25, 0.5, 0]
    assert found.mape == pytest.approx(0.15) and found.changed == pytest.approx(0.25)
    # Of four ordered values the quantile q lies at 3 q.
    np.testing.assert_allclose(samples["lower"], [0.1075, 0.4, 0.515])
    np.testing.assert_allclose(samples["upper"], [0.485, 0.785, 0.9925])
    assert (found.threshold, found.n_resamples) == (0.5, 4)


def test_who_reaches_the_threshold_is_positive():
    at = instability([0, 1], [0.3, 0.6], [[0.6, 0.3]], threshold=0.3)
    assert at.samples["changed"].tolist() == [0, 0]
    above = instability([0, 1], [0.3, 0.6], [[0.6, 0.3]], threshold=0.31)
    assert above.samples["changed"].tolist() == [1, 1]
    assert above.threshold == 0.31
    of_model = instability([0, 1], [0.3, 0.6], [[0.2, 0.6]], threshold=0.3)
    assert of_model.samples["changed"].tolist() == [1, 0]


def test_each_refit_has_its_calibration_and_net_benefit():
    found = instability(Y, PROBA, REFITTED)
    curves = found.calibration
    assert list(curves) == ["predicted", "observed", 0, 1, 2]
    grid = curves["predicted"].to_numpy()
    assert len(grid) == 50 and grid[0] == 0.01 and grid[-1] == 0.99
    for column, proba in zip(["observed", 0, 1, 2], [PROBA, *REFITTED], strict=True):
        expected = calibration_at(Y == 1, proba, grid)[0]
        np.testing.assert_array_equal(curves[column], expected)
    benefit = found.net_benefit.set_index("threshold")
    assert list(benefit) == ["model", "treat_all", 0, 1, 2]
    for column, proba in zip(["model", 0, 1, 2], [PROBA, *REFITTED], strict=True):
        expected = net_benefit(Y, proba, threshold=0.4)
        assert benefit.loc[0.4, column] == pytest.approx(expected)
    assert benefit.loc[0.4, "treat_all"] == pytest.approx(0.5 - 0.5 * 0.4 / 0.6)


@pytest.mark.parametrize("odd", [-0.01, 1.01, np.nan])
def test_predictions_of_refits_are_probabilities_of_these_samples(odd):
    assert instability([0, 1], [0.2, 0.8], [[0.0, 1.0]]).mape == pytest.approx(0.2)
    with pytest.raises(ValueError, match="probabilities between 0 and 1"):
        instability([0, 1], [0.2, 0.8], [[odd, 0.5]])
    for shape in ((0, 2), (1, 3), (2,), (1, 2, 1)):
        with pytest.raises(ValueError, match="resampled must have shape"):
            instability([0, 1], [0.2, 0.8], np.full(shape, 0.5))


def test_instability_takes_the_label_that_is_called_positive():
    proba = [0.2, 0.6, 0.9, 0.3]
    words = instability(["a", "b", "b", "a"], proba, [proba], pos_label="b")
    numbers = instability([0, 1, 1, 0], proba, [proba])
    pd.testing.assert_frame_equal(words.net_benefit, numbers.net_benefit)
    other = instability(["a", "b", "b", "a"], proba, [proba], pos_label="a")
    assert not other.net_benefit["model"].equals(words.net_benefit["model"])


# Stability ------------------------------------------------------------------------


def nogueira_in_loops(Z, confidence):
    """Nogueira, Sechidis, Brown 2018, theorem 7, written out."""
    n, d = len(Z), len(Z[0])
    share = [sum(row[f] for row in Z) / n for f in range(d)]
    size = [sum(row) for row in Z]
    k = sum(size) / n
    chance = k / d * (1 - k / d)
    spread = sum(n / (n - 1) * p * (1 - p) for p in share) / d
    value = 1 - spread / chance
    phi = []
    for row, own in zip(Z, size, strict=True):
        inner = sum(z * p for z, p in zip(row, share, strict=True)) / d
        rest = 2 * k * own / d**2 - own / d - k / d + 1
        phi.append((inner - own * k / d**2 + value / 2 * rest) / chance)
    middle = sum(phi) / n
    variance = 4 / n**2 * sum((p - middle) ** 2 for p in phi)
    half = norm.ppf(1 - (1 - confidence) / 2) * variance**0.5
    return value, value - half, value + half


DRAWN = [[1, 1, 0, 0, 0], [1, 0, 1, 0, 0], [1, 1, 1, 0, 0], [0, 1, 0, 0, 1]]


@pytest.mark.parametrize("confidence", [0.95, 0.6])
def test_the_interval_of_nogueiras_index_written_out(confidence):
    found = nogueira_index(DRAWN, confidence=confidence)
    expected = nogueira_in_loops(DRAWN, confidence)
    assert expected[2] < 1
    assert found == pytest.approx(expected)


def test_the_upper_limit_of_stability_is_one_at_most():
    nearly = [[1, 1, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 0, 0]]
    assert nogueira_in_loops(nearly, 0.99)[2] > 1
    assert nogueira_index(nearly, confidence=0.99)[2] == 1


@pytest.mark.parametrize("selected", [[[1, 0]], [[1, 1]] * 3, [[0, 0]] * 3])
def test_nothing_is_stable_where_nothing_can_vary(selected):
    assert np.isnan(nogueira_index(selected)).all()


def test_two_resamples_have_an_index():
    assert nogueira_index([[1, 0], [1, 0]]) == (1, 1, 1)


class Steps(SimpleNamespace):
    """A fitted pipeline of two steps, the second of which renames nothing."""

    steps = (
        ("first", SimpleNamespace(features_=list("abcd"), selected_features_=["a"])),
        ("second", SimpleNamespace(features_=list("abe"), selected_features_=["e"])),
    )
    named_steps = dict(steps)


def test_frequencies_and_indexes_by_step():
    passed = [
        {"first": ["a", "b"], "second": ["a"]},
        {"first": ["a", "e"], "second": ["e"]},
        {"first": ["a"], "second": ["a"]},
    ]
    each = [Refit(None, names, np.empty(0), set()) for names in passed]
    refits = Refits(Y, None, Steps(), np.empty(0), [*each, "one class", "one class"])
    with pytest.warns(StudyWarning, match=r"2 of 5 resamples .* one class \(2\)"):
        found = stability_of(refits)
    assert (found.n_resamples, found.failures) == (3, {"one class": 2})
    shares = found.frequencies
    assert shares.index.tolist() == [*"abcde"] and shares.index.name == "feature"
    np.testing.assert_allclose(shares["first"], [1, 1 / 3, 0, 0, 1 / 3])
    np.testing.assert_allclose(shares["second"], [2 / 3, 0, 0, 0, 1 / 3])
    assert found.index["mean_selected"].tolist() == [pytest.approx(5 / 3), 1]
    chosen = [[1, 1, 0, 0, 0], [1, 0, 0, 0, 1], [1, 0, 0, 0, 0]]
    expected = pytest.approx(nogueira_index(chosen))
    assert found.index.loc["first", ["stability", "lower", "upper"]].tolist() == (
        expected
    )


class Keeper(LogisticRegression):
    """A step that keeps all columns, and notes the patients that it was given."""

    __metadata_request__fit = {"groups": True}
    groups: list = []

    def fit(self, X, y, groups=None):
        self.groups.append(groups)
        self.selected_features_ = self.features_ = list(X.columns)
        return self


def test_stability_hands_patients_and_seed_on():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(12, 2)), columns=["a", "b"])
    patient = np.array([f"p{i // 2}" for i in range(12)])
    step = Keeper()
    Keeper.groups.clear()
    first = stability(step, X, Y, groups=patient, n_resamples=2, random_state=1)
    assert Keeper.groups[0].tolist() == patient.tolist() and len(Keeper.groups) == 3
    for drawn in Keeper.groups[1:]:
        assert (np.unique(drawn, return_counts=True)[1] % 2 == 0).all()
    again = stability(step, X, Y, groups=patient, n_resamples=2, random_state=1)
    np.testing.assert_array_equal(Keeper.groups[1], Keeper.groups[4])
    assert first.frequencies["keeper"].tolist() == [1, 1]
    assert again.n_resamples == 2
    with pytest.raises(ValueError, match="groups"):
        stability(step, X, Y, groups=patient[:5])


def test_one_resample_is_too_few():
    refits = Refits(Y, None, Steps(), np.empty(0), ["one class"])
    with pytest.raises(NotEstimable, match="0 of 1 resamples could be fitted"):
        stability_of(refits)
