"""At the border exactly: thresholds, ten values, limits of the axes."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from sklearn_orn import NomogramClassifier
from sklearn_orn.metrics import youden_threshold
from sklearn_orn.model import Nomogram

pytestmark = pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2))
    return X, np.where(X[:, 0] + rng.normal(size=40) > 0, "yes", "no")


# Classifier -----------------------------------------------------------------------


@pytest.mark.parametrize("row", [0, 7, 21])
def test_a_probability_of_exactly_the_threshold_is_positive(table, row):
    X, y = table
    p = NomogramClassifier(lambda_rule=0.05).fit(X, y).predict_proba(X)[row, 1]
    at = NomogramClassifier(lambda_rule=0.05, threshold=p).fit(X, y)
    assert at.threshold_ == p
    assert at.predict(X)[row] == "yes"
    above = np.nextafter(p, 1)
    just = NomogramClassifier(lambda_rule=0.05, threshold=above).fit(X, y)
    assert just.predict(X)[row] == "no"


def test_one_half_is_positive_without_any_other_word():
    X, y = np.array([[-2.0], [-1], [1], [2]] * 3), np.array([0, 0, 1, 1] * 3)
    model = NomogramClassifier(lambda_rule=0.3).fit(X, y)
    np.testing.assert_allclose(model.intercept_, 0, atol=1e-12)
    model.intercept_ = np.zeros(1)
    assert model.predict_proba([[0.0]]).tolist() == [[0.5, 0.5]]
    assert model.predict([[0.0], [-1e-9]]).tolist() == [1, 0]


def test_the_learnt_threshold_is_youdens_of_the_probabilities(table):
    X, y = table
    model = NomogramClassifier(lambda_rule=0.05, threshold="youden").fit(X, y)
    p = expit(model.decision_function(X))
    assert model.threshold_ == youden_threshold(y, p, pos_label="yes")
    # A sample of weight 0 teaches nothing, however far off it is.
    far = np.vstack([X, [[50.0, 0], [-50, 0]]]), np.append(y, ["no", "yes"])
    weight = np.append(np.ones(40), [0.0, 0])
    again = NomogramClassifier(lambda_rule=0.05, threshold="youden")
    again.fit(*far, sample_weight=weight)
    assert again.threshold_ == pytest.approx(model.threshold_)


# Nomogram -------------------------------------------------------------------------


def axis_of(values, slope=1.0):
    values = np.asarray(values, float)
    nomogram = Nomogram.from_coefficients(
        {"x": slope}, 0.0, pd.DataFrame({"x": values})
    )
    return nomogram.predictors[0]


def test_ten_values_are_ticks_and_eleven_are_not():
    ten = np.array([0.1, 0.2, 0.35, 0.4, 0.55, 0.6, 0.7, 0.85, 0.9, 1.17])
    axis = axis_of([*ten, *ten[::-1]])
    assert axis.kind == "discrete" and axis.ticks.tolist() == ten.tolist()
    axis = axis_of([*ten, 0.5])
    assert axis.kind == "continuous"
    np.testing.assert_allclose(axis.ticks, np.arange(0.1, 1.25, 0.1))


def test_two_values_are_two_ticks():
    axis = axis_of([3, 1, 3, 1], slope=-2.0)
    assert axis.ticks.tolist() == [1, 3] and axis.points.tolist() == [100, 0]
