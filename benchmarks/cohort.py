"""Time and memory of `TextureExtractor` on a cohort of DICOM files.

What `transform` adds to reading and measuring, how much faster two processes are (with
a warm pool), and how the process grows.
"""

import resource
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

from benchmarks.timing import OURS, Case, cpu_ms, wall_ms
from sklearn_orn import TextureExtractor
from sklearn_orn.images import as_lesions
from sklearn_orn.texture._measure import measure
from sklearn_orn.texture._measuring_plan import Plan


def write_lesion(folder, number, rng):
    """Write a 512 x 512 image and a mask of 40 pixels across; return its row."""
    pixels = rng.normal(1500, 300, size=(512, 512)).clip(0, 4095).astype(np.uint16)
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = MRImageStorage, generate_uid()
    dataset.Modality = "MR"
    dataset.Rows = dataset.Columns = 512
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.PixelSpacing = [0.5, 0.5]
    dataset.PixelData = pixels.tobytes()
    dataset.save_as(folder / f"{number}.dcm", enforce_file_format=True)
    y, x = np.mgrid[:512, :512]
    centre = rng.integers(100, 400, size=2)
    mask = (y - centre[0]) ** 2 + (x - centre[1]) ** 2 < 20**2
    Image.fromarray(mask).save(folder / f"{number}.png")
    return {"image": folder / f"{number}.dcm", "mask": folder / f"{number}.png"}


def read_and_measure(table):
    """Read and measure in a bare loop."""
    plan = Plan()
    for lesion in as_lesions(table):
        for region in lesion.read().values():
            measure(region, plan)


def benchmark(quick):
    """Return the cases."""
    n_files, n_lesions = (20, 200) if quick else (200, 5000)
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        rows = [write_lesion(Path(name), i, rng) for i in range(n_files)]
        few = pd.DataFrame(rows)
        many = pd.DataFrame([rows[i % n_files] for i in range(n_lesions)])
        extractor = TextureExtractor().fit(few)
        extractor.transform(few.head(10))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        bare = cpu_ms(lambda: read_and_measure(few), 5)
        ours = cpu_ms(lambda: extractor.transform(few), 5)
        extractor.transform(pd.DataFrame([rows[i % n_files] for i in range(2000)]))
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        parallel = TextureExtractor(n_jobs=2).fit(few)
        parallel.transform(few)
        serial_time = wall_ms(lambda: extractor.transform(many), 1)
        parallel_time = wall_ms(lambda: parallel.transform(many), 1)
    each = {f"{OURS}, transform": ours / n_files, "a bare loop": bare / n_files}
    together = {f"{OURS}, n_jobs=2": parallel_time, f"{OURS}, serial": serial_time}
    growth = {OURS: (after - before) / 1024}
    return [
        Case("read and measure one lesion", "ms CPU", each),
        Case(f"{n_lesions:,} lesions", "ms wall", together),
        Case("growth of the process over 2,000 lesions", "MB", growth),
    ]
