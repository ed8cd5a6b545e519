"""Clinical columns and radiomics scores in one model, for its odds ratios."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.pipeline import Pipeline

from sklearn_orn._final_step import final_step
from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.model import (
    CrossFittedScore,
    NomogramClassifier,
    RestrictedCubicSpline,
    odds_ratios,
)
from sklearn_orn.model.shared import MAX_DISCRETE, spline_of
from sklearn_orn.study._clinical import columns_of_models, filled
from sklearn_orn.study._clinical_kinds import (
    ClinicalKinds,
    knots_of,
    levels_of,
    reference_of,
)
from sklearn_orn.study._clinical_selection import selected_columns
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._evaluation import patients_kept_together
from sklearn_orn.study._models import cross_fitted_score
from sklearn_orn.study._pipeline import study_pipeline
from sklearn_orn.study._scores import planned_scores
from sklearn_orn.study.results import (
    Combined,
    CombinedPredictor,
    OddsRatio,
    PartJudged,
    SequenceScore,
    WorkedPatient,
)


@dataclass(frozen=True, eq=False)
class RadiomicsScores:
    """The radiomics scores of each lesion: one, or that of each sequence, by its name.

    `whole` is by the model of all lesions that train, as new lesions get it;
    `cross_fitted` the same, but in training by models that have not seen the patient.
    `steps` are fitted. A score that is the same for all that train is among them alone.
    """

    whole: pd.DataFrame
    cross_fitted: pd.DataFrame
    steps: dict[str, CrossFittedScore]


def radiomics_scores(
    table_steps: Pipeline,
    features: pd.DataFrame,
    design: StudyDesign,
    config: StudyConfig,
) -> RadiomicsScores:
    """Score each lesion, in training by models that have not seen its patient."""
    train = np.flatnonzero(design.training)
    part = design.take(train)
    whole, cross_fitted = (pd.DataFrame(index=features.index) for _ in range(2))
    steps = {}
    for name, columns, own in planned_scores(table_steps, features, config):
        score, taken = cross_fitted_score(own, part, config, name), features[columns]
        with patients_kept_together():
            of_training = score.fit_transform(
                taken.iloc[train], part.y, groups=part.patient
            )[:, 0]
        steps[name] = score
        if np.ptp(of_training) > 0:
            whole[name] = score.transform(taken)[:, 0]
            cross_fitted[name] = whole[name]
            cross_fitted.iloc[train, -1] = of_training
    if whole.empty and config.scores == "separate":
        raise NotEstimable(
            "Cross-fitted by patient, the radiomics score of each sequence is the same "
            "for all lesions that train: there is nothing to join."
        )
    if whole.empty:
        raise NotEstimable(
            "Cross-fitted by patient, the radiomics score is the same for all lesions "
            "that train: it adds nothing to the clinical columns."
        )
    return RadiomicsScores(whole, cross_fitted, steps)


def combined_model(
    scores: Callable[[], RadiomicsScores],
    design: StudyDesign,
    config: StudyConfig,
    *,
    clinical: pd.DataFrame,
) -> Combined:
    """Fit clinical columns and the cross-fitted scores in training."""
    usable, notes = columns_of_models(clinical, design.training, config)
    if not usable.shape[1] and config.scores == "fused":
        reason = " ".join(notes) or "No clinical columns are named."
        raise NotEstimable(reason)
    score = scores()
    table = filled(usable, design.training, config.missing)
    table[list(map(str, score.cross_fitted))] = score.cross_fitted.to_numpy()
    kept = table.notna().all(axis=1).to_numpy()
    rows = np.flatnonzero(design.training & kept)
    part = design.take(rows)
    if len(set(part.y)) < 2:
        raise NotEstimable("The lesions that train are not of both classes.")
    chosen: list[str] = []
    if usable.shape[1]:
        chosen = selected_columns(usable.iloc[rows], part, config)
    inside = [*chosen, *(f"{name} missing" for name in chosen), *score.whole]
    model = [str(name) for name in table if name in inside]
    return _fitted(table, model, kept, rows, score, design, config)


def _fitted(
    table: pd.DataFrame,
    inside: list[str],
    kept: np.ndarray,
    rows: np.ndarray,
    score: RadiomicsScores,
    design: StudyDesign,
    config: StudyConfig,
) -> Combined:
    names = list(map(str, score.whole))
    part, X = design.take(rows), table.iloc[rows]
    kinds = config.clinical_kinds
    curves = _curves(X, kinds)
    named = {str(name): reference_of(kinds.get(str(name))) for name in X}
    kinds_of_table: tuple[
        tuple[Literal["univariable", "multivariable"], list[str]], ...
    ]
    kinds_of_table = (("univariable", [*map(str, X)]), ("multivariable", inside))
    tables = {
        kind: odds_ratios(
            X[columns],
            part.y,
            groups=part.patient,
            kind=kind,
            penalty=config.clinical_penalty,
            reference={
                k: v for k, v in named.items() if v is not None and k in columns
            },
            cross_fitted=names,
            splines={
                k: v.knots_[0].tolist() for k, v in curves.items() if k in columns
            },
        )
        for kind, columns in kinds_of_table
    }
    both, alone = tables["multivariable"], tables["univariable"]
    terms = _terms(X, both, curves)
    model = combined_classifier(config).fit(terms, part.y, groups=part.patient)
    # Of a narrow range the odds ratio of one unit may be beyond all numbers too.
    apart = both[np.isinf(both["standard_error"])]
    told = [
        _with_curve(_predictor(X[name], alone, kinds, names), curves, model)
        for name in X
    ]
    predictors = tuple(row for row in told if row.name in inside)
    judged = np.flatnonzero(kept & ~design.training)
    new = table.copy()  # what the model file says of them
    new[names] = score.whole.to_numpy()
    for candidates in (judged, rows):
        if not len(candidates):
            continue
        of_model = new.iloc[candidates]
        linear = model.decision_function(_terms(of_model, both, curves))
        worked = _worked(of_model, predictors, linear, design, candidates)
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
        not_selected=tuple(row for row in told if row.name not in inside),
        univariable=_rows(alone),
        multivariable=_rows(both),
        intercept=float(model.intercept_[0]),
        threshold=float(model.threshold_),
        separated=tuple(dict.fromkeys(apart["predictor"])),
        scores=tuple(_sequence_scores(score)) if config.scores == "separate" else (),
        worked=worked,
    )


def _sequence_scores(scores: RadiomicsScores) -> Iterator[SequenceScore]:
    """Yield the formula of each score."""
    for name, step in scores.steps.items():
        nomogram = final_step(step.estimator_)
        weights = zip(nomogram.feature_names_in_, nomogram.coef_[0], strict=True)
        yield SequenceScore(
            name=name,
            constant=name not in scores.whole,
            intercept=float(nomogram.intercept_[0]),
            coefficients={str(x): float(weight) for x, weight in weights if weight},
        )


def _curves(X: pd.DataFrame, kinds: ClinicalKinds) -> dict[str, RestrictedCubicSpline]:
    """Return the spline of each column that is one, with its knots."""
    found = {str(name): knots_of(kinds.get(str(name))) for name in X}
    return {
        name: spline_of(knots).fit(X[[name]].to_numpy())
        for name, knots in found.items()
        if knots is not None
    }


def _terms(
    X: pd.DataFrame, both: pd.DataFrame, curves: dict[str, RestrictedCubicSpline]
) -> pd.DataFrame:
    """Return the columns of the model of the table of odds ratios."""
    terms: dict[str, np.ndarray] = {}
    columns = (both[name] for name in ("predictor", "level", "coefficient", "lower"))
    for name, level, weight, lower in zip(*columns, strict=True):
        if name in curves:
            made = curves[name].transform(X[[name]].to_numpy())
            terms |= {_term(name, j): made[:, j] for j in range(made.shape[1])}
        elif pd.isna(level):
            terms[f"{name}={level}"] = X[name].to_numpy(dtype=float)
        elif weight != 0 or not np.isnan(lower):  # all levels but the reference
            terms[f"{name}={level}"] = (X[name] == level).to_numpy(dtype=float)
    return pd.DataFrame(terms)


def _term(name: str, j: int) -> str:
    return f"{name}=None{chr(39) * j}"


def _with_curve(
    predictor: CombinedPredictor,
    curves: dict[str, RestrictedCubicSpline],
    model: NomogramClassifier,
) -> CombinedPredictor:
    """Return a predictor with the knots of its spline, and what the terms weigh."""
    if predictor.name not in curves:
        return predictor
    knots = tuple(curves[predictor.name].knots_[0].tolist())
    weights = dict(zip(model.feature_names_in_, model.coef_[0].tolist(), strict=True))
    names = [_term(predictor.name, j) for j in range(len(knots) - 1)]
    terms = tuple(weights[name] for name in names if name in weights)
    return replace(predictor, values=None, knots=knots, terms=terms)


def combined_classifier(config: StudyConfig) -> NomogramClassifier:
    """Return the classifier of the combined model, unfitted.

    Its threshold is chosen as that of the radiomics score.
    """
    threshold = study_pipeline((), config)[-1].threshold
    return NomogramClassifier(penalty=config.clinical_penalty, threshold=threshold)


def _predictor(
    values: pd.Series, both: pd.DataFrame, kinds: ClinicalKinds, scores: list[str]
) -> CombinedPredictor:
    name = str(values.name)
    if not pd.api.types.is_numeric_dtype(values):
        levels = tuple(both[both["predictor"] == name]["level"])
        return CombinedPredictor(name, "categorical", None, None, None, levels, (), ())
    distinct = np.unique(values.to_numpy(dtype=float))
    levels = tuple(levels_of(kinds.get(name)))
    few = tuple(distinct.tolist()) if len(distinct) <= MAX_DISCRETE else None
    kind: Literal["score", "continuous", "ordinal"] = (
        "score" if name in scores else "ordinal" if levels else "continuous"
    )
    ends = float(distinct[0]), float(distinct[-1])
    return CombinedPredictor(name, kind, *ends, few, levels, (), ())


def _rows(table: pd.DataFrame) -> tuple[OddsRatio, ...]:
    names = ["coefficient", "odds_ratio", "lower", "upper", "p_value"]
    numbers = table[names].to_numpy(dtype=float).tolist()
    curved = table.reindex(columns=["low", "high", "p_nonlinear"]).astype(object)
    of_splines = curved.where(curved.notna(), None).to_numpy().tolist()
    levels = [None if pd.isna(level) else str(level) for level in table["level"]]
    return tuple(
        OddsRatio(str(predictor), level, int(n), *values, *of_spline)
        for predictor, level, n, values, of_spline in zip(
            table["predictor"], levels, table["n"], numbers, of_splines, strict=True
        )
    )


def _worked(
    X: pd.DataFrame,
    predictors: tuple[CombinedPredictor, ...],
    linear: np.ndarray,
    design: StudyDesign,
    rows: np.ndarray,
) -> WorkedPatient | None:
    """Return the lesion with the median prediction, of those with known levels."""
    known = np.ones(len(X), dtype=bool)
    for predictor in predictors:
        if predictor.levels:
            levels: tuple[float | str, ...] = predictor.levels
            if predictor.kind == "ordinal":
                levels = tuple(map(float, range(len(levels))))
            known &= X[predictor.name].isin(levels).to_numpy()
    X, rows, linear = X[known], rows[known], linear[known]
    if not len(X):
        return None
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
