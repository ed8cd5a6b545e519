"""Where the voxels of a volume stand in its file, and how large it may be."""

import bz2
import gzip

import numpy as np
import pytest

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Image2D
from sklearn_orn.images._geometry import Geometry
from sklearn_orn.images.formats import _volume
from sklearn_orn.images.formats._volume import Stored, VoxelRois

SHAPE = (4, 3, 2)  # columns, rows, slices
PACK = {"raw": bytes, "gzip": gzip.compress, "bzip2": bz2.compress}


def value(column, row, section, volume=0, layer=0):
    """What stands at a voxel: its indices as digits."""
    return 10000 * volume + 1000 * layer + 100 * section + 10 * row + column


def stored(tmp_path, *, volumes=1, layers=1, dtype="<i2", head=0, skip=0, **more):
    """Write voxels as NIfTI and NRRD do: the first index runs fastest."""
    numbers = [
        value(c, r, s, v, k)
        for v in range(volumes)
        for s in range(SHAPE[2])
        for r in range(SHAPE[1])
        for c in range(SHAPE[0])
        for k in range(layers)
    ]
    encoding = more.get("encoding", "raw")
    body = b"\xff" * skip + np.array(numbers, dtype).tobytes()
    path = tmp_path / "v"
    path.write_bytes(b"h" * head + PACK[encoding](body))
    settings = {"offset": head, "skip": skip, "volumes": volumes, "layers": layers}
    made = Stored(path, "NRRD", SHAPE, np.dtype(dtype), **(settings | more))
    made.check()
    return made


@pytest.mark.parametrize("encoding", PACK)
@pytest.mark.parametrize("dtype", ["<i2", ">i2", "<f4", ">f8"])
def test_a_voxel_is_found_at_its_indices(tmp_path, encoding, dtype):
    made = stored(tmp_path, dtype=dtype, head=7, skip=3, encoding=encoding)
    voxels = made.voxels()
    assert voxels.shape == (1, *SHAPE)
    assert voxels.dtype.isnative
    for index in np.ndindex(SHAPE):
        assert voxels[0][index] == value(*index)


@pytest.mark.parametrize("encoding", PACK)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_plane_is_that_of_the_whole_volume(tmp_path, encoding, axis):
    made = stored(tmp_path, head=5, skip=2, encoding=encoding, dtype=">i2")
    whole = made.voxels()[0]
    for index in range(SHAPE[axis]):
        plane = made.plane(axis, index)
        assert plane.dtype.isnative
        np.testing.assert_array_equal(plane, np.take(whole, index, axis=axis))


@pytest.mark.parametrize("volume", [0, 1, 2])
@pytest.mark.parametrize("encoding", ["raw", "gzip"])
def test_one_of_several_volumes(tmp_path, volume, encoding):
    made = stored(tmp_path, volumes=3, volume=volume, skip=4, encoding=encoding)
    voxels = made.voxels()[0]
    assert voxels[3, 2, 1] == value(3, 2, 1, volume)
    assert made.plane(2, 1)[3, 2] == value(3, 2, 1, volume)
    assert made.plane(0, 3)[2, 0] == value(3, 2, 0, volume)


def test_layers_share_a_place(tmp_path):
    voxels = stored(tmp_path, layers=2).voxels()
    assert voxels.shape == (2, *SHAPE)
    for index in np.ndindex(SHAPE):
        assert voxels[(1, *index)] == value(*index, layer=1)


@pytest.mark.parametrize("volumes", [1, 2])
def test_a_file_that_ends_too_early(tmp_path, volumes):
    made = stored(tmp_path, volumes=volumes, head=6, skip=2)
    content = made.path.read_bytes()
    made.path.write_bytes(content[:-1])
    expected = 2 + 48 * volumes
    with pytest.raises(LesionError, match=f"{expected - 1} bytes of .*ed {expected}"):
        made.check()


def sized(tmp_path, shape=SHAPE, dtype="u1", **more):
    path = tmp_path / "v"
    path.write_bytes(b"")
    settings = {"offset": 0, "encoding": "gzip"} | more
    return Stored(path, "NRRD", shape, np.dtype(dtype), **settings)


@pytest.mark.parametrize("dtype", ["i1", "u2", "i8", "f4", "f8"])
def test_voxels_are_numbers(tmp_path, dtype):
    sized(tmp_path, dtype=dtype).check()


@pytest.mark.parametrize("dtype", ["c8", "S4", "?", "g"])
def test_voxels_of_another_kind_are_refused(tmp_path, dtype):
    if np.dtype(dtype) == np.dtype("f8"):
        pytest.skip("a long double is a double here")
    with pytest.raises(LesionError, match="holds voxels of type"):
        sized(tmp_path, dtype=dtype).check()


def test_sides_of_a_volume(tmp_path, monkeypatch):
    monkeypatch.setattr(_volume, "_MAX_SIDE", 4)
    sized(tmp_path).check()
    for shape in ((5, 1, 1), (1, 5, 1), (1, 1, 5)):
        with pytest.raises(LesionError, match="at most .* in all, and 4 along an ax"):
            sized(tmp_path, shape).check()
    monkeypatch.setattr(_volume, "_MAX_OF_ALL", 48)
    sized(tmp_path, volumes=2).check()
    with pytest.raises(LesionError, match="declares 3 volumes .* at most 48 in all"):
        sized(tmp_path, volumes=3).check()


def test_what_a_volume_is_where_its_file_says_no_more(tmp_path):
    made = Stored(tmp_path / "v", "NRRD", SHAPE, np.dtype("u1"), 0)
    assert (made.volumes, made.volume, made.layers, made.skip) == (1, 0, 1, 0)
    assert (made.scale, made.oriented) == ((1.0, 0.0), True)


def test_limits_of_volumes():
    assert (_volume._MAX_SIDE, _volume._MAX_OF_ALL) == (16384, 2147483648)


def test_an_image_is_read_slice_by_slice_and_an_outline_as_a_whole(tmp_path):
    """2^28 voxels of 2 bytes are the most; wider ones are an image's alone."""
    for dtype in ("i2", "f8"):
        sized(tmp_path, (2**10, 2**10, 2**8), dtype).check()
        with pytest.raises(LesionError, match="more than the"):
            sized(tmp_path, (2**10, 2**10, 2**8 + 1), dtype).check()
        with pytest.raises(LesionError, match="more than the"):
            sized(tmp_path, (2**10, 2**10, 2**7), dtype, layers=3).check()
    with pytest.raises(LesionError, match="of 8 bytes, more than the"):
        sized(tmp_path, (2**10, 2**10, 2**7), "f8").voxels()
    with pytest.raises(LesionError, match="expected positive numbers"):
        sized(tmp_path, (0, 3, 2)).check()


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -1e6, 1e6])
def test_voxels_lie_somewhere(tmp_path, wrong):
    affine = np.eye(4)
    affine[0, 3] = 999999.0
    sized(tmp_path, affine=affine).check()
    affine[0, 3] = wrong
    with pytest.raises(LesionError, match="places its voxels nowhere"):
        sized(tmp_path, affine=affine).check()


# ROIs -------------------------------------------------------------------------------


def roi(tmp_path, drawn, affine=None, **more):
    path = tmp_path / "m"
    path.write_bytes(np.asfortranarray(drawn.astype("u1")).tobytes(order="F"))
    return VoxelRois(
        Stored(path, "NRRD", drawn.shape, np.dtype("u1"), 0, affine=affine, **more)
    )


def test_an_roi_without_a_place_is_laid_on_an_image_of_its_size(tmp_path):
    drawn = np.zeros((4, 3, 1))
    drawn[3, 0, 0] = 1  # the last column of the first row
    rois = roi(tmp_path, drawn)
    mask = rois.mask(None, Image2D(np.zeros((3, 4))))
    assert np.argwhere(mask).tolist() == [[0, 3]]
    for shape in ((4, 3), (3, 5)):
        with pytest.raises(LesionError, match="does not say where its voxels lie"):
            rois.mask(None, Image2D(np.zeros(shape)))
    two = roi(tmp_path, np.ones((4, 3, 2)))
    with pytest.raises(LesionError, match="does not say where its voxels lie"):
        two.mask(None, Image2D(np.zeros((3, 4))))


def image_at(z):
    geometry = Geometry(
        spacing=(2.0, 0.5),
        position=np.array([-10.0, 5.0, z]),
        orientation=np.array([[1.0, 0, 0], [0, 1, 0]]),
        thickness=3.0,
    )
    return Image2D(np.zeros((6, 8)), geometry)


def test_an_roi_keeps_its_place_where_the_rest_is_cut_off(tmp_path):
    affine = np.diag([0.5, 2.0, 3.0, 1.0])
    affine[:3, 3] = -10, 5, 100
    drawn = np.zeros((8, 6, 4))
    drawn[5, 2, 1] = drawn[6, 4, 3] = 1
    drawn[1, 1, 1] = 2
    rois = roi(tmp_path, drawn, affine)
    assert np.argwhere(rois.mask("1", image_at(103.0))).tolist() == [[2, 5]]
    assert np.argwhere(rois.mask("1", image_at(109.0))).tolist() == [[4, 6]]
    assert np.argwhere(rois.mask("2", image_at(103.0))).tolist() == [[1, 1]]
    (tmp_path / "m").unlink()  # what was asked for before is kept
    assert np.argwhere(rois.mask("1", image_at(103.0))).tolist() == [[2, 5]]
    assert not rois.flat


def test_an_roi_is_laid_on_slices_across_those_of_its_file(tmp_path):
    affine = np.diag([0.5, 2.0, 3.0, 1.0])
    affine[:3, 3] = -10, 5, 100

    def mask(drawn, spacing, position, along):
        axes = np.array([along, [0.0, 0, -1]])  # rows run from the head downwards
        image = Image2D(np.zeros((4, 8)), Geometry(spacing, np.array(position), axes))
        return np.argwhere(roi(tmp_path, drawn, affine).mask(None, image)).tolist()

    drawn = np.zeros((8, 6, 4))
    drawn[5, 1:4, 1] = 1
    assert mask(drawn, (3.0, 0.5), [-10.0, 11, 109], [1.0, 0, 0]) == [[2, 5]]  # coronal
    drawn = np.zeros((8, 6, 4))
    drawn[2:6, 1, 1] = 1
    found = mask(drawn, (3.0, 2.0), [-7.5, 5, 109], [0.0, 1, 0])  # sagittal
    assert found == [[2, 1]]


def test_an_roi_of_nothing(tmp_path):
    with pytest.raises(LesionError, match="file '.*m'"):
        roi(tmp_path, np.zeros((8, 6, 4)), np.eye(4)).mask(None, image_at(0.0))
