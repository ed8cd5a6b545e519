"""Small fitted models: of a table, of images, and of both."""

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_orn import (
    FCMSelector,
    ICCFilter,
    NomogramClassifier,
    Normalizer,
    TextureExtractor,
)

FEATURES = [f"f{i}" for i in range(8)]


def imputer():
    return SimpleImputer(strategy="median", keep_empty_features=True)


def feature_data(seed=0, n=60):
    """Features with gaps, an empty column, and a clinical column of 0 and 1."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 8)), columns=FEATURES)
    chance = 1 / (1 + np.exp(-1.5 * X["f3"] + X["f5"]))
    y = np.where(rng.random(n) < chance, "ORN", "metastasis")
    X.loc[rng.random(n) < 0.1, "f3"] = np.nan
    X["empty"] = np.nan
    X["pain"] = rng.integers(0, 2, n)
    return X, y


def feature_model(output="pandas"):
    X, y = feature_data()
    model = Pipeline(
        [
            ("impute", imputer()),
            ("select", FCMSelector(k=2)),
            ("lasso", NomogramClassifier(cv=3, threshold="youden", random_state=0)),
        ]
    )
    return model.set_output(transform=output).fit(X, y)


def image_steps():
    families = ["histogram", "run_length", "gradient"]
    return [Normalizer("1-99"), TextureExtractor(families, bits={"gradient": 5})]


def image_model(cohort):
    model = make_pipeline(
        *image_steps(),
        ICCFilter(threshold=0.5),
        imputer(),
        FCMSelector(k=2),
        NomogramClassifier(cv=3, random_state=0),
    )
    y = (cohort["grade"] == "high").to_numpy().astype(int)
    return model.set_output(transform="pandas").fit(cohort, y)


def mixed_model(cohort):
    """Texture beside two clinical columns, over the whole cohort table."""
    texture = make_pipeline(
        *image_steps(), ICCFilter(threshold=0.5), imputer(), FCMSelector(k=2)
    )
    columns = ColumnTransformer(
        [
            ("texture", texture, ["image", "mask_A", "mask_B"]),
            ("clinical", SimpleImputer(), ["age"]),
            ("coded", "passthrough", ["pain"]),
        ]
    )
    model = make_pipeline(columns, NomogramClassifier(lambda_rule=0.02))
    y = (cohort["grade"] == "high").to_numpy()
    return model.set_output(transform="pandas").fit(cohort, y)
