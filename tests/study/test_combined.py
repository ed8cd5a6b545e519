"""Clinical columns and the radiomics score in one model, and what the report says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import expit, log_expit
from scipy.stats import t

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.model import Nomogram
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._clinical import clinical_table
from sklearn_orn.study._combined import combined_model, radiomics_scores
from sklearn_orn.study._extraction import caught_warnings
from sklearn_orn.study._json_csv import plain_data
from sklearn_orn.study._pipeline import study_pipeline
from sklearn_orn.study.report.sections import _combined as section
from sklearn_orn.study.report.sections import _three_models
from sklearn_orn.study.results import Results
from tests.model._shared_covariance import shared_by_hand
from tests.study._checks import check_report, make_design
from tests.study._combined import KINDS, SCORE, SETTINGS, cohort
from tests.study._results_example import example, example_without


def combined(table, features, **changes):
    config = StudyConfig(**SETTINGS | {"split": "part"} | changes)
    design = make_design(table, config)
    with caught_warnings():
        steps = study_pipeline((), config)[2:]
        found = combined_model(
            lambda: radiomics_scores(steps, features, design, config),
            design,
            config,
            clinical=clinical_table(
                table[list(config.clinical)], config.clinical_kinds
            ),
        )
    return found, design


def stored(found):
    """Return the example with this model, as a file gives it: no NaN, no infinity."""
    return Results.from_plain(example(combined=found).plain())


def cross_fitted(features, design):
    """Score each lesion that trains by the steps fitted to patients of other folds."""
    from sklearn import config_context
    from sklearn.base import clone
    from sklearn.model_selection import StratifiedGroupKFold

    X = features[design.training].to_numpy()
    part = design.take(np.flatnonzero(design.training))
    config = StudyConfig(**SETTINGS)
    scores = np.zeros(len(X))
    folds = StratifiedGroupKFold(3, shuffle=True, random_state=0)
    for learn, test in folds.split(X, part.y, part.patient):
        steps = clone(study_pipeline((), config)[2:])
        table = features[design.training]
        with config_context(enable_metadata_routing=True), caught_warnings():
            steps.fit(table.iloc[learn], part.y[learn], groups=part.patient[learn])
        scores[test] = steps.decision_function(table.iloc[test])
    return scores, part


def maximum_likelihood(X, y):
    """Return the coefficients, intercept first, and their sandwich by rows of `by`."""
    Z = np.column_stack([np.ones(len(X)), X])
    scale = np.r_[1.0, Z[:, 1:].std(axis=0)]

    def loss(beta):
        sign = np.where(y == 1, 1, -1)
        return -log_expit(sign * (Z / scale @ beta)).sum()

    return minimize(loss, np.zeros(Z.shape[1]), tol=1e-12).x / scale, Z


def test_odds_ratios_are_those_of_scores_of_other_patients():
    table, features = cohort()
    found, design = combined(table, features)
    scores, part = cross_fitted(features, design)
    rows = table[design.training]
    X = np.column_stack(
        [
            rows["age"],
            rows["sex"] == "f",
            rows["t_stage"].str[1].astype(float) - 1,
            scores,
        ]
    ).astype(float)
    beta, Z = maximum_likelihood(X, part.y)
    told = {(r.predictor, r.level): r for r in found.multivariable}
    keys = [("age", None), ("sex", "f"), ("t_stage", None), (SCORE, None)]
    assert list(told) == [keys[0], ("sex", "m"), *keys[1:]]
    assert (found.n_lesions, found.n_patients) == (60, 30)
    assert found.intercept == pytest.approx(beta[0], abs=1e-3)
    proba = expit(Z @ beta)
    bread = np.linalg.inv(Z.T @ (Z * (proba * (1 - proba))[:, None]))
    by_patient = pd.DataFrame(Z * (part.y - proba)[:, None]).groupby(part.patient).sum()
    sandwich = bread @ (by_patient.T @ by_patient).to_numpy() @ bread
    shared = shared_by_hand(X, part.y, part.patient, beta)
    errors = np.sqrt(np.maximum(np.diag(sandwich), np.diag(shared)))
    errors *= [1, 1, 1, 1, np.sqrt(2)]
    for key, value, error in zip(keys, beta[1:], errors[1:], strict=True):
        row = told[key]
        assert row.odds_ratio == pytest.approx(np.exp(value), rel=1e-4), key
        half = t.ppf(0.975, 30 - 5) * error
        assert row.lower == pytest.approx(np.exp(value - half), rel=1e-3), key
        assert row.upper == pytest.approx(np.exp(value + half), rel=1e-3), key
        assert row.p_value == pytest.approx(2 * t.sf(abs(value / error), 25), abs=1e-4)
    reference = told["sex", "m"]
    assert (reference.odds_ratio, plain_data(reference)["lower"]) == (1.0, None)
    alone, _ = maximum_likelihood(X[:, [3]], part.y)
    assert found.univariable[-1].coefficient == pytest.approx(alone[1], rel=1e-4)


def test_the_apparent_score_would_be_believed_more():
    table, features = cohort()
    features = features.assign(
        **{f"g{i}": np.random.default_rng(i).normal(size=90) for i in range(12)}
    )
    found, design = combined(table, features)
    config = StudyConfig(**SETTINGS)
    steps, part = study_pipeline((), config)[2:], design.take(design.training)
    training = features[design.training]
    with caught_warnings():
        apparent = steps.fit(training, part.y).decision_function(training)
    beta, _ = maximum_likelihood(apparent[:, None], part.y)
    assert beta[1] > 1.3 * found.univariable[-1].coefficient


def read(nomogram, X):
    """Read probabilities off the axes."""
    return nomogram.probability(nomogram.points(X)["total"])


def test_the_nomogram_is_the_model_that_is_judged(combined_study):
    """What is drawn gives the probabilities that the curves are made of."""
    result, table, _ = combined_study
    text = " ".join(check_report(result).split())
    results = result.numbers
    coefficients, categories, ranges = section._named_terms(results.combined)
    nomogram = Nomogram.from_coefficients(
        coefficients, results.combined.intercept, ranges, categories=categories
    )
    worked = results.combined.worked
    of_worked = read(nomogram, pd.DataFrame([worked.values]))[0]
    assert of_worked == pytest.approx(worked.probability, abs=1e-9)
    assert "Nomogram of clinical columns and radiomics score" in text
    assert f"Drawn on it is lesion {worked.lesion}, with the median prediction" in text
    assert "model.json is this model, from features and clinical columns to the" in text
    assert "t_stage, each step from T1 to T4" in text
    assert "Clinical + radiomics − clinical" in text
    if results.config.split is None:
        assert worked.part == "cross-validation"
        return
    judged = results.models.judged
    scores = result.scores.set_index("lesion")[SCORE]
    X = table.set_index(result.scores["lesion"])[list(KINDS)].assign(**{SCORE: scores})
    proba = read(nomogram, X.loc[list(judged.lesion)])
    expected = judged.probability["clinical + radiomics"]
    np.testing.assert_allclose(proba, expected, atol=1e-6)
    assert worked.part == "validation"


def test_a_study_of_the_radiomics_nomogram_has_the_odds_ratios_too(quick_study):
    table, features = cohort()
    text = check_report(
        quick_study(
            table, features=features, outcome="y", positive=1, clinical=["age", "sex"]
        )
    )
    assert "Odds ratios of clinical columns and radiomics score, training" in text
    assert "Nomogram of clinical columns" not in text
    assert "The same model to fill in" in text


def test_a_level_of_one_class_has_no_finite_odds_ratio():
    table, features = cohort()
    rare = (table["part"] == "training") & (table["y"] == 1)
    table.loc[table.index[rare][:4], "sex"] = "x"
    found, _ = combined(table, features)
    assert found.separated == ("sex",)
    results = stored(found)
    with pytest.raises(NotEstimable, match="“sex” has no finite odds ratio.*firth"):
        section.draw_combined_nomogram(results)
    rows = section.odds_ratio_table(results).rows
    assert ["sex: x", "4"] == rows[3][:2]
    firth, _ = combined(table, features, clinical_penalty="firth")
    assert firth.separated == ()
    assert all(np.isfinite(row.odds_ratio) for row in firth.multivariable)


def test_a_column_that_is_another_one_is_told_not_to_be_estimable():
    table, features = cohort()
    table["months"] = 12 * table["age"]
    names = ["age", "months", "sex"]
    found, _ = combined(table, features, clinical=names)
    assert found.separated == ()
    results = stored(found)
    cells = {row[0]: row[4] for row in section.odds_ratio_table(results).rows}
    assert cells["age"] == cells["months"] == "not estimable"
    assert section.draw_combined_nomogram(results).axes


@pytest.mark.parametrize("rule", ["impute", "indicator", "exclude"])
def test_missing_values_are_as_in_the_models_that_are_compared(rule):
    table, features = cohort()
    rng = np.random.default_rng(0)
    table.loc[rng.random(90) < 0.15, "age"] = np.nan
    table.loc[rng.random(90) < 0.15, "sex"] = None
    found, design = combined(table, features, missing=rule)
    names = {p.name: p for p in found.predictors}
    whole = table[design.training][["age", "sex"]].notna().all(axis=1)
    assert found.n_lesions == (whole.sum() if rule == "exclude" else 60)
    assert ("age missing" in names) is (rule == "indicator")
    assert ("(missing)" in names["sex"].levels) is (rule == "indicator")


def test_a_score_that_tells_nothing_is_said():
    table, features = cohort()
    config = {"pipeline": {"nomogram__lambda_rule": 1e3}}
    with pytest.raises(NotEstimable, match="the same for all lesions that train"):
        combined(table, features, **config)


def test_without_a_usable_column_it_is_said():
    table, features = cohort()
    with pytest.raises(NotEstimable, match="No clinical columns are named"):
        combined(table, features, clinical=())
    with pytest.raises(NotEstimable, match="'age' is in no model: it is the same"):
        combined(table.assign(age=1), features, clinical=["age"])


def test_sentences_of_the_example():
    told = section.odds_ratio_sentence(example())
    assert (
        "by 1.82 (95\N{NO-BREAK SPACE}% CI 0.90 to 3.70; 1, no effect, is not" in told
    )
    rows = section.odds_ratio_table(example()).rows
    assert rows[0] == ["age", "95", *["1.03 (0.98 to 1.08)", "0.21"] * 2]
    assert not _three_models.has_three(example_without("models"))


@pytest.mark.parametrize(
    ("factor", "per", "name"), [(1, 1, "age"), (200, 1000, "age, per 1,000")]
)
def test_the_odds_ratio_of_a_wide_range_is_that_of_more_units(factor, per, name):
    table, features = cohort()
    age = {"clinical": {"age": "continuous"}}
    found, _ = combined(table.assign(age=table["age"] * factor), features, **age)
    results = stored(found)
    one, other = section.odds_ratio_table(results).rows
    assert (one[0], other[0]) == (name, SCORE)
    plain, _ = combined(table, features, **age)
    row = plain.multivariable[0]
    limits = [f"{x ** (per / factor):.2f}" for x in (row.lower, row.upper)]
    assert one[4].endswith(f"({limits[0]} to {limits[1]})")
    note = section.odds_ratio_table(results).note
    assert ("as many as its name says" in note) == (per != 1)
    (ax,) = section.draw_odds_ratios(results).axes
    assert [text.get_text() for text in ax.get_yticklabels()] == [name, SCORE]


def test_a_narrow_range_is_not_taken_for_separation():
    """As of diffusion in mm²/s, whose odds ratio of one unit is no number."""
    table, features = cohort()
    narrow = table.assign(age=table["age"] * 1e-5)
    found, _ = combined(narrow, features, clinical={"age": "continuous"})
    assert found.separated == ()
    results = stored(found)
    assert section.odds_ratio_table(results).rows[0][4] == "no number for one unit"
    assert section.draw_combined_nomogram(results)


def test_sections_say_what_is_not_there():
    older = replace(example().models, judged=None)
    assert not _three_models.has_three(example(models=older))
    with pytest.raises(NotEstimable, match="not all fitted"):
        _three_models.three_models_table(example(models=older))
