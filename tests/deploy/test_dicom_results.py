"""ROIs and numbers written back to DICOM."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest

from sklearn_orn.deploy._dicom_results import write_measurements, write_segmentation
from sklearn_orn.exceptions import CohortError, LesionError
from sklearn_orn.images import Lesion, read_image, read_mask

from ..images._make import BIRTH_DATE, NAME, PATIENT_ID, write_image, write_png
from ..images._volumes import Scene, write_seg

PIXELS = np.random.default_rng(0).integers(0, 900, (30, 40)).astype(np.uint16)
MASK = np.zeros(PIXELS.shape, dtype=bool)
MASK[5:20, 8:25] = True
FEATURES = {"S(1,0)Contrast": 12.3456789012345678, "Teta1": float("nan"), "Mean": -1e-7}
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")

needs_dciodvfy = pytest.mark.skipif(
    shutil.which("dciodvfy") is None, reason="dciodvfy (dicom3tools) is not here"
)


def lesion(tmp_path, **changes):
    header = {
        "StudyInstanceUID": "1.2.826.0.1.3680043.8.498.2",
        "SeriesInstanceUID": "1.2.826.0.1.3680043.8.498.3",
        "ImageType": ["ORIGINAL", "PRIMARY"],
        "InstitutionName": "Planted Hospital",
    }
    path = write_image(tmp_path / "i.dcm", PIXELS, **header | changes)
    masks = {"A": MASK, "B": np.roll(MASK, 2, axis=1)}
    return Lesion(path, masks, lesion="P03-L1")


def write(tmp_path, **settings):
    one = lesion(tmp_path)
    seg = write_segmentation(one, tmp_path / "seg.dcm", **settings)
    report = write_measurements(
        one,
        seg,
        tmp_path / "sr.dcm",
        features=FEATURES,
        score=0.25,
        reader="B",
        **settings,
    )
    return one, seg, report


def test_the_segmentation_reads_as_it_was_drawn(tmp_path):
    one, path, _ = write(tmp_path)
    image = read_image(one.image)
    for reader, region in one.read().items():
        np.testing.assert_array_equal(read_mask(f"{path}#{reader}", image), region.mask)


def test_the_report_holds_the_numbers_and_refers_to_the_segment(tmp_path):
    _, seg, path = write(tmp_path)
    report = pydicom.dcmread(path)
    found, referred = {}, []

    def walk(item):
        if item.ValueType == "NUM":
            value = item.MeasuredValueSequence[0]
            found[item.ConceptNameCodeSequence[0].CodeMeaning] = float(
                value.NumericValue
            )
        for reference in item.get("ReferencedSOPSequence", ()):
            if "ReferencedSegmentNumber" in reference:
                referred.append(
                    (
                        reference.ReferencedSOPInstanceUID,
                        reference.ReferencedSegmentNumber,
                    )
                )
        for child in item.get("ContentSequence", ()):
            walk(child)

    walk(report)
    assert set(found) == {"S(1,0)Contrast", "Mean", "radiomics score"}
    assert found["S(1,0)Contrast"] == pytest.approx(12.3456789, rel=1e-9)
    assert found["Mean"] == -1e-7 and found["radiomics score"] == 0.25
    assert referred == [(pydicom.dcmread(seg).SOPInstanceUID, 2)]


def test_identity_is_written_only_on_demand(tmp_path):
    for path in write(tmp_path, patient_id="P03")[1:]:
        content = path.read_bytes()
        for secret in (NAME, "Planted", PATIENT_ID, BIRTH_DATE):
            assert secret.encode() not in content
        assert pydicom.dcmread(path).PatientID == "P03"
    for path in write(tmp_path, identify=True)[1:]:
        dataset = pydicom.dcmread(path)
        assert dataset.PatientName == NAME and dataset.PatientID == PATIENT_ID
        assert b"Planted Hospital" not in path.read_bytes()


@needs_dciodvfy
def test_both_files_are_valid(tmp_path):
    for path in write(tmp_path)[1:]:
        result = subprocess.run(
            ["dciodvfy", str(path)], capture_output=True, text=True, check=False
        )
        lines = (result.stdout + result.stderr).splitlines()
        assert [line for line in lines if line.startswith("Error")] == []
        assert lines


def test_other_sources(tmp_path):
    scene = Scene()
    folder = tmp_path / "s"
    scene.write_series(folder)
    for path in folder.iterdir():
        dataset = pydicom.dcmread(path)
        dataset.StudyInstanceUID, dataset.ImageType = "1.2.9", ["ORIGINAL", "PRIMARY"]
        dataset.save_as(path)
    drawn = write_seg(tmp_path / "m.dcm", scene, {"GTV": scene.mask})
    one = Lesion(str(folder), drawn)
    path = write_segmentation(one, tmp_path / "seg.dcm")
    image = read_image(folder, section=2)
    np.testing.assert_array_equal(read_mask(path, image), scene.mask[2])
    with pytest.raises(LesionError, match="the slice has no DICOM file of its own"):
        write_segmentation(Lesion(PIXELS, MASK), tmp_path / "x.dcm")


def test_errors(tmp_path):
    one, seg, _ = write(tmp_path)
    with pytest.raises(LesionError, match="no segment of reader 'C'.* are A, B"):
        write_measurements(one, seg, tmp_path / "x", features=FEATURES, reader="C")
    with pytest.raises(LesionError, match="no finite feature and no score"):
        write_measurements(one, seg, tmp_path / "x", features={"a": np.nan})
    (tmp_path / "t").mkdir()
    bare = lesion(tmp_path / "t", StudyInstanceUID="")
    with pytest.raises(LesionError, match="has no StudyInstanceUID, so that nothing"):
        write_segmentation(bare, tmp_path / "x")


def test_nothing_that_the_lesion_is_read_from_is_overwritten(tmp_path):
    drawn = write_png(tmp_path / "mask.png", MASK.astype(np.uint8) * 255)
    image = lesion(tmp_path).image
    one = Lesion(image, {"A": drawn})
    seg = write_segmentation(one, tmp_path / "seg.dcm")
    for path in (image, drawn):
        before = Path(path).read_bytes()
        with pytest.raises(CohortError, match="path"):
            write_segmentation(one, path)
        with pytest.raises(CohortError, match="path"):
            write_measurements(one, seg, path, features=FEATURES)
        assert Path(path).read_bytes() == before
    with pytest.raises(CohortError, match="segmentation"):
        write_measurements(one, seg, seg, features=FEATURES)


def test_no_file_of_a_series_is_overwritten(tmp_path):
    scene, folder = Scene(), tmp_path / "s"
    scene.write_series(folder)
    drawn = write_seg(tmp_path / "m.dcm", scene, {"GTV": scene.mask})
    first = sorted(folder.iterdir())[0]
    with pytest.raises(CohortError, match="path"):
        write_segmentation(Lesion(str(folder), drawn), first)


def test_an_outline_without_a_reader_is_called_roi(tmp_path):
    one = Lesion(lesion(tmp_path).image, MASK)
    seg = write_segmentation(one, tmp_path / "seg.dcm")
    (segment,) = pydicom.dcmread(seg).SegmentSequence
    assert (segment.SegmentLabel, segment.SegmentNumber) == ("ROI", 1)
    assert segment.TrackingID == "lesion"
    for reader in (None, ""):
        write_measurements(
            one, seg, tmp_path / "sr.dcm", features={}, score=1.5, reader=reader
        )
    with pytest.raises(LesionError, match="no finite feature and no score"):
        write_measurements(one, seg, tmp_path / "x.dcm", features={})


def test_both_files_are_complete_and_say_what_they_are(tmp_path):
    _, seg, report = write(tmp_path)
    report, seg = pydicom.dcmread(report), pydicom.dcmread(seg)
    assert report.CompletionFlag == "COMPLETE"
    assert report.SeriesNumber != seg.SeriesNumber
    assert [s.TrackingID for s in seg.SegmentSequence] == ["P03-L1"] * 2
    assert [s.SegmentNumber for s in seg.SegmentSequence] == [1, 2]


def test_identity_that_the_image_does_not_have_is_empty(tmp_path):
    one = lesion(tmp_path, PatientBirthDate=None)
    path = write_segmentation(one, tmp_path / "seg.dcm", identify=True)
    found = pydicom.dcmread(path)
    assert found.PatientName == NAME and not found.PatientBirthDate
