"""Centres at their borders, and their summary by its formulas."""

import numpy as np
import pytest
from scipy.linalg import null_space
from scipy.optimize import minimize_scalar
from scipy.stats import multivariate_normal
from scipy.stats import t as student

from sklearn_orn.metrics import (
    calibration_statistics,
    decision_curve,
    performance_by_centre,
    random_effects,
    recalibration,
    roc_auc_ci,
)
from sklearn_orn.metrics._logistic_fit import fit_shift
from sklearn_orn.metrics._performance_by_centre import sorted_codes

ESTIMATES = np.array([0.9, 0.2, 1.4, 0.7])
ERRORS = np.array([0.2, 0.1, 0.3, 0.4])

RNG = np.random.default_rng(7)
P = RNG.uniform(0.05, 0.95, 160)
Y = (RNG.random(160) < P).astype(int)
CENTRE = np.repeat(["d", "a", "c", "b"], 40)
PATIENT = np.arange(160) // 2


# Random effects -------------------------------------------------------------------


@pytest.mark.parametrize("method", ["reml", "dl"])
def test_a_summary_by_its_formulas(method):
    found = random_effects(ESTIMATES, ERRORS, method=method, confidence=0.9)
    w = 1 / (ERRORS**2 + found.tau2)
    mean = np.average(ESTIMATES, weights=w)
    q = (w * (ESTIMATES - mean) ** 2).sum() / 3
    se = np.sqrt(max(1, q) / w.sum())
    assert (found.mean, found.se, found.n) == pytest.approx((mean, se, 4))
    half = student.ppf(0.95, 3) * se
    assert (found.lower, found.upper) == pytest.approx((mean - half, mean + half))
    reach = student.ppf(0.95, 2) * np.sqrt(found.tau2 + se**2)
    predicted = found.prediction_lower, found.prediction_upper
    assert predicted == pytest.approx((mean - reach, mean + reach))
    v = 1 / ERRORS**2
    typical = 3 * v.sum() / (v.sum() ** 2 - (v**2).sum())
    assert found.i2 == pytest.approx(found.tau2 / (found.tau2 + typical))


def test_the_moment_estimate_of_der_simonian_and_laird_by_hand():
    found = random_effects([0.0, 3.0, 6.0], [1.0, 1.0, 0.5], method="dl")
    # Weights 1, 1 and 4: mean 4.5, Q = 20.25 + 2.25 + 9, 6 - 18 / 6 below.
    assert found.tau2 == pytest.approx((31.5 - 2) / 3)
    assert random_effects([0.0, 0.1, 0.2], [1.0, 1.0, 0.5], method="dl").tau2 == 0


def restricted_likelihood(tau2, y, se):
    """Log density of the contrasts of the estimates."""
    contrasts = null_space(np.ones((1, len(y)))).T
    covariance = contrasts @ np.diag(se**2 + tau2) @ contrasts.T
    return multivariate_normal(cov=covariance).logpdf(contrasts @ y)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
@pytest.mark.parametrize("seed", range(8))
def test_no_other_variance_between_centres_is_likelier(seed, scale):
    rng = np.random.default_rng(seed)
    k = rng.integers(2, 7)
    y, se = scale * rng.normal(size=k), scale * rng.uniform(0.05, 1.2, k)
    tau2 = random_effects(y, se).tau2
    found = restricted_likelihood(tau2, y, se)
    grid = scale**2 * np.append(0, np.geomspace(1e-6, 50, 60))
    others = [restricted_likelihood(other, y, se) for other in grid]
    best = grid[np.argmax(others)]
    near = minimize_scalar(
        lambda x: -restricted_likelihood(x, y, se),
        bounds=(best / 2, 2 * best + 1e-6 * scale**2),
        method="bounded",
        options={"xatol": 1e-10 * scale**2},
    )
    assert found >= max(*others, -near.fun) - 1e-9
    if tau2 > 0:
        assert tau2 == pytest.approx(near.x, rel=1e-4)


@pytest.mark.parametrize(
    ("y", "se"),
    [
        # Precise estimates that agree, and rough ones that do not. One maximum near
        # 0.004 and a lower one; one at 0 and a higher one near 30.
        ([0.18, 0.08, -3.15, 0.75], [0.02, 0.04, 1.2, 2.7]),
        ([0.0, -0.01, -10.73], [0.02, 0.04, 2.8]),
    ],
)
def test_of_two_maxima_the_higher_one_is_taken(y, se):
    y, se = np.array(y), np.array(se)
    grid = np.append(0, np.geomspace(1e-5, 100, 150))
    values = [-np.inf] + [restricted_likelihood(tau2, y, se) for tau2 in grid]
    values = np.array([*values, -np.inf])
    inner = (values[1:-1] > values[:-2]) & (values[1:-1] > values[2:])
    assert inner.sum() == 2
    best = grid[np.argmax(values) - 1]
    near = minimize_scalar(
        lambda x: -restricted_likelihood(x, y, se),
        bounds=(best / 1.3, best * 1.3),
        method="bounded",
        options={"xatol": 1e-9 * best},
    )
    assert random_effects(y, se).tau2 == pytest.approx(near.x, rel=1e-5)


def test_two_centres_are_enough_and_tables_are_refused():
    found = random_effects([0.2, 0.6], [0.1, 0.2], confidence=0.9)
    assert found.n == 2
    assert found.upper - found.mean == pytest.approx(student.ppf(0.95, 1) * found.se)
    with pytest.raises(ValueError, match="one value for each centre"):
        random_effects([[0.1, 0.2]], [[0.1, 0.2]])
    for estimates, errors in (([np.inf, 1], [1, 1]), ([0, 1], [np.inf, 1])):
        with pytest.raises(ValueError, match="must be finite"):
            random_effects(estimates, errors)
    with pytest.raises(ValueError, match="confidence"):
        random_effects([0.2, 0.6], [0.1, 0.2], confidence=1)


# Each centre ----------------------------------------------------------------------


def test_the_limits_of_each_centre_are_by_patient_and_of_their_level():
    found = performance_by_centre(
        Y, P, CENTRE, groups=PATIENT, threshold=0.3, confidence=0.9
    )
    assert list(found.table.index) == ["a", "b", "c", "d"] and found.threshold == 0.3
    for name, row in found.table.iterrows():
        here = name == CENTRE
        y, p, patient = Y[here], P[here], PATIENT[here]
        settings = {"groups": patient, "confidence": 0.9}
        auc = roc_auc_ci(y, p, **settings)
        assert (row["auc"], row["auc_lower"], row["auc_upper"]) == auc[:3]
        columns = np.array(["", "_lower", "_upper"])
        line = recalibration(y, p, **settings)
        assert (row["slope_lower"], row["slope_upper"]) == (
            line.slope_lower,
            line.slope_upper,
        )
        unit = np.unique(patient, return_inverse=True)[1]
        shift = fit_shift(np.log(p / (1 - p)), y == 1, unit, 0.9)
        columns = ["", "_lower", "_upper"]
        found_shift = [row[f"calibration_in_the_large{c}"] for c in columns]
        assert found_shift == pytest.approx(list(shift))
        curve = decision_curve(y, p, thresholds=[0.3], **settings).iloc[0]
        benefit = [row[f"net_benefit{c}"] for c in columns]
        assert benefit == pytest.approx([curve[f"model{c}"] for c in columns])
        assert (row["n"], row["patients"], row["positive"]) == (40, 20, y.sum())


@pytest.mark.parametrize("method", ["reml", "dl"])
def test_each_measure_is_summarised_with_its_own_errors(method):
    at = np.sort(P)[70]  # a sample of just this probability is treated
    found = performance_by_centre(
        Y, P, CENTRE, method=method, confidence=0.9, threshold=at
    )
    gain = (P >= at) * np.where(Y == 1, 1, -at / (1 - at))
    of_benefit = [gain[c == CENTRE].std(ddof=1) / np.sqrt(40) for c in "abcd"]
    for measure in ("calibration_in_the_large", "slope", "net_benefit"):
        value = found.table[measure]
        upper = found.table[f"{measure}_upper"]
        error = (upper - value) / student.ppf(0.95, 39)
        if measure == "net_benefit":
            error = of_benefit
        expected = random_effects(value, error, method=method, confidence=0.9)
        row = found.summary.loc[measure]
        for name in ("mean", "lower", "upper", "tau2", "i2"):
            assert row[name] == pytest.approx(getattr(expected, name), abs=1e-9)
        predicted = row["prediction_lower"], row["prediction_upper"]
        assert predicted == pytest.approx(
            (expected.prediction_lower, expected.prediction_upper)
        )
    aucs = [roc_auc_ci(Y[c == CENTRE], P[c == CENTRE]) for c in "abcd"]
    value, se = np.array([(a.auc, a.se) for a in aucs]).T
    scaled = random_effects(
        np.log(value / (1 - value)),
        se / (value * (1 - value)),
        method=method,
        confidence=0.9,
    )
    row = found.summary.loc["auc"]
    for name in ("mean", "lower", "upper", "prediction_lower", "prediction_upper"):
        assert row[name] == pytest.approx(1 / (1 + np.exp(-getattr(scaled, name))))
    assert (row["tau2"], row["i2"]) == pytest.approx((scaled.tau2, scaled.i2))
    assert found.summary["centres"].tolist() == [4] * 4


def test_the_threshold_of_the_net_benefit_treats_whoever_reaches_it():
    y, p = [1, 0, 0, 1, 0, 1], [0.5, 0.5, 0.2, 0.4, 0.6, 0.9]
    found = performance_by_centre(y, p, list("aaabbb"))
    assert found.threshold == 0.5
    # a: one of each at 0.5; b: one of each above.
    assert found.table["net_benefit"].tolist() == [0, 0]
    assert found.table["net_benefit_lower"].lt(0).all()


def test_a_perfect_centre_is_shown_and_does_not_count_in_the_summary():
    y, p = Y.copy(), P.copy()
    here = CENTRE == "c"
    p[here] = np.where(y[here] == 1, 0.9, 0.1)
    found = performance_by_centre(y, p, CENTRE)
    row = found.table.loc["c"]
    assert row["auc"] == 1 and np.isnan(row["slope"])
    assert np.isfinite(row["calibration_in_the_large"])
    assert found.summary["centres"].tolist() == [3, 4, 3, 4]
    p[here] = np.where(y[here] == 1, 0.1, 0.9)
    turned = performance_by_centre(y, p, CENTRE)
    assert turned.table.loc["c", "auc"] == 0
    assert turned.summary["centres"].tolist() == [3, 4, 3, 4]


def test_a_certain_probability_has_no_calibration_in_the_large():
    p = P.copy()
    p[np.flatnonzero((CENTRE == "a") & (Y == 1))[0]] = 1.0
    found = performance_by_centre(Y, p, CENTRE)
    columns = ["calibration_in_the_large", "calibration_in_the_large_lower", "slope"]
    assert found.table.loc["a", columns].isna().all()
    assert np.isfinite(found.table.loc["a", "auc"])
    assert found.summary["centres"].tolist() == [4, 3, 3, 4]


def test_centres_where_nobody_is_treated_have_no_error_of_benefit():
    found = performance_by_centre(Y, P * 0.5, CENTRE, threshold=0.6)
    assert (found.table["net_benefit"] == 0).all()
    row = found.summary.loc["net_benefit"]
    assert row["centres"] == 0 and row.drop("centres").isna().all()


def test_two_centres_are_summarised_and_one_that_counts_is_not():
    two = CENTRE < "c"
    found = performance_by_centre(Y[two], P[two], CENTRE[two])
    assert found.summary["centres"].tolist() == [2] * 4
    assert found.summary[["mean", "lower", "upper"]].notna().all(axis=None)
    y = np.where(CENTRE[two] == "a", 1, Y[two])
    one = performance_by_centre(y, P[two], CENTRE[two]).summary
    assert one["centres"].tolist() == [1, 1, 1, 2]
    assert one.loc["auc"].drop("centres").isna().all()


def test_a_centre_of_one_positive_has_an_auc_and_one_of_none_has_not():
    y = [0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0]
    p = [0.2, 0.6, 0.5, 0.3, 0.1, 0.4, 0.3, 0.2, 0.7, 0.4, 0.5, 0.1]
    table = performance_by_centre(y, p, np.repeat(list("abc"), 4)).table
    assert table.loc["a", "auc"] == pytest.approx(2 / 3)
    columns = ["calibration_in_the_large", "calibration_in_the_large_lower", "slope"]
    assert table.loc["a", columns].notna().all()
    assert table.loc["b", ["auc", *columns]].isna().all()
    assert table["positive"].tolist() == [1, 0, 2]


def test_a_level_is_checked_though_no_centre_has_limits():
    with pytest.raises(ValueError, match="confidence"):
        performance_by_centre(
            [1, 1, 0, 0], [0.1, 0.2, 0.1, 0.2], list("aabb"), confidence=1
        )


def test_labels_of_centres_are_sorted_and_complete():
    codes, names = sorted_codes([3, 1, 3, 2], 4)
    assert codes.tolist() == [2, 0, 2, 1] and names.tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match="batch must name the batch of each of the 3"):
        sorted_codes([[1, 2, 3]], 3, "batch")
    with pytest.raises(ValueError, match="confidence"):
        performance_by_centre(Y, P, CENTRE, confidence=1)


def test_the_shift_of_a_centre_is_that_of_its_statistics():
    found = performance_by_centre(Y, P, CENTRE).table
    here = CENTRE == "b"
    expected = calibration_statistics(Y[here], P[here]).calibration_in_the_large
    assert found.loc["b", "calibration_in_the_large"] == pytest.approx(expected)
