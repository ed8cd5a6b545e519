"""The combined model as one Pipeline, of images or features and clinical columns."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import logit
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder

from sklearn_orn._validation import name_list
from sklearn_orn.cohort import Cohort
from sklearn_orn.cohort.shared import label_text
from sklearn_orn.deploy.shared import with_fitted
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images.shared import lesion_columns
from sklearn_orn.model import CrossFittedScore, RestrictedCubicSpline
from sklearn_orn.study._clinical import MISSING_LEVEL, beside_indicator, clinical_table
from sklearn_orn.study._combined import combined_classifier
from sklearn_orn.study._config import SCORE, StudyConfig
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._pipeline import image_steps
from sklearn_orn.study._scores import planned_scores
from sklearn_orn.study._verdict import COMBINED
from sklearn_orn.study.results import Absent, Combined, CombinedPredictor, Results


@dataclass(frozen=True, eq=False)
class CombinedFit:
    """The fitted model, its X, and what it says of each lesion, NaN without a value."""

    pipeline: Pipeline
    table: pd.DataFrame
    score: np.ndarray
    probability: np.ndarray
    of_sequences: pd.DataFrame  # the scores that it joins, where they are separate


def check_apart(
    cohort: Cohort, features: pd.DataFrame | None, config: StudyConfig
) -> None:
    """Refuse a clinical column that the combined model would find twice by its name."""
    if config.nomogram != "combined":
        return
    if features is None:
        taken = lesion_columns(cohort.table)
    else:
        taken = [str(name) for name in features.columns]
    twice = [name for name in config.clinical if name in taken]
    if twice:
        what = "an image or a mask" if features is None else "a feature"
        raise CohortError(
            f"{name_list(map(repr, twice))} is a clinical column and {what}: the "
            "combined model finds its columns by name. Rename one of them, or leave it "
            "out of the clinical columns."
        )


def model_table(study: Study) -> pd.DataFrame:
    """Return the X of the combined model: clinical columns, images or features."""
    cohort, clinical = study.cohort.table, study.cohort.clinical
    if study.from_images:
        return cohort
    return pd.concat([clinical.set_axis(study.features.index), study.features], axis=1)


def combined_fit(found: Combined, study: Study, radiomics: Pipeline) -> CombinedFit:
    """Put fitted parts together, so that no image is measured again.

    `radiomics` is fitted, and takes what the study takes.
    """
    design, config, scores = study.design, study.config, study.scores
    predictors = [p for p in found.predictors if p.name in config.clinical]
    names = [p.name for p in predictors]
    taken = [str(name) for name in study.features]
    if study.from_images:
        taken = lesion_columns(study.cohort.table)
    table = model_table(study)
    X = _encodable(table[[*names, *taken]], predictors, config)
    kept, learnt_from = np.ones((2, len(X)), dtype=bool)
    if config.missing == "exclude":
        kept = X[names].notna().all(axis=1).to_numpy()
        others = [p.name for p in found.not_selected if p.name in config.clinical]
        learnt_from = kept & table[others].notna().all(axis=1).to_numpy()
    rows = np.flatnonzero(design.training & learnt_from)
    stand_in = _stand_in(scores.cross_fitted.iloc[rows])
    clinical = [
        (f"clinical_{i}", _steps(p, found, config), [p.name])
        for i, p in enumerate(predictors, start=1)
    ]
    columns = ColumnTransformer(
        [*clinical, ("score", stand_in, taken)],
        verbose_feature_names_out=_alike(predictors, list(map(str, scores.whole))),
    ).set_output(transform="pandas")
    part = design.take(rows)
    nomogram = combined_classifier(config)
    nomogram.fit(columns.fit_transform(X.iloc[rows]), part.y, groups=part.patient)
    # The score of new lesions, also of those that trained: what the file will say.
    columns.named_transformers_["score"].set_params(
        kw_args={"scores": scores.whole[kept]}
    )
    score = np.full(len(X), np.nan)
    probability = score.copy()
    of_kept = columns.transform(X[kept])
    score[kept] = nomogram.decision_function(of_kept)
    probability[kept] = nomogram.predict_proba(of_kept)[:, 1]
    if config.scores == "separate":
        score_step = _separate(radiomics, study)
    else:
        score_step = _score(radiomics, config)
    replace_steps(columns, {"score": score_step})
    pipeline = Pipeline([("columns", columns), ("nomogram", nomogram)])
    return CombinedFit(pipeline, table, score, probability, _told(study))


def combined_scores(
    table: pd.DataFrame, fit: CombinedFit, results: Results
) -> pd.DataFrame:
    """Return the scores of a study with those of the combined model.

    Without a split these are cross-validated too, and empty for lesions that no fold
    judges; `predicted` is by the threshold of the model of all lesions.
    """
    score, probability = fit.score, fit.probability
    if not (results.config.split or results.config.date):
        probability = _cross_validated(table["lesion"], results)
        limits = np.finfo(float)  # a probability that rounds to 1 has a finite score
        score = logit(np.clip(probability, limits.tiny, 1 - limits.epsneg))
    threshold = fit.pipeline[-1].threshold_
    negative, positive = results.labels
    called = [
        None if np.isnan(p) else positive if p >= threshold else negative
        for p in probability
    ]
    names = {"score": SCORE, "probability": "radiomics probability"}
    told = table.drop(columns="predicted").rename(columns=names)
    told[list(map(str, fit.of_sequences))] = fit.of_sequences.to_numpy()
    told["combined score"], told["combined probability"] = score, probability
    told["predicted"] = called
    return told


def _cross_validated(lesions: pd.Series, results: Results) -> np.ndarray:
    judged = None if isinstance(results.models, Absent) else results.models.judged
    known = {} if judged is None else judged.probability
    name = next((name for name in COMBINED if name in known), None)
    if judged is None or name is None:
        return np.full(len(lesions), np.nan)
    found = dict(zip(judged.lesion, known[name], strict=True))
    return lesions.map(found).to_numpy(dtype=float)


def _told(study: Study) -> pd.DataFrame:
    """Return the scores of the sequences as the others stand: cross-fitted in folds."""
    scores, config = study.scores, study.config
    if config.scores == "fused":
        return scores.whole.iloc[:, :0]
    return scores.whole if config.has_split else scores.cross_fitted


def _stand_in(scores: pd.DataFrame) -> FunctionTransformer:
    """Return what stands in for scores that are known."""
    names = np.array(list(scores), dtype=object)
    return FunctionTransformer(
        _given, kw_args={"scores": scores}, feature_names_out=lambda *_: names
    )


def _given(X: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    return scores.set_axis(X.index)


def _score(
    radiomics: Pipeline, config: StudyConfig, name: str = SCORE
) -> CrossFittedScore:
    """Return the score around a pipeline that is fitted to all lesions that train."""
    score = CrossFittedScore(
        clone(radiomics), cv=config.cv, name=name, random_state=config.random_state
    )
    return with_fitted(score, radiomics).set_output(transform="pandas")


def _separate(radiomics: Pipeline, study: Study) -> BaseEstimator:
    """Return the fitted scores of sequences, behind the steps that measure once."""
    scores, config = study.scores, study.config
    columns = ColumnTransformer(
        [
            (plan.name, _stand_in(scores.whole[[plan.name]]), plan.columns)
            for plan in planned_scores(study.table_steps(), study.features, config)
            if plan.name in scores.whole
        ],
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    columns.fit(study.features)
    found = {name: scores.steps[name].estimator_ for name in map(str, scores.whole)}
    replace_steps(columns, {name: _score(x, config, name) for name, x in found.items()})
    if not study.from_images:
        return columns
    return Pipeline([*image_steps(radiomics).steps, ("scores", columns)])


def replace_steps(columns: ColumnTransformer, found: dict[str, BaseEstimator]) -> None:
    """Put fitted steps in the place of what stood in for them."""
    for attribute in ("transformers", "transformers_"):
        steps = [
            (name, found.get(name, step), taken)
            for name, step, taken in getattr(columns, attribute)
        ]
        setattr(columns, attribute, steps)


def _encodable(
    X: pd.DataFrame, predictors: Sequence[CombinedPredictor], config: StudyConfig
) -> pd.DataFrame:
    """Return clinical columns as steps take them; an unknown level is the reference."""
    X = X.copy()
    names = [p.name for p in predictors]
    known = clinical_table(X[names], config.clinical_kinds)
    for p in predictors:
        if p.kind == "ordinal":
            texts = X[p.name].map(label_text, na_action="ignore").astype(object)
            X[p.name] = texts.where(texts.notna(), np.nan)
            continue
        X[p.name] = known[p.name]
        if p.kind == "categorical":
            gaps = MISSING_LEVEL if config.missing == "indicator" else np.nan
            texts = X[p.name].fillna(gaps)
            unknown = texts.notna() & ~texts.isin(p.levels)
            X[p.name] = X[p.name].mask(unknown, p.levels[0])
    return X


def _steps(
    predictor: CombinedPredictor, found: Combined, config: StudyConfig
) -> BaseEstimator:
    """Return the steps of a clinical column, unfitted."""
    steps: list[BaseEstimator] = []
    fills = config.missing != "exclude"
    if predictor.kind == "categorical":
        level = config.missing == "indicator"
        if level and MISSING_LEVEL in predictor.levels:
            steps += [SimpleImputer(strategy="constant", fill_value=MISSING_LEVEL)]
        elif fills and not level:
            steps += [SimpleImputer(strategy="most_frequent")]
        levels = np.array(predictor.levels, dtype=object)
        steps += [OneHotEncoder(categories=[levels], drop="first", sparse_output=False)]
        return make_pipeline(*steps)
    if predictor.kind == "ordinal":
        gap = [np.nan] if fills else []
        levels = np.array([*predictor.levels, *gap], dtype=object)
        steps += [OrdinalEncoder(categories=[levels])]
    gaps = any(p.name == f"{predictor.name} missing" for p in found.predictors)
    if fills:
        steps += [SimpleImputer(strategy="median", add_indicator=gaps)]
    if predictor.knots:
        spline = RestrictedCubicSpline(knots=list(predictor.knots))
        steps += [beside_indicator(spline) if gaps else spline]
    return make_pipeline(*steps) if steps else "passthrough"


def _alike(predictors: Sequence[CombinedPredictor], scores: list[str]) -> bool:
    """Say whether the columns of two predictors would have one name."""
    names = [*scores]
    for p in predictors:
        encoded = [f"{p.name}_{level}" for level in p.levels[1:]]
        names += encoded if p.kind == "categorical" else [p.name]
        names += [f"missingindicator_{p.name}"]
    return max(Counter(names).values()) > 1
