"""Logistic fits, updates of a model and their table, at the border and by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit
from scipy.stats import norm
from scipy.stats import t as student
from sklearn.metrics import roc_auc_score

from sklearn_orn.metrics import ExternalValidation, recalibration
from sklearn_orn.metrics import _logistic_fit as logistic_fit
from sklearn_orn.metrics._external_validation import checked_predictors, validate_score
from sklearn_orn.metrics._logistic_fit import (
    Shift,
    fit_shift,
    newton_logistic,
    refit_all,
)
from sklearn_orn.metrics._recalibration import (
    Recalibration,
    line_covariance,
    logistic_line,
)
from sklearn_orn.metrics._roc_auc import RocAuc
from sklearn_orn.metrics._validation_result import ModelUpdate

SCORE = np.array([-2.0, 0.5, -1.0, 0.3, 1.5, -0.4, 2.2, 0.9, -1.7, 0.1])
POSITIVE = np.array([0, 0, 0, 1, 1, 1, 1, 0, 0, 1]) == 1
PATIENTS = np.array([0, 0, 1, 1, 2, 3, 3, 4, 4, 5])


# A line ---------------------------------------------------------------------------


def test_weights_of_a_line_are_copies_and_may_be_below_one():
    weight = np.array([1, 2, 1, 3, 1, 1, 2, 1, 0, 1])
    rows = np.repeat(np.arange(10), weight)
    copied = logistic_line(SCORE[rows], POSITIVE[rows])
    assert logistic_line(SCORE, POSITIVE, weight) == pytest.approx(copied)
    for unit in (0.25, 1e-7, 1e7):
        found = logistic_line(SCORE, POSITIVE, unit * weight)
        assert found == pytest.approx(copied)
    # A sample without weight has no say, were it certain.
    score = np.where(weight == 0, np.inf, SCORE)
    assert logistic_line(score, POSITIVE, weight) == pytest.approx(copied)


def test_one_positive_among_negatives_has_a_line():
    # Symmetric about 1: the slope is 0, and the intercept the log-odds of 1 in 5.
    score = np.array([-1.0, 0, 1, 2, 3])
    line = logistic_line(score, score == 1)
    assert line == pytest.approx((logit(0.2), 0.0), abs=1e-9)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("shift", [-3.0, 0.0, 1000.0])
def test_a_line_has_no_units(scale, shift):
    intercept, slope = logistic_line(SCORE, POSITIVE)
    moved = logistic_line(scale * (SCORE + shift), POSITIVE)
    assert moved[1] * scale == pytest.approx(slope, rel=1e-6)
    assert moved[0] == pytest.approx(intercept - slope * shift, rel=1e-6)


@pytest.mark.parametrize(
    "score",
    [
        [0.5, 0.5, 0.5, 0.5],
        [0.0, 1.0, 1.0, 2.0],
        [2.0, 1.0, 1.0, 0.0],
        [-np.inf, 1.0, -np.inf, 2.0],
        [0.0, 1.0, 0.5, np.inf],
    ],
)
def test_no_line_is_nan_in_silence(score):
    with np.errstate(all="raise"):
        line = logistic_line(np.array(score), np.array([False, False, True, True]))
    assert np.isnan(line).all()


def test_limits_of_a_line_take_its_covariance():
    fit = recalibration(POSITIVE, expit(SCORE), confidence=0.9)
    x = np.column_stack([np.ones(10), SCORE])
    risk = expit(x @ [fit.intercept, fit.slope])
    assert x.T @ (POSITIVE - risk) == pytest.approx([0, 0], abs=1e-9)
    inverse = np.linalg.inv(x.T @ np.diag(risk * (1 - risk)) @ x)
    np.testing.assert_allclose(fit.covariance, inverse)
    half = norm.ppf(0.95) * np.sqrt(np.diag(inverse))
    limits = fit.intercept_lower, fit.slope_lower
    assert limits == pytest.approx((fit.intercept, fit.slope) - half)
    limits = fit.intercept_upper, fit.slope_upper
    assert limits == pytest.approx((fit.intercept, fit.slope) + half)
    with pytest.raises(ValueError, match="confidence"):
        recalibration(POSITIVE, expit(SCORE), confidence=1)


def test_a_line_that_does_not_exist_has_a_covariance_of_its_shape():
    fit = recalibration([0, 1, 0, 1], [0.5] * 4)
    assert fit.covariance.shape == (2, 2) and np.isnan(fit.covariance).all()
    assert np.isnan(fit[:6]).all()
    steep = line_covariance(
        np.array([-400.0, 400.0]), np.array([False, True]), (0.0, 9.0), None
    )
    assert steep.shape == (2, 2)


# An intercept alone ---------------------------------------------------------------


def test_a_shift_makes_the_mean_risk_that_of_the_outcome():
    found = fit_shift(SCORE, POSITIVE, None, 0.9)
    risk = expit(SCORE + found.estimate)
    assert risk.sum() == pytest.approx(5, abs=1e-11)
    information = (risk * (1 - risk)).sum()
    half = norm.ppf(0.95) / np.sqrt(information)
    ends = found.estimate - half, found.estimate + half
    assert (found.lower, found.upper) == pytest.approx(ends)
    grouped = fit_shift(SCORE, POSITIVE, PATIENTS, 0.9)
    sums = np.bincount(PATIENTS, POSITIVE - risk)
    few = student(len(set(PATIENTS)) - 1)
    half = few.ppf(0.95) * np.sqrt((sums**2).sum()) / information
    ends = found.estimate - half, found.estimate + half
    assert (grouped.lower, grouped.upper) == pytest.approx(ends)
    alone = fit_shift(SCORE, POSITIVE, np.zeros_like(PATIENTS), 0.9)
    assert alone.estimate == found.estimate and np.isnan(alone[1:]).all()
    assert grouped.estimate == found.estimate


@pytest.mark.parametrize("far", [-500.0, -30.0, 30.0, 500.0])
def test_a_shift_is_found_from_far_off(far):
    near = fit_shift(SCORE, POSITIVE, None, 0.95)
    found = fit_shift(SCORE + far, POSITIVE, None, 0.95)
    assert found == pytest.approx(
        (near.estimate - far, near.lower - far, near.upper - far)
    )


def test_equal_scores_have_the_difference_of_log_odds():
    found = fit_shift(np.full(10, -1.5), np.arange(10) < 3, None, 0.95)
    assert found.estimate == pytest.approx(logit(0.3) + 1.5, abs=1e-12)
    half = 1.959963984540054 / np.sqrt(2.1)
    assert found.upper - found.estimate == pytest.approx(half)


def test_risks_that_are_all_certain_leave_a_shift_without_limits():
    score = np.array([-2000.0, -2000.0, 2000.0, 2000.0])
    found = fit_shift(score, np.array([False, False, True, True]), None, 0.95)
    assert np.isfinite(found.estimate)
    assert np.isnan([found.lower, found.upper]).all()


# Several coefficients -------------------------------------------------------------

TABLE = np.column_stack([SCORE, [3, 1, 4, 1, 5, 9, 2, 6, 5, 3.0]])


def loss(beta, x, positive, weight):
    score = x @ beta
    return (weight * (np.logaddexp(0, score) - positive * score)).sum()


@pytest.mark.parametrize("weight", [None, np.array([1, 2, 0.5, 3, 1, 1, 2, 1, 1, 1])])
def test_coefficients_are_those_of_a_general_optimiser(weight):
    x = np.column_stack([np.ones(10), TABLE / TABLE.std(axis=0)])
    own = np.ones(10) if weight is None else weight
    best = minimize(loss, np.zeros(3), (x, POSITIVE, own), tol=1e-10)
    assert newton_logistic(x, POSITIVE, weight) == pytest.approx(best.x, abs=1e-4)


def test_steps_that_overshoot_are_halved():
    # Whole steps of Newton's method end far out, where no sample is uncertain.
    score = np.repeat([-1.0, 0.0, 3.0], [27, 10, 2])
    positive = np.repeat([True, False, True, False, True], [27, 2, 8, 1, 1])
    x = np.column_stack([np.ones(39), (score - score.mean()) / score.std()])
    beta = newton_logistic(x, positive)
    assert x.T @ (positive - expit(x @ beta)) == pytest.approx([0, 0], abs=1e-9)
    # So they do beside a column that adds nothing.
    twice = np.vstack([np.column_stack([x, np.full(39, side)]) for side in (-1, 1)])
    found = newton_logistic(twice, np.tile(positive, 2))
    assert found == pytest.approx([*beta, 0])


def test_an_ordinary_fit_takes_few_steps(monkeypatch):
    monkeypatch.setattr(logistic_fit, "MAX_STEPS", 8)
    x = np.column_stack([np.ones(10), TABLE / TABLE.std(axis=0)])
    assert newton_logistic(x, POSITIVE) is not None


def test_columns_that_separate_or_repeat_have_no_coefficients():
    x = np.column_stack([np.ones(4), [0.0, 1, 2, 3]])
    assert newton_logistic(x, np.array([False, False, True, True])) is None
    assert newton_logistic(x[:, [0, 0]], np.array([False, True] * 2)) is None
    # At 1 there are both: one class is still all on one side.
    touching = np.column_stack([np.ones(4), [0.0, 1, 1, 2]])
    assert newton_logistic(touching, np.array([False, False, True, True])) is None


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_a_refit_has_no_units(scale):
    plain, scaled = (refit_all(TABLE * s, POSITIVE) for s in (1.0, scale))
    assert plain.reason == scaled.reason == ""
    assert scaled.intercept == pytest.approx(plain.intercept)
    assert scaled.coefficients * scale == pytest.approx(plain.coefficients)
    moved = refit_all(TABLE + 50, POSITIVE)
    assert moved.coefficients == pytest.approx(plain.coefficients)
    shift = 50 * plain.coefficients.sum()
    assert moved.intercept == pytest.approx(plain.intercept - shift)


def test_a_feature_that_varies_by_rounding_alone_is_the_same_in_all_samples():
    third = np.full(10, 1 / 3) + np.arange(10) % 2 * 1e-16
    found = refit_all(np.column_stack([SCORE, third]), POSITIVE)
    assert found.reason == "a feature is the same in all samples"
    assert np.isnan(found.intercept) and np.isnan(found.coefficients).all()
    assert found.coefficients.shape == (2,)
    zero = refit_all(np.zeros((10, 1)), POSITIVE)
    assert zero.reason == "a feature is the same in all samples"
    # One in a thousand million is a variation.
    slight = 1000 + 1e-6 * TABLE[:, 1]
    found = refit_all(np.column_stack([SCORE, slight]), POSITIVE)
    plain = refit_all(TABLE, POSITIVE)
    assert found.coefficients[1] * 1e-6 == pytest.approx(
        plain.coefficients[1], rel=1e-3
    )


def test_features_that_depend_on_one_another_are_found_from_two_on():
    doubled = refit_all(np.column_stack([SCORE, 3 - 2 * SCORE]), POSITIVE)
    assert doubled.reason == "the features depend on one another linearly"
    three = np.column_stack([TABLE, TABLE.sum(axis=1)])
    assert refit_all(three, POSITIVE).reason == doubled.reason
    assert refit_all(TABLE, POSITIVE).reason == ""


# All of it ------------------------------------------------------------------------


@pytest.mark.parametrize("groups", [None, PATIENTS])
def test_a_validation_by_its_definitions(groups):
    proba = expit(SCORE)
    found = ExternalValidation.from_predictions(
        POSITIVE, proba, predictors=TABLE, groups=groups, confidence=0.9
    )
    numbers = found.n_samples, found.n_positive, found.n_patients, found.confidence
    assert numbers == (10, 5, None if groups is None else 6, 0.9)
    assert found.brier == pytest.approx(((proba - POSITIVE) ** 2).mean())
    assert found.brier_scaled == pytest.approx(1 - found.brier / 0.25)
    assert found.observed_expected == pytest.approx(5 / proba.sum())
    assert found.auc.auc == pytest.approx(roc_auc_score(POSITIVE, SCORE))
    unit = groups
    shift = fit_shift(SCORE, POSITIVE, unit, 0.9)
    assert found.calibration_in_the_large == pytest.approx(shift)
    line = recalibration(POSITIVE, proba, groups=groups, confidence=0.9)
    assert found.recalibration[:6] == pytest.approx(line[:6])
    refit = refit_all(TABLE, POSITIVE)
    scores = (
        SCORE + shift.estimate,
        line.intercept + line.slope * SCORE,
        refit.intercept + TABLE @ refit.coefficients,
    )
    for update, score in zip(found.updates, scores, strict=True):
        assert update.auc == pytest.approx(roc_auc_score(POSITIVE, score))
        assert update.brier == pytest.approx(((expit(score) - POSITIVE) ** 2).mean())
        own = logistic_line(score, POSITIVE)[1]
        assert update.calibration_slope == pytest.approx(own)
        assert update.calibration_in_the_large == pytest.approx(0, abs=1e-9)
        assert update.reason == "" and update.apparent
    first, second, third = found.updates
    assert (first.method, first.slope) == ("intercept", 1)
    assert (second.intercept, second.slope) == pytest.approx(line[:4:3])
    assert list(third.coefficients) == ["x0", "x1"] and np.isnan(third.slope)
    assert third.intercept == pytest.approx(refit.intercept)
    assert found.events_per_coefficient == 2.5


def test_unequal_classes_scale_the_brier_score_and_count_events():
    y, proba = [0, 0, 0, 1], [0.1, 0.4, 0.2, 0.3]
    found = ExternalValidation.from_predictions(
        y, proba, predictors=[[1], [4], [2], [3]]
    )
    assert found.brier_scaled == pytest.approx(1 - found.brier / (0.25 * 0.75))
    assert found.events_per_coefficient == 1
    many = ExternalValidation.from_predictions(1 - np.array(y), proba)
    assert np.isnan(many.events_per_coefficient)
    assert many.updates[2].coefficients == {}


def test_a_model_that_expects_nobody_has_an_infinite_ratio():
    found = ExternalValidation.from_predictions([0, 1, 0], [0.0, 0.0, 0.0])
    assert found.observed_expected == np.inf
    assert "exactly 0 or 1" in found.updates[0].reason


def test_log_odds_too_large_for_a_probability_still_have_an_order():
    score = np.array([-900.0, 800.0, 900.0, 850.0])
    positive = np.array([False, False, True, True])
    found = validate_score(positive, score, [], None, groups=None, confidence=0.95)
    assert found.auc.auc == 1
    assert np.isfinite(found.calibration_in_the_large.estimate)
    assert found.updates[1].reason == "the scores separate the classes"


def test_names_of_predictors():
    table = pd.DataFrame({"age": [1, 2], 7: [3, 4]})
    names, values = checked_predictors(table, 2)
    assert names == ["age", "x7"] and values.tolist() == [[1, 3], [2, 4]]
    assert checked_predictors(None, 2) == ([], None)
    for wrong in ([1, 2], [[[1]], [[2]]]):
        with pytest.raises(ValueError, match="a table of 2 rows"):
            checked_predictors(wrong, 2)
    with pytest.raises(ValueError, match="infinite values in 'b'"):
        checked_predictors(pd.DataFrame({"a": [1, 2], "b": [np.nan, 1]}), 2)


def result(**changes):
    settings = {
        "n_samples": 40,
        "n_positive": 14,
        "n_patients": 20,
        "confidence": 0.9,
        "auc": RocAuc(0.8, 0.7, 0.9, 0.05),
        "calibration_in_the_large": Shift(-0.25, -0.5, 0.0),
        "recalibration": Recalibration(0.1, 0.0, 0.2, 0.5, 0.25, 0.75, np.eye(2)),
        "brier": 0.125,
        "brier_scaled": 0.2,
        "observed_expected": 1.5,
        "updates": (
            ModelUpdate("intercept", -0.25, 1.0, {}, 0.8, 0.12, 0.0, 0.5),
            ModelUpdate("intercept and slope", *[np.nan] * 2, {}, *[np.nan] * 4, "why"),
            ModelUpdate(
                *("refit", 1.5, np.nan, {"age": -2.0, "rad": 0.25}),
                *(0.85, 0.1, 0.0, 1.0),
            ),
        ),
    }
    return ExternalValidation(**settings | changes)


def test_the_table_of_a_validation_by_hand():
    lines = str(result()).split("\n")
    assert lines == [
        "40 samples of 20 patients, 14 positive (35.0 %)",
        "",
        "                           estimate   90 % interval       best",
        "AUC                           0.800   0.700 to 0.900",
        "Calibration in the large     -0.250   -0.500 to 0.000     0 is best",
        "Calibration slope             0.500   0.250 to 0.750      1",
        "Brier score                   0.125                       0",
        "Observed / expected           1.500                       1",
        "",
        "Updated on these data; AUC and Brier score are apparent, not those of new",
        "patients:",
        "                      intercept   slope     AUC   Brier",
        "intercept                -0.250   1.000   0.800   0.120",
        "intercept and slope: why",
        "refit                     1.500           0.850   0.100",
        "refit: 1.5 - 2 x age + 0.25 x rad (7.0 events per coefficient)",
    ]
    assert str(result(n_patients=None)).startswith("40 samples, 14 positive (35.0 %)")


def test_a_long_formula_is_wrapped():
    many = {f"a_feature_of_the_lesion_{i}": 1.25 for i in range(8)}
    update = ModelUpdate("refit", 1.5, np.nan, many, 0.85, 0.1, 0.0, 1.0)
    lines = str(result(updates=(update,))).split("\n")
    first = next(i for i, line in enumerate(lines) if line.startswith("refit: "))
    assert len(lines) - first > 2
    assert 80 < max(map(len, lines[first:])) <= 88
    assert all(line[:2] == "  " and line[2] != " " for line in lines[first + 1 :])
    without = ModelUpdate("refit", *[np.nan] * 2, many, *[np.nan] * 4, reason="why")
    assert str(result(updates=(without,))).endswith("refit: why")


def test_plain_data_of_a_validation_have_each_number_in_its_place():
    found = result().as_dict()
    assert found["auc"] == {"auc": 0.8, "lower": 0.7, "upper": 0.9, "se": 0.05}
    assert found["calibration_in_the_large"] == {
        "estimate": -0.25,
        "lower": -0.5,
        "upper": 0.0,
    }
    line = {"estimate": 0.1, "lower": 0.0, "upper": 0.2}
    assert found["calibration_intercept"] == line
    line = {"estimate": 0.5, "lower": 0.25, "upper": 0.75}
    assert found["calibration_slope"] == line
    numbers = ("n_samples", "n_positive", "n_patients", "confidence", "brier")
    assert [found[name] for name in numbers] == [40, 14, 20, 0.9, 0.125]
    assert (found["brier_scaled"], found["observed_expected"]) == (0.2, 1.5)
    assert found["events_per_coefficient"] == 7
    assert found["updates"][2]["coefficients"] == {"age": -2.0, "rad": 0.25}
