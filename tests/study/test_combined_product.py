"""The combined model as the product of a study: its file, calculator and scores."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone

from sklearn_orn.deploy import ModelFile, predict_cohort
from sklearn_orn.study._extraction import caught_warnings
from tests.study.test_combined import KINDS, SCORE, cohort

COLUMNS = {"outcome": "y", "positive": 1, "clinical": KINDS, "nomogram": "combined"}


@pytest.fixture
def study(quick_study):
    def run(change=None, **settings):
        table, features = cohort()
        if change is not None:
            table = change(table)
        result = quick_study(table, features=features, **COLUMNS | settings)
        model = ModelFile.read(result.report.parent / "model.json")
        return result, model, pd.concat([table, features], axis=1)

    return run


def gaps(table):
    rng = np.random.default_rng(0)
    for name in KINDS:
        table.loc[rng.random(len(table)) < 0.1, name] = np.nan
    return table


def terms_of(model):
    """Return the coefficients of a file by predictor and level, and the intercept."""
    return model.classifier.coef_[0], float(model.classifier.intercept_[0])


def expected(result):
    """Return the coefficients of the table of odds ratios, without the references."""
    found = result.numbers.combined
    rows = [r for r in found.multivariable if r.level is None or r.coefficient != 0]
    return {(r.predictor, r.level): r.coefficient for r in rows}, found


@pytest.mark.parametrize("penalty", ["none", "firth"])
def test_the_file_holds_the_model_of_the_report(study, penalty):
    result, model, X = study(clinical_penalty=penalty)
    told, found = expected(result)
    coefficients, intercept = terms_of(model)
    assert list(told) == [("age", None), ("sex", "f"), ("t_stage", None), (SCORE, None)]
    np.testing.assert_allclose(coefficients, list(told.values()), rtol=0, atol=1e-10)
    assert intercept == pytest.approx(found.intercept, abs=1e-10)
    assert model.classifier.threshold_ == pytest.approx(found.threshold, abs=1e-10)
    worked = X.iloc[[list(result.scores["lesion"]).index(found.worked.lesion)]]
    proba = result.pipeline.predict_proba(worked)[0, 1]
    assert proba == pytest.approx(found.worked.probability, abs=1e-10)
    scores = result.pipeline[0].named_transformers_["score"].transform(worked)
    print(scores)
