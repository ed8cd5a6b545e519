"""Damaged files end in a refusal of the page, soon, and in nothing else."""

from collections import Counter

import numpy as np
import pytest
from pydicom.uid import JPEG2000, JPEGBaseline8Bit, JPEGLosslessSV1

from tests.images._make import dicom_image
from tests.images.fuzz import mutate, seeds

from ._jpeg_lossless import lossless_frames
from ._node import needs_node
from ._page_reader import ask
from .test_page_images import stream, write_compressed

pytestmark = needs_node

SECONDS = 5  # of one file, in both roles
READ = {"dicom", "enhanced", "rtstruct", "seg", "seg fractional", "png", "palette"}


def originals(folder):
    """One file of each kind that the page reads, and of each codec."""
    found, scene = seeds(folder)
    kinds = [
        name
        for name in found
        if name in READ or name.startswith(("nifti", "MR_small", "image_dfl"))
    ]
    grey = (scene.pixels[2] >> 4).astype(np.uint8)
    streams = {
        "jpeg": (stream(grey, "JPEG"), JPEGBaseline8Bit),
        "jpeg 2000": (stream(grey, "JPEG2000", no_jp2=True), JPEG2000),
    }
    contents = {name: found[name][0] for name in kinds}
    for name, (coded, syntax) in streams.items():
        path = write_compressed(folder / "c.dcm", grey, [coded], syntax)
        contents[name] = path.read_bytes()
    dataset = dicom_image(grey)
    dataset.PixelData = lossless_frames([grey], 8)
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = JPEGLosslessSV1
    dataset.save_as(folder / "l.dcm", enforce_file_format=True)
    contents["jpeg lossless"] = (folder / "l.dcm").read_bytes()
    return contents


def check(folder, n_files, seed):
    """Mutate files; return how often they were read and refused."""
    rng = np.random.default_rng(seed)
    (folder / "seeds").mkdir()
    contents = originals(folder / "seeds")
    names = list(contents)
    image = [str(folder / "seeds" / "e.dcm")]
    cases = []
    for number in range(n_files):
        path = folder / str(number)
        path.write_bytes(mutate(contents[names[number % len(names)]], rng))
        cases.append({"task": "touch", "files": [str(path)]})
        cases.append({"task": "outlines", "files": [str(path)], "image": image})
    counts = Counter()
    for case, answer in zip(cases, ask(cases), strict=True):
        assert "fault" not in answer, (case, answer)
        assert answer["seconds"] < SECONDS, (case, answer["seconds"])
        counts[answer.get("refused", "read")] += 1
    return counts


def test_mutated_files(tmp_path):
    counts = check(tmp_path, 80, 0)
    assert counts["read"] > 5 and len(counts) > 4


@pytest.mark.long
def test_two_thousand_mutated_files(tmp_path):
    counts = check(tmp_path, 2000, 1)
    assert counts["read"] > 50 and len(counts) > 10
    print(counts)
