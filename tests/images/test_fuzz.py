"""Damaged files, bombs, and files that lie about their size."""

import bz2
import gzip
import json
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Image2D, read_image, read_mask
from sklearn_orn.images._geometry import Geometry
from sklearn_orn.images.formats._bounded import MAX_BYTES

from ._make import write_image, write_png
from ._volumes import Scene, write_nifti, write_nrrd

SECONDS = 15  # of the three reads of one file
ROOT = Path(__file__).resolve().parents[2]
PIXELS = np.arange(480, dtype=np.uint16).reshape(20, 24)


def run_fuzz(n_files, seed):
    pytest.importorskip("resource")
    result = subprocess.run(
        [sys.executable, "-m", "tests.images.fuzz", str(n_files), str(seed)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    summary = json.loads(result.stdout)
    assert summary["failures"] == []
    assert summary["counts"]["read"] and summary["counts"]["refused"]
    # CharLS takes 5 s to refuse about one in a thousand damaged JPEG-LS streams
    assert summary["slowest_s"] < SECONDS
    assert summary["peak_mb"] < 1024


def test_mutated_files_are_read_or_refused():
    run_fuzz(500, seed=0)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_five_thousand_mutated_files(seed):
    run_fuzz(5000, seed)


def refused(path, message):
    for read in (
        lambda: read_image(path, section=0),
        lambda: read_mask(path, Image2D(PIXELS)),
    ):
        with pytest.raises(LesionError, match=message):
            read()


def test_a_gzip_bomb_is_not_unpacked(tmp_path):
    scene = Scene()
    path = Path(write_nifti(tmp_path / "m.nii", *scene.stored(scene.pixels)))
    header = bytearray(path.read_bytes()[:352])
    struct.pack_into("<8h", header, 40, 3, 30000, 30000, 300, 1, 1, 1, 1)
    bomb = tmp_path / "bomb.nii.gz"
    bomb.write_bytes(gzip.compress(bytes(header) + b"\0" * 10**7))
    refused(bomb, "declares 30000 x 30000 x 300 x 1 pixels of 2 bytes, more than")
    struct.pack_into("<8h", header, 40, 3, 500, 500, 300, 1, 1, 1, 1)
    bomb.write_bytes(gzip.compress(bytes(header) + b"\0" * 1000))
    with pytest.raises(LesionError, match="truncated: 1000 bytes of pixel data, exp"):
        read_mask(bomb, Image2D(PIXELS))


@pytest.mark.parametrize("encoding", ["gzip", "bzip2"])
def test_what_lies_behind_the_voxels_is_not_unpacked(tmp_path, encoding):
    scene = Scene()
    array, affine = scene.stored(scene.pixels)
    path = Path(write_nrrd(tmp_path / "i.nrrd", array, affine, encoding=encoding))
    header = path.read_bytes().split(b"\n\n")[0] + b"\n\n"
    pack = gzip.compress if encoding == "gzip" else bz2.compress
    voxels = array.tobytes(order="F")
    path.write_bytes(header + pack(voxels + b"\0" * 10**7))
    pixels = read_image(path, section=4).pixels
    np.testing.assert_array_equal(pixels, scene.pixels[4])


DEFLATED = get_testdata_file("image_dfl.dcm")


@cache
def deflated_bomb(most=MAX_BYTES):
    """The head of a deflated file, and its body with more than `most` bytes behind."""
    content = Path(DEFLATED).read_bytes()
    start = 144 + struct.unpack_from("<I", content, 140)[0]
    pack = zlib.compressobj(9, wbits=-15)
    packed = pack.compress(zlib.decompress(content[start:], -15))
    zeros = b"\0" * 2**22
    packed += pack.flush(zlib.Z_FULL_FLUSH)
    # After a full flush equal bytes are packed as equal ones.
    again = pack.compress(zeros) + pack.flush(zlib.Z_FULL_FLUSH)
    packed += again * (most // len(zeros) + 1)
    return content[:start], packed + pack.flush()


def refuse_bomb(path, meta=b"", length=None, most=MAX_BYTES):
    """Write a bomb, whose group length may lie, and read it."""
    head, packed = deflated_bomb(most)
    told = len(head) - 144 + len(meta) if length is None else length
    path.write_bytes(head[:140] + struct.pack("<I", told) + head[144:] + meta + packed)
    assert path.stat().st_size < 2**20
    with pytest.raises(LesionError, match=r"bomb\.dcm' unpacks to more than"):
        read_image(path)


def test_a_deflated_bomb_is_refused(tmp_path):
    refuse_bomb(tmp_path / "bomb.dcm")


def private(data):
    """An element at the end of the file meta, group 2."""
    return struct.pack("<HH2sHI", 2, 0x102, b"OB", 0, len(data)) + data


@pytest.mark.parametrize("trick", ["short", "innocent stream", "long meta", "huge"])
def test_a_lying_group_length_hides_no_bomb(tmp_path, monkeypatch, trick):
    few = 2**24  # the test above takes as many bytes as one may
    monkeypatch.setattr("sklearn_orn.images.formats._dicom.MAX_BYTES", few)
    true = len(deflated_bomb(few)[0]) - 144
    pack = zlib.compressobj(9, wbits=-15)
    innocent = pack.compress(b"innocent") + pack.flush()
    bomb = {
        "short": (b"", 0),
        "innocent stream": (private(innocent), true + 12),
        "long meta": (private(b"\0" * 2**17), None),
        "huge": (b"", 2**32 - 1),
    }[trick]
    refuse_bomb(tmp_path / "bomb.dcm", *bomb, most=few)


def test_a_lying_group_length_of_a_good_file_is_no_matter(tmp_path):
    content = bytearray(Path(DEFLATED).read_bytes())
    struct.pack_into("<I", content, 140, 4)
    (tmp_path / "i.dcm").write_bytes(content)
    found, expected = read_image(tmp_path / "i.dcm"), read_image(DEFLATED)
    np.testing.assert_array_equal(found.pixels, expected.pixels)


@pytest.mark.parametrize("size", [(0, 0), (0, 9), (9, 0), (1, 1), (64, 64)])
@pytest.mark.parametrize("frames", [10**5, 2**31 - 1, 10**11])
def test_declared_frames_take_no_memory(tmp_path, size, frames):
    path = tmp_path / "i.dcm"
    header = {"Rows": size[0], "Columns": size[1], "NumberOfFrames": frames}
    write_image(path, PIXELS, **header)
    tracemalloc.start()
    with pytest.raises(LesionError, match=r"i\.dcm' (declares|is a damaged)"):
        read_image(path)
    with pytest.raises(LesionError, match="i.dcm'"):
        read_mask(f"{path}#1", Image2D(np.zeros((64, 64)), Geometry()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**22


def test_a_zip_is_no_image(tmp_path):
    write_image(tmp_path / "i.dcm", PIXELS)
    with zipfile.ZipFile(tmp_path / "i.zip", "w") as archive:
        archive.write(tmp_path / "i.dcm")
    refused(tmp_path / "i.zip", "of an unknown format")


def test_declared_sizes(tmp_path):
    path = write_image(tmp_path / "i.dcm", PIXELS, Rows=60000, Columns=60000)
    with pytest.raises(LesionError, match="declares 60000 x 60000 x 1 pixels"):
        read_image(path)
    png = bytearray(Path(write_png(tmp_path / "m.png", PIXELS > 9)).read_bytes())
    png[16:24] = struct.pack(">II", 9000, 9000)
    png[29:33] = struct.pack(">I", zlib.crc32(png[12:29]))
    (tmp_path / "m.png").write_bytes(png)
    refused(tmp_path / "m.png", "declares 9000 x 9000 pixels")
    np.save(tmp_path / "i.npy", PIXELS)
    content = (tmp_path / "i.npy").read_bytes().replace(b"(20, 24)", b"(99999, 9999)")
    (tmp_path / "i.npy").write_bytes(content)
    refused(tmp_path / "i.npy", r"declares 99999 x 9999 pixels|damaged NPY")


def test_a_compressed_stream_of_another_size(tmp_path):
    for name in ("MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm"):
        content = bytearray(Path(get_testdata_file(name)).read_bytes())
        big = struct.pack("<H", 128)
        for tag in (b"\x28\x00\x10\x00US\x02\x00", b"\x28\x00\x11\x00US\x02\x00"):
            at = content.index(tag) + len(tag)
            content[at : at + 2] = big
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(
            LesionError, match="128 x 128 pixels, its compressed data 64"
        ):
            read_image(path)
