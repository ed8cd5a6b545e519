"""Clones, pickles, processes, parameters and the settings of the session."""

import io
import pickle

import cloudpickle
import joblib
import numpy as np
import pandas as pd
import sklearn
from numpy.testing import assert_array_equal
from sklearn import model_selection as ms
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted

from sklearn_orn.images import LesionSequence
from tests.ecosystem._cohorts import all_steps, features, images, table_steps
from tests.ecosystem._machines import Table

CARRYING = Table("carrying and settings")
machine = CARRYING


def fitted_steps():
    data = images()
    return all_steps().fit(data.X, data.y), data.X


@machine("clone")
def clone_():
    """A clone has the parameters and nothing that was learnt."""
    fitted, X = fitted_steps()
    copied = clone(fitted)
    assert repr(copied) == repr(fitted) and is_classifier(copied)
    try:
        check_is_fitted(copied)
    except NotFittedError:
        return
    raise AssertionError("the clone is fitted")


@machine("pickle, cloudpickle, joblib.dump")
def pickles():
    """A fitted pipeline comes back as it was."""
    fitted, X = fitted_steps()
    expected = fitted.predict_proba(X)
    stream = io.BytesIO()
    joblib.dump(fitted, stream)
    stream.seek(0)
    for restored in (
        pickle.loads(pickle.dumps(fitted)),
        pickle.loads(cloudpickle.dumps(fitted)),
        joblib.load(stream),
    ):
        assert_array_equal(restored.predict_proba(X), expected)


def in_backend(backend):
    data = images()
    serial = ms.cross_val_score(all_steps(), data.X, data.y, cv=2)
    with joblib.parallel_config(backend=backend, n_jobs=2):
        parallel = ms.cross_val_score(all_steps(), data.X, data.y, cv=2)
    assert_array_equal(serial, parallel)


@machine("joblib: loky")
def loky():
    """Folds in two processes give the same scores."""
    in_backend("loky")


@machine("joblib: threading")
def threading_():
    """Folds in two threads give the same scores."""
    in_backend("threading")


@machine("joblib: multiprocessing")
def multiprocessing_():
    """Folds in two forked processes give the same scores."""
    in_backend("multiprocessing")


@machine("n_jobs in TextureExtractor, each backend")
def extraction():
    """Lesions measured in two workers give the same table."""
    _, X = fitted_steps()
    extractor = all_steps()["texture"]
    expected = extractor.fit_transform(X)
    for backend in ("loky", "threading", "multiprocessing"):
        with joblib.parallel_config(backend=backend, n_jobs=2):
            pd.testing.assert_frame_equal(extractor.fit_transform(X), expected)


def predicted(fitted, X):
    return fitted.predict(X)


@machine("sklearn.utils.parallel")
def parallel():
    """A fitted pipeline and lesions go to workers."""
    fitted, X = fitted_steps()
    calls = (delayed(predicted)(fitted, X[i : i + 8]) for i in (0, 8, 16))
    parts = Parallel(n_jobs=2, prefer="threads")(calls)
    assert_array_equal(np.concatenate(parts), fitted.predict(X))


@machine("get_params, set_params")
def parameters():
    """Every parameter can be read and set back, also through a pipeline."""
    steps = all_steps()
    found = steps.get_params()
    assert {"window__method", "icc__threshold", "fcm__k", "lasso__cv"} <= set(found)
    steps.set_params(**{name: value for name, value in found.items() if "__" in name})
    assert repr(steps) == repr(all_steps())
    try:
        steps.set_params(fcm__nothing=1)
    except ValueError as error:
        assert "Invalid parameter 'nothing'" in str(error)
        return
    raise AssertionError("an unknown parameter was set")


def with_output(kind, module):
    data = features()
    steps = table_steps().set_output(transform=kind).fit(data.two_readers, data.y)
    out = steps[:-1].transform(data.two_readers)
    assert type(out).__module__.startswith(module)
    assert "f0" in steps[-1].feature_names_in_
    lesions = images()
    whole = all_steps().set_output(transform=kind).fit(lesions.X, lesions.y)
    assert isinstance(whole[:1].transform(lesions.X), LesionSequence)
    assert type(whole[:3].transform(lesions.X)).__module__.startswith(module)
    expected = all_steps().fit(lesions.X, lesions.y).predict_proba(lesions.X)
    assert_array_equal(whole.predict_proba(lesions.X), expected)


@machine("set_output(transform='pandas')")
def set_output():
    """Tables with their names; lesions stay lesions."""
    with_output("pandas", "pandas")


@machine("set_config(transform_output='pandas')")
def set_config():
    """The same, set for the session."""
    data = images()
    expected = all_steps().fit(data.X, data.y).predict_proba(data.X)
    with sklearn.config_context(transform_output="pandas"):
        steps = all_steps().fit(data.X, data.y)
        assert_array_equal(steps.predict_proba(data.X), expected)
        assert isinstance(steps[:1].transform(data.X), LesionSequence)
        assert isinstance(steps[:-1].transform(data.X), pd.DataFrame)


@machine("set_config: the other settings")
def other_settings():
    """Each setting of scikit-learn's leaves the numbers alone."""
    data = images()
    expected = all_steps().fit(data.X, data.y).predict_proba(data.X)
    for setting in (
        {"assume_finite": True},
        {"skip_parameter_validation": True},
        {"enable_metadata_routing": True},
        {"working_memory": 1},
        {"display": "text"},
        {"enable_cython_pairwise_dist": False},
    ):
        with sklearn.config_context(**setting):
            steps = all_steps().fit(data.X, data.y)
            assert_array_equal(steps.predict_proba(data.X), expected)
            assert repr(steps)


@machine("X as DataFrame, array, list; y as Series, bool, text")
def containers():
    """The same numbers from each."""
    data = features()
    expected = (
        table_steps().fit(data.two_readers, data.y).predict_proba(data.two_readers)
    )
    unnamed = data.two_readers.to_numpy()
    steps = table_steps().set_params(icc__n_readers=2)
    for X in (unnamed, unnamed.tolist(), np.asfortranarray(unnamed)):
        assert_array_equal(steps.fit(X, data.y).predict_proba(X), expected)
    X = data.two_readers
    for y in (
        pd.Series(data.y),
        data.y.astype(bool),
        np.where(data.y, "yes", "no"),
        pd.Series(data.y, dtype="Int64"),
        pd.Series(np.where(data.y, "yes", "no"), dtype="category"),
        data.y.tolist(),
        data.y.astype(float),
    ):
        assert_array_equal(table_steps().fit(X, y).predict_proba(X), expected)
