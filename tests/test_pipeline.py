"""The five steps in one Pipeline, as a user of scikit-learn runs them."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedGroupKFold,
    cross_validate,
    train_test_split,
)
from sklearn.pipeline import Pipeline

from sklearn_orn import (
    FCMSelector,
    ICCFilter,
    NomogramClassifier,
    Normalizer,
    TextureExtractor,
)
from sklearn_orn.images import Lesion, as_lesions
from sklearn_orn.metrics import get_scorer
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._pipeline import check_parameters
from sklearn_orn.testing import check_image_step
from tests._marks import weak_fits
from tests.images._make import write_image, write_png


def study_pipeline():
    return Pipeline(
        [
            ("window", Normalizer()),
            ("texture", TextureExtractor()),
            ("icc", ICCFilter()),
            ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
            ("fcm", FCMSelector()),
            ("lasso", NomogramClassifier(cv=3, random_state=0)),
        ]
    )


pytestmark = weak_fits  # stripes against noise: they separate the classes


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Thirty lesions of twenty patients, two readers, as files and as arrays."""
    folder = tmp_path_factory.mktemp("cohort")
    rng = np.random.default_rng(3)
    rows, arrays = [], []
    for i in range(30):
        patient = i % 20
        positive = patient % 2
        image = rng.normal(500, 60, size=(48, 48))
        if positive:
            image[:, ::2] += 40
        image = image.astype(np.uint16)
        y, x = np.mgrid[:48, :48]
        size = rng.uniform(9, 15)
        masks = {
            reader: (y - 24 - dy) ** 2 + (x - 24) ** 2 < (size + dy) ** 2
            for reader, dy in (("a", 0.0), ("b", 0.7))
        }
        write_image(folder / f"{i}.dcm", image)
        row = {"image": folder / f"{i}.dcm", "patient": patient, "outcome": positive}
        for reader, mask in masks.items():
            path = folder / f"{i}_{reader}.png"
            write_png(path, mask)
            row[f"mask_{reader}"] = path
        rows.append(row)
        arrays.append((image, masks))
    return pd.DataFrame(rows), arrays


def routed(function, *args, **kwargs):
    with sklearn.config_context(enable_metadata_routing=True):
        return function(*args, **kwargs)


def test_paths_arrays_and_lesions_give_the_same_numbers(cohort):
    table, arrays = cohort
    y, groups = table["outcome"], table["patient"]
    lesions = [Lesion(image, masks) for image, masks in arrays]
    probabilities = [
        routed(study_pipeline().fit, X, y, groups=groups).predict_proba(X)
        for X in (table, arrays, lesions, as_lesions(table))
    ]
    for other in probabilities[1:]:
        np.testing.assert_array_equal(other, probabilities[0])


@pytest.mark.parametrize("form", ["table", "pairs", "lesions"])
def test_grid_search_with_patients(cohort, form):
    table, arrays = cohort
    X = {
        "table": table,
        "pairs": arrays,
        "lesions": [Lesion(image, masks) for image, masks in arrays],
    }[form]
    scorer = get_scorer("net_benefit", threshold=0.4)
    search = GridSearchCV(
        study_pipeline(),
        {"texture__bits": [None, {"cooccurrence": 5}], "fcm__k": [5]},
        cv=StratifiedGroupKFold(2),
        scoring={"auc": "roc_auc", "net_benefit": scorer},
        refit="auc",
        error_score="raise",
    )
    routed(search.fit, X, table["outcome"], groups=table["patient"])
    assert search.best_score_ > 0.9
    assert search.cv_results_["mean_test_net_benefit"].min() > 0.3
    assert search.predict(X[:3]).shape == (3,)


@pytest.mark.usefixtures("started_anew")
def test_cross_validate_in_two_processes_equals_serial(cohort):
    table, _ = cohort
    y, params = table["outcome"], {"groups": table["patient"]}
    serial, parallel = (
        routed(
            cross_validate,
            study_pipeline(),
            table,
            y,
            params=params,
            cv=StratifiedGroupKFold(2),
            scoring="neg_log_loss",
            n_jobs=n_jobs,
        )
        for n_jobs in (None, 2)
    )
    np.testing.assert_array_equal(serial["test_score"], parallel["test_score"])


def test_extraction_in_two_processes_equals_serial(cohort):
    table, _ = cohort
    serial = TextureExtractor().fit_transform(table)
    parallel = TextureExtractor(n_jobs=2).fit_transform(table)
    pd.testing.assert_frame_equal(serial, parallel)


def test_train_test_split_clone_pickle_and_names(cohort):
    table, _ = cohort
    train, test, y_train, _ = train_test_split(
        table, table["outcome"], random_state=0, stratify=table["outcome"]
    )
    pipeline = clone(study_pipeline()).set_output(transform="pandas")
    pipeline.fit(train, y_train)
    again = pickle.loads(pickle.dumps(pipeline))
    np.testing.assert_array_equal(
        again.predict_proba(test), pipeline.predict_proba(test)
    )
    features = pipeline[:-1].transform(test)
    assert features.index.equals(test.index)
    assert list(features) == list(pipeline[:-1].get_feature_names_out())
    assert features.shape[1] == 30
    assert set(pipeline[-1].selected_features_) <= set(features)


def test_a_new_patient_needs_one_reader(cohort):
    table, arrays = cohort
    pipeline = study_pipeline().fit(table, table["outcome"])
    image, masks = arrays[0]
    one = pipeline.predict_proba([(image, masks["a"])])
    named = pipeline.predict_proba([(image, {"a": masks["a"]})])
    np.testing.assert_array_equal(one, named)
    with pytest.raises(ValueError, match="reader c.*'a', 'b'"):
        pipeline.predict_proba([(image, {"c": masks["a"]})])


def test_patients_stay_together_in_the_inner_folds(cohort):
    table, _ = cohort
    seen = []

    class Spy(StratifiedGroupKFold):
        def split(self, X, y=None, groups=None):
            for train, test in super().split(X, y, groups):
                seen.append(set(groups[train]) & set(groups[test]))
                yield train, test

    pipeline = study_pipeline().set_params(lasso__cv=Spy(3))
    routed(pipeline.fit, table, table["outcome"], groups=table["patient"].to_numpy())
    assert seen == [set(), set(), set()]


@pytest.mark.parametrize(
    "step",
    [
        Normalizer(),
        Normalizer("1-99"),
        Normalizer("none"),
        TextureExtractor(),
        TextureExtractor(families=["gradient", "wavelet"], bits={"gradient": 5}),
    ],
    ids=str,
)
def test_image_step_battery(step):
    check_image_step(step)


def test_missing_values_are_imputed_in_the_pipeline():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(40, 12)), columns=[f"f{i}" for i in range(12)])
    y = (X["f3"] > 0).astype(int)
    X.loc[:5, "f3"] = np.nan
    X["empty"] = np.nan
    with pytest.raises(ValueError, match="NaN in 2 columns: f3, empty"):
        FCMSelector().fit(X, y)
    with pytest.raises(ValueError, match="NaN in 2 columns: f3, empty.*SimpleImputer"):
        NomogramClassifier(cv=3).fit(X, y)
    pipeline = Pipeline(study_pipeline().steps[3:]).set_output(transform="pandas")
    pipeline.fit(X, y)
    assert "f3" in pipeline["lasso"].selected_features_
    assert "empty" not in pipeline["fcm"].get_feature_names_out()


def test_settings_of_a_combined_study_are_checked():
    settings = {"outcome": "y", "positive": "1", "patient": "p", "clinical": ["age"]}
    config = StudyConfig(
        **settings, nomogram="combined", pipeline={"fcm__poe": "range"}
    )
    check_parameters(config)
