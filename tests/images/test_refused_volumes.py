"""Volumes and segmentations that are refused, each with its reason."""

import gzip

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.sequence import Sequence

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Lesion, protocol_table, read_image, read_mask
from sklearn_orn.images._files import folder_files

from ._make import dicom_image
from ._volumes import (
    SHAPE,
    SPACING,
    STEP,
    Scene,
    write_enhanced,
    write_nifti,
    write_nrrd,
    write_seg,
)

NRRD = {
    "type": "short",
    "dimension": "3",
    "sizes": "4 3 2",
    "encoding": "raw",
    "endian": "little",
    "space": "left-posterior-superior",
    "space directions": "(0.5,0,0) (0,0.8,0) (0,0,3)",
    "space origin": "(1,2,3)",
}


def nrrd_file(path, voxels=b"\1\0" * 24, extra="", **fields):
    """Write a NRRD file by hand; a field that is None is left out."""
    header = {**NRRD, **{name.replace("_", " "): v for name, v in fields.items()}}
    lines = [f"{name}: {value}" for name, value in header.items() if value is not None]
    text = "\n".join(["NRRD0005", *lines]) + f"\n{extra}\n"
    path.write_bytes(text.encode() + voxels)
    return path


REFUSED_NRRD = {
    "voxels elsewhere": ({"data_file": "other.raw"}, "lie in another file"),
    "text": ({"encoding": "ascii"}, "stored as 'ascii' or skips"),
    "skipped bytes": ({"byte_skip": "4"}, "skips bytes"),
    "skipped bytes, in one word": ({"byteskip": "4"}, "skips bytes"),
    "skipped lines, in one word": ({"lineskip": "1"}, "skips bytes"),
    "one axis": (
        {"dimension": "1", "sizes": "24", "space_directions": None, "space": None},
        "has 1 axes",
    ),
    "type": ({"type": "block", "block_size": "2"}, "unknown type"),
    "space": ({"space": "scanner-xyz"}, "none of LPS, RAS and LAS"),
    "nowhere": ({"space_origin": "(1e12,0,0)"}, "places its voxels nowhere"),
}


@pytest.mark.parametrize(("fields", "message"), REFUSED_NRRD.values(), ids=REFUSED_NRRD)
def test_nrrd(tmp_path, fields, message):
    path = nrrd_file(tmp_path / "image.nrrd", **fields)
    with pytest.raises(LesionError, match=message):
        read_image(path, section=0)


def test_nrrd_that_is_not_refused(tmp_path):
    path = nrrd_file(tmp_path / "image.nrrd", type="double", voxels=bytes(24 * 8))
    assert read_image(path, section=1).pixels.shape == (3, 4)


@pytest.mark.parametrize(
    ("spacings", "expected"), [("0.5 0.8 3", (0.8, 0.5)), ("nan nan nan", None)]
)
def test_nrrd_with_spacings_and_no_place(tmp_path, spacings, expected):
    path = nrrd_file(
        tmp_path / "image.nrrd",
        space=None,
        space_directions=None,
        space_origin=None,
        spacings=spacings,
    )
    assert read_image(path, section=0).geometry.spacing == expected


def test_a_segment_in_a_layer_that_is_not_there(tmp_path):
    extra = "\n".join(
        ["Segment0_LabelValue:=1", "Segment0_Layer:=3", "Segment0_Name:=tumour", ""]
    )
    path = nrrd_file(tmp_path / "s.seg.nrrd", extra=extra)
    image = read_image(nrrd_file(tmp_path / "image.nrrd"), section=0)
    with pytest.raises(LesionError, match="Segment0 lies in layer 3, and there are 1"):
        read_mask(path, image)


def test_voxels_that_are_no_numbers(tmp_path):
    scene = Scene()
    array, affine = scene.stored(scene.pixels)
    path = write_nifti(tmp_path / "c.nii", array.astype(np.complex64), affine)
    with pytest.raises(LesionError, match="voxels of type complex64"):
        read_image(path, section=0)


def test_slices_with_nan(tmp_path):
    scene = Scene()
    array, affine = scene.stored(scene.pixels)
    array = array.astype(np.float32)
    array[0, 0, 2] = np.nan
    path = write_nifti(tmp_path / "f.nii", array, affine)
    with pytest.raises(LesionError, match="slice 2 of file .* NaN or infinite"):
        read_image(path, section=2)
    assert np.isfinite(read_image(path, section=1).pixels).all()


def test_several_values_per_voxel(tmp_path):
    scene = Scene()
    array, affine = scene.stored(scene.pixels)
    path = write_nrrd(tmp_path / "v.nrrd", np.stack([array, array]), affine)
    with pytest.raises(LesionError, match="holds 2 values per voxel"):
        read_image(path, section=0)


def test_several_time_points(tmp_path):
    scene = Scene()
    array, affine = scene.stored(scene.pixels)
    path = write_nifti(tmp_path / "t.nii", np.stack([array, array], axis=3), affine)
    with pytest.raises(LesionError, match="expected three axes"):
        read_image(path, section=0)


def test_nifti_whose_voxels_start_in_the_header(tmp_path):
    scene = Scene()
    path = tmp_path / "i.nii"
    write_nifti(path, *scene.stored(scene.pixels))
    content = bytearray(path.read_bytes())
    content[108:112] = np.float32(10).tobytes()
    path.write_bytes(content)
    with pytest.raises(LesionError, match="start at byte 10, inside the header"):
        read_image(path, section=0)


def test_a_packed_file_that_is_no_volume(tmp_path):
    path = tmp_path / "i.nii.gz"
    path.write_bytes(gzip.compress(b"no volume")[:-9] + b"\xff" * 40)
    with pytest.raises(LesionError, match="is of an unknown format"):
        read_image(path)


@pytest.fixture
def volume(tmp_path):
    """A scene, its path, and a function that writes a mask as NIfTI."""
    scene = Scene()
    image = write_nifti(tmp_path / "i.nii", *scene.stored(scene.pixels))

    def masked(values, dtype=np.uint8, **how):
        array, affine = scene.stored(values, **how)
        return write_nifti(tmp_path / "m.nii", array.astype(dtype), affine)

    return scene, image, masked


def test_an_empty_mask(volume):
    scene, path, masked = volume
    with pytest.raises(LesionError, match="the labels of the NIfTI file are none"):
        read_mask(masked(np.zeros_like(scene.mask)), read_image(path, section=1))


def test_a_mask_with_nan(volume):
    scene, path, masked = volume
    values = np.where(scene.mask, np.nan, 0)
    with pytest.raises(LesionError, match="NaN or infinite values"):
        read_mask(masked(values, np.float32), read_image(path, section=1))


def test_an_image_in_place_of_a_mask(volume):
    scene, path, masked = volume
    with pytest.raises(LesionError, match="Were image and mask swapped"):
        read_mask(masked(scene.pixels, np.int16), read_image(path, section=1))


def test_a_mask_without_a_place_of_another_size(tmp_path, volume):
    _, path, _ = volume
    mask = nrrd_file(
        tmp_path / "m.nrrd", space=None, space_directions=None, space_origin=None
    )
    with pytest.raises(LesionError, match="does not say where its voxels lie"):
        read_mask(mask, read_image(path, section=1))


def test_an_outline_on_no_slice_of_the_image(tmp_path, volume):
    scene, path, masked = volume
    other = Scene()
    other.origin = scene.origin + 40 * STEP * scene.axes[2]
    array, affine = other.stored(other.mask)
    mask = write_nifti(tmp_path / "far.nii", array.astype(np.uint8), affine)
    with pytest.raises(LesionError, match="nothing was drawn on any of the 5 slices"):
        Lesion(path, mask).read()


def test_a_segment_between_the_slices(tmp_path):
    scene, shifted = Scene(), Scene()
    shifted.origin = scene.origin + 0.4 * STEP * scene.axes[2]
    image = read_image(write_enhanced(tmp_path / "e.dcm", scene), section=2)
    path = write_seg(tmp_path / "s.dcm", shifted, {"tumour": scene.mask})
    with pytest.raises(LesionError, match=r"shifted by 0\.40 slices"):
        read_mask(path, image)


def segmented(folder, section, *labels, without=None):
    """A scene, one slice of its image, and a segmentation whose frames lack something.

    Every label has the same outline.
    """
    scene = Scene()
    image = read_image(write_enhanced(folder / "e.dcm", scene), section=section)
    masks = dict.fromkeys(labels or ["tumour"], scene.mask)
    path = write_seg(folder / "s.dcm", scene, masks)
    dataset = dcmread(path)
    for frame in dataset.PerFrameFunctionalGroupsSequence if without else ():
        delattr(frame, without)
    dataset.save_as(path)
    return scene, image, path


def test_a_segment_on_other_slices(tmp_path):
    _, image, path = segmented(tmp_path, 0)
    with pytest.raises(LesionError, match="has no frame on this slice"):
        read_mask(path, image)


def test_a_segment_without_a_place(tmp_path):
    _, image, path = segmented(tmp_path, 1, without="PlanePositionSequence")
    with pytest.raises(LesionError, match="no valid ImagePositionPatient"):
        read_mask(path, image)


def test_the_only_segment_needs_no_number_in_its_frames(tmp_path):
    without = "SegmentIdentificationSequence"
    scene, image, path = segmented(tmp_path, 1, without=without)
    np.testing.assert_array_equal(read_mask(path, image), scene.mask[1])


def test_a_label_map(tmp_path):
    scene, image, path = segmented(tmp_path, 2, "a", "b")
    dataset = dcmread(path)
    dataset.SegmentationType = "LABELMAP"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    # The frames of the first segment, sections 3 to 1, hold both as their numbers.
    dataset.NumberOfFrames = 3
    frames = dataset.PerFrameFunctionalGroupsSequence[:3]
    dataset.PerFrameFunctionalGroupsSequence = Sequence(frames)
    dataset.PixelData = np.where(scene.mask[3:0:-1], 2, 0).astype(np.uint8).tobytes()
    dataset.save_as(path)
    np.testing.assert_array_equal(read_mask(f"{path}#b", image), scene.mask[2])


def test_a_folder_that_cannot_be_opened(tmp_path):
    with pytest.raises(LesionError, match="cannot be opened"):
        folder_files(tmp_path / "nothing")


def test_a_series_of_multi_frame_files(tmp_path):
    scene = Scene()
    folder = tmp_path / "series"
    folder.mkdir()
    for name in ("a.dcm", "b.dcm"):
        dataset = dcmread(write_enhanced(folder / name, scene))
        dataset.SeriesInstanceUID = "1.2.3"
        dataset.save_as(folder / name)
    with pytest.raises(LesionError, match="some with several frames"):
        read_image(folder, section=0)


def test_a_series_without_positions(tmp_path):
    scene = Scene()
    folder = tmp_path / "series"
    scene.write_series(folder)
    for path in folder.iterdir():
        dataset = dcmread(path)
        del dataset.ImagePositionPatient
        dataset.save_as(path)
    with pytest.raises(LesionError, match="without a valid position"):
        read_image(folder, section=0)


def test_a_series_of_one_file_is_that_file(tmp_path):
    folder = tmp_path / "series"
    folder.mkdir()
    pixels = Scene().pixels[0]
    dicom_image(pixels).save_as(folder / "1.dcm", enforce_file_format=True)
    np.testing.assert_array_equal(read_image(folder).pixels, pixels)


@pytest.fixture
def enhanced(tmp_path):
    dataset = dcmread(write_enhanced(tmp_path / "e.dcm", Scene()))
    return dataset, tmp_path / "e.dcm"


def test_the_protocol_of_a_multi_frame_file(enhanced):
    dataset, path = enhanced
    shared = dataset.SharedFunctionalGroupsSequence[0]
    timing, echo, agent = (type(shared)() for _ in range(3))
    timing.RepetitionTime, echo.EffectiveEchoTime = 600, 12
    agent.CodeMeaning = "Gadolinium"
    shared.MRTimingAndRelatedParametersSequence = Sequence([timing])
    shared.MREchoSequence = Sequence([echo])
    dataset.ContrastBolusAgentSequence = Sequence([agent])
    dataset.PulseSequenceName = "SE"
    dataset.save_as(path)
    (row,) = protocol_table([Lesion(path, np.ones(SHAPE))]).to_dict("records")
    assert (row["TR_ms"], row["TE_ms"]) == (600, 12)
    assert (row["sequence"], row["contrast_agent"]) == ("SE", "Gadolinium")


def test_the_protocol_of_volumes_folders_and_nothing(tmp_path):
    scene = Scene()
    volume = write_nifti(tmp_path / "i.nii", *scene.stored(scene.pixels))
    folder = scene.write_series(tmp_path / "series")
    mask = np.ones(SHAPE)
    table = protocol_table(
        [
            Lesion(volume, mask),
            Lesion(folder, mask),
            Lesion(tmp_path / "missing.dcm", mask),
            Lesion(folder, {"A": None}),
        ]
    )
    assert table["spacing_rows_mm"].tolist()[:2] == pytest.approx([SPACING[0]] * 2)
    assert table["matrix"].tolist()[:2] == [f"{SHAPE[0]} x {SHAPE[1]}"] * 2
    assert table["matrix"].isna().tolist() == [False, False, True, True]


def test_a_folder_in_place_of_a_mask(tmp_path, volume):
    _, path, _ = volume
    (tmp_path / "masks").mkdir()
    with pytest.raises(LesionError, match="is a folder; expected a single file"):
        read_mask(tmp_path / "masks", read_image(path, section=1))


def test_an_empty_slice_of_a_mask(volume):
    scene, path, masked = volume
    with pytest.raises(LesionError, match="slice"):
        read_mask(masked(scene.mask), read_image(path, section=4))


def test_a_hole_between_the_slices_of_a_mask(volume):
    scene, path, masked = volume
    drawn = scene.mask.copy()
    drawn[2] = False
    with pytest.raises(LesionError, match="slice"):
        read_mask(masked(drawn), read_image(path, section=2))


def test_a_mask_without_a_place_of_the_same_size(tmp_path):
    image = read_image(nrrd_file(tmp_path / "image.nrrd"), section=0)
    path = nrrd_file(
        tmp_path / "m.nrrd",
        voxels=b"\1\0" + bytes(22),
        sizes="4 3 1",
        space=None,
        space_directions=None,
        space_origin=None,
    )
    mask = read_mask(path, image)
    assert mask.sum() == 1 and mask[0, 0]


def test_axes_of_length_zero_are_no_place(tmp_path):
    path = nrrd_file(
        tmp_path / "image.nrrd", space_directions="(0,0,0) (0,0.8,0) (0,0,3)"
    )
    assert read_image(path, section=0).geometry.spacing is None


def test_many_labels_are_not_all_listed(volume):
    scene, path, masked = volume
    labels = np.zeros(scene.mask.shape, dtype=np.uint8)
    labels[0].flat[:50] = np.arange(1, 51)
    with pytest.raises(LesionError, match="and 10 more"):
        read_mask(masked(labels), read_image(path, section=0))


def test_a_segment_of_the_same_size_that_is_shifted(tmp_path):
    scene, other = Scene(), Scene()
    other.origin = scene.origin + 20 * SPACING[0] * scene.axes[1]
    image = read_image(write_enhanced(tmp_path / "e.dcm", scene), section=1)
    path = write_seg(tmp_path / "s.dcm", other, {"tumour": scene.mask})
    with pytest.raises(LesionError, match="flipped or shifted by 20, 0, 0 voxels"):
        read_mask(path, image)


def test_a_segment_that_is_empty_on_a_slice(tmp_path):
    scene = Scene()
    image = read_image(write_enhanced(tmp_path / "e.dcm", scene), section=1)
    path = write_seg(tmp_path / "s.dcm", scene, {"tumour": scene.mask})
    dataset = dcmread(path)
    dataset.PixelData = bytes(len(dataset.PixelData))
    dataset.save_as(path)
    with pytest.raises(LesionError, match="the segment is empty on this slice"):
        read_mask(path, image)


def test_readers_of_one_volume_share_the_slice_that_one_chose(volume):
    scene, path, masked = volume
    mask = masked(scene.mask)
    lesion = Lesion(path, {"A": mask, "B": mask}, section={"A": 3})
    regions = lesion.read()
    np.testing.assert_array_equal(regions["B"].image, scene.pixels[3])
