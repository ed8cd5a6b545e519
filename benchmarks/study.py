"""Wall time and memory of a whole study, by the number of lesions.

``python -m benchmarks.study [N ...]`` makes synthetic cohorts of N lesions, runs the
study on each in a process of its own, and prints a table in Markdown.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

SIZES = (142, 500, 1000, 2000)
STEPS = (
    "features",
    "images",
    "stability",
    "optimism",
    "nested",
    "permuted",
    "sensitivity",
    "models",
    "models_instability",
    "report",
)


def make_table(folder, n_lesions):
    """Write synthetic cohorts one after the other until there are enough lesions."""
    from sklearn_orn.datasets import make_cohort

    tables = []
    while sum(map(len, tables)) < n_lesions:
        number = len(tables)
        table = make_cohort(folder / str(number), random_state=number)
        for column in ("lesion", "patient"):
            table[column] = f"{number}-" + table[column]
        tables.append(table)
    return pd.concat(tables, ignore_index=True).iloc[:n_lesions]


def run_one(folder, n_lesions, n_jobs):
    """Run one study; print its times and its peak memory as JSON."""
    from joblib.externals.loky import get_reusable_executor

    from sklearn_orn.study import StudyConfig, run_study

    table = pd.read_csv(folder / "cohort.csv")
    config = StudyConfig(
        outcome="outcome",
        positive="ORN",
        patient="patient",
        split="split",
        clinical=["age", "sex", "t_stage", "n_stage", "dose_gy"],
        location="vertebra",
        n_jobs=n_jobs,
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    result = run_study(table, config, folder / "out")
    total = time.perf_counter() - start
    get_reusable_executor().shutdown(wait=True)  # counts a worker only once it is gone
    found = {
        "lesions": n_lesions,
        "total": total,
        "own_mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
        "worker_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        **result.seconds,
    }
    print(json.dumps(found))


def main():
    """Measure every size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        run_one(arguments.one, arguments.sizes[0], arguments.jobs)
        return
    rows = []
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            make_table(folder, size).to_csv(folder / "cohort.csv", index=False)
            command = [sys.executable, "-m", "benchmarks.study", str(size)]
            command += ["--jobs", str(arguments.jobs), "--one", name]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            rows.append(json.loads(done.stdout.splitlines()[-1]))
            print(rows[-1], file=sys.stderr)
    heads = ("lesions", "total", *STEPS, "own_mb", "worker_mb")
    print("|", " | ".join(heads), "|")
    print("|", " | ".join("---" for _ in heads), "|")
    for row in rows:
        cells = [
            f"{row[head]:.0f}" if row[head] >= 10 else f"{row[head]:.1f}"
            for head in heads
        ]
        print("|", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
