"""Labels of masks: scaled, rounded, in layers, and named in any script."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydicom import dcmread

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Lesion, as_lesions, read_cohort, read_image, read_mask
from sklearn_orn.images._labels import group_labels, of_label

from .._data import SHARED
from ._volumes import (
    SHAPE,
    Scene,
    save_nrrd,
    write_enhanced,
    write_nifti,
    write_nrrd,
    write_seg,
)

CASES = SHARED.parent / "cases"
needs_cases = pytest.mark.skipif(not CASES.exists(), reason="the cases are not here")


@example([57, 90], "uint8")  # 57 lies halfway between two values of the file
@given(
    st.lists(st.integers(0, 90), min_size=1, max_size=30),
    st.sampled_from(["uint8", "int16", "uint16"]),
)
def test_labels_survive_the_scaling_of_an_image(labels, dtype):
    """A program that stores a mask with the header of an image scales its labels."""
    values = np.array(labels, dtype=float)
    info = np.iinfo(dtype)
    slope = max(values.max(), 1) / (float(info.max) - info.min)
    intercept = -info.min * slope
    stored = np.rint((values - intercept) / slope).astype(dtype)
    groups = group_labels(stored, (slope, intercept))
    assert sorted(groups) == sorted(set(labels) - {0})
    for label, between in groups.items():
        np.testing.assert_array_equal(of_label(stored, between), values == label)


@pytest.mark.parametrize(
    ("stored", "scale", "message"),
    [
        (np.array([0.0, 0.5]), (1.0, 0.0), "holds the values 0.5; expected whole"),
        (np.array([0.0, 0.98]), (1.0, 0.0), "holds the values 0.98; expected whole"),
        (np.array([0, 1], np.int16), (1.37, 0.0), "holds the values 1.37; expected"),
        (np.arange(9, dtype=np.uint8), (0.3, 0.0), "0.3, 0.6, 1.2, 1.5, 1.8, ...;"),
        (np.array([0.0, np.inf]), (1.0, 0.0), "NaN or infinite"),
        (np.array([0.0, 1e300]), (1.0, 0.0), "holds the values 1e.300"),
        (np.arange(3000) / 7, (1.0, 0.0), "Were image and mask swapped"),
    ],
)
def test_values_that_are_no_labels(stored, scale, message):
    with pytest.raises(LesionError, match=message):
        group_labels(stored, scale)


@pytest.fixture
def scene(tmp_path):
    scene = Scene()
    scene.image = read_image(write_enhanced(tmp_path / "e.dcm", scene), section=2)
    scene.other = np.roll(scene.mask, 2, axis=2)
    return scene


@pytest.mark.parametrize("write", [write_nifti, write_nrrd])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_masks_are_rounded(tmp_path, scene, write, dtype):
    array, affine = scene.stored(scene.mask.astype(dtype))
    array[array > 0] = np.where(np.arange((array > 0).sum()) % 2, 0.9999999, 1.0)
    path = write(
        tmp_path / ("m.nii" if write is write_nifti else "m.nrrd"), array, affine
    )
    for name in (path, f"{path}#1"):
        np.testing.assert_array_equal(read_mask(name, scene.image), scene.mask[2])
    array[array > 0] = 0.7
    path = write(path, array, affine)
    with pytest.raises(LesionError, match=r"m\.n.*values 0\.7; expected whole numbers"):
        read_mask(path, scene.image)


def test_scaled_masks_have_the_labels_that_a_viewer_shows(tmp_path, scene):
    import nibabel

    values = np.where(scene.mask, 2.0, 0.0)
    values[:, :3, :3] = 1
    array, affine = scene.stored(values)
    header = nibabel.Nifti1Header()
    header.set_data_dtype(np.int16)
    image = nibabel.Nifti1Image(array, np.diag([-1.0, -1, 1, 1]) @ affine, header)
    image.header.set_xyzt_units("mm")
    nibabel.save(image, tmp_path / "m.nii")
    assert nibabel.load(tmp_path / "m.nii").dataobj.slope != 1
    found = read_mask(f"{tmp_path / 'm.nii'}#2", scene.image)
    np.testing.assert_array_equal(found, scene.mask[2])
    assert read_mask(f"{tmp_path / 'm.nii'}#1", scene.image).sum() == 9
    with pytest.raises(LesionError, match="the labels of the NIfTI file are #1, #2;"):
        read_mask(tmp_path / "m.nii", scene.image)


def layers(scene, last=False):
    """Two overlapping masks of label 1, in layers in front of or behind the volume."""
    first, affine = scene.stored(scene.mask.astype(np.uint8))
    second, _ = scene.stored(scene.other.astype(np.uint8))
    return np.stack([first, second], axis=3 if last else 0), affine


def write_segments(path, array, affine, names, fields=(), **settings):
    """Write a file of 3D Slicer; pynrrd itself writes ASCII alone."""
    header = {}
    for number in range(len(names)):
        header[f"Segment{number}_ID"] = f"Segment_{number + 1}"
        header[f"Segment{number}_Name"] = f"<name {number}>"
        for field, values in dict(fields).items():
            header[f"Segment{number}_{field}"] = str(values[number])
    write_nrrd(path, array, affine, **header, **settings)
    content = path.read_bytes()
    for number, name in enumerate(names):
        content = content.replace(f"<name {number}>".encode(), name)
    path.write_bytes(content)
    return str(path)


LAYERED = {
    "names, values and layers": {"LabelValue": [1, 1], "Layer": [0, 1]},
    "old: names alone": {},
    "values, no layers": {"LabelValue": [1, 1]},
}


@pytest.mark.parametrize("fields", LAYERED.values(), ids=LAYERED)
@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2"])
def test_segments_have_names_and_numbers(tmp_path, scene, fields, encoding):
    array, affine = layers(scene)
    names = ["Herz groß".encode(), "肿瘤".encode()]
    path = write_segments(
        tmp_path / "m.seg.nrrd", array, affine, names, fields, encoding=encoding
    )
    for name, expected in (
        ("Herz groß", scene.mask),
        ("1", scene.mask),
        ("肿瘤", scene.other),
        ("2", scene.other),
    ):
        found = read_mask(f"{path}#{name}", scene.image)
        np.testing.assert_array_equal(found, expected[2])
    for asked in (path, f"{path}#3"):
        with pytest.raises(LesionError, match=r"are 'Herz groß' \(#1\), '肿瘤' \(#2\)"):
            read_mask(asked, scene.image)


def test_names_are_compared_whatever_their_accents_are_made_of(tmp_path, scene):
    array, affine = layers(scene)
    names = ["le\u0301sion".encode(), b"b"]
    path = write_segments(tmp_path / "m.seg.nrrd", array, affine, names)
    assert read_mask(f"{path}#l\u00e9sion", scene.image).any()


def test_names_of_older_programs_are_in_latin(tmp_path, scene):
    array, affine = layers(scene)
    path = write_segments(tmp_path / "m.seg.nrrd", array, affine, [b"a\xe9", b"b"])
    assert read_mask(f"{path}#aé", scene.image).any()


def test_the_only_segment_of_an_old_file(tmp_path, scene):
    array, affine = scene.stored(scene.mask.astype(np.uint8))
    path = write_segments(tmp_path / "m.seg.nrrd", array, affine, [b"tumour"])
    for name in (path, f"{path}#tumour", f"{path}#1"):
        np.testing.assert_array_equal(read_mask(name, scene.image), scene.mask[2])
    names = [b"tumour", b"node"]
    path = write_segments(tmp_path / "m.seg.nrrd", array, affine, names)
    with pytest.raises(LesionError, match="not say in which of 1 layers it lies, and"):
        read_mask(f"{path}#tumour", scene.image)
    array[:3, :3, 2] = 2
    path = write_segments(tmp_path / "m.seg.nrrd", array, affine, [b"tumour"])
    with pytest.raises(LesionError, match="labels of the NRRD file are #1, #2"):
        read_mask(f"{path}#tumour", scene.image)


def test_a_segment_that_was_never_drawn(tmp_path, scene):
    array, affine = layers(scene)
    fields = {"LabelValue": [1, 5], "Layer": [0, 0]}
    path = write_segments(tmp_path / "m.seg.nrrd", array, affine, [b"a", b"b"], fields)
    with pytest.raises(LesionError, match="the ROI is empty"):
        read_mask(f"{path}#b", scene.image)


@pytest.mark.parametrize("encoding", ["raw", "gzip"])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("kind", ["vector", "list", "time"])
def test_layers_without_names(tmp_path, scene, kind, last, encoding):
    array, affine = layers(scene, last)
    directions = np.vstack([np.full((1, 3), np.nan), affine[:3, :3].T])
    kinds = [kind, "domain", "domain", "domain"]
    if last:
        directions, kinds = np.roll(directions, -1, axis=0), kinds[1:] + kinds[:1]
    header = {
        "space": "left-posterior-superior",
        "space directions": directions,
        "space origin": affine[:3, 3],
        "kinds": kinds,
        "encoding": encoding,
    }
    path = save_nrrd(tmp_path / "m.nrrd", array, header)
    for name, expected in (("1", scene.mask), ("2", scene.other)):
        found = read_mask(f"{path}#{name}", scene.image)
        np.testing.assert_array_equal(found, expected[2])
    found = read_mask(f"{path}#layer 2, label 1", scene.image)
    np.testing.assert_array_equal(found, scene.other[2])
    with pytest.raises(LesionError, match=r"'layer 1, label 1' \(#1\), 'layer 2, labe"):
        read_mask(path, scene.image)
    with pytest.raises(LesionError, match=r"holds 2 v.*expected one"):
        read_image(path, section=0)


def test_labels_of_layers_keep_their_number_where_it_is_their_own(tmp_path, scene):
    array, affine = layers(scene)
    array[0][array[0] > 0] = 2
    array[0][:3, :3, 2] = 1
    path = write_nrrd(tmp_path / "m.nrrd", array, affine)
    found = read_mask(f"{path}#2", scene.image)
    np.testing.assert_array_equal(found, scene.mask[2])
    assert read_mask(f"{path}#1", scene.image).sum() == 9
    np.testing.assert_array_equal(read_mask(f"{path}#3", scene.image), scene.other[2])


def test_a_layer_axis_between_the_others_is_refused(tmp_path, scene):
    array, affine = layers(scene)
    directions = np.insert(affine[:3, :3].T, 2, np.nan, axis=0)
    header = {
        "space": "left-posterior-superior",
        "space directions": directions,
        "space origin": affine[:3, 3],
    }
    path = save_nrrd(tmp_path / "m.nrrd", np.moveaxis(array, 0, 2), header)
    with pytest.raises(LesionError, match="has 4 axes; expected two or three"):
        read_mask(path, scene.image)


@pytest.mark.parametrize("name", ["Herz groß", "肿瘤", "опухоль"])
def test_labels_of_a_dicom_segmentation_keep_their_letters(tmp_path, scene, name):
    path = write_seg(tmp_path / "s.dcm", scene, {"a": scene.mask, "b": scene.other})
    dataset = dcmread(path)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SegmentSequence[1].SegmentLabel = name
    dataset.save_as(path)
    found = read_mask(f"{path}#{name}", scene.image)
    np.testing.assert_array_equal(found, scene.other[2])
    dataset.SegmentSequence[1].SegmentNumber = 1
    dataset.save_as(path)
    with pytest.raises(LesionError, match="several segments of one number"):
        read_mask(f"{path}#{name}", scene.image)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_of_nearly_0_and_1(dtype):
    image = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    mask = (image % 3 == 0).astype(dtype)
    mask[mask > 0] = 0.9999999
    mask[mask == 0] = 1e-7
    found = Lesion(image, mask).read()[""].mask
    np.testing.assert_array_equal(found, image % 3 == 0)
    with pytest.raises(LesionError, match="holds the values 0, 0.5, 1; expected bool"):
        Lesion(image, (image % 3) / 2).read()


NIFTI = {
    "two_float_int16hdr_2": 35,
    "two_float_uint8hdr_2": 35,
    "three_int16hdr_2": 35,
    "three_int16hdr_4": 36,
}


@needs_cases
def test_the_cases_of_nifti_labels():
    table = read_cohort(CASES / "labels_nifti" / "cohort.csv")
    for lesion in as_lesions(table):
        found = lesion.read()[""].mask.sum()
        assert found == NIFTI.get(lesion.lesion, 384), lesion.lesion


HEART, TUMOUR = 396, 144
NRRD = {
    "old#tumour": TUMOUR,
    "old#heart": HEART,
    "old#1": HEART,
    "old#2": TUMOUR,
    "old1": TUMOUR,
    "old1#tumour": TUMOUR,
    "vector#1": HEART,
    "vector#2": TUMOUR,
    "new#tumour": TUMOUR,
    "new#Herz groß": HEART,
    "new#1": HEART,
    "a": TUMOUR,
    "b": HEART,
}


@needs_cases
@pytest.mark.parametrize("name", ["cohort.csv", "cjk.csv"])
def test_the_cases_of_slicer_segmentations(name):
    lesions = as_lesions(read_cohort(CASES / "labels_seg_nrrd" / name))
    refused = []
    for lesion in lesions:
        try:
            assert lesion.read()[""].mask.sum() == NRRD[lesion.lesion], lesion.lesion
        except LesionError as error:
            assert "no ROI is chosen" in str(error) and "(#2)" in str(error)
            refused.append(lesion.lesion)
    expected = {"cohort.csv": ["old", "vector", "time_last", "new"], "cjk.csv": ["c"]}
    assert refused == expected[name]
    assert len(lesions) == len(pd.read_csv(CASES / "labels_seg_nrrd" / name))
