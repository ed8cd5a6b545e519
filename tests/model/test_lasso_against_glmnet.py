"""The LASSO path and its cross-validation against R's glmnet."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.model import logistic_lasso_path
from sklearn_orn.model._lambda_choice import cross_validate_path
from tests._data import R_REFERENCE, of_r

FILES = {"a": "a_train95.csv", "c": "c_sparse200.csv"}
FOLDS = {"a": "a_folds_weights.csv", "c": "c_folds_weights.csv"}


@cache
def _data(name):
    table = pd.read_csv(R_REFERENCE / FILES[name])
    columns = [c for c in table if c.startswith("f") and c[1:].isdigit()]
    folds = pd.read_csv(R_REFERENCE / FOLDS[name])
    reference = of_r(f"glmnet_{name}")
    return table[columns].to_numpy(), table["y"].to_numpy(), folds, reference


def _rows(entry, n_features):
    """Return the reference's lambda numbers and their dense coefficients."""
    coef = np.zeros((len(entry["coef"]), n_features))
    for row, sparse in zip(coef, entry["coef"], strict=True):
        row[np.array(sparse["j"], dtype=int) - 1] = sparse["beta"]
    return np.array([sparse["k"] for sparse in entry["coef"]]) - 1, coef


VARIANTS = {
    "path_tight": {},
    "path_tight_nostd": {"standardize": False},
    "path_tight_alpha05": {"l1_ratio": 0.5},
    "path_tight_weights": {"sample_weight": "w"},
    "path_tight_penfactor": {"penalty_factor": "reference"},
    "path_tight_nointercept": {"fit_intercept": False},
}
CASES = [
    (data, variant)
    for data in FILES
    for variant in VARIANTS
    if variant in _data(data)[3]
]


@pytest.mark.parametrize(("data", "variant"), CASES)
def test_path_equals_glmnet(data, variant):
    X, y, folds, reference = _data(data)
    entry = reference[variant]
    settings = dict(VARIANTS[variant])
    if "sample_weight" in settings:
        settings["sample_weight"] = folds["w"]
    if "penalty_factor" in settings:
        settings["penalty_factor"] = entry["penalty_factor"]
    path = logistic_lasso_path(X, y, **settings)
    assert len(path.lambdas) == len(entry["lambda"])
    np.testing.assert_allclose(path.lambdas, entry["lambda"], rtol=1e-9)
    rows, expected = _rows(entry, X.shape[1])
    error = np.abs(path.coefs[rows] - expected) * X.std(axis=0)
    tolerance = np.full(len(error), 1e-6)
    if data == "c":  # near separation at the smallest lambdas
        tolerance[rows > 0.75 * len(path.lambdas)] = 1e-4
    if variant == "path_tight_nointercept":  # made at thresh 1e-13
        tolerance[:] = 1e-3
    assert (error.max(axis=1) <= tolerance).all(), error.max(axis=1)
    assert path.converged.all()


CV = {
    "cv10_deviance": ("fold10", {}),
    "cv5_deviance": ("fold5", {}),
    "cv10_deviance_alpha05": ("fold10", {"l1_ratio": 0.5}),
    "cv10_deviance_nostd": ("fold10", {"standardize": False}),
    "cv10_deviance_weights": ("fold10", {"sample_weight": "w"}),
    "cv5_auc": ("fold5", {"scoring": "auc"}),
    "cv5_auc_weights": ("fold5", {"scoring": "auc", "sample_weight": "w"}),
    "cv10_class": ("fold10", {"scoring": "error"}),
    "cv5_class": ("fold5", {"scoring": "error"}),
    "cv10_mse": ("fold10", {"scoring": "brier"}),
    "cv5_mse": ("fold5", {"scoring": "brier"}),
}
CV_CASES = [(data, v) for data in FILES for v in CV if v in _data(data)[3]]


@pytest.mark.parametrize(("data", "variant"), CV_CASES)
def test_cross_validation_equals_cv_glmnet(data, variant):
    X, y, folds, reference = _data(data)
    entry = reference[variant]
    fold_column, settings = CV[variant]
    settings = dict(settings)
    weight = folds["w"].to_numpy() if settings.pop("sample_weight", None) else None
    fold = folds[fold_column].to_numpy()
    splits = [
        (np.flatnonzero(fold != f), np.flatnonzero(fold == f)) for f in np.unique(fold)
    ]
    scoring = settings.pop("scoring", "deviance")
    path = logistic_lasso_path(X, y, sample_weight=weight, **settings)
    result = cross_validate_path(
        X,
        y.astype(float),
        splits,
        path.lambdas,
        scoring=scoring,
        sample_weight=weight,
        **settings,
    )
    assert len(path.lambdas) == len(entry["lambda"])
    assert result.lambda_min == pytest.approx(entry["lambda_min"], rel=1e-9)
    assert result.lambda_1se == pytest.approx(entry["lambda_1se"], rel=1e-9)
    factor = 2 if scoring == "brier" else 1  # glmnet's mse adds both classes
    error = np.maximum(
        np.abs(factor * result.mean - entry["cvm"]),
        np.abs(factor * result.se - entry["cvsd"]),
    )
    near = entry["index_min"] + 5
    assert error[:near].max() <= 1e-5
    # A pair of samples that changes its order moves the AUC by a step.
    assert error.max() <= (0.02 if scoring == "auc" else 1e-4)
