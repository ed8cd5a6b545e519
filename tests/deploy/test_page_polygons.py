"""The page fills polygons as sklearn_orn.images does, pixel for pixel."""

import numpy as np
import pytest

from tests.images._make import polygons_to_mask, square

from ._node import needs_node
from ._page_reader import ask, mask_of

pytestmark = needs_node


def drawn(rng):
    """Polygons as people and programs draw them, and the shape of their image."""
    shape = tuple(int(n) for n in rng.integers(1, 40, 2))
    polygons = []
    for _ in range(rng.integers(1, 5)):
        points = rng.uniform(-5, 45, (rng.integers(1, 12), 2))
        kind = rng.integers(0, 6)
        if kind == 0:
            points = np.rint(points)  # traced from centre to centre
        elif kind == 1:
            points = np.rint(points) + rng.normal(0, 5e-4, points.shape)
        elif kind == 2:
            points = np.rint(2 * points) / 2  # along the borders of pixels
        elif kind == 3:
            points = points.round(6)
        elif kind == 4 and polygons:
            points = polygons[0] + rng.choice([0.0, 0.5, 1.0])  # twice, or moved
        polygons.append(points)
    return polygons, shape


def check(n_cases, seed):
    rng = np.random.default_rng(seed)
    cases = [drawn(rng) for _ in range(n_cases)]
    answers = ask(
        [
            {
                "task": "rasterise",
                "polygons": [polygon[:, ::-1].tolist() for polygon in polygons],
                "rows": shape[0],
                "columns": shape[1],
            }
            for polygons, shape in cases
        ]
    )
    for (polygons, shape), answer in zip(cases, answers, strict=True):
        mask = mask_of(answer["value"], shape)
        np.testing.assert_array_equal(mask, polygons_to_mask(polygons, shape))


def test_polygons_fill_the_pixels_that_python_fills():
    check(200, 0)


@pytest.mark.long
def test_thousands_of_polygons_fill_the_pixels_that_python_fills():
    check(8000, 1)


def test_a_square_and_its_hole():
    polygons = [square(2, 9).tolist(), square(4, 6).tolist()]
    (answer,) = ask(
        [{"task": "rasterise", "polygons": polygons, "rows": 12, "columns": 12}]
    )
    mask = mask_of(answer["value"], (12, 12))
    assert mask.sum() == 8 * 8 - 1  # the outline of a hole belongs to the ROI
    assert not mask[5, 5]


def test_nothing_is_drawn_by_no_polygon():
    (answer,) = ask([{"task": "rasterise", "polygons": [], "rows": 3, "columns": 2}])
    assert not mask_of(answer["value"], (3, 2)).any()
