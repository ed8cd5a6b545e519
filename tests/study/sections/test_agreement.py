"""The ICC over readers and over perturbed outlines, against mean squares."""

from dataclasses import replace

import numpy as np
import pytest

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study.report.sections import _agreement as section
from sklearn_orn.study.report.sections import _icc
from sklearn_orn.study.report.sections import _perturbation as perturbation
from sklearn_orn.study.results import (
    Absent,
    AgreementGroup,
    AgreementGroups,
    FeatureAgreement,
    KeptBy,
    Perturbation,
    Selection,
    TwoICCs,
)
from tests.study._results_example import (
    EXAMPLE,
    blocks_example,
    example,
    example_without,
    perturbed_example,
)
from tests.study.sections._study import FEATURES, block_of, small_study
from tests.study.seen._again import one_way

THRESHOLD = 0.75


def two_way(*readings):
    """Return ICC(2,1) from the mean squares."""
    table = np.column_stack(readings)
    n, k = table.shape
    grand = table.mean()
    between = k * ((table.mean(axis=1) - grand) ** 2).sum() / (n - 1)
    readers = n * ((table.mean(axis=0) - grand) ** 2).sum() / (k - 1)
    rest = ((table - grand) ** 2).sum() - (n - 1) * between - (k - 1) * readers
    error = rest / ((n - 1) * (k - 1))
    spread = k * (readers - error) / n
    return (between - error) / (between + (k - 1) * error + spread)


def iccs(study, names, judge):
    """Return the ICC of each feature over the lesions that train."""
    blocks = [block_of(study, name)[study.design.training] for name in names]
    return {f: judge(*(block[f].to_numpy() for block in blocks)) for f in FEATURES}


def virtual(study):
    return [name for name in study.blocks if name.startswith("perturbed")]


@pytest.mark.parametrize("n_virtual", [0, 3])
def test_families_over_readers_and_over_perturbed_outlines(n_virtual):
    study = small_study(n_virtual=n_virtual)
    found = section.agreement_groups(study, EXAMPLE)
    expected = {"readers": iccs(study, study.readers, two_way)}
    if n_virtual:
        expected["perturbed"] = iccs(study, virtual(study), one_way)
    assert list(dict.fromkeys(r.judged_by for r in found.rows)) == list(expected)
    for judge, values in expected.items():
        rows = [row for row in found.rows if row.judged_by == judge]
        assert sum(row.n_features for row in rows) == len(FEATURES)
        above = sum(value > THRESHOLD for value in values.values())
        assert sum(row.n_kept for row in rows) == above
        histogram = next(row for row in rows if row.family == "histogram")
        assert histogram.median == pytest.approx(values["Mean"])


def test_perturbed_outlines_of_one_reader_make_families_too():
    found = _icc.icc_filters(small_study(readers=("anna",), n_virtual=2))
    assert list(found) == ["perturbed"]
    assert found["perturbed"].form == "ICC(1,1)"
    assert list(_icc.icc_filters(small_study(n_virtual=1))) == ["readers"]


def test_without_a_second_reader_no_agreement():
    study = small_study(readers=("anna",))
    results = example_without("agreement")
    assert section.agreement_groups(study, results) == results.agreement
    named = section.agreement_groups(study, example())
    assert named == Absent("The readers have no names.")
    study = small_study()
    study.design.training[:] = False
    assert _icc.icc_filters(study) == {}


def test_too_few_lesions_are_an_error_and_too_little_agreement_is_none():
    study = small_study()
    strict = _icc.readers_filter(study, study.readers).set_params(threshold=0.9999)
    fitted = _icc.fit_icc(strict, study.features, study)
    assert not fitted.get_support().any()
    n = int(study.design.training.sum())
    enough = strict.set_params(min_lesions=n)
    assert _icc.fit_icc(enough, study.features, study).n_lesions_ == n
    with pytest.raises(NotEstimable):
        _icc.fit_icc(strict.set_params(min_lesions=n + 1), study.features, study)


def test_readers_are_told_from_perturbed_outlines():
    study = small_study(n_virtual=3)
    assert _icc.drawn_readers(study) == ("anna", "ben")
    assert _icc.virtual_readers(study) == ("perturbed1", "perturbed2", "perturbed3")
    own = _icc.of_readers(study.features, ["ben"])
    assert list(own) == [f"ben__{name}" for name in FEATURES]


def test_the_filter_by_perturbed_outlines_is_the_studys_own():
    both = small_study(n_virtual=3, icc_threshold=0.6)
    own = _icc.perturbed_filter(both)
    assert (own.threshold, own.form, own.readers) == (0.6, "ICC(1,1)", "perturbed")
    assert own.average
    set_by_hand = small_study(n_virtual=3)
    steps = set_by_hand.table_steps()
    steps.set_params(icc_perturbed__min_lesions=7)
    set_by_hand.table_steps = lambda: steps
    assert _icc.perturbed_filter(set_by_hand).min_lesions == 7
    features_alone = small_study()  # its filter is by readers
    made = _icc.perturbed_filter(features_alone)
    assert (made.readers, made.form) == ("perturbed", "ICC(1,1)")


# The tables and figures

GROUPS = (
    AgreementGroup("readers", "T1", "lesion", "run_length", 9, 8, 0.98, 0.83, 0.99),
    AgreementGroup("readers", "T2", "rim3out", "gradient", 8, 1, 0.68, 0.27, 0.82),
    AgreementGroup("readers", "T2", "lesion", "gradient", 4, 1, None, None, None),
    AgreementGroup("perturbed", "T2", "lesion", "gradient", 5, 2, 0.7, 0.3, 0.8),
)


def groups(*rows):
    return example(agreement_groups=AgreementGroups(rows))


def test_a_family_has_its_share_above_the_threshold():
    table = section.groups_table(example())
    assert [column.head for column in table.columns] == [
        *("Family", "Features", "Above 0.75", "Median ICC", "Quartiles")
    ]
    assert table.rows == [
        ["histogram", "9", "8 (89 %)", "0.98", "0.83 to 0.99"],
        ["gradient", "5", "2 (40 %)", "0.68", "0.27 to 0.82"],
    ]


def test_what_tells_the_groups_apart_has_a_column():
    table = section.groups_table(groups(*GROUPS))
    assert [c.head for c in table.columns[:4]] == [
        *("ICC over", "Sequence", "Region", "Family")
    ]
    assert table.rows[0][:5] == ["readers", "T1", "lesion", "run length", "9"]
    assert table.rows[3][:2] == ["perturbed outlines", "T2"]
    assert section.group_names(groups(*GROUPS)) == (True, True, True)
    assert section.group_names(groups(*GROUPS[1:3])) == (False, False, True)
    assert section.group_names(groups(*GROUPS[::2])) == (False, True, False)
    assert section.group_names(groups(GROUPS[3])) == (True, False, False)


def test_the_family_that_readers_agree_on_least():
    said = section.groups_sentence(groups(*GROUPS)).replace("\N{NO-BREAK SPACE}", " ")
    assert said.endswith(
        "threshold of 0.75. Fewest pass it in the family gradient (readers, T2, "
        "rim 3 mm outside): 1 of 8 (12 %)."
    )
    few = replace(GROUPS[1], family="histogram", n_features=20, n_kept=2)
    most = replace(GROUPS[1], n_features=5, n_kept=3)
    assert "histogram: 2 of 20 (10" in section.groups_sentence(groups(most, few))
    alone = section.groups_sentence(example())
    assert "in the family gradient: 2 of 5 (40" in alone


def test_families_are_drawn_with_their_quartiles():
    (ax,) = section.draw_groups(groups(*GROUPS)).axes
    drawn = {}
    for bars in ax.containers:
        points, _, (limits,) = bars
        for x, ((low, y), (high, _)) in zip(
            points.get_xdata(), limits.get_segments(), strict=True
        ):
            drawn[bars.get_label()] = (round(y), x, low, high)
    assert drawn == {
        "readers, T1, lesion": (0, 0.98, pytest.approx(0.83), pytest.approx(0.99)),
        "readers, T2, rim 3 mm outside": (
            *(1, 0.68),
            *(pytest.approx(0.27), pytest.approx(0.82)),
        ),
        "perturbed outlines, T2, lesion": (
            *(1, 0.7),
            *(pytest.approx(0.3), pytest.approx(0.8)),
        ),
    }
    assert [t.get_text() for t in ax.get_yticklabels()] == ["run length", "gradient"]
    assert list(ax.get_yticks()) == [0, 1]
    low, high = sorted(ax.get_ylim())
    assert ax.yaxis_inverted() and low < 0 and high > 1
    assert ax.get_xlim()[1] >= 1 and ax.get_xlabel() == "ICC"
    (rule,) = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert list(rule.get_xdata()) == [0.75, 0.75]
    assert len(ax.get_legend().get_texts()) == 3


def test_groups_of_a_family_lie_around_its_tick():
    rows = [replace(GROUPS[1], sequence=f"T{i}") for i in (1, 2, 3)]
    (ax,) = section.draw_groups(groups(*rows)).axes
    places = [bars[0].get_ydata()[0] for bars in ax.containers]
    assert np.mean(places) == pytest.approx(0)
    assert max(places) < 0.5 and len(set(places)) == 3
    assert places == sorted(places)
    colours = {bars[0].get_color() for bars in ax.containers}
    assert len(colours) == 3
    (two,) = section.draw_groups(groups(*rows[:2])).axes
    assert len(two.get_legend().get_texts()) == 2
    (one,) = section.draw_groups(groups(GROUPS[3])).axes
    assert one.get_legend() is None


def test_more_groups_than_colours_are_drawn():
    rows = [replace(GROUPS[1], sequence=f"T{i}") for i in range(12)]
    (ax,) = section.draw_groups(groups(*rows)).axes
    assert len(ax.containers) == 12


def test_two_groups_with_an_icc_make_a_figure():
    assert section.several_groups(example())
    assert not section.several_groups(groups(GROUPS[0], GROUPS[2]))
    assert section.several_groups(groups(*GROUPS[:2]))
    assert not section.several_groups(example_without("agreement_groups"))


def agreement_of(*values):
    rows = tuple(
        FeatureAgreement(name, *value, kept=True, reason="kept")
        for name, value in zip(FEATURES, values, strict=False)
    )
    return example(selection=Selection(icc=rows, chosen=()))


def test_each_icc_is_drawn_with_its_limits():
    results = agreement_of((0.9, 0.8, 0.95), (None, None, None), (0.5, 0.3, 0.7))
    (ax,) = section.draw_icc(results).axes
    points = [x for bars in ax.containers for x in bars[0].get_ydata()]
    assert sorted(p for p in points if np.isfinite(p)) == [0.5, 0.9]
    with pytest.raises(NotEstimable, match="defined for no feature"):
        section.draw_icc(agreement_of((None, None, None)))


def test_the_caption_tells_who_was_judged():
    said = section.icc_sentence(example()).replace("\N{NO-BREAK SPACE}", " ")
    assert said == (
        "215 of 279 features have an ICC(2,1) above 0.75 (dashed line) in 95 lesions "
        "drawn by all readers; the median is 0.93. The 95 % limits count patients."
    )
    assert "with 10 perturbed outlines each, which are virtual" in section.icc_sentence(
        perturbed_example()
    )


def test_whose_agreement_it_is():
    kinds = {
        "readers": example(),
        "perturbed": perturbed_example(),
        "none": example_without("agreement"),
    }
    found = {
        name: (section.of_readers(results), section.of_virtual_readers(results))
        for name, results in kinds.items()
    }
    assert found == {
        "readers": (True, False),
        "perturbed": (False, True),
        "none": (False, False),
    }
    assert list(section.no_filter(kinds["none"])) == [
        "No ICC filter was applied: no agreement here"
    ]
    assert list(section.no_filter(kinds["readers"])) == []


# Perturbed outlines beside readers, or in their place


def test_perturbed_outlines_beside_readers():
    study = small_study(n_virtual=4)
    # On the second feature perturbed outlines agree and readers do not.
    study.features["ben__S(1,0)Contrast"] = np.random.default_rng(8).normal(size=48)
    found = perturbation.perturbation_numbers(study, EXAMPLE)
    readers = iccs(study, study.readers, two_way)
    outlines = iccs(study, virtual(study), one_way)
    assert found.n_outlines == 4
    assert found.n_lesions == study.design.training.sum()
    for row in found.rows:
        assert row.readers == pytest.approx(readers[row.feature])
        assert row.perturbed == pytest.approx(outlines[row.feature])
    assert [row.feature for row in found.rows] == list(FEATURES)
    kept = [
        (readers[name] > THRESHOLD, outlines[name] > THRESHOLD) for name in FEATURES
    ]
    assert found.kept == KeptBy(
        *(kept.count(x) for x in ((1, 1), (1, 0), (0, 1), (0, 0)))
    )
    assert found.n_kept == sum(other for _, other in kept)
    assert found.kept.perturbed_only == 1
    assert found.median_icc == pytest.approx(np.median([*outlines.values()]))
    assert found.form == "ICC(1,1)"


def test_perturbed_outlines_in_the_place_of_readers():
    study = small_study(readers=("anna",), n_virtual=2)
    found = perturbation.perturbation_numbers(study, EXAMPLE)
    outlines = iccs(study, virtual(study), one_way)
    assert found.kept is None and found.correlation is None
    assert [row.readers for row in found.rows] == [None] * len(FEATURES)
    assert found.n_kept == sum(value > THRESHOLD for value in outlines.values())
    for row in found.rows:
        assert row.perturbed == pytest.approx(outlines[row.feature])


def test_an_icc_that_is_not_defined_does_not_count_in_the_median():
    study = small_study(readers=("anna",), n_virtual=2)
    for name in virtual(study):
        study.features[f"{name}__Mean"] = np.nan
    found = perturbation.perturbation_numbers(study, EXAMPLE)
    outlines = iccs(study, virtual(study), one_way)
    rest = [value for name, value in outlines.items() if name != "Mean"]
    assert found.median_icc == pytest.approx(np.median(rest))


def test_no_perturbed_outlines_no_numbers():
    for n in (0, 1):
        found = perturbation.perturbation_numbers(small_study(n_virtual=n), EXAMPLE)
        assert found == Absent("No outlines were perturbed.")
    study = small_study(n_virtual=2)
    study.design.training[:] = False
    found = perturbation.perturbation_numbers(study, EXAMPLE)
    assert found == Absent("No lesion of the training part was measured.")


BESIDE = Perturbation(
    n_outlines=10,
    n_lesions=95,
    form="ICC(1,1)",
    n_kept=215,
    median_icc=0.9,
    rows=(TwoICCs("Mean", 0.9512, 0.9076), TwoICCs("Teta1", 0.5, None)),
    correlation=0.92,
    kept=KeptBy(178, 37, 2, 62),
)


def beside(**changes):
    return example(perturbation=replace(BESIDE, **changes))


def test_what_both_keep_and_what_one_does():
    table = perturbation.kept_table(beside())
    assert table.rows == [["Kept", "178", "37"], ["Dropped", "2", "62"]]
    assert table.note == (
        "ICC above 0.75, over readers and (ICC(1,1)) over 10 perturbed outlines of the "
        "first reader’s."
    )
    said = perturbation.comparison_sentence(beside())
    assert (
        "Of 2, 240 are kept by both or by neither; 37 only by readers and 2 only by 10 "
        "perturbed outlines. Spearman’s correlation of the two ICCs is 0.92. Judged by "
        "perturbed outlines alone, the study would have gone on with 215 features."
    ) in said
    with pytest.raises(NotEstimable, match="There is one reader"):
        perturbation.kept_table(beside(kept=None))


def test_both_iccs_of_each_feature_are_in_the_file():
    table = perturbation.icc_pairs_table(beside())
    assert table.rows == [["Mean", "0.951", "0.908"], ["Teta1", "0.500", "–"]]
    assert table.columns[0].name
    (block,) = [
        block
        for block in perturbation.SECTION.blocks
        if getattr(block, "key", "") == "icc-pairs"
    ]
    assert not block.on_page


def test_each_feature_is_a_point_of_both_iccs():
    (ax, *_) = perturbation.draw_comparison(beside()).axes
    points = {
        (round(float(x), 4), round(float(y), 4))
        for line in ax.lines
        if line.get_linestyle() == "None"
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    }
    assert (0.9512, 0.9076) in points
    with pytest.raises(NotEstimable, match="No feature has both ICCs"):
        perturbation.draw_comparison(beside(rows=BESIDE.rows[1:]))
    texts = [text.get_text() for text in ax.texts]
    texts += [ax.get_title(), *(t.get_text() for t in ax.get_legend().get_texts())]
    assert any("0.92" in text for text in texts)
    assert perturbation.draw_comparison(beside(correlation=None)).axes


def test_what_perturbed_outlines_do_not_tell():
    (told,) = perturbation.what_it_does_not_tell(beside())
    assert told.endswith("they cannot stand in for the readers.")
    (alone,) = perturbation.what_it_does_not_tell(beside(kept=None))
    assert alone.startswith("One reader drew each lesion") and (
        "10 outlines of each lesion" in alone and "215 of 2 features pass." in alone
    )
    absent = example_without("perturbation")
    assert list(perturbation.what_it_does_not_tell(absent)) == []
    assert perturbation.is_compared(blocks_example())
    assert not perturbation.is_compared(beside(kept=None))
    assert not perturbation.is_compared(absent)
