"""Who is in the study, at baseline and where; images, outlines, what was left out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study.report._blocks import Files
from sklearn_orn.study.report.sections import _characteristics as baseline
from sklearn_orn.study.report.sections import _flow as flow
from sklearn_orn.study.report.sections import _images as images
from sklearn_orn.study.report.sections import _left_out as left_out
from sklearn_orn.study.report.sections import _outlines as section
from sklearn_orn.study.results import (
    BaselineRow,
    BaselineTable,
    ClassCount,
    Exclusion,
    Inspection,
    LesionLeftOut,
    LesionRejected,
    Outlines,
    ProtocolValue,
    ReaderPair,
    Spread,
)
from tests.study._results_example import (
    CONFIG,
    EXAMPLE,
    OUTLINES,
    example,
    example_without,
    features_example,
)

LABELS = ("metastasis", "ORN")


def row(variable="age", level=None, kind="median", **changes):
    plain = {
        "variable": variable,
        "level": level,
        "kind": kind,
        "unit": "patient",
        "cells": dict(zip(LABELS, ("61 [54 to 66]", "58 [50 to 63]"), strict=True)),
        "values": {},
        "test": None,
        "statistic": None,
        "p_value": None,
        "smd": None,
        "missing": dict(zip(LABELS, (2, 3), strict=True)),
        "note": None,
    }
    return BaselineRow(**plain | changes)


ROWS = (
    row("Patients", kind="count", cells={"metastasis": "21", "ORN": "25"}),
    row(test="Welch's t", p_value=0.0321, smd=0.214, note="years"),
    row("sex", kind="categorical", test="chi-square", p_value=None, smd=0.0),
    row("sex", level="F", kind="categorical", cells={"metastasis": "9 (43 %)"}),
    row("dose", missing=None),
)
CELLS = [
    ["Patients", "21", "25", "", "", "", ""],
    [
        *("age (years)", "61 [54 to 66]", "58 [50 to 63]", "Welch's t", "0.032"),
        *("0.21", "5"),
    ],
    ["sex", "61 [54 to 66]", "58 [50 to 63]", "chi-square", "–", "0.00", "5"],
    ["\N{EM SPACE}F", "9 (43 %)", "", "", "", "", ""],
    ["dose", "61 [54 to 66]", "58 [50 to 63]", "", "", "", ""],
]


def blocks():
    return {
        block.key: block for block in baseline.SECTION.blocks if hasattr(block, "key")
    }


def table_of(key, results):
    return blocks()[key].make(results)


def compared(**changes):
    plain = {
        "by_class": {"training": ROWS, "validation": ROWS[1:2]},
        "by_part": ROWS[:2],
        "notes": ("One value", "for each patient."),
    }
    return BaselineTable(**plain | changes)


def test_a_variable_has_its_cells_its_test_and_what_is_missing():
    results = example(baseline=compared())
    table = table_of("baseline-training", results)
    assert table.rows == CELLS
    assert [column.head for column in table.columns] == [
        *("", "metastasis", "ORN", "Test", "p", "SMD", "Missing")
    ]
    assert table.title == "Characteristics by class, training part"
    assert table.note == "One value for each patient."
    other = table_of("baseline-validation", results)
    assert other.rows == CELLS[1:2] and other.note == ""
    assert other.title == "Characteristics by class, validation part"


def test_a_first_row_without_a_class_keeps_its_columns():
    columns = {"training": "a", "validation": "b"}
    rows = (row(cells=columns), row("sex", cells={"training": "c"}))
    table = table_of("baseline-parts", example(baseline=compared(by_part=rows)))
    assert [column.head for column in table.columns[1:3]] == ["training", "validation"]
    assert [cells[1:3] for cells in table.rows] == [["a", "b"], ["c", ""]]
    assert table.title == "Characteristics, training against validation"


def test_a_study_without_parts_has_one_table():
    whole = example(baseline=compared(by_class={"all": ROWS}, by_part=None))
    table = table_of("baseline-all", whole)
    assert table.title == "Characteristics by class" and table.rows == CELLS
    for key in ("baseline-training", "baseline-validation", "baseline-parts"):
        with pytest.raises(NotEstimable):
            table_of(key, whole)


def test_lesions_by_location_are_a_table_of_their_own():
    results = example(
        baseline=compared(),
        locations=compared(by_class={"training": ROWS[2:], "validation": ROWS[2:]}),
    )
    table = table_of("locations-training", results)
    assert table.rows == CELLS[2:]
    assert table.title == "Lesions by location, training part"
    everywhere = example(locations=compared(by_class={"all": ROWS}))
    assert table_of("locations-all", everywhere).title == "Lesions by location"
    without = replace(results, config=replace(CONFIG, clinical=()))
    assert table_of("locations-training", without).rows == CELLS[2:]
    with pytest.raises(NotEstimable, match="No clinical columns are named"):
        table_of("baseline-training", without)
    assert list(baseline.no_columns(without)) == [
        "No clinical columns are named, so there is no table of characteristics."
    ]
    assert list(baseline.no_columns(results)) == []


def test_the_baseline_of_training_is_what_the_checklists_cite():
    cited = {key: block.places for key, block in blocks().items() if block.places}
    assert cited == {"baseline-training": ("baseline",)}
    assert list(blocks()) == [
        *("baseline-all", "baseline-training", "baseline-validation", "baseline-parts"),
        *("locations-all", "locations-training", "locations-validation"),
    ]


# Who is in the study


def test_lesions_and_patients_by_class():
    counts = (
        ClassCount("training", "ORN", True, 51, 25, 51 / 95),
        ClassCount("validation", "metastasis", False, 0, 0, None),
    )
    cohort = replace(EXAMPLE.cohort, counts=counts)
    assert flow.counts_table(example(cohort=cohort)).rows == [
        ["Training", "ORN (positive)", "51", "53.7 %", "25"],
        ["Validation", "metastasis", "0", "–", "0"],
    ]


def rejected(n):
    rows = tuple(LesionRejected(f"L{i}", None, "blurred") for i in range(n))
    return Inspection(142 + n, 142, rows, (Exclusion("blurred", n, None),))


def test_who_is_missing_is_told():
    said = flow.flow_sentence
    start = "142 lesions of 71 patients are in the study"
    lost = "; 1 of the table could not be measured"
    assert said(example(left_out=())) == f"{start}."
    assert said(example()) == f"{start}{lost}."
    assert said(example(inspection=rejected(1))) == (
        f"{start}{lost}; 1 was rejected on inspection."
    )
    assert said(example(inspection=rejected(2), left_out=())) == (
        f"{start}; 2 were rejected on inspection."
    )
    assert said(example(inspection=rejected(0))) == f"{start}{lost}."


def test_the_flow_chart_counts_lesions_and_patients():
    texts = " ".join(
        text.get_text() for ax in flow.draw_flow(example()).axes for text in ax.texts
    )
    for number in ("90", "12", "142", "71", "95", "46", "47", "25"):
        assert number in texts


def test_lesions_that_are_in_no_number_are_listed():
    found = replace(
        rejected(1),
        rejected=(
            LesionRejected("L1", "P1", "blurred"),
            LesionRejected("L2", None, ""),
        ),
    )
    assert left_out.rejected_table(example(inspection=found)).rows == [
        ["L1", "P1", "blurred"],
        ["L2", "", ""],
    ]
    assert left_out.rejected_table(example()).rows == []
    lost = (
        LesionLeftOut("L9", "P9", "the mask is empty"),
        LesionLeftOut("L8", None, "gone"),
    )
    assert left_out.left_out_table(example(left_out=lost)).rows == [
        ["L9", "P9", "the mask is empty"],
        ["L8", "", "gone"],
    ]


# The images


def test_the_protocol_names_values_with_their_lesions():
    records = [ProtocolValue("TE_ms", str(i), i) for i in range(1, 10)]
    records.insert(3, ProtocolValue("own", "x", 7))
    rows = images.protocol_rows(records)
    assert [item for item, _ in rows] == ["TE, ms", "own"]
    assert rows[1][1] == "x (7)"
    named = rows[0][1]
    assert named.startswith("1 (1), 2 (2), 3 (3)") and "8 (8)" in named
    assert "9 (9)" not in named
    eight = images.protocol_rows(records[:4] + records[4:9])
    assert eight[0][1].count("(") == 8


def test_features_that_were_given_know_no_images():
    (told,) = images.no_images(features_example())
    assert told.startswith("The features were measured by another program")
    assert list(images.no_images(example())) == []


def montage(n=142, png="AAAA", source="images"):
    cohort = replace(EXAMPLE.cohort, n_lesions=n)
    results = example(cohort=cohort, source=source)
    return str(images.montage(results, Files(png, None)))


def test_some_lesions_are_shown_and_all_where_they_are_few():
    assert "base64,AAAA" in montage()
    assert "outlines, evenly spread over the table." in montage(25)
    assert "with their outlines.</fig" in montage(24)
    assert montage(png=None) == "" and montage(source="features") == ""


# The outlines


def pair(dice=0.9, distance=1.0, *, sequence="", readers=("A", "B"), ratio=1.1):
    return (sequence, *readers, dice, distance, ratio, 2 * distance, 1.5 * distance)


def of_pairs(*pairs):
    rows = tuple(ReaderPair(f"L{i}", *values) for i, values in enumerate(pairs))
    overlap = replace(EXAMPLE.images.overlap, pairs=rows)
    results = example(images=replace(EXAMPLE.images, overlap=overlap))
    return replace(results, outlines=section.outline_numbers(None, results))


def test_the_spread_of_a_measure_leaves_out_what_is_missing():
    values = [3.0, None, 1.0, 4.0, 1.5, 9.0]
    known = sorted(x for x in values if x is not None)
    spread = section.spread_of(pd.Series(values, dtype=float))
    expected = [np.quantile(known, q) for q in (0.5, 0.25, 0.75)]
    assert spread == Spread(5, *map(pytest.approx, expected), 1.0, 9.0)
    none = section.spread_of(pd.Series([None, None], dtype=float))
    assert none == Spread(0, None, None, None, None, None)


def test_every_two_readers_are_compared_in_the_order_of_the_table():
    results = of_pairs(
        pair(readers=("B", "C"), sequence="T2"),
        pair(0.8, readers=("A", "B"), sequence="T1"),
        pair(0.7, readers=("B", "C"), sequence="T2"),
    )
    pairs = results.outlines.pairs
    assert [(p.sequence, p.reader_1, p.reader_2, p.n_lesions) for p in pairs] == [
        *(("T2", "B", "C", 2), ("T1", "A", "B", 1))
    ]
    assert pairs[0].dice.median == pytest.approx(0.8)
    table = section.outlines_table(results)
    assert [column.head for column in table.columns] == [
        *("Sequence", "Readers", "Lesions", "Dice", "Hausdorff distance, mm"),
        *("95 % Hausdorff distance, mm", "Mean surface distance, mm", "Area ratio"),
    ]
    assert table.rows[1] == [
        *("T1", "A, B", "1", "0.80 (0.80 to 0.80)", "2.0 (2.0 to 2.0)"),
        *("1.5 (1.5 to 1.5)", "1.00 (1.00 to 1.00)", "1.10 (1.10 to 1.10)"),
    ]
    none = example_without("images")
    assert section.outline_numbers(None, none) == none.images


def test_one_sequence_has_no_column_of_it():
    table = section.outlines_table(example())
    assert [column.head for column in table.columns[:2]] == ["Readers", "Lesions"]
    assert table.rows[0][:3] == ["reader_a, reader_b", "142", "0.91 (0.88 to 0.93)"]
    mixed = Outlines((OUTLINES, replace(OUTLINES, sequence="T1")))
    rows = section.outlines_table(example(outlines=mixed)).rows
    assert [cells[0] for cells in rows] == ["", "T1"]


def test_boxes_are_drawn_of_the_lesions_of_each_pair():
    dice = [0.1, *np.linspace(0.5, 0.9, 40), 0.99]
    results = of_pairs(*(pair(x, x) for x in dice), pair(0.3, 1.0, readers=("A", "C")))
    axes = section.draw_outlines(results).axes
    assert [ax.get_xlabel() for ax in axes] == [
        *("Dice", "Hausdorff\ndistance, mm", "95 % Hausdorff\ndistance, mm"),
        *("Mean surface\ndistance, mm", "Area ratio"),
    ]
    names = [text.get_text() for text in axes[0].get_yticklabels()]
    assert names == ["A, B", "A, C"] and list(axes[0].get_yticks()) == [1, 2]
    assert axes[0].yaxis_inverted()
    low, high = sorted(axes[0].get_ylim())
    assert low < 1 and high > 2
    medians = [line for line in axes[0].lines if line.get_linewidth() == 1.5]
    assert [line.get_xdata()[0] for line in medians] == [
        pytest.approx(np.median(dice)),
        0.3,
    ]
    ends = {round(float(x), 9) for line in axes[0].lines for x in line.get_xdata()}
    within = [
        x for x in dice if np.quantile(dice, 0.05) <= x <= np.quantile(dice, 0.95)
    ]
    assert {round(min(within), 9), round(max(within), 9)} <= ends
    assert len({ax.get_ylim() for ax in axes}) == 1


def test_one_measure_alone_can_be_drawn():
    empty = Spread(0, None, None, None, None, None)
    lost = ("hausdorff_mm", "hausdorff_95_mm", "mean_surface_distance_mm", "area_ratio")
    results = of_pairs(pair())
    (found,) = results.outlines.pairs
    alone = replace(found, **dict.fromkeys(lost, empty))
    results = replace(results, outlines=Outlines((alone,)))
    (ax,) = section.draw_outlines(results).axes
    assert ax.get_xlabel() == "Dice"
    assert section.outlines_table(results).rows[0][3:] == ["–"] * 4


def test_a_measure_that_one_pair_has_is_drawn():
    results = of_pairs(pair(), ("", "A", "C", 0.8, None, 1.1, None, None))
    assert len(section.draw_outlines(results).axes) == 5


def told(*counts):
    pairs = tuple(replace(OUTLINES, n_lesions=n) for n in counts)
    return section.outlines_sentence(example(outlines=Outlines(pairs)))


def test_of_how_many_lesions_the_boxes_are():
    start = "Median (blue), quartiles, and whiskers from the 5th to the 95th percentile"
    assert told(142, 142).startswith(f"{start} of 142 lesions;")
    assert told(142, 90, 100).startswith(f"{start} of 90 to 142 lesions;")


def test_how_far_outlines_overlap():
    assert list(section.overlap_sentence(example())) == [
        "In 142 comparisons of two readers’ outlines the median Dice coefficient is "
        "0.91 (range 0.74 to 0.96)."
    ]
    overlap = replace(EXAMPLE.images.overlap, n_lesions=0)
    none = example(images=replace(EXAMPLE.images, overlap=overlap))
    assert list(section.overlap_sentence(none)) == []
    assert list(section.overlap_sentence(features_example())) == []
