"""Calibration, its tests and the benefit of a decision."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin

from sklearn_orn.exceptions import NotEstimable, StudyWarning
from sklearn_orn.metrics import (
    calibration_statistics,
    compare_net_benefit,
    decision_curve,
    flexible_calibration_curve,
    get_scorer,
    get_scorer_names,
    hosmer_lemeshow,
    net_benefit,
    recalibration,
    roc_auc_ci,
    subgroup_table,
)
from sklearn_orn.testing.strategies import probabilities
from tests._examples import examples
from tests.metrics._drawn import predictions

thresholds = st.integers(0, 63).map(lambda k: k / 64)
uncertain = predictions(certain=False)


def goodness_of_fit(y, proba, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)  # tied groups are fewer
        return hosmer_lemeshow(y, proba, **settings)


def shuffled(case, data):
    order = data.draw(st.permutations(range(len(case.y))))
    return type(case)(*(column[order] for column in case))


@given(uncertain)
@examples(80)
def test_recalibrated_probabilities_need_no_recalibration(case):
    """The line is of maximum likelihood: a second one on it is the diagonal."""
    fit = recalibration(case.y, case.proba)
    assume(np.isfinite(fit.slope) and 1e-3 < abs(fit.slope) < 1e3)
    line = fit.intercept + fit.slope * logit(case.proba)
    assume(np.abs(line).max() < 20)  # nearer to 1 a probability keeps few digits
    again = recalibration(case.y, expit(line))
    assert again.intercept == pytest.approx(0, abs=1e-5)
    assert again.slope == pytest.approx(1, rel=1e-5)


@given(uncertain, st.integers(-3, 3), st.sampled_from([0.5, 2.0, 3.0]))
@examples(80)
def test_a_line_on_the_logits_is_undone_by_its_inverse(case, more, factor):
    """The model is linear in the logit: intercept and slope follow any line."""
    first = recalibration(case.y, case.proba)
    moved = recalibration(case.y, expit(more + factor * logit(case.proba)))
    assert np.isnan(first.slope) == np.isnan(moved.slope)
    assume(np.isfinite(first.slope) and abs(first.slope) < 1e3)
    assert moved.slope * factor == pytest.approx(first.slope, rel=1e-5, abs=1e-6)
    assert moved.intercept + moved.slope * more == pytest.approx(
        first.intercept, rel=1e-5, abs=1e-5
    )


@given(uncertain, st.booleans())
@examples(80)
def test_the_other_class_turns_the_intercept_and_keeps_the_slope(case, grouped):
    """logit(1 - p) is -logit(p), and so is the outcome's."""
    groups = case.patients if grouped else None
    first = recalibration(case.y, case.proba, groups=groups)
    other = recalibration(1 - case.y, 1 - case.proba, groups=groups)
    assume(np.isfinite(first.slope) and abs(first.slope) < 1e3)
    # Patients may leave no variance; rounding then decides whether there are limits.
    assume(np.all(np.diag(first.covariance) > 1e-12))
    assert other.intercept == pytest.approx(-first.intercept, rel=1e-5, abs=1e-6)
    assert other.slope == pytest.approx(first.slope, rel=1e-5, abs=1e-6)
    assert first.slope_lower <= first.slope <= first.slope_upper
    assert first.intercept_lower <= first.intercept <= first.intercept_upper
    for name in ("slope_lower", "slope_upper"):
        expected = getattr(first, name)
        assert getattr(other, name) == pytest.approx(expected, rel=1e-4, abs=1e-4)


@given(predictions())
@examples(80)
def test_statistics_of_accuracy_hang_together(case):
    """Brier is a mean square, c a share of pairs, and Dxy, Q are made of others."""
    found = calibration_statistics(case.y, case.proba)
    assert found.brier == pytest.approx(np.mean((case.proba - case.y) ** 2))
    assert 0 <= found.brier <= 1 and found.brier_scaled <= 1 + 1e-12
    assert found.c == pytest.approx(roc_auc_ci(case.y, case.proba).auc)
    assert found.dxy == pytest.approx(2 * found.c - 1)
    assert 0 <= found.eavg and max(found.eavg, found.e90) <= found.emax + 1e-12
    expected = found.discrimination - found.unreliability
    assert found.quality == pytest.approx(expected, nan_ok=True)
    assert not found.r2 > 1 + 1e-12
    for p_value in (found.unreliability_p, found.spiegelhalter_p):
        assert np.isnan(p_value) or 0 <= p_value <= 1


@given(uncertain)
@examples(60)
def test_the_other_class_keeps_what_has_no_side(case):
    """Squares, pairs and likelihoods do not know which class is called positive."""
    first = calibration_statistics(case.y, case.proba)
    other = calibration_statistics(1 - case.y, 1 - case.proba)
    for name in (
        "brier",
        "brier_scaled",
        "c",
        "r2",
        "discrimination",
        "spiegelhalter_z",
        "slope",
    ):
        a, b = getattr(first, name), getattr(other, name)
        assert b == pytest.approx(a, rel=1e-4, abs=1e-6, nan_ok=True), name


@given(uncertain)
@examples(60)
def test_the_best_line_is_at_least_as_likely(case):
    """Maximum likelihood over all lines: the chi-square of U is not negative."""
    found = calibration_statistics(case.y, case.proba)
    assert not found.unreliability_chi2 < -1e-9


@given(predictions(), st.data())
@examples(60)
def test_the_order_of_samples_does_not_matter(case, data):
    """A table has no order; ties are told apart by nothing."""
    moved = shuffled(case, data)
    a = calibration_statistics(case.y, case.proba)
    b = calibration_statistics(moved.y, moved.proba)
    for name in ("brier", "c", "intercept", "slope", "r2", "unreliability"):
        first, second = getattr(a, name), getattr(b, name)
        assert second == pytest.approx(first, rel=1e-6, abs=1e-9, nan_ok=True), name
    one, two = goodness_of_fit(case.y, case.proba), goodness_of_fit(*moved[:2])
    assert two.statistic == pytest.approx(one.statistic) and two.df == one.df


@given(predictions())
@examples(60)
def test_the_curve_runs_over_all_predictions_in_order(case):
    """One observed value for each prediction, the same for the same prediction."""
    curve = flexible_calibration_curve(case.y, case.proba)
    np.testing.assert_array_equal(curve.predicted, np.sort(case.proba))
    assert np.isfinite(curve.observed).all()
    ties = np.flatnonzero(np.diff(curve.predicted) == 0)
    np.testing.assert_allclose(curve.observed[ties], curve.observed[ties + 1])


@given(predictions(), st.integers(3, 10))
@examples(60)
def test_a_risk_group_holds_what_lies_up_to_its_upper_limit(case, n_groups):
    """Groups are closed on the right, as R cuts them, the first on both sides."""
    table = goodness_of_fit(case.y, case.proba, n_groups=n_groups).table
    for i, group in enumerate(table.itertuples()):
        inside = case.proba <= group.upper
        inside &= (case.proba > group.lower) | (i == 0)
        assert inside.sum() == group.n
        assert case.y[inside].sum() == group.observed


@given(predictions(), st.integers(3, 10))
@examples(60)
def test_perfect_groups_have_no_goodness_of_fit_statistic(case, n_groups):
    """The sum of squares of observed minus expected is 0 where they are equal."""
    group = pd.Series(case.y).groupby(case.proba)
    certain = group.transform("mean").to_numpy()
    # Samples of one probability stand in one group, which then expects what it has.
    found = goodness_of_fit(case.y, certain, n_groups=n_groups)
    table = found.table
    np.testing.assert_allclose(table["observed"], table["expected"], atol=1e-9)
    assert found.statistic == pytest.approx(0, abs=1e-9)


@given(predictions(), thresholds)
@examples(80)
def test_net_benefit_is_bounded_by_the_prevalence(case, threshold):
    """At best all positives and no other; at worst all the others at their price."""
    share = case.y.mean()
    found = net_benefit(case.y, case.proba, threshold=threshold)
    odds = threshold / (1 - threshold)
    assert -(1 - share) * odds - 1e-12 <= found <= share + 1e-12
    everyone = net_benefit(case.y, np.ones(len(case.y)), threshold=threshold)
    assert everyone == pytest.approx(share - (1 - share) * odds)
    assert net_benefit(case.y, np.zeros(len(case.y)), threshold=0.5) == 0
    assert net_benefit(case.y, case.y, threshold=threshold) == (
        pytest.approx(share) if threshold else pytest.approx(everyone)
    )


@given(predictions(), thresholds)
@examples(60)
def test_only_who_is_called_positive_counts(case, threshold):
    """A decision is yes or no: how sure it was is another question."""
    called = (case.proba >= threshold).astype(float)
    assume(threshold > 0)
    expected = net_benefit(case.y, case.proba, threshold=threshold)
    assert net_benefit(case.y, called, threshold=threshold) == pytest.approx(expected)


@given(predictions(), st.lists(thresholds, min_size=1, max_size=5))
@examples(60)
def test_the_decision_curve_is_net_benefit_point_by_point(case, at):
    """The curve is a table of the function; its columns are made of each other."""
    curve = decision_curve(case.y, case.proba, thresholds=at)
    share = case.y.mean()
    for row in curve.itertuples():
        t = row.threshold
        model = net_benefit(case.y, case.proba, threshold=t)
        assert row.model == pytest.approx(model)
        assert row.standardized == pytest.approx(model / share)
        assert row.treat_none == 0
        if t > 0:
            avoided = (row.model - row.treat_all) * (1 - t) / t
            assert row.interventions_avoided == pytest.approx(avoided, abs=1e-9)
        else:
            assert row.model == row.treat_all == pytest.approx(share)
            assert row.interventions_avoided == pytest.approx(0, abs=1e-12)


@given(predictions(), thresholds, st.integers(1, 5))
@examples(60)
def test_the_prevalence_of_the_sample_and_equal_weights_change_nothing(case, t, weight):
    """Both are the numbers that are used where none are given."""
    expected = net_benefit(case.y, case.proba, threshold=t)
    same = net_benefit(case.y, case.proba, threshold=t, prevalence=case.y.mean())
    assert same == pytest.approx(expected, abs=1e-12)
    weights = np.full(len(case.y), weight / 3)
    weighted = net_benefit(case.y, case.proba, threshold=t, sample_weight=weights)
    assert weighted == pytest.approx(expected, abs=1e-12)


@given(predictions(), st.data(), st.integers(0, 99))
@examples(20)
def test_a_comparison_of_benefit_is_antisymmetric(case, data, seed):
    """Both models are judged on the same resamples."""
    other = data.draw(probabilities(len(case.y)))
    settings = {
        "thresholds": [0.0, 0.25, 0.5],
        "groups": case.patients,
        "n_resamples": 20,
        "random_state": seed,
    }
    there = compare_net_benefit(case.y, case.proba, other, **settings)
    back = compare_net_benefit(case.y, other, case.proba, **settings)
    for name, mirror in (
        ("difference", "difference"),
        ("lower", "upper"),
        ("upper", "lower"),
    ):
        np.testing.assert_allclose(there[name], -back[mirror], atol=1e-12)
    assert (there["lower"] <= there["upper"] + 1e-12).all()
    assert there["difference"][0] == 0  # a threshold of 0 treats all


@given(predictions(), st.data())
@examples(40)
def test_subgroups_are_the_table_cut_in_parts(case, data):
    """Each row is what the functions give for its samples, and they sum to all."""
    n = len(case.y)
    by = np.array(data.draw(st.lists(st.sampled_from("abc"), min_size=n, max_size=n)))
    table = subgroup_table(case.y, case.proba, by, groups=case.patients)
    assert table["n"].sum() == n and table["positive"].sum() == case.y.sum()
    assert list(table.index) == sorted(set(by))
    for level, row in table.iterrows():
        part = by == level
        assert row["observed"] == pytest.approx(case.y[part].mean())
        assert row["expected"] == pytest.approx(case.proba[part].mean())
        gap = row["observed"] - row["expected"]
        assert row["difference"] == pytest.approx(gap, abs=1e-12)
        if 0 < case.y[part].sum() < part.sum():
            auc = roc_auc_ci(case.y[part], case.proba[part], groups=case.patients[part])
            assert tuple(row[["auc", "auc_lower", "auc_upper"]]) == pytest.approx(
                auc[:3], nan_ok=True
            )
        else:
            assert np.isnan(row["auc"])


class Told(ClassifierMixin, BaseEstimator):
    """A classifier whose only feature is its probability."""

    classes_ = np.array([0, 1])

    def fit(self, X, y):
        return self

    def predict_proba(self, X):
        return np.column_stack([1 - X[:, 0], X[:, 0]])

    def __sklearn_is_fitted__(self):
        return True


def direct(name, case):
    y, proba = case.y, case.proba
    if name == "net_benefit":
        return net_benefit(y, proba, threshold=0.25)
    if name == "neg_brier_score":
        return -np.mean((proba - y) ** 2)
    if name == "hosmer_lemeshow_p":
        return goodness_of_fit(y, proba, fitted=False).p_value
    statistics = calibration_statistics(y, proba)
    if name == "neg_calibration_slope_error":
        return -abs(statistics.slope - 1)
    return -abs(statistics.calibration_in_the_large)


@given(uncertain)
@examples(40)
def test_a_scorer_gives_what_the_function_gives(case):
    """It asks for the probability of the positive class, and turns the sign."""
    for name in get_scorer_names():
        more = {"threshold": 0.25} if name == "net_benefit" else {}
        scorer = get_scorer(name, **more)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", StudyWarning)
            try:
                value = scorer(Told(), case.proba[:, None], case.y)
            except NotEstimable:
                continue
        assert value == pytest.approx(direct(name, case), abs=1e-12, nan_ok=True)
