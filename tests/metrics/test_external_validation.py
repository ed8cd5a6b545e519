"""External validation: against R, by its properties, and where fits do not exist."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.special import expit, logit

from sklearn_orn.metrics import ExternalValidation, recalibration, roc_auc_ci
from sklearn_orn.metrics._logistic_fit import refit_all
from sklearn_orn.metrics._recalibration import line_covariance
from tests._data import R_REFERENCE, of_r
from tests._examples import examples

RMS = of_r("rms_lrm_valprob")
VALID = pd.read_csv(R_REFERENCE / "scores_valid.csv")
TRAIN = pd.read_csv(R_REFERENCE / "a_train95.csv").assign(
    rad=pd.read_csv(R_REFERENCE / "scores_train.csv")["rad"]
)


@pytest.fixture(scope="module")
def valid():
    return ExternalValidation.from_predictions(
        VALID["y"], RMS["valprob_valid_p"], groups=VALID["patient"]
    )


def test_performance_equals_val_prob(valid):
    expected = RMS["valprob_valid"]["stats"]
    assert valid.auc.auc == pytest.approx(expected["C (ROC)"], abs=1e-9)
    assert valid.brier == pytest.approx(expected["Brier"], abs=1e-9)
    assert valid.recalibration.intercept == pytest.approx(
        expected["Intercept"], abs=1e-8
    )
    assert valid.recalibration.slope == pytest.approx(expected["Slope"], abs=1e-8)


def test_intervals_are_by_patient(valid):
    proba = RMS["valprob_valid_p"]
    assert valid.auc == roc_auc_ci(VALID["y"], proba, groups=VALID["patient"])
    line = recalibration(VALID["y"], proba, groups=VALID["patient"])
    assert valid.recalibration.slope_upper == pytest.approx(line.slope_upper)
    alone = ExternalValidation.from_predictions(VALID["y"], proba)
    assert (valid.n_patients, alone.n_patients) == (31, None)
    of_patients, of_lesions = (r.calibration_in_the_large for r in (valid, alone))
    assert of_patients.estimate == of_lesions.estimate
    assert of_patients.upper != pytest.approx(of_lesions.upper, abs=1e-3)


@pytest.mark.parametrize("name", ["two", "three_factor", "three_linear"])
def test_refit_equals_lrm(name):
    columns = pd.DataFrame({"rad": TRAIN["rad"], "age": TRAIN["age"]})
    columns["lymph"], columns["stage"] = TRAIN["lymph"], TRAIN["stage"]
    for level, label in (([3], "3"), ([4, 5], "4-5")):
        columns[f"stagef={label}"] = TRAIN["stage"].isin(level).astype(float)
    reference = RMS[name]
    coefficients = dict(reference["coef"])
    intercept = coefficients.pop("Intercept")
    result = ExternalValidation.from_predictions(
        TRAIN["y"], np.full(95, 0.5), predictors=columns[list(coefficients)]
    )
    refit = result.updates[2]
    assert refit.intercept == pytest.approx(intercept, abs=1e-7)
    assert refit.coefficients == pytest.approx(coefficients, abs=1e-7)
    assert refit.auc == pytest.approx(reference["stats"]["C"], abs=1e-9)
    assert refit.brier == pytest.approx(reference["stats"]["Brier"], abs=1e-8)
    assert refit.calibration_slope == pytest.approx(1, abs=1e-8)
    assert result.events_per_coefficient == 44 / len(coefficients)


def test_a_constant_score_has_closed_forms():
    y = np.array([1] * 12 + [0] * 28)
    patient = np.repeat(np.arange(20), 2)
    proba = np.full(40, 0.1)
    result = ExternalValidation.from_predictions(y, proba)
    shift = result.calibration_in_the_large
    assert shift.estimate == pytest.approx(logit(0.3) - logit(0.1), abs=1e-12)
    half = 1.959963984540054 / np.sqrt(40 * 0.3 * 0.7)
    assert shift.upper - shift.estimate == pytest.approx(half, abs=1e-12)
    # Both lesions of each patient are alike: half as many independent ones.
    paired = ExternalValidation.from_predictions(
        y, proba, groups=patient
    ).calibration_in_the_large
    few = 2.093024054408263 / 1.959963984540054  # Student's t of 20 patients
    half *= few * np.sqrt(2)
    assert paired.upper - paired.estimate == pytest.approx(half, abs=1e-12)
    assert result.observed_expected == pytest.approx(3)
    assert result.updates[1].reason == "all samples have the same score"
    assert np.isnan(result.updates[1].slope)


def test_a_line_so_steep_that_no_variance_is_left_has_no_limits():
    steep = line_covariance(
        np.array([-400.0, 400.0]), np.array([False, True]), (0.0, 9.0), None
    )
    assert np.isnan(steep).all()


SCORES = st.floats(-8, 8).map(lambda score: round(score, 6))  # a shift keeps the ties
OUTCOMES = st.lists(st.tuples(st.booleans(), SCORES), min_size=4, max_size=40)


def test_classes_that_rounding_alone_parts_have_no_line():
    fit = recalibration([0, 0, 0, 1], expit([0.0, 1.0, 1.0, 2.2e-16]))
    assert np.isnan([fit.intercept, fit.slope, fit.slope_lower]).all()
    score = np.array([0.0, 1.0, 1.0, 2.2e-16])
    result = ExternalValidation.from_predictions([0, 0, 0, 1], expit(score))
    assert np.isnan(result.updates[1].slope)


@given(OUTCOMES)
@examples(60)
def test_what_updates_promise(pairs):
    positive = np.array([a for a, _ in pairs])
    score = np.array([b for _, b in pairs])
    assume(0 < positive.sum() < len(positive))
    result = ExternalValidation.from_predictions(positive, expit(score))
    shifted, stretched, _ = result.updates
    proba = expit(score + shifted.intercept)
    assert proba.mean() == pytest.approx(positive.mean(), abs=1e-9)
    assert shifted.auc == pytest.approx(result.auc.auc)
    assert shifted.calibration_in_the_large == pytest.approx(0, abs=1e-8)
    assert result.calibration_in_the_large.estimate == shifted.intercept
    assume(not stretched.reason)
    line = stretched.intercept + stretched.slope * score
    fits = [
        float(s[positive].sum() - np.logaddexp(0, s).sum())
        for s in (score, score + shifted.intercept, line)
    ]
    assert fits[0] <= fits[1] + 1e-9
    assert fits[1] <= fits[2] + 1e-9
    assume(np.ptp(line) > 1e-6)
    assert stretched.calibration_slope == pytest.approx(1, abs=1e-5)


@given(st.permutations(range(47)))
@examples(15)
def test_the_order_of_samples_does_not_matter(order):
    predictors = pd.read_csv(R_REFERENCE / "b_valid47.csv")[["f01", "age"]]
    results = [
        ExternalValidation.from_predictions(
            VALID["y"].to_numpy()[rows],
            np.array(RMS["valprob_valid_p"])[rows],
            predictors=predictors.iloc[rows],
            groups=VALID["patient"].to_numpy()[rows],
        ).as_dict()
        for rows in (np.arange(47), np.array(order))
    ]
    for name in ("auc", "calibration_in_the_large", "calibration_slope"):
        assert results[0][name] == pytest.approx(results[1][name], abs=1e-9)
    first, second = (result["updates"][2]["coefficients"] for result in results)
    assert first == pytest.approx(second, rel=1e-7)


@pytest.mark.parametrize(
    ("predictors", "reason"),
    [
        ([[1, 0], [1, 1], [1, 0], [1, 3], [1, 2], [1, 1]], "the same in all samples"),
        ([[1, 2], [2, 4], [3, 6], [0, 0], [5, 10], [4, 8]], "depend on one another"),
        ([[1], [2], [3], [4], [5], [6]], "separate the classes"),
        (None, "were not given"),
    ],
)
def test_a_refit_that_does_not_exist_says_why(predictors, reason):
    result = ExternalValidation.from_predictions(
        [0, 0, 0, 1, 1, 1], [0.2, 0.6, 0.3, 0.4, 0.7, 0.6], predictors=predictors
    )
    refit = result.updates[2]
    assert reason in refit.reason
    assert reason in str(result)
    assert np.isnan([refit.intercept, refit.auc, refit.brier]).all()
    assert all(np.isnan(list(refit.coefficients.values())))


def test_probabilities_of_0_and_1():
    result = ExternalValidation.from_predictions([0, 1, 0, 1], [0.0, 0.3, 0.4, 1.0])
    assert result.auc.auc == 0.75
    assert result.brier == pytest.approx((0.49 + 0.16) / 4)
    assert np.isnan(result.calibration_in_the_large.estimate)
    assert "exactly 0 or 1" in result.updates[0].reason
    assert "exactly 0 or 1" in result.updates[1].reason


def test_the_text_marks_updates_as_apparent(valid):
    text = str(valid)
    assert "47 samples of 31 patients, 25 positive (53.2 %)" in text
    assert f"{valid.auc.auc:.3f}" in text
    assert "apparent" in text
    assert all(update.apparent for update in valid.updates)
    json.dumps(valid.as_dict())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_true": [0, 0, 0]}, "one class only"),
        ({"y_proba": [0.1, 0.2]}, "equal length"),
        ({"y_proba": [0.1, np.nan, 0.2]}, "missing or infinite"),
        ({"y_proba": [0.1, 1.2, 0.2]}, "between 0 and 1"),
        ({"groups": ["a", None, "b"]}, "missing values"),
        ({"confidence": 95}, "confidence must lie"),
        ({"predictors": [[1], [2]]}, "a table of 3 rows"),
        ({"predictors": [[1], [np.inf], [2]]}, "missing or infinite values in 'x0'"),
    ],
)
def test_what_is_refused(changes, message):
    given_ = {"y_true": [0, 1, 1], "y_proba": [0.2, 0.4, 0.6]} | changes
    with pytest.raises(ValueError, match=message):
        ExternalValidation.from_predictions(**given_)


def _separable(X, positive):
    """Whether some line leaves no sample on the wrong side, by linear programming."""
    design = np.column_stack([np.ones(len(X)), (X - X.mean(axis=0)) / X.std(axis=0)])
    signed = design * np.where(positive, 1, -1)[:, None]
    limits = [(-1, 1)] * design.shape[1]
    best = linprog(-signed.sum(axis=0), -signed, np.zeros(len(X)), bounds=limits)
    return bool(-best.fun > 1e-7)


@pytest.mark.parametrize("seed", range(4))
def test_a_refit_exists_where_no_line_separates(seed):
    """Before, rounding made coefficients of 39 or 94 where there are none."""
    rng = np.random.default_rng(seed)
    separated = 0
    for _ in range(60):
        n, p = rng.integers(6, 40), rng.integers(1, 4)
        X = np.asfortranarray(rng.normal(size=(n, p)))
        positive = np.arange(n) % 2 == 0
        if rng.random() < 0.7:  # a cell of a table may be empty
            X[:, 0] = positive & (rng.random(n) < 0.7)
        if np.linalg.matrix_rank(np.column_stack([np.ones(n), X])) <= p:
            continue
        fit = refit_all(X, positive)
        assert bool(fit.reason) == _separable(X, positive)
        separated += bool(fit.reason)
    assert 20 < separated < 55
