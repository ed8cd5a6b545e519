"""Mutated files of every format: each ends in an image or in our own exception.

Run as a program, it prints a summary in JSON: ``python -m tests.images.fuzz 500 0``.
"""

import json
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

SECONDS = 15  # of all reads of one file
ABSURD = (
    b"\xff\xff",
    b"\xff\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\0\0\0\0",
    b"\0\0\0\x80",
)


def peak_kb():
    """Return the most memory that this process has had.

    On Linux `getrusage` begins with what the process had that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class HangError(BaseException):
    """A file took too long; not an Exception, so that nothing catches it."""


def seeds(folder):
    """Write one file of every format: name -> (path, ROI or None)."""
    from PIL import Image
    from pydicom.data import get_testdata_file

    from tests.images._make import square, write_image, write_png, write_rtstruct
    from tests.images._volumes import (
        Scene,
        write_enhanced,
        write_nifti,
        write_nrrd,
        write_seg,
    )
    from tests.images.test_labels import write_segments
    from tests.images.test_misfit import SHAPE
    from tests.images.test_painted import palette, tiff_of
    from tests.images.test_pictures import PIXELS, write_roi
    from tests.images.test_volumes import slicer_file

    scene = Scene()
    pixels, mask = scene.pixels[2], scene.mask[2]
    label, affine = scene.stored(scene.mask.astype(np.uint8))
    values, _ = scene.stored(scene.pixels)
    turned = scene.stored(scene.pixels, order=(2, 0, 1), flips=(0,))
    mazda = np.pad(PIXELS > 30000, [(0, 13), (0, 15)])
    place = np.column_stack([square(3, 9), np.zeros(4)])
    points = place @ np.diag([0.8, 0.5, 1])[:, [1, 0, 2]] + scene.position(2)
    files = {
        "dicom": write_image(folder / "i.dcm", pixels, **scene.header(2)),
        "enhanced": write_enhanced(folder / "e.dcm", scene),
        "rtstruct": write_rtstruct(folder / "rs.dcm", {"GTV": [points]}),
        "seg": write_seg(folder / "s.dcm", scene, {"GTV": scene.mask}),
        "seg fractional": write_seg(
            folder / "f.dcm", scene, {"GTV": scene.mask}, "FRACTIONAL"
        ),
        "nifti": write_nifti(folder / "m.nii", label, affine),
        "nifti.gz": write_nifti(folder / "m.nii.gz", label, affine),
        "nifti image": write_nifti(folder / "i.nii.gz", values, affine),
        "nifti2": write_nifti(folder / "i2.nii", values, affine, "Nifti2Image"),
        "nifti turned": write_nifti(folder / "t.nii.gz", *turned),
        "nrrd turned": write_nrrd(folder / "t.nrrd", *turned, encoding="bzip2"),
        "nifti of two": write_nifti(
            folder / "t.nii", np.stack([values, values], axis=3), affine
        ),
        "mosaic": write_image(folder / "o.dcm", pixels, ImageType=["A", "B", "MOSAIC"]),
        "nrrd": write_nrrd(folder / "m.nrrd", label, affine),
        "nrrd raw": write_nrrd(folder / "i.nrrd", values, affine, encoding="raw"),
        "seg.nrrd": slicer_file(folder, scene) + "#GTV",
        "png": write_png(folder / "m.png", mask),
        "mazda roi": str(write_roi(folder / "m.roi", [mazda], ["ORN"])) + "#1",
        "overlay": get_testdata_file("examples_overlay.dcm") + "#overlay",
    }
    assert SHAPE == mask.shape
    for suffix in ("tif", "bmp"):
        path = folder / f"p.{suffix}"
        Image.fromarray(mask.astype(np.uint8) * 255).save(path)
        files[suffix] = str(path)
    Image.fromarray(pixels.astype(np.uint16)).save(
        folder / "z.tif", compression="tiff_lzw"
    )
    files["tif packed"] = str(folder / "z.tif")
    (folder / "big.tif").write_bytes(tiff_of(pixels / 7, ">", big=True, strips=3))
    files["bigtiff"] = str(folder / "big.tif")
    colours = [(0, 0, 0), (255, 0, 0), (0, 255, 0)]
    files["palette"] = palette(folder / "p.png", colours, mask.astype(np.uint8)) + "#1"
    layers = np.stack([label, label])
    names = ["Herz groß".encode(), b"tumour"]
    files["layers"] = write_segments(
        folder / "l.seg.nrrd", layers, affine, names, encoding="raw"
    )
    files["layers"] += "#tumour"
    np.save(folder / "m.npy", mask)
    files["npy"] = str(folder / "m.npy")
    for name in (
        "MR_small_RLE",
        "MR_small_jp2klossless",
        "MR_small_jpeg_ls_lossless",
        "image_dfl",
        "MR_small_bigendian",
    ):
        files[name] = get_testdata_file(f"{name}.dcm")
    found = {}
    for name, path in files.items():
        file, _, roi = str(path).partition("#")
        found[name] = (Path(file).read_bytes(), roi)
    return found, scene


def mutate(content, rng):
    """Damage a file as storage, transfer and ill will do."""
    data = bytearray(content)
    for _ in range(rng.integers(1, 4)):
        # headers lie in front, so half of the hits go there
        limit = len(data) if rng.random() < 0.5 else min(len(data), 1200)
        at = int(rng.integers(0, max(limit, 1)))
        kind = rng.integers(0, 6)
        if kind == 0:
            for _ in range(rng.integers(1, 20)):
                data[int(rng.integers(0, max(limit, 1))) % max(len(data), 1)] ^= (
                    1 << int(rng.integers(0, 8))
                )
        elif kind == 1:
            del data[at:]
        elif kind == 2:
            absurd = ABSURD[rng.integers(0, len(ABSURD))]
            data[at : at + len(absurd)] = absurd
        elif kind == 3:  # swap two pieces: tags, rows, lines of a header
            size, other = int(rng.integers(2, 24)), int(rng.integers(0, max(limit, 1)))
            a, b = data[at : at + size], data[other : other + size]
            data[at : at + size], data[other : other + size] = b, a
        elif kind == 4:
            del data[at : at + int(rng.integers(1, 40))]
        else:
            data[at:at] = data[at : at + int(rng.integers(1, 40))]
        if not data:
            break
    return bytes(data)


def _hang(signum, frame):
    raise HangError


def attempt(path, roi, image):
    """Read a file in every role; return what happened, one word each."""
    from sklearn_orn.exceptions import LesionError
    from sklearn_orn.images import Lesion, read_image, read_mask

    def as_mask():
        return read_mask(f"{path}#{roi}" if roi else path, image)

    def as_lesion():
        return Lesion(str(path), f"{path}#{roi}" if roi else str(path)).read()

    outcomes = []
    for read in (lambda: read_image(path, section=0), as_mask, as_lesion):
        try:
            read()
            outcomes.append("read")
        except LesionError:
            outcomes.append("refused")
        except HangError:
            outcomes.append("hang")
        except Exception:
            outcomes.append(traceback.format_exc(limit=-3))
    return outcomes


def main(n_files, seed):
    """Fuzz; return the summary."""
    warnings.simplefilter("error")
    signal.signal(signal.SIGALRM, _hang)
    rng = np.random.default_rng(seed)
    counts, failures, slow, slowest = Counter(), [], [], 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "seeds").mkdir()
        found, scene = seeds(folder / "seeds")
        from sklearn_orn.images import read_image

        image = read_image(folder / "seeds" / "i.dcm")
        for _, (content, roi) in found.items():  # imports and caches
            (folder / "file").write_bytes(content)
            attempt(folder / "file", roi, image)
        before = peak_kb()
        names = list(found)
        for number in range(n_files):
            kind = names[number % len(names)]
            content, roi = found[kind]
            (folder / "file").write_bytes(mutate(content, rng))
            start = time.perf_counter()
            signal.alarm(SECONDS)
            outcomes = attempt(folder / "file", roi, image)
            signal.alarm(0)
            seconds = time.perf_counter() - start
            slow += [(kind, number, round(seconds, 1))] * (seconds > 2)
            slowest = max(slowest, seconds)
            for outcome in outcomes:
                known = outcome in ("read", "refused")
                counts[outcome if known else "failed"] += 1
                if not known:
                    failures.append(f"{kind} (file {number}): {outcome}")
    peak = peak_kb()
    return {
        "files": n_files,
        "counts": counts,
        "slowest_s": round(slowest, 2),
        "slow": slow,
        "peak_mb": peak // 1024,
        "grown_mb": (peak - before) // 1024,
        "failures": failures[:20],
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2])), indent=1))
