"""The study with other grey-level settings: every image is read once."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Lesion, as_lesions
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._pipeline import study_pipeline
from sklearn_orn.study.report.sections import _sensitivity

SETTINGS = [("3sigma", 5), ("1-99", 8), ("none", 6)]
CONFIG = StudyConfig(outcome="y", patient="patient")


def study_of(lesions, progress=lambda *step: None):
    cohort = SimpleNamespace(lesions=lambda: lesions)
    return SimpleNamespace(cohort=cohort, config=CONFIG, progress=progress)


@pytest.fixture
def lesions(monkeypatch):
    monkeypatch.setattr(_sensitivity, "AT_HAND", 2)
    rng = np.random.default_rng(0)
    inside = np.zeros((12, 12), dtype=bool)
    inside[2:10, 3:11] = True
    images = rng.integers(0, 4000, size=(3, 12, 12)).astype(np.uint16)
    return as_lesions([(image, inside) for image in images])


def test_each_lesion_is_read_once_and_measured_as_alone(lesions, monkeypatch):
    read, original = [], Lesion.read
    monkeypatch.setattr(Lesion, "read", lambda of: read.append(of) or original(of))
    steps = study_pipeline(("",), CONFIG)
    found = _sensitivity._measured(study_of(lesions), steps, SETTINGS)
    assert len(read) == len(lesions)
    for method, bits in SETTINGS:
        alone = study_pipeline(("",), CONFIG)[:2].set_params(
            normalizer__method=method,
            extractor__bits={"cooccurrence": bits, "run_length": bits},
        )
        pd.testing.assert_frame_equal(
            found[method, bits], alone.fit_transform(lesions), check_exact=True
        )
    assert not found["3sigma", 5].equals(found["1-99", 8])


def test_what_is_measured_is_counted_in_lesions(lesions):
    told = []
    study = study_of(lesions, lambda *step: told.append(step))
    _sensitivity._measured(study, study_pipeline(("",), CONFIG), SETTINGS[:1])
    assert told == [("other grey-level settings", n, 3) for n in (0, 2, 3)]


def test_a_lesion_that_cannot_be_read_any_more(lesions, monkeypatch):
    def broken(lesion):
        raise LesionError("gone")

    monkeypatch.setattr(Lesion, "read", broken)
    steps = study_pipeline(("",), CONFIG)
    found = _sensitivity._measured(study_of(lesions), steps, SETTINGS)
    assert {str(error) for error in found.values()} == {"gone"}
    assert list(found) == SETTINGS


def test_a_setting_that_suits_one_lesion_only(lesions, monkeypatch):
    original = _sensitivity.Pipeline.transform

    def transform(steps, X):
        if steps[0].method == "1-99" and len(X) == 1:
            raise LesionError("no contrast")
        return original(steps, X)

    monkeypatch.setattr(_sensitivity.Pipeline, "transform", transform)
    steps = study_pipeline(("",), CONFIG)
    found = _sensitivity._measured(study_of(lesions), steps, SETTINGS)
    assert str(found["1-99", 8]) == "no contrast"
    assert found["none", 6].shape == (3, 279)
