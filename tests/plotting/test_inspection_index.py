"""What the page on which lesions are looked at says of each, from lesions by hand."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.cohort import Cohort
from sklearn_orn.images import Region
from sklearn_orn.images.shared import Oddity, View
from sklearn_orn.plotting import _inspection
from sklearn_orn.plotting._inspection import (
    _box,
    _number,
    _plain_view,
    _title,
    inspection_page,
)
from tests.plotting.test_inspection import decoded, index_of, volume


class Slice:
    """A slice of a view."""

    def __init__(self, image, number=None, **masks):
        self.image, self.number, self.masks = image, number, masks


IMAGE = np.random.default_rng(0).integers(-50, 900, (70, 90)).astype(np.int32)
ANNA, BEN = np.zeros((2, *IMAGE.shape), dtype=bool)
ANNA[30:40, 20:30] = True
BEN[32:40, 20:31] = True


def view(**more):
    regions = {
        "anna": Region(IMAGE, ANNA, (0.5, 2.0)),
        "ben": Region(IMAGE, BEN, (0.5, 2.0)),
    }
    slices = (
        Slice(IMAGE - 7, 3, ben=BEN),
        Slice(IMAGE, 4, anna=ANNA, ben=BEN),
        Slice(IMAGE + 9, 5),
    )
    return View(more.get("regions", regions), more.get("slices", slices), 1)


def test_the_facts_of_a_view():
    facts, pixels = _plain_view(view())
    # The ROIs together are 10 by 11: 12 pixels on each side.
    rows, columns = slice(18, 52), slice(8, 43)
    assert (facts["rows"], facts["columns"]) == (34, 35)
    assert facts["blocks"] == ["anna", "ben"] and facts["title"] == "anna, ben"
    assert facts["spacing"] == (0.5, 2.0) and facts["measured"] == 1
    assert facts["slices"] == [
        {"number": 3, "drawn": [1]},
        {"number": 4, "drawn": [0, 1]},
        {"number": 5, "drawn": []},
    ]
    assert facts["sizes"] == [
        {"pixels": 100, "mm2": 100.0},
        {"pixels": 88, "mm2": 88.0},
    ]
    stack = np.stack([IMAGE - 7, IMAGE, IMAGE + 9])[:, rows, columns]
    assert facts["low"] == stack.min() and facts["step"] == 1
    assert facts["window"] == np.percentile(IMAGE[rows, columns], [1, 99]).tolist()
    (overlap,) = facts["overlaps"]
    assert overlap["dice"] == pytest.approx(2 * 80 / 188)
    assert "anna" in overlap.values() and "ben" in overlap.values()
    for text, image, masks in zip(pixels, stack, ([BEN], [ANNA, BEN], []), strict=True):
        if not masks:
            continue
        levels, found = decoded(text, image.shape, len(masks))
        np.testing.assert_array_equal(levels + facts["low"], image)
        for one, mask in zip(found, masks, strict=True):
            np.testing.assert_array_equal(one, mask[rows, columns])


def test_a_flat_view_has_a_window_of_one_step():
    flat = np.full(IMAGE.shape, 5)
    regions = {"anna": Region(flat, ANNA, None)}
    facts, _ = _plain_view(
        View(regions, (Slice(flat, anna=ANNA),), 0),
    )
    assert facts["window"] == [5.0, 6.0]
    assert facts["sizes"] == [{"pixels": 100, "mm2": None}]
    assert facts["overlaps"] == []


@pytest.mark.parametrize(
    ("rows", "columns", "box"),
    [
        (slice(30, 40), slice(20, 30), (18, 52, 8, 42)),
        # A quarter of the longer side where that is more than 12 pixels.
        (slice(30, 34), slice(20, 80), (15, 49, 5, 90)),
        (slice(0, 3), slice(85, 90), (0, 15, 73, 90)),
    ],
)
def test_the_box_around_the_rois(rows, columns, box):
    mask = np.zeros(IMAGE.shape, dtype=bool)
    mask[rows, columns] = True
    found = _box(mask)
    assert (found[0].start, found[0].stop, found[1].start, found[1].stop) == box


@pytest.mark.parametrize(
    ("blocks", "title"),
    [
        (["T1|lesion|anna", "T1|rim|anna"], "T1"),
        (["anna", "ben", "anna"], "anna, ben"),
        ([""], ""),
    ],
)
def test_a_view_is_named_by_its_sequence_or_by_who_drew(blocks, title):
    assert _title(blocks) == title


def test_a_number_that_json_has():
    assert _number(0.5) == 0.5 and _number(np.nan) is None and _number(np.inf) is None


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    folder = tmp_path_factory.mktemp("volumes")
    rows = [volume(folder, i, scale=1 + 9 * (i == 5)) for i in range(6)]
    (folder / "2.nii").unlink()
    return Cohort.of(pd.DataFrame(rows))


@pytest.fixture(scope="module")
def seen(cohort):
    told = []
    page = inspection_page(cohort, progress=lambda *done: told.append(done))
    return page, told


def test_the_page_counts_what_it_read(seen):
    page, told = seen
    assert told == [("reading lesions", i, 6) for i in range(1, 7)]
    assert page.n_unreadable == 1
    assert len(page.n_bytes) == 6
    assert page.n_bytes[2] < 10 < min(page.n_bytes[:2])
    starts = [page.html.count(f'"name": "L{i}"') for i in range(6)]
    assert starts == [1] * 6


def test_what_the_page_says_of_each_lesion(seen, cohort):
    page, _ = seen
    index = index_of(page.html)
    lesions = index["lesions"]
    assert [lesion["name"] for lesion in lesions] == [f"L{i}" for i in range(6)]
    assert [bool(lesion["error"]) for lesion in lesions] == [i == 2 for i in range(6)]
    assert [len(lesion["views"]) for lesion in lesions] == [1, 1, 0, 1, 1, 1]
    greys = []
    for lesion in cohort.lesions():
        try:
            first = next(iter(lesion.read().values()))
            greys.append(np.median(first.image[first.mask]))
        except ValueError:
            greys.append(np.nan)
    distance = np.abs(greys - np.nanmedian(greys))
    far = 0.6745 * distance / np.nanmedian(distance)
    for lesion, expected in zip(lesions, far, strict=True):
        kinds = [odd["kind"] for odd in lesion["oddities"]]
        if np.isnan(expected):
            assert lesion["far"] is None
        else:
            assert lesion["far"] == pytest.approx(expected)
        assert ("grey level" in kinds) == bool(expected > 3.5)
        assert lesion["border"] == kinds.count("border")
        assert lesion["file"] == kinds.count("file") + kinds.count("protocol")
    assert far[5] > 3.5
    (text,) = (o["text"] for o in lesions[5]["oddities"] if o["kind"] == "grey level")
    assert text.startswith(f"median {greys[5]:g}, far")
    assert len(index["key"]) == 32


def test_a_rare_protocol_stands_with_its_lesion(cohort, monkeypatch):
    def rare(lesions):
        return [[Oddity("protocol", f"row {i}")] * (i % 2) for i in range(len(lesions))]

    monkeypatch.setattr(_inspection, "rare_protocols", rare)
    page = inspection_page(cohort, progress=lambda *_: None)
    for i, lesion in enumerate(index_of(page.html)["lesions"]):
        texts = [o["text"] for o in lesion["oddities"] if o["kind"] == "protocol"]
        assert texts == [f"row {i}"] * (i % 2)
        files = [o for o in lesion["oddities"] if o["kind"] == "file"]
        assert lesion["file"] == len(files) + i % 2
