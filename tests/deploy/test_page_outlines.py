"""The page lays outlines on a volume as sklearn_orn.images does, or refuses them."""

from pathlib import Path

import numpy as np
import pytest

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._areas import largest_section
from sklearn_orn.images._image_file import NotOnSlice
from sklearn_orn.images.formats._registry import open_image, open_rois
from tests._data import SHARED, needs_shared
from tests.images._make import (
    FRAME,
    dicom_image,
    square,
    write_image,
    write_png,
    write_rtstruct,
)
from tests.images._volumes import (
    ORIENTATIONS,
    SPACING,
    Scene,
    write_enhanced,
    write_nifti,
    write_seg,
)
from tests.images.test_misfit import moved, scaled, turned
from tests.images.test_painted import palette

from ._node import needs_node
from ._page_reader import ask, mask_of

pytestmark = needs_node


def outline_case(path, image, **more):
    image = Path(image)
    files = sorted(map(str, image.iterdir())) if image.is_dir() else [str(image)]
    return {"task": "outlines", "files": [str(path)], "image": files, **more}


def by_python(path, image, roi):
    """Lay a ROI on each slice, as the areas of a cohort are measured."""
    masks, rois = {}, open_rois(Path(path))
    for section in range(len(image)):
        try:
            masks[section] = rois.mask(roi, image.blank(section))
        except NotOnSlice:
            continue
    return masks


def check(cases):
    """`cases`: outlines, image, and the names by which Python takes them."""
    answers = ask([outline_case(path, image) for path, image, _ in cases])
    for (path, image_path, names), answer in zip(cases, answers, strict=True):
        assert "value" in answer, (path, answer)
        image = open_image(image_path)
        assert len(answer["value"]) == len(names)
        for found, name in zip(answer["value"], names, strict=True):
            masks = by_python(path, image, name)
            assert sorted(map(int, found["masks"])) == sorted(masks), path
            for section, mask in masks.items():
                own = mask_of(found["masks"][str(section)], image.shapes[section])
                np.testing.assert_array_equal(own, mask, err_msg=str(path))
            largest = largest_section(image, open_rois(Path(path)), name)
            assert found["largest"] == largest


def contours(scene, section, *polygons, distance=0.0):
    """Points in mm of polygons in rows and columns of a slice."""
    found = []
    for polygon in polygons:
        rows, columns = np.asarray(polygon, float).T
        steps = np.outer(columns * SPACING[1], scene.axes[0])
        steps += np.outer(rows * SPACING[0], scene.axes[1])
        found.append(steps + scene.position(section) + distance * scene.axes[2])
    return found


def blob(rng, n=30):
    angles = np.sort(rng.uniform(0, 2 * np.pi, n))
    radius = rng.uniform(2, 7, n)
    return np.column_stack([9 + radius * np.sin(angles), 11 + radius * np.cos(angles)])


def test_structure_sets(tmp_path):
    check([case for name in ORIENTATIONS for case in structure_sets(tmp_path, name)])


def structure_sets(tmp_path, name):
    rng = np.random.default_rng(6)
    scene = Scene(ORIENTATIONS[name])
    folder = scene.write_series(tmp_path / name)
    rois = {
        "GTV": [p for k in (1, 2, 4) for p in contours(scene, k, blob(rng))],
        "hole": contours(scene, 2, square(3, 15), square(6, 9)),
        "traced": contours(scene, 3, np.rint(blob(rng))),
        "off": contours(scene, 2, square(3, 9), distance=0.9),
    }
    path = write_rtstruct(tmp_path / f"{name}.dcm", rois)
    xor = write_rtstruct(
        tmp_path / f"{name} x.dcm",
        {"A": contours(scene, 1, square(2, 9), square(5, 14))},
        kind="CLOSEDPLANAR_XOR",
    )
    return [(path, folder, list(rois)), (xor, folder, ["A"])]


def test_segmentations(tmp_path):
    cases = []
    for name, orientation in ORIENTATIONS.items():
        scene = Scene(orientation)
        other = np.random.default_rng(7).random(scene.mask.shape) > 0.8
        segments = {"GTV": scene.mask, "other": other}
        image = write_enhanced(tmp_path / f"{name}.dcm", scene)
        for kind in ("BINARY", "FRACTIONAL"):
            path = write_seg(tmp_path / f"{name} {kind}.dcm", scene, segments, kind)
            cases.append((path, image, ["GTV", "other"]))
    check(cases)


def test_label_maps(tmp_path):
    check([case for name in ORIENTATIONS for case in label_maps(tmp_path, name)])


def label_maps(tmp_path, name):
    scene = Scene(ORIENTATIONS[name])
    image = write_enhanced(tmp_path / f"{name}.dcm", scene)
    labels = scene.mask.astype(np.uint8) * 3
    labels[2, 14:17, 2:5] = 7
    cases = []
    crop = (slice(2, 22), slice(1, 18), slice(0, 5))
    for number, (order, flips) in enumerate(
        [((0, 1, 2), ()), ((2, 0, 1), (0, 2)), ((1, 0, 2), (1,))]
    ):
        for cut in (None, crop):
            stored = scene.stored(labels, flips, order, cut)
            end = ".nii.gz" if cut else ".nii"
            path = write_nifti(tmp_path / f"{name}{number}{end}", *stored)
            cases.append((path, image, ["3", "7"]))
    scaled_ = scene.stored((scene.mask * 2).astype(np.float32))
    path = write_nifti(tmp_path / f"{name}.nii", *scaled_)
    return [*cases, (path, image, ["2"])]


def test_paint(tmp_path):
    mask = np.zeros((8, 9), bool)
    mask[2:5, 3:8] = True
    image = write_image(tmp_path / "i.dcm", np.zeros((8, 9), np.int16))
    labels = mask.astype(np.uint8)
    labels[6, :3] = 2
    white = np.full((8, 9, 4), 255, np.uint8)
    white[..., 3] = 255 * mask
    black = white.copy()
    black[..., :3] = 0
    colours = [(0, 0, 0), (255, 0, 0), (0, 255, 0)]
    check(
        [
            (write_png(tmp_path / "1.png", mask), image, [None]),
            (write_png(tmp_path / "8.png", mask * np.uint8(255)), image, [None]),
            (write_png(tmp_path / "16.png", mask * np.uint16(999)), image, [None]),
            (write_png(tmp_path / "w.png", white), image, [None]),
            (write_png(tmp_path / "b.png", black), image, [None]),
            (write_png(tmp_path / "l.png", labels), image, ["1", "2"]),
            (palette(tmp_path / "p.png", colours, labels), image, ["1", "2"]),
        ]
    )


def test_a_picture_is_laid_on_the_slice_that_is_shown(tmp_path):
    scene = Scene()
    image = write_enhanced(tmp_path / "e.dcm", scene)
    path = write_png(tmp_path / "m.png", scene.mask[3])
    answers = ask([outline_case(path, image, section=3), outline_case(path, image)])
    assert list(answers[0]["value"][0]["masks"]) == ["3"]
    assert answers[1]["refused"] == "refused_flat_mask"


def misfits(tmp_path):
    """Outlines that Python refuses on an image, and the page's key for the reason."""
    scene = Scene()
    folder = scene.write_series(tmp_path / "series")
    flat = write_image(tmp_path / "i.dcm", scene.pixels[0])
    bare = dict.fromkeys(("ImagePositionPatient", "PixelSpacing"))
    nowhere = write_image(tmp_path / "n.dcm", scene.pixels[0], **bare)
    drawn = scene.mask.astype(np.uint8)

    def nifti(name, change=lambda a: a, values=drawn):
        array, affine = scene.stored(values)
        return write_nifti(tmp_path / f"{name}.nii", array, change(affine))

    def rtstruct(name, *polygons, section=2, **settings):
        rois = {"GTV": contours(scene, section, *polygons)}
        return write_rtstruct(tmp_path / f"{name}.dcm", rois, **settings)

    smooth = np.linspace(0, 200, drawn[0].size).reshape(drawn[0].shape)
    faint = np.zeros((*drawn[0].shape, 4), np.uint8)
    faint[4:9, 4:9, 3] = np.arange(1, 6)
    across = Scene(ORIENTATIONS["sagittal"])
    return [
        ("refused_shifted", nifti("half", lambda a: moved(a, 0.5, 0.25, 0)), folder),
        ("refused_shifted", nifti("between", lambda a: moved(a, 0, 0, 0.4)), folder),
        ("refused_other_spacing", nifti("s", lambda a: scaled(a, 2, 2, 1)), folder),
        ("refused_other_spacing", nifti("h", lambda a: scaled(a, 0.5, 0.5, 1)), folder),
        ("refused_rotated", nifti("t", lambda a: turned(a, 10)), folder),
        ("refused_mirrored", nifti("m", lambda a: np.diag([-1, -1, 1, 1]) @ a), folder),
        ("refused_outside", nifti("out", lambda a: moved(a, 15, 0, 0)), folder),
        (
            "refused_nothing_on_slice",
            nifti("far", lambda a: moved(a, 0, 0, 40)),
            folder,
        ),
        ("refused_not_placed", nifti("placed"), nowhere),
        ("refused_mask_empty", nifti("empty", values=drawn * 0), folder),
        ("refused_not_whole", nifti("soft", values=drawn * 0.4), folder),
        ("refused_outside", rtstruct("o", square(-4, 5)), folder),
        (
            "refused_mirrored",
            write_rtstruct(
                tmp_path / "ras.dcm",
                {"A": [p * (-1, -1, 1) for p in contours(scene, 2, square(3, 8))]},
            ),
            folder,
        ),
        ("refused_crossing", rtstruct("c", square(2, 9), square(5, 14)), folder),
        ("refused_drawn_twice", rtstruct("d", square(2, 9), square(2, 9)), folder),
        ("refused_too_small", rtstruct("z", square(2.2, 2.6)), folder),
        (
            "refused_frame_of_reference",
            rtstruct("f", square(2, 9), frame="9.9"),
            folder,
        ),
        (
            "refused_no_closed_contour",
            rtstruct("p", square(2, 9), kind="POINT"),
            folder,
        ),
        (
            "refused_other_orientation",
            write_rtstruct(
                tmp_path / "a.dcm", {"A": contours(across, 2, square(2, 9))}
            ),
            folder,
        ),
        ("refused_mask_shape", write_png(tmp_path / "t.png", drawn[2].T), flat),
        (
            "refused_many_paints",
            write_png(tmp_path / "g.png", smooth.astype(np.uint8)),
            flat,
        ),
        ("refused_opacity", write_png(tmp_path / "f.png", faint), flat),
        ("refused_outline_dicom", flat, folder),
        (
            "refused_frame_of_reference",
            write_seg(tmp_path / "s.dcm", scene, {"A": scene.mask}, frame="9.9"),
            folder,
        ),
        (
            "refused_nothing_on_slice",
            write_seg(tmp_path / "s2.dcm", scene, {"A": scene.mask}),
            far_away(tmp_path, scene),
        ),
        (
            "refused_between_slices",
            write_seg(tmp_path / "s3.dcm", scene, {"A": scene.mask}),
            shifted_slice(tmp_path, scene),
        ),
    ]


def far_away(tmp_path, scene):
    header = scene.header(2)
    header["ImagePositionPatient"][2] += 90
    return write_image(tmp_path / "far.dcm", scene.pixels[2], **header)


def shifted_slice(tmp_path, scene):
    header = scene.header(2)
    header["ImagePositionPatient"][2] += 1.1
    return write_image(tmp_path / "shift.dcm", scene.pixels[2], **header)


def test_what_does_not_fit_is_refused_for_its_reason(tmp_path):
    cases = misfits(tmp_path)
    answers = ask([outline_case(path, image) for _, path, image in cases])
    for (key, path, image), answer in zip(cases, answers, strict=True):
        assert answer.get("refused") == key, (path, answer)
        with pytest.raises(LesionError):
            assert not by_python_or_nothing(path, image), path


def by_python_or_nothing(path, image_path):
    """Raise where no slice has an outline, too."""
    image = open_image(image_path)
    if not (masks := by_python(path, image, None)):
        raise LesionError("nothing was drawn on any slice")
    return masks


def test_one_outline_that_fits_is_enough(tmp_path):
    scene = Scene()
    rois = {
        "far": contours(scene, 2, square(2, 9), distance=99.0),
        "near": contours(scene, 2, square(2, 9)),
    }
    path = write_rtstruct(tmp_path / "rs.dcm", rois, frame=FRAME)
    folder = scene.write_series(tmp_path / "s")
    (answer,) = ask([outline_case(path, folder)])
    assert [found["name"] for found in answer["value"]] == ["near"]


def test_contours_that_name_their_image(tmp_path):
    """Of overlapping slices a contour is that of the image that it names."""
    from pydicom import dcmread
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    scene = Scene()
    folder = tmp_path / "s"
    folder.mkdir()
    for section in range(3):
        dataset = dicom_image(scene.pixels[section], **scene.header(section))
        dataset.SOPInstanceUID, dataset.SeriesInstanceUID = f"1.2.{section}", "1.2"
        dataset.SliceThickness = 6
        dataset.save_as(folder / f"{section}", enforce_file_format=True)
    rois = {"A": contours(scene, 1, square(3, 9), distance=1.2)}
    path = write_rtstruct(tmp_path / "rs.dcm", rois)
    structure = dcmread(path)
    named = Dataset()
    named.ReferencedSOPInstanceUID = "1.2.2"
    (contour,) = structure.ROIContourSequence[0].ContourSequence
    contour.ContourImageSequence = Sequence([named])
    structure.save_as(path)
    check([(path, folder, ["A"])])


@needs_shared("sts_mr_t1")
def test_real_structure_sets():
    folder = SHARED / "sts_mr_t1"
    cases = []
    for case in sorted((folder / "full_series").iterdir()):
        cases.append((case / "mask" / "RS.dcm", case / "image"))
    for path in sorted(folder.glob("rtstruct/*.dcm"))[::10]:
        name = path.name.removesuffix("_RS.dcm")
        for slice_ in sorted((folder / "slices" / name).glob("*.dcm"))[:1]:
            cases.append((path, slice_))
    check([(p, i, [roi.name for roi in open_rois(p).rois]) for p, i in cases])


@needs_shared("breast_mr_seg")
def test_a_real_segmentation(tmp_path):
    folder = SHARED / "breast_mr_seg"
    (path,) = (folder / "seg").iterdir()
    (tmp_path / "some").mkdir()
    for image in sorted((folder / "image").iterdir())[::5]:
        (tmp_path / "some" / image.name).symlink_to(image)
    check([(path, tmp_path / "some", ["Breast"])])
