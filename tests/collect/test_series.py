"""Images of headers: which files are one series, and what lies on its pixels."""

import numpy as np
import pytest

from sklearn_orn.collect._headers import DicomImage, PictureFile, VolumeFile
from sklearn_orn.collect._series import fits, group_images, holds, id_keys

from ._pieces import ROOT, image

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
STEP = 3.0


def slice_of(file, z=0.0, **more):
    """The header of an axial slice: rows 2 mm apart, columns 0.5 mm."""
    header = DicomImage(
        ROOT / file,
        patient="Doe",
        study="1.1",
        series="1.2",
        number="4",
        description="t2",
        modality="MR",
        frame="1.3",
        instance=str(file),
        shape=(20, 30),
        positions=((-10.0, 5.0, z),),
        orientation=AXIAL,
        spacing=(2.0, 0.5),
        has_contrast=False,
        spin_echo=False,
        times=(None, None),
    )
    return header._replace(**more)


def volume(shape=(30, 20, 4), affine=None, **more):
    rows = None if affine is None else tuple(map(tuple, affine))
    header = VolumeFile(
        ROOT / "seg" / "x.nii", "NIfTI", shape, rows, True, 0, 0.01, "axial"
    )
    return header._replace(**more)


def grouped(dicom=(), volumes=(), pictures=()):
    return group_images(dicom, volumes, pictures, ROOT)


def files(one):
    return [str(file.relative_to(ROOT)) for file in one.files]


# Groups -----------------------------------------------------------------------------


def test_a_series_is_of_one_patient_and_one_uid():
    found = grouped(
        [
            slice_of("b/2", series="1.9"),
            slice_of("a/1", 3.0),
            slice_of("a/0"),
            slice_of("c/1", patient="Roe"),
            slice_of("d/1", series=""),
            slice_of("e/1", series=""),
            slice_of("e/2", series=""),
        ]
    )
    assert [files(one) for one in found] == [
        *(["a/0", "a/1"], ["b/2"], ["c/1"], ["d/1"], ["e/1", "e/2"]),
    ]


def test_images_stand_in_the_order_of_their_files():
    found = grouped(
        [slice_of("m/1")],
        [volume(path=ROOT / "a.nii")],
        [PictureFile(ROOT / "z", False)],
    )
    assert [one.kind for one in found] == ["NIfTI", "DICOM", "picture"]
    assert [one.n_slices for one in found] == [1, 1, 1]
    assert found[2].names == {"z"}


def test_where_the_pixels_of_a_series_lie():
    (one,) = grouped([slice_of("a/1", 3.0), slice_of("a/0")])
    # a column to the right is 0.5 mm of x, a row down 2 mm of y
    assert one.steps.T.tolist() == [[0.5, 0, 0], [0, 2.0, 0]]
    assert sorted(one.positions[:, 2].tolist()) == [0.0, 3.0]
    assert (one.shape, one.uid, one.number) == ((20, 30), "1.2", "4")
    assert (one.frame, one.patient_id, one.study) == ("1.3", "Doe", "1.1")
    assert one.n_slices == 2
    assert one.folders == [ROOT / "a"]


@pytest.mark.parametrize("lacking", ["orientation", "spacing"])
def test_a_series_without_a_place(lacking):
    (one,) = grouped([slice_of("a/1", **{lacking: None})])
    assert one.steps is None
    assert one.positions is None
    (one,) = grouped([slice_of("a/1", positions=()), slice_of("a/2", positions=())])
    assert one.steps is None
    assert one.n_slices == 2


def test_copies_count_once_in_the_folder_that_holds_most():
    headers = [
        slice_of("a/0", instance="i"),
        slice_of("b/0", instance="i"),
        slice_of("b/1", 3.0, instance="j"),
        slice_of("b/2", instance=""),
        slice_of("b/3", instance=""),
    ]
    (one,) = grouped(headers)
    assert files(one) == ["b/0", "b/1", "b/2", "b/3"]
    assert one.copies == [ROOT / "a/0"]
    assert len(one.positions) == 4


def test_the_names_of_a_series_are_its_folders_and_its_patient():
    (one,) = grouped([slice_of("Köln/t2/0"), slice_of("Köln/t2/1")])
    assert one.names == {"koln", "t2", "doe"}
    assert id_keys(one) == {"koln", "t2", "doe"}
    (one,) = grouped([slice_of("a/IM_7.dcm", patient="")])
    assert one.names == {"a", "im", "im_7"}
    assert id_keys(one) == {"a", "im", "im7"}
    (one,) = grouped([slice_of("--/IM", patient="")])
    assert id_keys(one) == {"im"}


def test_where_the_voxels_of_a_volume_lie():
    affine = np.array([[0.5, 0, 0, -10], [0, 2, 0, 5], [0, 0, STEP, 7], [0, 0, 0, 1.0]])
    (one,) = grouped(volumes=[volume((30, 20, 4), affine, path=ROOT / "k1_T2.nii")])
    assert one.shape == (20, 30)  # rows and columns
    assert one.steps.tolist() == affine[:3, :2].tolist()
    assert one.positions.tolist() == [[-10, 5, 7 + STEP * k] for k in range(4)]
    assert (one.description, one.traits) == ("k1_T2", ("axial", "T2"))
    assert one.names == {"k1", "k1_t2"}
    (one,) = grouped(volumes=[volume(plane="")])
    assert one.steps is None
    assert one.traits == ()


# What fits --------------------------------------------------------------------------


def series(z=(0.0, 3.0, 6.0, 9.0)):
    (one,) = grouped([slice_of(f"a/{i}", place) for i, place in enumerate(z)])
    return one


def label_map(x=0.0, y=0.0, z=0.0, flip=(1, 1, 1), order=(0, 1, 2), scale=1.0):
    """Voxels on the pixels of the series, moved by parts of a voxel."""
    steps = np.diag([0.5, 2.0, STEP]) * scale * np.array(flip)
    affine = np.eye(4)
    affine[:3, :3] = steps[:, order]
    affine[:3, 3] = np.array([-10, 5, 0]) + np.diag([0.5, 2.0, STEP]) @ [x, y, z]
    return affine


@pytest.mark.parametrize(
    ("changes", "fit"),
    [
        ({}, True),
        ({"x": 5, "y": 3, "z": 2}, True),  # cropped
        ({"x": 0.09, "y": -0.09, "z": 0.09}, True),
        ({"x": 0.11}, False),
        ({"y": 0.5}, False),
        ({"z": 0.5}, False),
        ({"z": 3}, True),  # one slice in common
        ({"z": 4}, False),
        ({"z": -3}, True),
        ({"z": -4}, False),
        ({"x": 29, "y": -19}, True),  # one pixel in common
        ({"x": -29, "y": 19}, True),
        ({"x": 30}, False),
        ({"x": -30}, False),
        ({"y": 20}, False),
        ({"y": -20}, False),
        ({"flip": (-1, -1, 1), "x": 29, "y": 19}, True),
        ({"flip": (-1, -1, 1)}, True),
        ({"flip": (-1, 1, 1), "x": -1}, False),
        ({"flip": (1, -1, 1), "y": -1}, False),
        ({"flip": (1, 1, -1)}, True),
        ({"order": (2, 0, 1)}, True),
        ({"order": (1, 0, 2)}, True),
        ({"scale": 1.005}, True),  # 30 columns are off by 0.15 voxels
        ({"scale": 1.012}, False),
        ({"scale": 1.02}, False),
        ({"scale": 2.0}, False),
        ({"scale": 0.5}, False),
    ],
)
def test_voxels_that_lie_on_the_pixels_of_an_image(changes, fit):
    assert fits(series(), volume((30, 20, 4), label_map(**changes))) is fit


def test_voxels_across_the_slices_or_askew_do_not_fit():
    affine = label_map()
    turned = affine.copy()
    turned[:3, 0] = affine[:3, 0] + affine[:3, 1]
    assert not fits(series(), volume((30, 20, 4), turned))
    finer = affine.copy()
    finer[0, 0] /= 2
    assert not fits(series(), volume((60, 20, 4), finer))
    flat = affine.copy()
    flat[:3, 2] = 0
    assert not fits(series(), volume((30, 20, 4), flat))


def test_the_last_slice_of_the_voxels_counts_and_none_beyond():
    one = series(z=(9.0,))
    for n, fit in ((3, False), (4, True)):
        assert fits(one, volume((30, 20, n), label_map())) is fit
    assert fits(series(z=(-0.25,)), volume((30, 20, 4), label_map())) is True
    assert fits(series(z=(-3.0,)), volume((30, 20, 4), label_map())) is False


@pytest.mark.parametrize(("shape", "fit"), [((30, 20, 4), True), ((20, 30, 4), False)])
def test_without_a_place_the_size_tells(shape, fit):
    assert fits(series(), volume(shape)) is fit
    unknown = image("a/1", shape=(20, 30))
    assert fits(unknown, volume(shape, label_map())) is fit
    assert fits(unknown, volume((30, 21, 4))) is False


@pytest.mark.parametrize(
    ("low", "high", "held"),
    [
        (1.0, 2.0, False),
        (1.0, 2.5, True),  # half a mm is allowed for
        (0.5, 1.0, True),
        (0.6, 2.4, False),
        (-5.0, 20.0, True),
        (9.5, 12.0, True),
        (9.6, 12.0, False),
        (-9.0, -0.5, True),
        (-9.0, -0.6, False),
    ],
)
def test_a_box_reaches_a_slice_of_a_series(low, high, held):
    box = ((-5.0, -7.0, low), (5.0, 9.0, high))
    assert holds(series(), box) is held
    assert holds(image("a/1"), box) is True


@pytest.mark.parametrize(("y", "held"), [(0.4, True), (0.6, False)])
def test_half_a_mm_is_half_a_mm_on_coronal_slices_of_any_pixels(y, held):
    axes = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
    place = {"orientation": axes, "positions": ((0.0, 0.0, 0.0),)}
    (one,) = grouped([slice_of("a/1", spacing=(3.0, 3.0), **place)])
    assert holds(one, ((-9.0, y, 7.0), (-2.0, 3.0, 8.0))) is held
    assert holds(one, ((-9.0, -3.0, 7.0), (-2.0, -y, 8.0))) is held


@pytest.mark.parametrize(
    ("x", "held"), [(2.2, False), (2.4, True), (7.0, True), (11.6, True), (11.8, False)]
)
def test_a_box_and_a_slice_that_is_askew(x, held):
    """The slice goes through the origin, its normal along the bisector of x and z."""
    half = float(np.sqrt(0.5))
    axes = (half, 0.0, -half, 0.0, 1.0, 0.0)
    place = {"orientation": axes, "positions": ((0.0, 0.0, 0.0),)}
    (one,) = grouped([slice_of("a/1", **place)])
    # along the normal the box runs from (x - 11) / sqrt(2) to (x - 3) / sqrt(2)
    box = ((x - 3.0, 20.0, -8.0), (x + 3.0, 30.0, -6.0))
    assert holds(one, box) is held
