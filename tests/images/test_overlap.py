"""Agreement of two outlines, of pixels that can be counted by hand."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.images import Lesion, mask_overlap, reader_overlap
from sklearn_orn.images.shared import overlaps_of

IMAGE = np.arange(144.0).reshape(12, 12)
ROWS, COLUMNS = 2.0, 0.5  # mm


def pixels(*places):
    mask = np.zeros((12, 12), dtype=bool)
    mask[tuple(zip(*places, strict=True))] = True
    return mask


def test_one_pixel_and_the_same_with_another_four_columns_away():
    found = mask_overlap(pixels((5, 5)), pixels((5, 5), (5, 9)), (ROWS, COLUMNS))
    assert found.dice == 2 / 3
    assert found.area_ratio == 1 / 2
    assert found.mean_surface_distance == pytest.approx((0 + 0 + 4 * COLUMNS) / 3)
    assert found.hausdorff == 4 * COLUMNS
    # of 0 and 2 mm, between which the percentile lies
    assert found.hausdorff_95 == pytest.approx(0.95 * 4 * COLUMNS)


def test_one_pixel_and_another_four_rows_away():
    first, second = pixels((0, 0)), pixels((4, 0), (4, 11))
    found = mask_overlap(first, second, (ROWS, COLUMNS))
    far = np.hypot(4 * ROWS, 11 * COLUMNS)
    assert found.dice == 0
    assert found.mean_surface_distance == pytest.approx((8 + 8 + far) / 3)
    assert found.hausdorff == pytest.approx(far)
    turned = mask_overlap(second, first, (ROWS, COLUMNS))
    assert turned == found._replace(area_ratio=2.0)


def test_an_outline_at_the_edge_of_the_image_has_a_border_there():
    whole, inner = np.ones((12, 12), dtype=bool), np.zeros((12, 12), dtype=bool)
    inner[1:-1, 1:-1] = True
    found = mask_overlap(whole, inner, (1.0, 1.0))
    assert found.hausdorff == pytest.approx(np.sqrt(2))  # of the corners
    n_outer, n_inner = 44, 36
    expected = (n_outer - 4 + 4 * np.sqrt(2) + n_inner) / (n_outer + n_inner)
    assert found.mean_surface_distance == pytest.approx(expected)


def test_outlines_are_compared_within_a_sequence_alone():
    masks = {
        "T1|lesion|anna": pixels((5, 5)),
        "T2|lesion|anna": pixels((5, 5), (5, 6)),
        "T1|lesion|ben": pixels((5, 6)),
        "T2|lesion|ben": pixels((5, 6)),
    }
    images = {"T1": IMAGE, "T2": IMAGE.copy()}
    lesion = Lesion(images, masks, spacing=(ROWS, COLUMNS))
    rows = overlaps_of(lesion.read())
    assert [(row["reader_1"], row["reader_2"], row["dice"]) for row in rows] == [
        ("T1|lesion|anna", "T1|lesion|ben", 0.0),
        ("T2|lesion|anna", "T2|lesion|ben", 2 / 3),
    ]
    assert rows[0]["mean_surface_distance_mm"] == rows[0]["hausdorff_mm"] == COLUMNS


def test_a_rescan_is_another_image():
    one = pixels((5, 5))
    same = Lesion({"A": IMAGE, "B": IMAGE.copy()}, {"A": one, "B": one})
    other = Lesion({"A": IMAGE, "B": IMAGE + 1}, {"A": one, "B": one})
    alone = Lesion(IMAGE, {"A": one})
    lesions = pd.Series([alone, other, same, same], index=["w", "x", "y", "z"])
    found = reader_overlap(lesions.rename_axis("id"))
    assert found.index.tolist() == ["y", "z"]
    assert found.index.name == "id"
    assert found["dice"].tolist() == [1, 1]
    assert reader_overlap(lesions[:2]).shape == (0, 7)
