"""Images and ROIs come back from files as they went in."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn.deploy import write_segmentation
from sklearn_orn.images import Image2D, Lesion, read_image, read_mask
from sklearn_orn.images.formats._dicom_pixels import decode_frame
from sklearn_orn.testing.strategies import images, lesions, rois
from tests._examples import examples

from ._make import dicom_image, write_image, write_png
from ._volumes import write_nifti, write_nrrd

STORED = ("uint8", "uint16", "int16")


@st.composite
def slices(draw, dtypes=STORED):
    image = draw(images(max_side=20, dtypes=dtypes))
    return image, draw(rois(image.shape))


def write_tiff(path, mask):
    from PIL import Image

    Image.fromarray(mask.astype(np.uint8) * 255).save(path)


def write_npy(path, mask):
    np.save(path, mask)


WRITERS = {
    "mask.png": lambda path, mask: write_png(path, mask.astype(np.uint8) * 255),
    "bit.png": write_png,
    "mask.tif": write_tiff,
    "mask.npy": write_npy,
}


@given(slices(), st.sampled_from(sorted(WRITERS)))
@examples(60)
def test_a_picture_of_a_mask_is_the_mask(drawn, name):
    """Whatever paints it, black is outside and everything else inside."""
    image, mask = drawn
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        WRITERS[name](path, mask)
        found = read_mask(path, Image2D(image))
    np.testing.assert_array_equal(found, mask)
    assert found.dtype == bool


@given(slices())
@examples(40)
def test_dicom_pixels_are_the_stored_values(drawn):
    """Features are of what the scanner stored: no slope, no window, no type."""
    image, _ = drawn
    with tempfile.TemporaryDirectory() as folder:
        found = read_image(write_image(Path(folder) / "image.dcm", image))
    np.testing.assert_array_equal(found.pixels, image)
    assert found.geometry.spacing == (0.5, 0.25)


@given(slices(), st.integers(0, 2), st.lists(st.integers(0, 2), unique=True))
@examples(20)
def test_volumes_lie_where_they_lay_whatever_the_order_of_axes(drawn, axis, flips):
    """A program may store a volume along any axis, from either end.

    The ROI is found by where it lies in the patient.
    """
    image, mask = drawn
    affine = np.diag([0.5, 0.25, 3.0, 1.0])
    shape = (*mask.T.shape, 1)
    array, stored = mask.T.reshape(shape).astype(np.uint8), affine.copy()
    for flip in flips:
        stored[:3, 3] += stored[:3, flip] * (array.shape[flip] - 1)
        stored[:3, flip] *= -1
        array = np.flip(array, flip)
    order = np.roll(range(3), axis)
    stored[:, :3] = stored[:, order]
    array = array.transpose(order)
    grid = image.T.reshape(shape).astype(np.int16)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shown = read_image(write_nifti(folder / "image.nii", grid, affine), section=0)
        found = [
            read_mask(write_nifti(folder / "mask.nii", array, stored), shown),
            read_mask(write_nrrd(folder / "mask.nrrd", array, stored), shown),
        ]
    for one in found:
        np.testing.assert_array_equal(one, _as_shown(mask, shown))


def _as_shown(mask, image):
    """NIfTI's first axis may be shown as rows or as columns."""
    return mask if image.pixels.shape == mask.shape else mask.T


# highdicom mixes up the bits of frames of fewer than 8 pixels.
@given(lesions(min_side=3, max_side=20, dtypes=["uint16"], readers=["A", "B"]))
@examples(8)
@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
def test_a_dicom_segmentation_is_the_outline_of_each_reader(lesion):
    """What goes back to the archive is what was measured."""
    pytest.importorskip("highdicom")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = write_image(
            folder / "image.dcm",
            lesion.image,
            StudyInstanceUID="1.2.826.0.1.3680043.8.498.2",
            SeriesInstanceUID="1.2.826.0.1.3680043.8.498.3",
            ImageType=["ORIGINAL", "PRIMARY"],
        )
        stored = write_segmentation(Lesion(path, lesion.masks), folder / "seg.dcm")
        image = read_image(path)
        for reader, mask in lesion.masks.items():
            np.testing.assert_array_equal(read_mask(f"{stored}#{reader}", image), mask)


@pytest.mark.parametrize("frame", range(3))
@pytest.mark.parametrize("shape", [(5, 1), (2, 7), (3, 5), (217, 181)])
def test_frames_of_single_bits_may_start_within_a_byte(tmp_path, frame, shape):
    # Found by hypothesis: pydicom cannot decode such a frame by itself.
    masks = np.random.default_rng(0).random((3, *shape)) < 0.5
    dataset = dicom_image(masks[0].astype(np.uint8), NumberOfFrames=3)
    dataset.BitsAllocated = dataset.BitsStored = 1
    dataset.HighBit = 0
    packed = np.packbits(masks.ravel(), bitorder="little").tobytes()
    dataset.PixelData = packed + b"\0" * (len(packed) % 2)
    dataset["PixelData"].VR = "OB"
    found = decode_frame(dataset, tmp_path / "mask.dcm", frame)
    np.testing.assert_array_equal(found, masks[frame])
