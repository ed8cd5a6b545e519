"""The combined model of some of the clinical columns, where lesions are left out."""

import numpy as np
import pytest

from sklearn_orn.cohort import Cohort
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._feature_source import given_features
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
