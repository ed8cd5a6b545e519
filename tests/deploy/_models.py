"""Small fitted models: of a table, of images, and of both."""

import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from sklearn_orn import (
    FCMSelector,
    ICCFilter,
    NomogramClassifier,
    Normalizer,
    TextureExtractor,
)
from sklearn_orn.model import CrossFittedScore, RestrictedCubicSpline

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


STAGES = ["II", "I", "III"]  # the reference first, not in the order of letters
GRADES = ["low", "middle", "high"]


def combined_data(seed=0, n=160):
    """Features, and clinical columns of all kinds, some with gaps."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 8)), columns=FEATURES)
    X["age"] = rng.integers(30, 80, n).astype(float)
    X["stage"] = rng.choice(STAGES, n)
    X["grade"] = rng.choice(GRADES, n)
    X["smoker"] = rng.choice(["no", "yes"], n)
    X["pain"] = rng.integers(0, 2, n)
    X["size"] = rng.gamma(4, 3, n).round(1)
    X["dose"] = rng.uniform(40, 70, n).round(1)
    late = (X["stage"] == "III").to_numpy()
    score = 1.5 * X["f3"] - X["f5"] + 0.04 * (X["age"] - 55) + late
    y = np.where(rng.random(n) < 1 / (1 + np.exp(-score)), "ORN", "metastasis")
    X.loc[rng.random(n) < 0.1, "smoker"] = np.nan
    X.loc[rng.random(n) < 0.1, "dose"] = np.nan
    X["other"] = "not used"
    return X, y


def clinical_branches(ages, stages):
    """A number that is scaled, and a category with a reference of its own."""
    return [
        ("ages", make_pipeline(SimpleImputer(), StandardScaler()), ages),
        (
            "stages",
            OneHotEncoder(categories=[STAGES], drop=[STAGES[0]], sparse_output=False),
            stages,
        ),
    ]


def fit_combined(branches, X, y, groups):
    columns = ColumnTransformer(branches, verbose_feature_names_out=False)
    model = make_pipeline(columns, NomogramClassifier(penalty="none"))
    with sklearn.config_context(enable_metadata_routing=True):
        return model.set_output(transform="pandas").fit(X, y, groups=groups)


def combined_model():
    """The score of features, cross-fitted, with clinical columns of all kinds."""
    X, y = combined_data()
    texture = make_pipeline(
        imputer(), FCMSelector(k=2), NomogramClassifier(lambda_rule=0.02)
    )
    likely = make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(drop="first", sparse_output=False),
    )
    ordinal = OrdinalEncoder(
        categories=[GRADES], handle_unknown="use_encoded_value", unknown_value=np.nan
    )
    branches = [
        ("score", CrossFittedScore(texture, cv=4, random_state=0), FEATURES),
        *clinical_branches(["age"], ["stage"]),
        ("grade", ordinal, ["grade"]),
        ("smoker", likely, ["smoker"]),
        ("pain", "passthrough", ["pain"]),
        ("dose", SimpleImputer(add_indicator=True), ["dose"]),
        ("size", RestrictedCubicSpline(3), ["size"]),
    ]
    return fit_combined(branches, X, y, np.arange(len(X)) // 2)


def image_score_model(cohort):
    """The score of images, cross-fitted, with an age and a stage."""
    texture = make_pipeline(
        *image_steps(),
        ICCFilter(threshold=0.5),
        imputer(),
        FCMSelector(k=2),
        NomogramClassifier(lambda_rule=0.02),
    )
    branches = [
        (
            "score",
            CrossFittedScore(texture, cv=2, random_state=0),
            ["image", "mask_A", "mask_B"],
        ),
        *clinical_branches(["age"], ["stage"]),
    ]
    y = (cohort["grade"] == "high").to_numpy()
    return fit_combined(branches, cohort, y, cohort["patient"].to_numpy())
