"""scikit-learn's containers, with our steps inside and around."""

import tempfile

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.decomposition import PCA
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from sklearn_orn import (
    FCMSelector,
    ICCFilter,
    Normalizer,
    TextureExtractor,
    radiomics_pipeline,
)
from sklearn_orn.model import PublishedSignature
from tests.ecosystem._cohorts import (
    all_steps,
    classifier,
    features,
    images,
    table_steps,
)
from tests.ecosystem._machines import Table

COMPOSITION = Table("composition")
machine = COMPOSITION


def extractor(**settings):
    return TextureExtractor(families=["histogram", "gradient"], **settings)


def probability(estimator, data, X="X"):
    X = getattr(data, X)
    proba = estimator.fit(X, data.y).predict_proba(X)
    assert proba.shape == (len(data.y), 2)
    assert roc_auc_score(data.y, proba[:, 1]) > 0.8
    return proba[:, 1]


@machine("Pipeline")
def pipeline():
    """The five steps give what they give one after the other."""
    data = images()
    steps = all_steps()
    together = probability(steps, data)
    X = data.X
    for step in [step for _, step in all_steps().steps[:-1]]:
        X = step.fit_transform(X, data.y)
    alone = classifier().fit(X, data.y).predict_proba(X)[:, 1]
    assert_array_equal(together, alone)


@machine("Pipeline(memory=)")
def pipeline_with_memory():
    """Cached steps give the same numbers, the second time without fitting."""
    data = images()
    expected = probability(all_steps(), data)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            cached = all_steps().set_params(memory=folder)
            assert_array_equal(probability(cached, data), expected)


@machine("Pipeline[...], get_feature_names_out")
def slices_and_names():
    """A slice is a pipeline; its names are the columns of what it makes."""
    data = images()
    steps = all_steps().fit(data.X, data.y)
    table = steps[:3].transform(data.X)
    names = list(steps[:3].get_feature_names_out())
    assert "Mean" in names and len(names) == table.shape[1]
    assert list(steps[2:3].get_feature_names_out()) == names


@machine("Pipeline.set_params(step='passthrough')")
def passthrough():
    """A step can be switched off."""
    data = images()
    probability(all_steps().set_params(fcm="passthrough"), data)


@machine("Pipeline(transform_input=)")
def transform_input():
    """Metadata that go through the steps do not disturb ours."""
    data = features()
    with sklearn.config_context(enable_metadata_routing=True):
        steps = Pipeline(table_steps().steps, transform_input=["X_val"])
        probability(steps, data, "two_readers")


@machine("FeatureUnion of tables")
def feature_union():
    """Selected features beside principal components; both keep their names."""
    data = features()
    union = FeatureUnion([("fcm", FCMSelector(k=2)), ("pca", PCA(2))])
    union.set_output(transform="pandas")
    names = union.fit_transform(data.X, data.y).columns
    assert {"fcm__f0", "fcm__f1", "pca__pca0"} <= set(names)
    probability(make_pipeline(union, classifier()), data)


@machine("FeatureUnion of extractors, ICCFilter in each branch")
def union_of_filtered_branches():
    """Two bit depths side by side, each filtered by its own readers' agreement."""
    data = images()
    branches = [
        (
            f"bits{bits}",
            make_pipeline(extractor(bits={"gradient": bits}), ICCFilter(0.2)),
        )
        for bits in (4, 5)
    ]
    union = FeatureUnion(branches).set_output(transform="pandas")
    table = make_pipeline(Normalizer(), union).fit_transform(data.X, data.y)
    for bits, branch in branches:
        alone = branch.fit_transform(Normalizer().transform(data.X))
        part = [name for name in table if name.startswith(f"{bits}__")]
        assert_array_equal(table[part], alone)


@machine("FeatureUnion of extractors, ICCFilter behind")
def union_in_front_of_the_filter():
    """The branch is not taken for the reader: the two readers are compared."""
    data = images()
    parts = [
        (family, make_pipeline(Normalizer(), TextureExtractor(families=[family])))
        for family in ("histogram", "gradient")
    ]
    union = FeatureUnion(parts).set_output(transform="pandas")
    behind = ICCFilter(0.2, readers=["a", "b"]).fit(union.fit_transform(data.X))
    each = [ICCFilter(0.2).fit(part.fit_transform(data.X)).icc_ for _, part in parts]
    assert_allclose(behind.icc_, np.concatenate(each))


@machine("FeatureUnion of two bit depths, ICCFilter behind")
def union_of_settings():
    """What may be two readers or two settings is refused, with what to do."""
    data = images()
    pairs = [(x.image, x.masks["a"]) for x in data.X]
    union = FeatureUnion(
        [
            (f"bits{n}", TextureExtractor(["gradient"], bits={"gradient": n}))
            for n in (4, 5)
        ]
    ).set_output(transform="pandas")
    for X in (data.X, pairs):
        table = union.fit_transform(X)
        with pytest.raises(ValueError, match=r"ICCFilter\(readers="):
            ICCFilter().fit(table)
    signature = PublishedSignature({"GrMean": 1.0}, 0.0, reader="mean")
    with pytest.raises(ValueError, match="readers"):
        signature.predictors(table)


@machine("ColumnTransformer")
def column_transformer():
    """A texture branch and a clinical branch over one table."""
    data = features()
    rng = np.random.default_rng(0)
    sex = rng.choice(["f", "m"], 60)
    X = data.two_readers.assign(age=rng.normal(60, 9, 60), sex=sex)
    branches = ColumnTransformer(
        [
            ("texture", make_pipeline(ICCFilter(0.5), FCMSelector(k=2)), list(X)[:12]),
            ("number", StandardScaler(), make_column_selector("age")),
            ("text", OneHotEncoder(drop="if_binary", sparse_output=False), ["sex"]),
        ],
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    steps = make_pipeline(branches, classifier())
    steps.fit(X, data.y)
    assert {"f0", "f1", "age", "sex_m"} <= set(steps[-1].feature_names_in_)
    assert roc_auc_score(data.y, steps.predict_proba(X)[:, 1]) > 0.8


@machine("FunctionTransformer")
def function_transformer():
    """A table in, a table of the same names out, between our steps."""
    data = images()
    shift = FunctionTransformer(lambda X: X + 1, feature_names_out="one-to-one")
    steps = [*all_steps().steps]
    steps.insert(2, ("shift", shift))
    model = Pipeline(steps).fit(data.X, data.y)
    assert set(model[:-1].get_feature_names_out()) <= {
        name.removeprefix("a__") for name in model[1].get_feature_names_out()
    }


@machine("FunctionTransformer on lesions")
def function_on_lesions():
    """Lesions go through a function of the user's, and stay lesions."""
    data = images()
    first = FunctionTransformer(lambda lesions: lesions)
    steps = Pipeline([("first", first), *all_steps().steps])
    assert_array_equal(probability(steps, data), probability(all_steps(), data))


@machine("SimpleImputer, KNNImputer, IterativeImputer")
def imputers():
    """Missing cells are filled between ICCFilter and FCMSelector, names are kept."""
    data = features()
    X = data.two_readers.copy()
    X.iloc[3, 2] = X.iloc[3, 8] = np.nan
    for imputer in (SimpleImputer(), KNNImputer(), IterativeImputer(max_iter=2)):
        steps = Pipeline(table_steps().steps).set_params(icc__threshold=-1)
        steps.set_params(icc__min_lesions=5).steps.insert(1, ("impute", imputer))
        steps.set_output(transform="pandas").fit(X.drop(index=3), np.delete(data.y, 3))
        assert "f0" in steps[-1].feature_names_in_
        assert np.isfinite(steps.predict_proba(X)).all()


@machine("radiomics_pipeline")
def whole_pipeline():
    """The study's pipeline keeps the names of features up to the formula."""
    data = images()
    steps = radiomics_pipeline(k=3, cv=3, random_state=0)
    steps.set_params(extractor__families=["histogram", "gradient"], icc__threshold=0.2)
    probability(steps, data)
    assert set(steps[-1].feature_names_in_) <= {
        name.partition("__")[2] for name in steps[1].get_feature_names_out()
    }


@machine("another classifier behind FCMSelector")
def other_classifier():
    """Our steps stand in front of anybody's last step."""
    data = features()
    steps = [*table_steps().steps[:-1], ("other", LogisticRegression())]
    probability(Pipeline(steps), data, "two_readers")


@machine("another selector in front of NomogramClassifier")
def other_selector():
    """Our last step stands behind anybody's steps."""
    data = features()
    probability(make_pipeline(StandardScaler(), PCA(4), classifier()), data)


@machine("a row index of text")
def indexes():
    """Tables come out with the index that went in."""
    data = features()
    X = data.two_readers.set_axis([f"row {i}" for i in range(60)])
    steps = table_steps().set_output(transform="pandas")
    steps.fit(X, pd.Series(data.y, index=X.index))
    out = steps[:2].transform(X[5:9])
    assert list(out.index) == list(X.index[5:9])
