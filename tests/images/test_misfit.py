"""The geometry doctor: why an ROI does not fit, in one sentence."""

import numpy as np
import pytest

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Image2D, read_image, read_mask
from sklearn_orn.images._geometry import Geometry

from ._make import FRAME, write_rtstruct
from ._volumes import SHAPE, Scene, write_nifti, write_nrrd, write_seg


def turned(affine, degrees):
    angle = np.radians(degrees)
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return turn @ affine


def moved(affine, *voxels):
    shifted = affine.copy()
    shifted[:3, 3] += affine[:3, :3] @ voxels
    return shifted


def scaled(affine, *factors):
    return affine @ np.diag([*factors, 1])


MISFITS = {
    "shifted by half a pixel": (
        lambda a: moved(a, 0.5, 0.25, 0),
        "shifted by 0.25 rows, 0.50 columns and 0.00 slices",
    ),
    "between slices": (lambda a: moved(a, 0, 0, 0.4), "and 0.40 slices against"),
    "spacing": (
        lambda a: scaled(a, 2, 2, 1),
        "another spacing: its pixels are 1.6 x 1 mm .* image 0.8 x 0.5 mm",
    ),
    "half the spacing": (
        lambda a: scaled(a, 0.5, 0.5, 1),
        "another spacing: its pixels are 0.4 x 0.25 mm .* image 0.8 x 0.5 mm",
    ),
    "rotated": (lambda a: turned(a, 10), "resampled grid, rotated by 10.0 degrees"),
    "outside": (
        lambda a: moved(a, 15, 0, 0),
        "column 20 to 30, outside the image of 20",
    ),
    "far away": (lambda a: moved(a, 0, 0, 40), "nothing was drawn on this slice"),
}


@pytest.mark.parametrize(("change", "message"), MISFITS.values(), ids=MISFITS)
def test_voxels_that_do_not_fit(tmp_path, change, message):
    scene = Scene()
    array, affine = scene.stored(scene.mask.astype(np.uint8))
    path = write_nifti(tmp_path / "m.nii", array, change(affine))
    image = read_image(scene.write_series(tmp_path / "s"), section=2)
    with pytest.raises(LesionError, match=message) as caught:
        read_mask(path, image)
    assert "m.nii" in str(caught.value)


def test_x_and_y_flipped_in_the_header(tmp_path):
    scene = Scene()
    # a file that says LPS, with coordinates of RAS
    array, affine = scene.stored(scene.mask.astype(np.uint8))
    path = write_nrrd(tmp_path / "m.nrrd", array, np.diag([-1, -1, 1, 1]) @ affine)
    image = read_image(scene.write_series(tmp_path / "s"), section=2)
    with pytest.raises(LesionError, match="With x and y flipped it lies inside"):
        read_mask(path, image)


def test_flipped_by_the_header(tmp_path):
    scene = Scene()
    array, affine = scene.stored(scene.mask.astype(np.uint8))
    affine[:3, 0] *= -1  # the origin stays: the ROI now lies on the other side
    path = write_nifti(tmp_path / "m.nii", array, affine)
    image = read_image(scene.write_series(tmp_path / "s"), section=2)
    with pytest.raises(LesionError, match="outside the image"):
        read_mask(path, image)


def test_contours_with_x_and_y_flipped(tmp_path):
    place = Geometry((1, 1), np.array([10.0, 20, 5]), np.eye(3)[:2], 3.0, FRAME)
    points = place.to_patient([[2, 2, 0], [2, 8, 0], [8, 8, 0], [8, 2, 0]]) * (
        -1,
        -1,
        1,
    )
    path = write_rtstruct(tmp_path / "rs.dcm", {"GTV": [points]})
    with pytest.raises(LesionError, match="With x and y flipped it lies inside"):
        read_mask(path, Image2D(np.zeros(SHAPE), place))


def test_a_segmentation_of_another_series(tmp_path):
    scene = Scene()
    other = Scene()
    other.origin = scene.origin + (0, 0, 1.2)
    path = write_seg(tmp_path / "m.dcm", other, {"GTV": scene.mask})
    image = read_image(scene.write_series(tmp_path / "s"), section=2)
    with pytest.raises(LesionError, match="shifted by 0.40 slices against this image"):
        read_mask(path, image)


def test_an_image_without_a_place(tmp_path):
    scene = Scene()
    path = write_nifti(tmp_path / "m.nii", *scene.stored(scene.mask.astype("u1")))
    with pytest.raises(LesionError, match="cannot be placed, since the image has no"):
        read_mask(path, Image2D(scene.pixels[2]))
