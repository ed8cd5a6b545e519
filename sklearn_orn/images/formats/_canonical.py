"""In which order the voxels of a volume are the rows and columns of DICOM."""

from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

import numpy as np

# How a scanner shows the slices of each plane, in the coordinates of DICOM (x to the
# left, y to the back, z to the head): along a row, and down a column.
PLANES = {
    "sagittal": ((0, 1, 0), (0, 0, -1)),
    "coronal": ((1, 0, 0), (0, 0, -1)),
    "axial": ((1, 0, 0), (0, 1, 0)),
}
_ACROSS = tuple(PLANES)  # the plane whose normal is x, y, z
_ALIKE = 0.01  # spacings of 0.8 and 0.8 mm after a detour through single precision
_DIGITS = 5  # of direction cosines
_SHORTEST = 1e-6  # mm, and the volume that three directions span: less is none


class Turn(NamedTuple):
    """Which stored axes are columns, rows and slices, and whether they run backwards.

    `axes` and `backwards` are in this order: along a row, down a column, across.
    """

    axes: tuple[int, int, int]
    backwards: tuple[bool, bool, bool]

    def affine(self, stored: np.ndarray, shape: Sequence[int]) -> np.ndarray:
        """Return the affine from (column, row, slice) to mm."""
        turned = stored.copy()
        for position, (axis, back) in enumerate(
            zip(self.axes, self.backwards, strict=True)
        ):
            step = stored[:3, axis]
            turned[:3, position] = -step if back else step
            if back:
                turned[:3, 3] += step * (shape[axis] - 1)
        return turned

    def plane(self, stored: np.ndarray) -> np.ndarray:
        """Return the pixels of a stored plane, whose axes stand in their order."""
        turned = stored if self.axes[1] < self.axes[0] else stored.T
        rows, columns = (
            slice(None, None, -1 if b else 1) for b in self.backwards[1::-1]
        )
        return np.ascontiguousarray(turned[rows, columns])


AS_STORED = Turn((0, 1, 2), (False, False, False))


def spans(affine: np.ndarray) -> bool:
    """Tell whether the axes of a volume have a length, and do not lie in one plane."""
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    if not lengths.min() > _SHORTEST:
        return False
    return bool(abs(np.linalg.det(affine[:3, :3] / lengths)) > _SHORTEST)


def slice_axis(
    affine: np.ndarray, shape: Sequence[int], plane: str | None, header: int | None
) -> int | None:
    """Find the stored axis along which the slices of a volume were acquired.

    `header`, the axis that the header names, counts for cubes alone: programs that turn
    a volume may leave it behind. None for cubes whose third axis does not run from foot
    to head, as they stand after a change of the axes.
    """
    steps = affine[:3, :3]
    lengths = np.linalg.norm(steps, axis=0)
    if plane is not None:
        along = np.round(np.abs(steps / lengths), _DIGITS)
        return int(np.argmax(along[_ACROSS.index(plane)]))
    single = [axis for axis in (2, 0, 1) if shape[axis] == 1]
    if single:
        return single[0]
    odd = odd_axis(lengths)
    if odd is not None:
        return odd
    if header is not None:
        return header
    return 2 if int(np.argmax(np.abs(steps[:, 2]))) == 2 else None


def odd_axis(lengths: np.ndarray) -> int | None:
    """Return the axis whose spacing is apart from the two others, None for cubes.

    Pixels are squares, or nearly so: the two spacings next to each other are theirs.
    """
    narrow, middle, wide = np.argsort(lengths, kind="stable")
    low, high = lengths[middle] / lengths[narrow], lengths[wide] / lengths[middle]
    if low * high <= 1 + _ALIKE:
        return None
    return int(wide if low <= high else narrow)


def plane_of(affine: np.ndarray, across: int) -> str:
    """Name the plane of the slices along one stored axis; of oblique ones the nearest.

    Of two as near, axial comes before coronal, and coronal before sagittal.
    """
    inside = np.delete(affine[:3, :3], across, axis=1)
    normal = np.cross(*(inside / np.linalg.norm(inside, axis=0)).T)
    parts = np.round(np.abs(normal), _DIGITS)
    return _ACROSS[2 - int(np.argmax(parts[::-1]))]


def turn_to(affine: np.ndarray, across: int) -> Turn:
    """Find the order in which a scanner would show slices along one stored axis.

    Axial ones have the front on top, the others the head; the patient's right is on the
    left, of sagittal ones the front. Slices count along their normal, as DICOM's.
    """
    steps = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    inside = [axis for axis in range(3) if axis != across]
    ways = np.array(PLANES[plane_of(affine, across)], dtype=float)

    def fit(pair: tuple[int, ...]) -> tuple[float, ...]:
        """Nearness to the plane's directions; for two as near, where columns run."""
        along = [
            float(way @ steps[:, axis]) for way, axis in zip(ways, pair, strict=True)
        ]
        first = steps[:, pair[0]] * (-1 if along[0] < 0 else 1)
        near = round(abs(along[0]) + abs(along[1]), _DIGITS)
        return (near, *np.round(first, _DIGITS).tolist())

    right, down = max(permutations(inside), key=fit)
    back = [bool(ways[i] @ steps[:, axis] < 0) for i, axis in enumerate((right, down))]
    shown = [
        steps[:, axis] * (-1 if flipped else 1)
        for axis, flipped in zip((right, down), back, strict=True)
    ]
    behind = bool(np.cross(*shown) @ steps[:, across] < 0)
    return Turn((right, down, across), (back[0], back[1], behind))
