"""Slices of volumes come in DICOM's rows and columns, however they are stored."""

from itertools import permutations, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from sklearn_orn import Normalizer, TextureExtractor
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import (
    Lesion,
    as_lesions,
    check_cohort,
    expand_cohort,
    read_cohort,
    read_image,
    read_mask,
)
from sklearn_orn.images.formats._canonical import slice_axis, turn_to
from sklearn_orn.images.formats._registry import open_image
from tests._examples import examples

from .._data import SHARED, needs_shared
from . import _volumes as v
from ._make import write_rtstruct

CASES = SHARED.parent / "cases"
ORDERS = [
    (order, tuple(axis for axis in range(3) if bits[axis]))
    for order in permutations(range(3))
    for bits in product((0, 1), repeat=3)
]


def features(*lesions, method="3sigma"):
    step = Normalizer(method)
    return TextureExtractor().fit_transform(step.transform(list(lesions))).to_numpy()


def assert_same_slices(path, scene):
    for section in range(v.N_SLICES):
        image = read_image(path, section=section)
        np.testing.assert_array_equal(image.pixels, scene.pixels[section])
        place = image.geometry
        np.testing.assert_allclose(place.spacing, v.SPACING, rtol=1e-5)
        np.testing.assert_allclose(place.position, scene.position(section), atol=1e-4)
        np.testing.assert_allclose(place.orientation, scene.axes[:2], atol=1e-5)
        assert place.thickness == pytest.approx(v.STEP)


def test_there_are_48_orders():
    assert len(set(ORDERS)) == 48


@pytest.mark.parametrize("angles", v.ORIENTATIONS.values(), ids=v.ORIENTATIONS)
def test_every_order_of_the_axes_gives_the_slices_of_dicom(tmp_path, angles):
    scene = v.Scene(angles)
    assert_same_slices(scene.write_series(tmp_path / "series"), scene)
    for order, flips in ORDERS:
        array, affine = scene.stored(scene.pixels, flips=flips, order=order)
        assert_same_slices(v.write_nifti(tmp_path / "i.nii", array, affine), scene)
        assert_same_slices(v.write_nrrd(tmp_path / "i.nrrd", array, affine), scene)


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
def test_all_features_are_those_of_dicom_in_every_order(tmp_path, plane):
    scene = v.Scene(v.ORIENTATIONS[plane])
    folder = scene.write_series(tmp_path / "series")
    mask = v.write_nifti(tmp_path / "m.nii", *scene.stored(scene.mask.astype("u1")))
    lesions = [Lesion(folder, mask)]
    for number, (order, flips) in enumerate(ORDERS):
        array, affine = scene.stored(scene.pixels, flips=flips, order=order)
        path = tmp_path / f"{number}.nii"
        lesions.append(Lesion(v.write_nifti(path, array, affine), mask))
    found = features(*lesions)
    assert found.shape == (49, 279)
    for row in found[1:]:
        np.testing.assert_array_equal(row, found[0])


def test_image_and_mask_may_be_stored_in_different_orders(tmp_path):
    scene = v.Scene(v.ORIENTATIONS["oblique"])
    rng = np.random.default_rng(0)
    for _ in range(12):
        one, other = (ORDERS[i] for i in rng.integers(0, 48, size=2))
        image = v.write_nifti(
            tmp_path / "i.nii", *scene.stored(scene.pixels, order=one[0], flips=one[1])
        )
        drawn = scene.mask.astype(np.uint8)
        mask = v.write_nrrd(
            tmp_path / "m.nrrd", *scene.stored(drawn, order=other[0], flips=other[1])
        )
        region = Lesion(image, mask).read()[""]
        np.testing.assert_array_equal(region.image, scene.pixels[2])
        np.testing.assert_array_equal(region.mask, scene.mask[2])
        assert region.spacing == pytest.approx(v.SPACING)


def test_contours_lie_on_a_volume_in_any_order(tmp_path):
    scene = v.Scene(v.ORIENTATIONS["coronal"])
    corners = np.array([[2.5, 3.5], [2.5, 9.5], [8.5, 9.5], [8.5, 3.5]])
    rows, columns = corners.T
    points = (
        scene.position(2)
        + np.outer(columns * v.SPACING[1], scene.axes[0])
        + np.outer(rows * v.SPACING[0], scene.axes[1])
    )
    contours = write_rtstruct(tmp_path / "rs.dcm", {"GTV": [points]})
    expected = np.zeros(v.SHAPE, dtype=bool)
    expected[3:9, 4:10] = True
    array, affine = scene.stored(scene.pixels, order=(2, 0, 1), flips=(0, 1))
    path = v.write_nifti(tmp_path / "i.nii.gz", array, affine)
    region = Lesion(path, contours).read()[""]
    np.testing.assert_array_equal(region.mask, expected)
    np.testing.assert_array_equal(region.image, scene.pixels[2])


def test_sections_are_those_of_dicom(tmp_path):
    scene = v.Scene()
    folder = scene.write_series(tmp_path / "series")
    array, affine = scene.stored(scene.pixels, flips=(2,), order=(2, 1, 0))
    volume = v.write_nifti(tmp_path / "i.nii", array, affine)
    mask = v.write_nifti(tmp_path / "m.nii", *scene.stored(scene.mask.astype("u1")))
    table = pd.DataFrame({"image": [folder, volume], "mask": mask, "patient": "P"})
    assert expand_cohort(table)["section"].tolist() == [2, 2]
    assert expand_cohort(table, "all")["section"].tolist() == [1, 2, 3, 1, 2, 3]
    heights = [read_image(volume, section=i).geometry.position[2] for i in range(5)]
    assert heights == sorted(heights)  # from the feet upwards


def test_dicom_stays_as_it_is_stored_and_a_volume_is_shown_upright(tmp_path):
    scene = v.Scene(v.UPSIDE_DOWN)
    folder = scene.write_series(tmp_path / "series")
    path = v.write_nifti(tmp_path / "i.nii", *scene.stored(scene.pixels))
    for section in range(v.N_SLICES):
        shown = read_image(path, section=section)
        stored = read_image(folder, section=section)
        np.testing.assert_array_equal(stored.pixels, scene.pixels[section])
        np.testing.assert_array_equal(shown.pixels, scene.pixels[section, ::-1, ::-1])
        np.testing.assert_allclose(
            shown.geometry.orientation, [[0, 1, 0], [0, 0, -1]], atol=1e-6
        )
    (note,) = Lesion(folder, np.ones(v.SHAPE), section=0).notes()
    assert "do not run as those of its plane usually do" in note
    for name, angles in v.ORIENTATIONS.items():
        usual = v.Scene(angles).write_series(tmp_path / name)
        assert Lesion(usual, np.ones(v.SHAPE), section=0).notes() == []


def test_planes_are_shown_as_scanners_show_them():
    """Front or head on top, and the patient's right, or the front, on the left."""
    for spacing, axes in (
        ((0.5, 0.5, 3), ([1, 0, 0], [0, 1, 0], [0, 0, 1])),  # axial
        ((0.5, 3, 0.5), ([1, 0, 0], [0, 0, -1], [0, 1, 0])),  # coronal
        ((3, 0.5, 0.5), ([0, 1, 0], [0, 0, -1], [-1, 0, 0])),  # sagittal
    ):
        affine = np.diag([*spacing, 1.0])
        across = slice_axis(affine, (9, 8, 7), None, None)
        turned = turn_to(affine, across).affine(affine, (9, 8, 7))[:3, :3]
        np.testing.assert_allclose(
            turned / np.linalg.norm(turned, axis=0), np.array(axes).T
        )


@pytest.mark.parametrize(
    ("spacing", "shape", "expected"),
    [
        ((0.8, 0.8, 3), (9, 8, 7), 2),
        ((3, 0.8, 0.8), (9, 8, 7), 0),
        ((0.8, 3, 0.8), (9, 8, 7), 1),
        ((0.98, 0.625, 0.98), (9, 8, 7), 1),  # thin slices of a CT
        ((0.5, 3, 0.8), (9, 8, 7), 1),
        ((0.5, 0.98, 1.0), (9, 8, 7), 0),  # pixels are nearly squares
        ((0.995, 1.002, 1.0), (9, 8, 7), 2),
        ((1, 1, 1), (9, 8, 7), 2),
        ((1, 1, 1), (1, 8, 7), 0),
        ((3, 1, 1), (9, 8, 1), 2),
    ],
)
def test_slices_are_cut_along_the_odd_spacing(spacing, shape, expected):
    affine = np.diag([*spacing, 1.0])
    assert slice_axis(affine, shape, None, None) == expected


@pytest.mark.parametrize(
    "steps",
    [
        ([0.5, 0, 0], [0, 0.5, 0], [0, 0, 0]),
        ([0.5, 0, 0], [0, 1e-300, 0], [0, 0, 3]),
        ([0.5, 0, 0], [0, 0.5, 0], [3, 3, 0]),
    ],
)
def test_axes_that_span_no_volume_are_cut_as_stored(tmp_path, steps):
    """Found by the fuzz: spacings are divided by each other."""
    values = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    affine = np.eye(4)
    affine[:3, :3] = np.array(steps).T
    path = v.write_nrrd(tmp_path / "i.nrrd", values, affine)
    image = read_image(path, section=1)
    np.testing.assert_array_equal(image.pixels, values[:, :, 1].T)


def test_the_header_tells_only_of_cubes():
    assert slice_axis(np.diag([3, 1, 1, 1.0]), (9, 8, 7), None, 1) == 0
    assert slice_axis(np.eye(4), (9, 8, 7), None, 1) == 1


def test_two_directions_as_near_are_the_same_in_every_order():
    """At 45 degrees the choice must not hang on how the axes are stored."""
    half = np.sqrt(0.5)
    turned = np.array([[half, half, 0], [half, -half, 0], [0, 0, 1]]).T
    affine = np.eye(4)
    affine[:3, :3] = turned * [0.5, 0.5, 3]
    seen = set()
    for order, flips in ORDERS:
        stored = affine.copy()
        stored[:3, list(flips)] *= -1
        stored[:, :3] = stored[:, list(order)]
        across = slice_axis(stored, (9, 9, 9), None, None)
        ways = turn_to(stored, across).affine(stored, (9, 9, 9))[:3, :3]
        seen.add(tuple(ways.round(6).ravel().tolist()))
    assert len(seen) == 1


def cubes(tmp_path, order=(0, 1, 2), dim_info=None):
    """Write a sagittal acquisition of cubes of 1 mm, its axes in an order."""
    values = np.random.default_rng(0).integers(0, 99, (6, 7, 8)).astype(np.int16)
    affine = np.eye(4)
    affine[:3, :3] = np.array([[0, 1, 0], [0, 0, -1], [-1, 0, 0]]).T
    affine[:, :3] = affine[:, list(order)]
    fields = {} if dim_info is None else {"dim_info": dim_info}
    path = v.write_nifti(tmp_path / "c.nii", values.transpose(order), affine, **fields)
    return path, values


def test_cubes_are_cut_along_what_tells_or_refused(tmp_path):
    path, values = cubes(tmp_path)
    with pytest.raises(LesionError, match=r"cubes of 1 x 1 x 1 mm.*#plane=sagittal"):
        read_image(path, section=0)
    chosen = f"{path}#plane=sagittal"
    np.testing.assert_array_equal(
        read_image(chosen, section=3).pixels, values[:, :, 3].T
    )
    path, _ = cubes(tmp_path, dim_info=3 << 4)  # the slices are the third axis
    assert read_image(path, section=3).pixels.shape == (7, 6)
    # after a change to canonical axes the third runs from foot to head
    path, values = cubes(tmp_path, order=(2, 0, 1))
    assert read_image(path, section=0).pixels.shape == (6, 8)
    chosen = f"{path}#plane=sagittal"
    np.testing.assert_array_equal(
        read_image(chosen, section=3).pixels, values[:, :, 3].T
    )
    (note,) = Lesion(path, path).notes()[:1]
    assert "cubes" in note and "axial slices" in note
    assert not any("cubes" in n for n in Lesion(chosen, np.ones((7, 6))).notes())


def test_a_choice_that_is_none(tmp_path):
    path, _ = cubes(tmp_path)
    with pytest.raises(LesionError, match="'#plane=left' of the image .* is no choice"):
        read_image(f"{path}#plane=left")
    folder = v.Scene().write_series(tmp_path / "s")
    with pytest.raises(LesionError, match="plane axial was asked for, but .* a folder"):
        read_image(f"{folder}#plane=axial", section=0)
    with pytest.raises(LesionError, match="stack b=1 was asked for, but .* NIfTI"):
        read_image(f"{path}#frame=b=1", section=0)
    np.save(tmp_path / "a.npy", np.ones((4, 5)))
    with pytest.raises(LesionError, match="plane axial was asked for, but .* NPY"):
        read_image(f"{tmp_path / 'a.npy'}#plane=axial")


def test_check_says_how_a_turned_volume_is_cut(tmp_path):
    scene = v.Scene(v.ORIENTATIONS["sagittal"])
    array, affine = scene.stored(scene.pixels, order=(2, 0, 1))
    path = v.write_nifti(tmp_path / "i.nii", array, affine)
    mask = v.write_nifti(tmp_path / "m.nii", *scene.stored(scene.mask.astype("u1")))
    report = check_cohort([Lesion(path, mask, lesion=name) for name in "abcde"])
    assert report.n_readable == 5
    (found,) = [p.text for p in report.warnings if "sagittal slices" in p.text]
    assert found.startswith("lesion 'a' (row 0), lesion 'b' (row 1), ")
    assert "and 2 more lesions, image: cut into sagittal slices, along the" in found


def without_forms(path):
    content = bytearray(Path(path).read_bytes())
    content[252:256] = bytes(4)  # qform_code and sform_code
    Path(path).write_bytes(content)
    return path


def test_a_header_without_an_orientation_is_read_as_stored(tmp_path):
    scene = v.Scene()
    array, affine = scene.stored(scene.pixels, flips=(1,))
    path = without_forms(v.write_nifti(tmp_path / "i.nii", array, affine))
    image = read_image(path, section=2)
    np.testing.assert_array_equal(image.pixels, scene.pixels[2, ::-1])
    assert image.geometry.spacing == pytest.approx(v.SPACING)
    drawn, _ = scene.stored(scene.mask.astype("u1"), flips=(1,))
    mask = without_forms(v.write_nifti(tmp_path / "m.nii", drawn, affine))
    np.testing.assert_array_equal(read_mask(mask, image), scene.mask[2, ::-1])
    assert "no sform, no qform" in Lesion(path, mask).notes()[0]
    with pytest.raises(LesionError, match="does not say how it lies"):
        read_image(f"{path}#plane=axial", section=2)


def test_sform_against_qform_is_worth_a_word(tmp_path):
    import nibabel

    scene = v.Scene()
    path = v.write_nifti(tmp_path / "i.nii", *scene.stored(scene.pixels))
    mask = v.write_nifti(tmp_path / "m.nii", *scene.stored(scene.mask.astype("u1")))
    assert Lesion(path, mask).notes() == []
    image = nibabel.load(path)
    moved = image.affine.copy()
    moved[:3, 3] += [0, 12, 0]
    image.set_qform(moved, code=1)
    image.set_sform(image.affine, code=1)
    nibabel.save(image, tmp_path / "q.nii")
    (note,) = Lesion(tmp_path / "q.nii", mask).notes()
    assert note.startswith("image: its sform and its qform place it up to 12.0 mm")
    (note,) = Lesion(path, str(tmp_path / "q.nii")).notes()
    assert note.startswith("mask: its sform")
    report = check_cohort([Lesion(str(tmp_path / "q.nii"), mask)])
    assert "up to 12.0 mm apart" in str(report)


@pytest.mark.skipif(not (CASES / "orientation").is_dir(), reason="no shared cases here")
@pytest.mark.parametrize("method", ["3sigma", "1-99", "none"])
def test_the_same_lesion_from_eleven_files(method):
    table = read_cohort(CASES / "orientation" / "cohort.csv")
    found = features(*as_lesions(table), method=method)
    assert len(found) == 11
    for name, row in zip(table["lesion"], found, strict=True):
        np.testing.assert_array_equal(row, found[0], err_msg=name)


@given(
    st.tuples(*[st.floats(-180, 180)] * 3),
    st.sampled_from([(0.5, 0.5, 3), (0.5, 0.8, 3), (1, 1, 0.6)]),
    st.sampled_from(ORDERS),
)
@examples(200)
def test_the_order_of_the_axes_does_not_show(angles, spacing, stored):
    """Rows, columns and slices follow from where the voxels lie, not from the file."""
    shape = np.array([7, 8, 9])
    affine = np.eye(4)
    axes = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    affine[:3, :3] = axes * spacing
    affine[:3, 3] = [-31.5, 12.25, 88]
    order, flips = stored
    other, lengths = affine.copy(), shape[list(order)]
    for axis in flips:
        other[:3, 3] += other[:3, axis] * (shape[axis] - 1)
        other[:3, axis] *= -1
    other[:, :3] = other[:, list(order)]
    seen = []
    for found, sides in ((affine, shape), (other, lengths)):
        turn = turn_to(found, slice_axis(found, sides, None, None))
        seen.append((turn.affine(found, sides), sides[list(turn.axes)]))
    np.testing.assert_allclose(seen[1][0], seen[0][0], atol=1e-9)
    np.testing.assert_array_equal(seen[1][1], seen[0][1])
    ways = seen[0][0][:3, :3]
    assert np.linalg.det(ways) > 0  # slices count along the normal of DICOM


@needs_shared("breast_mr_seg")
def test_a_real_sagittal_series_and_its_volume(tmp_path):
    """As its third axis, and as canonical axes, which puts the slices on the first."""
    import nibabel

    folder = SHARED / "breast_mr_seg" / "image"
    mask = f"{SHARED / 'breast_mr_seg' / 'seg' / 'UCSF-BR-06_SEG.dcm'}#Breast"
    image = open_image(folder)
    first, second = image.places[:2]
    affine = np.eye(4)
    along, down = first.orientation
    affine[:3, 0] = along * first.spacing[1]
    affine[:3, 1] = down * first.spacing[0]
    affine[:3, 2] = second.position - first.position
    affine[:3, 3] = first.position
    pixels = np.stack([image.pixels(i).T for i in range(len(image))], axis=2)
    stored = v.write_nifti(tmp_path / "stored.nii.gz", pixels, affine)
    turned = nibabel.as_closest_canonical(nibabel.load(stored))
    nibabel.save(turned, tmp_path / "turned.nii.gz")
    assert turned.shape[0] == len(image) < min(turned.shape[1:])
    lesions = [
        Lesion(str(path), mask, section=20)
        for path in (folder, stored, tmp_path / "turned.nii.gz")
    ]
    found = features(*lesions)
    np.testing.assert_array_equal(found[1], found[0])
    np.testing.assert_array_equal(found[2], found[0])
