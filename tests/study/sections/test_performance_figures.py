"""ROC, calibration, the four essential measures: what is drawn, and what is said."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sklearn_orn.study.report.sections import _calibration as calibration
from sklearn_orn.study.report.sections import _essentials as essentials
from sklearn_orn.study.report.sections import _roc as roc
from sklearn_orn.study.report.sections import _shared as shared
from sklearn_orn.study.results import CorrectedCurve, Scores
from tests.study._results_example import (
    EXAMPLE,
    OPTIMISM,
    TRAINING,
    VALIDATION,
    example,
    example_without,
    features_example,
)
from tests.study.seen._again import net_benefit

NBSP = "\N{NO-BREAK SPACE}"
N = 60
RNG = np.random.default_rng(0)
Y = np.arange(N) % 2
RISK = np.clip(0.5 + 0.4 * (Y - 0.5) + 0.15 * RNG.normal(size=N), 0.02, 0.98)
PART = np.where(np.arange(N) < 40, "training", "validation")
NAMES = tuple(f"L{i}" for i in range(N))


def scored(**changes):
    scores = Scores(
        lesion=NAMES,
        patient=NAMES,
        part=tuple(PART.tolist()),
        y=tuple(Y.tolist()),
        score=tuple(RISK.tolist()),
        probability=tuple(RISK.tolist()),
        predicted=tuple(Y.tolist()),
    )
    return example(scores=scores, **changes)


def line(ax, label):
    (found,) = (one for one in ax.lines if one.get_label().split("\n")[0] == label)
    return np.asarray(found.get_xdata(), float), np.asarray(found.get_ydata(), float)


def test_the_roc_curve_of_each_part():
    (ax,) = roc.draw_roc(scored()).axes
    for name, part in (
        ("Training (apparent)", "training"),
        ("Validation", "validation"),
    ):
        own = part == PART
        x, height = line(ax, name)
        assert np.trapezoid(height, x) == pytest.approx(
            roc_auc_score(Y[own], RISK[own])
        )


def said(auc, lower, upper):
    last = replace(
        VALIDATION, auc=replace(VALIDATION.auc, auc=auc, lower=lower, upper=upper)
    )
    return roc.roc_sentence(example(parts=(TRAINING, last))).replace(NBSP, " ")


CHANCE = ", so chance (0.5) is not ruled out."


def test_what_the_auc_means():
    assert said(0.684, 0.547, 0.827) == (
        "Of two lesions, one ORN and one metastasis, the score ranks the ORN one "
        "higher in 68 % of pairs in validation (95 % CI 55 to 83 %)."
    )
    for limits in ((0.4, 0.8), (0.5, 0.8), (0.2, 0.5)):
        assert said(0.5, *limits).endswith(CHANCE)
    for limits in ((0.501, 0.8), (0.2, 0.499)):
        assert not said(0.5, *limits).endswith(CHANCE)
    for limits in ((None, 0.8), (0.5, None), (None, None)):
        assert said(0.68, *limits).endswith("(too few patients for an interval).")


def test_calibration_of_each_part_and_of_other_patients_in_training():
    at = (0.2, 0.5, 0.8)
    curve = CorrectedCurve(at, (0.25, 0.5, 0.75), (0.3, 0.5, 0.7), (0.35, 0.45, 0.65))
    results = scored(optimism=replace(OPTIMISM, calibration_curve=curve))
    training, validation = calibration.draw_calibration(results).axes
    for ax, name in ((training, "Training"), (validation, "Validation")):
        own = PART == name.lower()
        x, _ = line(ax, name)
        assert x[0] == pytest.approx(RISK[own].min(), abs=0.02)
        assert x[-1] == pytest.approx(RISK[own].max(), abs=0.02)
    x, y = line(training, "Training, bias-corrected")
    shown = np.isin(np.round(x, 9), at)
    np.testing.assert_allclose(y[shown], (0.35, 0.45, 0.65))  # not Harrell's
    labels = [one.get_label() for one in validation.lines]
    assert not any("bias-corrected" in label for label in labels)
    plain = replace(results, optimism=example_without("optimism").optimism)
    for ax in calibration.draw_calibration(plain).axes:
        assert not any("corrected" in one.get_label() for one in ax.lines)


def told(slope, **changes):
    last = replace(VALIDATION.calibration, slope=slope, eavg=0.0712)
    first = replace(TRAINING.calibration, slope=9.0, eavg=0.5)
    parts = (
        replace(TRAINING, calibration=first),
        replace(VALIDATION, calibration=last),
    )
    return calibration.calibration_sentence(example(parts=parts, **changes))


@pytest.mark.parametrize(
    ("slope", "words"),
    [
        (0.79, "; with a slope of 0.79 the predictions are too extreme; on the"),
        (0.8, "; the slope is 0.80; on the"),
        (1.25, "; the slope is 1.25; on the"),
        (1.26, "; with a slope of 1.26 the predictions are too timid; on the"),
        (None, "in validation; on the"),
    ],
)
def test_a_slope_is_too_extreme_or_too_timid(slope, words):
    text = told(slope)
    assert text.startswith(
        "The predicted probability of ORN and the observed share are 7 percentage "
        "points apart on average in validation"
    )
    assert words in text
    assert "Dashed: the procedure repeated" in text
    assert "Dashed" not in told(slope, optimism=example_without("optimism").optimism)


def test_the_four_measures_are_of_the_lesions_that_judge():
    results = scored(classes=("benign $x$", "ORN"))
    axes = essentials.draw_essentials(results).axes
    curve, calibrated, decision, shares = axes
    own = PART == "validation"
    x, height = line(curve, "Validation")
    assert np.trapezoid(height, x) == pytest.approx(roc_auc_score(Y[own], RISK[own]))
    assert line(calibrated, "Validation")[0][0] == pytest.approx(
        RISK[own].min(), abs=0.02
    )
    pale = line(decision, "_pale")
    bold = line(decision, "Validation")[1]
    drawn = np.where(np.isnan(bold), pale[1], bold)
    expected = [net_benefit(Y[own], RISK[own], t) for t in pale[0]]
    np.testing.assert_allclose(drawn, expected, atol=1e-12)
    texts = [text.get_text() for text in shares.get_legend().get_texts()]
    assert texts == [r"benign \$x\$ (n = 10)", "ORN (n = 10)"]
    assert " in validation: the measures" in essentials.essentials_sentence(results)


# What sections share


def test_net_benefit_is_drawn_at_every_hundredth():
    settings = shared.decision_settings(example())
    np.testing.assert_allclose(settings["thresholds"], [i / 100 for i in range(1, 100)])


def test_scores_are_those_of_the_part():
    found = shared.scores_by_part(scored())
    assert [(title, len(rows)) for title, rows in found] == [
        *(("Training (apparent)", 40), ("Validation", 20))
    ]
    np.testing.assert_allclose(found[1][1]["probability"], RISK[40:])


def test_long_names_lose_their_middle():
    assert shared.short("a" * 20) == "a" * 20
    assert shared.short("a" * 10 + "b" * 11) == "a" * 10 + "…" + "b" * 10
    assert shared.short("abcdefghijk" + "lmnopqrstuv") == "abcdefghij…mnopqrstuv"
    assert shared.short("abcdefg", 6) == "abc…efg"
    assert shared.short("abcdefgh", 7) == "abc…fgh"
    assert shared.label("anna__Mean") == "anna__Mean"
    assert shared.label("T1|lesion__Mean", "\n") == "Mean\nT1 lesion"
    assert shared.literal("a$b") == r"a\$b"


def test_the_worked_lesion_is_where_it_is():
    worked = EXAMPLE.model.worked
    assert shared.worked_lesion(worked, "score") == (
        "lesion L1, with the median score in validation: probability 0.480"
    )
    folds = replace(worked, part="cross-validation")
    assert "with the median score in the study: prob" in shared.worked_lesion(
        folds, "score"
    )


def test_shares_in_per_cent():
    assert shared.percent(None) is None
    assert shared.percent(0.25) == 25
    assert shared.per_cent(0.844) == "84 %"
    assert shared.per_cent(0.8449, 1) == "84.5 %"


def test_powers_are_typeset():
    assert shared.power("1.2 × 10^−5 a^2 b") == (
        "1.2 × 10<sup>−5</sup> a<sup>2</sup> b"
    )
    assert shared.power("a < b") == "a &lt; b"


def test_a_section_that_is_absent_raises_its_reason():
    assert shared.has("model")(example())
    assert not shared.has("model")(example_without("model"))
    assert shared.needed(EXAMPLE.model) is EXAMPLE.model
    with pytest.raises(shared.NotEstimable, match="no model here"):
        shared.needed(example_without("model").model)
    assert shared.MAX_NAMED == 6 and features_example().source == "features"
