"""ROIs in PNG files."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Image2D, read_mask

from ._make import write_image, write_png

MASK = np.array([[0, 1, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]], dtype=bool)
IMAGE = Image2D(np.zeros((3, 4)))


def colours(alpha=None):
    picture = np.zeros((3, 4, 3 if alpha is None else 4), np.uint8)
    picture[MASK, 0] = 200
    if alpha is not None:
        picture[..., 3] = alpha
    return picture


@pytest.mark.parametrize(
    "picture",
    [
        MASK,
        MASK.astype(np.uint8),
        MASK.astype(np.uint8) * 255,
        MASK.astype(np.uint16) * 40000,
        colours(),
        colours(255),
        np.dstack([MASK * 255, np.full(MASK.shape, 255)]).astype(np.uint8),
    ],
    ids=["1 bit", "0 and 1", "0 and 255", "16 bits", "RGB", "RGBA", "LA"],
)
def test_every_kind_of_png(tmp_path, picture):
    mask = read_mask(write_png(tmp_path / "m.png", picture), IMAGE)
    assert mask.dtype == bool
    np.testing.assert_array_equal(mask, MASK)


def test_white_paint_on_nothing(tmp_path):
    picture = np.full((3, 4, 4), 255, np.uint8)
    picture[..., 3] = MASK * 255
    mask = read_mask(write_png(tmp_path / "m.png", picture), IMAGE)
    np.testing.assert_array_equal(mask, MASK)


@pytest.mark.parametrize("black", [0, 1])
def test_a_palette_counts_by_colour(tmp_path, black):
    picture = Image.fromarray(np.where(MASK, 1 - black, black).astype(np.uint8))
    picture.putpalette([0, 0, 0, 255, 0, 0] if black == 0 else [255, 0, 0, 0, 0, 0])
    picture.save(tmp_path / "m.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "m.png", IMAGE), MASK)


def test_the_suffix_does_not_matter(tmp_path):
    write_png(tmp_path / "m.png", MASK)
    (tmp_path / "m.png").rename(tmp_path / "m.dcm")
    np.testing.assert_array_equal(read_mask(tmp_path / "m.dcm", IMAGE), MASK)


def test_both_shapes_are_named(tmp_path):
    path = write_png(tmp_path / "m.png", MASK.T)
    with pytest.raises(LesionError, match=r"has 4 x 3 pixels, the image has 3 x 4"):
        read_mask(path, IMAGE)


def test_an_empty_mask_is_refused(tmp_path):
    path = write_png(tmp_path / "m.png", MASK & False)
    with pytest.raises(
        LesionError, match=r"m\.png': the mask is empty: none of its 3 x"
    ):
        read_mask(path, IMAGE)


def test_one_roi_only(tmp_path):
    path = write_png(tmp_path / "m.png", MASK)
    with pytest.raises(LesionError, match="Remove '#GTV'"):
        read_mask(path + "#GTV", IMAGE)


def test_a_hash_may_be_part_of_the_name(tmp_path):
    path = write_png(tmp_path / "m#2.png", MASK)
    np.testing.assert_array_equal(read_mask(path, IMAGE), MASK)


def test_a_cut_file_is_refused_or_complete(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 2, (3, 4), dtype=np.uint16) * 500
    whole = Path(write_png(tmp_path / "m.png", pixels)).read_bytes()
    path, refused = tmp_path / "cut.png", 0
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        try:  # the last bytes of a PNG file are checksums
            np.testing.assert_array_equal(read_mask(path, IMAGE), pixels > 0)
        except LesionError as error:
            assert "cut.png" in str(error)
            refused += 1
    assert refused > len(whole) // 2


def test_other_formats_are_refused(tmp_path):
    Image.fromarray(MASK.astype(np.uint8) * 255).save(tmp_path / "m.webp")
    with pytest.raises(
        LesionError,
        match="unknown format; expected a mask in one of the formats DICOM RT",
    ):
        read_mask(tmp_path / "m.webp", IMAGE)
    path = write_image(tmp_path / "i.dcm", np.zeros((3, 4), np.uint16))
    with pytest.raises(LesionError, match="a DICOM file of type MR Image Storage"):
        read_mask(path, IMAGE)
