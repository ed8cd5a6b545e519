"""Clinical columns and the radiomics score in one model, for its odds ratios."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.pipeline import Pipeline

from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.model import NomogramClassifier, odds_ratios
from sklearn_orn.model.shared import MAX_DISCRETE
from sklearn_orn.study._clinical import filled, usable_columns
from sklearn_orn.study._clinical_kinds import (
    ClinicalKinds,
    levels_of,
    reference_of,
)
from sklearn_orn.study._config import SCORE, StudyConfig
from sklearn_orn.study._evaluation import patients_kept_together
from sklearn_orn.study._models import cross_fitted_score
from sklearn_orn.study._pipeline import study_pipeline
from sklearn_orn.study.results import (
    Combined,
    CombinedPredictor,
    OddsRatio,
    PartJudged,
    WorkedPatient,
)


@dataclass(frozen=True, eq=False)
class RadiomicsScores:
    """The radiomics score of each lesion.

    `whole` is by the model of all lesions that train, as new lesions get it;
    `cross_fitted` the same, but in training by models that have not seen the patient.
    """

    whole: np.ndarray
    cross_fitted: np.ndarray


def radiomics_scores(
    table_steps: Pipeline,
    features: pd.DataFrame,
    design: StudyDesign,
    config: StudyConfig,
) -> RadiomicsScores:
    """Score each lesion, in training by models that have not seen its patient."""
    train = np.flatnonzero(design.training)
    part = design.take(train)
    score = cross_fitted_score(table_steps, part, config)
    with patients_kept_together():
        of_training = score.fit_transform(
            features.iloc[train], part.y, groups=part.patient
        )[:, 0]
    if np.ptp(of_training) == 0:
        raise NotEstimable(
            "Cross-fitted by patient, the radiomics score is the same for all lesions "
            "that train: it adds nothing to the clinical columns."
        )
    whole = score.transform(features)[:, 0]
    cross_fitted = whole.copy()
    cross_fitted[train] = of_training
    return RadiomicsScores(whole, cross_fitted)


def combined_model(
    scores: Callable[[], RadiomicsScores],
    design: StudyDesign,
    config: StudyConfig,
    *,
    clinical: pd.DataFrame,
) -> Combined:
    """Fit clinical columns and the cross-fitted score in training."""
    usable, notes = usable_columns(clinical, design.training)
    if not usable.shape[1]:
        reason = " ".join(notes) or "No clinical columns are named."
        raise NotEstimable(reason)
    score = scores()
    table = filled(usable, design.training, config.missing)
    table = table.assign(**{SCORE: score.cross_fitted})
    kept = table.notna().all(axis=1).to_numpy()
    rows = np.flatnonzero(design.training & kept)
    return _fitted(table, kept, rows, score.whole, design, config)


def _fitted(
    table: pd.DataFrame,
    kept: np.ndarray,
    rows: np.ndarray,
    whole: np.ndarray,
    design: StudyDesign,
    config: StudyConfig,
) -> Combined:
    part, X = design.take(rows), table.iloc[rows]
    if len(set(part.y)) < 2:
        raise NotEstimable("The lesions that train are not of both classes.")
    kinds = config.clinical_kinds
    named = {str(name): reference_of(kinds.get(str(name))) for name in X}
    tables = {
        kind: odds_ratios(
            X,
            part.y,
            groups=part.patient,
            kind=kind,
            penalty=config.clinical_penalty,
            reference={k: v for k, v in named.items() if v is not None},
            cross_fitted=[SCORE],
        )
        for kind in ("univariable", "multivariable")
    }
    both = tables["multivariable"]
    model = _of_terms(X, part, both, config)
    intercept = float(model.intercept_[0])
    apart = both[np.isinf(both["odds_ratio"]) | (both["odds_ratio"] == 0)]
    predictors = tuple(_predictor(X[name], both, kinds) for name in X.columns)
    judged = np.flatnonzero(kept & ~design.training)
    new = table.assign(**{SCORE: whole})  # what the model file says of them
    for candidates in (judged, rows):
        worked = _worked(new, predictors, both, intercept, design, candidates)
        if worked is not None:
            break
    assert worked is not None  # the lesions that train have known levels
    return Combined(
        n_lesions=len(rows),
        n_patients=len(set(part.patient)),
        n_positive=int(part.y.sum()),
        n_folds=config.cv,
        penalty=config.clinical_penalty,
        predictors=predictors,
        univariable=_rows(tables["univariable"]),
        multivariable=_rows(both),
        intercept=intercept,
        threshold=float(model.threshold_),
        separated=tuple(dict.fromkeys(apart["predictor"])),
        worked=worked,
    )


def _of_terms(
    X: pd.DataFrame, part: StudyDesign, both: pd.DataFrame, config: StudyConfig
) -> NomogramClassifier:
    """Return the model of the table of odds ratios."""
    terms = {
        f"{row.predictor}={row.level}": _column(X, row)
        for row in both.itertuples()
        if not _is_reference(row)
    }
    return last_step(config).fit(pd.DataFrame(terms), part.y, groups=part.patient)


def last_step(config: StudyConfig) -> NomogramClassifier:
    """Return the classifier of the combined model, unfitted.

    Its threshold is chosen as that of the radiomics score.
    """
    threshold = study_pipeline((), config)[-1].threshold
    return NomogramClassifier(penalty=config.clinical_penalty, threshold=threshold)


def _is_reference(row: Any) -> bool:
    return not _is_number(row) and row.coefficient == 0 and np.isnan(row.lower)


def _is_number(row: Any) -> bool:
    return row.level is None or pd.isna(row.level)


def _column(X: pd.DataFrame, row: Any) -> np.ndarray:
    """Return a number, or whether a lesion is at a level."""
    values = X[row.predictor]
    found = values if _is_number(row) else values == row.level
    return found.to_numpy(dtype=float)


def _predictor(
    values: pd.Series, both: pd.DataFrame, kinds: ClinicalKinds
) -> CombinedPredictor:
    name = str(values.name)
    if not pd.api.types.is_numeric_dtype(values):
        levels = tuple(both[both["predictor"] == name]["level"])
        return CombinedPredictor(name, "categorical", None, None, None, levels)
    distinct = np.unique(values.to_numpy(dtype=float))
    levels = tuple(levels_of(kinds.get(name)))
    few = tuple(distinct.tolist()) if len(distinct) <= MAX_DISCRETE else None
    kind: Literal["score", "continuous", "ordinal"] = (
        "score" if name == SCORE else "ordinal" if levels else "continuous"
    )
    ends = float(distinct[0]), float(distinct[-1])
    return CombinedPredictor(name, kind, *ends, few, levels)


def _rows(table: pd.DataFrame) -> tuple[OddsRatio, ...]:
    names = ["coefficient", "odds_ratio", "lower", "upper", "p_value"]
    numbers = table[names].to_numpy(dtype=float).tolist()
    levels = [None if pd.isna(level) else str(level) for level in table["level"]]
    return tuple(
        OddsRatio(str(predictor), level, int(n), *values)
        for predictor, level, n, values in zip(
            table["predictor"], levels, table["n"], numbers, strict=True
        )
    )


def _worked(
    table: pd.DataFrame,
    predictors: tuple[CombinedPredictor, ...],
    both: pd.DataFrame,
    intercept: float,
    design: StudyDesign,
    rows: np.ndarray,
) -> WorkedPatient | None:
    """Return the lesion with the median prediction, of those with known levels."""
    X = table.iloc[rows]
    known = np.ones(len(X), dtype=bool)
    for predictor in predictors:
        if predictor.levels:
            levels: tuple[float | str, ...] = predictor.levels
            if predictor.kind == "ordinal":
                levels = tuple(map(float, range(len(levels))))
            known &= X[predictor.name].isin(levels).to_numpy()
    X, rows = X[known], rows[known]
    if not len(X):
        return None
    linear = np.full(len(X), intercept)
    for row in both.itertuples():
        coefficient: Any = row.coefficient
        linear += coefficient * _column(X, row)
    at = int(np.argsort(linear, kind="stable")[(len(linear) - 1) // 2])
    values: dict[str, float | str] = {}
    for predictor in predictors:
        value = X[predictor.name].iloc[at]
        if predictor.kind == "ordinal":
            values[predictor.name] = predictor.levels[int(value)]
        else:
            text = predictor.kind == "categorical"
            values[predictor.name] = str(value) if text else float(value)
    in_training = bool(design.training[rows[at]])
    part: PartJudged = "training" if in_training else "validation"
    if not design.has_split:
        part = "cross-validation"
    lesion = str(design.lesion[rows[at]])
    return WorkedPatient(lesion, part, values, float(expit(linear[at])))
