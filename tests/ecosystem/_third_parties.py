"""Packages of others that take estimators or give tables, with our steps in them."""

import numpy as np
import pandas as pd
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_orn.images import LesionSequence
from tests.ecosystem._cohorts import (
    all_steps,
    classifier,
    features,
    images,
    table_steps,
)
from tests.ecosystem._machines import Table

THIRD_PARTIES = Table("third parties")  # named by the module that is imported
machine = THIRD_PARTIES
CV = StratifiedKFold(3)
SEARCH = {"cv": CV, "random_state": 0, "scoring": "roc_auc"}


def auc(fitted, X, y):
    return roc_auc_score(y, fitted.predict_proba(X)[:, 1])


def assert_found(search):
    data = features()
    assert search.fit(data.two_readers, data.y).best_score_ > 0.8


def by_pandas():
    data = features()
    fitted = table_steps().fit(data.two_readers, data.y)
    return fitted.predict_proba(data.two_readers)


@machine("imblearn")
def imbalanced_learn():
    """Its Pipeline resamples rows between our steps; lesions stay lesions in it."""
    from imblearn.over_sampling import SMOTE, RandomOverSampler
    from imblearn.pipeline import Pipeline as Resampling

    data = features()
    keep = np.flatnonzero((data.y == 0) | (np.arange(60) < 30))
    X, y = data.two_readers.iloc[keep], data.y[keep]
    for sampler in (SMOTE(random_state=0), RandomOverSampler(random_state=0)):
        head, last = table_steps().steps[:-1], table_steps().steps[-1]
        steps = Resampling([*head, ("sample", sampler), last]).fit(X, y)
        assert auc(steps, data.two_readers, data.y) > 0.8
    lesions = images()
    steps = Resampling([*all_steps().steps]).fit(lesions.X, lesions.y)
    assert auc(steps, lesions.X, lesions.y) > 0.8


@machine("skrub")
def skrub():
    """Its steps for columns stand in front; a table report reads our features."""
    from skrub import ApplyToCols, DropUninformative, SelectCols, TableReport

    data = features()
    X = data.X.assign(empty=np.nan)
    steps = make_pipeline(
        ApplyToCols(DropUninformative()), SelectCols(list(data.X)), classifier()
    )
    assert auc(steps.fit(X, data.y), X, data.y) > 0.8
    lesions = images()
    table = all_steps()[:2].fit_transform(lesions.X)
    assert "a__Mean" in TableReport(table, verbose=0).json()


@machine("feature_engine")
def feature_engine():
    """Its selectors and transformers on our tables, names kept."""
    from feature_engine.imputation import MeanMedianImputer
    from feature_engine.selection import DropConstantFeatures, DropCorrelatedFeatures

    data = features()
    X = data.X.assign(constant=1.0, copy=data.X["f0"])
    X.iloc[3, 2] = np.nan
    steps = make_pipeline(
        MeanMedianImputer(),
        DropConstantFeatures(),
        DropCorrelatedFeatures(),
        classifier(),
    )
    assert auc(steps.fit(X, data.y), X, data.y) > 0.8
    names = set(steps[-1].feature_names_in_)
    assert names in (set(data.X), set(data.X) - {"f0"} | {"copy"})
    lesions = images()
    texture = all_steps()[:3].fit_transform(lesions.X)
    texture = pd.DataFrame(texture)
    assert DropConstantFeatures().fit_transform(texture).shape[0] == 24


@machine("optuna")
def optuna():
    """A study over parameters of our steps."""
    import optuna as package

    package.logging.set_verbosity(package.logging.ERROR)
    data = features()

    def objective(trial):
        steps = table_steps().set_params(
            icc__threshold=trial.suggest_float("icc", 0.1, 0.6),
            fcm__k=trial.suggest_int("k", 2, 4),
        )
        scores = cross_val_score(
            steps, data.two_readers, data.y, cv=CV, scoring="roc_auc"
        )
        return scores.mean()

    study = package.create_study(
        direction="maximize", sampler=package.samplers.TPESampler(seed=0)
    )
    study.optimize(objective, n_trials=3)
    assert study.best_value > 0.8


@machine("optuna_integration")
def optuna_search():
    """OptunaSearchCV over our pipeline."""
    from optuna.distributions import FloatDistribution
    from optuna_integration.sklearn import OptunaSearchCV

    search = OptunaSearchCV(
        table_steps(),
        {"icc__threshold": FloatDistribution(0.1, 0.6)},
        n_trials=2,
        **SEARCH,
    )
    assert_found(search)


@machine("skopt")
def scikit_optimize():
    """BayesSearchCV over our pipeline, from lesions on."""
    from skopt import BayesSearchCV

    search = BayesSearchCV(
        table_steps(),
        {"icc__threshold": (0.1, 0.6), "fcm__k": (2, 4)},
        n_iter=2,
        **SEARCH,
    )
    assert_found(search)


@machine("mapie")
def mapie():
    """Prediction sets around a fitted pipeline."""
    from mapie.classification import SplitConformalClassifier

    data = features()
    X, y = data.two_readers, data.y
    fitted = table_steps().fit(X[:30], y[:30])
    conformal = SplitConformalClassifier(fitted, confidence_level=0.9, prefit=True)
    conformal.conformalize(X[30:50], y[30:50])
    predicted, sets = conformal.predict_set(X[50:])
    assert predicted.shape == (10,) and sets.shape[:2] == (10, 2)


@machine("crepes")
def crepes():
    """Conformal p-values of a wrapped pipeline, and of one that reads images."""
    from crepes import WrapClassifier

    data = features()
    X, y = data.two_readers, data.y
    wrapped = WrapClassifier(table_steps())
    wrapped.fit(X[:30], y[:30])
    wrapped.calibrate(X[30:], y[30:], seed=0)
    assert wrapped.predict_p(X[30:]).shape == (30, 2)


@machine("shap")
def shap():
    """Linear values of the LASSO, which add up to its linear predictor."""
    import shap as package

    data = features()
    fitted = classifier().fit(data.X, data.y)
    explainer = package.LinearExplainer(
        (fitted.coef_.ravel(), fitted.intercept_[0]), data.X
    )
    values = explainer(data.X)
    total = values.values.sum(axis=1) + values.base_values
    assert_allclose(total, fitted.decision_function(data.X), atol=1e-9)
    model = package.Explainer(lambda X: fitted.predict_proba(X)[:, 1], data.X)
    assert model(data.X[:3]).values.shape == (3, 6)


@machine("skops")
def skops():
    """Files without pickle: our classes must be trusted by name, as any."""
    from skops import io

    data = images()
    fitted = all_steps().fit(data.X, data.y)
    stored = io.dumps(fitted)
    unknown = io.get_untrusted_types(data=stored)
    assert all(name.startswith("sklearn_orn.") for name in unknown), unknown
    restored = io.loads(stored, trusted=unknown)
    assert_array_equal(restored.predict_proba(data.X), fitted.predict_proba(data.X))


@machine("polars")
def polars():
    """Tables in and out: as X, by set_output and by set_config."""
    import polars as package
    import sklearn

    data = features()
    X = package.from_pandas(data.two_readers)
    expected = (
        table_steps().fit(data.two_readers, data.y).predict_proba(data.two_readers)
    )
    y = package.Series(data.y)
    assert_array_equal(table_steps().fit(X, y).predict_proba(X), expected)
    lesions = images()
    expected = all_steps().fit(lesions.X, lesions.y).predict_proba(lesions.X)
    steps = all_steps().set_output(transform="polars").fit(lesions.X, lesions.y)
    assert_array_equal(steps.predict_proba(lesions.X), expected)
    assert isinstance(steps[:-1].transform(lesions.X), package.DataFrame)
    with sklearn.config_context(transform_output="polars"):
        steps = all_steps().fit(lesions.X, lesions.y)
        assert_array_equal(steps.predict_proba(lesions.X), expected)
        assert isinstance(steps[:1].transform(lesions.X), LesionSequence)
        assert isinstance(steps[:3].transform(lesions.X), package.DataFrame)


@machine("pyarrow")
def pyarrow():
    """Arrow tables as X, and columns of pandas that hold Arrow data."""
    import pyarrow as package

    data = features()
    expected = (
        table_steps().fit(data.two_readers, data.y).predict_proba(data.two_readers)
    )
    X = data.two_readers.convert_dtypes(dtype_backend="pyarrow")
    assert_array_equal(table_steps().fit(X, data.y).predict_proba(X), expected)
    table = package.Table.from_pandas(data.two_readers)
    steps = table_steps().set_params(icc__n_readers=2)
    assert_array_equal(steps.fit(table, data.y).predict_proba(table), expected)


@machine("narwhals")
def narwhals():
    """A table read through narwhals goes in as what it is made of."""
    import narwhals as package

    data = features()
    X = package.from_native(data.two_readers).with_columns(package.col("a__f0") * 1)
    steps = table_steps().fit(X.to_native(), data.y)
    assert auc(steps, data.two_readers, data.y) > 0.8


@machine("category_encoders")
def category_encoders():
    """An encoder of text that looks at the outcome, in front."""
    from category_encoders import TargetEncoder

    data = features()
    X = data.X.assign(site=np.where(np.arange(60) % 3, "one", "two"))
    steps = make_pipeline(TargetEncoder(cols=["site"]), classifier())
    assert auc(steps.fit(X, data.y), X, data.y) > 0.8


@machine("mlxtend")
def mlxtend():
    """Sequential selection with our classifier inside."""
    from mlxtend.feature_selection import SequentialFeatureSelector

    data = features()
    selector = SequentialFeatureSelector(
        classifier(lambda_rule="min"), k_features=2, cv=2, scoring="roc_auc"
    )
    selector.fit(data.X, data.y)
    assert set(selector.k_feature_names_) == {"f0", "f1"}


@machine("statsmodels")
def statsmodels():
    """Our unpenalised fit is its maximum likelihood."""
    from statsmodels.api import Logit, add_constant

    data = features()
    X = data.X[["f0", "f1"]]
    theirs = Logit(data.y, add_constant(X)).fit(disp=False).params
    ours = classifier(penalty="none").fit(X, data.y)
    assert_allclose(ours.intercept_, theirs.iloc[:1], rtol=1e-5)
    assert_allclose(ours.coef_.ravel(), theirs.iloc[1:], rtol=1e-5)


@machine("fairlearn")
def fairlearn():
    """Metrics by group of our predictions, and a threshold for each group."""
    from fairlearn.metrics import MetricFrame, selection_rate
    from fairlearn.postprocessing import ThresholdOptimizer

    data = features()
    sex = np.where(np.arange(60) // 2 % 4 < 2, "f", "m")
    fitted = classifier().fit(data.X, data.y)
    frame = MetricFrame(
        metrics=selection_rate,
        y_true=data.y,
        y_pred=fitted.predict(data.X),
        sensitive_features=sex,
    )
    assert frame.by_group.between(0, 1).all()
    fair = ThresholdOptimizer(
        estimator=fitted, prefit=True, predict_method="predict_proba"
    ).fit(data.X, data.y, sensitive_features=sex)
    assert fair.predict(data.X, sensitive_features=sex, random_state=0).shape == (60,)


@machine("sklego")
def scikit_lego():
    """Its wrappers: a pipeline as a transformer, thresholds, columns by name."""
    from sklego.meta import EstimatorTransformer, Thresholder
    from sklego.preprocessing import ColumnSelector

    data = features()
    X, y = data.two_readers, data.y
    Thresholder(table_steps(), threshold=0.4).fit(X, y).predict(X)
    score = EstimatorTransformer(table_steps(), predict_func="decision_function")
    assert auc(make_pipeline(score, LogisticRegression()).fit(X, y), X, y) > 0.8
    steps = Pipeline([("names", ColumnSelector(list(X))), *table_steps().steps])
    assert auc(steps.fit(X, y), X, y) > 0.8


@machine("sklearn_genetic")
def genetic():
    """GASearchCV over our pipeline."""
    from sklearn_genetic import GASearchCV
    from sklearn_genetic.space import Continuous

    data = features()
    search = GASearchCV(
        estimator=table_steps(),
        param_grid={"icc__threshold": Continuous(0.1, 0.6)},
        cv=CV,
        scoring="roc_auc",
        population_size=4,
        generations=1,
        verbose=False,
    )
    assert search.fit(data.two_readers, data.y).best_score_ > 0.8


@machine("distributed")
def dask():
    """Folds on a cluster of dask."""
    import joblib
    from distributed import Client, LocalCluster

    data = features()
    serial = cross_val_score(table_steps(), data.two_readers, data.y, cv=CV)
    cluster = LocalCluster(n_workers=1, processes=False, dashboard_address=None)
    with cluster, Client(cluster), joblib.parallel_config(backend="dask"):
        there = cross_val_score(table_steps(), data.two_readers, data.y, cv=CV)
    assert_array_equal(there, serial)


@machine("boruta")
def boruta():
    """Its selection by a forest, in front of our classifier."""
    from boruta import BorutaPy
    from sklearn.ensemble import RandomForestClassifier

    data = features()
    forest = RandomForestClassifier(20, max_depth=3, random_state=0)
    selector = BorutaPy(forest, n_estimators=20, max_iter=12, random_state=0)
    steps = make_pipeline(selector, classifier())
    assert auc(steps.fit(data.X.to_numpy(), data.y), data.X.to_numpy(), data.y) > 0.8
