"""Time and accuracy of the LASSO path where columns are correlated.

``python -m benchmarks.hard_lasso`` prints a table. glmstar (glmnet's core, GPL) serves
this benchmark only, and the published tables are taken where they are.
"""

import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

from sklearn_orn.model import logistic_lasso_path

TABLES = Path(__file__).parents[2] / "shared" / "data" / "feature_tables"
# Samples, columns, correlation of each two, columns with an effect, size of the effect.
DRAWN = {
    "95 x 30, 0.3": (95, 30, 0.3, 5, 1.5),
    "1000 x 2000, 0.5": (1000, 2000, 0.5, 20, 1.5),
    "300 x 1500, 0.8": (300, 1500, 0.8, 20, 1.5),
    "300 x 1500, 0.95": (300, 1500, 0.95, 20, 1.5),
    "200 x 10000, 0.5, sparse": (200, 10_000, 0.5, 3, 1.5),
    "300 x 500, 0.5, nearly separated": (300, 500, 0.5, 5, 30.0),
    "2000 x 300, 0.5": (2000, 300, 0.5, 20, 1.5),
}


def drawn(n_samples, n_features, correlation, n_effects, effect):
    """Return equally correlated columns and an outcome of some of them."""
    rng = np.random.default_rng(0)
    shared = np.sqrt(correlation) * rng.normal(size=(n_samples, 1))
    own = rng.normal(size=(n_samples, n_features))
    X = shared + np.sqrt(1 - correlation) * own
    score = X[:, :n_effects] @ rng.normal(size=n_effects)
    p = expit(effect * score / score.std())
    return X, (rng.random(n_samples) < p).astype(float)


def published(file):
    """Return a published table without constant and incomplete columns."""
    table = pd.read_csv(file)
    y = table.pop("Target").to_numpy(float)
    X = table.select_dtypes("number").drop(columns="ID", errors="ignore")
    return X.dropna(axis=1).loc[:, lambda t: t.nunique() > 1].to_numpy(float), y


def violation(X, y, lambdas, intercepts, coefs):
    """Return the worst violation of the optimum, over the largest lambda."""
    sd = X.std(axis=0)
    Z, worst = (X - X.mean(axis=0)) / sd, 0.0
    for lam, b0, coef in zip(lambdas, intercepts, coefs, strict=True):
        residual = (y - expit(b0 + X @ coef)) / len(y)
        gradient = Z.T @ residual
        at_zero = np.abs(gradient) - lam
        inside = np.abs(gradient - lam * np.sign(coef))
        off = np.where(coef != 0, inside, at_zero).max()
        worst = max(worst, off, abs(residual.sum()))
    return worst / lambdas[0]


def ours(X, y, **settings):
    """Solve the path; return lambdas, intercepts, coefficients and convergence."""
    path = logistic_lasso_path(X, y, **settings)
    return path.lambdas, path.intercepts, path.coefs, bool(path.converged.all())


def glmstar(X, y, thresh):
    """Return glmstar's path in the same form."""
    from glmnet import LogNet
    from glmnet.paths.fastnet import FastNetControl

    fit = LogNet(control=FastNetControl(thresh=thresh, maxit=10_000_000)).fit(X, y)
    return fit.lambda_values_, fit.intercepts_, fit.coefs_, True


SOLVERS = {
    "ours, default": ours,
    "ours, 1e-7": lambda X, y: ours(X, y, tol=1e-7),
    "glmstar, default": lambda X, y: glmstar(X, y, 1e-7),
    "glmstar, 1e-14": lambda X, y: glmstar(X, y, 1e-14),
}


def measure(solver, X, y):
    """Return the median CPU time in seconds, the violation and the convergence."""
    times = []
    for _ in range(3):
        start = time.process_time()
        *path, converged = solver(X, y)
        times.append(time.process_time() - start)
        if times[0] > 10:
            break
    return float(np.median(times)), violation(X, y, *path), converged


def main():
    """Print a row for each data set and solver."""
    data = {name: lambda shape=shape: drawn(*shape) for name, shape in DRAWN.items()}
    for file in sorted(TABLES.glob("*.csv.gz")):
        data[file.name.partition(".")[0]] = lambda file=file: published(file)
    print("| data | solver | s CPU | violation | converged |\n" + "| --- " * 5 + "|")
    ours(*drawn(60, 5, 0.0, 2, 1.0))  # compile
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, make in data.items():
            X, y = make()
            for solver, solve in SOLVERS.items():
                try:
                    seconds, off, converged = measure(solve, X, y)
                except ModuleNotFoundError:
                    continue
                answer = "yes" if converged else "no"
                print(f"| {name} | {solver} | {seconds:.3g} | {off:.0e} | {answer} |")


if __name__ == "__main__":
    main()
