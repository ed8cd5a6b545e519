"""What a lesion says of itself, and what was chosen for whom."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Lesion, as_lesions, hash_ids
from sklearn_orn.images._private_path import PrivatePath

from ._make import write_image, write_png
from ._volumes import Scene

IMAGE = np.arange(48, dtype=np.int16).reshape(6, 8)
MASK = IMAGE > 30


def test_defaults_of_a_lesion():
    lesion = Lesion(IMAGE, MASK)
    assert (lesion.rescale, lesion.hides_paths, lesion.spacing) == (False, False, None)
    assert lesion.name == "lesion"
    assert repr(lesion) == "<Lesion: lesion, unnamed mask>"
    assert repr(Lesion(IMAGE, {"A": MASK})) == "<Lesion: lesion, readers=('A',)>"


@pytest.mark.parametrize(
    ("lesion", "row", "name"),
    [
        (None, None, "lesion"),
        ("L1", None, "lesion 'L1'"),
        (None, 3, "lesion (row 3)"),
        (7, 3, "lesion 7 (row 3)"),
        (np.nan, "x", "lesion (row 'x')"),
        (" ", 0, "lesion (row 0)"),
    ],
)
def test_a_lesion_is_called_by_its_id_and_its_row(lesion, row, name):
    found = Lesion(IMAGE, MASK, lesion=lesion)
    found = found if row is None else found.at_row(row)
    assert found.name == name


# Spacing ----------------------------------------------------------------------------


@pytest.mark.parametrize("spacing", [(0.5, 0.25), [0.5, 0.25], np.array([0.5, 0.25])])
def test_a_spacing_is_of_rows_and_columns(spacing):
    lesion = Lesion(IMAGE, MASK, spacing=spacing)
    assert lesion.spacing == lesion.read_spacing() == (0.5, 0.25)


@pytest.mark.parametrize(
    "spacing", [(0, 1), (1, 0), (-1, 2), (2, -1), (np.nan, 1), (1, np.inf), (1, 2, 3)]
)
def test_a_spacing_of_nothing_is_refused(spacing):
    with pytest.raises(ValueError, match="two positive numbers"):
        Lesion(IMAGE, MASK, spacing=spacing)


def test_the_spacing_is_that_of_the_first_readers_image(tmp_path):
    one = write_image(tmp_path / "a.dcm", IMAGE, PixelSpacing=[0.7, 0.9])
    two = write_image(tmp_path / "b.dcm", IMAGE)
    lesion = Lesion({"A": one, "B": two}, {"A": MASK, "B": MASK})
    assert lesion.read_spacing() == (0.7, 0.9)
    assert Lesion({"A": one, "B": two}, {"A": None, "B": MASK}).read_spacing() == (
        *(0.5, 0.25),
    )
    assert Lesion(one, None).read_spacing() is None
    assert Lesion(one, None, spacing=(1, 2)).read_spacing() == (1.0, 2.0)


# Choices ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "number"),
    [(0, 0), (3, 3), (3.0, 3), ("4", 4), (None, None), (np.nan, None), ("", None)],
)
def test_the_number_of_a_slice(section, number):
    assert Lesion(IMAGE, MASK, section=section).section_of("") == number


@pytest.mark.parametrize("section", [-1, 1.5, "x", -0.5, "1.5", np.inf])
def test_what_is_no_number_of_a_slice(section):
    lesion = Lesion(IMAGE, MASK, section=section)
    with pytest.raises(LesionError, match="expected a whole number from 0"):
        lesion.section_of("")


def test_choices_are_of_a_reader_or_of_his_sequence():
    masks = dict.fromkeys(("T1|lesion|A", "T2|lesion|A", "T2|lesion|B"), MASK)
    section = {"T1": 1, "T2": 2, "T2|lesion|B": 3}
    series = {"T1": 4.0, "T2": "5 ", "T2|lesion|B": None}
    lesion = Lesion(
        {"T1": IMAGE, "T2": IMAGE + 1}, masks, section=section, series=series
    )
    assert [lesion.section_of(name) for name in masks] == [1, 2, 3]
    assert [lesion.series_of(name) for name in masks] == ["4", "5", None]
    assert lesion.image_of("T2|lesion|B") is lesion.image_of("T2|lesion|A")
    assert lesion.image_of("T1|lesion|A") is IMAGE
    assert lesion.stack_of("T1|lesion|A") is None
    one = Lesion(IMAGE, {"A": MASK}, section={"A": 5}, stack=1.5)
    assert (one.section_of("A"), one.section_of("B")) == (5, None)
    assert one.stack_of("A") == "1.5"


def test_names_of_readers_are_checked():
    for part in ({"T1|": MASK}, {"a|b|c|d": MASK}):
        with pytest.raises(ValueError, match="not the name of a block"):
            Lesion(IMAGE, part)
        with pytest.raises(ValueError, match="not the name of a block"):
            Lesion(dict.fromkeys(part, IMAGE), MASK)
    with pytest.raises(TypeError, match="got 1 of type int"):
        Lesion({1: IMAGE}, MASK)


# Paths ------------------------------------------------------------------------------


def test_one_private_path_hides_them_all():
    private = PrivatePath("secret/a.dcm")
    assert Lesion(private, MASK).hides_paths
    assert Lesion(IMAGE, {"A": "open.png", "B": private}).hides_paths
    assert not Lesion("open.dcm", {"A": "open.png"}).hides_paths
    hidden = Lesion("open.dcm", "open.png").without_paths()
    assert hidden.hides_paths
    error = LesionError("plain words")
    assert hidden.message(error) == hidden.message("plain words") == "plain words"


def test_messages_of_hidden_lesions_name_no_file():
    lesion = Lesion("gone.dcm", MASK, lesion="L1").at_row("label")
    with pytest.raises(LesionError, match=r"'L1' \(row 'label'\), image: file 'gone"):
        lesion.read()
    with pytest.raises(LesionError) as caught:
        lesion.without_paths().read()
    assert "gone" not in str(caught.value)
    assert "'L1'" in str(caught.value)
    assert "label" not in str(caught.value)


def test_hashed_ids_are_shown():
    table = pd.DataFrame({"image": ["a.dcm"], "mask": ["m.png"], "lesion": ["L1"]})
    hashed = hash_ids(table, "0123456789abcdef", columns=["lesion"])
    (lesion,) = as_lesions(hashed)
    assert repr(hashed["lesion"][0]) in lesion.name


# Files ------------------------------------------------------------------------------


def test_the_file_of_the_slice_that_was_drawn_on(tmp_path):
    scene = Scene()
    folder = scene.write_series(tmp_path / "s")
    mask = write_png(tmp_path / "m.png", scene.mask[2])
    single = write_image(tmp_path / "a.dcm", scene.pixels[2])
    lesion = Lesion(
        {"A": folder, "B": single}, {"A": mask, "B": mask}, section={"A": 2, "B": None}
    )
    assert lesion.source_file().name == "IM4002"
    assert lesion.source_file("A").name == "IM4002"
    assert lesion.source_file("B").name == "a.dcm"
    for source in (IMAGE, mask):
        with pytest.raises(LesionError, match="has no DICOM file of its own"):
            Lesion(source, MASK).source_file()
