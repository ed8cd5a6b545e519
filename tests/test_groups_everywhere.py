"""Every function that takes patients refuses a missing one by its position."""

import inspect

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import sklearn_orn.metrics
import sklearn_orn.model
import sklearn_orn.resampling
from sklearn_orn import FCMSelector, NomogramClassifier
from sklearn_orn.plotting import DecisionCurveDisplay

N = 40
RNG = np.random.default_rng(0)
Y = np.arange(N) % 2
P = 1 / (1 + np.exp(-(RNG.normal(size=N) + Y)))
Q = 1 / (1 + np.exp(-(RNG.normal(size=N) + Y)))
X = RNG.normal(size=(N, 4)) + Y[:, None]
READ = np.where(RNG.random(N) < 0.8, Y, 1 - Y)
LABELS = np.where(np.arange(N) % 4 < 2, "a", "b")
PIPELINE = make_pipeline(FCMSelector(k=2), NomogramClassifier(penalty="none"))
FITTED = LogisticRegression().fit(X, Y)

CALLS = {
    "third_reader": (PIPELINE, {"all": X}, Y),
    "ExternalValidation": (Y, P),
    "batch_predicts_class": (Y, LABELS),
    "calibration_statistics": (Y, P),
    "cochrans_q_test": (Y, READ, 1 - READ),
    "compare_auc": (Y, P, Q),
    "compare_net_benefit": (Y, P, Q),
    "decision_curve": (Y, P),
    "diagnostic_performance": (Y, READ),
    "features_predict_batch": (X, LABELS),
    "hosmer_lemeshow": (Y, P),
    "kappa": (Y, READ),
    "limits_of_agreement": (P, Q),
    "mcnemar_test": (Y, READ, 1 - READ),
    "nested_cross_validate": (PIPELINE, X, Y),
    "odds_ratios": (pd.DataFrame(X, columns=list("abcd")), Y),
    "optimism": (PIPELINE, X, Y),
    "performance_by_centre": (Y, P, LABELS),
    "permuted_outcome": (PIPELINE, X, Y),
    "recalibration": (Y, P),
    "roc_auc_ci": (Y, P),
    "roc_band": (Y, P),
    "score_by_class": (Y, P),
    "stability": (PIPELINE, X, Y),
    "subgroup_table": (Y, P, LABELS),
    "validate_externally": (FITTED, X, Y),
}


def public_with_groups():
    rooms = (sklearn_orn.metrics, sklearn_orn.resampling, sklearn_orn.model)
    for room in rooms:
        for name in room.__all__:
            thing = getattr(room, name)
            thing = getattr(thing, "from_predictions", thing)
            if inspect.isroutine(thing):
                if "groups" in inspect.signature(thing).parameters:
                    yield name, thing


FUNCTIONS = dict(public_with_groups())


def test_every_function_that_takes_patients_is_tried():
    assert set(FUNCTIONS) == set(CALLS)


def with_gap(missing, kind):
    patients = [f"P{i // 2:02d}" for i in range(N)]
    patients[7] = missing
    return pd.Series(patients) if kind == "series" else patients


@pytest.mark.parametrize("kind", ["list", "series"])
@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_missing_patient_is_refused_by_position(name, missing, kind):
    with pytest.raises(ValueError, match="groups has 1 missing .* first at position 7"):
        FUNCTIONS[name](*CALLS[name], groups=with_gap(missing, kind))


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_one_name_for_all_is_no_list_of_patients(name):
    with pytest.raises(TypeError, match="groups must name the patient of each of the"):
        FUNCTIONS[name](*CALLS[name], groups="patient")


def test_pooled_folds_refuse_it_too():
    found = {
        "estimator": [FITTED, FITTED],
        "indices": {"test": [np.arange(0, N, 2), np.arange(1, N, 2)]},
    }
    with pytest.raises(ValueError, match="first at position 7"):
        DecisionCurveDisplay.from_cv_results(
            found, X, Y, groups=with_gap(np.nan, "list")
        )
