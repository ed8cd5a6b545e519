"""What is read without pydicom's parser is what pydicom reads, or refuses."""

import functools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.sequence import Sequence
from pydicom.uid import ImplicitVRLittleEndian

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import (
    Image2D,
    Lesion,
    protocol_table,
    read_image,
    read_mask,
)
from sklearn_orn.images._geometry import Geometry
from sklearn_orn.images.formats import _plain_dicom
from sklearn_orn.images.formats._dicom import numbers, tag_of, value_of
from sklearn_orn.images.formats._plain_dicom import plain_dataset
from sklearn_orn.images.formats._registry import open_image
from tests._examples import examples

from ._make import dicom_image, square, write_image, write_rtstruct
from ._volumes import Scene, write_enhanced
from .fuzz import mutate

PIXELS = np.arange(480, dtype=np.int16).reshape(20, 24)
TAGS = ("Rows", "SeriesNumber", "PixelData", "ImageType", "SourceImageSequence")


def nested(depth):
    item = Dataset()
    item.CodeValue, item.CodeMeaning = "T-A7000", "Nase"
    item.is_undefined_length_sequence_item = depth % 2 == 0
    if depth:
        item.PurposeOfReferenceCodeSequence = Sequence([nested(depth - 1)] * 2)
        item["PurposeOfReferenceCodeSequence"].is_undefined_length = depth % 3 > 0
    return item


def write_rich(path, syntax=None, **header):
    """A file as archives hold them: private groups, sequences, a character set."""
    dataset = dicom_image(PIXELS, BitsStored=12, HighBit=11, **header)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "M"]
    dataset.SeriesNumber, dataset.SeriesInstanceUID = "07", "1.2.3"
    dataset.Manufacturer = "Überall"
    dataset.add_new(0x00091010, "UN", b"\0" * 70_000)  # more than one piece
    dataset.add_new(0x60003000, "OW", b"\0\1" * 40)
    dataset.add_new(0xFFFCFFFC, "OB", b"\0" * 6)
    for depth, keyword in enumerate(
        ("ReferencedImageSequence", "DeidentificationMethodCodeSequence")
    ):
        setattr(dataset, keyword, Sequence([nested(2 * depth), nested(1)]))
        dataset[keyword].is_undefined_length = True
    if syntax is not None:
        dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path, enforce_file_format=True)
    return str(path)


def walked(path, tags=TAGS, pixels=True):
    with Path(path).open("rb") as file:
        return plain_dataset(file, tags, pixels=pixels)


def told(function):
    """What comes of reading: every number and letter of it, or of its error."""
    try:
        return function()
    except LesionError as error:
        return str(error)


def shown(image):
    place = image.geometry
    values = [np.asarray(value).tolist() for value in vars(place).values()]
    return image.pixels.dtype.str, image.pixels.tolist(), values


def outcomes(path):
    image = slice_of_outlines()
    return (
        told(lambda: shown(read_image(path, section=0))),
        told(lambda: Lesion(path, path).notes()),
        told(lambda: read_mask(path, image).tolist()),
        repr(protocol_table([Lesion(path, path)]).to_dict("records")),
    )


@functools.cache
def slice_of_outlines():
    position = np.array([-20.0, 30.0, 100.0])
    axes = np.array([[1.0, 0, 0], [0, 1, 0]])
    return Image2D(PIXELS, Geometry((0.5, 0.25), position, axes, 3.0))


def compare(path, monkeypatch):
    found = outcomes(path)
    with monkeypatch.context() as patch:
        patch.setattr(_plain_dicom, "plain_dataset", lambda *a, **k: None)
        assert found == outcomes(path)
    return found


def test_most_files_are_walked(tmp_path):
    for name, path in seeds(tmp_path).items():
        assert is_walked(path), name


@pytest.mark.parametrize("name", ["rich", "implicit", "enhanced"])
def test_pixels_are_read_where_they_lie(tmp_path, monkeypatch, name):
    path = seeds(tmp_path)[name]
    last = 4 if name == "enhanced" else 0
    found = read_image(path, section=last)
    monkeypatch.setattr(_plain_dicom, "plain_dataset", lambda *a, **k: None)
    assert shown(found) == shown(read_image(path, section=last))


def test_a_file_that_changes_while_it_is_read_is_read_anew(tmp_path):
    path = write_image(tmp_path / "i.dcm", PIXELS)
    opened = open_image(path)
    write_image(path, PIXELS[:, ::-1], SeriesNumber=123456)
    np.testing.assert_array_equal(opened.read(0).pixels, PIXELS[:, ::-1])


def test_a_file_of_undefined_length_within_itself_ends(tmp_path):
    """Sequences in each other without an end are for pydicom, which refuses them."""
    content = Path(write_image(tmp_path / "i.dcm", PIXELS)).read_bytes()
    sequence = b"\x08\0\x40\x11SQ\0\0\xff\xff\xff\xff"
    item = b"\xfe\xff\0\xe0\xff\xff\xff\xff"
    at = content.index(b"\x08\0\x60\0CS")
    deep = content[:at] + (sequence + item) * 2000 + content[at:]
    (tmp_path / "deep.dcm").write_bytes(deep)
    assert walked(tmp_path / "deep.dcm") is None
    with pytest.raises(LesionError, match="damaged|no pixel data"):
        read_image(tmp_path / "deep.dcm")


def seeds(folder):
    scene = Scene()
    points = np.column_stack([square(3, 9) + (-20, 30), np.full(4, 100.0)])
    return {
        "rich": write_rich(folder / "rich.dcm"),
        "implicit": write_rich(folder / "implicit.dcm", ImplicitVRLittleEndian),
        "small": write_image(folder / "small.dcm", PIXELS.astype(np.uint8)),
        "enhanced": write_enhanced(folder / "enhanced.dcm", scene),
        "outlines": write_rtstruct(folder / "rs.dcm", {"GTV": [points]}),
    }


def compare_mutated(tmp_path, monkeypatch, n_files, seed):
    """Damage files; return how many of them were walked, and how many read."""
    found = {name: Path(p).read_bytes() for name, p in seeds(tmp_path).items()}
    rng = np.random.default_rng(seed)
    n_walked = n_read = 0
    for number in range(n_files):
        content = found[list(found)[number % len(found)]]
        (tmp_path / "file").write_bytes(mutate(content, rng))
        if is_walked(tmp_path / "file"):
            n_walked += 1
            image, *_ = compare(str(tmp_path / "file"), monkeypatch)
            n_read += isinstance(image, tuple)
    return n_walked, n_read


def is_walked(path):
    try:
        return walked(path) is not None
    except Exception:  # of a character set: pydicom raises it for both
        return True


def test_damaged_files_are_read_or_refused_as_by_pydicom(tmp_path, monkeypatch):
    n_walked, n_read = compare_mutated(tmp_path, monkeypatch, 500, seed=0)
    assert n_walked > 25 and n_read > 15


@pytest.mark.long
def test_many_damaged_files_are_read_or_refused_as_by_pydicom(tmp_path, monkeypatch):
    compare_mutated(tmp_path, monkeypatch, 10_000, seed=1)


TEXTS = st.text("0123456789.+-eE \\\0aZ~_[", max_size=12).map(str.encode)
NUMBERS = st.lists(st.sampled_from(["1", "-0.5", " 2e3", "+7. ", "1e400", "", "007"]))
VALUES = st.one_of(TEXTS, NUMBERS.map("\\".join).map(str.encode), st.binary(max_size=9))
KEYWORDS = {
    "US": "Rows",
    "IS": "SeriesNumber",
    "DS": "PixelSpacing",
    "CS": "ImageType",
    "LO": "Manufacturer",
    "SH": "SequenceName",
    "UI": "SeriesInstanceUID",
    "FD": "DiffusionBValue",
    "UN": "EchoTime",
}


def raw(vr, content, implicit=False):
    tag = tag_of(KEYWORDS[vr])
    written = None if implicit else vr
    element = RawDataElement(tag, written, len(content), content, 0, implicit, True)
    dataset = Dataset({tag: element})
    dataset.set_original_encoding(False, True, ["iso8859", "shift_jis"])
    return dataset


def of_pydicom(vr, content, implicit=False):
    return raw(vr, content, implicit).get(KEYWORDS[vr])


def told_of(function, *arguments):
    """A value by its texts, as messages and tables show it; or its exception."""
    try:
        value = function(*arguments)
    except Exception as error:
        return type(error)
    several = hasattr(value, "__iter__") and not isinstance(value, str | bytes)
    return [str(v) for v in value] if several else str(value)


@given(st.sampled_from(sorted(KEYWORDS)), VALUES, st.booleans())
@examples(300)
@pytest.mark.filterwarnings("ignore")
def test_a_plain_value_is_that_of_pydicom(vr, content, implicit):
    """Text, whole numbers and decimals mean what pydicom says."""
    written, keyword = (vr, content, implicit), KEYWORDS[vr]
    found = told_of(value_of, raw(*written), keyword)
    assert found == told_of(of_pydicom, *written)
    for count in (1, 2):
        found = told_of(numbers, raw(*written), keyword, count)
        assert found == told_of(slow_numbers, written, count)


def slow_numbers(written, count):
    """As the values were taken before, all by pydicom."""
    try:
        values = np.atleast_1d(np.array(of_pydicom(*written), dtype=float))
    except (TypeError, ValueError, OverflowError):
        return None
    return values if values.shape == (count,) and (abs(values) < 1e6).all() else None
