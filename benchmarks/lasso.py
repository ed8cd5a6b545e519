"""Time of the LASSO path and its cross-validation against other solvers.

``python benchmarks/lasso.py``: medians of CPU time in one run. python-glmnet (GPL) and
skglm serve this benchmark only; a solver that is not installed is left out.
"""

import argparse
import json
import time
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegressionCV
from sklearn.preprocessing import StandardScaler

from sklearn_orn.model import logistic_lasso_path
from sklearn_orn.model._lasso_cv import cross_validate_path

R_REFERENCE = Path(__file__).parents[1] / "tests" / "r_reference"
TIGHT = 1e-14  # glmnet's thresh that makes its coefficients exact to about 1e-7


def reference_data(table, folds):
    """Return X, y and ten folds of a reference data set."""
    data = pd.read_csv(R_REFERENCE / table)
    columns = [c for c in data if c.startswith("f") and c[1:].isdigit()]
    fold = pd.read_csv(R_REFERENCE / folds)["fold10"].to_numpy()
    splits = [
        (np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(1, 11)
    ]
    return data[columns].to_numpy(), data["y"].to_numpy(float), splits


def wide_data():
    """Return 1000 samples of 2000 features, 20 of them with an effect."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 2000))
    y = (X[:, :20].sum(axis=1) / 2 + rng.normal(size=1000) > 0).astype(float)
    fold = rng.permutation(1000) % 10
    return (
        X,
        y,
        [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(10)],
    )


def ours(X, y, splits):
    """Path and cross-validation at the default tolerance."""
    path = logistic_lasso_path(X, y)
    cross_validate_path(X, y, splits, path.lambdas)


def our_path(X, y, splits):
    """Solve the path alone."""
    return logistic_lasso_path(X, y)


def glmnet(X, y, splits, tol, n_splits):
    """python-glmnet: the path, and its own cross-validation with `n_splits`."""
    from glmnet import LogitNet

    ratio = 1e-2 if len(X) < X.shape[1] else 1e-4
    model = LogitNet(n_splits=n_splits, tol=tol, min_lambda_ratio=ratio, random_state=0)
    return model.fit(X, y)


def saga(X, y, splits):
    """scikit-learn's saga at the lambdas of our path."""
    lambdas = logistic_lasso_path(X, y).lambdas
    model = LogisticRegressionCV(
        Cs=1 / (len(X) * lambdas),
        cv=splits,
        l1_ratios=(1.0,),
        solver="saga",
        tol=1e-7,
        max_iter=100_000,
        use_legacy_attributes=False,
    )
    return model.fit(StandardScaler().fit_transform(X), y)


def skglm_path(X, y, splits):
    """Skglm at the lambdas of our path, with a warm start."""
    from skglm import SparseLogisticRegression

    lambdas = logistic_lasso_path(X, y).lambdas
    X = np.asfortranarray(StandardScaler().fit_transform(X))
    model = SparseLogisticRegression(tol=1e-7, warm_start=True)
    for value in lambdas:
        model.set_params(alpha=value).fit(X, y)
    return model


SOLVERS = {
    "sklearn_orn, path": (our_path, {}),
    "python-glmnet 1e-7, path": (glmnet, {"tol": 1e-7, "n_splits": 0}),
    "python-glmnet 1e-14, path": (glmnet, {"tol": TIGHT, "n_splits": 0}),
    "skglm, path": (skglm_path, {}),
    "sklearn_orn, 10-fold": (ours, {}),
    "python-glmnet 1e-7, 10-fold": (glmnet, {"tol": 1e-7, "n_splits": 10}),
    "python-glmnet 1e-14, 10-fold": (glmnet, {"tol": TIGHT, "n_splits": 10}),
    "saga, 10-fold": (saga, {}),
}


def cpu_seconds(function, repeats):
    """Return the median CPU time of a call, after one to warm up where it is short."""
    times = []
    for i in range(repeats + 1):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
        if i == 0 and times[0] > 20:
            return times[0]
    return float(np.median(times[1:]))


def benchmark(repeats, names):
    """Return CPU seconds by data set and solver."""
    data = {
        "a, 95 x 30": reference_data("a_train95.csv", "a_folds_weights.csv"),
        "c, 200 x 100": reference_data("c_sparse200.csv", "c_folds_weights.csv"),
        "1000 x 2000": wide_data(),
    }
    results = {}
    for case in names or data:
        X, y, splits = data[case]
        results[case] = {}
        for name, (solver, settings) in SOLVERS.items():
            if case == "1000 x 2000" and name.startswith("saga"):
                continue  # hours
            try:
                call = partial(solver, X, y, splits, **settings)
                results[case][name] = cpu_seconds(call, repeats)
            except ImportError:
                continue
            print(f"{case:14s} {name:30s} {1000 * results[case][name]:12.1f} ms")
    return results


def main():
    """Print the table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--case", action="append", help="one data set of the three")
    parser.add_argument("--out", type=Path, default=Path("benchmark-lasso.json"))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    results = benchmark(arguments.repeats, arguments.case)
    arguments.out.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
