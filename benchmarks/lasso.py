"""Time of the LASSO path and its cross-validation against other solvers.

Medians of CPU time in one run. python-glmnet (GPL) and skglm serve this benchmark only.
"""

import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegressionCV
from sklearn.preprocessing import StandardScaler

from benchmarks.timing import OURS, Case, cpu_ms, unless_missing
from sklearn_orn.model import logistic_lasso_path
from sklearn_orn.model._lambda_choice import cross_validate_path

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


SAGA = "scikit-learn's saga"  # minutes, and hours for more columns
PATH = {
    OURS: our_path,
    "python-glmnet 1e-7": partial(glmnet, tol=1e-7, n_splits=0),
    "python-glmnet 1e-14": partial(glmnet, tol=TIGHT, n_splits=0),
    "skglm": skglm_path,
}
FOLDS = {
    OURS: ours,
    "python-glmnet 1e-7": partial(glmnet, tol=1e-7, n_splits=10),
    "python-glmnet 1e-14": partial(glmnet, tol=TIGHT, n_splits=10),
    SAGA: saga,
}
TASKS = {"LASSO path": PATH, "10-fold cross-validation": FOLDS}


def benchmark(quick):
    """Return the cases."""
    data = {
        "95 x 30": reference_data("a_train95.csv", "a_folds_weights.csv"),
        "200 x 100": reference_data("c_sparse200.csv", "c_folds_weights.csv"),
    }
    if not quick:
        data["1000 x 2000"] = wide_data()
    cases = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for shape, content in data.items():
            for task, solvers in TASKS.items():
                values = {
                    name: unless_missing(
                        lambda solver=solver, content=content: cpu_ms(
                            lambda: solver(*content), 1 if quick else 3
                        )
                    )
                    for name, solver in solvers.items()
                    if name != SAGA or (shape == "95 x 30" and not quick)
                }
                cases.append(Case(f"{task}, {shape}", "ms CPU", values))
    return cases
