"""Bad input is refused by name; degenerate input gives documented values."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import chi2
from sklearn.metrics import roc_auc_score

from sklearn_orn import metrics
from sklearn_orn.exceptions import StudyWarning
from tests._examples import examples


@st.composite
def predictions(draw):
    n = draw(st.integers(4, 40))
    y = draw(hnp.arrays(np.int64, n, elements=st.integers(0, 1)))
    y[:2] = [0, 1]
    grid = st.integers(1, 99).map(lambda k: k / 100)
    return y, draw(hnp.arrays(np.float64, n, elements=grid))


@given(predictions())
@examples(100)
def test_auc_is_that_of_scikit_learn_and_flips_with_the_labels(case):
    y, p = case
    result = metrics.roc_auc_ci(y, p)
    assert result.auc == pytest.approx(roc_auc_score(y, p), abs=1e-12)
    assert 0 <= result.lower <= result.auc <= result.upper <= 1 or np.isnan(result.se)
    flipped = metrics.roc_auc_ci(1 - y, -p)
    assert flipped.auc == pytest.approx(result.auc, abs=1e-12)
    np.testing.assert_allclose(flipped.se, result.se, atol=1e-12)


@given(predictions(), st.integers(0, 99))
@examples(100)
def test_net_benefit_is_its_definition_and_treat_all_at_zero(case, percent):
    y, p = case
    t = percent / 100
    called = p >= t
    true, false = (called & (y == 1)).sum(), (called & (y == 0)).sum()
    expected = true / len(y) - false / len(y) * t / (1 - t)
    assert metrics.net_benefit(y, p, threshold=t) == pytest.approx(expected, abs=1e-12)
    curve = metrics.decision_curve(y, p)
    assert curve["model"][0] == curve["treat_all"][0] == pytest.approx(y.mean())


@given(predictions(), st.integers(3, 12))
@examples(100)
def test_hosmer_lemeshow_groups_hold_every_sample_once(case, n_groups):
    y, p = case
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)
        result = metrics.hosmer_lemeshow(y, p, n_groups=n_groups)
        outer = metrics.hosmer_lemeshow(y, p, n_groups=n_groups, fitted=False)
    assert result.table["n"].sum() == len(y)
    assert result.table["observed"].sum() == y.sum()
    assert result.table["expected"].sum() == pytest.approx(p.sum())
    assert result.statistic == outer.statistic >= 0
    assert outer.df == len(outer.table) == result.df + 2
    assert (outer.table["n"] > 0).all()


def test_a_hosmer_lemeshow_group_without_samples_is_no_degree_of_freedom():
    # The seventh of ten quantiles, 0.65, lies between two values.
    p = np.repeat([0.2, 0.5, 0.8], [100, 60, 40])
    y = np.concatenate([np.arange(n) < k for n, k in ((100, 30), (60, 37), (40, 28))])
    with pytest.warns(StudyWarning, match="leave 3 of 10"):
        result = metrics.hosmer_lemeshow(y, p, fitted=False)
    assert result.df == len(result.table) == 3
    assert result.p_value == pytest.approx(chi2.sf(result.statistic, 3))
    assert result.p_value == pytest.approx(0.0073, abs=5e-5)
    assert (result.table["n"] > 0).all()
    np.testing.assert_array_equal(result.table["lower"][1:], result.table["upper"][:-1])


@given(predictions())
@examples(60)
def test_youden_threshold_is_best_among_all_scores(case):
    y, p = case

    def youden(t):
        return (p[y == 1] >= t).mean() - (p[y == 0] >= t).mean()

    best = max(youden(t) for t in [*np.unique(p), 2])
    assert youden(metrics.youden_threshold(y, p)) == pytest.approx(best, abs=1e-12)


@given(st.integers(0, 60), st.integers(1, 60))
def test_wilson_interval_holds_the_estimate(count, total):
    count = min(count, total)
    low = metrics.wilson_interval(count, total)
    assert 0 <= low.lower <= low.estimate <= low.upper <= 1
    high = metrics.wilson_interval(total - count, total)
    assert (1 - high.upper, 1 - high.lower) == pytest.approx((low.lower, low.upper))


@given(predictions())
@examples(60)
def test_calibration_curve_reproduces_a_line(case):
    _, p = case
    from sklearn_orn.metrics._calibration_statistics import lowess

    x, fitted = lowess(p, 0.2 + 0.5 * p)
    np.testing.assert_allclose(fitted, 0.2 + 0.5 * x, atol=1e-9)


def test_constant_probability():
    y = np.repeat([0, 1], [11, 9])
    curve = metrics.flexible_calibration_curve(y, np.full(20, 0.3))
    np.testing.assert_allclose(curve.observed, 9 / 20)
    stats = metrics.calibration_statistics(y, np.full(20, 0.3))
    assert stats.eavg == pytest.approx(0.15)
    assert stats.c == 0.5 and np.isnan(stats.slope)
    with pytest.warns(StudyWarning, match="leave 1 of 10"):
        result = metrics.hosmer_lemeshow(y, np.full(20, 0.45), fitted=False)
    assert result.df == 1 and result.statistic == pytest.approx(0)
    with pytest.warns(StudyWarning):
        assert np.isnan(metrics.hosmer_lemeshow(y, np.full(20, 0.3)).p_value)
    assert metrics.youden_threshold(y, np.full(20, 0.3)) == 0.3


def test_certain_predictions():
    y, p = [0, 0, 0, 1, 1, 1], np.array([0.0, 0.0, 0.1, 0.9, 1.0, 1.0])
    assert np.isfinite(metrics.hosmer_lemeshow(y, p, n_groups=4).statistic)
    wrong = metrics.hosmer_lemeshow([1, 0, 0, 1, 1, 1], p, n_groups=4)
    assert wrong.statistic == np.inf and wrong.p_value == 0
    assert np.isnan(metrics.calibration_statistics(y, p).slope)


def test_one_positive_has_no_interval():
    result = metrics.roc_auc_ci([0, 0, 1], [0.1, 0.2, 0.3])
    assert result.auc == 1 and np.isnan(result.se)


def test_text_labels_need_the_positive_one():
    y = ["ORN", "metastasis", "ORN"]
    with pytest.raises(ValueError, match="pass pos_label"):
        metrics.roc_auc_ci(y, [0.9, 0.1, 0.8])
    assert metrics.roc_auc_ci(y, [0.9, 0.1, 0.8], pos_label="ORN").auc == 1
    with pytest.raises(ValueError, match="pos_label='orn' is not in y_true"):
        metrics.roc_auc_ci(y, [0.9, 0.1, 0.8], pos_label="orn")
    table = metrics.diagnostic_performance(y, y, pos_label="ORN")
    assert table.loc["sensitivity", "count"] == 2


@pytest.mark.parametrize(
    ("y", "p", "message"),
    [
        ([0, 1], [0.2, 1.2], "between 0 and 1, found 1.2 at position 1"),
        (
            [0, 1],
            [0.2, np.nan],
            "1 missing or infinite values, the first at position 1",
        ),
        ([0, 1], [0.2], "y_true has 2 samples, y_proba has 1"),
        ([1, 1], [0.2, 0.3], "one class only"),
        ([0, 1], [[0.2, 0.8], [0.3, 0.7]], r"proba\[:, 1\]"),
        ([0, 1, 2], [0.1, 0.2, 0.3], "two classes, found 3"),
        ([0, np.nan], [0.1, 0.2], "y_true has missing"),
        ([], [], "y_true is empty"),
        ([[0, 1]], [0.1], "y_true must have one dimension"),
    ],
)
@pytest.mark.parametrize(
    "metric",
    [
        metrics.hosmer_lemeshow,
        metrics.flexible_calibration_curve,
        metrics.decision_curve,
    ],
)
def test_bad_input_is_named(metric, y, p, message):
    with pytest.raises(ValueError, match=message):
        metric(y, p)


@pytest.mark.parametrize("threshold", [-0.1, 1.0, np.nan, [0.1, 0.2]])
def test_bad_thresholds_are_named(threshold):
    with pytest.raises(ValueError, match="[Tt]hreshold"):
        metrics.net_benefit([0, 1], [0.1, 0.9], threshold=threshold)


def test_bad_settings_are_named():
    with pytest.raises(ValueError, match="n_groups must be an integer of at least 3"):
        metrics.hosmer_lemeshow([0, 1], [0.1, 0.9], n_groups=2)
    with pytest.raises(ValueError, match="confidence must lie between"):
        metrics.roc_auc_ci([0, 1], [0.1, 0.9], confidence=95)
    with pytest.raises(ValueError, match="count must lie between 0 and 5"):
        metrics.wilson_interval(6, 5)
    with pytest.raises(ValueError, match="labels that y_true does not"):
        metrics.diagnostic_performance([0, 1], [0, 2])
