"""What the headers of NRRD and NIfTI say of axes, places, types and volumes."""

import gzip
import struct

import numpy as np
import pytest

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import read_image, read_mask
from sklearn_orn.images._geometry import Geometry, Image2D
from sklearn_orn.images.formats._nifti import (
    is_half_of_pair,
    is_nifti,
    open_nifti,
    open_nifti_rois,
)
from sklearn_orn.images.formats._nrrd import open_nrrd, open_nrrd_rois

VOXELS = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)  # columns, rows, slices


def nrrd(path, voxels=VOXELS, kind="uint8", **fields):
    """Write a NRRD file by hand."""
    header = {
        "type": kind,
        "dimension": voxels.ndim,
        "sizes": " ".join(map(str, voxels.shape)),
        "endian": "little",
        "encoding": "raw",
        **{name.replace("_", " "): value for name, value in fields.items()},
    }
    lines = [f"{name}: {value}" for name, value in header.items() if value is not None]
    text = "\n".join(["NRRD0004", *lines, "", ""])
    path.write_bytes(text.encode() + voxels.tobytes(order="F"))
    return path


PLACED = {
    "space": "left-posterior-superior",
    "space_directions": "(0.5,0,0) (0,0.8,0) (0,0,3)",
    "space_origin": "(1,2,3)",
}


def test_a_volume_is_read_as_it_lies(tmp_path):
    image = open_nrrd(nrrd(tmp_path / "i.nrrd", **PLACED))
    assert len(image) == 5
    for section in range(5):
        assert np.array_equal(image.pixels(section), VOXELS[:, :, section].T)
        place = image.places[section]
        assert place.position.tolist() == [1, 2, 3 + 3 * section]
        assert place.spacing == (0.8, 0.5)


@pytest.mark.parametrize(
    ("space", "flips"),
    [
        ("left-posterior-superior", (1, 1, 1)),
        ("LPS", (1, 1, 1)),
        ("right-anterior-superior", (-1, -1, 1)),
        ("ras", (-1, -1, 1)),
        ("left-anterior-superior", (1, -1, 1)),
        ("LAS", (1, -1, 1)),
    ],
)
def test_each_space_is_brought_to_that_of_dicom(tmp_path, space, flips):
    image = open_nrrd(nrrd(tmp_path / "i.nrrd", **PLACED | {"space": space}))
    x, y, z = np.array([1, 2, 3]) * flips
    # the first row is the front, and the first column the patient's right
    x, y = min(x, x + 2 * 0.5 * flips[0]), min(y, y + 3 * 0.8 * flips[1])
    np.testing.assert_allclose(image.places[0].position, [x, y, z])
    shown = VOXELS[:: flips[0], :: flips[1], 0].T
    assert np.array_equal(image.pixels(0), shown)


def test_an_unknown_space_is_refused(tmp_path):
    path = nrrd(tmp_path / "i.nrrd", **PLACED | {"space": "scanner-xyz"})
    with pytest.raises(LesionError, match="none of LPS, RAS and LAS"):
        open_nrrd(path)


@pytest.mark.parametrize(
    ("names", "dtype"),
    [
        (["signed char", "int8", "int8_t"], "i1"),
        (["uchar", "unsigned char", "uint8", "uint8_t"], "u1"),
        (["short", "short int", "signed short", "int16", "INT16_T"], "i2"),
        (["ushort", "unsigned short int", "uint16"], "u2"),
        (["int", "signed int", "int32"], "i4"),
        (["uint", "unsigned int", "uint32_t"], "u4"),
        (["float"], "f4"),
        (["double"], "f8"),
    ],
)
@pytest.mark.parametrize("endian", ["little", "big"])
def test_numbers_of_every_type_and_order_of_bytes(tmp_path, names, dtype, endian):
    voxels = VOXELS.astype(np.dtype(dtype).newbyteorder("<>"[endian == "big"]))
    for name in names:
        path = nrrd(tmp_path / "i.nrrd", voxels, name, endian=endian)
        found = read_image(path, section=2).pixels
        assert np.array_equal(found, VOXELS[:, :, 2].T)
        assert found.dtype == np.dtype(dtype)


def test_types_that_are_no_numbers_are_refused(tmp_path):
    with pytest.raises(LesionError, match="voxels of an unknown type|cannot be read"):
        open_nrrd(nrrd(tmp_path / "i.nrrd", kind="block", block_size=1))


@pytest.mark.parametrize(
    ("fields", "spacing"),
    [
        ({"spacings": "0.5 0.8 3"}, (0.8, 0.5)),
        ({"spacings": "-0.5 0.8 3"}, (0.8, 0.5)),
        ({"spacings": "0 0.8 3"}, None),
        ({"spacings": "0.5 0 3"}, None),
        ({}, None),
    ],
)
def test_without_directions_the_spacings_are_known(tmp_path, fields, spacing):
    image = open_nrrd(nrrd(tmp_path / "i.nrrd", **fields))
    assert image.places[1].spacing == spacing
    assert image.places[1].position is None
    assert np.array_equal(image.pixels(1), VOXELS[:, :, 1].T)


def test_a_file_that_ends_early_is_refused_when_it_is_opened(tmp_path):
    path = nrrd(tmp_path / "i.nrrd")
    path.write_bytes(path.read_bytes()[:-1])
    for opened in (open_nrrd, open_nrrd_rois):
        with pytest.raises(LesionError, match="truncated"):
            opened(path)


def test_an_image_of_two_axes_is_one_slice(tmp_path):
    path = nrrd(tmp_path / "i.nrrd", VOXELS[:, :, 0], spacings="0.5 0.8")
    image = open_nrrd(path)
    assert len(image) == 1
    assert image.places[0].spacing == (0.8, 0.5)
    assert np.array_equal(image.pixels(0), VOXELS[:, :, 0].T)


LAYERS = np.stack([VOXELS > 20, VOXELS > 40]).astype(np.uint8)
TOLD = {
    "directions": {**PLACED, "space_directions": "none (0.5,0,0) (0,0.8,0) (0,0,3)"},
    "half a direction": {
        **PLACED,
        "space_directions": "(nan,0,0) (0.5,0,0) (0,0.8,0) (0,0,3)",
    },
    "spacings": {"spacings": "nan 0.5 0.8 3"},
    "kinds": {"kinds": "list domain domain domain"},
    "nothing": {},
}


def turned(told):
    """Say the same of layers that stand last."""
    moved = dict(told)
    for name in ("space_directions", "spacings", "kinds"):
        if name in moved:
            first, *others = moved[name].split(" ")
            moved[name] = " ".join([*others, first])
    return moved


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("last", [False, True])
def test_the_axis_of_layers_is_the_one_outside_of_space(tmp_path, told, last):
    if last and told == "nothing":
        return
    array = np.moveaxis(LAYERS, 0, -1) if last else LAYERS
    fields = turned(TOLD[told]) if last else TOLD[told]
    path = nrrd(tmp_path / "m.nrrd", array, **fields)
    parsed = open_nrrd_rois(path)
    assert parsed.stored.shape == VOXELS.shape
    assert (parsed.stored.layers, parsed.blocks) == ((1, 2) if last else (2, 1))
    if told == "directions":
        expected = [[0.5, 0, 0, 1], [0, 0.8, 0, 2], [0, 0, 3, 3], [0, 0, 0, 1]]
        assert parsed.stored.affine.tolist() == expected
    if told == "spacings":
        assert parsed.stored.spacing == (0.8, 0.5)
    if last:
        with pytest.raises(LesionError, match="holds 2 volumes: time points or seg"):
            open_nrrd(path)


@pytest.mark.parametrize(
    ("shape", "fields"),
    [
        ((3, 2, 4, 5), {"kinds": "domain list domain domain"}),
        ((2, 2, 3, 4, 5), {}),
        ((60,), {}),
        ((2, 30), {"kinds": "list domain"}),
        ((0, 3, 4, 5), {}),
    ],
)
def test_axes_that_are_no_volume_are_refused(tmp_path, shape, fields):
    path = nrrd(tmp_path / "m.nrrd", np.zeros(shape, np.uint8), **fields)
    with pytest.raises(LesionError, match="axes; expected two or|positive numbers"):
        open_nrrd_rois(path)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"encoding": "hex"}, "is stored as 'hex' or skips bytes"),
        ({"encoding": "raw", "byte_skip": 4}, "or skips bytes"),
        ({"encoding": "raw", "line_skip": 1}, "or skips bytes"),
        ({"data_file": "i.raw"}, "a header whose voxels lie in another file"),
        ({"datafile": "i.raw"}, "a header whose voxels lie in another file"),
    ],
)
def test_what_is_stored_elsewhere_or_otherwise_is_refused(tmp_path, fields, message):
    with pytest.raises(LesionError, match=message):
        open_nrrd(nrrd(tmp_path / "i.nrrd", **fields))


def test_a_skip_of_nothing_is_none(tmp_path):
    path = nrrd(tmp_path / "i.nrrd", byte_skip=0, line_skip=0)
    assert np.array_equal(read_image(path, section=0).pixels, VOXELS[:, :, 0].T)


def nifti(path, voxels=VOXELS, kind="Nifti1Image", units="mm", affine=None, **header):
    import nibabel

    image = getattr(nibabel, kind)(voxels, np.eye(4) if affine is None else affine)
    image.header.set_xyzt_units(units)
    for name, value in header.items():
        image.header[name] = value
    nibabel.save(image, path)
    return path


@pytest.mark.parametrize(
    ("units", "factor"),
    [("mm", 1), ("unknown", 1), ("meter", 1000), ("micron", 0.001)],
)
def test_places_are_in_mm_whatever_the_unit(tmp_path, units, factor):
    affine = np.diag([-0.5, -0.8, 3, 1]) / factor
    affine[:, 3] = [-1 / factor, -2 / factor, 3 / factor, 1]
    image = open_nifti(nifti(tmp_path / "i.nii", units=units, affine=affine))
    place = image.places[1]
    np.testing.assert_allclose(place.position, [1, 2, 6], rtol=1e-5)
    np.testing.assert_allclose(place.spacing, (0.8, 0.5), rtol=1e-5)


@pytest.mark.parametrize(("units", "factor"), [("mm", 1), ("meter", 1000)])
def test_a_mask_is_laid_where_its_header_says(tmp_path, units, factor):
    affine = np.diag([-0.5, -0.8, 3, 1]) / factor
    affine[:, 3] = [-1 / factor, -2 / factor, 3 / factor, 1]
    drawn = (VOXELS == 26).astype(np.uint8)  # column 1, row 1, slice 1
    path = nifti(tmp_path / "m.nii", drawn, units=units, affine=affine)
    place = Geometry((0.8, 0.5), np.array([0.5, 1.2, 6]), np.eye(3)[:2], 3.0)
    mask = read_mask(path, Image2D(np.zeros((6, 7)), place))
    assert np.argwhere(mask).tolist() == [[2, 2]]


@pytest.mark.parametrize("kind", ["Nifti1Image", "Nifti2Image"])
@pytest.mark.parametrize("end", [".nii", ".nii.gz"])
def test_one_of_several_volumes_is_chosen_by_its_number(tmp_path, kind, end):
    both = np.stack([VOXELS, VOXELS + 100], axis=3)
    path = nifti(tmp_path / f"i{end}", both, kind)
    assert is_nifti(path.read_bytes()[:540])
    for stack, added in (("volume=0", 0), ("1", 100), ("volume= 1", 100)):
        shown = (VOXELS[::-1, ::-1, 2] + added).T
        assert np.array_equal(open_nifti(path, stack=stack).pixels(2), shown)
    for stack in ("volume=2", "-1", "b=0", "²", "", None):
        with pytest.raises(LesionError, match="3 x 4 x 5 x 2 voxels, 2 time points"):
            open_nifti(path, stack=stack)
    with pytest.raises(LesionError, match="3 x 4 x 5 x 2 voxels; expected three axes"):
        open_nifti_rois(path)


def test_a_volume_of_one_is_not_chosen_from(tmp_path):
    path = nifti(tmp_path / "i.nii", VOXELS[..., None])
    assert len(open_nifti(path)) == 5
    assert open_nifti_rois(path).stored.shape == (3, 4, 5)
    with pytest.raises(LesionError, match="stack .*0.* a NIfTI file of one volume"):
        open_nifti(path, stack="0")


@pytest.mark.parametrize(
    ("shape", "fits"),
    [
        ((3, 4), True),
        ((3, 4, 5), True),
        ((3, 4, 5, 1, 1, 1, 1), True),
        ((3, 4, 5, 1, 2), True),
        ((12,), False),
        ((3, 4, 5, 2, 2), False),
    ],
)
def test_three_axes_and_volumes(tmp_path, shape, fits):
    path = nifti(tmp_path / "i.nii", np.zeros(shape, np.uint8))
    stack = "0" if 2 in shape else None
    if fits:
        image = open_nifti(path, stack=stack)
        slices = shape[2] if len(shape) > 2 else 1
        assert (len(image), image.shapes[0]) == (slices, (4, 3))
    else:
        with pytest.raises(LesionError, match="voxels; expected three axes"):
            open_nifti(path, stack=stack)


def test_slope_and_intercept_are_of_the_header(tmp_path):
    path = nifti(tmp_path / "i.nii", VOXELS.astype(np.int16))
    content = bytearray(path.read_bytes())
    assert open_nifti(path).read(0, rescale=True).pixels[0, 0] == VOXELS[2, 3, 0]
    content[112:120] = struct.pack("<2f", 2.0, -7.0)
    path.write_bytes(content)
    image = open_nifti(path)
    assert image.read(0).pixels[0, 0] == VOXELS[2, 3, 0]
    assert image.read(0, rescale=True).pixels[0, 0] == 2 * VOXELS[2, 3, 0] - 7


def test_voxels_inside_the_header_are_refused(tmp_path):
    path = nifti(tmp_path / "i.nii")
    content = bytearray(path.read_bytes())
    content[108:112] = struct.pack("<f", 347)
    path.write_bytes(content)
    with pytest.raises(LesionError, match="voxels start at byte 347, inside the head"):
        open_nifti(path)
    content[108:112] = struct.pack("<f", 348)
    path.write_bytes(content)
    found = open_nifti(path).pixels(0)
    stored = np.frombuffer(content[348:408], np.uint8).reshape(VOXELS.shape, order="F")
    assert np.array_equal(found, stored[::-1, ::-1, 0].T)


@pytest.mark.parametrize(("off", "told"), [(0.09, False), (0.11, True)])
def test_two_places_are_worth_a_word_from_a_tenth_of_a_mm(tmp_path, off, told):
    import nibabel

    image = nibabel.Nifti1Image(VOXELS, np.diag([1, 1, 3, 1]))
    stretched = np.diag([1, 1, 3 + off / 4, 1])  # at the last of five slices
    image.set_qform(np.diag([1, 1, 3, 1]), code=1)
    image.set_sform(stretched, code=1)
    nibabel.save(image, tmp_path / "i.nii")
    notes = list(open_nifti(tmp_path / "i.nii").notes())
    assert any("up to 0.1 mm apart" in note for note in notes) == told
    image.set_qform(np.eye(4), code=0)
    nibabel.save(image, tmp_path / "i.nii")
    assert list(open_nifti(tmp_path / "i.nii").notes()) == []
    flat = nibabel.Nifti1Image(VOXELS[:, :, 0], np.diag([1, 1, 3, 1]))
    flat.set_qform(np.diag([1, 1, 3, 1]), code=1)
    flat.set_sform(np.diag([1, 1, 5, 1]), code=1)  # of one slice
    nibabel.save(flat, tmp_path / "i.nii")
    assert list(open_nifti(tmp_path / "i.nii").notes()) == []


def test_the_axis_of_slices_is_that_of_the_header(tmp_path):
    path = nifti(tmp_path / "i.nii", dim_info=1 << 4 | 2 << 2 | 3)
    assert open_nifti_rois(path).stored.slices == 0
    assert open_nifti_rois(nifti(tmp_path / "i.nii")).stored.slices is None


def test_halves_of_a_pair_are_told_by_their_header(tmp_path):
    analyze = struct.pack("<i", 348) + bytes(344)
    assert is_half_of_pair(tmp_path / "x", analyze)
    assert is_half_of_pair(tmp_path / "x", struct.pack(">i", 348) + bytes(344))
    assert not is_half_of_pair(tmp_path / "x", analyze + b"\0")
    assert is_half_of_pair(tmp_path / "x", bytes(344) + b"ni1\0" + b"more")
    assert is_half_of_pair(tmp_path / "x", gzip.compress(bytes(344) + b"ni1\0"))
    assert is_half_of_pair(tmp_path / "x", bytes(4) + b"ni2\0")
    voxels = bytes(600)
    for name in ("a.img", "a.IMG", "a.img.gz"):
        assert not is_half_of_pair(tmp_path / name, voxels)
    for end in (".hdr", ".HDR", ".hdr.gz"):
        beside = tmp_path / f"a{end}"
        beside.write_bytes(gzip.compress(analyze) if end.endswith("gz") else analyze)
        for name in ("a.img", "a.IMG", "a.img.gz"):
            assert is_half_of_pair(tmp_path / name, voxels)
        assert not is_half_of_pair(tmp_path / "a.raw", voxels)
        assert not is_half_of_pair(tmp_path / "b.img", voxels)
        beside.unlink()
    assert not is_nifti(bytes(600)) and not is_nifti(b"\x1f\x8b damaged")
