"""Where a model brings more: the decision curve, and the three models."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study.report.sections import _added_benefit as added
from sklearn_orn.study.report.sections import _decision as decision
from sklearn_orn.study.report.sections import _three_models as three
from sklearn_orn.study.results import (
    BenefitComparison,
    BenefitCurve,
    Benefits,
    Comparison,
    JudgedLesions,
    ModelBenefit,
    Scores,
)
from tests.study._results_example import (
    CALIBRATION,
    CONFIG,
    DECISION,
    EXAMPLE,
    TRAINING,
    VALIDATION,
    example,
    example_without,
    features_example,
)
from tests.study.seen._again import net_benefit

NBSP = "\N{NO-BREAK SPACE}"
BOTH = "clinical + radiomics"
AT = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)


def curve(model, over_all, model_lower=None, over_all_lower=None, sides=None):
    sides = sides or [(20, 20)] * len(AT)
    return replace(
        DECISION,
        threshold=AT,
        model=model,
        over_all=over_all,
        model_lower=model_lower or model,
        over_all_lower=over_all_lower or over_all,
        above=tuple(one for one, _ in sides),
        below=tuple(other for _, other in sides),
    )


UP, NONE = (0.1,) * 6, (0.0,) * 6


def useful(limits=None, certain=True, **changes):
    parts = {"model": UP, "over_all": UP} | changes
    return decision.useful_range(curve(**parts), limits, certain=certain)


def test_five_lesions_on_either_side_are_enough():
    sides = [(40, 4), (39, 5), (30, 14), (14, 30), (5, 39), (4, 40)]
    assert useful(sides=sides) == (0.2, 0.5)
    assert useful(limits=(0.1, 0.6), sides=sides) == (0.1, 0.6)


def test_the_clinical_range_holds_its_ends():
    assert useful(limits=(0.2, 0.4)) == (0.2, 0.4)
    assert useful(limits=(0.21, 0.39)) == (0.3, 0.3)


def test_a_rounding_error_is_no_benefit():
    assert useful(model=NONE) is None
    assert useful(over_all=NONE) is None
    assert useful(model=(1e-13,) * 6) is None
    assert useful(model=(1e-11,) * 6) == (0.1, 0.6)


def test_the_longest_run_counts_and_of_equal_ones_the_first():
    assert useful(model=(0.1, 0.0, 0.1, 0.1, 0.0, 0.1)) == (0.3, 0.4)
    assert useful(model=(0.1, 0.1, 0.0, 0.1, 0.1, 0.0)) == (0.1, 0.2)
    assert useful(model=(0.1, 0.1, 0.0, 0.1, 0.1, 0.1)) == (0.4, 0.6)
    assert useful(model=(0.0, 0.1, None, 0.1, -0.1, 0.0)) == (0.2, 0.2)


def sentence(limits=None, prevalence=None, part=VALIDATION, **changes):
    parts = {"model": UP, "over_all": UP} | changes
    judged = replace(part, decision_curve=curve(**parts), prevalence=prevalence)
    # Training is not what is told.
    taught = replace(TRAINING, decision_curve=curve(NONE, NONE))
    config = replace(CONFIG, threshold_range=limits)
    results = example(parts=(taught, judged), config=config)
    return decision.decision_sentence(results).replace(NBSP, " ")


SURE = (
    "At threshold probabilities from 0.10 to 0.60, deciding by the model brings a "
    "higher net benefit than treating all or no lesions as ORN in validation: the "
    "lower 95 % limits of both differences, by patient, are above 0"
)
PALE = "Thresholds with fewer than 5 lesions on a side are pale"


def test_what_is_shown_is_said():
    assert sentence() == f"{SURE}. {PALE}."
    assert sentence(prevalence=0.12) == (
        f"{SURE}. {PALE}. The prevalence is set to 12 %."
    )
    assert sentence(limits=(0.1, 0.6)) == f"{SURE}."


def test_the_curve_may_be_the_highest_over_a_longer_run():
    low = (0.1, 0.1, -0.1, -0.1, -0.1, -0.1)
    text = sentence(model_lower=low)
    assert text.startswith("At threshold probabilities from 0.10 to 0.20, deciding")
    assert "above 0 (the curve itself is the highest from 0.10 to 0.60). " in text
    text = sentence(over_all_lower=(-0.1, 0.1, *low[2:]))
    assert text.startswith("At threshold probabilities of 0.20, deciding")


def test_a_benefit_without_limits_above_zero_is_not_shown():
    text = sentence(model_lower=(-0.1,) * 6)
    assert text.startswith(
        "The curve is the highest at threshold probabilities from 0.10 to 0.60 in "
        "validation, but at none with 5 or more lesions on either side are the lower "
        "95 % limits"
    )
    assert f"a benefit is not shown. {PALE}" in text
    assert sentence(model=(-0.1,) * 6).startswith(
        "At no threshold probability with 5 or more lesions on either side does the "
        "model do better than treating all or no lesions as ORN in validation"
    )
    assert "in the clinical range from 0.1 to 0.4" in sentence(
        limits=(0.1, 0.4), model=NONE
    )


RISKS = {
    "training": [(0, 0.1), (0, 0.4), (1, 0.6), (1, 0.9), (0, 0.2), (1, 0.3)],
    "validation": [(0, 0.2), (1, 0.25), (0, 0.7), (1, 0.8), (1, 0.55)],
}


def with_scores():
    rows = [(part, y, p) for part, pairs in RISKS.items() for y, p in pairs]
    names = tuple(f"L{i}" for i in range(len(rows)))
    part, y, probability = zip(*rows, strict=True)
    scores = Scores(
        lesion=names,
        patient=names,
        part=part,
        y=y,
        score=probability,
        probability=probability,
        predicted=y,
    )
    return example(scores=scores)


@pytest.mark.parametrize(
    ("draw", "parts"),
    [
        (decision.draw_decision, ["validation"]),
        (decision.draw_pooled, ["training", "validation"]),
    ],
)
def test_the_decision_curve_is_of_its_lesions(draw, parts):
    (ax,) = draw(with_scores()).axes
    pairs = [pair for part in parts for pair in RISKS[part]]
    y, risk = map(np.array, zip(*pairs, strict=True))
    name = "Pooled" if len(parts) > 1 else "Validation"
    lines = {line.get_label().split("\n")[0]: line for line in ax.lines}
    assert name in lines
    at = np.arange(1, 100) / 100
    bold, pale = lines[name].get_ydata(), lines["_pale"].get_ydata()
    np.testing.assert_allclose(lines["_pale"].get_xdata(), at)
    drawn = np.where(np.isnan(bold), pale, bold)
    np.testing.assert_allclose(drawn, [net_benefit(y, risk, t) for t in at], atol=1e-12)


def test_the_pooled_curve_is_asked_for_and_not_of_folds():
    asked = replace(CONFIG, pooled_decision_curve=True)
    assert decision.is_pooled(example(config=asked))
    assert not decision.is_pooled(example())
    folds = features_example()
    folds = replace(folds, config=replace(folds.config, pooled_decision_curve=True))
    assert not decision.is_pooled(folds)


# The three models

N = 40
RNG = np.random.default_rng(0)
Y = np.arange(N) % 2
PROBA = {
    "clinical": np.linspace(0.05, 0.65, N),
    "radiomics": np.clip(0.3 + 0.3 * Y + 0.2 * RNG.normal(size=N), 0.02, 0.98),
    BOTH: np.clip(0.25 + 0.4 * Y + 0.2 * RNG.normal(size=N), 0.02, 0.98),
}
PAIRS = ((BOTH, "clinical"), (BOTH, "radiomics"), ("radiomics", "clinical"))


def judged(proba=None):
    names = tuple(f"L{i}" for i in range(N))
    return JudgedLesions(
        lesion=names,
        patient=names,
        y=tuple(Y.tolist()),
        probability={k: tuple(v.tolist()) for k, v in (proba or PROBA).items()},
        calibration={
            name: replace(CALIBRATION, slope=0.5 + 0.25 * i, brier=0.1234 + i)
            for i, name in enumerate(("clinical", "radiomics", BOTH))
        },
    )


def gains(lower=(0.01,) * 6, upper=(0.09,) * 6, difference=(0.05,) * 6):
    of_curve = BenefitCurve(AT, difference, lower, upper)
    return Benefits(
        threshold=0.4729,
        models=tuple(
            ModelBenefit(name, 0.1 + 0.01 * i, 0.05, 0.35)
            for i, name in enumerate(("clinical", "radiomics", BOTH))
        ),
        comparisons=tuple(
            BenefitComparison(*pair, 0.02 + 0.01 * i, -0.01, 0.05, of_curve)
            for i, pair in enumerate(PAIRS)
        ),
    )


COMPARISONS = tuple(
    Comparison(*pair, 0.1 + 0.01 * i, -0.05, 0.26, 0.19 + 0.01 * i)
    for i, pair in enumerate(PAIRS[::-1])
)


def models(**changes):
    plain = {"judged": judged(), "benefits": gains(), "comparisons": COMPARISONS}
    return replace(EXAMPLE.models, **plain | changes)


def results_of(limits=None, **changes):
    config = replace(CONFIG, threshold_range=limits)
    return example(models=models(**changes), config=config)


def test_each_model_has_its_row_and_each_pair():
    table = three.three_models_table(results_of())
    large = "0.17 (−0.30 to 0.60)"
    net = "(0.050 to 0.350)"
    gain = "(−0.010 to 0.050)"
    assert table.rows == [
        [
            *("Clinical", "0.640 (0.500 to 0.800)", "", large, "0.50 (0.50 to 1.30)"),
            *("0.123 (0.170 to 0.270)", f"0.100 {net}"),
        ],
        [
            *("Radiomics", "0.684 (0.500 to 0.800)", "", large, "0.75 (0.50 to 1.30)"),
            *("1.123 (0.170 to 0.270)", f"0.110 {net}"),
        ],
        [
            *("Clinical + radiomics", "0.701 (0.500 to 0.800)", "", large),
            *("1.00 (0.50 to 1.30)", "2.123 (0.170 to 0.270)", f"0.120 {net}"),
        ],
        [
            *("Clinical + radiomics − clinical", "0.120 (−0.050 to 0.260)", "0.21"),
            *("", "", "", f"0.020 {gain}"),
        ],
        [
            *("Clinical + radiomics − radiomics", "0.110 (−0.050 to 0.260)", "0.20"),
            *("", "", "", f"0.030 {gain}"),
        ],
        [
            *("Radiomics − clinical", "0.100 (−0.050 to 0.260)", "0.19"),
            *("", "", "", f"0.040 {gain}"),
        ],
    ]
    assert table.columns[-1].head == "Net benefit at 0.47"
    assert table.title.endswith("and both, validation")


@pytest.mark.parametrize("lost", ["judged", "benefits"])
def test_a_pair_that_was_not_compared_has_no_row_and_nothing_no_table(lost):
    fewer = three.three_models_table(results_of(comparisons=COMPARISONS[:1]))
    assert [row[0] for row in fewer.rows[3:]] == ["Radiomics − clinical"]
    with pytest.raises(NotEstimable, match="not all fitted"):
        three.three_models_table(results_of(**{lost: None}))


def test_there_are_three_where_all_are_judged():
    assert three.has_three(results_of())
    assert not three.has_three(results_of(judged=None))
    two = {name: PROBA[name] for name in ("clinical", "radiomics")}
    assert not three.has_three(results_of(judged=judged(two)))
    four = PROBA | {"lesion size": PROBA["clinical"]}
    assert three.has_three(results_of(judged=judged(four)))
    assert not three.has_three(example_without("models"))


def test_the_three_models_are_drawn():
    roc, calibration, curves = three.draw_three(results_of()).axes
    for name, risk in PROBA.items():
        (line,) = [x for x in roc.lines if x.get_label().split("\n")[0] == name]
        area = np.trapezoid(line.get_ydata(), line.get_xdata())
        assert area == pytest.approx(roc_auc_score(Y, risk))
        (line,) = [x for x in calibration.lines if x.get_label().split("\n")[0] == name]
        assert np.nanmin(line.get_xdata()) >= risk.min() - 0.02
        (line,) = [x for x in curves.lines if x.get_label() == name]
        at, drawn = line.get_xdata(), line.get_ydata()
        known = np.isfinite(drawn)
        expected = [net_benefit(Y, risk, t) for t in at[known]]
        np.testing.assert_allclose(drawn[known], expected, atol=1e-12)
    low, high = calibration.get_ylim()
    assert low <= 0 and 1 <= high < 1.5
    figure = roc.figure
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        *("Clinical", "Radiomics", "Clinical + radiomics", "Treat all", "Treat none")
    ]
    assert all(ax.get_legend() is None for ax in figure.axes)
    assert figure.get_layout_engine() is not None


# The paired differences of net benefit


def test_thresholds_with_five_lesions_on_either_side_by_both_models():
    pair = gains().comparisons[0]
    counts = added.judged(results_of(), pair)
    expected = []
    for at in AT:
        sides = [(PROBA[name] >= at).sum() for name in (BOTH, "clinical")]
        expected.append(all(5 <= n <= N - 5 for n in sides))
    assert counts.tolist() == expected
    assert any(expected) and not all(expected)


@pytest.mark.parametrize(
    ("n", "enough"), [(4, False), (5, True), (35, True), (36, False)]
)
def test_the_fifth_lesion_counts(n, enough):
    at = 0.3
    risk = np.r_[np.full(n, at), np.full(N - n, 0.1)]  # at the threshold is above
    proba = PROBA | {BOTH: risk, "clinical": risk}
    counts = added.judged(results_of(judged=judged(proba)), gains().comparisons[0])
    assert counts[AT.index(at)] == enough


def test_the_clinical_range_holds_its_ends_for_differences():
    counts = added.judged(results_of(limits=(0.2, 0.4)), gains().comparisons[0])
    assert counts.tolist() == [False, True, True, True, False, False]


def said(limits=(0.1, 0.6), **changes):
    text = added.added_benefit_sentence(
        results_of(limits=limits, benefits=gains(**changes))
    )
    return text.replace(NBSP, " ")


START = (
    "Paired differences with 95 % limits by patient, each for its own threshold; "
    "dotted, the threshold of this study (0.47). "
)
NOT = "is not shown to raise the net benefit at any threshold from 0.1 to 0.6"


def test_runs_of_thresholds_at_which_the_score_raises_or_lowers():
    score = f"{START}The radiomics score"
    of = "the net benefit of the clinical model at thresholds"
    assert said() == f"{score} raises {of} from 0.10 to 0.60."
    apart = (0.01, 0.01, -0.01, 0.01, 0.0, 0.01)
    assert said(lower=apart) == (
        f"{score} raises {of} from 0.10 to 0.20 and of 0.40 and of 0.60."
    )
    low, high = (-0.09,) * 6, (-0.01, -0.01, 0.01, 0.0, 0.01, 0.01)
    assert said(lower=low, upper=high) == (
        f"{score} {NOT}; it lowers {of} from 0.10 to 0.20."
    )
    mixed = (0.01, *low[1:])
    assert said(lower=mixed, upper=(0.09, *high[1:])) == (
        f"{score} raises {of} of 0.10; it lowers {of} of 0.20."
    )
    assert said(lower=low) == f"{score} {NOT}."


def test_rounding_errors_neither_raise_nor_lower():
    assert NOT in said(lower=(1e-13,) * 6)
    assert "lowers" not in said(lower=(-0.1,) * 6, upper=(-1e-13,) * 6)
    assert "raises" in said(lower=(1e-11,) * 6)


def test_what_is_outside_of_the_range_is_not_told():
    assert said(limits=(0.3, 0.5)).endswith("at thresholds from 0.30 to 0.50.")
    assert said(limits=(0.3, 0.5), lower=(-0.09,) * 6, upper=(-0.01,) * 6).endswith(
        "lowers the net benefit of the clinical model at thresholds from 0.30 to 0.50."
    )
    whole = said(limits=None)
    assert "Thresholds with fewer than 5 lesions on a side are pale. The rad" in whole
    known = added.judged(results_of(), gains().comparisons[0])
    first = AT[int(np.flatnonzero(known)[0])]
    assert f"from {first:.2f} to" in whole
    none = said(limits=(0.71, 0.79))
    assert none == f"{START}There is no threshold from 0.71 to 0.79."


def test_the_sentence_is_of_the_pair_of_both_and_clinical():
    benefits = gains()
    worse = replace(
        benefits.comparisons[1].curve, lower=(-0.09,) * 6, upper=(-0.01,) * 6
    )
    others = [replace(pair, curve=worse) for pair in benefits.comparisons[1:]]
    mixed = replace(benefits, comparisons=(*others, benefits.comparisons[0]))
    text = added.added_benefit_sentence(results_of(limits=(0.1, 0.6), benefits=mixed))
    assert "raises" in text and "lowers" not in text


def drawn(limits=None, **changes):
    return added.draw_added_benefit(
        results_of(limits=limits, benefits=gains(**changes))
    ).axes


def test_differences_are_drawn_with_their_limits_and_what_is_weak_is_pale():
    difference = (0.02, 0.03, 0.04, 0.05, 0.06, 0.07)
    axes = drawn(difference=difference)
    titles = [ax.get_title(loc="left") for ax in axes]
    assert titles == [
        *("Clinical + radiomics\n− clinical", "Clinical + radiomics\n− radiomics"),
        "Radiomics\n− clinical",
    ]
    results = results_of()
    for ax, pair in zip(axes, gains().comparisons, strict=True):
        pale, bold, zero, study = ax.lines
        np.testing.assert_allclose(pale.get_xydata(), np.transpose([AT, difference]))
        counts = added.judged(results, pair)
        shown = np.where(counts, difference, np.nan)
        np.testing.assert_allclose(bold.get_ydata(), shown)
        assert bold.get_label() == "Difference"
        assert set(zero.get_ydata()) == {0}
        assert set(study.get_xdata()) == {0.4729}
        weak, strong = (band.get_paths()[0].vertices for band in ax.collections)
        assert {0.01, 0.09} <= set(weak[:, 1].round(9))
        assert {0.01, 0.09} <= set(strong[:, 1].round(9))
        assert np.ptp(weak[:, 0]) > np.ptp(strong[:, 0])
        assert ax.get_xlim() == (0, 1)
        assert ax.get_xlabel() == "Threshold probability"
    assert axes[0].get_ylabel() == "Difference of net benefit"
    assert len({ax.get_ylim() for ax in axes}) == 1
    low, high = axes[0].get_ylim()
    assert low == -high and 0.09 < high < 0.2


def test_the_axes_follow_the_clinical_range():
    axes = drawn(limits=(0.2, 0.4))
    assert axes[0].get_xlim() == (0.2, 0.4)
    flat = drawn(difference=NONE, lower=NONE, upper=NONE)
    assert 0 < flat[0].get_ylim()[1] < 0.1
