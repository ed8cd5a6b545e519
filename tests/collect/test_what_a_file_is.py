"""What each file of an export is: formats, who drew it, and how far the reading is."""

from types import SimpleNamespace

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from sklearn_orn.collect._headers import (
    DicomOutlines,
    PictureFile,
    VolumeFile,
    read_export_file,
    read_headers,
)
from sklearn_orn.collect._raw_elements import Raw
from tests.images._volumes import Scene, write_nrrd, write_seg
from tests.images.test_pictures import write_roi

from . import _folders as make


def test_volumes_have_their_kind_and_their_place(tmp_path):
    make.write_volume(tmp_path / "t1.nii.gz")
    found = read_export_file(tmp_path / "t1.nii.gz")
    assert isinstance(found, VolumeFile) and found.kind == "NIfTI"
    assert found.shape == (20, 24, 4)
    np.testing.assert_allclose(found.affine, make.affine())
    write_nrrd(tmp_path / "t1.nrrd", np.zeros((20, 24, 4), np.int16), make.affine())
    assert read_export_file(tmp_path / "t1.nrrd").kind == "NRRD"
    make.write_slicer(tmp_path / "s.seg.nrrd", make.labels((2, 6, 0)), ["x"])
    found = read_export_file(tmp_path / "s.seg.nrrd")
    assert (found.kind, found.segments) == ("Slicer segmentation", 1)


def test_pictures_are_images_or_outlines(tmp_path):
    make.write_picture(tmp_path / "m.png")
    assert read_export_file(tmp_path / "m.png") == PictureFile(
        tmp_path / "m.png", False
    )
    mask = np.zeros((16, 16), dtype=bool)
    mask[4:9, 4:9] = True
    write_roi(tmp_path / "m.roi", [mask], ["ORN"])
    assert read_export_file(tmp_path / "m.roi") == PictureFile(tmp_path / "m.roi", True)


def test_outlines_refer_to_their_series(tmp_path):
    make.write_structures(tmp_path / "RS", "1.2.3.4", observer="Dr. A")
    found = read_export_file(tmp_path / "RS")
    assert isinstance(found, DicomOutlines)
    assert (found.kind, found.observer) == ("RT structure set", "Dr. A")
    assert found.series == {"1.2.3.4"} and found.frames == {make.FRAME}
    assert found.instance == dcmread(tmp_path / "RS").SOPInstanceUID
    scene = Scene()
    write_seg(tmp_path / "SEG", scene, {"Lesion": scene.mask})
    assert read_export_file(tmp_path / "SEG").kind == "DICOM SEG"


@pytest.mark.parametrize(
    ("names", "observer"),
    [
        ({}, ""),
        ({"OperatorsName": "Op"}, "Op"),
        ({"OperatorsName": "Op", "ContentCreatorName": "Creator"}, "Creator"),
        ({"ROIInterpreter": "Reader", "ContentCreatorName": "Creator"}, "Reader"),
    ],
)
def test_who_drew_is_the_first_who_is_named(tmp_path, names, observer):
    make.write_structures(tmp_path / "RS", "1.2.3.4")
    dataset = dcmread(tmp_path / "RS")
    item = Dataset()
    for keyword, name in names.items():
        setattr(item if keyword == "ROIInterpreter" else dataset, keyword, name)
    dataset.RTROIObservationsSequence = Sequence([Dataset(), item])
    dataset.save_as(tmp_path / "RS", enforce_file_format=True)
    assert read_export_file(tmp_path / "RS").observer == observer


def test_headers_come_in_the_order_of_their_files(tmp_path, monkeypatch):
    monkeypatch.setattr("sklearn_orn.collect._headers._CHUNK", 2)
    files = [tmp_path / f"{n}.png" for n in range(5)]
    for file in files:
        make.write_picture(file)
    told = []
    found = read_headers(files, 1, lambda *step: told.append(step))
    assert [header.path for header in found] == files
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_a_whole_number_has_two_bytes():
    element = SimpleNamespace(value=b"\x2c\x01\x07\x00")
    dataset = SimpleNamespace(
        get_item=lambda tag: element, original_encoding=(False, True)
    )
    assert Raw(dataset).number("Rows") == 300
