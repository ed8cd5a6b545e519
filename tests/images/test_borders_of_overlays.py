"""Overlay planes bit by bit: where they begin, end and are filled."""

import numpy as np
import pytest

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Lesion, read_image, read_mask

from ._make import dicom_image
from ._volumes import Scene

SHAPE = (12, 14)


def with_planes(path, *planes):
    """Write an image; a plane is (group, drawn, type, origin), None for no element."""
    dataset = dicom_image(np.zeros(SHAPE, np.int16))
    for group, drawn, kind, origin in planes:
        bits = np.packbits(drawn.ravel(), bitorder="little").tobytes()
        dataset.add_new((group, 0x0010), "US", drawn.shape[0])
        dataset.add_new((group, 0x0011), "US", drawn.shape[1])
        if kind is not None:
            dataset.add_new((group, 0x0040), "CS", kind)
        if origin is not None:
            dataset.add_new((group, 0x0050), "SS", list(origin))
        dataset.add_new((group, 0x3000), "OW", bits + b"\0" * (len(bits) % 2))
    dataset.save_as(path, enforce_file_format=True)
    return path


def roi(*pixels, shape=(5, 3)):
    drawn = np.zeros(shape, dtype=bool)
    drawn[tuple(np.transpose(pixels))] = True
    return drawn


def found(path, name="overlay"):
    return np.argwhere(read_mask(f"{path}#{name}", read_image(path))).tolist()


def test_a_plane_lies_where_its_origin_says(tmp_path):
    drawn = roi((0, 0), (1, 2), (4, 1))
    for origin, shift in (((1, 1), (0, 0)), ((3, 2), (2, 1)), ((8, 12), (7, 11))):
        path = with_planes(tmp_path / "o.dcm", (0x6000, drawn, "R", origin))
        assert found(path) == (np.argwhere(drawn) + shift).tolist()
    path = with_planes(tmp_path / "o.dcm", (0x6000, drawn, "R", None))
    assert found(path) == np.argwhere(drawn).tolist()


@pytest.mark.parametrize("origin", [(0, 1), (1, 0), (9, 1), (1, 13)])
def test_a_plane_that_leaves_the_image_by_a_pixel(tmp_path, origin):
    drawn = roi((0, 0), (4, 2))
    path = with_planes(tmp_path / "o.dcm", (0x6000, drawn, "R", origin))
    with pytest.raises(LesionError, match="leaves the image of 12 x 14 pixels"):
        found(path)


def test_what_is_not_drawn_may_leave_the_image(tmp_path):
    drawn = roi((1, 1), (3, 1))
    for origin in ((0, 0), (9, 13)):
        path = with_planes(tmp_path / "o.dcm", (0x6000, drawn, "R", origin))
        shifted = np.argwhere(drawn) + origin - np.array([1, 1])
        assert found(path) == shifted.tolist()


def test_planes_are_counted_in_the_order_of_their_groups(tmp_path):
    first, second, third = roi((1, 1)), roi((2, 2)), roi((3, 0))
    path = with_planes(
        tmp_path / "o.dcm",
        (0x6000, first, "R", (1, 1)),
        (0x6002, second, "R", (1, 1)),
        (0x601E, third, "R", (1, 1)),
        (0x6020, roi((4, 0)), "R", (1, 1)),  # sixteen planes end before it
    )
    assert found(path) == found(path, "overlay1") == [[1, 1]]
    assert found(path, "overlay2") == [[2, 2]]
    assert found(path, "overlay3") == [[3, 0]]
    with pytest.raises(LesionError, match="'#overlay4' was asked .* has 3 overlay"):
        found(path, "overlay4")
    for name in ("overlay0", "over", "overlay-1", "overlay²", "1"):
        with pytest.raises(LesionError, match="is a DICOM image; expected a mask"):
            found(path, name)
    with pytest.raises(LesionError, match="is a DICOM image; expected a mask"):
        read_mask(path, read_image(path))


def test_bits_end_where_the_plane_does(tmp_path):
    drawn = np.ones((3, 3), dtype=bool)  # nine bits, in two bytes
    path = with_planes(tmp_path / "o.dcm", (0x6000, drawn, "R", (1, 1)))
    assert len(found(path)) == 9
    eight = np.ones((2, 4), dtype=bool)
    path = with_planes(tmp_path / "o.dcm", (0x6000, eight, "R", (1, 1)))
    assert len(found(path)) == 8
    sixteen = np.ones((4, 4), dtype=bool)
    path = with_planes(tmp_path / "o.dcm", (0x6000, sixteen, "R", (1, 1)))
    assert len(found(path)) == 16
    dataset = dicom_image(np.zeros(SHAPE, np.int16))
    dataset.add_new((0x6000, 0x0010), "US", 3)
    dataset.add_new((0x6000, 0x0011), "US", 6)  # 18 bits, and 16 are there
    dataset.add_new((0x6000, 0x3000), "OW", b"\xff\xff")
    dataset.save_as(path, enforce_file_format=True)
    with pytest.raises(LesionError, match="truncated: 2 bytes for 3 x 6 pixels"):
        found(path)
    dataset[0x6000, 0x0011].value = 0
    dataset.save_as(path, enforce_file_format=True)
    with pytest.raises(LesionError, match="declares 3 x 0 pixels; expected positive"):
        found(path)
    dataset[0x6000, 0x0011].value = 5  # 15
    dataset[0x6000, 0x3000].value = b"\xff\xff\xff\xff"  # and more follow
    dataset.add_new((0x6000, 0x0040), "CS", "R")
    dataset.save_as(path, enforce_file_format=True)
    assert len(found(path)) == 15


def test_an_overlay_is_of_one_slice_that_is_asked_for(tmp_path):
    scene = Scene()
    folder = scene.write_series(tmp_path / "s")
    plane = (0x6000, scene.mask[2], "R", (1, 1))
    mask = f"{with_planes(tmp_path / 'o.dcm', plane)}#overlay"
    with pytest.raises(LesionError, match="mask is a picture of one slice"):
        Lesion(folder, mask).read()
    region = Lesion(folder, mask, section=1).read()[""]
    np.testing.assert_array_equal(region.mask, scene.mask[2])


def ring(drawn, top, left, height, width):
    drawn[top : top + height, left : left + width] = True
    drawn[top + 1 : top + height - 1, left + 1 : left + width - 1] = False


@pytest.mark.parametrize("kind", ["G", None])
def test_of_graphics_the_outline_that_encloses_most_is_filled(tmp_path, kind):
    drawn = np.zeros(SHAPE, dtype=bool)
    drawn[0, :] = True  # a scale bar
    ring(drawn, 2, 1, 3, 6)  # encloses 4
    ring(drawn, 6, 1, 5, 4)  # encloses 6
    ring(drawn, 6, 7, 4, 5)  # encloses 6 as well
    drawn[11, 8:14] = True
    path = with_planes(tmp_path / "o.dcm", (0x6000, drawn, kind, (1, 1)))
    expected = [[row, column] for row in range(6, 11) for column in range(1, 5)]
    assert found(path) == expected


def test_an_outline_of_pixels_corner_to_corner_is_closed(tmp_path):
    diamond = np.zeros(SHAPE, dtype=bool)
    rows, columns = np.ogrid[: SHAPE[0], : SHAPE[1]]
    distance = np.abs(rows - 5) + np.abs(columns - 6)
    diamond[distance == 4] = True
    path = with_planes(tmp_path / "o.dcm", (0x6000, diamond, "G", (1, 1)))
    assert found(path) == np.argwhere(distance <= 4).tolist()


def test_graphics_that_enclose_one_pixel_or_none(tmp_path):
    drawn = np.zeros(SHAPE, dtype=bool)
    ring(drawn, 2, 2, 3, 3)
    path = with_planes(tmp_path / "o.dcm", (0x6000, drawn, "G", (1, 1)))
    assert len(found(path)) == 9
    drawn[3, 3] = True
    path = with_planes(tmp_path / "o.dcm", (0x6000, drawn, "G", (1, 1)))
    with pytest.raises(LesionError, match="holds no closed outline"):
        found(path)
