"""The clinical model, the radiomics score and both: refits, and what they bring."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics.shared import draw_patients, patient_codes
from sklearn_orn.resampling.shared import refit_patients
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._clinical import clinical_table
from sklearn_orn.study._extraction import caught_warnings
from sklearn_orn.study._pipeline import study_pipeline
from sklearn_orn.study._three_models import models_instability
from sklearn_orn.study._verdict import added_sentences, verdict
from sklearn_orn.study.report.sections import _added_benefit, _models_instability
from sklearn_orn.study.results import (
    BenefitComparison,
    BenefitCurve,
    Benefits,
    Comparison,
)
from tests.study._checks import make_design
from tests.study._combined import SETTINGS, cohort
from tests.study._results_example import CONFIG, example, example_without

BOTH = "clinical + radiomics"


def refitted(table, features, n_resamples=3, refits=None, **changes):
    changes = {"split": "part", "clinical": ["age", "sex"]} | changes
    config = StudyConfig(**SETTINGS | changes, n_resamples=n_resamples)
    design = make_design(table, config)
    with caught_warnings():
        found = models_instability(
            study_pipeline((), config)[2:],
            features,
            design,
            config,
            clinical=clinical_table(
                table[list(config.clinical)], config.clinical_kinds
            ),
            threshold=0.4,
            refits=refits,
        )
    return found, design, config


def steps_of(config):
    return study_pipeline((), config)[2:]


def fit(steps, X, y, patient):
    from sklearn import config_context

    with config_context(enable_metadata_routing=True), caught_warnings():
        return steps.fit(X, y, groups=patient)


def logistic(X, y, new):
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000)
    scale = X.mean(axis=0), X.std(axis=0)
    model.fit((X - scale[0]) / scale[1], y)
    return model.predict_proba((new - scale[0]) / scale[1])[:, 1]


def test_each_refit_is_the_whole_procedure_on_a_resample_of_patients():
    table, features = cohort()
    found, design, config = refitted(table, features)
    rows = np.flatnonzero(design.training)
    part, X = design.take(rows), features.iloc[rows]
    clinical = np.column_stack([table["age"], table["sex"] == "m"]).astype(float)[rows]

    def predictions(drawn):
        """Return what the models that learn from some rows say of all."""
        y, patient = part.y[drawn], part.patient[drawn]
        whole = fit(steps_of(config), X.iloc[drawn], y, patient)
        score = np.zeros(len(drawn))
        folds = StratifiedGroupKFold(3, shuffle=True, random_state=0)
        for learn, test in folds.split(score, y, patient):
            model = fit(
                steps_of(config), X.iloc[drawn[learn]], y[learn], patient[learn]
            )
            score[test] = model.decision_function(X.iloc[drawn[test]])
        own = np.column_stack([clinical[drawn], score])
        new = np.column_stack([clinical, whole.decision_function(X)])
        return {
            "clinical": logistic(clinical[drawn], y, clinical),
            "radiomics": whole.predict_proba(X)[:, 1],
            BOTH: logistic(own, y, new),
        }

    model = predictions(np.arange(len(rows)))
    codes = patient_codes(part.patient, len(rows))
    resamples = draw_patients(part.y, codes, 3, np.random.RandomState(0))
    refits = [predictions(drawn) for drawn in resamples]
    assert [one.name for one in found.models] == list(model)
    for one in found.models:
        assert (one.n_refits, one.failures) == (3, {})
        proba = model[one.name]
        others = np.array([refit[one.name] for refit in refits])
        np.testing.assert_allclose(one.lesions.probability, proba, atol=1e-4)
        error = np.abs(others - proba)
        np.testing.assert_allclose(one.lesions.mape, error.mean(axis=0), atol=1e-4)
        assert one.mape == pytest.approx(error.mean(), abs=1e-4)
        changed = (others >= 0.4) != (proba >= 0.4)
        assert one.changed == pytest.approx(changed.mean(), abs=0.01)


def test_missing_values_levels_and_names_of_features():
    table, features = cohort()
    table["sex"] = table["sex"].where(np.arange(90) != 3, "x")  # seldom drawn
    table.loc[::7, "age"] = np.nan
    features = features.rename(columns={"f1": "age"})
    for missing in ("impute", "exclude", "indicator"):
        found, design, _ = refitted(table, features, missing=missing)
        kept = table["age"].notna() | (missing != "exclude")
        assert found.n_lesions == (design.training & kept).sum()
        assert all(np.isfinite(one.mape) for one in found.models)


def test_a_level_that_a_resample_lacks_is_the_reference_and_nothing_to_warn_of():
    table, features = cohort()
    table["sex"] = table["sex"].where(np.arange(90) != 3, "x")
    found, design, _ = refitted(table, features, n_resamples=2, random_state=2)
    part = design.take(np.flatnonzero(design.training))
    codes = patient_codes(part.patient, len(part.y))
    for drawn in draw_patients(part.y, codes, 2, np.random.RandomState(2)):
        assert "P01" not in part.patient[drawn]  # whose level it is
    assert all(one.n_refits == 2 for one in found.models)


@pytest.mark.parametrize("missing", ["impute", "exclude"])
def test_refits_that_are_known_serve_the_score_of_the_same_lesions(missing):
    table, features = cohort()
    table.loc[::7, "age"] = np.nan
    alone, design, config = refitted(table, features, 2, missing=missing)
    rows = design.training
    known = refit_patients(
        steps_of(config),
        features[rows],
        design.y[rows],
        groups=design.patient[rows],
        n_resamples=3,
        random_state=7,  # other resamples, so that it shows whose they are
        n_jobs=None,
        selects=False,
    )
    found = refitted(table, features, 2, missing=missing, refits=known)[0]
    score, other = found.models[1], alone.models[1]
    assert score.name == "radiomics"
    assert (score == other) == (missing == "exclude")
    assert (found.models[0], found.models[2]) == (alone.models[0], alone.models[2])
    assert score.n_refits == 2


def test_resamples_have_a_most(monkeypatch):
    table, features = cohort()
    assert refitted(table, features, 3)[0].n_resamples == 3
    monkeypatch.setattr("sklearn_orn.study._three_models.MOST_RESAMPLES", 2)
    found = refitted(table, features, 3)[0]
    assert found.n_resamples == 2
    assert [one.n_refits for one in found.models] == [2, 2, 2]


def test_without_a_usable_column_it_is_said():
    table, features = cohort()
    with pytest.raises(NotEstimable, match="No clinical columns are named"):
        refitted(table, features, clinical=())
    with pytest.raises(NotEstimable, match="'age' is in no model"):
        refitted(table.assign(age=1), features, clinical=["age"])


def gain(difference, lower, upper):
    curve = BenefitCurve((0.1, 0.2, 0.3), (difference,) * 3, (lower,) * 3, (upper,) * 3)
    return BenefitComparison(BOTH, "clinical", difference, lower, upper, curve)


@pytest.mark.parametrize(
    ("limits", "verb"),
    [
        ((0.01, 0.05), "raises"),
        ((-0.01, 0.05), "is not shown to raise"),
        ((-0.05, -0.01), "lowers"),
        ((float("nan"), float("nan")), "is not shown to raise"),
        ((None, None), "is not shown to raise"),
    ],
)
def test_the_verdict_says_what_is_added_and_claims_no_more(limits, verb):
    rows = [Comparison(BOTH, "clinical", 0.02, *limits, 0.5)]
    text = verdict(rows, Benefits(0.25, (), (gain(0.02, *limits),)))
    assert text.startswith(f"The radiomics score {verb} the AUC of the clinical model")
    assert f"At the threshold probability of 0.25 it {verb} the net benefit" in text
    assert "nan" not in text
    assert list(added_sentences(rows, None)) == [text.split(" At the thr")[0]]
    assert verdict([]) == ""


def test_a_limit_beside_zero_is_not_told_as_zero():
    text = verdict([Comparison("radiomics", "clinical", -0.1, -0.19, -0.0012, 0.04)])
    assert text == (
        "Radiomics does worse than the clinical model (difference of AUC −0.100, "
        "−0.190 to −0.001)."
    )


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ((0.01, 0.05), "raises the net benefit of the clinical model at thresholds "),
        ((-0.01, 0.05), "is not shown to raise the net benefit at any threshold from"),
        ((-0.05, -0.01), "; it lowers the net benefit of the clinical model at thr"),
    ],
)
def test_thresholds_at_which_the_score_brings_more(limits, told):
    models = example().models
    pairs = (gain(0.02, *limits), *models.benefits.comparisons[1:])
    benefits = Benefits(0.25, models.benefits.models, pairs)
    results = example(
        config=replace(CONFIG, threshold_range=(0.1, 0.3)),
        models=replace(models, benefits=benefits),
    )
    text = _added_benefit.added_benefit_sentence(results)
    assert told in text
    assert ("from 0.10 to 0.30" in text) is (limits[0] > 0 or limits[1] < 0)


def test_few_lesions_at_all_thresholds_are_said():
    text = _added_benefit.added_benefit_sentence(example())
    assert "There is no threshold with 5 or more lesions on either side" in text
    assert _added_benefit.draw_added_benefit(example()).axes


def test_resamples_without_a_refit_are_told():
    (told,) = _models_instability.failed_refits(example())
    assert "2 of the 50 resamples have no refit of the model “clinical + rad" in told
    assert not list(
        _models_instability.failed_refits(example_without("models_instability"))
    )
