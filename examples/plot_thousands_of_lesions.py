"""
How do I measure thousands of lesions?
======================================

Lesions are independent, so the measurement runs on whatever joblib runs on: the cores of
one machine, or a Dask cluster of many. Tasks carry paths and not pixels, memory grows with
the workers and not with the cohort, and the numbers are the same to the last bit.
"""

# %%
# A table of two thousand lesions
# -------------------------------
# The synthetic cohort has 142; its rows are repeated here until there are 2000. What a
# worker gets is a row of paths.

import tempfile
import time

import joblib
import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline

from sklearn_orn import Normalizer, TextureExtractor
from sklearn_orn.datasets import make_cohort


def big_table(folder, n_lesions):
    """Return a table of `n_lesions` rows, outlined by one reader."""
    cohort = make_cohort(folder, random_state=0)
    cohort = cohort[["image", "mask_reader_a"]].set_axis(["image", "mask"], axis=1)
    copies = -(-n_lesions // len(cohort))
    return pd.concat([cohort] * copies, ignore_index=True).iloc[:n_lesions]


# %%
# One process, then a cluster
# ---------------------------
# ``Client()`` without an address starts workers on this machine; with one,
# ``Client("tcp://head:8786")``, it uses the workers that wait there. Nothing else changes.
# One thread for each worker: a task is a lesion, and keeps one core busy.
#
# The workers are processes of their own, which import this script: that is why it runs
# below the line ``if __name__ == "__main__"``.


def measure(table):
    """Return the features and the seconds that they took."""
    start = time.perf_counter()
    features = make_pipeline(Normalizer(), TextureExtractor()).fit_transform(table)
    return features, time.perf_counter() - start


def main():
    """Measure by one process and by two workers, and compare."""
    from dask.distributed import Client

    with tempfile.TemporaryDirectory() as folder:
        table = big_table(folder, 2000)
        measure(table[:20])  # compiles, or loads what was compiled before
        alone, seconds = measure(table[:500])
        print(f"one process: {500 / seconds:.0f} lesions a second")
        with Client(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as client, joblib.parallel_config(backend="dask"):
            measure(table[:20])  # each worker imports and compiles once
            features, seconds = measure(table)
            workers = len(client.scheduler_info()["workers"])
        print(f"{workers} workers: {len(table) / seconds:.0f} lesions a second")
    print("shape", features.shape)
    print("the same numbers:", np.array_equal(alone, features[:500], equal_nan=True))


if __name__ == "__main__":
    main()

# %%
# How many workers pay? Each needs a second or two to start. Below that, one process is
# faster. On a cluster all workers need the same versions and the same paths:
# see *Several machines* in the user guide.
