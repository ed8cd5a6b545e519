"""What the report's data say of the images."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from skimage.io import imread

from sklearn_orn.study.report.sections._images import protocol_rows
from sklearn_orn.study.report.sections._outlines import (
    draw_outlines,
    outline_numbers,
    outlines_table,
)
from sklearn_orn.study.results import ProtocolValue, ReaderPair
from tests.study._results_example import EXAMPLE, example, features_example
from tests.study.seen._again import shows


def test_protocol_and_overlap_are_in_the_results(two_reader_study):
    images = two_reader_study.results["images"]
    lesions = len(two_reader_study.scores)
    for item in {record["item"] for record in images["protocol"]}:
        counts = [r["n_lesions"] for r in images["protocol"] if r["item"] == item]
        assert sum(counts) == lesions
    overlap = images["overlap"]
    assert overlap["n_lesions"] == len(overlap["pairs"]) == lesions
    assert 0 < overlap["dice_min"] <= overlap["dice_median"] <= overlap["dice_max"] <= 1
    page = two_reader_study.report.read_text(encoding="utf-8")
    assert "Protocol of the images" in page
    assert f"In {lesions} comparisons of two readers" in page


def test_one_reader_has_no_overlap(one_reader_study):
    assert one_reader_study.results["images"]["overlap"]["n_lesions"] == 0
    page = one_reader_study.report.read_text(encoding="utf-8")
    assert "comparisons of two readers" not in page


def test_protocol_rows_name_values_and_lesions():
    records = [
        ProtocolValue("TE_ms", "10", 7),
        ProtocolValue("TE_ms", "missing", 2),
        ProtocolValue("matrix", "320 x 320", 9),
    ]
    assert protocol_rows(records) == [
        ["TE, ms", "10 (7), missing (2)"],
        ["Matrix", "320 x 320 (9)"],
    ]


def test_outlines_by_pair_are_those_of_the_masks(two_reader_cohort, two_reader_study):
    """Every cell, from the PNG files by distances of all border pixels."""
    table = pd.read_csv(two_reader_cohort)
    masks = [
        [imread(two_reader_cohort.parent / row[f"mask_{r}"]) > 0 for r in "AB"]
        for _, row in table.iterrows()
    ]
    values = [by_hand(*pair, np.array([0.5, 0.25])) for pair in masks]
    folder = two_reader_study.report.parent
    (row,) = pd.read_csv(folder / "tables" / "outlines.csv").to_dict("records")
    assert (row["Readers"], row["Lesions"]) == ("A, B", len(table))
    for measure, cell in zip(zip(*values, strict=True), list(row)[2:], strict=True):
        median, q1, q3 = re.split(r" \(| to ", row[cell].rstrip(")"))
        quartiles = np.quantile(measure, [0.5, 0.25, 0.75])
        assert all(map(shows, (median, q1, q3), quartiles)), cell
    (pair,) = two_reader_study.results["outlines"]["pairs"]
    assert pair["dice"]["minimum"] == pytest.approx(min(v[0] for v in values))
    assert pair["hausdorff_mm"]["maximum"] == pytest.approx(max(v[1] for v in values))


def by_hand(first, second, spacing):
    """Return Dice, Hausdorff, 95 % Hausdorff, mean distance and ratio of areas."""
    borders = []
    for mask in (first, second):
        framed = np.pad(mask, 1)
        inner = framed[:-2, 1:-1] & framed[2:, 1:-1] & framed[1:-1, :-2]
        inner &= framed[1:-1, 2:]
        borders.append(np.argwhere(mask & ~inner) * spacing)
    distances = cdist(*borders)
    there, back = distances.min(axis=1), distances.min(axis=0)
    return (
        2 * (first & second).sum() / (first.sum() + second.sum()),
        max(there.max(), back.max()),
        max(np.percentile(there, 95), np.percentile(back, 95)),
        np.concatenate([there, back]).mean(),
        first.sum() / second.sum(),
    )


def of_pairs(pairs):
    """Return the outlines section of these rows, and the results with it."""
    rows = tuple(ReaderPair(f"L{i}", *pair) for i, pair in enumerate(pairs))
    images = replace(EXAMPLE.images, overlap=replace(OVERLAP, pairs=rows))
    results = example(images=images)
    return replace(results, outlines=outline_numbers(None, results))


OVERLAP = EXAMPLE.images.overlap
THREE = [
    (sequence, *readers, dice, distance, 1.0, distance, distance)
    for sequence in ("T1", "T2")
    for readers in (("A", "B"), ("A", "C"), ("B", "C"))
    for dice, distance in ((0.8, 1.0), (0.9, 2.0), (0.7, None))
]


def test_every_pair_of_every_sequence_has_a_row_and_boxes():
    results = of_pairs(THREE)
    table = outlines_table(results)
    assert [row[:3] for row in table.rows] == [
        [sequence, readers, "3"]
        for sequence in ("T1", "T2")
        for readers in ("A, B", "A, C", "B, C")
    ]
    assert table.rows[0][3:] == [
        *("0.80 (0.75 to 0.85)", "1.5 (1.2 to 1.8)", "1.5 (1.2 to 1.8)"),
        *("1.50 (1.25 to 1.75)", "1.00 (1.00 to 1.00)"),
    ]
    assert results.outlines.pairs[0].hausdorff_mm.n == 2
    axes = draw_outlines(results).axes
    assert len(axes) == 5
    labels = [text.get_text() for text in axes[0].get_yticklabels()]
    assert labels[:2] == ["T1: A, B", "T1: A, C"]
    assert axes[0].yaxis_inverted()


def test_without_a_spacing_no_distance_is_drawn():
    results = of_pairs([("", "A", "B", 0.8, None, 1.1, None, None)] * 2)
    (row,) = outlines_table(results).rows
    assert row[3:6] == ["\N{EN DASH}"] * 3
    assert [ax.get_xlabel() for ax in draw_outlines(results).axes] == [
        *("Dice", "Area ratio")
    ]


def test_no_pair_or_no_image_has_no_outlines_to_compare():
    assert "two readers on one image" in of_pairs([]).outlines.absent
    assert outline_numbers(None, features_example()) == features_example().images
