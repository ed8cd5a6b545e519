"""Fit the part of the pipeline that learns, and judge it on each part of the study."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from sklearn_orn._progress import Progress
from sklearn_orn._refitting import clone_to_refit, fit_with_groups
from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.study._records import columns_of, rows_of
from sklearn_orn.study._splits import Split
from sklearn_orn.study.results import (
    Auc,
    Calibration,
    CalibrationCurve,
    DecisionCurve,
    Folds,
    HosmerLemeshow,
    Part,
    PartJudged,
    Performance,
    Proportion,
    Refit,
    RiskGroup,
)


@dataclass(frozen=True, eq=False)
class Predictions:
    """What the model said of the lesions of one part of the study.

    `score` is the radiomics score, `predicted` 1 where `proba` reaches the threshold
    learnt in training, `fold` (from 1) the fold that predicted the lesion.
    """

    part: PartJudged
    design: StudyDesign
    score: np.ndarray
    proba: np.ndarray
    predicted: np.ndarray
    fold: np.ndarray | None = None


class ByPatient(TypedDict):
    """How metrics count: by patient, and for a prevalence."""

    groups: np.ndarray
    prevalence: float | None


@contextmanager
def patients_kept_together() -> Iterator[None]:
    """Route `groups` to the inner cross-validation, which is off by default."""
    from sklearn import config_context

    with config_context(enable_metadata_routing=True):
        yield


def fit_table(
    pipeline: Pipeline, features: pd.DataFrame, design: StudyDesign
) -> Pipeline:
    """Fit a pipeline in place on a table of features, patients kept together."""
    with patients_kept_together():
        return pipeline.fit(features, design.y, groups=design.patient)


def fit_splits(
    pipeline: Pipeline,
    features: pd.DataFrame,
    design: StudyDesign,
    splits: Sequence[Split],
    *,
    after: Callable[[], object] = int,
) -> list[Pipeline]:
    """Fit anew on the first rows of each split; `after` is called behind each fit.

    They are for predictions: of the path they know no more than the choice needs.
    """
    fitted = []
    for train, _ in splits:
        part = design.take(train)
        model = clone_to_refit(pipeline)
        fitted.append(
            fit_with_groups(model, features.iloc[train], part.y, part.patient)
        )
        after()
    return fitted


def predict_part(
    pipeline: Pipeline, features: pd.DataFrame, design: StudyDesign, part: PartJudged
) -> Predictions:
    """Return what a fitted pipeline says of the lesions of a part."""
    return Predictions(
        part=part,
        design=design,
        score=np.asarray(pipeline.decision_function(features), dtype=float),
        proba=np.asarray(pipeline.predict_proba(features)[:, 1], dtype=float),
        predicted=np.asarray(pipeline.predict(features), dtype=int),
    )


def cross_validated_predictions(
    pipeline: Pipeline,
    features: pd.DataFrame,
    design: StudyDesign,
    splits: Sequence[Split],
    *,
    progress: Progress,
) -> Predictions:
    """Predict every lesion by a pipeline that was fitted without its patient."""
    n = len(design.y)
    score, proba = np.zeros(n), np.zeros(n)
    predicted, fold = np.zeros(n, dtype=int), np.zeros(n, dtype=int)
    done = iter(range(1, len(splits) + 1))
    progress("cross-validating", 0, len(splits))
    fits = fit_splits(
        pipeline,
        features,
        design,
        splits,
        after=lambda: progress("cross-validating", next(done), len(splits)),
    )
    for i, (fitted, (_, test)) in enumerate(zip(fits, splits, strict=True)):
        rest = (features.iloc[test], design.take(test))
        of_fold = predict_part(fitted, *rest, "cross-validation")
        score[test], proba[test] = of_fold.score, of_fold.proba
        predicted[test], fold[test] = of_fold.predicted, i + 1
    return Predictions("cross-validation", design, score, proba, predicted, fold)


def fold_aucs(predictions: Predictions) -> list[float | None]:
    """Return the AUC of each fold; None for a fold of one class."""
    from sklearn.metrics import roc_auc_score

    assert predictions.fold is not None
    aucs: list[float | None] = []
    for fold in range(1, int(predictions.fold.max()) + 1):
        rows = predictions.fold == fold
        y = predictions.design.y[rows]
        both = 0 < y.sum() < len(y)
        aucs.append(float(roc_auc_score(y, predictions.proba[rows])) if both else None)
    return aucs


def evaluate(
    predictions: Predictions, *, fitted: bool, prevalence: float | None = None
) -> Part:
    """Return every number the report gives for one part of the study.

    `fitted` says whether the model was fitted to these lesions, for the degrees of
    freedom of the Hosmer-Lemeshow test.
    """
    from sklearn_orn import metrics

    y, proba = predictions.design.y, predictions.proba
    patient = predictions.design.patient
    patients: ByPatient = {"groups": patient, "prevalence": prevalence}
    counts = metrics.diagnostic_performance(y, predictions.predicted, **patients)
    counts = counts.rename(columns={"patients": "n_patients"})
    test = metrics.hosmer_lemeshow(y, proba, fitted=fitted, groups=patient)
    groups = test.table.rename(columns={"n": "n_lesions"})
    curve = metrics.flexible_calibration_curve(y, proba)
    benefit = metrics.decision_curve(y, proba, **patients)
    in_folds = predictions.fold is not None
    return Part(
        part=predictions.part,
        apparent=fitted,
        n_lesions=len(y),
        n_patients=len(set(predictions.design.patient)),
        n_positive=int(y.sum()),
        prevalence=prevalence,
        auc=Auc(*metrics.roc_auc_ci(y, proba, groups=patient)),
        performance=Performance(
            **dict(zip(counts.index, rows_of(Proportion, counts), strict=True))
        ),
        hosmer_lemeshow=HosmerLemeshow(
            statistic=test.statistic,
            df=test.df,
            p_value=test.p_value,
            by_patient=len(set(patient)) < len(y),
            groups=rows_of(RiskGroup, groups),
        ),
        calibration=Calibration(
            **metrics.calibration_statistics(y, proba, **patients)._asdict()
        ),
        calibration_curve=CalibrationCurve(
            tuple(curve.predicted.tolist()), tuple(curve.observed.tolist())
        ),
        decision_curve=columns_of(DecisionCurve, benefit),
        folds=_summarise_folds(fold_aucs(predictions)) if in_folds else None,
    )


def _summarise_folds(aucs: list[float | None]) -> Folds:
    defined = [auc for auc in aucs if auc is not None]
    spread = float(np.std(defined, ddof=1)) if len(defined) > 1 else None
    mean = float(np.mean(defined)) if defined else None
    return Folds(tuple(aucs), mean, spread, n_with_both_classes=len(defined))


def score_refit(predictions: Predictions) -> Refit:
    """Return the unpenalised fit of the outcome on the score: how far LASSO shrank."""
    from sklearn_orn.metrics import calibration_statistics

    fit = calibration_statistics(predictions.design.y, predictions.proba)
    return Refit(fit.intercept, fit.slope)


def score_table(parts: Sequence[Predictions], design: StudyDesign) -> pd.DataFrame:
    """Return what the model says of each lesion, of the last part that holds it."""
    n = len(design.y)
    score, proba, predicted = np.zeros(n), np.zeros(n), np.zeros(n, dtype=int)
    for part in parts:
        rows = np.ones(n, dtype=bool)
        if design.has_split:
            rows = design.training == (part.part == "training")
        score[rows], proba[rows] = part.score, part.proba
        predicted[rows] = part.predicted
    labels = np.asarray(design.labels, dtype=object)
    split = np.where(design.training, "training", "validation")
    return pd.DataFrame(
        {
            "lesion": design.lesion,
            "patient": design.patient,
            "split": split if design.has_split else "cross-validation",
            "outcome": labels[design.y],
            "score": score,
            "probability": proba,
            "predicted": labels[predicted],
        }
    )
