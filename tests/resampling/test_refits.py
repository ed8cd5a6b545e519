"""One fit for each resample serves stability and optimism."""

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_orn import FCMSelector, NomogramClassifier
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.resampling import optimism, stability
from sklearn_orn.resampling._refits import Refit, Refits, passed_steps, refit
from sklearn_orn.resampling.shared import optimism_of, refit_patients, stability_of


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(60, 8)), columns=list("abcdefgh"))
    y = (X["a"] + rng.normal(size=60) > 0).astype(int).to_numpy()
    patients = np.array([f"P{i // 2}" for i in range(60)])
    steps = make_pipeline(FCMSelector(k=2), NomogramClassifier(lambda_rule=0.05))
    return steps.set_output(transform="pandas"), X, y, patients


@pytest.fixture(scope="module")
def refits(data):
    steps, X, y, patients = data
    return refit_patients(
        steps,
        X,
        y,
        groups=patients,
        n_resamples=6,
        random_state=1,
        n_jobs=None,
        selects=True,
    )


def test_stability_of_the_refits_is_that_of_refits_of_its_own(data, refits):
    steps, X, y, patients = data
    alone = stability(steps, X, y, groups=patients, n_resamples=6, random_state=1)
    shared = stability_of(refits)
    pd.testing.assert_frame_equal(shared.frequencies, alone.frequencies)
    pd.testing.assert_frame_equal(shared.index, alone.index)
    assert shared.failures == alone.failures


def test_the_refits_print_nothing_and_predict_only_where_asked(data, refits, capfd):
    steps, X, y, patients = data
    shared = {"groups": patients, "random_state": 1, "n_jobs": None}
    refit_patients(steps, X, y, n_resamples=2, selects=True, **shared)
    assert capfd.readouterr() == ("", "")
    codes = np.unique(patients, return_inverse=True)[1]
    unasked = refit(
        *(steps, X, y),
        codes=codes,
        unit=codes,
        n_resamples=2,
        random_state=1,
        n_jobs=None,
        selects=True,
        predicts=False,
    )
    for found in (unasked, *unasked.resamples):
        assert found.proba.size == 0
    for one, other in zip(unasked.resamples, refits.resamples, strict=False):
        assert one.passed == other.passed


def test_predictors_count_as_what_a_step_selects():
    steps = Pipeline([("a", FakeSelector(["age"])), ("b", FakeSelector(["age", "b"]))])
    assert passed_steps(steps) == {"a": ["age"], "b": ["age", "b"]}


class FakeSelector:
    """A step that was fitted and says what it selected."""

    def __init__(self, names):
        self.selected_predictors_ = np.array(names, dtype=object)


def test_optimism_of_the_refits_is_that_of_refits_of_its_own(data, refits):
    steps, X, y, patients = data
    for n in (6, 4):
        alone = optimism(steps, X, y, groups=patients, n_resamples=n, random_state=1)
        shared = optimism_of(refits.first(n), metrics=None, n_jobs=None)
        pd.testing.assert_frame_equal(shared.indexes, alone.indexes)
        pd.testing.assert_frame_equal(shared.calibration, alone.calibration)
        np.testing.assert_array_equal(shared.predictions, alone.predictions)
        assert shared.n_resamples == n


def test_what_cannot_be_judged_counts_beside_what_cannot_be_fitted(refits):
    one_class = Refits(
        refits.outcome,
        refits.codes,
        refits.whole,
        refits.proba,
        [*refits.resamples[:3], "The rows are of one class"],
    )

    def fussy(y, proba):
        if len(y) and np.array_equal(proba, refits.resamples[1].proba):
            raise NotEstimable("Not this one: it is the second.")
        return 0.0

    with pytest.warns(match="2 of 4 resamples could not be fitted"):
        found = optimism_of(one_class, metrics={"fussy": fussy}, n_jobs=None)
    assert found.failures == {
        "Not this one": 1,
        "The rows are of one class": 1,
    }
    assert found.n_resamples == 2
    assert all(isinstance(each, Refit) for each in refits.resamples)
