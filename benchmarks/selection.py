"""Time of ICC and feature selection against a loop over pingouin."""

import numpy as np
import pandas as pd

from benchmarks.timing import OURS, Case, cpu_ms, unless_missing
from sklearn_orn import FCMSelector
from sklearn_orn.selection import intraclass_correlation


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


def benchmark(quick):
    """Return the cases."""
    repeats = 2 if quick else 5
    many, few = ratings(10_000), ratings(20)
    icc = {
        OURS: cpu_ms(lambda: intraclass_correlation(many), repeats) / 10_000,
        "pingouin": unless_missing(lambda: cpu_ms(lambda: with_pingouin(few), 3) / 20),
    }
    cases = [Case("ICC(2,1) with interval, one feature", "ms CPU", icc)]
    rng = np.random.default_rng(0)
    for n, p in ((142, 279), (500, 10_000)):
        X, y = rng.normal(size=(n, p)), np.arange(n) % 2
        time = cpu_ms(lambda X=X, y=y: FCMSelector().fit(X, y), repeats)
        cases.append(Case(f"FCMSelector, {n} x {p:,}", "ms CPU", {OURS: time}))
    return cases
