"""Several slices at one place, packed volumes, and files that say what they are."""

import gzip
import shutil
import struct

import numpy as np
import pandas as pd
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import (
    Lesion,
    as_lesions,
    check_cohort,
    expand_cohort,
    protocol_table,
    read_image,
    read_mask,
)
from sklearn_orn.images.formats._volume import Stored
from sklearn_orn.images.formats._volume_image import open_volume

from .._data import SHARED
from ._make import write_image
from ._volumes import N_SLICES, SHAPE, Scene, write_enhanced, write_nifti, write_nrrd

FOLDERS = SHARED.parent / "cases" / "folders"


def item(**values):
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def diffusion(b, way=None):
    group = item(DiffusionBValue=float(b))
    if way is not None:
        ways = item(DiffusionGradientOrientation=[float(v) for v in way])
        group.DiffusionGradientDirectionSequence = Sequence([ways])
    return {"MRDiffusionSequence": Sequence([group])}


def time_point(number):
    return {"FrameContentSequence": Sequence([item(TemporalPositionIndex=number)])}


def enhanced(path, scenes, groups):
    """Write the frames of several scenes into one file, with a group of each."""
    dataset = dcmread(write_enhanced(path, scenes[0]))
    frames, pixels = [], []
    for scene, group in zip(scenes, groups, strict=True):
        for frame in dcmread(
            write_enhanced(path, scene)
        ).PerFrameFunctionalGroupsSequence:
            for keyword, value in group.items():
                setattr(frame, keyword, value)
            frames.append(frame)
        pixels.append(scene.pixels)
    dataset.PerFrameFunctionalGroupsSequence = Sequence(frames)
    dataset.NumberOfFrames = len(frames)
    dataset.PixelData = np.concatenate(pixels).astype("<i2").tobytes()
    dataset.save_as(path)
    return str(path)


@pytest.fixture
def b_values(tmp_path):
    scenes = [Scene(seed=1), Scene(seed=2)]
    path = enhanced(tmp_path / "dwi.dcm", scenes, [diffusion(0), diffusion(800)])
    mask = write_nifti(
        tmp_path / "m.nii", *scenes[0].stored(scenes[0].mask.astype("u1"))
    )
    return scenes, path, mask


def test_b_values_are_listed_and_chosen(b_values):
    scenes, path, mask = b_values
    with pytest.raises(
        LesionError,
        match=r"10 slices at 5 places.*'b=0' \(5\), 'b=800' \(5\).*'stack'.*#frame=b=0",
    ):
        Lesion(path, mask).read()
    for scene, name in zip(scenes, ("b=0", "b=800"), strict=True):
        for lesion in (
            Lesion(path, mask, stack=name),
            Lesion(f"{path}#frame={name}", mask),
            Lesion(path, mask, stack=name.removeprefix("b=")),
        ):
            region = lesion.read()[""]
            np.testing.assert_array_equal(region.image, scene.pixels[2])
            np.testing.assert_array_equal(region.mask, scene.mask[2])
    image = read_image(path, section=4, stack="b=800")
    np.testing.assert_array_equal(image.pixels, scenes[1].pixels[4])
    with pytest.raises(LesionError, match=r"'b=7' was asked for, and .* has b 0, 800;"):
        read_image(path, section=4, stack="b=7")
    with pytest.raises(LesionError, match="choose different frames"):
        read_image(f"{path}#frame=b=0", section=4, stack="b=800")


def test_b_values_of_files_of_one_slice(tmp_path):
    scenes = [Scene(seed=1), Scene(seed=2)]
    for scene, b in zip(scenes, (0, 800), strict=True):
        for section in range(N_SLICES):
            more = scene.header(section) | {"DiffusionBValue": float(b)}
            more |= {"SeriesInstanceUID": "1.2", "SeriesNumber": 4}
            write_image(tmp_path / f"{b}_{section}", scene.pixels[section], **more)
    with pytest.raises(LesionError, match=r"'b=0' \(5\), 'b=800' \(5\)"):
        read_image(tmp_path, section=1)
    found = read_image(tmp_path, section=1, stack="b=800").pixels
    np.testing.assert_array_equal(found, scenes[1].pixels[1])


def test_the_column_stack(b_values):
    scenes, path, mask = b_values
    table = pd.DataFrame(
        {
            "image": [path, path, f"{path}#frame=b=800"],
            "mask": mask,
            "patient": "P",
            "stack": ["b=0", "800", None],
        }
    )
    found = [lesion.read()[""].image for lesion in as_lesions(table)]
    for image, number in zip(found, (0, 1, 1), strict=True):
        np.testing.assert_array_equal(image, scenes[number].pixels[2])
    assert expand_cohort(table)["section"].tolist() == [2, 2, 2]
    assert len(expand_cohort(table, "all")) == 9
    keys = {lesion.fingerprint() for lesion in as_lesions(table)}
    assert len(keys) == 3
    assert protocol_table(table)["matrix"].tolist() == [f"{SHAPE[0]} x {SHAPE[1]}"] * 3
    assert check_cohort(table).n_readable == 3


def test_messages_without_paths_name_no_file(b_values):
    _, path, mask = b_values
    lesion = Lesion(f"{path}#frame=b=9", mask).without_paths()
    with pytest.raises(LesionError, match="of the table has b 0, 800") as caught:
        lesion.read()
    assert "dwi.dcm" not in str(caught.value)


def test_directions_and_time_points(tmp_path):
    scenes = [Scene(seed=seed) for seed in range(4)]
    groups = [diffusion(0), *(diffusion(900, way) for way in np.eye(3))]
    path = enhanced(tmp_path / "d.dcm", scenes, groups)
    with pytest.raises(LesionError, match="'b=900, direction=1/0/0'|'direction=1/0/0'"):
        read_image(path, section=0)
    image = read_image(path, section=1, stack="b=900, direction=0/1/0")
    np.testing.assert_array_equal(image.pixels, scenes[2].pixels[1])
    with pytest.raises(LesionError, match="15 slices at 5 places"):
        read_image(path, section=0, stack="b=900")
    path = enhanced(tmp_path / "t.dcm", scenes[:3], [time_point(n) for n in (1, 2, 3)])
    with pytest.raises(LesionError, match=r"'time=1' \(5\), 'time=2' \(5\), 'time=3'"):
        read_image(path, section=0)
    image = read_image(path, section=0, stack="time=3")
    np.testing.assert_array_equal(image.pixels, scenes[2].pixels[0])


def series_of(tmp_path, name, *headers, seeds=None):
    """Write stacks of one series into one folder, each with a header of its own."""
    folder = tmp_path / name
    for number, header in enumerate(headers):
        scene = Scene(seed=number if seeds is None else seeds[number])
        part = tmp_path / f"{name}{number}"
        scene.write_series(part)
        for path in part.iterdir():
            dataset = dcmread(path)
            for keyword, value in header.items():
                setattr(dataset, keyword, value)
            folder.mkdir(exist_ok=True)
            dataset.save_as(folder / f"{number}{path.name}")
    return str(folder)


def test_stacks_of_a_folder(tmp_path):
    folder = series_of(tmp_path, "e", {"EchoTime": 10}, {"EchoTime": 45.5})
    with pytest.raises(LesionError, match=r"'echo=10' \(5\), 'echo=45.5' \(5\)"):
        read_image(folder, section=0)
    found = read_image(f"{folder}#frame=echo=45.5", section=3).pixels
    np.testing.assert_array_equal(found, Scene(seed=1).pixels[3])
    mask = np.ones(SHAPE)
    one, other = (
        Lesion(f"{folder}#frame=echo={n}", mask, section=0) for n in (10, 45.5)
    )
    assert one.fingerprint() != other.fingerprint()


def test_stacks_that_nothing_tells_apart(tmp_path):
    folder = series_of(tmp_path, "n", {}, {})
    with pytest.raises(LesionError, match="do not tell which is which"):
        read_image(folder, section=0)
    # a number of its own for each slice is no stack
    for number, path in enumerate(sorted((tmp_path / "n").iterdir())):
        dataset = dcmread(path)
        dataset.AcquisitionNumber = number
        dataset.save_as(path)
    with pytest.raises(LesionError, match="do not tell which is which"):
        read_image(folder, section=0)


def test_copies_are_called_copies(tmp_path):
    folder = Scene().write_series(tmp_path / "s")
    first = sorted((tmp_path / "s").iterdir())[1]
    shutil.copy(first, tmp_path / "s" / "copy.dcm")
    with pytest.raises(
        LesionError, match=r"They are copies: '.*' and '.*' hold one im"
    ):
        read_image(folder, section=0)
    many = series_of(tmp_path, "m", {"EchoTime": 10}, {"EchoTime": 45})
    shutil.copy(tmp_path / "m" / "0IM4003", tmp_path / "m" / "copy.dcm")
    with pytest.raises(LesionError, match=r"copies: '.*0IM4003' and '.*copy.dcm'"):
        read_image(many, section=0)
    again = series_of(tmp_path, "a", {}, {}, seeds=(3, 3))  # sent again, with new UIDs
    with pytest.raises(LesionError, match="They are copies"):
        read_image(again, section=0)


def test_two_series_of_one_number_are_told_apart(tmp_path):
    first, second = Scene(seed=1), Scene(seed=2)
    folder = first.write_series(tmp_path / "s", series="1.2.3", number=4)
    second.write_series(tmp_path / "t", series="1.2.9", number=4)
    for path in (tmp_path / "t").iterdir():
        path.rename(tmp_path / "s" / f"t{path.name}")
    listed = r"4, UID 1\.2\.3 \(MR, 5 files\), 4, UID 1\.2\.9 \(MR, 5 files\)"
    for series in (None, "4"):
        with pytest.raises(LesionError, match=listed):
            read_image(folder, section=0, series=series)
    found = read_image(folder, section=2, series="1.2.9").pixels
    np.testing.assert_array_equal(found, second.pixels[2])


def test_a_mosaic_is_refused(tmp_path):
    kind = ["ORIGINAL", "PRIMARY", "M", "NORM", "MOSAIC"]
    path = write_image(tmp_path / "i.dcm", Scene().pixels[0], ImageType=kind)
    with pytest.raises(LesionError, match="is a Siemens mosaic"):
        read_image(path)
    plain = write_image(tmp_path / "p.dcm", Scene().pixels[0], ImageType=kind[:4])
    assert read_image(plain).pixels.shape == SHAPE


def test_bright_low_values_are_warned_of(tmp_path):
    pixels = Scene().pixels[0]
    paths = [
        write_image(tmp_path / f"{n}.dcm", pixels + n, PhotometricInterpretation=kind)
        for n, kind in enumerate(("MONOCHROME1", "MONOCHROME2"))
    ]
    report = check_cohort([Lesion(path, pixels > 2000) for path in paths])
    (text,) = [p.text for p in report.warnings if "MONOCHROME1" in p.text]
    assert text.startswith("lesion (row 0), image: its low values are bright")


@pytest.mark.skipif(not FOLDERS.is_dir(), reason="no shared cases here")
def test_the_shared_folders():
    mask = np.ones((64, 64))
    with pytest.raises(LesionError, match=r"'time=none' \(8\), 'time=2' \(8\)"):
        Lesion(str(FOLDERS / "d_4d"), mask, section=0).read()
    chosen = Lesion(str(FOLDERS / "d_4d"), mask, section=0, stack="time=2")
    np.testing.assert_array_equal(
        chosen.read()[""].image, dcmread(FOLDERS / "d_4d" / "b0.dcm").pixel_array
    )
    with pytest.raises(LesionError, match="is a Siemens mosaic"):
        Lesion(str(FOLDERS / "d_mosaic"), mask).read()
    report = check_cohort([Lesion(str(FOLDERS / "d_mono1"), mask, section=0)])
    assert "low values are bright" in str(report)


# Packed and wide volumes -------------------------------------------------------------


def packed(tmp_path, scene, pack):
    path = write_nifti(tmp_path / "plain.nii", *scene.stored(scene.pixels))
    content = (tmp_path / "plain.nii").read_bytes()
    assert path
    target = tmp_path / "i.nii.gz"
    target.write_bytes(pack(content))
    return target


def test_gzip_of_several_members(tmp_path):
    scene = Scene()

    def pack(content):
        cuts = [0, 200, 352, 5000, len(content)]  # also within the header
        pieces = zip(cuts, cuts[1:], strict=False)
        return b"".join(gzip.compress(content[a:b]) for a, b in pieces) + bytes(7)

    path = packed(tmp_path, scene, pack)
    for section in range(N_SLICES):
        found = read_image(path, section=section).pixels
        np.testing.assert_array_equal(found, scene.pixels[section])


@pytest.mark.parametrize("section", [0, N_SLICES - 1])
def test_pixels_are_not_believed_before_the_checksum(tmp_path, section):
    path = packed(tmp_path, Scene(), gzip.compress)
    content = bytearray(path.read_bytes())
    content[-8] ^= 1  # the CRC of gzip
    path.write_bytes(content)
    with pytest.raises(LesionError, match="gzip stream cannot be unpacked"):
        read_image(path, section=section)
    path.write_bytes(content[:-8])
    with pytest.raises(LesionError, match="ends before its checksum"):
        read_image(path, section=section)


def test_a_mask_is_not_believed_before_the_checksum(tmp_path):
    scene = Scene()
    image = read_image(
        write_nifti(tmp_path / "i.nii", *scene.stored(scene.pixels)), section=2
    )
    path = write_nifti(tmp_path / "m.nii.gz", *scene.stored(scene.mask.astype("u1")))
    np.testing.assert_array_equal(read_mask(path, image), scene.mask[2])
    content = bytearray((tmp_path / "m.nii.gz").read_bytes())
    content[-8] ^= 1
    (tmp_path / "m.nii.gz").write_bytes(content)
    with pytest.raises(LesionError, match="gzip stream cannot be unpacked"):
        read_mask(path, image)


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2"])
def test_planes_across_the_storage(tmp_path, encoding):
    scene = Scene()
    for order in ((2, 0, 1), (0, 2, 1)):
        array, affine = scene.stored(scene.pixels, order=order)
        path = write_nrrd(tmp_path / "i.nrrd", array, affine, encoding=encoding)
        for section in range(N_SLICES):
            found = read_image(path, section=section).pixels
            np.testing.assert_array_equal(found, scene.pixels[section])


def test_a_ct_of_64_bits_is_read_slice_by_slice(tmp_path):
    """512 x 512 x 300 numbers of 8 bytes are 629 MB; one slice is 2 MB."""
    path = tmp_path / "ct.raw"
    shape = (512, 512, 300)
    last = np.arange(512 * 512, dtype="<f8")
    with path.open("wb") as file:  # sparse: it takes no room
        file.seek(512 * 512 * 299 * 8)
        file.write(last.tobytes())
    stored = Stored(
        path, "NIfTI", shape, np.dtype("<f8"), 0, affine=np.diag([0.9, 0.9, 2.0, 1.0])
    )
    stored.check()
    image = open_volume(stored).read(299)
    np.testing.assert_array_equal(image.pixels, last.reshape(512, 512))
    assert not open_volume(stored).read(0).pixels.any()
    with pytest.raises(LesionError, match="more than"):
        stored.voxels()  # a mask is read as a whole


def test_halves_of_a_pair_are_named(tmp_path):
    import nibabel

    values = np.ones((4, 5, 6), np.int16)
    for name, kind in (("n", nibabel.Nifti1Pair), ("a", nibabel.AnalyzeImage)):
        nibabel.save(kind(values, np.eye(4)), tmp_path / f"{name}.img")
    nibabel.save(nibabel.Nifti1Pair(values, np.eye(4)), tmp_path / "z.img.gz")
    paths = sorted(tmp_path.iterdir())
    assert len(paths) == 6
    for path in paths:
        with pytest.raises(
            LesionError, match=r"one half of a .* pair \(.hdr and .img\)"
        ):
            read_image(path)
    (tmp_path / "alone.img").write_bytes(b"no header")
    with pytest.raises(LesionError, match="unknown format"):
        read_image(tmp_path / "alone.img")


def write_big_tiff(path, pixels):
    """Write one strip of grey levels with addresses of 64 bits."""
    rows, columns = pixels.shape
    strip = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
    fields = [  # tag, its type (short or long of 64 bits), value
        *((256, 3, columns), (257, 3, rows), (258, 3, 8 * pixels.dtype.itemsize)),
        *((259, 3, 1), (262, 3, 1), (273, 16, 16), (277, 3, 1), (278, 3, rows)),
        (279, 16, len(strip)),
    ]
    entries = [struct.pack("<HHQQ", tag, kind, 1, value) for tag, kind, value in fields]
    header = b"II+\0" + struct.pack("<HHQ", 8, 0, 16 + len(strip))
    directory = struct.pack("<Q", len(entries)) + b"".join(entries) + bytes(8)
    path.write_bytes(header + strip + directory)


def test_tiff_with_long_addresses(tmp_path):
    pixels = Scene().pixels[0].astype(np.uint16)
    write_big_tiff(tmp_path / "i.tif", pixels)
    image = read_image(tmp_path / "i.tif")
    np.testing.assert_array_equal(image.pixels, pixels)
    mask = (pixels > 2000).astype(np.uint8) * 255
    write_big_tiff(tmp_path / "m.tif", mask)
    np.testing.assert_array_equal(read_mask(tmp_path / "m.tif", image), mask > 0)


@pytest.mark.parametrize("name", ["t.nii", "t.nii.gz"])
def test_volumes_of_a_nifti_with_four_axes(tmp_path, name):
    scenes = [Scene(seed=seed) for seed in range(3)]
    arrays, (affine, *_) = zip(*(x.stored(x.pixels) for x in scenes), strict=True)
    path = write_nifti(tmp_path / name, np.stack(arrays, axis=3), affine)
    with pytest.raises(LesionError, match=r"24 x 20 x 5 x 3 voxels.*volumes 0 to 2"):
        read_image(path, section=0)
    for number, scene in enumerate(scenes):
        for section in range(N_SLICES):
            image = read_image(f"{path}#frame=volume={number}", section=section)
            np.testing.assert_array_equal(image.pixels, scene.pixels[section])
    with pytest.raises(LesionError, match="stack 3 was asked for; expected three axes"):
        read_image(path, section=0, stack="3")
    chosen = [Lesion(path, np.ones(SHAPE), stack=n) for n in (None, "volume=1")]
    assert protocol_table(chosen)["matrix"].tolist()[1:] == [f"{SHAPE[0]} x {SHAPE[1]}"]
    with pytest.raises(LesionError, match="expected three axes. Export one time point"):
        read_mask(path, image)


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ((3, 4, 5, 20000, 1), "1 volumes of 4 x 5 x 20000 voxels; expected at most"),
        ((4, 512, 512, 300, 60), "60 volumes of 512 x 512 x 300 voxels; expected"),
    ],
)
def test_volumes_that_nobody_has(tmp_path, lengths, message):
    scene = Scene()
    write_nifti(tmp_path / "i.nii", *scene.stored(scene.pixels))
    content = bytearray((tmp_path / "i.nii").read_bytes())
    content[40:50] = np.array(lengths, "<i2").tobytes()
    (tmp_path / "i.nii.gz").write_bytes(gzip.compress(bytes(content)))
    with pytest.raises(LesionError, match=message):
        read_image(tmp_path / "i.nii.gz", section=0)
    (tmp_path / "i.nii").write_bytes(bytes(content))
    with pytest.raises(LesionError, match=message):
        read_image(tmp_path / "i.nii", section=0)


def test_a_file_that_ends_early_is_refused_before_it_is_read(tmp_path):
    scene = Scene()
    path = write_nifti(tmp_path / "i.nii", *scene.stored(scene.pixels))
    content = (tmp_path / "i.nii").read_bytes()
    (tmp_path / "i.nii").write_bytes(content[:-10])
    with pytest.raises(LesionError, match=r"truncated: 5142 bytes .* expected 5152"):
        read_image(path, section=0)
