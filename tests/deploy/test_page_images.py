"""The page reads images as sklearn_orn.images does, bit for bit."""

import gzip
import zlib
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate
from pydicom.uid import (
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Lesion, protocol_table
from sklearn_orn.images.formats._registry import open_image
from tests._data import SHARED, needs_shared
from tests.images._make import dicom_image, write_image, write_png
from tests.images._volumes import (
    ORIENTATIONS,
    Scene,
    write_enhanced,
    write_nifti,
)

from ._jpeg_lossless import lossless_frames
from ._node import needs_node
from ._page_reader import array, ask, image_case

pytestmark = needs_node


def check(paths, tolerance=0.0):
    """Compare what the page reads with what Python reads, slice by slice."""
    for path, answer in zip(paths, ask([image_case(p) for p in paths]), strict=True):
        assert "value" in answer, (path, answer)
        compare(path, answer["value"], tolerance)


def compare(path, volume, tolerance=0.0):
    image = open_image(path)
    assert len(volume["slices"]) == len(image), path
    for section, slice_ in enumerate(volume["slices"]):
        read = image.read(section)
        pixels = array(slice_["pixels"], slice_)
        np.testing.assert_array_equal(pixels, read.pixels, err_msg=str(path))
        place = read.geometry
        for name, own in (
            ("spacing", place.spacing),
            ("position", place.position),
            ("orientation", place.orientation),
            ("thickness", place.thickness),
        ):
            if own is None:
                assert slice_[name] is None, (path, name)
            else:
                found = np.ravel(slice_[name])
                np.testing.assert_allclose(
                    found, np.ravel(own), rtol=tolerance, atol=tolerance
                )
        assert slice_["frame"] == place.frame_of_reference
        assert slice_["uid"] == place.instance


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(-3000, 3000, (11, 7)).astype(np.int16)


def test_every_width_of_stored_values(tmp_path):
    paths = []
    for dtype in ("u1", "i1", "u2", "i2", "u4", "i4"):
        info = np.iinfo(dtype)
        rng = np.random.default_rng(1)
        values = rng.integers(info.min, info.max, (5, 9), dtype=dtype, endpoint=True)
        paths.append(write_image(tmp_path / f"{dtype}.dcm", values))
    check(paths)


def test_what_hides_in_unused_bits_is_dropped(tmp_path):
    values = np.random.default_rng(2).integers(0, 2**16, (6, 5)).astype(np.uint16)
    paths = []
    for stored, high in ((12, 11), (12, 13), (9, 15), (16, 15)):
        for signed in (0, 1):
            bits = {"BitsStored": stored, "HighBit": high}
            path = tmp_path / f"{stored} {high} {signed}.dcm"
            paths.append(write_image(path, values, **bits, PixelRepresentation=signed))
    check(paths)


def saved(path, dataset, syntax):
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path, enforce_file_format=True)
    return path


def test_every_uncompressed_transfer_syntax(tmp_path, pixels):
    paths = []
    for syntax in (ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian):
        path = tmp_path / f"{syntax}.dcm"
        paths.append(saved(path, dicom_image(pixels), syntax))
    big = dicom_image(pixels)
    big.PixelData = pixels.astype(">i2").tobytes()
    paths.append(saved(tmp_path / "big.dcm", big, ExplicitVRBigEndian))
    for odd in ((4, 4), (3, 3)):
        values = np.arange(odd[0] * odd[1], dtype=np.uint8).reshape(odd)
        big = dicom_image(values)
        words = values.tobytes() + b"\0" * (values.size % 2)
        big.PixelData = np.frombuffer(words, "u2").byteswap().tobytes()
        big["PixelData"].VR = "OW"
        paths.append(saved(tmp_path / f"big{odd[0]}.dcm", big, ExplicitVRBigEndian))
    for syntax in (ImplicitVRLittleEndian, ExplicitVRLittleEndian):
        path = saved(tmp_path / "whole.dcm", dicom_image(pixels), syntax)
        content = path.read_bytes()
        meta = 144 + int.from_bytes(content[140:144], "little")
        for name, start in (("no preamble", 132), ("no meta", meta)):
            paths.append(tmp_path / f"{syntax} {name}.dcm")
            paths[-1].write_bytes(content[start:])
    check(paths)


def test_rle_of_every_width(tmp_path):
    paths = []
    for dtype in ("u1", "i2", "u2"):
        info = np.iinfo(dtype)
        rng = np.random.default_rng(3)
        values = rng.integers(info.min, info.max, (6, 21), dtype=dtype)
        values[2:4] = 7
        dataset = dicom_image(values)
        dataset.compress(RLELossless, generate_instance_uid=False)
        paths.append(saved(tmp_path / f"{dtype}.dcm", dataset, RLELossless))
    frames = np.random.default_rng(4).integers(0, 900, (3, 8, 6)).astype(np.uint16)
    dataset = dicom_image(frames, ImagePositionPatient=None, NumberOfFrames=3)
    dataset.compress(RLELossless, generate_instance_uid=False)
    paths.append(saved(tmp_path / "frames.dcm", dataset, RLELossless))
    check(paths)


def test_a_series_and_a_multi_frame_file(tmp_path):
    order, paths = [3, 0, 4, 1, 2], []
    for name, orientation in ORIENTATIONS.items():
        scene = Scene(orientation)
        folder = Path(scene.write_series(tmp_path / name, order=order))
        (folder / "notes.txt").write_text("no image")
        paths += [folder, write_enhanced(tmp_path / f"{name}.dcm", scene, order)]
    check(paths, 1e-12)


def test_letters_of_each_side(tmp_path):
    scenes = {name: Scene(ORIENTATIONS[name]) for name in ("axial", "coronal")}
    paths = [
        write_enhanced(tmp_path / f"{name}.dcm", scene)
        for name, scene in scenes.items()
    ]
    letters = [
        answer["value"]["slices"][0]["letters"]
        for answer in ask([image_case(path) for path in paths])
    ]
    assert letters[0] == {"left": "R", "right": "L", "top": "A", "bottom": "P"}
    assert letters[1] == {"left": "R", "right": "L", "top": "H", "bottom": "F"}


def test_nifti_of_every_type_and_order(tmp_path):
    paths = []
    scene = Scene()
    for number, dtype in enumerate(("u1", "i1", "i2", "u2", "i4", "u4", "f4", "f8")):
        rng = np.random.default_rng(number)
        values = rng.uniform(0, 120, scene.pixels.shape).astype(dtype)
        end = ".nii.gz" if number % 2 else ".nii"
        array_, affine = scene.stored(values, order=(2, 0, 1), flips=(number % 3,))
        kind = "Nifti2Image" if number > 5 else "Nifti1Image"
        paths.append(write_nifti(tmp_path / f"{dtype}{end}", array_, affine, kind))
    check(paths, 1e-12)


def test_nifti_however_it_is_stored(tmp_path):
    orders = [(0, 1, 2), (1, 0, 2), (2, 1, 0), (1, 2, 0)]
    flipped, paths = [(), (0,), (1, 2), (0, 1, 2)], []
    for name, order, flips in product(ORIENTATIONS, orders, flipped):
        scene = Scene(ORIENTATIONS[name])
        stored = scene.stored(scene.pixels, order=order, flips=flips)
        path = tmp_path / f"{name} {order} {flips}.nii"
        paths.append(write_nifti(path, *stored))
    check(paths, 1e-12)


def test_nifti_headers_that_say_less(tmp_path):
    scene = Scene(ORIENTATIONS["oblique"])
    values, affine = scene.stored(scene.pixels)
    cases = {
        "qform": {"sform_code": 0, "qform_code": 1},
        "none": {"sform_code": 0, "qform_code": 0},
        "metre": {"xyzt_units": 1},
        "scaled": {"scl_slope": 0.5, "scl_inter": -3},
    }
    paths = []
    for name, header in cases.items():
        path = write_nifti(tmp_path / f"{name}.nii", values, affine)
        patch(path, header)
        paths.append(path)
    flat = values[:, :, :1]
    paths.append(write_nifti(tmp_path / "flat.nii", flat, affine))
    check(paths, 1e-12)


def test_gzip_however_it_was_packed(tmp_path):
    """By each level, without a code of its own, of several members, and with a tail."""
    scene = Scene()
    values, affine = scene.stored(scene.pixels)
    content = Path(write_nifti(tmp_path / "i.nii", values, affine)).read_bytes()
    packer = zlib.compressobj(9, wbits=31, strategy=zlib.Z_FIXED)
    whole = [gzip.compress(content, level) for level in (0, 1, 6, 9)]
    whole.append(packer.compress(content) + packer.flush())
    whole.append(gzip.compress(content[:999]) + gzip.compress(content[999:], 1))
    whole.append(gzip.compress(content) + b"\0" * 7)
    paths = [tmp_path / f"{number}.nii.gz" for number in range(len(whole))]
    for path, packed in zip(paths, whole, strict=True):
        path.write_bytes(packed)
    check(paths, 1e-12)
    wrong = bytearray(whole[2])
    wrong[-6] ^= 1  # of the checksum
    paths[0].write_bytes(wrong)
    (answer,) = ask([image_case(paths[0])])
    assert answer["refused"] == "refused_damaged"


def patch(path, header):
    """Write fields of the header of NIfTI-1 as they stand."""
    import nibabel

    content = bytearray(Path(path).read_bytes())
    fields = nibabel.Nifti1Header(bytes(content[:348]), check=False)
    for name, value in header.items():
        fields[name] = value
    content[:348] = fields.binaryblock
    Path(path).write_bytes(content)


def test_png_of_every_kind(tmp_path):
    from PIL import Image

    rng = np.random.default_rng(5)
    deep = rng.integers(0, 2**16, (9, 13)).astype(np.uint16)
    grey = rng.integers(0, 256, (9, 13)).astype(np.uint8)
    paths = [
        write_png(tmp_path / "16.png", deep),
        write_png(tmp_path / "8.png", grey),
        write_png(tmp_path / "1.png", grey > 99),
        write_png(tmp_path / "rgb.png", np.dstack([grey] * 3)),
        write_png(tmp_path / "rgba.png", np.dstack([grey] * 3 + [255 - grey])),
        write_png(tmp_path / "la.png", np.dstack([grey, 255 - grey])),
    ]
    palette = Image.fromarray(grey % 16)
    palette.putpalette([level for i in range(16) for level in [16 * i] * 3])
    for bits in (4, 8):
        palette.save(tmp_path / f"p{bits}.png", bits=bits)
        paths.append(str(tmp_path / f"p{bits}.png"))
    Image.fromarray(grey).save(tmp_path / "key.png", transparency=5)
    paths.append(str(tmp_path / "key.png"))
    check(paths)


COMPRESSED = [
    "MR_small_RLE",
    "MR_small_jp2klossless",
    "MR_small_jpeg_ls_lossless",
    "MR_small_bigendian",
    "MR_small_expb",
    "MR_small_implicit",
    "MR_small_padded",
    "693_J2KI",
    "J2K_pixelrep_mismatch",
    "JPEG2000",
    "JPEGLSNearLossless_08",
    "JPEGLSNearLossless_16",
    "image_dfl",
    "examples_overlay",
    "CT_small",
]


def test_compressed_files_of_others():
    check([get_testdata_file(f"{name}.dcm") for name in COMPRESSED])


def stream(values, kind, **settings):
    """Encode one frame by pillow."""
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, format=kind, **settings)
    return buffer.getvalue()


def write_compressed(path, values, frames, syntax):
    """Write streams as the pixel data of an image."""
    dataset = dicom_image(values)
    if len(frames) > 1:
        dataset.NumberOfFrames = len(frames)
        del dataset.ImagePositionPatient
    dataset.PixelData = encapsulate(frames)
    dataset["PixelData"].is_undefined_length = True
    return saved(path, dataset, syntax)


def test_lossy_streams_decode_to_the_same_values(tmp_path):
    rng = np.random.default_rng(8)
    smooth = np.add.outer(np.arange(41), 2 * np.arange(37)) + rng.normal(0, 9, (41, 37))
    grey = smooth.clip(0, 255).astype(np.uint8)
    deep = (smooth * 200).clip(0, 65535).astype(np.uint16)
    paths = []
    for quality in (30, 95):
        for progressive in (False, True):
            coded = stream(grey, "JPEG", quality=quality, progressive=progressive)
            path = tmp_path / f"{quality}{progressive}.dcm"
            paths.append(write_compressed(path, grey, [coded], JPEGBaseline8Bit))
    three = [stream(grey + np.uint8(k), "JPEG", quality=80) for k in range(3)]
    path = tmp_path / "three.dcm"
    paths.append(write_compressed(path, np.stack([grey] * 3), three, JPEGBaseline8Bit))
    for values in (grey, deep):
        for settings in ({}, {"irreversible": True, "quality_layers": [20]}):
            coded = stream(values, "JPEG2000", no_jp2=True, **settings)
            path = tmp_path / f"{len(paths)}.dcm"
            paths.append(write_compressed(path, values, [coded], JPEG2000))
    check(paths)


def test_jpeg_ls_with_signs_and_frames(tmp_path, pixels):
    pytest.importorskip("jpeg_ls")
    paths = []
    for number, values in enumerate([pixels, np.stack([pixels, pixels[::-1]])]):
        dataset = dicom_image(values)
        if values.ndim == 3:
            dataset.NumberOfFrames = 2
            del dataset.ImagePositionPatient
        dataset.compress(JPEGLSLossless, generate_instance_uid=False)
        paths.append(saved(tmp_path / f"{number}.dcm", dataset, JPEGLSLossless))
    check(paths)


def jpeg_ls_cases(rng, folder, count):
    """Flat and rough images of every depth, exact and nearly so."""
    import jpeg_ls

    for number in range(count):
        bits = int(rng.integers(2, 17))
        shape = tuple(int(n) for n in rng.integers(8, 40, 2))
        rough = rng.choice([0.2, 3, 2**bits / 60])
        values = np.cumsum(rng.normal(0, rough, shape), axis=1) + 2**bits / 3
        values = values.clip(0, 2**bits - 1).astype(np.uint8 if bits < 9 else np.uint16)
        near = int(rng.integers(0, 4)) if number % 2 and bits > 3 else 0
        coded = jpeg_ls.encode_pixel_data(
            values.tobytes(),
            lossy_error=near,
            rows=shape[0],
            columns=shape[1],
            samples_per_pixel=1,
            bits_stored=bits,
        )
        decoded, _ = jpeg_ls.decode_pixel_data(coded)
        path = folder / f"{number}.dcm"
        write_compressed(path, values, [bytes(coded)], JPEGLSLossless)
        yield path, np.frombuffer(decoded, values.dtype).reshape(shape)


def check_jpeg_ls(folder, count, seed):
    cases = list(jpeg_ls_cases(np.random.default_rng(seed), folder, count))
    answers = ask([image_case(path) for path, _ in cases])
    for (path, values), answer in zip(cases, answers, strict=True):
        assert "value" in answer, (path, answer)
        (slice_,) = answer["value"]["slices"]
        np.testing.assert_array_equal(array(slice_["pixels"], slice_), values)


def test_jpeg_ls_of_every_depth(tmp_path):
    pytest.importorskip("jpeg_ls")
    check_jpeg_ls(tmp_path, 40, 0)


@pytest.mark.long
def test_jpeg_ls_of_hundreds_of_images(tmp_path):
    pytest.importorskip("jpeg_ls")
    check_jpeg_ls(tmp_path, 800, 1)


def test_lossless_jpeg(tmp_path, pixels):
    """Against the values that went in: Python reads it with gdcm alone."""
    kinds = [
        (pixels, 16),
        (pixels.astype(np.uint16), 16),
        ((pixels & 0xFFF).astype(np.uint16), 12),
        (pixels // 4, 12),
        ((pixels & 0xFF).astype(np.uint8), 8),
        (np.stack([pixels, pixels.T.reshape(pixels.shape)]), 16),
    ]
    cases = []
    for predictor, (values, bits) in product(range(1, 8), kinds):
        syntax = JPEGLosslessSV1 if predictor == 1 else JPEGLossless
        dataset = dicom_image(values, BitsStored=bits, HighBit=bits - 1)
        frames = values if values.ndim == 3 else values[None]
        dataset.NumberOfFrames = len(frames)
        if len(frames) > 1:
            del dataset.ImagePositionPatient
        dataset.PixelData = lossless_frames(frames, bits, predictor)
        dataset["PixelData"].is_undefined_length = True
        path = tmp_path / f"{predictor} {len(cases)}.dcm"
        cases.append((saved(path, dataset, syntax), frames))
    for (path, frames), answer in zip(
        cases, ask([image_case(path) for path, _ in cases]), strict=True
    ):
        for frame, slice_ in zip(frames, answer["value"]["slices"], strict=True):
            found = array(slice_["pixels"], slice_)
            np.testing.assert_array_equal(found, frame, err_msg=str(path))


PROTOCOL = {
    "Manufacturer": "Maker \u00e9 GmbH",
    "ManufacturerModelName": "Model 5",
    "MagneticFieldStrength": "3",
    "ScanningSequence": ["SE", "IR"],
    "SequenceVariant": "SK",
    "RepetitionTime": "4000.12345",
    "EchoTime": "81",
    "SliceThickness": "3.125",
    "ContrastBolusAgent": "Gadolinium",
    "SpecificCharacterSet": "ISO_IR 192",
}


def check_protocol(paths):
    mask = np.ones((2, 2))
    table = protocol_table([Lesion(str(path), mask) for path in paths])
    answers = ask([image_case(path, -1) for path in paths])
    for (_, row), answer in zip(table.iterrows(), answers, strict=True):
        found = answer["value"]["protocol"]
        for name, value in row.items():
            if pd.isna(value):
                assert found.get(name) is None, name
            else:
                assert found[name] == value, name


def test_protocol_by_the_names_of_python(tmp_path, pixels):
    scene = Scene()
    check_protocol(
        [
            write_image(tmp_path / "i.dcm", pixels, **PROTOCOL),
            write_image(tmp_path / "j.dcm", pixels),
            write_enhanced(tmp_path / "e.dcm", scene),
            write_nifti(tmp_path / "n.nii", *scene.stored(scene.pixels)),
            get_testdata_file("MR_small.dcm"),
        ]
    )


@needs_shared("sts_mr_t1")
def test_real_slices_and_series():
    folder = SHARED / "sts_mr_t1"
    slices = sorted(folder.glob("slices/*/*.dcm"))[::17]
    series = sorted(folder.glob("full_series/*/image"))
    check([*slices, *series], 1e-12)
    check_protocol(slices)
    check(sorted(folder.glob("masks/*.png"))[::40])


@needs_shared("breast_mr_seg")
def test_real_slices_of_another_scanner():
    check([SHARED / "breast_mr_seg" / "image"], 1e-12)


def refusals(tmp_path, pixels):
    """Files that Python refuses, and the key that the page has for the reason."""
    scene = Scene()
    values, affine = scene.stored(scene.pixels)
    folder = Path(scene.write_series(tmp_path / "two"))
    scene.write_series(tmp_path / "two", "1.2.4", 5)
    image = Path(write_image(tmp_path / "i.dcm", pixels))
    short = tmp_path / "short.dcm"
    short.write_bytes(image.read_bytes()[:-4])
    nifti = Path(write_nifti(tmp_path / "m.nii.gz", values, affine))
    cut = tmp_path / "cut.nii.gz"
    cut.write_bytes(nifti.read_bytes()[:-900])
    empty = tmp_path / "empty.dcm"
    empty.write_bytes(b"")
    text = tmp_path / "text.dcm"
    text.write_text("no image at all")
    holes = values.astype(float)
    holes[0, 0, 0] = np.nan
    cube = np.zeros((8, 8, 8), np.int16)
    sideways = np.diag([1.0, 1, 1, 1])[[2, 0, 1, 3]]
    colours = np.dstack([np.arange(12).reshape(3, 4)] * 3).astype(np.uint8)
    colours[0, 0, 0] = 99
    copies = tmp_path / "copies"
    copies.mkdir()
    for name in "ab":
        write_image(copies / name, pixels, SeriesInstanceUID="1.2")
    echoes = tmp_path / "echoes"
    echoes.mkdir()
    for echo in (10, 20):
        write_image(
            echoes / str(echo), pixels, SeriesInstanceUID="1.2", EchoTime=str(echo)
        )
    weighted = tmp_path / "weighted"
    weighted.mkdir()
    for b in (0.0, 800.0):
        write_image(
            weighted / str(b), pixels, SeriesInstanceUID="1.2", DiffusionBValue=b
        )
    return {
        "refused_several_series": folder,
        "refused_truncated": short,
        "refused_empty": empty,
        "refused_format": text,
        "refused_copies": copies,
        "refused_stacks": echoes,
        "refused_stacks ": weighted,
        "refused_mosaic": write_image(
            tmp_path / "o.dcm", pixels, ImageType=["A", "B", "MOSAIC"]
        ),
        "refused_no_image": get_testdata_file("rtstruct.dcm"),
        "refused_colour": write_png(tmp_path / "c.png", colours),
        "refused_bits": write_image(
            tmp_path / "b.dcm", pixels, BitsStored=12, HighBit=5
        ),
        "refused_not_finite": write_nifti(tmp_path / "h.nii", holes, affine),
        "refused_plane": write_nifti(tmp_path / "p.nii", cube, sideways),
        "refused_nifti_axes": write_nifti(
            tmp_path / "t.nii", np.stack([values, values], axis=3), affine
        ),
        "refused_png_deep": write_deep_alpha(tmp_path / "d.png"),
        "refused_syntax": write_unknown(tmp_path / "u.dcm", pixels),
        "refused_truncated ": cut,
    }


def write_unknown(path, pixels):
    """An image in high-throughput JPEG 2000, which neither reads."""
    dataset = dicom_image(pixels)
    dataset.PixelData = b"\xfe\xff\0\xe0\0\0\0\0\xfe\xff\0\xe0\4\0\0\0\1\2\3\4"
    dataset["PixelData"].is_undefined_length = True
    return saved(path, dataset, "1.2.840.10008.1.2.4.201")


def write_deep_alpha(path):
    """A PNG of 16 bits with transparency, which pillow would narrow."""
    import struct

    def chunk(kind, content):
        body = kind + content
        check_ = struct.pack(">I", zlib.crc32(body))
        return struct.pack(">I", len(content)) + body + check_

    head = struct.pack(">IIBBBBB", 2, 1, 16, 4, 0, 0, 0)
    line = zlib.compress(b"\0" + bytes(range(8)))
    parts = chunk(b"IHDR", head), chunk(b"IDAT", line), chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    return path


def test_what_python_refuses_is_refused_by_name(tmp_path, pixels):
    cases = refusals(tmp_path, pixels)
    answers = ask([image_case(path) for path in cases.values()])
    for (key, path), answer in zip(cases.items(), answers, strict=True):
        assert answer.get("refused") == key.strip(), (key, answer)
        with pytest.raises(LesionError):
            assert open_image(path).read(0) is None, key


def test_no_identity_leaves_the_reader(tmp_path, pixels):
    import json

    from tests.images._make import BIRTH_DATE, NAME, PATIENT_ID

    (answer,) = ask([image_case(write_image(tmp_path / "i.dcm", pixels))])
    text = json.dumps(answer)
    assert not [one for one in (NAME, PATIENT_ID, BIRTH_DATE) if one in text]
