"""The model in each validation part and in groups of patients, from stored scores."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics import roc_auc_ci
from sklearn_orn.study._subgroups import UNKNOWN
from sklearn_orn.study.report.sections import _performance as performance
from sklearn_orn.study.report.sections import _subgroups as groups
from sklearn_orn.study.report.sections import _validation_parts as section
from sklearn_orn.study.results import (
    Absent,
    Folds,
    GroupMeasure,
    PartUpdate,
    Scores,
    ValidationPart,
    ValidationParts,
)
from tests.study._results_example import (
    CONFIG,
    EXAMPLE,
    MODEL,
    TRAINING,
    VALIDATION,
    example,
    example_without,
    features_example,
)
from tests.study.sections._study import design_of
from tests.study.seen._again import in_the_large, net_benefit

N = 96
Y = np.arange(N) % 2
WHERE = np.repeat(["training", "far", "near", "tiny"], [40, 30, 24, 2])
Y[-2:] = 1  # the tiny part has one class
TRAIN = WHERE == "training"
RISK = expit(
    np.random.default_rng(1).normal(size=N)
    + 1.2 * (Y - 0.5)
    + np.where(WHERE == "far", 0.7, 0)
)
PATIENT = np.array([f"P{i // 2:02d}" for i in range(N)])


def scores_of(part, risk=RISK, threshold=0.5):
    return Scores(
        lesion=tuple(f"L{i:02d}" for i in range(N)),
        patient=tuple(PATIENT.tolist()),
        part=tuple(part),
        y=tuple(Y.tolist()),
        score=tuple(logit(risk).tolist()),
        probability=tuple(risk.tolist()),
        predicted=tuple((risk >= threshold).astype(int).tolist()),
    )


def study(*, named=True, prevalence=None, **more):
    design = design_of(
        Y, training=TRAIN, patient=PATIENT, part=WHERE if named else None
    )
    config = SimpleNamespace(prevalence=prevalence)
    return SimpleNamespace(design=design, config=config, **more)


RESULTS = example(scores=scores_of(np.where(TRAIN, "training", "validation")))


def test_each_part_is_judged_by_its_own_lesions():
    found = section.parts_of(study(), RESULTS)
    assert [row.name for row in found.rows] == ["far", "near"]
    assert found.missing == {"tiny": "All its lesions are of one class."}
    for row in found.rows:
        here = row.name == WHERE
        y, risk, line = Y[here], RISK[here], logit(RISK[here])
        assert row.lesions == tuple(f"L{i:02d}" for i in np.flatnonzero(here))
        told = row.judged
        assert (told.n_lesions, told.n_patients) == (len(y), len(set(PATIENT[here])))
        assert told.n_positive == y.sum() and not told.apparent
        limits = roc_auc_ci(y, risk, groups=PATIENT[here])
        assert told.auc.auc == pytest.approx(roc_auc_score(y, risk))
        assert (told.auc.lower, told.auc.upper) == pytest.approx(
            (limits.lower, limits.upper)
        )
        assert told.calibration.brier == pytest.approx(np.mean((y - risk) ** 2))
        called = risk >= 0.5
        assert told.performance.sensitivity.count == (called & (y == 1)).sum()
        # Hosmer and Lemeshow's 10 groups, of lesions that did not train.
        assert told.hosmer_lemeshow.df == len(told.hosmer_lemeshow.groups)
        first, second = row.updates
        assert (first.method, second.method) == ("intercept", "intercept and slope")
        shift = in_the_large(y, line)
        assert (first.intercept, first.slope) == pytest.approx((shift, 1.0))
        moved = expit(shift + line)
        assert first.brier == pytest.approx(np.mean((y - moved) ** 2))
        fit = LogisticRegression(C=1e12, tol=1e-10).fit(line[:, None], y)
        assert second.slope == pytest.approx(fit.coef_[0, 0], rel=1e-4)
        assert second.intercept == pytest.approx(fit.intercept_[0], rel=1e-3)


def test_another_prevalence_reaches_each_part():
    found = section.parts_of(study(prevalence=0.1), RESULTS)
    assert [row.judged.prevalence for row in found.rows] == [0.1, 0.1]
    assert found.rows[0].judged.decision_curve.treat_all[0] == pytest.approx(0.1)


def test_one_part_or_none_that_can_be_judged():
    with pytest.raises(NotEstimable, match="There are not several validation parts"):
        section.parts_of(study(named=False), RESULTS)
    of = study()
    of.design.y[~TRAIN] = 1
    with pytest.raises(NotEstimable, match="^far: All its .*; near: All its .*; tiny"):
        section.parts_of(of, RESULTS)


def parts_results(**missing):
    rows = []
    for i, name in enumerate(("external A", "internal")):
        judged = replace(
            VALIDATION,
            auc=replace(VALIDATION.auc, auc=0.6 + 0.1 * i),
            calibration=replace(VALIDATION.calibration, slope=0.8 + i, brier=0.2345),
        )
        updates = (
            PartUpdate("intercept", -0.25, 1.0, 0.21212, ""),
            PartUpdate("intercept and slope", None, None, None, "too few"),
        )
        lesions = tuple(
            f"L{j:02d}" for j in np.flatnonzero(WHERE == ("far", "near")[i])
        )
        rows.append(ValidationPart(name, lesions, judged, updates))
    found = ValidationParts(tuple(rows), missing)
    return replace(RESULTS, validation_parts=found)


def test_each_part_has_its_rows():
    table = section.update_table(parts_results(tiny="one class"))
    update = ["", "intercept updated", "", "−0.25", "1.00", "0.212", ""]
    none = ["", "intercept and slope updated", "", "–", "–", "–", "too few"]
    assert table.rows == [
        [
            *("External A", "as it is", "0.600 (0.540 to 0.827)"),
            *("0.17", "0.80", "0.234", ""),
        ],
        update,
        none,
        [
            *("Internal", "as it is", "0.700 (0.540 to 0.827)"),
            *("0.17", "1.80", "0.234", ""),
        ],
        update,
        none,
        ["Tiny", "", "–", "–", "–", "–", "one class"],
    ]
    assert [column.head for column in table.columns[2:]] == [
        *("AUC (95 % CI)", "Intercept", "Slope", "Brier score", "Note")
    ]


def test_each_part_is_drawn_from_its_own_scores():
    figure = section.draw_parts(parts_results())
    assert len(figure.axes) == 5
    roc, *panels = figure.axes
    for name, where, calibration, decision in (
        ("External A", "far", *panels[:2]),
        ("Internal", "near", *panels[2:]),
    ):
        y, risk = Y[where == WHERE], RISK[where == WHERE]
        (line,) = [x for x in roc.lines if x.get_label().split("\n")[0] == name]
        area = np.trapezoid(line.get_ydata(), line.get_xdata())
        assert area == pytest.approx(roc_auc_score(y, risk))
        labels = [x.get_label().split("\n")[0] for x in calibration.lines]
        assert name in labels
        lines = {x.get_label(): x for x in decision.lines}
        pale, bold = lines["_pale"].get_ydata(), lines[name].get_ydata()
        shown = np.where(np.isnan(bold), pale, bold)
        at = lines["_pale"].get_xdata()
        np.testing.assert_allclose(
            shown, [net_benefit(y, risk, t) for t in at], atol=1e-12
        )


def test_sentences_of_the_parts():
    results = parts_results()
    assert section.parts_sentence(results).endswith(
        "AUC: external A 0.60, internal 0.70."
    )
    assert len(list(section.parts_note(results))) == 1
    assert list(section.parts_note(example_without("validation_parts"))) == []


# The performance of the study


def test_the_part_to_quote_stands_first_in_the_table_of_performance():
    table = performance.performance_table(example_without("validation_parts"))
    assert [c.head for c in table.columns] == [
        *("", "Validation", "95 % CI", "Training (apparent)", "95 % CI")
    ]
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["AUC"] == ["0.684", "0.540 to 0.827", "0.828", "0.735 to 0.921"]
    assert rows["Lesions (patients)"] == ["47 (25)", "", "95 (46)", ""]
    assert rows["Sensitivity"][0] == "64.0 % (16/25)"
    assert table.note.endswith("The threshold was learnt in training.")
    several = performance.performance_table(parts_results())
    assert [c.head for c in several.columns[1::2]] == [
        *("Validation, together", "External A", "Internal", "Training (apparent)")
    ]
    rows = {row[0]: row[1:] for row in several.rows}
    assert rows["AUC"][::2] == ["0.684", "0.600", "0.700", "0.828"]


def test_whether_folds_or_a_split_judged_is_told():
    folds = features_example()
    assert (
        "learnt anew from the other folds" in performance.performance_table(folds).note
    )
    (told,) = performance.folds_sentence(folds)
    assert told == (
        "Within the 3 folds the mean AUC is 0.650 (SD 0.070; 2 folds hold both "
        "classes)."
    )
    dated = replace(CONFIG, split=None, date="scanned")
    for config, words in (
        (dated, "learnt in training."),
        (replace(dated, date=None), "cross-validation."),
    ):
        table = performance.performance_table(example(config=config))
        assert table.note.endswith(words)
    assert list(performance.folds_sentence(EXAMPLE)) == []
    with pytest.raises(NotEstimable, match="no model to judge"):
        performance.performance_table(example(parts=()))
    assert list(performance.folds_sentence(example(parts=()))) == []
    last = replace(VALIDATION, folds=None)
    first = replace(TRAINING, folds=Folds((0.7,), 0.7, None, 1))
    assert list(performance.folds_sentence(example(parts=(first, last)))) == []


# Groups of patients

SEX = np.where(np.arange(N) // 2 % 2, "f", "m").astype(object)


def with_groups(*, centres=None, protocol=None, split=True, clinical=None):
    of = study(protocol=protocol)
    clinical = pd.DataFrame({"sex": SEX}) if clinical is None else clinical
    of.cohort = SimpleNamespace(clinical=clinical, centres=centres)
    if split:
        part = np.where(TRAIN, "training", "validation")
        parts = (TRAINING, VALIDATION)
    else:
        part = ["cross-validation"] * N
        parts = (TRAINING, replace(VALIDATION, part="cross-validation"))
    # What training says of its lesions must not matter.
    results = example(
        scores=scores_of(part), parts=parts, model=replace(MODEL, threshold=0.4)
    )
    return of, results


@pytest.mark.parametrize("split", [True, False])
def test_groups_are_of_the_lesions_that_judge(split):
    found = groups.subgroups_numbers(*with_groups(split=split))
    judge = ~TRAIN if split else np.ones(N, bool)
    assert found.part == ("validation" if split else "cross-validation")
    assert found.threshold == 0.4
    for row in found.rows:
        here = judge & (row.name == SEX)
        assert (row.by, row.n_lesions) == ("sex", here.sum())
        assert row.n_patients == len(set(PATIENT[here]))
        assert row.n_positive == Y[here].sum()
        assert row.auc.estimate == pytest.approx(roc_auc_score(Y[here], RISK[here]))
        expected = net_benefit(Y[here], RISK[here], 0.4)
        assert row.net_benefit.estimate == pytest.approx(expected)
    assert found.missing["centre"] == "No column of the centre is named."
    assert found.missing["scanner"] == "No clinical column of the scanner is named."


def test_the_centre_and_the_header_are_groups_too():
    centres = np.where(np.arange(N) // 2 % 3 == 0, "A", "B")
    protocol = pd.DataFrame(
        {
            "vendor": np.where(SEX == "f", "X", None),
            "model": np.where(SEX == "f", "one", None),
            "field_strength_T": np.where(SEX == "f", 1.5, 3.0),
        }
    )
    found = groups.subgroups_numbers(*with_groups(centres=centres, protocol=protocol))
    counted = {(row.by, row.name): row.n_lesions for row in found.rows}
    assert counted == {
        **{("sex", x): (~TRAIN & (x == SEX)).sum() for x in ("f", "m")},
        **{("centre", x): (~TRAIN & (centres == x)).sum() for x in ("A", "B")},
        ("scanner", "X one 1.5 T"): (~TRAIN & (SEX == "f")).sum(),
        ("scanner", "3 T"): (~TRAIN & (SEX == "m")).sum(),
    }
    column = pd.DataFrame({"sex": SEX, "scanner": centres})
    named = groups.subgroups_numbers(*with_groups(protocol=protocol, clinical=column))
    names = {row.name for row in named.rows if row.by == "scanner"}
    assert names == {"A", "B"}  # the column goes before the header


def test_scanners_by_their_headers():
    table = pd.DataFrame(
        {
            "vendor": ["X", None, None, "Y"],
            "model": ["one", "two", None, None],
            "field_strength_T": [1.5, np.nan, np.nan, 3.0],
        }
    )
    assert groups._scanners(table).tolist() == ["X one 1.5 T", "two", UNKNOWN, "Y 3 T"]
    none = table.assign(vendor=None, model=None)
    assert groups._scanners(none) == "No header tells the scanner."
    half = table.assign(vendor=None)
    assert groups._scanners(half).tolist()[:2] == ["one 1.5 T", "two"]


def groups_of(*differences, **changes):
    """Return groups whose AUC differs so, with limits."""
    first = EXAMPLE.subgroups.rows[0]
    rows = tuple(
        replace(
            first,
            name=f"g{i}",
            few=i == 0,
            auc=GroupMeasure(0.8, 0.7, 0.9, *difference),
            in_the_large=GroupMeasure(None, None, None, None, None, None),
            net_benefit=GroupMeasure(0.2, None, None, None, None, None),
        )
        for i, difference in enumerate(differences)
    )
    found = replace(EXAMPLE.subgroups, rows=rows, missing={})
    return replace(found, **changes)


def test_a_difference_is_told_where_its_limits_are_on_one_side_of_zero():
    found = groups_of(
        (0.1, 0.02, 0.2),
        (-0.1, -0.2, -0.02),
        (0.1, 0.0, 0.2),
        (-0.1, -0.2, 0.0),
        (0.1, -0.1, 0.3),
        (None, None, None),
        (0.9, 0.5, 2.5),
    )
    names = [f"AUC of sex g{i}" for i in (0, 1, 6)]
    assert groups.differing_groups(found) == names
    net = replace(
        found.rows[0],
        auc=found.rows[5].auc,
        in_the_large=GroupMeasure(0.1, 0.0, 0.2, 0.1, 0.01, 0.2),
        net_benefit=GroupMeasure(0.1, 0.0, 0.2, -0.1, -0.2, -0.01),
    )
    assert groups.differing_groups(replace(found, rows=(net,))) == [
        *("observed minus expected of sex g0", "net benefit of sex g0")
    ]


def test_a_group_has_its_cells_and_few_patients_a_star():
    found = groups_of((0.1, 0.02, 0.2), (None, None, None))
    table = groups.subgroups_table(example(subgroups=found))
    cells = ["9 (5, 4)", "10/17", "0.80 (0.70 to 0.90)", "", "0.20"]
    cells = [f"{found.rows[0].n_patients} {table.rows[0][1].partition(' ')[2]}",
             *cells[1:]]  # fmt: skip
    assert table.rows == [["sex: g0 *", *cells], ["sex: g1", *cells]]
    assert "at a probability of 0.473, where the study decides" in table.note
    assert table.title == "Groups of patients, validation"
    apart = groups.differences_table(example(subgroups=found))
    assert apart.rows == [["sex: g0 *", "0.10 (0.02 to 0.20)", "", ""]]
    other = groups.differences_table(
        example(subgroups=groups_of((None,) * 3, (0.1, None, None)))
    )
    assert other.rows == [["sex: g1", "0.10", "", ""]]


def said(found):
    return list(groups.subgroups_sentence(example(subgroups=found)))


def test_sentences_of_the_groups():
    differ = groups_of((0.1, 0.02, 0.2), (-0.1, -0.2, 0.1))
    first, second = said(differ)
    assert first == (
        "Of 3 differences between groups, adjusted for their number, the intervals of "
        "1 leave out 0: AUC of sex g0."
    )
    assert second.startswith("1 group of 2 has fewer than 10 patients of a class, and")
    alike = groups_of((0.1, -0.02, 0.2))
    alike = replace(alike, rows=tuple(replace(r, few=False) for r in alike.rows))
    assert said(alike) == [
        "Of 3 differences between groups, adjusted for their number, the intervals of "
        "none leave out 0."
    ]
    few = tuple(replace(row, few=True) for row in differ.rows)
    assert said(replace(differ, rows=few))[1].startswith("2 groups of 2 have fewer")
    none = replace(alike, n_comparisons=0)
    assert said(none) == []
    shared = said(replace(none, shared=("scanner", "centre")))
    assert shared == [
        "Lesions of one patient are in several groups by scanner and centre, so "
        "differences between these are not given where groups share a patient."
    ]
    missing = said(replace(none, missing={"age": "None is known.", "sex": "One."}))
    assert missing == ["Not examined: age (None is known) and sex (One)."]
    assert said(Absent("no model")) == []
