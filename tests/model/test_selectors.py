"""scikit-learn's selectors that rank features by the coefficients per SD."""

import numpy as np
import pytest
from sklearn.feature_selection import RFE, RFECV, SelectFromModel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from sklearn_orn import NomogramClassifier

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 12))
EFFECTS = np.r_[1.5, -1, 0.7, 0.4, 0.2, np.zeros(7)]
Y = (X @ EFFECTS + RNG.normal(size=200) > 0).astype(int)
UNITS = {"as they are": np.ones(12), "thousands": np.tile([1000, 0.001], 6)}
GETTER = {"importance_getter": "standardized_coef_"}
PENALTIES = ["lasso", "none", "firth"]


def classifier(penalty="lasso"):
    return NomogramClassifier(penalty=penalty, cv=4, random_state=0)


@pytest.mark.parametrize("units", UNITS)
@pytest.mark.parametrize("penalty", PENALTIES)
def test_it_is_the_coefficient_of_standardised_columns(units, penalty):
    table = X * UNITS[units]
    model = classifier(penalty).fit(table, Y)
    standardised = classifier(penalty).fit(X / X.std(axis=0), Y)
    np.testing.assert_allclose(
        model.standardized_coef_, standardised.coef_, rtol=1e-6, atol=1e-12
    )
    assert model.standardized_coef_.shape == (1, 12)
    np.testing.assert_array_equal(model.standardized_coef_ != 0, model.coef_ != 0)


@pytest.mark.parametrize("units", UNITS)
def test_select_from_model_keeps_what_the_lasso_kept(units):
    table = X * UNITS[units]
    lasso = classifier().fit(table, Y)
    selector = SelectFromModel(classifier(), threshold=1e-300, **GETTER)
    selector.fit(table, Y)
    names = selector.get_feature_names_out()
    assert names.tolist() == lasso.selected_features_.tolist()
    assert 3 < len(names) < 12


@pytest.mark.parametrize("penalty", PENALTIES)
def test_recursive_elimination_does_not_depend_on_units(penalty):
    plain, thousands = (
        RFE(classifier(penalty), n_features_to_select=2, **GETTER).fit(X * unit, Y)
        for unit in UNITS.values()
    )
    assert plain.ranking_.tolist() == thousands.ranking_.tolist()
    assert plain.get_support(indices=True).tolist() == [0, 1]


def test_cross_validated_elimination_does_not_depend_on_units():
    plain, thousands = (
        RFECV(classifier("none"), cv=3, scoring="roc_auc", **GETTER).fit(X * unit, Y)
        for unit in UNITS.values()
    )
    assert plain.ranking_.tolist() == thousands.ranking_.tolist()
    np.testing.assert_allclose(
        plain.cv_results_["mean_test_score"], thousands.cv_results_["mean_test_score"]
    )


def test_a_pipeline_has_them_by_its_step():
    pipeline = make_pipeline(MinMaxScaler(), classifier("none"))
    getter = "named_steps.nomogramclassifier.standardized_coef_"
    selector = RFE(pipeline, n_features_to_select=2, importance_getter=getter)
    thousands = UNITS["thousands"]
    assert selector.fit(X * thousands, Y).support_.nonzero()[0].tolist() == [0, 1]


def test_by_default_the_units_choose():
    """Where this changes in scikit-learn, the page on models says less."""
    supports = [
        RFE(classifier(), n_features_to_select=3).fit(X * unit, Y).support_.tolist()
        for unit in UNITS.values()
    ]
    assert supports[0] != supports[1]


def test_before_fit_there_is_none():
    assert not hasattr(NomogramClassifier(), "standardized_coef_")
