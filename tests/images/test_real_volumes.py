"""Real segmentations and series, and second opinions on oblique slices."""

import shutil
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Lesion, as_lesions, expand_cohort, read_image, read_mask
from sklearn_orn.images._areas import roi_areas
from sklearn_orn.images.formats._registry import open_image, open_rois

from .._data import SHARED, needs_shared
from ._volumes import ORIENTATIONS, Scene, write_nifti

BREAST = SHARED / "breast_mr_seg"
STS = SHARED / "sts_mr_t1" / "full_series"


@needs_shared("breast_mr_seg")
def test_sagittal_fractional_segmentation_without_references():
    image = open_image(BREAST / "image")
    path = BREAST / "seg" / "UCSF-BR-06_SEG.dcm"
    areas = roi_areas(image, open_rois(path), "Breast")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path)
        frames = dataset.pixel_array
    places = [
        item.PlanePositionSequence[0].ImagePositionPatient
        for item in dataset.PerFrameFunctionalGroupsSequence
    ]
    normal = np.cross(*image.places[0].orientation)
    order = np.argsort(np.array(places, dtype=float) @ normal)
    own = (frames >= 127.5).sum(axis=(1, 2))[order] * 0.703125**2
    assert len(image) == len(own) == 42
    np.testing.assert_allclose(areas, own, rtol=1e-9)
    for section in (0, 17, 41):
        mask = read_mask(path, read_image(BREAST / "image", section=section))
        np.testing.assert_array_equal(mask, frames[order[section]] >= 127.5)


@needs_shared("sts_mr_t1")
@pytest.mark.parametrize("patient", ["STS_002", "STS_008"])
def test_a_folder_and_its_structure_set(patient):
    structures = str(next((STS / patient / "mask").glob("*.dcm")))
    folder = str(STS / patient / "image")
    image = open_image(folder)
    areas = roi_areas(image, open_rois(Path(structures)), None)
    region = Lesion(folder, structures).read()[""]
    rows, columns = region.spacing
    assert region.mask.sum() * rows * columns == pytest.approx(areas.max())
    heights = [place.position[2] for place in image.places]
    assert heights == sorted(heights)
    table = as_table(folder, structures)
    every = expand_cohort(table, "all")
    assert len(every) == (areas > 0).sum() > 10
    found = [
        lesion.read()[""].mask.sum() * rows * columns for lesion in as_lesions(every)
    ]
    np.testing.assert_allclose(found, areas[areas > 0])


def as_table(image, mask):
    import pandas as pd

    return pd.DataFrame({"image": [image], "mask": [mask], "patient": ["P"]})


@pytest.mark.skipif(shutil.which("plastimatch") is None, reason="no plastimatch here")
@pytest.mark.parametrize("angles", ORIENTATIONS.values(), ids=ORIENTATIONS)
def test_plastimatch_makes_contours_of_a_known_mask(tmp_path, angles):
    scene = Scene(angles)
    folder = scene.write_series(tmp_path / "series")
    for path in (tmp_path / "series").iterdir():
        dataset = pydicom.dcmread(path)
        dataset.StudyInstanceUID = "1.2.826.0.1.3680043.8.498.77"
        dataset.save_as(path)
    mask = write_nifti(tmp_path / "m.nii", *scene.stored(scene.mask.astype("u1")))
    subprocess.run(
        ["plastimatch", "convert", "--input-ss-img", mask]
        + ["--referenced-ct", folder, "--output-dicom", str(tmp_path / "out")],
        check=True,
        capture_output=True,
        timeout=60,
    )
    structures = next((tmp_path / "out").glob("rtss*.dcm"))
    for section in (1, 2, 3):
        found = read_mask(structures, read_image(folder, section=section))
        drawn = scene.mask[section]
        dice = 2 * (found & drawn).sum() / (found.sum() + drawn.sum())
        assert dice >= 0.99, (section, dice)


MR = [
    "MR_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_expb.dcm",
    "MR_small_implicit.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "MR_small_padded.dcm",
]


@pytest.mark.parametrize("name", MR)
def test_every_mr_variant_of_pydicom_is_the_same_image(name):
    expected = read_image(get_testdata_file("MR_small.dcm")).pixels
    np.testing.assert_array_equal(read_image(get_testdata_file(name)).pixels, expected)


OTHER = {
    "693_J2KI.dcm": (512, 512),
    "JPEG2000.dcm": (1024, 256),
    "JPEGLSNearLossless_16.dcm": (50, 10),
    "image_dfl.dcm": (512, 512),
}


@pytest.mark.parametrize("name", OTHER)
def test_other_transfer_syntaxes(name):
    assert read_image(get_testdata_file(name)).pixels.shape == OTHER[name]


REFUSED = {
    "MR_truncated.dcm": "is truncated: 8130 bytes of pixel data, expected 8192",
    "rtplan.dcm": "no pixel data",
    "rtdose.dcm": "holds a dose",
    "SC_rgb_rle.dcm": "colour",
    "examples_palette.dcm": "colour",
    "JPGExtended.dcm": "cannot be decoded",
    "badVR.dcm": "damaged DICOM file",
    "JPEG2000-embedded-sequence-delimiter.dcm": "cannot be decoded|compressed data",
    "SC_rgb_jpeg_gdcm.dcm": "colour image",
    "liver_1frame.dcm": "declares 1 frames and describes 3",
    "reportsi.dcm": "structured report|no pixel data",
    "no_meta_group_length.dcm": "no pixel data|holds",
}


@pytest.mark.parametrize("name", REFUSED)
def test_files_of_pydicom_that_are_refused(name):
    with pytest.raises(LesionError, match=REFUSED[name]):
        read_image(get_testdata_file(name))
