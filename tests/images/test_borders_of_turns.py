"""How a volume is turned, against all ways in which it could be."""

from itertools import permutations, product

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sklearn_orn.images.formats._canonical import (
    AS_STORED,
    Turn,
    odd_axis,
    plane_of,
    slice_axis,
    spans,
    turn_to,
)

LEFT, BACK, FEET = (1, 0, 0), (0, 1, 0), (0, 0, -1)
SHOWN = {  # along a row, and down a column
    "axial": (LEFT, BACK),
    "coronal": (LEFT, FEET),
    "sagittal": (BACK, FEET),
}
TURNS = [
    Turn(axes, backwards)
    for axes in permutations(range(3))
    for backwards in product((False, True), repeat=3)
]
SHAPE = (3, 4, 5)


def placed(steps, origin=(0.0, 0.0, 0.0)):
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = np.array(steps, dtype=float).T, origin
    return affine


def test_slices_are_shown_in_the_way_nearest_to_that_of_a_scanner():
    names = ("sagittal", "coronal", "axial")
    for axes in Rotation.random(80, random_state=0).as_matrix():
        affine = placed(axes * np.array([0.5, 0.8, 3.0])[:, None])
        for normal, plane in enumerate(names):
            nearest = np.abs(axes[:, normal]).argmax()
            assert slice_axis(affine, SHAPE, plane, None) == nearest
        for across in range(3):
            plane = names[np.abs(axes[across]).argmax()]
            assert plane_of(affine, across) == plane
            cosines = axes @ np.transpose(SHOWN[plane])
            possible = [turn for turn in TURNS if turn.axes[2] == across]
            near = [nearness(turn, axes, cosines.tolist()) for turn in possible]
            assert turn_to(affine, across) == possible[near.index(max(near))]


def nearness(turn, axes, cosines):
    """Cosines along rows and columns, then whether slices count along the normal."""
    right, down, across = turn.axes
    signs = [-1 if backwards else 1 for backwards in turn.backwards]
    # the axes are a turn of x, y and z
    behind = signs[0] * signs[1] * signs[2] * (1 if (down - right) % 3 == 1 else -1)
    return signs[0] * cosines[right][0] + signs[1] * cosines[down][1], behind


@pytest.mark.parametrize("off", [2e-7, -2e-7])
def test_of_two_ways_as_near_columns_run_to_the_left_in_every_order(off):
    """Turned by 45 degrees, but for rounding."""
    low, high = np.sqrt(0.5) - off, np.sqrt(0.5) + off
    for steps in (
        [[low, high, 0], [high, -low, 0], [0, 0, 1]],
        [[low, 0, high], [high, 0, -low], [0, 1, 0]],
        [[0, low, high], [0, high, -low], [1, 0, 0]],
    ):
        stored = np.array(steps) * np.array([[0.5], [0.8], [3.0]])
        for turn in TURNS:
            signs = np.where(turn.backwards, -1, 1)[:, None]
            affine = placed(stored[list(turn.axes)] * signs)
            found = turn_to(affine, turn.axes.index(2)).affine(affine, SHAPE)
            assert np.allclose(found[:3, 0], stored[0])


@pytest.mark.parametrize("turn", TURNS)
def test_a_turned_voxel_stays_in_its_place(turn):
    volume = np.arange(60).reshape(SHAPE)
    stored = placed([[0.5, 0.1, 0], [0, 0.8, 0.2], [0.3, 0, 3]], (7, -8, 9))
    turned = turn.affine(stored, SHAPE)
    across = turn.axes[2]
    for number in range(SHAPE[across]):
        shown = turn.plane(np.take(volume, number, axis=across))
        section = SHAPE[across] - 1 - number if turn.backwards[2] else number
        for row, column in np.ndindex(shown.shape):
            place = turned @ [column, row, section, 1]
            voxel = np.linalg.solve(stored, place)[:3].round().astype(int)
            assert volume[tuple(voxel)] == shown[row, column]


def test_as_stored_the_first_axis_are_columns():
    volume = np.arange(60).reshape(SHAPE)
    assert np.array_equal(AS_STORED.plane(volume[:, :, 2]), volume[:, :, 2].T)
    stored = placed(np.diag([0.5, 0.8, 3]), (7, -8, 9))
    assert np.array_equal(AS_STORED.affine(stored, SHAPE), stored)


@pytest.mark.parametrize(
    ("normal", "plane"),
    [
        ((0, 1, 1), "axial"),
        ((1, 0, 1), "axial"),
        ((1, 1, 0), "coronal"),
        ((1 + 2e-6, 1 - 2e-6, 0), "coronal"),
        ((1 + 2e-5, 1 - 2e-5, 0), "sagittal"),
        ((1, 1, 1), "axial"),
    ],
)
def test_of_two_planes_as_near_the_first_is_named(normal, plane):
    normal = np.array(normal) / np.linalg.norm(normal)
    first = np.cross(normal, (0.3, 0.5, -0.8))
    second = np.cross(normal, first)
    for across in range(3):
        steps = np.insert(np.stack([first, second]), across, normal, axis=0)
        for size in (1, 0.002, 300):
            assert plane_of(placed(steps * size), across) == plane


@pytest.mark.parametrize(
    ("lengths", "axis"),
    [
        ((1, 1, 1.0101), 2),
        ((1, 1, 1.01), None),
        ((1.0101, 1, 1), 0),
        ((1, 0.9899, 1), 1),
        ((1, 1.0049, 1.0099), None),
        ((1, 2, 4), 2),
        ((1, 2, 3.9), 0),
        ((4, 1, 3), 1),
    ],
)
def test_spacings_within_a_hundredth_are_those_of_cubes(lengths, axis):
    assert odd_axis(np.array(lengths, dtype=float)) == axis


@pytest.mark.parametrize(
    ("shape", "axis"), [((1, 1, 7), 0), ((9, 1, 1), 2), ((1, 8, 1), 2), ((9, 1, 7), 1)]
)
def test_a_single_slice_is_none_of_rows_or_columns(shape, axis):
    assert slice_axis(np.diag([0.5, 0.5, 3, 1]), shape, None, None) == axis


def test_slices_of_cubes_run_to_the_head_unless_something_tells():
    shape, turned = (9, 8, 7), placed([BACK, FEET, LEFT])
    assert slice_axis(np.eye(4), shape, None, None) == 2
    assert slice_axis(turned, shape, None, None) is None
    assert slice_axis(turned, shape, None, 0) == 0
    planes = {"axial": 1, "coronal": 0, "sagittal": 2}
    for plane, axis in planes.items():
        assert slice_axis(turned, shape, plane, 0) == axis
        assert slice_axis(turned @ np.diag([0.1, 9, 4, 1]), shape, plane, 0) == axis


@pytest.mark.parametrize(
    ("steps", "whole"),
    [
        (np.eye(3), True),
        (np.eye(3) * 1e-5, True),
        (np.diag([1, 1, 1e-6]), False),
        (np.diag([1, 1e-7, 1]), False),
        ([[1, 0, 0], [0, 1, 0], [1, 0, 1e-5]], True),
        ([[1, 0, 0], [0, 1, 0], [1, 0, 1e-7]], False),
        ([[1, 0, 0], [0, -1, 0], [0, 0, 1]], True),
        ([[9, 0, 0], [0, 9, 0], [9, 0, 3e-6]], False),
        (np.full((3, 3), np.nan), False),
    ],
)
def test_axes_of_a_volume_have_a_length_and_directions_of_their_own(steps, whole):
    assert spans(placed(steps)) == whole
