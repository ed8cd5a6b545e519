"""Who trains and who judges, and every number of a part, by scikit-learn."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn import get_config
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline

from sklearn_orn import NomogramClassifier
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics import hosmer_lemeshow, wilson_interval
from sklearn_orn.study import StudyConfig
from sklearn_orn.study._enough import why_no_model
from sklearn_orn.study._evaluation import (
    Predictions,
    cross_validated_predictions,
    evaluate,
    fit_splits,
    fit_table,
    fold_aucs,
    patients_kept_together,
    predict_part,
    score_refit,
    score_table,
)
from sklearn_orn.study._splits import study_splits
from tests.study.sections._study import design_of

N = 60
Y = np.arange(N) % 2
PATIENT = np.array([f"P{i // 2 % 28:02d}" for i in range(N)])  # four lesions of two
X = pd.DataFrame(
    np.random.default_rng(2).normal(size=(N, 2)) + np.outer(Y, [1.2, 0.4]),
    columns=["f0", "f1"],
)
CONFIG = StudyConfig(outcome="y", patient="patient", cv=3, random_state=0)
STEPS = Pipeline([("nomogram", NomogramClassifier(penalty="none", threshold=0.4))])
RISK = expit(X["f0"].to_numpy() - 0.6)


def design(training=None, y=Y, patient=PATIENT):
    return design_of(y, training=training, patient=patient)


def of_part(part="validation", risk=RISK, fold=None, **changes):
    predicted = (risk >= 0.4).astype(int)
    return Predictions(part, design(**changes), logit(risk), risk, predicted, fold)


# Who trains and who judges


def test_training_teaches_and_validation_judges():
    training = np.arange(N) % 3 > 0
    ((learn, judge),) = study_splits(design(training), CONFIG)
    np.testing.assert_array_equal(learn, np.flatnonzero(training))
    np.testing.assert_array_equal(judge, np.flatnonzero(~training))


def test_folds_hold_each_lesion_once_and_no_patient_twice():
    splits = study_splits(design(), CONFIG)
    assert len(splits) == 3
    tested = np.concatenate([test for _, test in splits])
    assert sorted(tested) == list(range(N))
    for learn, test in splits:
        assert sorted([*learn, *test]) == list(range(N))
        assert not set(PATIENT[learn]) & set(PATIENT[test])
        assert abs(Y[test].mean() - 0.5) < 0.2
    again = study_splits(design(), CONFIG)
    others = study_splits(design(), replace(CONFIG, random_state=1))
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(splits, again, strict=True))
    assert any(
        not np.array_equal(a[1], b[1]) for a, b in zip(splits, others, strict=True)
    )


def folds(y, patient=None):
    y = np.array(y)
    patient = np.arange(len(y)).astype(str) if patient is None else np.array(patient)
    return study_splits(design(y=y, patient=patient), CONFIG)


@pytest.mark.filterwarnings("ignore")
def test_fewer_lesions_or_patients_than_folds_are_refused():
    with pytest.raises(NotEstimable, match="2 patients with at most 9 lesions of a cl"):
        folds([0, 1] * 9, ["a", "b"] * 9)
    with pytest.raises(NotEstimable, match="4 patients with at most 2 lesions of a cl"):
        folds([0, 1] * 2)
    with pytest.raises(NotEstimable, match="class 'high' leaves 2 lesions to train on"):
        folds([0] * 12 + [1] * 3)
    with pytest.raises(NotEstimable, match="class 'low' leaves 2 lesions to train on"):
        folds([1] * 12 + [0] * 3)
    with pytest.raises(NotEstimable, match="class 'high' leaves 1 lesions to train on"):
        folds([0] * 12 + [1] * 2)
    five = folds([0] * 12 + [1] * 5)
    assert min((learn >= 12).sum() for learn, _ in five) == 3
    # Three patients are enough for three folds, if two of them hold enough lesions.
    three = folds([0, 0, 0, 1, 1, 1] * 3, np.repeat(["a", "b", "c"], 6))
    assert [len(test) for _, test in three] == [6, 6, 6]


def enough(n_low, n_high, *, cv, n_validation=0):
    y = np.repeat([0, 1, 0, 1], [n_low, n_high, n_validation, n_validation])
    training = np.arange(len(y)) < n_low + n_high
    patient = np.arange(len(y)).astype(str)
    of = design_of(y, training=training if n_validation else None, patient=patient)
    return why_no_model(of, cv=cv)


@pytest.mark.parametrize(
    ("cv", "needed"),
    # cv² / (cv - 1), rounded up: a fold of the study holds back one part in cv.
    [(2, 4), (3, 5), (4, 6), (5, 7), (10, 12)],
)
def test_patients_of_a_class_that_folds_within_folds_need(cv, needed):
    assert enough(needed, 30, cv=cv) is None
    told = enough(needed - 1, 30, cv=cv)
    assert told.startswith(
        f"class 'low' has {needed - 1} lesions of {needed - 1} patients to train on"
    )
    assert f"within folds: at least {needed} patients are needed" in told
    assert enough(cv, 30, cv=cv, n_validation=1) is None
    told = enough(30, cv - 1, cv=cv, n_validation=50)
    assert told.startswith(f"class 'high' has {cv - 1} lesions of {cv - 1} patients")
    assert f"by patient: at least {cv} patients are needed" in told


def test_lesions_of_one_patient_count_once():
    y = np.repeat([0, 1], [30, 12])
    patient = np.r_[np.arange(30), np.repeat([50, 51, 52], 4)].astype(str)
    told = why_no_model(design_of(y, patient=patient), cv=3)
    assert told.startswith("class 'high' has 12 lesions of 3 patients")


# What a part is told


@pytest.fixture
def judged():
    return evaluate(of_part(), fitted=False)


def test_counts_and_shares_of_a_part(judged):
    called = RISK >= 0.4
    assert (judged.n_lesions, judged.n_patients) == (N, len(set(PATIENT)))
    assert (judged.n_positive, judged.part) == (Y.sum(), "validation")
    told = judged.performance
    for share, right, of in (
        (told.sensitivity, called & (Y == 1), Y == 1),
        (told.specificity, ~called & (Y == 0), Y == 0),
        (told.ppv, called & (Y == 1), called),
        (told.npv, ~called & (Y == 0), ~called),
        (told.accuracy, called == (Y == 1), np.ones(N, bool)),
    ):
        assert (share.count, share.total) == (right.sum(), of.sum())
        assert share.estimate == pytest.approx(right.sum() / of.sum())
        assert share.n_patients == len(set(PATIENT[of]))


def test_limits_of_one_lesion_each_are_those_of_wilson():
    alone = evaluate(of_part(patient=np.arange(N).astype(str)), fitted=False)
    share = alone.performance.sensitivity
    wilson = wilson_interval(share.count, share.total)
    assert (share.lower, share.upper) == pytest.approx((wilson.lower, wilson.upper))


def test_the_p_of_hosmer_and_lemeshow_is_by_patient_where_one_has_several(judged):
    alone = evaluate(of_part(patient=np.arange(N).astype(str)), fitted=False)
    assert judged.hosmer_lemeshow.by_patient and not alone.hosmer_lemeshow.by_patient
    for part, groups in ((judged, PATIENT), (alone, None)):
        test = hosmer_lemeshow(Y, RISK, fitted=False, groups=groups)
        assert part.hosmer_lemeshow.statistic == test.statistic
        assert part.hosmer_lemeshow.p_value == pytest.approx(test.p_value)


def test_discrimination_and_calibration_of_a_part(judged):
    line = logit(RISK)
    assert judged.auc.auc == pytest.approx(roc_auc_score(Y, RISK))
    assert judged.calibration.brier == pytest.approx(np.mean((Y - RISK) ** 2))
    shift = brentq(lambda a: (Y - expit(a + line)).sum(), -9, 9)
    assert judged.calibration.calibration_in_the_large == pytest.approx(shift, abs=1e-6)
    fit = LogisticRegression(C=1e12, tol=1e-10).fit(line[:, None], Y)
    assert judged.calibration.slope == pytest.approx(fit.coef_[0, 0], rel=1e-4)
    refit = score_refit(of_part())
    assert refit.slope == pytest.approx(fit.coef_[0, 0], rel=1e-4)
    assert refit.intercept == pytest.approx(fit.intercept_[0], rel=1e-3)
    treat_all = dict(
        zip(
            judged.decision_curve.threshold,
            judged.decision_curve.treat_all,
            strict=True,
        )
    )
    assert treat_all[0.2] == pytest.approx(0.5 - 0.5 * 0.2 / 0.8)
    groups = judged.hosmer_lemeshow.groups
    assert sum(row.n_lesions for row in groups) == N
    assert sum(row.observed for row in groups) == Y.sum()
    assert sum(row.expected for row in groups) == pytest.approx(RISK.sum())


def test_lesions_that_trained_cost_two_degrees_of_freedom(judged):
    apparent = evaluate(of_part("training"), fitted=True)
    assert apparent.apparent and not judged.apparent
    assert judged.hosmer_lemeshow.df - apparent.hosmer_lemeshow.df == 2
    assert apparent.folds is None


# Folds


def of_folds(fold, y=Y):
    return of_part("cross-validation", fold=np.array(fold), y=np.array(y))


def test_the_auc_within_each_fold():
    fold = np.arange(N) // 2 % 3 + 1
    aucs = [roc_auc_score(Y[fold == i], RISK[fold == i]) for i in (1, 2, 3)]
    assert fold_aucs(of_folds(fold)) == pytest.approx(aucs)
    told = evaluate(of_folds(fold), fitted=False).folds
    assert told.auc == pytest.approx(tuple(aucs))
    assert told.mean == pytest.approx(np.mean(aucs))
    assert told.sd == pytest.approx(pd.Series(aucs).std())
    assert told.n_with_both_classes == 3


def test_a_fold_of_one_class_has_no_auc():
    fold = np.arange(N) // 20 + 1
    y = Y.copy()
    y[:20] = 1
    y[20:40] = 0
    y[40:] = np.arange(20) == 7  # one positive lesion is enough
    aucs = fold_aucs(of_folds(fold, y))
    assert aucs == [None, None, pytest.approx(roc_auc_score(y[40:], RISK[40:]))]
    told = evaluate(of_folds(fold, y), fitted=False).folds
    assert (told.mean, told.sd) == (pytest.approx(aucs[2]), None)
    assert told.n_with_both_classes == 1
    y[20] = 1
    two = evaluate(of_folds(fold, y), fitted=False).folds
    assert two.sd == pytest.approx(pd.Series(two.auc[1:]).std())
    y[:] = np.arange(N) < 20
    none = evaluate(of_folds(fold, y), fitted=False).folds
    assert (none.mean, none.sd, none.n_with_both_classes) == (None, None, 0)


def test_every_lesion_is_predicted_by_a_model_without_its_patient():
    splits, steps = study_splits(design(), CONFIG), []
    found = cross_validated_predictions(
        STEPS, X, design(), splits, progress=lambda *step: steps.append(step)
    )
    assert steps == [("cross-validating", i, 3) for i in range(4)]
    assert found.part == "cross-validation"
    for i, (learn, test) in enumerate(splits):
        fit = LogisticRegression(C=1e12, tol=1e-10).fit(X.iloc[learn], Y[learn])
        expected = fit.predict_proba(X.iloc[test])[:, 1]
        np.testing.assert_allclose(found.proba[test], expected, rtol=1e-4)
        np.testing.assert_allclose(expit(found.score[test]), expected, rtol=1e-4)
        np.testing.assert_array_equal(found.predicted[test], expected >= 0.4)
        assert set(found.fold[test]) == {i + 1}


def test_a_model_is_fitted_to_the_first_rows_of_each_split():
    splits, seen = study_splits(design(), CONFIG), []
    fitted = fit_splits(STEPS, X, design(), splits, after=lambda: seen.append(1))
    assert len(fitted) == len(seen) == 3
    for model, (learn, _) in zip(fitted, splits, strict=True):
        fit = LogisticRegression(C=1e12, tol=1e-10).fit(X.iloc[learn], Y[learn])
        np.testing.assert_allclose(model[-1].coef_, fit.coef_, rtol=1e-3)
    assert not hasattr(STEPS[-1], "coef_")


def test_what_a_fitted_pipeline_says_of_a_part():
    fitted = fit_table(Pipeline(STEPS.steps), X, design())
    told = predict_part(fitted, X, design(), "training")
    np.testing.assert_allclose(told.proba, expit(told.score))
    np.testing.assert_array_equal(told.predicted, told.proba >= 0.4)
    assert told.part == "training" and told.fold is None


def test_groups_reach_the_inner_folds():
    assert not get_config()["enable_metadata_routing"]
    with patients_kept_together():
        assert get_config()["enable_metadata_routing"]
    assert not get_config()["enable_metadata_routing"]


# The table of scores


def test_scores_are_of_the_part_that_holds_the_lesion():
    training = np.arange(N) % 3 > 0
    parts = []
    for name, rows, risk in (
        ("training", training, RISK),
        ("validation", ~training, 1 - RISK),
    ):
        own = design(training).take(rows)
        values = risk[rows]
        parts.append(
            Predictions(name, own, logit(values), values, (values >= 0.4).astype(int))
        )
    table = score_table(parts, design(training))
    expected = np.where(training, RISK, 1 - RISK)
    np.testing.assert_allclose(table["probability"], expected)
    np.testing.assert_allclose(table["score"], logit(expected))
    assert (
        table["split"].tolist() == np.where(training, "training", "validation").tolist()
    )
    assert table["outcome"].tolist() == np.where(Y, "high", "low").tolist()
    called = np.where(expected >= 0.4, "high", "low")
    assert table["predicted"].tolist() == called.tolist()
    assert table["patient"].tolist() == PATIENT.tolist()
    last = score_table(parts[::-1], design(training))
    pd.testing.assert_frame_equal(last, table)


def test_scores_of_folds_replace_those_of_training():
    apparent = of_part("training", 1 - RISK)
    crossed = of_part("cross-validation", RISK)
    table = score_table([apparent, crossed], design())
    np.testing.assert_allclose(table["probability"], RISK)
    assert set(table["split"]) == {"cross-validation"}
    called = np.where(RISK >= 0.4, "high", "low")
    assert table["predicted"].tolist() == called.tolist()
