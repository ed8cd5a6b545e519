"""Why an image and an ROI do not fit, in one sentence, and what to do."""

import numpy as np

from sklearn_orn.images._geometry import Grid

_REDRAW = (
    "Draw the ROI on this image, or resample it to the image's grid with nearest "
    "neighbours (3D Slicer: Resample Scalar Volume, or set the segmentation's "
    "reference geometry)."
)
# What is called rotated or scaled; less is called a shift, which it looks like.
_ROTATED = 0.02  # radians: a pixel in 50
_SCALED = 0.005  # of the spacing: a pixel in 200


def describe_shapes(mask: tuple[int, ...], image: tuple[int, ...]) -> str:
    """Say how the size of a picture differs from that of the image, and the remedy."""
    if mask == image[::-1]:
        return "Rows and columns are swapped: save the mask transposed."
    if mask and min(mask) > 0 and mask[0] * image[1] == mask[1] * image[0]:
        factor = mask[0] / image[0]
        return (
            f"It was drawn at {factor:g} times the size: save it at the size of the "
            "image."
        )
    return "Give the mask that was drawn on this image."


def describe_grids(drawn: np.ndarray, image: Grid, mask: Grid) -> str:
    """Say why the voxels of an ROI do not lie on the pixels of an image."""
    own, other = image.affine[:3, :3], mask.affine[:3, :3]
    own_size, other_size = np.linalg.norm(own, axis=0), np.linalg.norm(other, axis=0)
    turned = np.abs((own / own_size).T @ (other / other_size))[:2]
    along = turned.argmax(axis=1)
    angle = float(np.arccos(np.clip(turned.max(axis=1), 0, 1)).max())
    if angle > _ROTATED:
        return (
            f"the ROI lies on a resampled grid, rotated by {np.degrees(angle):.1f} "
            f"degrees to this image. {_REDRAW}"
        )
    points = _points(drawn, mask)
    if not _inside(points, image) and (mirror := mirrored(points, image)):
        return f"the ROI lies outside the image. {mirror}"
    ratio = other_size[along] / own_size[:2]
    if np.abs(ratio - 1).max() > _SCALED:
        return (
            f"the ROI has another spacing: its pixels are {_size(other_size[along])} "
            f"mm (rows x columns), those of the image {_size(own_size[:2])} mm. "
            f"{_REDRAW}"
        )
    shift = np.linalg.solve(mask.affine, image.affine)[:3, 3]
    rest = shift - np.rint(shift)
    across = ({0, 1, 2} - set(along.tolist())).pop()
    return (
        f"the ROI is shifted by {abs(rest[along[0]]):.2f} rows, "
        f"{abs(rest[along[1]]):.2f} columns and {abs(rest[across]):.2f} slices against "
        f"this image, so that its voxels lie between the pixels. {_REDRAW}"
    )


def describe_outside(drawn: np.ndarray, image: Grid, mask: Grid) -> str:
    """Say where an ROI lies that leaves the image, and what may be wrong."""
    points = _points(drawn, mask)
    low, high = _extent(points, image)
    rows, columns = image.shape[:2]
    reach = (
        f"the ROI reaches from row {low[0]:.0f} to {high[0]:.0f} and column "
        f"{low[1]:.0f} to {high[1]:.0f}, outside the image of {rows} x {columns} "
        "pixels (rows x columns)."
    )
    if mirror := mirrored(points, image):
        return f"{reach} {mirror}"
    same_size = sorted(mask.shape)[-2:] == sorted([rows, columns])
    if same_size:
        relation = np.linalg.solve(mask.affine, image.affine)
        shift = np.rint(relation[:3, 3]).astype(int)
        return (
            f"{reach} It has the size of the image, but its header places it flipped "
            f"or shifted by {', '.join(str(abs(step)) for step in shift)} voxels. "
            "Export it again with the image loaded."
        )
    return f"{reach} Give the uncropped series that the ROI was drawn on."


def mirrored(points: np.ndarray, image: Grid) -> str:
    """Say that points in mm would lie on the image with x and y flipped, if so."""
    flipped = points * (-1, -1, 1)
    if _inside(flipped, image):
        return (
            "With x and y flipped it lies inside: its file was written in RAS "
            "coordinates and says LPS, or the other way round. Export it again with "
            "the right coordinate system."
        )
    return ""


def _points(drawn: np.ndarray, mask: Grid) -> np.ndarray:
    points: np.ndarray = np.argwhere(drawn) @ mask.affine[:3, :3].T
    return points + mask.affine[:3, 3]


def _inside(points: np.ndarray, image: Grid) -> bool:
    low, high = _extent(points, image)
    return bool((low >= -0.5).all() and (high <= np.array(image.shape[:2]) - 0.5).all())


def _extent(points: np.ndarray, image: Grid) -> tuple[np.ndarray, np.ndarray]:
    steps, origin = image.affine[:3, :3], image.affine[:3, 3]
    pixels = np.linalg.solve(steps, (points - origin).T)[:2]
    return pixels.min(axis=1), pixels.max(axis=1)


def _size(lengths: np.ndarray) -> str:
    return " x ".join(f"{length:.3g}" for length in lengths)
