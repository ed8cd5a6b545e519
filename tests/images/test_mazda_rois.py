"""ROIs of MaZda bit by bit, and pictures in its colours."""

import struct

import numpy as np
import pytest
from PIL import Image

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Image2D, read_mask
from sklearn_orn.images.formats._mazda import MAZDA_COLOURS, MazdaRois, open_mazda_rois

SHAPE = (3, 4)  # rows, columns
IMAGE = Image2D(np.zeros(SHAPE))


def write(path, words, names=(), more=b""):
    """Write a word for each pixel, and the names of the first ROIs."""
    texts = [name.encode() for name in names] + [b""] * (16 - len(names))
    lengths = [len(text) for text in texts]
    head = struct.pack("<12s2H16H32H", b"PMS_ROI_2001", 4, 3, *lengths, *[0] * 32)
    path.write_bytes(head + np.array(words, "<u2").tobytes() + b"".join(texts) + more)
    return path


@pytest.mark.parametrize("number", [1, 2, 9, 16])
def test_each_roi_has_a_bit_of_its_own(tmp_path, number):
    words = np.zeros(SHAPE, int)
    words[0, 3] = 1 << (number - 1)
    words[2, 1] = 0xFFFF
    path = write(tmp_path / "m.roi", words)
    found = read_mask(f"{path}#{number}", IMAGE)
    assert np.argwhere(found).tolist() == [[0, 3], [2, 1]]


def test_names_and_numbers_of_the_rois_that_are_drawn(tmp_path):
    words = np.zeros(SHAPE, int)
    words[1, 2], words[0, 0] = 4, 2
    path = write(tmp_path / "m.roi", words, ["first", "second\0x", "Größe"], b"more")
    classes = open_mazda_rois(path).classes
    assert [tuple(c) for c in classes] == [(2, "second"), (3, "Größe")]
    assert np.argwhere(read_mask(f"{path}#Größe", IMAGE)).tolist() == [[1, 2]]
    assert np.argwhere(read_mask(f"{path}#second", IMAGE)).tolist() == [[0, 0]]
    with pytest.raises(LesionError, match=r"'second' \(#2\), 'Größe' \(#3\)"):
        read_mask(path, IMAGE)
    with pytest.raises(LesionError, match="'#1' was asked for"):
        read_mask(f"{path}#1", IMAGE)


def test_rois_are_as_large_as_the_image(tmp_path):
    path = write(tmp_path / "m.roi", np.ones(SHAPE, int))
    with pytest.raises(LesionError, match="has 3 x 4 pixels, the image has 4 x 3"):
        read_mask(path, Image2D(np.zeros(SHAPE[::-1])))
    assert MazdaRois.flat
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(LesionError, match="truncated: 23 bytes of .*expected 24"):
        read_mask(path, IMAGE)


def test_a_declared_size_that_no_image_has(tmp_path):
    head = struct.pack("<12s2H16H32H", b"PMS_ROI_2001", 0, 3, *[0] * 48)
    (tmp_path / "m.roi").write_bytes(head)
    with pytest.raises(LesionError, match="expected positive numbers"):
        read_mask(tmp_path / "m.roi", IMAGE)


def bmp(path, *colours, mode="P"):
    """A row of pixels for each colour, below a black one."""
    entries = [0, 0, 0, *(value for c in colours for value in bytes.fromhex(c))]
    rows = np.repeat(np.arange(len(colours) + 1, dtype=np.uint8), 4).reshape(-1, 4)
    picture = Image.fromarray(rows)
    picture.putpalette(entries)
    (picture if mode == "P" else picture.convert(mode)).save(path)
    return path, Image2D(np.zeros(rows.shape))


@pytest.mark.parametrize("number", range(1, 17))
def test_each_colour_is_the_roi_of_its_number(tmp_path, number):
    other = MAZDA_COLOURS[number % 16]
    path, image = bmp(tmp_path / "m.bmp", other, MAZDA_COLOURS[number - 1])
    found = read_mask(f"{path}#{number}", image)
    assert np.flatnonzero(found.all(axis=1)).tolist() == [2]
    assert found.sum() == 4
    named = read_mask(f"{path}##{MAZDA_COLOURS[number - 1]}", image)
    np.testing.assert_array_equal(named, found)


def test_a_picture_of_other_colours_is_painted_by_hand(tmp_path):
    path, image = bmp(tmp_path / "m.bmp", "ff0000", "123456")
    with pytest.raises(LesionError, match="labels of the BMP file are .*'#123456'"):
        read_mask(path, image)
    found = read_mask(f"{path}##123456", image)
    assert np.flatnonzero(found.all(axis=1)).tolist() == [2]
    path, image = bmp(tmp_path / "b.bmp", "ff0000", "00ff00", mode="RGB")
    with pytest.raises(LesionError, match="labels of the BMP file are '#00ff00', '#f"):
        read_mask(path, image)
    path, image = bmp(tmp_path / "c.bmp", "000001")
    assert read_mask(path, image).sum() == 4


def test_a_black_picture_holds_no_roi(tmp_path):
    path, image = bmp(tmp_path / "m.bmp", "000000")
    with pytest.raises(LesionError, match="is empty"):
        read_mask(path, image)
