"""Measures of a published study that is run again, against five lesions by hand."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit, logit

from sklearn_orn.audit._measures import COUNTS, MEASURES, Scored, measured

Y = np.array([0, 0, 0, 1, 1])
RISK = np.array([0.1, 0.2, 0.5, 0.5, 0.9])
PATIENT = np.array(["a", "a", "b", "c", "d"])


def part(**changes):
    found = {
        "y": Y,
        "score": logit(RISK),
        "patient": PATIENT,
        "threshold": 0.5,
        "features": {"features measured": 279, "features in the score": 1},
    }
    return Scored(**found | changes)


@pytest.mark.parametrize(
    ("measure", "threshold", "value"),
    [
        ("lesions", None, 5),
        ("patients", None, 4),
        ("positive lesions", None, 2),
        ("features measured", None, 279),
        ("features in the score", None, 1),
        ("AUC", None, (2.5 + 3) / 6),
        ("sensitivity", None, 1),  # a risk at the cut-off is above it
        ("sensitivity", 0.6, 1 / 2),
        ("specificity", None, 2 / 3),
        ("specificity", 0.6, 1),
        ("accuracy", None, 4 / 5),
        ("accuracy", 0.15, 3 / 5),
        ("net benefit", None, 2 / 5 - 1 / 5),
        ("net benefit", 0.15, 2 / 5 - 2 / 5 * 0.15 / 0.85),
        ("Brier score", None, (0.01 + 0.04 + 0.25 + 0.25 + 0.01) / 5),
    ],
)
def test_a_measure_by_hand(measure, threshold, value):
    found = measured(measure, part(), threshold)
    assert found.value == pytest.approx(value)
    assert found.why == ""


def test_a_line_of_calibration_solves_its_equations():
    rng = np.random.default_rng(0)
    y, score = np.arange(40) % 2, rng.normal(size=40)
    score += y
    shown = part(y=y, score=score, patient=np.arange(40))
    shift = measured("calibration in the large", shown, None)
    assert (y - expit(shift.value + score)).sum() == pytest.approx(0, abs=1e-8)
    slope = measured("calibration slope", shown, None)
    line = slope.value * score
    intercept = brentq(lambda at: (y - expit(at + line)).sum(), -9, 9)
    assert (y - expit(intercept + line)) @ score == pytest.approx(0, abs=1e-6)
    for found in (shift, slope):
        assert found.lower < found.value < found.upper


@pytest.mark.parametrize("measure", ["AUC", "sensitivity", "calibration slope"])
def test_intervals_are_those_of_patients(measure):
    rng = np.random.default_rng(1)
    y = np.repeat(np.arange(20) % 2, 2)
    score = np.repeat(rng.normal(size=20), 2) + y
    widths = []
    for patient in (np.arange(40), np.repeat(np.arange(20), 2)):
        found = measured(measure, part(y=y, score=score, patient=patient), None)
        assert found.lower <= found.value <= found.upper
        widths.append(found.upper - found.lower)
    assert widths[1] > 1.2 * widths[0]


def test_a_score_without_intervals_has_none():
    found = measured("Brier score", part(), None)
    assert (found.lower, found.upper) == (None, None)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_part_without_lesions_has_no_number(measure):
    empty = part(y=Y[:0], score=np.zeros(0), patient=PATIENT[:0])
    found = measured(measure, empty, None)
    assert (found.value, found.why) == (None, "No lesion of this part has a score.")


@pytest.mark.parametrize("y", [np.zeros(5, dtype=int), np.ones(5, dtype=int)])
@pytest.mark.parametrize("measure", MEASURES)
def test_a_part_of_one_class_has_counts_alone(measure, y):
    every = dict.fromkeys(COUNTS, 3)
    found = measured(measure, part(y=y, features=every), None)
    assert (found.value is None) == (measure not in COUNTS)
    if measure == "positive lesions":
        assert found.value == y.sum()


@pytest.mark.parametrize("value", [0, 1])
def test_one_lesion_of_a_class_is_enough(value):
    y = np.array([value] + 4 * [1 - value])
    score = np.array([0.5, 1, 2, 3, -4])
    found = measured("AUC", part(y=y, score=score), None)
    assert found.value == (1 / 4 if value else 3 / 4)


def test_a_score_that_separates_the_classes_has_no_slope():
    apart = part(score=np.array([-3.0, -2, -1, 1, 2]))
    found = measured("calibration slope", apart, None)
    assert found.value is None
    assert found.why == "The scores of this part are too far apart, or alike."


def test_a_published_score_selects_nothing():
    found = measured("features before the LASSO", part(), None)
    assert (found.value, found.why) == (None, "A published score selects nothing anew.")
