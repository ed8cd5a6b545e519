"""ROIs that are stored as voxels, laid on the grid of an image."""

import numpy as np

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._geometry import Geometry, Grid, Image2D
from sklearn_orn.images._image_file import NotOnSlice
from sklearn_orn.images._misfit import describe_grids, describe_outside
from sklearn_orn.images.formats._canonical import spans

EMPTY = (
    "the ROI is empty: none of its voxels is set. Leave the reader out where nothing "
    "was drawn."
)
ROUNDED_MM = 0.05  # coordinates are rounded on export
_TOLERANCE = 0.1  # voxels: headers in single precision, coordinates of 6 digits


def check_placed(geometry: Geometry, what: str) -> None:
    """Refuse an image that does not say where it lies."""
    if missing := geometry.missing():
        raise LesionError(
            f"{what} cannot be placed, since the image has no valid "
            f"{', no valid '.join(missing)}. Give the original DICOM image, or the "
            "mask as PNG."
        )


def plane_tolerance(thickness: float) -> float:
    """Return how far from a plane, in mm, what was drawn there may lie."""
    return max(0.1 * thickness, ROUNDED_MM)


def grid_of(geometry: Geometry, shape: tuple[int, ...]) -> Grid:
    """Describe one slice as a grid (row, column, slice), 1 mm thick if unknown."""
    check_placed(geometry, "the ROI")
    steps = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, geometry.thickness or 1]])
    points = geometry.to_patient(steps)
    affine = np.eye(4)
    affine[:3, :3] = (points[1:] - points[0]).T
    affine[:3, 3] = points[0]
    return Grid((shape[0], shape[1], 1), affine)


def lay_on(drawn: np.ndarray, grid: Grid, image: Image2D) -> np.ndarray:
    """Lay an ROI of voxels on the grid of an image, without interpolation.

    Its grid may be flipped, turned by 90 degrees and cropped, but its voxels must lie
    on the image's pixels. NotOnSlice if nothing was drawn on this slice.
    """
    shape = image.pixels.shape
    own = grid_of(image.geometry, shape)
    steps, start = _relation(own, grid)
    axes = np.argmax(np.abs(steps), axis=0)
    signs = np.sign(steps[axes, [0, 1]])
    exact = np.zeros((3, 2))
    exact[axes, [0, 1]] = signs
    off = np.abs(steps - exact).max(axis=0) * np.array(shape)
    # a step that is off adds up along a row: at its end half a voxel is another pixel
    if axes[0] == axes[1] or (off > 3 * _TOLERANCE).any():
        raise LesionError(describe_grids(drawn, own, grid))
    across = ({0, 1, 2} - set(axes.tolist())).pop()
    index = int(np.rint(start[across]))
    if not 0 <= index < grid.shape[across]:
        raise NotOnSlice(_beyond(drawn, grid, across, start[across]))
    if np.abs(start - np.rint(start)).max() > _TOLERANCE:
        raise LesionError(describe_grids(drawn, own, grid))
    plane = np.take(drawn, index, axis=across)
    if not plane.any():
        raise NotOnSlice(_beyond(drawn, grid, across, start[across]))
    mask = _picked(plane, axes, signs, np.rint(start).astype(int), across, shape)
    if mask.sum() < plane.sum():
        raise LesionError(describe_outside(drawn, own, grid))
    return mask


def _relation(own: Grid, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Tell by how many voxels rows and columns move, and where the first pixel lies."""
    if not spans(grid.affine):
        raise LesionError(
            "the header of the ROI's file has axes of length 0, or in one plane; "
            "expected three that span a volume. Export it again."
        )
    relation = np.linalg.solve(grid.affine, own.affine)
    return relation[:3, :2], relation[:3, 3]


def _picked(
    plane: np.ndarray,
    axes: np.ndarray,
    signs: np.ndarray,
    start: np.ndarray,
    across: int,
    shape: tuple[int, ...],
) -> np.ndarray:
    """Read the pixels of the image from a plane of voxels; beyond it nothing is drawn.

    Row r lies at `start + r * sign` along the voxel axis `axes[0]`, column likewise.
    """
    if axes[0] > axes[1]:
        plane = plane.T
    mask = np.zeros(shape, dtype=bool)
    inside, source = [], []
    for axis, length in enumerate(shape):
        places = start[axes[axis]] + int(signs[axis]) * np.arange(length)
        valid = (places >= 0) & (places < plane.shape[axis])
        inside.append(np.flatnonzero(valid))
        source.append(places[valid])
    mask[np.ix_(*inside)] = plane[np.ix_(*source)]
    return mask


def _beyond(drawn: np.ndarray, grid: Grid, across: int, at: float) -> str:
    others = tuple(axis for axis in range(3) if axis != across)
    planes = np.flatnonzero(drawn.any(axis=others))
    if not planes.size:
        return EMPTY
    step = float(np.linalg.norm(grid.affine[:3, across]))
    low, high = (planes[0] - at) * step, (planes[-1] - at) * step
    return (
        f"nothing was drawn on this slice: the ROI lies {low:+.1f} to {high:+.1f} mm "
        "from it, across the slices. Give a slice that was drawn on, or the series "
        "that the ROI belongs to."
    )
