"""Pictures as masks, and the values of pictures of every depth."""

import json
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import (
    Image2D,
    Lesion,
    as_lesions,
    check_cohort,
    read_cohort,
    read_image,
    read_mask,
)

from .._data import SHARED
from ._volumes import write_nifti

CASES = SHARED.parent / "cases" / "pictures"
SHAPE = (12, 16)
IMAGE = Image2D(np.zeros(SHAPE))
MASK = np.zeros(SHAPE, dtype=bool)
MASK[3:9, 4:11] = True
OTHER = np.zeros(SHAPE, dtype=bool)
OTHER[9:11, 12:15] = True
LABELS = (MASK + 2 * OTHER).astype(np.uint8)


def save(path, pixels, **settings):
    Image.fromarray(pixels).save(path, **settings)
    return str(path)


def palette(path, colours, indices=LABELS, **settings):
    picture = Image.fromarray(indices)
    picture.putpalette([value for colour in colours for value in colour])
    picture.save(path, **settings)
    return str(path)


def painted(*colours):
    picture = np.zeros((*SHAPE, len(colours[0])), np.uint8)
    for value, colour in enumerate(colours):
        picture[value == LABELS] = colour
    return picture


BLACK, WHITE, RED, GREEN = (0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0)


@pytest.mark.parametrize("name", ["m.png", "m.tif", "m.bmp"])
@pytest.mark.parametrize("scale", [1, 100])
def test_a_picture_of_labels_is_chosen_from(tmp_path, name, scale):
    path = save(tmp_path / name, LABELS * np.uint8(scale))
    for number, drawn in ((1, MASK), (2, OTHER)):
        found = read_mask(f"{path}#{number * scale}", IMAGE)
        np.testing.assert_array_equal(found, drawn)
    listed = f"are #{scale}, #{2 * scale}; expected"
    for asked, message in ((path, "no ROI is chosen"), (f"{path}#7", "'#7' was asked")):
        with pytest.raises(LesionError, match=f"{message}.*{listed}"):
            read_mask(asked, IMAGE)


def test_labels_in_tiff_of_16_bits_and_of_real_numbers(tmp_path):
    for number, values in enumerate((np.uint16(300), np.float32(0.9999999))):
        pixels = np.where(MASK, values, 0).astype(values.dtype)
        path = save(tmp_path / f"{number}.tif", pixels)
        np.testing.assert_array_equal(read_mask(path, IMAGE), MASK)
    path = save(tmp_path / "half.tif", np.where(MASK, 0.5, 0).astype(np.float32))
    with pytest.raises(LesionError, match=r"half\.tif.*values 0\.5; expected whole"):
        read_mask(path, IMAGE)


def test_arrays_of_labels(tmp_path):
    np.save(tmp_path / "m.npy", LABELS)
    found = read_mask(f"{tmp_path / 'm.npy'}#2", IMAGE)
    np.testing.assert_array_equal(found, OTHER)
    with pytest.raises(LesionError, match=r"values 0, 1, 2; .*'path#number'"):
        read_mask(tmp_path / "m.npy", IMAGE)
    with pytest.raises(LesionError, match="labels of the NPY file are #1, #2"):
        read_mask(f"{tmp_path / 'm.npy'}#3", IMAGE)
    np.save(tmp_path / "b.npy", MASK)
    np.testing.assert_array_equal(read_mask(f"{tmp_path / 'b.npy'}#1", IMAGE), MASK)


def test_a_palette_is_chosen_from_by_entry_and_by_colour(tmp_path):
    path = palette(tmp_path / "m.png", [WHITE, RED, GREEN])  # on white paper
    for asked in ("1", "#ff0000"):
        np.testing.assert_array_equal(read_mask(f"{path}#{asked}", IMAGE), MASK)
    with pytest.raises(LesionError, match=r"'#ffffff' \(#0\), '#ff0000' \(#1\), '#00"):
        read_mask(path, IMAGE)
    clear = palette(tmp_path / "c.png", [WHITE, RED, RED], transparency=0)
    np.testing.assert_array_equal(read_mask(clear, IMAGE), MASK | OTHER)
    np.testing.assert_array_equal(read_mask(f"{clear}#2", IMAGE), OTHER)
    found = read_mask(f"{clear}##ff0000", IMAGE)
    np.testing.assert_array_equal(found, MASK | OTHER)


@pytest.mark.parametrize("name", ["m.png", "m.tif", "m.bmp"])
def test_colours_are_chosen_from(tmp_path, name):
    path = save(tmp_path / name, painted(BLACK, RED, GREEN))
    np.testing.assert_array_equal(read_mask(f"{path}##ff0000", IMAGE), MASK)
    np.testing.assert_array_equal(read_mask(f"{path}##00ff00", IMAGE), OTHER)
    with pytest.raises(LesionError, match="are '#00ff00', '#ff0000'; expected exactly"):
        read_mask(path, IMAGE)
    # grey levels saved as colours have the number of their grey level
    path = save(tmp_path / name, painted(BLACK, (7, 7, 7), (9, 9, 9)))
    np.testing.assert_array_equal(read_mask(f"{path}#7", IMAGE), MASK)


def test_black_beside_paint_on_nothing_is_no_paint(tmp_path):
    picture = painted((*BLACK, 0), (*WHITE, 255), (*BLACK, 255))
    path = save(tmp_path / "m.png", picture)
    np.testing.assert_array_equal(read_mask(path, IMAGE), MASK)


def test_a_name_that_no_colour_has_is_told_with_the_colours(tmp_path):
    path = save(tmp_path / "m.png", painted(BLACK, RED, GREEN))
    with pytest.raises(LesionError, match="'#lesion' was asked for.*are '#00ff00', '#"):
        read_mask(f"{path}#lesion", IMAGE)
    path = save(tmp_path / "one.png", painted(BLACK, RED, RED))
    with pytest.raises(LesionError, match="'#lesion' picks one ROI of several"):
        read_mask(f"{path}#lesion", IMAGE)


@pytest.mark.parametrize("name", ["m.png", "m.npy", "m.bmp"])
def test_a_picture_does_not_say_of_which_slice_it_is(tmp_path, name):
    image = write_nifti(tmp_path / "v.nii", np.zeros((16, 12, 3), "u1"), np.eye(4))
    path = str(tmp_path / name)
    if name == "m.npy":
        np.save(path, MASK)
    else:
        save(path, MASK.astype(np.uint8) * 255)
    with pytest.raises(LesionError, match="picture of one slice, and .* holds 3; exp"):
        Lesion(image, path).read()
    region = Lesion(image, path, section=1).read()[""]
    np.testing.assert_array_equal(region.mask, MASK)


def test_an_array_is_as_large_as_the_image(tmp_path):
    for rows in (MASK[:5], MASK[:5].astype(np.uint8)):
        np.save(tmp_path / "m.npy", rows)
        for asked in ("m.npy", "m.npy#1"):
            with pytest.raises(LesionError, match="m.npy' has 5 x 16 pixels, "):
                read_mask(f"{tmp_path / asked}", IMAGE)


def test_paint_on_nothing(tmp_path):
    for name, paint in (("white", WHITE), ("black", BLACK)):
        picture = painted((*BLACK, 0), (*paint, 255), (*BLACK, 0))
        path = save(tmp_path / f"{name}.png", picture)
        np.testing.assert_array_equal(read_mask(path, IMAGE), MASK)
    faint = painted((*WHITE, 0), (*WHITE, 128), (*WHITE, 0))
    path = save(tmp_path / "faint.png", faint)
    np.testing.assert_array_equal(read_mask(path, IMAGE), MASK)
    faint = painted((*WHITE, 0), (*WHITE, 255), (*WHITE, 3))
    path = save(tmp_path / "smooth.png", faint)
    with pytest.raises(LesionError, match=r"2 degrees of opacity \(3, 255, \.\.\.\)"):
        read_mask(path, IMAGE)


def test_a_transparent_grey_level(tmp_path):
    grey = np.where(MASK, 90, 255).astype(np.uint8)
    path = save(tmp_path / "m.png", grey, transparency=255)
    np.testing.assert_array_equal(read_mask(path, IMAGE), MASK)


def shades():
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return (10 * rows + columns + 1).astype(np.uint8)


@pytest.mark.parametrize(
    "picture",
    [
        shades(),
        np.dstack([shades(), shades(), np.where(MASK, 255, shades())]).astype("u1"),
        (255 / (1 + np.exp(5 - np.hypot(*np.mgrid[-6:6, -8:8])))).astype(np.uint8),
    ],
    ids=["the image itself", "a burnt-in outline", "smooth edges"],
)
def test_what_is_no_mask_is_refused(tmp_path, picture):
    path = save(tmp_path / "m.png", picture)
    with pytest.raises(
        LesionError, match=r"holds \d+ values besides black: .*, \.\.\."
    ):
        read_mask(path, IMAGE)


def test_an_inverted_mask_is_warned_of(tmp_path):
    image = np.random.default_rng(0).integers(0, 4000, SHAPE).astype(np.uint16)
    path = save(tmp_path / "m.png", np.where(MASK, 0, 255).astype(np.uint8))
    report = check_cohort([Lesion(image, path), Lesion(image, f"{path}#0")])
    found = [str(problem) for problem in report.warnings if problem.row == 0]
    assert len(found) == 1 and "takes up 78% of the image. Is the mask inve" in found[0]
    assert not any("takes up" in str(p) for p in report.warnings if p.row == 1)
    np.testing.assert_array_equal(read_mask(f"{path}#0", IMAGE), MASK)


def png_of(pixels, colour_type):
    """Write 16 bits a sample: pillow does not."""
    rows, columns = pixels.shape[:2]
    lines = pixels.astype(">u2").reshape(rows, -1)
    data = b"".join(b"\0" + line.tobytes() for line in lines)
    chunks = [
        (b"IHDR", struct.pack(">2I5B", columns, rows, 16, colour_type, 0, 0, 0)),
        (b"IDAT", zlib.compress(data)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


VALUES = np.random.default_rng(0).integers(1000, 4000, SHAPE)


@pytest.mark.parametrize(("colour_type", "channels"), [(2, 3), (4, 2), (6, 4)])
def test_a_png_that_would_be_narrowed_is_refused(tmp_path, colour_type, channels):
    pixels = np.repeat(VALUES[..., None], channels, axis=2)
    (tmp_path / "i.png").write_bytes(png_of(pixels, colour_type))
    for read in (read_image, lambda path: read_mask(path, IMAGE)):
        with pytest.raises(
            LesionError, match=r"i\.png.* more than 8 bits with colours"
        ):
            read(tmp_path / "i.png")
    (tmp_path / "i.png").write_bytes(png_of(VALUES, 0))
    image = read_image(tmp_path / "i.png")
    np.testing.assert_array_equal(image.pixels, VALUES)


def tiff_of(
    pixels, order="<", big=False, photometric=1, strips=1, packed=False, **more
):
    """Write a TIFF file of one page by hand; `t258=[8]` sets a tag."""
    pixels = pixels.astype(pixels.dtype.newbyteorder(order))
    samples = 1 if pixels.ndim == 2 else pixels.shape[2]
    kind = {"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]
    start = 16 if big else 8
    rows = -(-pixels.shape[0] // strips)
    parts = [pixels[at : at + rows].tobytes() for at in range(0, len(pixels), rows)]
    if packed:
        parts = [zlib.compress(part) for part in parts]
    data = b"".join(parts)
    sizes = [len(part) for part in parts]
    offsets = [start + sum(sizes[:number]) for number in range(len(parts))]
    tags = {
        256: [pixels.shape[1]],
        257: [pixels.shape[0]],
        258: [8 * pixels.dtype.itemsize] * samples,
        259: [8 if packed else 1],
        262: [photometric],
        273: offsets,
        277: [samples],
        278: [rows],
        279: sizes,
        339: [kind] * samples,
        **{int(number[1:]): values for number, values in more.items()},
    }
    word, width = ("Q", 8) if big else ("I", 4)
    end = start + len(data)
    entry = f"{order}HH{word}"
    size = struct.calcsize(entry) + width
    extra = end + (8 if big else 2) + len(tags) * size + width
    entries, beyond = b"", b""
    for number, values in sorted(tags.items()):
        listed = struct.pack(f"{order}{len(values)}I", *values)
        place = listed.ljust(width, b"\0")
        if len(listed) > width:
            place = struct.pack(f"{order}{word}", extra + len(beyond))
            beyond += listed
        entries += struct.pack(entry, number, 4, len(values)) + place
    mark = b"II" if order == "<" else b"MM"
    if big:
        head = mark + struct.pack(f"{order}HHHQ", 43, 8, 0, end)
        count = struct.pack(f"{order}Q", len(tags))
    else:
        head = mark + struct.pack(f"{order}HI", 42, end)
        count = struct.pack(f"{order}H", len(tags))
    return head + data + count + entries + bytes(width) + beyond


TYPES = ["u1", "i1", "u2", "i2", "u4", "i4", "f2", "f4", "f8", "u8", "i8"]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True], ids=["classic", "big"])
def test_tiff_keeps_every_value(tmp_path, dtype, order, big):
    if dtype[0] == "f":
        pixels = (VALUES / 7).astype(dtype)
    else:
        least, most = np.iinfo(dtype).min, np.iinfo(dtype).max
        steps = range(VALUES.size)
        values = [least + (most - least) * step // (VALUES.size - 1) for step in steps]
        pixels = np.array(values, dtype).reshape(SHAPE)
    for photometric, strips in ((1, 1), (0, 3)):
        content = tiff_of(pixels, order, big, photometric, strips)
        (tmp_path / "i.tif").write_bytes(content)
        image = read_image(tmp_path / "i.tif")
        np.testing.assert_array_equal(image.pixels, pixels)
        assert image.pixels.dtype == np.dtype(dtype)


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "f4"])
@pytest.mark.parametrize("photometric", [0, 1])
def test_packed_tiff_keeps_every_value(tmp_path, dtype, photometric):
    """White is not turned into black, and nothing wraps."""
    values = VALUES * (1_000_000 if dtype[1] == "4" else 1)
    pixels = (values - 2_000 * (dtype[0] == "i")).astype(dtype)
    content = tiff_of(pixels, photometric=photometric, strips=2, packed=True)
    (tmp_path / "i.tif").write_bytes(content)
    try:
        found = read_image(tmp_path / "i.tif").pixels
    except LesionError as error:  # pillow knows no such combination
        assert photometric == 0 and "damaged TIFF" in str(error)
        assert dtype in ("i1", "i2", "u4", "i4")
        return
    np.testing.assert_array_equal(found, pixels)
    assert found.dtype == np.dtype(dtype)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_tiff_is_shown_as_its_orientation_says(tmp_path, orientation):
    pixels, shown = VALUES.astype(np.uint16), []
    for packed in (False, True):  # read by us, and by pillow
        content = tiff_of(pixels, packed=packed, t274=[orientation])
        (tmp_path / "i.tif").write_bytes(content)
        shown.append(read_image(tmp_path / "i.tif").pixels)
    np.testing.assert_array_equal(*shown)
    turned = orientation > 1
    assert turned != np.array_equal(shown[0], pixels)
    mask = shown[0] > 3000
    content = tiff_of((pixels > 3000).astype("u1"), t274=[orientation])
    (tmp_path / "m.tif").write_bytes(content)
    found = read_mask(tmp_path / "m.tif", read_image(tmp_path / "i.tif"))
    np.testing.assert_array_equal(found, mask)


def test_white_is_zero_in_masks_of_one_bit(tmp_path):
    bits = np.packbits(MASK, axis=1)
    content = tiff_of(bits, photometric=0, t256=[SHAPE[1]], t258=[1])
    (tmp_path / "m.tif").write_bytes(content)
    np.testing.assert_array_equal(read_mask(tmp_path / "m.tif", IMAGE), MASK)


def test_colours_of_16_bits_in_tiff(tmp_path):
    grey = np.repeat(VALUES[..., None], 3, axis=2).astype(np.uint16)
    (tmp_path / "i.tif").write_bytes(tiff_of(grey, photometric=2))
    np.testing.assert_array_equal(read_image(tmp_path / "i.tif").pixels, VALUES)
    grey[0, 0, 1] += 1
    (tmp_path / "i.tif").write_bytes(tiff_of(grey, photometric=2))
    with pytest.raises(LesionError, match="colour picture; expected grey levels"):
        read_image(tmp_path / "i.tif")
    alpha = np.dstack([VALUES, np.where(MASK, 65535, 0)]).astype(np.uint16)
    (tmp_path / "a.tif").write_bytes(tiff_of(alpha, t338=[1]))
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif").pixels, VALUES)
    alpha[..., 0] = 7
    (tmp_path / "a.tif").write_bytes(tiff_of(alpha, t338=[1]))
    np.testing.assert_array_equal(read_mask(tmp_path / "a.tif", IMAGE), MASK)
    colours = np.zeros((*SHAPE, 3), np.uint16)
    colours[MASK, 0] = 3  # pillow would make it 0
    (tmp_path / "c.tif").write_bytes(tiff_of(colours, photometric=2))
    np.testing.assert_array_equal(read_mask(tmp_path / "c.tif", IMAGE), MASK)
    found = read_mask(f"{tmp_path / 'c.tif'}##000300000000", IMAGE)
    np.testing.assert_array_equal(found, MASK)
    real = tiff_of(colours.astype(np.float32), photometric=2)
    (tmp_path / "f.tif").write_bytes(real)
    with pytest.raises(LesionError, match="colours of float32; expected grey"):
        read_image(tmp_path / "f.tif")


def test_a_packed_tiff_that_would_be_narrowed_is_refused(tmp_path):
    grey = np.repeat(VALUES[..., None], 3, axis=2).astype(np.uint16)
    for pixels in (grey, VALUES / 7):
        photometric = 2 if pixels.ndim == 3 else 1
        content = tiff_of(pixels, photometric=photometric, packed=True)
        (tmp_path / "i.tif").write_bytes(content)
        with pytest.raises(LesionError, match="and is compressed; expected grey"):
            read_image(tmp_path / "i.tif")


def test_damaged_tiff(tmp_path):
    whole = tiff_of(VALUES.astype(np.uint16))
    path = tmp_path / "i.tif"
    for length in range(4, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(LesionError, match=r"i\.tif"):
            read_image(path)
    for tag in ({"t257": [10**6]}, {"t256": [0]}, {"t273": [10**6]}, {"t279": [3]}):
        path.write_bytes(tiff_of(VALUES.astype(np.uint16), **tag))
        with pytest.raises(LesionError, match=r"i\.tif"):
            read_image(path)


def test_pages_that_refer_to_each_other(tmp_path):
    content = bytearray(tiff_of(VALUES.astype(np.uint16)))
    end = struct.unpack_from("<I", content, 4)[0]
    (n_tags,) = struct.unpack_from("<H", content, end)
    struct.pack_into("<I", content, end + 2 + 12 * n_tags, end)  # the next is the first
    (tmp_path / "i.tif").write_bytes(content)
    np.testing.assert_array_equal(read_image(tmp_path / "i.tif").pixels, VALUES)


@pytest.mark.parametrize(("suffix", "name"), [("jpg", "JPEG"), ("gif", "GIF")])
def test_formats_that_lose_values_are_named(tmp_path, suffix, name):
    path = save(tmp_path / f"m.{suffix}", LABELS)
    with pytest.raises(LesionError, match=f"is a {name} file; expected a mask in one"):
        read_mask(path, IMAGE)
    with pytest.raises(LesionError, match=f"is a {name} file; expected an image in on"):
        read_image(path)


REFUSED = {
    "labels_1_2",
    "labels_tif",
    "labels_npy",
    "antialiased",
    "image_as_mask",
    "burnt_in",
    "palette_white_bg",
    "img_16bit_grey_alpha",
    "img_16bit_rgb",
    "tif_stack2",
    "npy_mask255",
    "jpg",
    "jpg_mask",
    "gif_mask",
}


@pytest.mark.skipif(not CASES.exists(), reason="the cases are not here")
def test_the_cases_of_pictures():
    wanted = json.loads((CASES / "want.json").read_text())
    table = read_cohort(CASES / "cohort.csv")
    report = check_cohort(table)
    assert {table["lesion"][p.row] for p in report.errors} == REFUSED
    assert [table["lesion"][p.row] for p in report.warnings if p.row is not None] == [
        "inverted"
    ]
    reference = Lesion(str(CASES / "image16.png"), str(CASES / "m255.png")).read()[""]
    stored = reference.image.astype(np.int64)
    encoded = {
        "tif_i16": stored - 2000,
        "tif_u32": stored * 70_000,
        "tif_f32": (stored / 7).astype(np.float32),
        "tif_f64": stored / 7,
        "npy_f": stored / 7,
        "tif_miniswhite": read_image(CASES / "image8.png").pixels,
    }
    for lesion in as_lesions(table):
        assert lesion.lesion in wanted
        if lesion.lesion in REFUSED | {"inverted"}:
            continue
        region = lesion.read()[""]
        np.testing.assert_array_equal(region.mask, reference.mask)
        expected = encoded.get(lesion.lesion, stored)
        np.testing.assert_array_equal(region.image, expected, lesion.lesion)
    big = read_image(CASES / "t_u32big.tif").pixels
    assert (int(big.min()), int(big.max())) == (1_000_000_000, 4_000_000_000)
