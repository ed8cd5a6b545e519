"""Time of ICC and feature selection; the ratio to a loop over pingouin.

``python benchmarks/selection.py``. pingouin (GPL) is an oracle of this benchmark, not a
dependency: the ratio is left out where it is not installed.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd

from sklearn_orn import FCMSelector
from sklearn_orn.selection import intraclass_correlation


def cpu_seconds(function, repeats):
    """Return the median CPU time of a call, after one to warm up."""
    function()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return float(np.median(times))


def ratings(n_features):
    """Return 100 lesions read by two readers."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(100, 1, n_features))
    return truth + 0.5 * rng.normal(size=(100, 2, n_features))


def with_pingouin(values):
    """Return ICC(2,1) of each feature by a loop."""
    import pingouin

    lesion, reader = np.indices(values.shape[:2])
    found = []
    for k in range(values.shape[2]):
        table = pd.DataFrame(
            {
                "lesion": lesion.ravel(),
                "reader": reader.ravel(),
                "value": values[:, :, k].ravel(),
            }
        )
        icc = pingouin.intraclass_corr(table, "lesion", "reader", "value")
        found.append(icc["ICC"].iloc[1])
    return found


def benchmark():
    """Return CPU seconds by task."""
    many, few = ratings(10_000), ratings(20)
    rng = np.random.default_rng(0)
    results = {
        "ICC(2,1), 10,000 features x 100 x 2": cpu_seconds(
            lambda: intraclass_correlation(many), 5
        )
    }
    for n, p in ((142, 279), (500, 10_000)):
        X, y = rng.normal(size=(n, p)), np.arange(n) % 2
        results[f"FCMSelector, {n} x {p}"] = cpu_seconds(
            lambda X=X, y=y: FCMSelector().fit(X, y), 5
        )
    try:
        per_feature = cpu_seconds(lambda: with_pingouin(few), 3) / 20
    except ImportError:
        return results
    theirs = np.array(with_pingouin(few), dtype=float)
    difference = np.abs(theirs - intraclass_correlation(few).icc).max()
    ours = results["ICC(2,1), 10,000 features x 100 x 2"] / 10_000
    results["pingouin, one feature"] = per_feature
    results["ratio to pingouin"] = per_feature / ours
    results["largest difference to pingouin"] = float(difference)
    return results


def main():
    """Print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("benchmark-selection.json"))
    arguments = parser.parse_args()
    results = benchmark()
    for name, value in results.items():
        print(f"{name:40s} {value:12.6g}")
    arguments.out.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
