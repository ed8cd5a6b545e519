"""Contours through pixel centres, on slices that overlap, and what is drawn twice."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from skimage.draw import polygon2mask

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Lesion, expand_cohort, read_image, read_mask
from sklearn_orn.images._areas import roi_areas
from sklearn_orn.images.formats._polygons import _enclosed, _on_outline
from sklearn_orn.images.formats._registry import open_image, open_rois
from sklearn_orn.images.formats._rtstruct import RtStruct

from .._data import SHARED
from ._make import FRAME, polygons_to_mask, square, write_image, write_rtstruct
from ._volumes import N_SLICES, Scene, write_enhanced

CASES = SHARED.parent / "cases"
SHAPE = (20, 24)


@st.composite
def row_convex(draw):
    """Draw the first and last column of consecutive rows, each meeting the next."""
    first = draw(st.integers(0, 10))
    spans = [(first, draw(st.integers(first, 20)))]
    for _ in range(draw(st.integers(1, 10))):
        low, high = spans[-1]
        first = draw(st.integers(0, high))
        spans.append((first, draw(st.integers(max(low, first), 20))))
    return spans


def traced(spans, noise=0.0, seed=0):
    """Trace a mask from pixel centre to pixel centre, as rt-utils does."""
    mask = np.zeros(SHAPE, dtype=bool)
    for row, (low, high) in enumerate(spans, start=3):
        mask[row, low : high + 1] = True
    left = [(row, low) for row, (low, _) in enumerate(spans, start=3)]
    right = [(row, high) for row, (_, high) in enumerate(spans, start=3)]
    outline = np.array(left + right[::-1], dtype=float)
    rng = np.random.default_rng(seed)
    return mask, outline + rng.uniform(-noise, noise, outline.shape)


@given(row_convex(), st.sampled_from([0.0, 1e-9, 1e-6, 6e-4]), st.integers(0, 99))
def test_an_outline_through_pixel_centres_is_the_mask_it_was_traced_from(
    spans, noise, seed
):
    """Rounding of the coordinates on export decides nothing."""
    mask, outline = traced(spans, noise, seed)
    np.testing.assert_array_equal(polygons_to_mask([outline], SHAPE), mask)


def test_the_outline_of_a_hole_goes_through_pixels_of_the_roi():
    # rings of two pixels and of one: their outlines share pixels of the lower wall
    outer, hole = square(2, 12), square(4, 10)
    hole[2:, 0] = 12
    expected = np.zeros(SHAPE, dtype=bool)
    expected[2:13, 2:13] = True
    expected[5:12, 5:10] = False
    np.testing.assert_array_equal(polygons_to_mask([outer, hole], SHAPE), expected)
    np.testing.assert_array_equal(polygons_to_mask([hole, outer], SHAPE), expected)


@pytest.mark.parametrize(("margin", "taken"), [(5e-7, True), (2e-6, False)])
def test_an_edge_between_no_pixel_centres_is_taken_as_it_is(margin, taken):
    outline = square(4.5, 9.5)
    outline[:2, 0] = 4 + margin  # the upper edge, just below the centres of row 4
    assert polygons_to_mask([outline], SHAPE)[4].sum() == 5 * taken


def test_centres_on_slanted_edges_and_vertices():
    diamond = np.array([[2, 8], [8, 2], [14, 8], [8, 14]], dtype=float)
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    expected = np.abs(rows - 8) + np.abs(columns - 8) <= 6
    for shift in (0, 4e-4, -4e-4):
        found = polygons_to_mask([diamond + shift], SHAPE)
        np.testing.assert_array_equal(found, expected)


def write_slice(path, z=0.0, **header):
    return write_image(
        path,
        np.zeros(SHAPE, np.int16),
        ImagePositionPatient=[0, 0, z],
        PixelSpacing=[1, 1],
        **{"SliceThickness": 5, "SeriesInstanceUID": "1.2.3", **header},
    )


def at(polygon, z):
    rows, columns = polygon.T
    return np.column_stack([columns, rows, np.full(len(polygon), z)])


def structures(path, planes, names=None, series="1.2.3", listed=()):
    """Write one ROI; `planes` are pairs of a polygon and its z.

    `names` are the UIDs of the images that the contours refer to.
    """
    write_rtstruct(path, {"GTV": [at(*plane) for plane in planes]})
    dataset = dcmread(path)
    contours = dataset.ROIContourSequence[0].ContourSequence
    for contour, name in zip(contours, names or (), strict=False):
        contour.ContourImageSequence = images_of([name])
    referenced = Dataset()
    referenced.SeriesInstanceUID = series
    if listed:
        referenced.ContourImageSequence = images_of(listed)
    study = Dataset()
    study.RTReferencedSeriesSequence = Sequence([referenced])
    frame = Dataset()
    frame.FrameOfReferenceUID = FRAME
    frame.RTReferencedStudySequence = Sequence([study])
    dataset.ReferencedFrameOfReferenceSequence = Sequence([frame])
    dataset.save_as(path)
    return str(path)


def images_of(names):
    items = []
    for name in names:
        item = Dataset()
        item.ReferencedSOPInstanceUID = name
        items.append(item)
    return Sequence(items)


OUTER = square(4.5, 14.5)
OWN, NEXT = "1.2.3.100", "1.2.3.101"

# slices 5 mm thick every 2.5 mm, the contour on the next one
NEIGHBOURS = {
    "nothing but the thickness": {},
    "planes of several contours": {"planes": [2.5, 5.0, 7.5]},
    "named by the contour": {"names": [NEXT], "planes": [2.0]},
    "the image is listed": {"names": [NEXT], "listed": [OWN, NEXT], "planes": [0.2]},
    "the step is in the header": {"planes": [2.0], "header": 2.0},
}


@pytest.mark.parametrize("case", NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_a_contour_of_the_next_slice_is_not_taken(tmp_path, case):
    planes = [(OUTER, z) for z in case.get("planes", [2.5])]
    path = structures(
        tmp_path / "rs.dcm", planes, case.get("names"), listed=case.get("listed", ())
    )
    more = {"SpacingBetweenSlices": case["header"]} if "header" in case else {}
    image = read_image(write_slice(tmp_path / "i.dcm", SOPInstanceUID=OWN, **more))
    with pytest.raises(LesionError, match="no contour lies on this slice"):
        read_mask(path, image)


def test_the_image_that_a_contour_names_comes_first(tmp_path):
    planes = [(OUTER, 0.4), (square(1.5, 3.5), 0.1)]
    path = structures(tmp_path / "rs.dcm", planes, [OWN, NEXT])
    image = read_image(write_slice(tmp_path / "i.dcm", SOPInstanceUID=OWN))
    assert read_mask(path, image).sum() == 100


def test_names_that_contradict_the_planes_do_not_count(tmp_path):
    # every contour names the first image: a careless export
    planes = [(OUTER, 0.0), (square(1.5, 3.5), 5.0)]
    path = structures(tmp_path / "rs.dcm", planes, [OWN, OWN])
    for z, name, area in ((0, OWN, 100), (5, NEXT, 4)):
        image = read_image(write_slice(tmp_path / "i.dcm", z, SOPInstanceUID=name))
        assert read_mask(path, image).sum() == area


def test_renamed_images_are_joined_by_position(tmp_path):
    path = structures(tmp_path / "rs.dcm", [(OUTER, 0.3)], ["9.9.9"])
    image = read_image(write_slice(tmp_path / "i.dcm", SOPInstanceUID=OWN))
    assert read_mask(path, image).sum() == 100


def write_folder(folder, n=4):
    folder.mkdir()
    for section in range(n):
        write_slice(folder / f"{section}.dcm", 5.0 * section)
    return str(folder)


def test_a_stray_tiny_contour_does_not_refuse_the_lesion(tmp_path):
    folder = write_folder(tmp_path / "series")
    planes = [(OUTER, 5), (square(4.5, 12.5), 10), (square(6.1, 6.4), 15)]
    path = structures(tmp_path / "rs.dcm", planes)
    areas = roi_areas(open_image(folder), open_rois(tmp_path / "rs.dcm"), None)
    assert areas.tolist() == [0, 100, 64, 0]
    region = Lesion(folder, path).read()[""]
    assert region.mask.sum() == 100
    with pytest.raises(LesionError, match="enclose no pixel centre: too small"):
        Lesion(folder, path, section=3).read()
    rows = {"image": [folder], "mask": [path], "patient": ["P"]}
    table = expand_cohort(pd.DataFrame(rows), "all")
    assert table["section"].tolist() == [1, 2]


def test_a_lesion_of_nothing_but_tiny_contours_is_refused(tmp_path):
    folder = write_folder(tmp_path / "series")
    path = structures(tmp_path / "rs.dcm", [(square(6.1, 6.4), 15)])
    with pytest.raises(LesionError, match="any of the 4 slices.*On slice 3: .*too sma"):
        Lesion(folder, path).read()


def test_a_slice_drawn_twice_is_no_slice_without_a_lesion(tmp_path):
    folder = write_folder(tmp_path / "series")
    planes = [(OUTER, 5), (OUTER, 5), (square(4.5, 6.5), 10)]
    path = structures(tmp_path / "rs.dcm", planes)
    with pytest.raises(LesionError, match="drawn twice, so that they cancel"):
        Lesion(folder, path).read()


CROSSING = [square(4.5, 12.5), square(8.5, 16.5)]


def test_contours_that_cross_are_refused(tmp_path):
    image = read_image(write_slice(tmp_path / "i.dcm"))
    path = structures(tmp_path / "rs.dcm", [(one, 0) for one in CROSSING])
    with pytest.raises(LesionError, match="two contours on this slice cross"):
        read_mask(path, image)
    # DICOM says what is meant where they are of this kind
    points = [at(one, 0) for one in CROSSING]
    path = write_rtstruct(tmp_path / "x.dcm", {"GTV": points}, kind="CLOSEDPLANAR_XOR")
    assert read_mask(path, image).sum() == 64 + 64 - 2 * 16


@pytest.mark.parametrize(
    ("second", "area"),
    [
        (square(6.5, 8.5), 64 - 4),  # a hole
        (square(4.5, 8.5), 64 - 16),  # in the corner
        (square(5, 9), 64 - 9),  # a hole traced through pixels of the ROI
        (np.array([[4.5, 12.5], [4.5, 14.5], [8.5, 14.5], [8.5, 12.5]]), 64 + 8),
    ],
)
def test_holes_and_islands_do_not_cross(tmp_path, second, area):
    image = read_image(write_slice(tmp_path / "i.dcm"))
    path = structures(tmp_path / "rs.dcm", [(square(4.5, 12.5), 0), (second, 0)])
    assert read_mask(path, image).sum() == area


def test_a_common_corner_is_no_crossing(tmp_path):
    image = read_image(write_slice(tmp_path / "i.dcm"))
    planes = [(square(4.5, 14.5), 0), (square(13.5, 18.5), 0)]
    path = structures(tmp_path / "rs.dcm", planes)
    assert read_mask(path, image).sum() == 100 + 25 - 2


def test_a_frame_of_reference_that_differs_at_the_roi_alone(tmp_path):
    path = structures(tmp_path / "rs.dcm", [(OUTER, 0)])
    dataset = dcmread(path)
    dataset.StructureSetROISequence[0].ReferencedFrameOfReferenceUID = "1.2.3.4"
    dataset.save_as(path)
    image = read_image(write_slice(tmp_path / "i.dcm"))
    assert read_mask(path, image).sum() == 100
    other = read_image(write_slice(tmp_path / "o.dcm", SeriesInstanceUID="1.2.9"))
    with pytest.raises(LesionError, match=r"frame of reference 1\.2\.3\.4, the image"):
        read_mask(path, other)
    # the file knows the frame of the ROI as one of its own: it means it
    second = Dataset()
    second.FrameOfReferenceUID = "1.2.3.4"
    dataset.ReferencedFrameOfReferenceSequence.append(second)
    dataset.save_as(path)
    with pytest.raises(LesionError, match=r"frame of reference 1\.2\.3\.4, the image"):
        read_mask(path, image)


def test_two_items_of_one_roi_are_joined(tmp_path):
    points = {"GTV": [at(OUTER, 0)], "rest": [at(square(15.5, 17.5), 0)]}
    dataset = dcmread(write_rtstruct(tmp_path / "rs.dcm", points))
    dataset.ROIContourSequence[1].ReferencedROINumber = 1
    dataset.save_as(tmp_path / "rs.dcm")
    assert [roi.name for roi in RtStruct(tmp_path / "rs.dcm").rois] == ["GTV"]
    image = read_image(write_slice(tmp_path / "i.dcm"))
    assert read_mask(tmp_path / "rs.dcm", image).sum() == 104
    dataset.StructureSetROISequence[1].ROINumber = 1
    dataset.save_as(tmp_path / "rs.dcm")
    with pytest.raises(LesionError, match="two ROIs have the number 1: 'GTV' and 'r"):
        read_mask(tmp_path / "rs.dcm", image)


@pytest.mark.parametrize(
    ("characters", "name"), [("ISO_IR 192", "Herz groß 肿瘤"), ("ISO_IR 100", "Lésion")]
)
def test_names_keep_their_letters(tmp_path, characters, name):
    dataset = dcmread(write_rtstruct(tmp_path / "rs.dcm", {"GTV": [at(OUTER, 0)]}))
    dataset.SpecificCharacterSet = characters
    dataset.StructureSetROISequence[0].ROIName = name
    dataset.save_as(tmp_path / "rs.dcm")
    image = read_image(write_slice(tmp_path / "i.dcm"))
    assert read_mask(f"{tmp_path / 'rs.dcm'}#{name}", image).sum() == 100


@pytest.mark.skipif(not CASES.exists(), reason="the cases are not here")
def test_the_case_of_a_tiny_contour():
    folder = CASES / "tiny_contour"
    series = next(str(path) for path in folder.iterdir() if path.is_dir())
    lesion = Lesion(series, str(folder / "rs.dcm"))
    by_hand = Lesion(series, str(folder / "rs.dcm"), section=4)
    found, expected = lesion.read()[""], by_hand.read()[""]
    np.testing.assert_array_equal(found.mask, expected.mask)
    np.testing.assert_array_equal(found.image, expected.image)


def test_frames_of_one_file_share_its_name(tmp_path):
    scene = Scene()
    path = write_enhanced(tmp_path / "e.dcm", scene)
    dataset = dcmread(path)
    dataset.SeriesInstanceUID = "1.2.3"
    dataset.save_as(path)
    places = [read_image(path, section=at).geometry for at in range(N_SLICES)]
    assert {place.instance for place in places} == {None}
    assert {place.series for place in places} == {"1.2.3"}
    # a third of a slice away: still the nearest, whatever file it names
    points = places[2].to_patient(np.column_stack([square(3.5, 9.5), np.full(4, 1.0)]))
    structures(tmp_path / "rs.dcm", [(OUTER, 0)], [dataset.SOPInstanceUID])
    structure = dcmread(tmp_path / "rs.dcm")
    contour = structure.ROIContourSequence[0].ContourSequence[0]
    contour.ContourData = [f"{value:.6f}" for value in points.ravel()]
    structure.save_as(tmp_path / "rs.dcm")
    assert read_mask(tmp_path / "rs.dcm", read_image(path, section=2)).sum() == 36


@pytest.mark.parametrize("kind", ["anywhere", "on centres", "between them", "star"])
def test_a_polygon_encloses_what_scikit_image_says(kind):
    rng = np.random.default_rng(0)
    for _ in range(60):
        shape = tuple(rng.integers(1, 40, 2).tolist())
        points = rng.uniform(-5, 45, (int(rng.integers(1, 30)), 2))
        if kind == "star":
            angles = np.sort(rng.uniform(0, 2 * np.pi, len(points)))
            rays = np.column_stack([np.sin(angles), np.cos(angles)])
            points = 20 + rays * rng.uniform(3, 15, (len(points), 1))
        elif kind != "anywhere":
            points = np.rint(points) + (0.5 if kind == "between them" else 0)
        on = _on_outline(points, shape)
        found, expected = _enclosed(points, shape), polygon2mask(shape, points)
        np.testing.assert_array_equal(found & ~on, expected & ~on)
