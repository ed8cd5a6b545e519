"""How an outline is moved and its border drawn anew, with the draws given."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from sklearn_orn.images import OutlinePerturber, perturb_outlines
from sklearn_orn.images import _perturbed as module
from sklearn_orn.images._perturbed import (
    Strength,
    _depth,
    _moved,
    _randomised,
    _superpixels,
)

SQUARE = np.ones(2)


def letter(shape=(21, 21)):
    """An outline without any symmetry; its centre is pixel (10, 10)."""
    mask = np.zeros(shape, dtype=bool)
    mask[7:14, 9:12] = True
    mask[7:9, 12:14] = mask[12:14, 7:9] = mask[8, 14] = mask[12, 6] = True
    return mask


def moved(mask, *draw, grid=SQUARE, **strength):
    still = {"rotation": 0.0, "shift": 0.0, "growth": 0.0, "superpixel": 0.0}
    return _moved(mask, grid, np.array([draw], float), Strength(**still | strength))[0]


@pytest.mark.parametrize("grid", [(1.0, 1.0), (2.0, 0.5)])
def test_an_outline_is_shifted_by_pixels_along_rows_and_columns(grid):
    mask, grid = letter(), np.array(grid)
    for down, right in ((1, 0), (0, 1), (-1, 0.5), (0.5, -1)):
        found = moved(mask, 0, down, right, 0, grid=grid, shift=2.0)
        expected = np.roll(mask, (int(2 * down), int(2 * right)), axis=(0, 1))
        assert np.array_equal(found, expected)


def test_an_outline_is_turned_about_its_centre():
    mask = letter()
    assert np.argwhere(mask).mean(axis=0).tolist() == [10, 10]
    for part, quarters in ((1, 1), (-1, 3), (0, 0)):
        found = moved(mask, part, 0, 0, 0, rotation=90.0)
        assert np.array_equal(found, np.rot90(mask, quarters))
    half = moved(np.roll(mask, 3, axis=1), 1, 0, 0, 0, rotation=180.0)
    assert np.array_equal(half, np.roll(np.rot90(mask, 2), 3, axis=1))


def test_a_quarter_turn_is_one_in_mm():
    bar = np.zeros((41, 41), dtype=bool)
    bar[18:23, 16:25] = True  # 5 x 9 pixels of 2 x 1 mm
    found = moved(bar, 1, 0, 0, 0, grid=np.array([2.0, 1.0]), rotation=90.0)
    rows, columns = np.nonzero(found)
    assert abs(np.ptp(columns) + 1 - 10) <= 1 and abs(np.ptp(rows) + 1 - 4.5) <= 1


@pytest.mark.parametrize(
    ("growth", "part", "area"),
    [(0.5, 1, 54), (0.5, -1, 18), (0.25, 0.5, 40), (0.9999, -1, 1), (0.0, 1, 36)],
)
def test_the_area_grows_by_its_part(growth, part, area):
    mask = np.zeros((16, 16), dtype=bool)
    mask[5:11, 5:11] = True
    # no two pixels are as deep, a little off the centres
    found = moved(mask, 0.7, 0.13, 0.29, part, growth=growth, shift=0.1, rotation=1.0)
    assert found.sum() == area
    assert (found & mask).sum() == min(area, 36)


def test_an_outline_ends_at_the_image():
    mask = np.ones((4, 5), dtype=bool)
    assert moved(mask, 0, 0, 0, 1, growth=0.9).all()
    assert moved(mask, 0, 1, 0, 0, shift=2.0).any()


def test_each_outline_has_its_own_draws_however_many_at_once(monkeypatch):
    mask, draws = letter(), np.random.default_rng(0).uniform(-1, 1, (5, 4))
    strength = Strength(30.0, 2.0, 0.3, 0.0)
    every = _moved(mask, SQUARE, draws, strength)
    for some in (1, 2 * mask.size, 3 * mask.size + 1):
        monkeypatch.setattr(module, "_SAMPLES", some)
        assert np.array_equal(_moved(mask, SQUARE, draws, strength), every)
    for draw, outline in zip(draws, every, strict=True):
        (alone,) = _moved(mask, SQUARE, draw[None], strength)
        assert np.array_equal(alone, outline)


def test_depths_are_distances_to_the_other_side_in_mm():
    mask, grid = letter(), np.array([2.0, 0.5])
    framed = np.pad(mask, 1)
    inside, outside = (np.argwhere(part) * grid for part in (framed, ~framed))
    found = _depth(mask, grid)
    distances = cdist(inside, outside)
    np.testing.assert_allclose(found[framed], distances.min(axis=1))
    np.testing.assert_allclose(found[~framed], -distances.min(axis=0))


class Picks:
    """Chances that are given."""

    def __init__(self, chance):
        self.chance = np.array(chance)

    def random(self, shape):
        return np.broadcast_to(self.chance, shape)


LABELS = np.repeat(np.arange(5), 10).reshape(5, 10)  # one superpixel for each row


def partly(*counts):
    """The first pixels of each row."""
    return np.arange(10) < np.array(counts)[:, None]


def test_superpixels_are_taken_by_their_share_inside():
    outline = partly(9, 10, 8, 2, 1)
    for chance, rows in ((0.99, [0, 1]), (0.5, [0, 1, 2]), (0.1, [0, 1, 2, 3])):
        (found,) = _randomised(outline[None], LABELS, Picks(chance))
        assert np.flatnonzero(found.all(axis=1)).tolist() == rows
        assert np.flatnonzero(found.any(axis=1)).tolist() == rows
    (found,) = _randomised(outline[None], LABELS, Picks(0.2))
    assert np.flatnonzero(found.any(axis=1)).tolist() == [0, 1, 2]


def test_superpixels_of_any_size_and_order():
    labels = np.array([[2, 0, 0, 1], [2, 0, 1, 1], [2, 2, 1, 1]])
    outline = np.array([[0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]], dtype=bool)
    both = np.stack([outline, ~outline])
    first, second = _randomised(both, labels, Picks([[0.0, 0.1, 0.0], [0.0, 0.9, 0.0]]))
    # 3 of 3 are inside of the first, 1 of 5 of the second and none of the third
    assert np.array_equal(first, (labels == 0) | (labels == 1))
    assert np.array_equal(second, labels == 2)


def test_an_outline_that_would_lose_every_pixel_stays():
    outlines = np.stack([partly(1, 1, 1, 1, 1), partly(1, 1, 10, 1, 1)])
    first, second = _randomised(outlines, LABELS, Picks(0.0))
    assert np.array_equal(first, outlines[0])
    assert np.flatnonzero(second.any(axis=1)).tolist() == [2]


def test_superpixels_are_no_pixels_and_a_third_of_the_outline_at_most():
    pixels = np.random.default_rng(0).normal(size=(40, 40))
    mask = np.zeros((40, 40), dtype=bool)
    mask[:18, :18] = True
    assert _superpixels(pixels, mask, 1.99) is None
    assert _superpixels(pixels, mask, 2.0).shape == (40, 40)
    sizes = {side: _superpixels(pixels, mask, side).max() for side in (4.0, 6.0, 60.0)}
    assert sizes[4.0] > sizes[6.0] == sizes[60.0]
    small = np.zeros((40, 40), dtype=bool)
    small[:6, :6] = True
    assert _superpixels(pixels, small, 4.0) is not None
    small[5, 5] = False
    assert _superpixels(pixels, small, 4.0) is None
    flat = _superpixels(np.full((40, 40), 7.0), mask, 4.0)
    assert flat.min() == 0


def test_superpixels_do_not_know_the_unit_of_grey_levels():
    pixels = np.random.default_rng(0).normal(size=(30, 30))
    mask = np.ones((30, 30), dtype=bool)
    plain = _superpixels(pixels, mask, 4.0)
    assert np.array_equal(plain, _superpixels(1024 * pixels + 4096, mask, 4.0))


def test_draws_are_those_of_the_seed_and_of_the_lesion():
    image = np.random.default_rng(0).integers(0, 99, (64, 64))
    mask = np.zeros((64, 64), dtype=bool)
    mask[25:40, 24:38] = True
    plain = {"growth": 0, "superpixel": 0, "rotation": 0, "shift": 2.0}
    first = perturb_outlines(image, mask, 4, random_state=3, **plain)
    assert len({outline.tobytes() for outline in first}) == 4
    again = perturb_outlines(image, mask, 6, random_state=3, **plain)
    assert np.array_equal(again[:4], first)
    elsewhere = (np.roll(part, (5, -4), (0, 1)) for part in (image, mask))
    rolled = perturb_outlines(*elsewhere, 4, random_state=3, **plain)
    assert np.array_equal(rolled, np.roll(first, (5, -4), (1, 2)))


def blob():
    image = np.random.default_rng(0).integers(0, 99, (90, 80))
    mask = np.zeros((90, 80), dtype=bool)
    mask[30:45, 34:47] = True
    return image, mask


def test_usual_strengths_are_those_that_are_documented():
    image, mask = blob()
    strength = {"rotation": 6, "shift": 0.75, "growth": 0.15, "superpixel": 4}
    usual = perturb_outlines(image, mask)
    told = perturb_outlines(image, mask, 10, **strength, random_state=0)
    assert np.array_equal(usual, told)
    for name in strength:
        other = strength | {name: strength[name] * 1.1}
        assert not np.array_equal(usual, perturb_outlines(image, mask, **other)), name


def test_ten_virtual_readers_are_usual():
    readers = OutlinePerturber().transform([blob()])[0].readers
    assert readers == ("drawn", *(f"perturbed{n}" for n in range(1, 11)))


def test_pixels_of_unknown_size_are_squares():
    image, mask = blob()
    usual = perturb_outlines(image, mask, 3)
    assert np.array_equal(usual, perturb_outlines(image, mask, 3, spacing=(1, 1)))
    assert not np.array_equal(usual, perturb_outlines(image, mask, 3, spacing=(2, 1)))


def test_no_outline_and_none_far_from_the_lesion():
    image, mask = blob()
    assert perturb_outlines(image, mask, 0).shape == (0, 90, 80)
    far = np.ones_like(mask)
    far[15:60, 19:62] = False
    assert not perturb_outlines(image, mask, 5)[:, far].any()
