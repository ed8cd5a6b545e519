"""The combined model of some of the clinical columns, where lesions are left out."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.cohort import Cohort
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._combined_pipeline import _encodable, _told
from sklearn_orn.study._feature_source import given_features
from sklearn_orn.study.results import CombinedPredictor
from tests.study._combined import SETTINGS, cohort
from tests.study.test_combined_product import coefficients, fitted, with_gaps


@pytest.mark.parametrize("missing", ["exclude", "impute"])
def test_the_file_learns_from_the_lesions_of_the_report(missing, tmp_path):
    """Gaps of a column that is not selected count too: the models are compared."""
    table, features = cohort()
    config = StudyConfig(
        **SETTINGS,
        split="part",
        nomogram="combined",
        missing=missing,
        clinical_selection="univariable p < 0.05",
    )
    everyone = Cohort.of(with_gaps(table), config.columns)
    made = fitted(everyone, given_features(everyone, features), config, tmp_path)
    assert "sex" in {p.name for p in made.found.not_selected}
    told, intercept = coefficients(made.found)
    classifier = made.model.classifier
    np.testing.assert_allclose(
        np.sort(classifier.coef_[0]), np.sort(told), rtol=0, atol=1e-10
    )
    assert classifier.intercept_[0] == pytest.approx(intercept, abs=1e-10)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"scores": "separate", "split": "part"}, "whole"),
        ({"scores": "separate", "date": "seen", "cut": "2020"}, "whole"),
        ({"scores": "separate"}, "cross_fitted"),
        ({"split": "part"}, None),
    ],
)
def test_scores_of_sequences_stand_as_the_others_do(settings, told):
    scores = {
        "whole": pd.DataFrame({"T1": [1.0, 2.0]}),
        "cross_fitted": pd.DataFrame({"T1": [3.0, 4.0]}),
    }
    config = StudyConfig(outcome="y", **settings)
    found = _told(SimpleNamespace(scores=SimpleNamespace(**scores), config=config))
    if told is None:
        assert found.shape == (2, 0)
    else:
        pd.testing.assert_frame_equal(found, scores[told])


def test_stages_that_are_numbers_are_the_levels_of_their_text():
    levels = ("1", "2", "3")
    stage = CombinedPredictor("stage", "ordinal", 0.0, 2.0, None, levels, (), ())
    site = CombinedPredictor("site", "categorical", 0.0, 1.0, None, ("a", "b"), (), ())
    clinical = {"stage": {"ordinal": list(levels)}, "site": {"categorical": "a"}}
    config = StudyConfig(outcome="y", clinical=clinical)
    X = pd.DataFrame({"stage": [3, np.nan, 1.0], "site": ["b", "a", "other"]})
    found = _encodable(X, [stage, site], config)
    assert found["site"].tolist() == ["b", "a", "a"]
    assert found["stage"].tolist()[::2] == ["3", "1"]
    assert np.isnan(found["stage"][1])
