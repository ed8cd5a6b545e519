"""Pictures of one slice: TIFF, BMP, NPY, MaZda's files, DICOM overlays."""

import struct

import numpy as np
import pytest
from PIL import Image
from pydicom.data import get_testdata_file

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Image2D, Lesion, read_image, read_mask
from sklearn_orn.images.formats._mazda import MAZDA_COLOURS

from ._make import dicom_image, write_image, write_png

PIXELS = np.random.default_rng(0).integers(0, 60000, (7, 9)).astype(np.uint16)
MASK = PIXELS > 30000
IMAGE = Image2D(PIXELS)


def save(path, pixels, **settings):
    Image.fromarray(pixels).save(path, **settings)
    return path


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, bool])
def test_grey_levels(tmp_path, suffix, dtype):
    pixels = PIXELS.astype(dtype)
    image = read_image(save(tmp_path / f"i.{suffix}", pixels))
    np.testing.assert_array_equal(image.pixels, pixels)
    assert image.geometry.spacing is None


def test_real_numbers_in_tiff(tmp_path):
    image = read_image(save(tmp_path / "i.tif", PIXELS.astype(np.float32) / 7))
    np.testing.assert_array_equal(image.pixels, PIXELS.astype(np.float32) / 7)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate"])
def test_packed_tiff(tmp_path, compression):
    path = save(tmp_path / "i.tif", PIXELS, compression=compression)
    np.testing.assert_array_equal(read_image(path).pixels, PIXELS)


def test_grey_levels_saved_as_colours(tmp_path):
    grey = PIXELS.astype(np.uint8)
    path = save(tmp_path / "i.png", np.stack([grey] * 3, axis=-1))
    np.testing.assert_array_equal(read_image(path).pixels, grey)
    path = save(tmp_path / "c.png", np.stack([grey, grey // 2, grey], axis=-1))
    with pytest.raises(LesionError, match="colour picture; expected grey levels"):
        read_image(path)


def test_pages_are_refused(tmp_path):
    pages = [Image.fromarray(PIXELS)] * 2
    pages[0].save(tmp_path / "i.tif", save_all=True, append_images=pages[1:])
    with pytest.raises(LesionError, match="holds 2 pages; expected one"):
        read_image(tmp_path / "i.tif")


@pytest.mark.parametrize("dtype", ["<u2", ">i4", "f4", "f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays(tmp_path, dtype, order):
    pixels = PIXELS.astype(dtype, order=order)
    np.save(tmp_path / "i.npy", pixels)
    image = read_image(tmp_path / "i.npy")
    np.testing.assert_array_equal(image.pixels, pixels)
    assert image.pixels.dtype.isnative and image.pixels.flags.c_contiguous


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (PIXELS[None], "with 3 axes; expected"),
        (PIXELS.astype(complex), "array of complex128"),
        (PIXELS.astype(object), "array of object"),
        (PIXELS[:0], "declares 0 x 9 pixels"),
        (PIXELS * np.nan, "holds 63 NaN or infinite"),
    ],
)
def test_arrays_that_are_no_slice(tmp_path, values, message):
    np.save(tmp_path / "i.npy", values)
    with pytest.raises(LesionError, match=message):
        read_image(tmp_path / "i.npy")


def test_painted_masks(tmp_path):
    for name in ("m.tif", "m.png", "m.bmp"):
        path = save(tmp_path / name, MASK.astype(np.uint8) * 255)
        np.testing.assert_array_equal(read_mask(path, IMAGE), MASK)
    np.save(tmp_path / "m.npy", MASK)
    np.testing.assert_array_equal(read_mask(tmp_path / "m.npy", IMAGE), MASK)
    np.save(tmp_path / "m.npy", MASK * 2)
    with pytest.raises(LesionError, match=r"m\.npy.*holds the values 0, 2"):
        read_mask(tmp_path / "m.npy", IMAGE)


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (MASK.T, "Rows and columns are swapped"),
        (np.kron(MASK, np.ones((2, 2))), "drawn at 2 times the size"),
        (MASK[:4], "Give the mask that was drawn on this image"),
    ],
)
def test_pictures_of_another_size(tmp_path, pixels, message):
    path = write_png(tmp_path / "m.png", pixels.astype(np.uint8))
    with pytest.raises(LesionError, match=message):
        read_mask(path, IMAGE)


def write_roi(path, masks, names):
    rows, columns = masks[0].shape
    texts = [name.encode() for name in names] + [b""] * (16 - len(names))
    bits = np.zeros((rows, columns), "<u2")
    for number, mask in enumerate(masks):
        bits |= (mask.astype("<u2") << number).astype("<u2")
    header = struct.pack(
        "<12s2H16H32H", b"PMS_ROI_2001", columns, rows, *map(len, texts), *[0] * 32
    )
    path.write_bytes(header + bits.tobytes() + b"".join(texts))
    return path


def test_rois_of_mazda(tmp_path):
    other = np.roll(MASK, 1, axis=0)
    path = write_roi(tmp_path / "m.roi", [MASK, other], ["ORN", "muscle"])
    for name in ("ORN", "1"):
        np.testing.assert_array_equal(read_mask(f"{path}#{name}", IMAGE), MASK)
    np.testing.assert_array_equal(read_mask(f"{path}#muscle", IMAGE), other)
    with pytest.raises(LesionError, match=r"ROIs are 'ORN' \(#1\), 'muscle' \(#2\)"):
        read_mask(path, IMAGE)
    one = write_roi(tmp_path / "one.roi", [MASK & False, MASK], ["", ""])
    np.testing.assert_array_equal(read_mask(one, IMAGE), MASK)
    path.write_bytes(path.read_bytes()[:150])
    with pytest.raises(LesionError, match="truncated"):
        read_mask(path, IMAGE)


def test_coloured_bmp_of_mazda(tmp_path):
    numbers = np.zeros(PIXELS.shape, np.uint8)
    numbers[1:3, 1:4], numbers[4:6, 2:8] = 5, 9  # entries of the palette, any order
    picture = Image.new("P", (9, 7))
    picture.putdata(numbers.ravel().tolist())
    palette = [0] * 768
    palette[15:18] = list(bytes.fromhex(MAZDA_COLOURS[0]))
    palette[27:30] = list(bytes.fromhex(MAZDA_COLOURS[6]))
    picture.putpalette(palette)
    picture.save(tmp_path / "m.bmp")
    mask = read_mask(f"{tmp_path / 'm.bmp'}#7", IMAGE)
    np.testing.assert_array_equal(mask, numbers == 9)
    assert read_mask(f"{tmp_path / 'm.bmp'}#1", IMAGE).sum() == 6
    with pytest.raises(LesionError, match=r"'#ff0000' \(#1\), '#ff8000' \(#7\)"):
        read_mask(tmp_path / "m.bmp", IMAGE)


def test_the_outline_in_the_overlay_of_pydicoms_example():
    path = get_testdata_file("examples_overlay.dcm")
    region = Lesion(path, f"{path}#overlay").read()[""]
    rows, columns = np.nonzero(region.mask)
    assert region.mask.sum() == 920
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (139, 173, 46, 80)
    with pytest.raises(LesionError, match="give the mask as 'path#overlay'"):
        read_mask(path, read_image(path))
    with pytest.raises(LesionError, match="'#overlay2' was asked for.*has 1 overlay"):
        read_mask(f"{path}#overlay2", read_image(path))


def write_overlay(path, drawn, kind="R", origin=(1, 1)):
    dataset = dicom_image(PIXELS)
    group = dataset.group_dataset
    assert not group(0x6000)
    dataset.add_new(0x60000010, "US", drawn.shape[0])
    dataset.add_new(0x60000011, "US", drawn.shape[1])
    dataset.add_new(0x60000040, "CS", kind)
    dataset.add_new(0x60000050, "SS", list(origin))
    bits = np.packbits(drawn.ravel(), bitorder="little").tobytes()
    dataset.add_new(0x60003000, "OB", bits + b"\0" * (len(bits) % 2))
    dataset.save_as(path, enforce_file_format=True)
    return f"{path}#overlay"


def test_overlays(tmp_path):
    image = read_image(write_image(tmp_path / "i.dcm", PIXELS))
    path = write_overlay(tmp_path / "o.dcm", MASK)
    np.testing.assert_array_equal(read_mask(path, image), MASK)
    path = write_overlay(tmp_path / "p.dcm", MASK[:5, :5], origin=(2, 3))
    np.testing.assert_array_equal(read_mask(path, image)[1:6, 2:7], MASK[:5, :5])
    path = write_overlay(tmp_path / "q.dcm", MASK, origin=(2, 1))
    with pytest.raises(LesionError, match="leaves the image"):
        read_mask(path, image)
    line = np.zeros(PIXELS.shape, dtype=bool)
    line[2, 1:7] = True
    with pytest.raises(LesionError, match="no closed outline"):
        read_mask(write_overlay(tmp_path / "l.dcm", line, kind="G"), image)
