"""Numbers as readers see them: signs, digits, what is missing, units, formulas."""

from types import SimpleNamespace

import numpy as np
import pytest

from sklearn_orn.study._combined_formula import (
    formula_terms,
    formula_text,
    sequence_formulas,
    spline_sentences,
)
from sklearn_orn.study._odds_units import in_units, per_unit, unit_of
from sklearn_orn.study._written_numbers import (
    decimal,
    hosmer_lemeshow_text,
    interval,
    interval_text,
    limits,
    measure_text,
    p_value,
    performance_rows,
    proportion_text,
    significant,
    with_limits,
)
from sklearn_orn.study.results import (
    CombinedPredictor,
    HosmerLemeshow,
    OddsRatio,
    Proportion,
    SequenceScore,
)

Row = SimpleNamespace


MEASURE = Row(a=1, a_lower=0.5, a_upper=2)


@pytest.mark.parametrize(
    ("write", "numbers", "expected"),
    [
        (decimal, (0.7249,), "0.72"),
        (decimal, (-1.25, 1), "−1.2"),
        (decimal, (-0.001,), "0.00"),
        (decimal, (-0.006,), "−0.01"),
        (decimal, (0.0004, 3), "0.000"),
        *((decimal, (value,), "–") for value in (None, np.nan, np.inf, -np.inf)),
        (interval, (-0.618, 0.8), "−0.62 to 0.80"),
        (interval, (0.6184, 0.8, 3), "0.618 to 0.800"),
        (interval, (None, 0.8), "–"),
        (interval, (0.6, None), "–"),
        (with_limits, (0.7249, 0.618, 0.812), "0.72 (0.62 to 0.81)"),
        (with_limits, (0.7249, 0.618, 0.812, 3), "0.725 (0.618 to 0.812)"),
        (with_limits, (0.7249, None, 0.812), "0.72"),
        (with_limits, (None, 0.618, 0.812), "–"),
        (measure_text, (MEASURE, "a"), "1.00 (0.50 to 2.00)"),
        (measure_text, (MEASURE, "a", 1), "1.0 (0.5 to 2.0)"),
        (significant, (0.0123456,), "0.012346"),
        (significant, (-1234.56,), "−1234.6"),
        (significant, (12345.4,), "12345"),
        (significant, (-0.0000123456,), "−1.2346 × 10^−5"),
        (significant, (2e7, 3), "2.00 × 10^7"),
        *((significant, (value,), "–") for value in (None, np.nan, np.inf)),
        (p_value, (0.2345,), "0.23"),
        (p_value, (0.1,), "0.10"),
        (p_value, (0.0994,), "0.099"),
        (p_value, (0.001,), "0.001"),
        (p_value, (0.00099,), "<0.001"),
        *((p_value, (value,), "–") for value in (None, np.nan)),
        (limits, (Row(lower=0.5, upper=1),), "0.50 to 1.00"),
        (limits, (Row(lower=0.5, upper=1), 3), "0.500 to 1.000"),
        (proportion_text, (43, 51, 43 / 51), "84.3 % (43/51)"),
        (proportion_text, (0, 0, None), "– (0/0)"),
        (proportion_text, (0, 0, 0.5), "– (0/0)"),
    ],
)
def test_a_number_as_it_is_written(write, numbers, expected):
    assert write(*numbers) == expected


def test_a_proportion_that_is_not_known_has_no_number():
    assert proportion_text(1, 3, None).startswith("–")


def share(count, total, lower=0.25, upper=0.875):
    estimate = count / total if total else None
    return Proportion(estimate, lower, upper, count, total, total)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (share(1, 2), "25.0 to 87.5"),
        (share(0, 0), "–"),
        (share(1, 2, lower=None), "–"),
        (share(1, 2, upper=None), "–"),
    ],
)
def test_limits_of_a_proportion_are_per_cent(found, expected):
    assert interval_text(found) == expected


@pytest.mark.parametrize(
    ("statistic", "p", "by_patient", "expected"),
    [
        (6.6321, 0.5771, False, "χ² 6.6, df 8, p 0.58"),
        (6.6321, 0.5771, True, "χ² 6.6, df 8, p 0.58 by patient"),
        (None, 0.5, True, "–"),
        (6.6, None, True, "–"),
    ],
)
def test_a_test_of_calibration(statistic, p, by_patient, expected):
    test = HosmerLemeshow(statistic, 8, p, by_patient, ())
    assert hosmer_lemeshow_text(test) == expected


def part(prevalence=None):
    numbers = {
        "calibration_in_the_large": (0.1234, -0.3, 0.6),
        "slope": (0.8766, 0.5, 1.3),
        "intercept": (-0.2, -0.6, 0.2),
        "observed_expected": (1.1, 0.8, 1.5),
        "brier": (0.1234, 0.05, 0.2),
    }
    ends = ("", "_lower", "_upper")
    return Row(
        n_lesions=95,
        n_patients=60,
        prevalence=prevalence,
        auc=Row(auc=0.7254, lower=0.6221, upper=0.8279),
        performance=Row(
            sensitivity=share(3, 4),
            specificity=share(1, 4),
            accuracy=share(4, 8),
            ppv=share(3, 5),
            npv=share(0, 0),
        ),
        hosmer_lemeshow=HosmerLemeshow(6.6, 8, 0.58, True, ()),
        calibration=Row(
            **{
                name + end: value
                for name, values in numbers.items()
                for end, value in zip(ends, values, strict=True)
            }
        ),
    )


def test_the_table_of_performance():
    rows = performance_rows([part(), part()])
    assert all(row.cells[0] == row.cells[1] and len(row.cells) == 2 for row in rows)
    assert [(row.name, *row.cells[0]) for row in rows] == [
        ("Lesions (patients)", "95 (60)", ""),
        ("AUC", "0.725", "0.622 to 0.828"),
        ("Sensitivity", "75.0 % (3/4)", "25.0 to 87.5"),
        ("Specificity", "25.0 % (1/4)", "25.0 to 87.5"),
        ("Accuracy", "50.0 % (4/8)", "25.0 to 87.5"),
        ("Positive predictive value", "60.0 % (3/5)", "25.0 to 87.5"),
        ("Negative predictive value", "– (0/0)", "–"),
        ("Hosmer-Lemeshow test", "χ² 6.6, df 8, p 0.58 by patient", ""),
        ("Calibration in the large", "0.12", "−0.30 to 0.60"),
        ("Calibration slope", "0.88", "0.50 to 1.30"),
        ("Intercept with that slope", "−0.20", "−0.60 to 0.20"),
        ("Observed over expected", "1.10", "0.80 to 1.50"),
        ("Brier score", "0.123", "0.050 to 0.200"),
    ]


def test_predictive_values_at_another_prevalence_have_no_counts():
    plain, moved = performance_rows([part()]), performance_rows([part(0.125)])
    for before, after in zip(plain, moved, strict=True):
        if "predictive value" in before.name:
            assert after.name == f"{before.name} at a prevalence of 12.5 %"
            text = before.cells[0].text.split(" (")[0]
            assert after.cells[0] == (text, before.cells[0].interval)
        else:
            assert after == before


def test_a_study_without_parts_has_a_table_without_cells():
    assert not any(row.cells for row in performance_rows([]))


# Units of odds ratios -------------------------------------------------------------


def predictor(kind="continuous", low=0.0, high=1.0, **more):
    plain = {"values": None, "levels": (), "knots": (), "terms": ()}
    name = more.pop("name", "x")
    return CombinedPredictor(name, kind, low, high, **plain | more)


@pytest.mark.parametrize(
    ("found", "unit", "text"),
    [
        (predictor(high=1000.0), 1, ""),
        (predictor(low=500.0, high=1500.0), 1, ""),
        (predictor(high=1001.0), 100, ", per 100"),
        (predictor(low=-1000.0, high=999.0), 100, ", per 100"),
        (predictor(low=-1000.0, high=1000.0), 1000, ", per 1,000"),
        (predictor(high=1e7), 1e6, ", per 1,000,000"),
        (predictor(high=None), 1, ""),
        (predictor(low=None, high=1e7), 1, ""),
        (predictor("score", high=1e7), 1, ""),
        (predictor("ordinal", high=1e7), 1, ""),
        (predictor(high=1e7, knots=(1.0, 2.0, 3.0)), 1, ""),
    ],
)
def test_for_how_many_units_an_odds_ratio_is_told(found, unit, text):
    assert (unit_of(found), per_unit(found)) == (unit, text)


def odds(name="x", level=None, coefficient=0.0, ratio=1.0, lower=None, upper=None):
    return OddsRatio(
        name, level, 9, coefficient, ratio, lower, upper, None, None, None, None
    )


def test_an_odds_ratio_of_many_units_is_a_power():
    row = odds(ratio=1.01, lower=0.99, upper=None)
    found = in_units(row, {"x": predictor(high=1001.0)})
    assert found.odds_ratio == pytest.approx(np.exp(100 * np.log(1.01)))
    assert found.lower == pytest.approx(np.exp(100 * np.log(0.99)))
    assert found.upper is None and found.n_lesions == 9
    assert in_units(row, {"x": predictor()}) is row
    beyond = in_units(odds(ratio=2.0, lower=0.5), {"x": predictor(high=1e7)})
    assert (beyond.odds_ratio, beyond.lower) == (np.inf, 0)


# Formulas -------------------------------------------------------------------------

MODEL = Row(
    intercept=-1.5,
    predictors=(
        predictor(name="age"),
        predictor("categorical", name="site", levels=("jaw", "skull")),
        predictor("ordinal", name="stage", levels=("I", "II")),
        predictor(
            name="dose", knots=(50.0, 60.5, 70.0), terms=(0.25, -0.125), levels=()
        ),
    ),
    multivariable=(
        odds("age", coefficient=0.5),
        odds("site", "jaw"),
        odds("site", "skull", coefficient=-2.0),
        odds("stage", coefficient=0.75),
        odds("dose", coefficient=99.0),
    ),
    scores=(
        SequenceScore("T1 score", False, -0.5, {"Mean": 2.0, "Sigma": -0.125}),
        SequenceScore("T2 score", True, 0.5, {}),
        SequenceScore("T3 score", False, 0.5, {}),
    ),
)


def test_the_terms_of_a_formula():
    assert formula_terms(MODEL) == [
        (-1.5, ""),
        (0.5, "age"),
        (-2.0, "[site is skull]"),
        (0.75, "stage (I = 0, II = 1)"),
        (0.25, "dose"),
        (-0.125, "dose′"),
    ]


def test_a_formula_on_one_line():
    assert formula_text(MODEL) == (
        "log-odds = −1.5000 + 0.50000 × age − 2.0000 × [site is skull] + 0.75000 × "
        "stage (I = 0, II = 1) + 0.25000 × dose − 0.12500 × dose′"
    )


def test_scores_that_are_the_same_for_all_have_no_formula():
    assert sequence_formulas(MODEL) == (
        "The T1 score is −0.50000 + 2.0000 × Mean − 0.12500 × Sigma. "
        "The T3 score is 0.50000."
    )


def test_knots_are_told_where_there_are_some():
    knots, terms = spline_sentences(MODEL)
    assert knots == "The knots of dose are 50, 60.5, 70."
    assert "x′ is [(x − t1)³" in terms and "; x′′ has t2" in terms
    straight = Row(predictors=MODEL.predictors[:3])
    assert list(spline_sentences(straight)) == []
