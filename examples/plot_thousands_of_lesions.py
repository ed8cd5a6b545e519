"""
How do I measure thousands of lesions?
======================================

Lesions are independent, so the measurement runs on whatever joblib runs on: the cores
of one machine, or a Dask cluster of many. Tasks carry paths and not pixels, memory
grows with the workers and not with the cohort, and the numbers are the same to the last
bit.
"""

# %%
# Two thousand lesions on the disk
# --------------------------------
# Noise of all grains, as NumPy files; DICOM goes the same way. A table of paths is all
# that a worker is sent.

import logging
import tempfile
import time
from pathlib import Path

import joblib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter
from sklearn.pipeline import make_pipeline

from sklearn_orn import Normalizer, TextureExtractor


def write_lesions(folder, n_lesions):
    """Write images and one outline; return the table of their paths."""
    rng = np.random.default_rng(0)
    row, column = np.mgrid[:112, :112] - 55.5
    np.save(folder / "disc.npy", np.hypot(row, column) < 42)
    grains = [gaussian_filter(rng.normal(size=(800, 800)), s) for s in (0.5, 1, 2, 4)]
    images = []
    for number in range(n_lesions):
        r, c = rng.integers(0, 688, size=2)
        noise = grains[number % 4][r : r + 112, c : c + 112]
        image = 500 + 100 * noise / noise.std()
        images.append(folder / f"{number:04}.npy")
        np.save(images[-1], image.clip(0, 1023).astype(np.uint16))
    return pd.DataFrame({"image": images, "mask": folder / "disc.npy"})


# %%
# One process, then a cluster
# ---------------------------
# ``Client()`` without an address starts workers on this machine; with one,
# ``Client("tcp://head:8786")``, it uses the workers that wait there. Nothing else
# changes. One thread for each worker: a task is a lesion, and keeps one core busy.
#
# The workers are processes of their own, which import this script: that is why it runs
# below the line ``if __name__ == "__main__"``.


def measure(table):
    """Return the features and the seconds that they took."""
    start = time.perf_counter()
    features = make_pipeline(Normalizer(), TextureExtractor()).fit_transform(table)
    return features, time.perf_counter() - start


def show(table):
    """Draw the images of a short table."""
    figure, axes = plt.subplots(1, len(table), figsize=(8, 2.1), layout="constrained")
    for ax, path in zip(axes, table["image"], strict=True):
        ax.imshow(np.load(path), cmap="gray")
        ax.set_axis_off()


def main():
    """Measure by one process and by two workers, and compare."""
    from dask.distributed import Client

    with tempfile.TemporaryDirectory() as folder:
        table = write_lesions(Path(folder), 2000)
        show(table[:4])
        measure(table[:2])  # compiles, or loads what was compiled before
        alone, seconds = measure(table[:200])
        print(f"one process: {200 / seconds:.0f} lesions a second")
        with (
            Client(
                n_workers=2,
                threads_per_worker=1,
                dashboard_address=None,
                silence_logs=logging.ERROR,
            ),
            joblib.parallel_config(backend="dask"),
        ):
            measure(table[:20])  # each worker imports and compiles once
            features, seconds = measure(table)
        print(f"two workers: {len(table) / seconds:.0f} lesions a second")
    print(*features.shape)
    print("the same numbers:", np.array_equal(alone, features[:200], equal_nan=True))


if __name__ == "__main__":
    main()

# %%
# How many workers pay? Each needs some seconds to start, and each lesion costs a
# message, so they pay where cores are idle and the work is minutes, not seconds. The
# two rates above are of the machine that built this page, which had other things to do.
# On a cluster all workers need the same versions and the same paths: see *Several
# machines* in the user guide.
