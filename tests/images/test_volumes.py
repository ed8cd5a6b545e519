"""Images of several slices, and ROIs stored as voxels, in all formats."""

import shutil

import numpy as np
import pytest

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Lesion, read_image, read_mask
from sklearn_orn.images._files import folder_key

from ._make import write_png
from ._volumes import (
    N_SLICES,
    ORIENTATIONS,
    SHAPE,
    SPACING,
    STEP,
    UPSIDE_DOWN,
    Scene,
    write_enhanced,
    write_nifti,
    write_nrrd,
    write_seg,
)

PLACED = {**ORIENTATIONS, "upside down": UPSIDE_DOWN}
STORED = {
    "as it is": {},
    "flipped rows": {"flips": (1,)},
    "flipped columns and slices": {"flips": (0, 2)},
    "turned": {"order": (1, 0, 2)},
    "slices first": {"order": (2, 0, 1), "flips": (0,)},
    "cropped": {"crop": np.s_[3:18, 2:14, 1:4]},
}


def images(tmp_path, scene):
    """Write the same slices in every format of volumes."""
    array, affine = scene.stored(scene.pixels)
    return {
        "series": scene.write_series(tmp_path / "series"),
        "enhanced": write_enhanced(tmp_path / "e.dcm", scene),
        "nifti": write_nifti(tmp_path / "i.nii", array, affine),
        "nifti.gz": write_nifti(tmp_path / "i.nii.gz", array, affine),
        "nifti2": write_nifti(tmp_path / "i2.nii", array, affine, "Nifti2Image"),
        "nrrd": write_nrrd(tmp_path / "i.nrrd", array, affine),
        "nrrd raw ras": write_nrrd(
            tmp_path / "r.nrrd",
            array,
            affine,
            space="right-anterior-superior",
            encoding="raw",
        ),
    }


@pytest.mark.parametrize("angles", ORIENTATIONS.values(), ids=ORIENTATIONS)
def test_images_of_all_formats_are_the_same(tmp_path, angles):
    scene = Scene(angles)
    for name, path in images(tmp_path, scene).items():
        for section in range(N_SLICES):
            image = read_image(path, section=section)
            np.testing.assert_array_equal(image.pixels, scene.pixels[section], name)
            assert image.pixels.dtype == np.int16 and image.pixels.dtype.isnative
            place = image.geometry
            np.testing.assert_allclose(place.spacing, SPACING, rtol=1e-5)
            np.testing.assert_allclose(
                place.position, scene.position(section), atol=1e-4
            )
            np.testing.assert_allclose(place.orientation, scene.axes[:2], atol=1e-5)
            assert place.thickness == pytest.approx(STEP)


@pytest.mark.parametrize("stored", STORED.values(), ids=STORED)
@pytest.mark.parametrize("angles", PLACED.values(), ids=PLACED)
def test_voxels_stored_in_any_way_give_the_same_mask(tmp_path, angles, stored):
    scene = Scene(angles)
    folder = scene.write_series(tmp_path / "series")
    array, affine = scene.stored(scene.mask.astype(np.uint8), **stored)
    for path in (
        write_nifti(tmp_path / "m.nii.gz", array, affine),
        write_nrrd(tmp_path / "m.nrrd", array, affine),
    ):
        for section in (1, 2, 3):
            image = read_image(folder, section=section)
            np.testing.assert_array_equal(read_mask(path, image), scene.mask[section])
        with pytest.raises(LesionError, match="nothing was drawn on this slice"):
            read_mask(path, read_image(folder, section=0))


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL"])
@pytest.mark.parametrize("angles", PLACED.values(), ids=PLACED)
def test_segmentations(tmp_path, angles, kind):
    scene = Scene(angles)
    other = np.roll(scene.mask, 2, axis=2)
    segments = {"GTV": scene.mask, "node #2": other}
    path = write_seg(tmp_path / "s.dcm", scene, segments, kind)
    folder = scene.write_series(tmp_path / "series")
    for section in (1, 2, 3):
        image = read_image(folder, section=section)
        for name in ("GTV", "1"):
            mask = read_mask(f"{path}#{name}", image)
            np.testing.assert_array_equal(mask, scene.mask[section])
        mask = read_mask(f"{path}#node #2", image)
        np.testing.assert_array_equal(mask, other[section])
    with pytest.raises(LesionError, match=r"segments are 'GTV' \(#1\), 'node #2' \(#2"):
        read_mask(path, image)
    with pytest.raises(LesionError, match=r"no frame on this slice.*-3\.0|\+3\.0"):
        read_mask(f"{path}#GTV", read_image(folder, section=0))


def test_segmentation_in_another_frame_of_reference(tmp_path):
    scene = Scene()
    path = write_seg(tmp_path / "s.dcm", scene, {"GTV": scene.mask}, frame="1.2.3.4")
    image = read_image(scene.write_series(tmp_path / "series"), section=2)
    with pytest.raises(LesionError, match=r"frame of reference 1\.2\.3\.4, the image"):
        read_mask(path, image)


def slicer_file(tmp_path, scene):
    """Two layers: in the first GTV = 1 and node = 2, in the second oedema = 1."""
    layers = np.zeros((2, *scene.mask.shape[::-1]), np.uint8)
    gtv, affine = scene.stored(scene.mask)
    layers[0][gtv] = 1
    layers[0][:3, :3, 2] = 2
    layers[1][np.roll(gtv, 1, axis=0)] = 1
    fields = {}
    for number, (name, value, layer) in enumerate(
        [("GTV", 1, 0), ("node", 2, 0), ("oedema", 1, 1)]
    ):
        fields[f"Segment{number}_Name"] = name
        fields[f"Segment{number}_LabelValue"] = str(value)
        fields[f"Segment{number}_Layer"] = str(layer)
    return write_nrrd(tmp_path / "m.seg.nrrd", layers, affine, **fields)


def test_segments_of_slicer(tmp_path):
    scene = Scene((10, 20, 30))
    path = slicer_file(tmp_path, scene)
    image = read_image(scene.write_series(tmp_path / "series"), section=2)
    expected = scene.mask[2]
    np.testing.assert_array_equal(read_mask(f"{path}#GTV", image), expected)
    np.testing.assert_array_equal(
        read_mask(f"{path}#oedema", image), np.roll(expected, 1, axis=1)
    )
    assert read_mask(f"{path}#node", image).sum() == 9
    assert read_mask(f"{path}#2", image).sum() == 9  # the only one of number 2
    with pytest.raises(LesionError, match=r"segments are 'GTV' \(#1\), 'node' \(#2\)"):
        read_mask(path, image)


def test_labels_are_chosen_by_number(tmp_path):
    scene = Scene()
    values = scene.mask * np.uint8(3)
    values[:, :3, :3] = 7
    path = write_nifti(tmp_path / "m.nii", *scene.stored(values))
    image = read_image(scene.write_series(tmp_path / "series"), section=2)
    np.testing.assert_array_equal(read_mask(f"{path}#3", image), scene.mask[2])
    with pytest.raises(LesionError, match="labels of the NIfTI file are #3, #7; exp"):
        read_mask(path, image)


def test_rescale_is_opt_in(tmp_path):
    scene = Scene()
    path = write_enhanced(tmp_path / "e.dcm", scene)
    assert read_image(path, section=1).pixels.dtype == np.int16
    rescaled = read_image(path, section=1, rescale=True).pixels
    np.testing.assert_allclose(rescaled, scene.pixels[1] * 0.5 - 10)
    folder = scene.write_series(tmp_path / "series")  # slope 2, intercept -1000
    rescaled = read_image(folder, section=1, rescale=True).pixels
    np.testing.assert_array_equal(rescaled, scene.pixels[1].astype(int) * 2 - 1000)
    array, affine = scene.stored(scene.pixels)
    path = write_nifti(tmp_path / "i.nii", array, affine)
    assert (read_image(path, section=1, rescale=True).pixels == scene.pixels[1]).all()


def test_files_of_a_series_are_sorted_by_position(tmp_path):
    scene = Scene((25, -40, 13))
    folder = scene.write_series(tmp_path / "s", order=[3, 0, 4, 1, 2])
    for section in range(N_SLICES):
        pixels = read_image(folder, section=section).pixels
        np.testing.assert_array_equal(pixels, scene.pixels[section])


def test_the_series_of_a_folder_is_chosen(tmp_path):
    first, second = Scene(seed=1), Scene(seed=2)
    folder = first.write_series(tmp_path / "s", series="1.2.3", number=4)
    second.write_series(tmp_path / "s", series="1.2.9", number=7)
    write_seg(tmp_path / "s" / "seg.dcm", first, {"GTV": first.mask})
    (tmp_path / "s" / "notes.txt").write_text("not an image")
    for series, scene in ((4, first), ("1.2.9", second), ("7", second)):
        pixels = read_image(folder, section=2, series=series).pixels
        np.testing.assert_array_equal(pixels, scene.pixels[2])
    with pytest.raises(
        LesionError, match=r"no series is chosen.*holds 2: 4 \(MR, 5 files\), 7 \(MR, 5"
    ):
        read_image(folder, section=2)
    with pytest.raises(LesionError, match="series 5 was asked for"):
        read_image(folder, section=2, series=5)


def test_series_that_are_no_stack(tmp_path):
    scene = Scene()
    folder = scene.write_series(tmp_path / "s")
    Scene(seed=1).write_series(tmp_path / "t")
    for path in (tmp_path / "t").iterdir():
        path.rename(tmp_path / "s" / f"again{path.name}")
    with pytest.raises(LesionError, match="10 slices at 5 places: several time points"):
        read_image(folder, section=0)
    mixed = scene.write_series(tmp_path / "mixed")
    Scene((90, 0, 0)).write_series(tmp_path / "u")
    for path in (tmp_path / "u").iterdir():
        path.rename(tmp_path / "mixed" / f"other{path.name}")
    with pytest.raises(LesionError, match="several orientations, as a localizer"):
        read_image(mixed, section=0)
    with pytest.raises(LesionError, match="holds 5 slices; expected one. Choose it"):
        read_image(scene.write_series(tmp_path / "v"))
    with pytest.raises(LesionError, match="section 5 was asked for.*holds 5 slices"):
        read_image(tmp_path / "v", section=5)


def test_a_lesion_on_a_volume_takes_the_largest_area(tmp_path):
    scene = Scene(ORIENTATIONS["sagittal"])
    masks = {
        "A": write_nifti(tmp_path / "a.nii.gz", *scene.stored(scene.mask.astype("u1"))),
        "B": write_seg(tmp_path / "b.dcm", scene, {"GTV": scene.mask}),
    }
    for path in images(tmp_path, scene).values():
        regions = Lesion(path, masks).read()
        for region in regions.values():
            np.testing.assert_array_equal(region.image, scene.pixels[2])
            np.testing.assert_array_equal(region.mask, scene.mask[2])
        assert regions["A"].image is regions["B"].image
        region = Lesion(path, masks["A"], section=1).read()[""]
        np.testing.assert_array_equal(region.image, scene.pixels[1])
        assert Lesion(path, masks).read_spacing() == pytest.approx(SPACING)


def test_a_picture_needs_the_number_of_its_slice(tmp_path):
    scene = Scene()
    folder = scene.write_series(tmp_path / "s")
    mask = write_png(tmp_path / "m.png", scene.mask[2])
    with pytest.raises(LesionError, match="mask is a picture of one slice.*'section'"):
        Lesion(folder, mask).read()
    region = Lesion(folder, mask, section=2).read()[""]
    np.testing.assert_array_equal(region.mask, scene.mask[2])
    with pytest.raises(LesionError, match="the mask is an array.*`section`"):
        Lesion(folder, scene.mask[2]).read()
    region = Lesion(folder, scene.mask[2], section=2).read()[""]
    assert region.mask.shape == SHAPE


def test_a_series_is_asked_of_what_has_none(tmp_path):
    scene = Scene()
    path = write_nifti(tmp_path / "i.nii", *scene.stored(scene.pixels))
    with pytest.raises(LesionError, match="is a NIfTI file, which has none"):
        read_image(path, section=0, series=3)
    enhanced = write_enhanced(tmp_path / "e.dcm", scene)
    with pytest.raises(LesionError, match="belongs to series unnumbered, and series 3"):
        read_image(enhanced, section=0, series=3)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(LesionError, match="no DICOM image, nor do its subfolders"):
        read_image(empty)


def test_the_series_of_a_folder_may_lie_below_it(tmp_path, monkeypatch):
    scene = Scene()
    flat, deep = tmp_path / "flat", tmp_path / "export"
    scene.write_series(flat)
    below = deep / "IMAGES" / "S1"
    below.parent.mkdir(parents=True)
    shutil.copytree(flat, below)
    (deep / "DICOMDIR").write_bytes(b"")
    (deep / "README.TXT").write_bytes(b"")
    want = read_image(flat, section=1).pixels
    np.testing.assert_array_equal(read_image(deep, section=1).pixels, want)
    before = folder_key(deep)
    next(below.iterdir()).unlink()
    assert folder_key(deep) != before
    monkeypatch.setattr("sklearn_orn.images._files.MOST_FILES", 2)
    with pytest.raises(LesionError, match="more than 2 files in its subfolders"):
        read_image(deep, section=1)
