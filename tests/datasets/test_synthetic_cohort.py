"""The synthetic cohort: what it holds, in what form, and what it overwrites."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pydicom
import pytest
from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage
from scipy.ndimage import binary_fill_holes, label
from skimage.io import imread

from sklearn_orn.datasets import make_cohort
from sklearn_orn.datasets._drawn_patients import draw_people
from sklearn_orn.datasets._synthetic_cohort import TITLE
from sklearn_orn.images import as_lesions, read_cohort

PATHS = ["image", "mask_reader_a", "mask_reader_b"]
CHARACTERISTICS = [
    "age",
    "sex",
    "t_stage",
    "n_stage",
    "radiotherapy",
    "dose_gy",
    "interval_months",
    "chemotherapy",
    "neck_pain",
    "limb_numbness",
]
# Required with a value (type 1, or type 1C whose condition holds), DICOM PS3.3 A.4.
TYPE_1 = """
SOPClassUID SOPInstanceUID StudyInstanceUID SeriesInstanceUID Modality
FrameOfReferenceUID ImageType SamplesPerPixel PhotometricInterpretation Rows Columns
BitsAllocated BitsStored HighBit PixelRepresentation PixelData PixelSpacing
ImageOrientationPatient ImagePositionPatient ScanningSequence SequenceVariant
PatientPosition WindowCenter WindowWidth
""".split()
TYPE_2 = """
PatientName PatientID PatientBirthDate PatientSex StudyDate StudyTime StudyID
AccessionNumber ReferringPhysicianName SeriesNumber Manufacturer InstanceNumber
PositionReferenceIndicator SliceThickness ContrastBolusAgent ScanOptions
MRAcquisitionType EchoTime EchoTrainLength RepetitionTime
""".split()


def digests(folder):
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in files
    }


@pytest.fixture(scope="module")
def folder(synthetic_cohort):
    return synthetic_cohort[0]


@pytest.fixture(scope="module")
def cohort(synthetic_cohort):
    return synthetic_cohort[1].copy()


@pytest.fixture(scope="module")
def headers(cohort):
    return [pydicom.dcmread(path) for path in cohort["image"]]


def test_numbers_are_those_of_the_study(cohort):
    table = cohort.groupby(["split", "outcome"])["patient"].agg(["size", "nunique"])
    assert table.to_dict("index") == {
        ("training", "ORN"): {"size": 51, "nunique": 25},
        ("training", "metastasis"): {"size": 44, "nunique": 21},
        ("validation", "ORN"): {"size": 25, "nunique": 14},
        ("validation", "metastasis"): {"size": 22, "nunique": 11},
    }
    assert cohort["lesion"].is_unique
    assert not cohort.duplicated(["patient", "vertebra"]).any()
    assert cohort["vertebra"].str.fullmatch("C[1-7]").all()
    assert cohort["patient"].value_counts().max() > 2


def test_a_patient_has_one_split_class_date_and_history(cohort):
    constant = ["split", "outcome", "date", *CHARACTERISTICS]
    assert cohort.groupby("patient")[constant].nunique().eq(1).all(axis=None)
    assert not cohort.isna().any(axis=None)


def test_split_is_temporal(cohort):
    dates = cohort.groupby("split")["date"].agg(["min", "max"])
    assert dates.loc["training", "max"] < "2013-01-01" <= dates.loc["validation", "min"]
    pd.to_datetime(cohort["date"], format="%Y-%m-%d")


def test_csv_has_relative_paths_and_the_same_rows(folder, cohort):
    written = pd.read_csv(folder / "cohort.csv")
    assert list(written) == list(cohort)
    for column in PATHS:
        assert not written[column].map(lambda path: Path(path).is_absolute()).any()
        assert [str(folder / path) for path in written[column]] == list(cohort[column])
    assert cohort[PATHS].map(lambda path: Path(path).is_file()).all(axis=None)
    rest = cohort.columns.difference(PATHS)
    pd.testing.assert_frame_equal(written[rest], cohort[rest], check_dtype=False)


def test_the_table_reads_as_lesions_of_two_readers(folder):
    lesions = as_lesions(read_cohort(folder / "cohort.csv")[:2])
    assert lesions[0].readers == ("reader_a", "reader_b")
    region = lesions[0].read()["reader_a"]
    assert region.image.shape == region.mask.shape == (320, 320)
    assert region.spacing == (0.625, 0.625)


def test_headers_are_complete(headers):
    for header in headers:
        assert header.SOPClassUID == MRImageStorage
        assert header.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
        assert header.file_meta.MediaStorageSOPInstanceUID == header.SOPInstanceUID
        for keyword in TYPE_1:
            assert header[keyword].value not in ("", None), keyword
        for keyword in TYPE_2:
            assert keyword in header


def test_headers_agree_with_the_table(cohort, headers):
    for row, header in zip(cohort.itertuples(), headers, strict=True):
        assert header.PatientID == f"SYNTHETIC-{row.patient}"
        assert header.StudyDate == header.ContentDate == row.date.replace("-", "")
        assert header.PatientAge == f"{row.age:03d}Y"
        assert header.PatientSex == row.sex


def test_headers_say_synthetic(headers, folder):
    for header in headers:
        assert str(header.PatientName).startswith("SYNTHETIC^P")
        assert header.SyntheticData == "YES"
        for text in (
            header.SeriesDescription,
            header.StudyDescription,
            header.ImageComments,
        ):
            assert "SYNTHETIC DATA" in text
    assert (folder / "README.txt").read_text().startswith("SYNTHETIC COHORT")


def test_uids_tell_slices_series_and_patients_apart(cohort, headers):
    uids = pd.DataFrame(
        [(h.SOPInstanceUID, h.StudyInstanceUID, h.SeriesInstanceUID) for h in headers],
        columns=["instance", "study", "series"],
    )
    assert uids.map(lambda uid: UID(uid).is_valid and uid.startswith("2.25.")).all(
        axis=None
    )
    assert uids["instance"].is_unique
    groups = uids.groupby(cohort["patient"])
    assert groups[["study", "series"]].nunique().eq(1).all(axis=None)
    assert uids["study"].nunique() == uids["series"].nunique() == 71
    places = [(h.SeriesInstanceUID, h.InstanceNumber, h.SliceLocation) for h in headers]
    assert len(set(places)) == len(places)


def test_pixels_fill_12_bits(headers):
    for header in headers:
        pixels = header.pixel_array
        assert pixels.dtype == np.uint16
        # More than 11 bits: MaZda's depth, and so its wavelets, are comparable.
        assert 2048 <= pixels.max() <= 4095


def test_readers_draw_one_piece_each_and_differ_as_readers_do(cohort):
    dice = []
    for row in cohort.itertuples():
        a, b = imread(row.mask_reader_a) > 0, imread(row.mask_reader_b) > 0
        dice.append(2 * np.count_nonzero(a & b) / (a.sum() + b.sum()))
        for mask in (a, b):
            rows, columns = np.nonzero(mask)
            whole = mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
            whole = np.pad(whole, 1)
            assert label(whole)[1] == 1
            assert np.array_equal(binary_fill_holes(whole), whole)
            assert 8 <= min(np.ptp(rows), np.ptp(columns))
            assert max(np.ptp(rows), np.ptp(columns)) <= 60
    assert 0.65 < min(dice) and max(dice) < 1
    assert 0.88 < np.median(dice) < 0.94


def test_neither_signal_nor_size_tells_the_classes(cohort):
    values = []
    for row in cohort.itertuples():
        mask = imread(row.mask_reader_a) > 0
        pixels = pydicom.dcmread(row.image).pixel_array
        values.append((pixels[mask].mean(), mask.sum()))
    values = np.array(values)
    is_orn = (cohort["outcome"] == "ORN").to_numpy()
    spread = values.std(axis=0)
    difference = values[is_orn].mean(axis=0) - values[~is_orn].mean(axis=0)
    assert np.all(np.abs(difference / spread) < 0.5)


def first_patients(monkeypatch, n):
    people = "sklearn_orn.datasets._synthetic_cohort.draw_people"
    monkeypatch.setattr(people, lambda rng: draw_people(rng).iloc[:n])


def test_one_seed_gives_one_cohort_for_any_number_of_jobs(
    folder, tmp_path, monkeypatch
):
    assert len(digests(folder)) == 3 * 142 + 2
    first_patients(monkeypatch, 12)  # of them this process draws two
    make_cohort(tmp_path / "one", random_state=0)
    rng = np.random.default_rng(0)
    made = make_cohort(str(tmp_path / "two"), random_state=rng, n_jobs=2)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert len(digests(tmp_path / "two")) == 3 * len(made) + 2


def test_own_files_are_overwritten_and_no_others(cohort, tmp_path, monkeypatch):
    first_patients(monkeypatch, 3)
    (tmp_path / "README.txt").write_text(TITLE)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "L001.dcm").write_text("of an earlier cohort")
    (tmp_path / "notes.txt").write_text("mine")
    other = make_cohort(tmp_path, random_state=np.random.RandomState(1))
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert pydicom.dcmread(tmp_path / "images" / "L001.dcm").Modality == "MR"
    assert list(other["age"]) != list(cohort["age"][: len(other)])
    assert Path(other["image"][0]).read_bytes() != Path(cohort["image"][0]).read_bytes()


def test_a_file_is_no_directory(tmp_path):
    path = tmp_path / "cohort"
    path.write_text("")
    with pytest.raises(NotADirectoryError, match="is a file; name a folder"):
        make_cohort(path)


@pytest.mark.parametrize("name", ["cohort.csv", "README.txt", "images/L007.dcm"])
def test_files_from_elsewhere_are_safe(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("precious")
    with pytest.raises(FileExistsError, match=f"{path.name}.*name another directory"):
        make_cohort(tmp_path)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]
    assert path.read_text() == "precious"
