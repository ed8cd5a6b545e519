import matplotlib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator

from tests._data import R_REFERENCE, of_r

NAMES = [
    "S(5,-5)InvDfMom",
    "S(1,0)Contrast",
    "WavEnLL_s-2",
    "Teta1",
    "Sigma",
    "Perc.99%",
    "Vertl_RLNonUni",
    "135dr_Fraction",
    "GrKurtosis",
    "S(0,5)SumOfSqs",
    *(f"S({i},{-i})DifEntrp" for i in range(1, 6)),
    *(f"S({i},0)AngScMom" for i in range(1, 6)),
    *(f"WavEnHH_s-{i}" for i in range(1, 6)),
    *(f"45dgr_GLevNon{i}" for i in range(1, 6)),
]


@pytest.fixture(autouse=True)
def _close_figures():
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.close("all")
    yield
    plt.close("all")


@pytest.fixture(scope="session")
def training():
    return pd.read_csv(R_REFERENCE / "scores_train.csv")


@pytest.fixture(scope="session")
def validation():
    return pd.read_csv(R_REFERENCE / "scores_valid.csv")


@pytest.fixture(scope="session")
def features():
    table = pd.read_csv(R_REFERENCE / "a_train95.csv")
    values = table[[f"f{i:02d}" for i in range(1, 31)]]
    return values.set_axis(NAMES, axis=1)


class Fitted(BaseEstimator):
    def fit(self, X, y):
        return self


@pytest.fixture(scope="session")
def lasso():
    """A fitted classifier's attributes, from R's glmnet."""
    reference = of_r("glmnet_a")
    path, cv = reference["path_tight"], reference["cv10_deviance"]
    lambdas = np.array(path["lambda"])
    known = [entry["k"] - 1 for entry in path["coef"]]
    coefs = np.zeros((len(known), 30))
    for row, entry in zip(coefs, path["coef"], strict=True):
        row[np.atleast_1d(np.array(entry["j"], dtype=int)) - 1] = entry["beta"]
    x = -np.log(lambdas)
    attributes = {
        "lambdas_": lambdas,
        "coef_path_": np.column_stack([np.interp(x, x[known], c) for c in coefs.T]),
        "cv_score_mean_": np.array(cv["cvm"]),
        "cv_score_se_": np.array(cv["cvsd"]),
        "n_nonzero_": np.array(path["df"]),
        "lambda_min_": cv["lambda_min"],
        "lambda_1se_": cv["lambda_1se"],
        "feature_names_in_": np.array(NAMES, dtype=object),
        "n_features_in_": 30,
    }
    classifier = Fitted()
    vars(classifier).update(attributes)
    return classifier
