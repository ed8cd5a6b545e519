"""Many lesions: time and memory of `extract` to Parquet, and lesions a second on Dask.

``python -m benchmarks.many_lesions [--lesions 10000]`` hard-links the lesions of a
synthetic cohort under new names, so that each is a file of its own and none takes room.
Each run is a process of its own, of which the peak of memory is read.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from sklearn_orn.datasets import make_cohort

EXTRACT = """
import resource, sys, time
from sklearn_orn.cli import main
start = time.perf_counter()
code = main(sys.argv[1:])
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{code} {seconds:.1f} {peak:.0f}", file=sys.stderr)
"""
DASK = """
import sys, time
import joblib
from dask.distributed import Client, LocalCluster
from sklearn_orn import Normalizer, TextureExtractor
from sklearn_orn.images import read_cohort

def main():
    cohort = read_cohort(sys.argv[1])
    workers = int(sys.argv[2])
    cluster = LocalCluster(
        n_workers=workers, threads_per_worker=1, dashboard_address=None
    )
    with Client(cluster), joblib.parallel_config(backend="dask"):
        extractor = TextureExtractor(n_jobs=-1)
        lesions = Normalizer().transform(cohort)
        extractor.fit_transform(lesions[: 20 * workers])
        start = time.perf_counter()
        extractor.fit_transform(lesions)
        print(time.perf_counter() - start)

if __name__ == "__main__":
    main()
"""


def linked_cohort(folder, n_lesions):
    """Write a table of hard links to the lesions of a synthetic cohort."""
    table = make_cohort(folder / "cohort").reset_index(drop=True)
    paths = [c for c in table.columns if c.startswith(("image", "mask"))]
    (folder / "links").mkdir()
    rows = []
    for n in range(n_lesions):
        row = {"lesion": f"L{n:06d}", "patient": f"P{n:06d}"}
        for column in paths:
            original = Path(str(table[column].iloc[n % len(table)]))
            link = folder / "links" / f"{n:06d}-{column}{original.suffix}"
            os.link(original, link)
            row[column] = f"links/{link.name}"
        rows.append(row)
    out = folder / f"cohort{n_lesions}.csv"
    pd.DataFrame(rows).to_csv(out, index=False)
    return out


def run(code, *arguments):
    """Run a piece of Python in a process; return what it printed and its errors."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout, done.stderr


def main():
    """Print the table of docs/cluster.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lesions", type=int, default=10_000)
    n_lesions = parser.parse_args().lesions
    print("| run | lesions | seconds | lesions a second | peak MB |")
    print("| --- | --- | --- | --- | --- |")
    for n in (n_lesions // 10, n_lesions):
        with tempfile.TemporaryDirectory() as folder:
            table = linked_cohort(Path(folder), n)
            for jobs in (1, 2):
                out = Path(folder, f"features{jobs}.parquet")
                _, errors = run(EXTRACT, "extract", table, "--out", out, "--jobs", jobs)
                _, seconds, peak = errors.split()[-3:]
                rate = f"{n / float(seconds):.0f}"
                print(f"| extract --jobs {jobs} | {n} | {seconds} | {rate} | {peak} |")
            for workers in (1, 2):
                script = Path(folder, "on_dask.py")
                script.write_text(DASK)
                start = time.perf_counter()
                done = subprocess.run(
                    [sys.executable, script, table, str(workers)],
                    capture_output=True,
                    text=True,
                    check=True,
                )
                seconds = float(done.stdout.split()[-1])
                whole = time.perf_counter() - start
                print(
                    f"| Dask, {workers} workers ({whole:.0f} s with their start) | {n} "
                    f"| {seconds:.1f} | {n / seconds:.0f} | |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
