"""Each centre judged by a model of all others, on a few lesions."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline

from sklearn_orn import NomogramClassifier
from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study.report.sections import _by_centre as section
from sklearn_orn.study.results import OverCentres
from tests.study._results_example import (
    MODEL,
    centres_example,
    example,
    example_without,
)
from tests.study.seen._again import in_the_large

N = 90
T = 0.45
RESULTS = example(model=replace(MODEL, threshold=T))


class Combat(BaseEstimator, TransformerMixin):
    """Takes the setting of ComBat and notes it."""

    seen = ()

    def __init__(self, unseen="error"):
        self.unseen = unseen

    def fit(self, X, y=None):
        Combat.seen = (*Combat.seen, self.unseen)
        return self

    def transform(self, X):
        return X


def study(*, combat=False, cv=2, y=None, centres=None, shared=0):
    """Thirty lesions in each of three centres; two features tell the class a little."""
    rng = np.random.default_rng(4)
    centre = np.repeat(["A", "B", "C"], N // 3) if centres is None else centres
    y = np.arange(N) % 2 if y is None else y
    values = rng.normal(size=(N, 2)) + np.outer(y, [1.2, 0.4])
    values[:, 0] += 0.8 * (centre == "B")
    patient = np.array([f"P{i:02d}" for i in range(N)])
    patient[N - shared :] = patient[:shared]
    design = StudyDesign(
        lesion=np.array([f"L{i}" for i in range(N)]),
        patient=patient,
        y=y,
        training=np.arange(N) % 3 > 0,  # parts do not matter here
        labels=("low", "high"),
        classes=("low", "high"),
        has_split=True,
    )
    steps = [("combat", Combat())] if combat else []
    steps.append(("nomogram", NomogramClassifier(penalty="none")))
    return SimpleNamespace(
        centres=centre,
        design=design,
        features=pd.DataFrame(values, columns=["f0", "f1"]),
        config=SimpleNamespace(cv=cv),
        table_steps=lambda: Pipeline(steps),
    )


def predicted(of):
    """By scikit-learn: a model of the lesions of other patients elsewhere."""
    X, design = of.features.to_numpy(), of.design
    proba = np.zeros(N)
    for name in set(of.centres):
        here = of.centres == name
        own = set(design.patient[here])
        train = [i for i in range(N) if not here[i] and design.patient[i] not in own]
        fit = LogisticRegression(C=1e12, tol=1e-10).fit(X[train], design.y[train])
        proba[here] = fit.predict_proba(X[here])[:, 1]
    return proba


@pytest.mark.parametrize("shared", [0, 4])
def test_no_lesion_of_a_centre_and_none_of_its_patients_teach_its_model(shared):
    of = study(shared=shared)
    found = section.left_out_centres(of, RESULTS)
    proba, y = predicted(of), of.design.y
    assert [row.centre for row in found.rows] == ["A", "B", "C"]
    for row in found.rows:
        here = of.centres == row.centre
        own, risk = y[here], proba[here]
        line = logit(risk)
        shift = in_the_large(own, line)
        called = risk >= T
        wrong = (called & (own == 0)).sum() * T / (1 - T)
        benefit = ((called & (own == 1)).sum() - wrong) / len(own)
        assert row.n_lesions == len(own)
        assert row.n_patients == len(set(of.design.patient[here]))
        assert row.n_positive == own.sum()
        assert row.auc == pytest.approx(roc_auc_score(own, risk))
        assert row.calibration_in_the_large == pytest.approx(shift, abs=1e-4)
        assert row.net_benefit == pytest.approx(benefit)
    assert {row.measure: row.n_centres for row in found.summary} == dict.fromkeys(
        section.MEASURES, 3
    )
    assert found.missing == {} and found.threshold == T
    assert found.n_shared == shared


@pytest.mark.parametrize(
    ("own", "used"), [(0.0001, 0.01), (0.3, 0.3), (0.985, 0.985), (0.9999, 0.99)]
)
def test_the_threshold_is_the_models_own_within_bounds(own, used):
    results = example(model=replace(MODEL, threshold=own))
    assert section.left_out_centres(study(), results).threshold == used


def test_combat_takes_a_centre_as_it_is_that_it_has_not_seen():
    Combat.seen = ()
    section.left_out_centres(study(combat=True), RESULTS)
    assert Combat.seen == ("grand",) * 3


def few_elsewhere(centres=None):
    """Three of the positives are outside of the last centre: too few to train on."""
    y = np.zeros(N, dtype=int)
    y[[0, 1, 31]] = 1
    y[60::2] = 1
    return study(y=y, centres=centres)


def test_a_centre_that_cannot_be_judged_is_named():
    found = section.left_out_centres(few_elsewhere(), RESULTS)
    assert list(found.missing) == ["C"]
    assert "class 'high' has 3 lesions of 3 patients to train on" in found.missing["C"]
    assert [row.centre for row in found.rows] == ["A", "B"]
    two = np.where(np.arange(N) < 60, "A", "C")
    with pytest.raises(NotEstimable, match="Fewer than two centres .* C: class 'high'"):
        section.left_out_centres(few_elsewhere(two), RESULTS)


def test_without_centres_there_is_nothing_to_leave_out():
    of = study()
    of.centres = None
    with pytest.raises(NotEstimable, match="No centre is named"):
        section.left_out_centres(of, RESULTS)


def told(summary=None, **changes):
    found = centres_example().by_centre
    if summary is not None:
        changes["summary"] = summary
    return example(by_centre=replace(found, **changes))


def over(measure, mean, ends, new, n=2):
    return OverCentres(measure, n, mean, *ends, *new, 0.0, 0.0)


SUMMARY = (
    over("auc", 0.7512, (0.6, 0.9), (0.5, 0.95)),
    over("calibration_in_the_large", -0.1, (-0.5, 0.3), (None, None)),
    over("slope", 1.234, (0.9, 1.5), (0.8, 1.7)),
    over("net_benefit", 0.1234, (0.1, 0.2), (0.0, 0.3)),
)


def test_a_row_for_each_centre_then_the_mean_and_a_new_one():
    table = section.by_centre_table(told(SUMMARY))
    assert table.rows == [
        [
            *("Aachen", "40", "36", "0.80 (0.70 to 0.90)", "0.10 (0.00 to 0.20)"),
            *("0.90 (0.80 to 1.00)", "0.200 (0.100 to 0.300)", ""),
        ],
        ["Bonn", *table.rows[0][1:]],
        [
            *("Mean", "", "", "0.75 (0.60 to 0.90)", "−0.10 (−0.50 to 0.30)"),
            *("1.23 (0.90 to 1.50)", "0.123 (0.100 to 0.200)", ""),
        ],
        [
            *("New centre", "", "", "0.50 to 0.95", "–"),
            *("0.80 to 1.70", "0.000 to 0.300", ""),
        ],
        ["station 3", "", "", "–", "–", "–", "–", "There is one class."],
    ]
    assert [c.head for c in table.columns] == [
        *("Centre", "Lesions", "Patients", "AUC (95 % CI)"),
        *("Calibration in the large (95 % CI)", "Slope (95 % CI)"),
        *("Net benefit (95 % CI)", "Note"),
    ]
    assert table.note.endswith("Net benefit at 0.40.")


def test_a_mean_of_fewer_centres_says_of_how_many():
    fewer = (*SUMMARY[:2], replace(SUMMARY[2], n_centres=1), SUMMARY[3])
    assert section.by_centre_table(told(fewer)).rows[2][-1] == "of 2, 2, 1, 2 centres"


def test_the_forest_has_a_panel_for_each_measure():
    axes = section.draw_forest(told(SUMMARY)).axes
    assert [[text.get_text() for text in ax.texts] for ax in axes] == [
        [*["0.80 (0.70 to 0.90)"] * 2, "0.75 (0.60 to 0.90)", "0.50 to 0.95"],
        [*["0.10 (0.00 to 0.20)"] * 2, "−0.10 (−0.50 to 0.30)", "too few centres"],
        [*["0.90 (0.80 to 1.00)"] * 2, "1.23 (0.90 to 1.50)", "0.80 to 1.70"],
        [
            *["0.200 (0.100 to 0.300)"] * 2,
            *("0.123 (0.100 to 0.200)", "0.000 to 0.300"),
        ],
    ]
    names = [text.get_text() for text in axes[0].get_yticklabels()]
    assert names == ["Aachen", "Bonn", "Mean", "New centre"]


def test_what_a_new_centre_may_expect():
    said = section.forest_sentence(told(SUMMARY)).replace("\N{NO-BREAK SPACE}", " ")
    assert said == (
        "Judged by models that have not seen them, 2 centres have a mean AUC of 0.75; "
        "in a new centre it is expected from 0.50 to 0.95 (95 %)."
    )
    none = (replace(SUMMARY[0], prediction_lower=None), *SUMMARY[1:])
    assert section.forest_sentence(told(none[::-1])).endswith(
        "mean AUC of 0.75; of fewer than three no interval for a new centre follows."
    )


def test_patients_of_several_centres_are_told():
    (one,) = section.shared_sentence(told(n_shared=1))
    assert one.startswith("1 patient was seen in several centres; none of their")
    (three,) = section.shared_sentence(told(n_shared=3))
    assert three.startswith("3 patients were seen")
    assert list(section.shared_sentence(told(n_shared=0))) == []
    assert list(section.shared_sentence(example_without("by_centre"))) == []
