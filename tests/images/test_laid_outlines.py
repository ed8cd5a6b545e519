"""One outline of several sequences, laid onto the grid of each."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import (
    Image2D,
    Lesion,
    as_lesions,
    expand_cohort,
    read_image,
    read_mask,
)
from sklearn_orn.images import _opened as opened
from sklearn_orn.images._geometry import Geometry
from sklearn_orn.images._laid_outline import lay_outline
from tests._examples import examples

from ._make import write_image, write_png, write_rtstruct
from ._volumes import Scene, write_nifti, write_nrrd, write_seg

T1_STEP = np.array([0.8, 0.5])  # mm, rows and columns
FIRST = np.array([30.0, -20.0])  # mm, y and x of the first pixel's centre
SHAPE = (40, 48)


def t1(tmp_path, name="t1.dcm", **header):
    pixels = np.arange(SHAPE[0] * SHAPE[1], dtype=np.uint16).reshape(SHAPE)
    place = {"ImagePositionPatient": [-20, 30, 100], "PixelSpacing": [0.8, 0.5]}
    return write_image(tmp_path / name, pixels, **place | header)


def t2(tmp_path, at=(-17.3, 33.1, 101.0), step=(1.1, 0.7), shape=(24, 30), **header):
    pixels = np.arange(shape[0] * shape[1], dtype=np.uint16).reshape(shape)
    place = {"ImagePositionPatient": list(at), "PixelSpacing": list(step)}
    return write_image(tmp_path / "t2.dcm", pixels, **place | header)


def drawn():
    rows, columns = np.ogrid[: SHAPE[0], : SHAPE[1]]
    return ((rows - 16) / 9) ** 2 + ((columns - 21) / 12) ** 2 < 1


def expected(at=(-17.3, 33.1), step=(1.1, 0.7), shape=(24, 30)):
    """The pixel of T1 in which each centre of T2 lies, by hand."""
    mask = np.zeros(shape, dtype=bool)
    for row in range(shape[0]):
        for column in range(shape[1]):
            y, x = at[1] + row * step[0], at[0] + column * step[1]
            i = int(np.floor((y - FIRST[0]) / T1_STEP[0] + 0.5))
            j = int(np.floor((x - FIRST[1]) / T1_STEP[1] + 0.5))
            inside = 0 <= i < SHAPE[0] and 0 <= j < SHAPE[1]
            mask[row, column] = inside and drawn()[i, j]
    return mask


def lesion(first, second, mask, **settings):
    masks = {"T1|lesion|anna": mask, "T2|lesion|anna": mask}
    return Lesion({"T1": first, "T2": second}, masks, lesion="L1", **settings)


def read_t2(*args, **settings):
    return lesion(*args, **settings).read()["T2|lesion|anna"]


def png(tmp_path):
    return write_png(tmp_path / "anna.png", drawn().astype(np.uint8) * 255)


def test_a_picture_is_laid_by_the_place_of_the_slice_it_was_drawn_on(tmp_path):
    two = lesion(t1(tmp_path), t2(tmp_path), png(tmp_path)).read()
    assert np.array_equal(two["T1|lesion|anna"].mask, drawn())
    assert np.array_equal(two["T2|lesion|anna"].mask, expected())
    assert two["T2|lesion|anna"].spacing == (1.1, 0.7)


def test_on_the_same_grid_it_is_used_as_it_is(tmp_path):
    other = t1(tmp_path, "other.dcm")
    assert np.array_equal(read_t2(t1(tmp_path), other, png(tmp_path)).mask, drawn())


def test_a_picture_of_the_same_size_is_not_taken_by_its_size(tmp_path):
    moved = t2(tmp_path, at=(-15.0, 30.0, 100), step=T1_STEP.tolist(), shape=SHAPE)
    found = read_t2(t1(tmp_path), moved, png(tmp_path)).mask
    assert np.array_equal(found[:, :-10], drawn()[:, 10:])


def volumes(tmp_path, angles, write=write_nifti):
    """A volume of T1 and one of T2: moved in the plane, thicker slices."""
    scene, suffix = Scene(angles), ".nrrd" if write is write_nrrd else ".nii"
    array, affine = scene.stored(scene.pixels)
    first = write(tmp_path / f"t1{suffix}", array, affine)
    mask = write(
        tmp_path / f"m{suffix}", scene.stored(scene.mask)[0].astype(np.uint8), affine
    )
    other = affine.copy()
    other[:3, 2] *= 4 / 3  # 4 mm
    other[:3, 3] += affine[:3, :3] @ [2.0, 3.0, 1 / 3]
    second = write(tmp_path / f"t2{suffix}", array[:20, :16, :4].copy(), other)
    return scene, first, second, mask


@pytest.mark.parametrize("write", [write_nifti, write_nrrd])
@pytest.mark.parametrize("angles", [(0, 0, 0), (4, -3, 5)])
def test_the_slice_nearest_to_the_largest_one(tmp_path, angles, write):
    scene, first, second, mask = volumes(tmp_path, angles, write)
    # drawn on slice 2, at 6 mm; the slices of T2 lie at 1, 5, 9, 13 mm
    regions = lesion(first, second, mask).read()
    assert np.array_equal(regions["T1|lesion|anna"].mask, scene.mask[2])
    assert np.array_equal(regions["T2|lesion|anna"].mask, scene.mask[2, 3:19, 2:22])
    image = read_image(second, section=1).pixels
    assert np.array_equal(regions["T2|lesion|anna"].image, image)


def test_the_sequence_that_the_outline_fits_is_the_one_it_was_drawn_on(tmp_path):
    scene, first, second, mask = volumes(tmp_path, (0, 0, 0))
    masks = {"T2|lesion|anna": mask, "T1|lesion|anna": mask}
    regions = Lesion({"T1": first, "T2": second}, masks).read()
    assert np.array_equal(regions["T1|lesion|anna"].mask, scene.mask[2])
    assert np.array_equal(regions["T2|lesion|anna"].mask, scene.mask[2, 3:19, 2:22])


def test_contours_are_drawn_on_each_grid(tmp_path):
    first, second = t1(tmp_path), t2(tmp_path)
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    circle = np.column_stack(
        [5 * np.cos(turn) - 9, 6 * np.sin(turn) + 44, 0 * turn + 100]
    )
    rois = write_rtstruct(tmp_path / "rs.dcm", {"GTV": [circle]})
    found = read_t2(first, second, rois).mask
    assert np.array_equal(found, read_mask(rois, read_image(second)))


def test_frames_of_a_segmentation_between_the_slices(tmp_path):
    scene = Scene()
    first = scene.write_series(tmp_path / "t1")
    seg = tmp_path / "seg.dcm"
    write_seg(seg, scene, {"GTV": scene.mask})
    at = [*scene.origin[:2], scene.origin[2] + 7.0]  # 1 mm from slice 2
    second = t2(tmp_path, at, (0.8, 0.5), (20, 24))
    assert np.array_equal(read_t2(first, second, str(seg)).mask, scene.mask[2])


def test_a_slice_can_be_chosen(tmp_path):
    _, first, second, mask = volumes(tmp_path, (0, 0, 0))
    found = read_t2(first, second, mask, section={"T1": 3}).image
    assert np.array_equal(found, read_image(second, section=2).pixels)
    with pytest.raises(
        LesionError,
        match=r"mask of sequence 'T2', reader 'anna': .*lies -7.0 to -7.0 mm from this "
        r"slice.* within 2.0 mm",
    ):
        read_t2(first, second, mask, section={"T2": 3})


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"at": (-17.3, 33.1, 101.8)}, r"-1.8 to -1.8 mm from this slice.*within 1.5"),
        ({"FrameOfReferenceUID": "1.2.3"}, "in the frame of reference 1.2.8.*1.2.3; e"),
        (
            {"ImageOrientationPatient": [1, 0, 0, 0, 0.995004, 0.0998334]},
            "tilted by 5.7 degrees",
        ),
        ({"at": (-13.0, 33.1, 100)}, "row 3 to 15 and column -3 to 13, outside"),
        ({"ImagePositionPatient": None}, "pixels, and this image has 24 x 30"),
        (
            {"step": (9.0, 9.0), "at": (-14, 38, 100), "shape": (4, 4)},
            "no pixel centre",
        ),
    ],
)
def test_what_does_not_lie_there_is_refused_by_name(tmp_path, header, message):
    small = np.zeros(SHAPE, np.uint8)
    small[12:14, 18:20] = 1
    mask = png(tmp_path)
    if "step" in header:
        mask = write_png(tmp_path / "small.png", small)
    with pytest.raises(LesionError, match=message) as refused:
        read_t2(t1(tmp_path), t2(tmp_path, **header), mask)
    assert str(refused.value).startswith(
        "lesion 'L1', mask of sequence 'T2', reader 'anna': the outline was drawn on "
        "another sequence"
    )
    assert "'mask_<sequence>_<reader>'" in str(refused.value)


def test_without_a_place_grids_of_one_size_are_one(tmp_path):
    np.save(tmp_path / "t1.npy", np.arange(20).reshape(4, 5))
    np.save(tmp_path / "t2.npy", np.arange(20).reshape(4, 5) * 2)
    np.save(tmp_path / "mask.npy", np.eye(4, 5, dtype=bool))
    paths = (str(tmp_path / f"{name}.npy") for name in ("t1", "t2", "mask"))
    assert np.array_equal(read_t2(*paths).mask, np.eye(4, 5, dtype=bool))
    wide, other = t1(tmp_path), t1(tmp_path, "o.dcm", ImagePositionPatient=None)
    assert np.array_equal(read_t2(wide, other, png(tmp_path)).mask, drawn())
    other = t1(tmp_path, "o.dcm", ImagePositionPatient=None, PixelSpacing=[0.9, 0.5])
    with pytest.raises(LesionError, match="pixels of 0.8 x 0.5 mm.*are 0.9 x 0.5 mm"):
        read_t2(wide, other, png(tmp_path))


def test_each_file_is_opened_once(tmp_path, monkeypatch):
    calls = Counter()
    for name in ("open_image", "open_rois"):
        real = getattr(opened, name)

        def counted(path, *choices, real=real):
            calls[str(path)] += 1
            return real(path, *choices)

        monkeypatch.setattr(opened, name, counted)
    _, first, second, mask = volumes(tmp_path, (0, 0, 0))
    row = {"image_T1": first, "image_T2": second, "mask_a": mask, "mask_b": mask}
    (made,) = as_lesions(pd.DataFrame([row]))
    assert len(made.read()) == 4
    assert calls == {first: 1, second: 1, mask: 1}


def test_a_fingerprint_knows_every_sequence(tmp_path):
    files = t1(tmp_path), t2(tmp_path), png(tmp_path)
    before = lesion(*files).fingerprint()
    assert lesion(*files).fingerprint() == before
    t2(tmp_path, at=(-17, 33, 101), shape=(25, 30))
    assert lesion(*files).fingerprint() != before


def test_messages_name_sequence_and_reader(tmp_path):
    with pytest.raises(LesionError, match="image of sequence 'T2', reader 'anna': "):
        lesion(t1(tmp_path), str(tmp_path / "none.dcm"), png(tmp_path)).read()


def test_a_sequence_without_an_image_is_absent(tmp_path):
    table = pd.DataFrame(
        {
            "image_T1": [t1(tmp_path)] * 2,
            "image_T2": [t2(tmp_path), None],
            "mask_anna": png(tmp_path),
        }
    )
    both, one = as_lesions(table)
    assert both.readers == ("T1|lesion|anna", "T2|lesion|anna")
    assert one.readers == tuple(one.read()) == ("T1|lesion|anna",)
    (none,) = as_lesions(table.iloc[:1].assign(image_T1=None, image_T2=None))
    with pytest.raises(LesionError, match="sequence 'T1', reader 'anna': the image is"):
        none.read()


def test_the_largest_slice_is_written_for_the_sequence_it_was_drawn_on(tmp_path):
    _, first, second, mask = volumes(tmp_path, (0, 0, 0))
    table = pd.DataFrame([{"image_T1": first, "image_T2": second, "mask_a": mask}])
    expanded = expand_cohort(table)
    assert expanded["section_T1"].tolist() == [2]
    assert expanded["section_T2"].isna().all()
    regions = as_lesions(expanded)[0].read()
    assert np.array_equal(
        regions["T2|lesion|a"].mask, as_lesions(table)[0].read()["T2|lesion|a"].mask
    )


SPACINGS = st.floats(0.3, 2.0)


@examples(50)
@given(st.tuples(SPACINGS, SPACINGS), st.floats(-3, 3), st.floats(-3, 3))
def test_a_laid_outline_keeps_its_place(spacing, down, right):
    """The centre of each pixel lies in a pixel of the outline, and none is left out."""
    mask = np.zeros((20, 20), dtype=bool)
    mask[6:12, 7:13] = True
    axes = np.array([[1.0, 0, 0], [0, 1.0, 0]])
    own = Geometry((1.0, 1.0), np.zeros(3), axes, thickness=2.0)
    place = Geometry(spacing, np.array([right, down, 0.5]), axes, thickness=2.0)
    image = Image2D(np.zeros((80, 80)), place)
    laid = lay_outline(mask, own, image, [place])
    pixels = np.argwhere(np.ones_like(laid))
    points = place.to_patient(np.column_stack([pixels, np.zeros(len(pixels))]))
    inside = (np.abs(points[:, 0] - 9.5) < 3 + 1e-6) & (
        np.abs(points[:, 1] - 8.5) < 3 + 1e-6
    )
    border = np.isclose(np.abs(points[:, 0] - 9.5), 3, atol=1e-5)
    border |= np.isclose(np.abs(points[:, 1] - 8.5), 3, atol=1e-5)
    assert (laid.ravel() == inside)[~border].all()
