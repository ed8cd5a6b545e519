"""The study's model against simpler ones, on the same lesions."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline

from sklearn_orn._warning_codes import split_code
from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.exceptions import NotEstimable, StudyWarning
from sklearn_orn.model import CrossFittedScore, NomogramClassifier
from sklearn_orn.study._clinical import (
    clinical_pipeline,
    columns_of_models,
    combined_pipeline,
    missing_values,
    plain_names,
    unseen_levels,
    usable_columns,
)
from sklearn_orn.study._clinical_rule import naming_the_setting
from sklearn_orn.study._config import SCORE, StudyConfig
from sklearn_orn.study._evaluation import ByPatient, fit_splits, patients_kept_together
from sklearn_orn.study._extraction import caught_warnings
from sklearn_orn.study._feature_columns import drawn_features
from sklearn_orn.study._records import columns_of
from sklearn_orn.study._scores import planned_scores
from sklearn_orn.study._splits import Split, study_splits
from sklearn_orn.study._varying import Varying
from sklearn_orn.study._verdict import BOTH, JOINED, PAIRS, THREE, verdict
from sklearn_orn.study.results import (
    RADIOMICS,
    BenefitComparison,
    BenefitCurve,
    Benefits,
    Calibration,
    Comparison,
    JudgedLesions,
    MissingClinical,
    ModelAuc,
    ModelBenefit,
    Models,
)

CURVE_AT = np.arange(1, 100) / 100
SEPARATED = "The classes are separated by"


@dataclass(frozen=True, eq=False)
class Model:
    """A model to compare: unfitted, with the table that it takes, of what in words."""

    name: str
    estimator: Pipeline
    table: pd.DataFrame
    predictors: list[str]


def one_feature_pipeline() -> Pipeline:
    """Return a logistic model of the feature with the largest F, unfitted."""
    return Pipeline(
        [
            ("imputer", SimpleImputer(strategy="median", keep_empty_features=True)),
            ("varying", Varying()),
            ("best", SelectKBest(f_classif, k=1)),
            ("nomogram", NomogramClassifier(penalty="none")),
        ]
    ).set_output(transform="pandas")


def cross_fitted_score(
    estimator: Pipeline, design: StudyDesign, config: StudyConfig, name: str = SCORE
) -> CrossFittedScore:
    """Return a radiomics score for a second model, in folds by patient."""
    splits = study_splits(replace(design, has_split=False), config)
    return CrossFittedScore(
        clone(estimator), cv=splits, name=name, n_jobs=config.n_jobs
    )


def predict_splits(
    model: Model, design: StudyDesign, splits: list[Split]
) -> np.ndarray:
    """Return the probability of every lesion that is judged, NaN for the others."""
    proba = np.full(len(design.y), np.nan)
    if any(len(set(design.y[train])) < 2 for train, _ in splits):
        raise NotEstimable("The lesions that train are not of both classes.")
    # Of a fold all lesions may lack a value.
    splits = [(train, test) for train, test in splits if len(test)]
    with warnings.catch_warnings():
        # A level that the training lesions lack counts as the reference.
        warnings.filterwarnings("ignore", message="Found unknown categories")
        fits = fit_splits(model.estimator, model.table, design, splits)
        for fitted, (_, test) in zip(fits, splits, strict=True):
            proba[test] = fitted.predict_proba(model.table.iloc[test])[:, 1]
    return proba


def _combined(
    clinical: pd.DataFrame,
    radiomics: Model,
    design: StudyDesign,
    config: StudyConfig,
    splits: list[Split],
    kept: np.ndarray,
) -> np.ndarray:
    """Predict by clinical columns, if any, and the radiomics scores.

    The score of a lesion that trains comes from a model that has not seen its
    patient; otherwise its weight in this model would be too high.
    """
    proba = np.full(len(design.y), np.nan)
    for train, test in splits:
        part, table = design.take(train), clinical
        plans = planned_scores(radiomics.estimator, radiomics.table, config)
        for name, columns, steps in plans:
            features = radiomics.table[columns]
            score = cross_fitted_score(steps, part, config, name)
            scores = np.full(len(features), np.nan)
            with patients_kept_together():
                scores[train] = score.fit_transform(
                    features.iloc[train], part.y, groups=part.patient
                )[:, 0]
            scores[test] = score.transform(features.iloc[test])[:, 0]
            table = table.assign(**{name: scores})
        names = [plan.name for plan in plans]
        both = Model("", combined_pipeline(clinical, config, names), table, [])
        test = test[kept[test]]
        of_split = predict_splits(both, design, [(train[kept[train]], test)])
        proba[test] = of_split[test]
    return proba


def compare_models(
    table_steps: Pipeline,
    features: pd.DataFrame,
    design: StudyDesign,
    config: StudyConfig,
    *,
    clinical: pd.DataFrame,
    size: pd.Series | None,
    threshold: float = 0.5,
) -> Models:
    """Judge the study's model beside simpler ones, on the same lesions.

    `clinical` may have no columns; the name of `size` says what it is, and `threshold`
    is the probability at which the study decides.
    """
    splits = study_splits(design, config)
    sizes = pd.DataFrame(index=features.index)
    if size is not None:
        sizes[str(size.name)] = pd.to_numeric(size).astype(float).to_numpy()
    sizes, notes = usable_columns(sizes, design.training)
    usable, clinical_notes = columns_of_models(clinical, design.training, config)
    values = pd.concat(
        [usable, sizes.loc[:, ~sizes.columns.isin(usable.columns)]], axis=1
    )
    imputed = missing_values(values, config.missing)
    kept = np.ones(len(design.y), dtype=bool)
    if config.missing == "exclude":
        kept = values.notna().all(axis=1).to_numpy()
    rows = np.sort(np.concatenate([test for _, test in splits]))
    rows = rows[kept[rows]]
    _check_kept(design, rows, imputed)
    complete = [(train[kept[train]], test[kept[test]]) for train, test in splits]
    models = _models(table_steps, features, sizes, usable, config)
    predicted: dict[str, np.ndarray] = {}
    missing: dict[str, str] = {}
    separated: list[str] = []
    for model in models:
        clinical_one = model.name in ("clinical", "lesion size")
        try:
            with _separations(model.name, model.table, design, separated):
                predicted[model.name] = predict_splits(
                    model, design, complete if clinical_one else splits
                )
        except NotEstimable as error:
            missing[model.name] = str(error)
    predictors = {model.name: model.predictors for model in models}
    alone = not usable.shape[1] and config.scores == "separate"
    if ("clinical" in predicted or alone) and RADIOMICS in predicted:
        plans = planned_scores(table_steps, features, config)
        name, scores = JOINED if alone else BOTH, [plan.name for plan in plans]
        predictors[name] = [*map(str, usable), *scores]
        both = usable.assign(**dict.fromkeys(scores, 0.0))
        try:
            with _separations(name, both, design, separated):
                predicted[name] = _combined(
                    usable, models[0], design, config, splits, kept
                )
        except NotEstimable as error:
            missing[name] = str(error)
    judged = design.take(rows)
    proba = {name: whole[rows] for name, whole in predicted.items()}
    return Models(
        part="validation" if design.has_split else "cross-validation",
        rows=_judged(proba, predictors, judged),
        comparisons=(compared := _compared(proba, judged)),
        judged=_judged_lesions(proba, judged, config.prevalence),
        benefits=(gained := _benefits(proba, judged, config.prevalence, threshold)),
        verdict=verdict(compared, gained, config.scores),
        missing=missing,
        notes=(*notes, *clinical_notes, *unseen_levels(usable, design.training)),
        imputed=imputed,
        separated=tuple(separated),
        penalty=config.clinical_penalty,
    )


def _check_kept(
    design: StudyDesign, rows: np.ndarray, imputed: MissingClinical
) -> None:
    if len(set(design.y[rows])) < 2:
        names = ", ".join(row.column for row in imputed.columns)
        raise NotEstimable(
            "missing: exclude leaves lesions of both classes out of those that judge, "
            f"so that {len(rows)} of one class or none are left (values are missing in "
            f"{names}). Use missing: impute, or fewer clinical columns."
        )


@contextmanager
def _separations(
    name: str, table: pd.DataFrame, design: StudyDesign, separated: list[str]
) -> Iterator[None]:
    """Collect what fits without a finite solution warn of, in the table's own words."""
    with caught_warnings() as caught, naming_the_setting():
        yield
    for text in dict.fromkeys(caught):
        if not text.startswith(SEPARATED):
            warnings.warn(StudyWarning(text), stacklevel=2)
            continue
        text = plain_names(split_code(text)[0], table)
        for value, label in enumerate(design.classes):
            text = text.replace(f"of class '{value}'", f"of class {label!r}")
        text = text.replace('penalty="firth"', "clinical_penalty: firth")
        separated.append(f"Model {name!r}: {text}")


def _models(
    table_steps: Pipeline,
    features: pd.DataFrame,
    sizes: pd.DataFrame,
    clinical: pd.DataFrame,
    config: StudyConfig,
) -> list[Model]:
    """Return the models that this study can fit; the clinical one comes last."""
    models = [Model(RADIOMICS, table_steps, features, [SCORE])]
    if sizes.shape[1]:
        names = [str(c) for c in sizes]
        plain = replace(config, clinical_selection="all")
        models.append(
            Model("lesion size", clinical_pipeline(sizes, plain), sizes, names)
        )
    pipeline = one_feature_pipeline()
    drawn = drawn_features(features)
    models.append(Model("one feature", pipeline, drawn, ["the strongest feature"]))
    if clinical.shape[1]:
        names = [str(c) for c in clinical]
        models.append(
            Model("clinical", clinical_pipeline(clinical, config), clinical, names)
        )
    return models


def _judged(
    proba: dict[str, np.ndarray],
    predictors: dict[str, list[str]],
    judged: StudyDesign,
) -> tuple[ModelAuc, ...]:
    from sklearn_orn.metrics import roc_auc_ci

    return tuple(
        ModelAuc(
            name,
            tuple(predictors[name]),
            *roc_auc_ci(judged.y, values, groups=judged.patient),
        )
        for name, values in proba.items()
    )


def _judged_lesions(
    proba: dict[str, np.ndarray], judged: StudyDesign, prevalence: float | None
) -> JudgedLesions:
    from sklearn_orn.metrics import calibration_statistics

    by: ByPatient = {"groups": judged.patient, "prevalence": prevalence}
    return JudgedLesions(
        lesion=tuple(judged.lesion),
        patient=tuple(judged.patient),
        y=tuple(judged.y.tolist()),
        probability={name: tuple(values.tolist()) for name, values in proba.items()},
        calibration={
            name: Calibration(**calibration_statistics(judged.y, p, **by)._asdict())
            for name, p in proba.items()
        },
    )


def _compared(
    proba: dict[str, np.ndarray], judged: StudyDesign
) -> tuple[Comparison, ...]:
    from sklearn_orn.metrics import compare_auc

    own = (RADIOMICS, BOTH, JOINED)
    pairs = [(RADIOMICS, name) for name in proba if name not in own]
    comparisons = []
    added = [(BOTH, "clinical"), (BOTH, RADIOMICS), (JOINED, RADIOMICS)]
    for first, second in [*pairs, *added]:
        if first in proba and second in proba:
            two = (proba[first], proba[second])
            test = compare_auc(judged.y, *two, groups=judged.patient)
            found = (test.difference, test.lower, test.upper, test.p_value)
            comparisons.append(Comparison(first, second, *found))
    return tuple(comparisons)


def _benefits(
    proba: dict[str, np.ndarray],
    judged: StudyDesign,
    prevalence: float | None,
    threshold: float,
) -> Benefits | None:
    """Compare what acting on each of the three models brings, on the same lesions."""
    from sklearn_orn.metrics import compare_net_benefit, decision_curve

    pairs = [pair for pair in PAIRS if set(pair) <= set(proba)]
    if not pairs:
        return None
    by: ByPatient = {"groups": judged.patient, "prevalence": prevalence}
    comparisons = []
    for first, second in pairs:
        two = (proba[first], proba[second])
        at = [threshold, *CURVE_AT]
        table = compare_net_benefit(judged.y, *two, thresholds=at, **by)
        names = ["difference", "lower", "upper"]
        difference, lower, upper = table[names].to_numpy()[0].tolist()
        curve = columns_of(BenefitCurve, table.iloc[1:])
        comparisons.append(
            BenefitComparison(first, second, difference, lower, upper, curve)
        )
    models = []
    for name in (name for name in THREE if name in proba):
        table = decision_curve(judged.y, proba[name], thresholds=[threshold], **by)
        own = table[["model", "model_lower", "model_upper"]].to_numpy()[0].tolist()
        models.append(ModelBenefit(name, *own))
    return Benefits(threshold, tuple(models), tuple(comparisons))
