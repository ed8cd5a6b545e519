"""The numbers and names that the calculator computes and draws with."""

import itertools
import re
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from sklearn_orn._final_step import final_step
from sklearn_orn._io.codec import JsonObject
from sklearn_orn._validation import feature_names
from sklearn_orn.deploy._branches import Category, columns_read
from sklearn_orn.deploy._model_file import ModelFile
from sklearn_orn.exceptions import CohortError, ModelFileError, NotEstimable
from sklearn_orn.model import CrossFittedScore, Nomogram, NomogramClassifier
from sklearn_orn.model.shared import (
    Curve,
    Effect,
    Levels,
    Line,
    LinearModel,
    NomogramAxis,
    read_classifier,
)

NOT_KNOWN = "not known"  # the level of the missing values
NAMED_SCORE = re.compile("score|signature", re.IGNORECASE)
FINE = 1001  # places at which the ends of a curve's effect are looked for


def page_data(model: ModelFile) -> JsonObject:
    """Return what the page computes and draws with, the predictors as the nomogram."""
    try:
        linear = read_classifier(model.pipeline)
        nomogram = _nomogram(model, linear)
    except (NotEstimable, CohortError) as error:
        raise ModelFileError(str(error)) from None
    negative, positive = model.class_names
    scores = dict(scores_before(model.pipeline, linear))
    encoded = columns_read(model.pipeline).categories
    predictors = []
    for axis in nomogram.predictors:
        name, effect = axis.name, linear.effects[axis.name]
        codes = _codes(model.training.values.get(name, ()), effect)
        data = field_of(name, axis.label, effect, linear, encoded.get(name), codes)
        first = effect_of(effect, axis.ticks[0])
        data |= {
            "ticks": [_tick(tick) for tick in axis.ticks.tolist()],
            "points": axis.points.tolist(),
            "lowest": first - float(axis.points[0]) / nomogram.points_per_unit,
            "score": _score_panel(scores[name]) if name in scores else None,
            "lines": _lines(name, linear, model.classifier, scores.get(name)),
            "takesAnyScore": name not in scores
            and not data["choices"]
            and NAMED_SCORE.search(name) is not None,
        }
        predictors.append(data)
    # The radiomics score and other predictors: its score is another one than theirs.
    combined = len(predictors) > 1 and any(p["score"] for p in predictors)
    kind = "Clinical-radiomics" if combined else "Radiomics"
    return {
        "title": model.title or f"{kind} nomogram for {positive}",
        "combined": combined,
        "positive": positive,
        "negative": negative,
        "intercept": linear.intercept,
        "start": nomogram.intercept,
        "threshold": float(model.classifier.threshold_),
        "pointsPerUnit": nomogram.points_per_unit,
        "predictors": predictors,
        "axes": {
            "total": _scale(nomogram.total_points),
            "probability": _scale(nomogram.probability_axis),
        },
    }


def effect_of(effect: Effect, value: float | str) -> float:
    """Return the effect of a number or a level; NaN is the level of missing values."""
    if isinstance(effect, Levels):
        return float(effect.missing if pd.isna(value) else effect.effects[value])
    return float(effect.at(np.array([float(value)]))[0])


def _nomogram(model: ModelFile, linear: LinearModel) -> Nomogram:
    """Return the nomogram; numbers with few values have their ticks there."""
    nomogram = Nomogram.from_estimator(model.pipeline)
    few = {
        axis.name: model.training.values[axis.name]
        for axis in nomogram.predictors
        if len(model.training.values.get(axis.name, ())) > 1
        and not isinstance(linear.effects[axis.name], Levels)
    }
    if not few:
        return nomogram
    assert linear.ranges is not None
    values = {}
    for axis in nomogram.predictors:
        effect = linear.effects[axis.name]
        if isinstance(effect, Levels):
            shown = axis.ticks.tolist()
        elif axis.name in few:
            shown = list(few[axis.name])
        else:
            shown = np.linspace(*linear.ranges[axis.name], FINE).tolist()
        # The first two rows are the ends of the scales: all effects at their ends.
        effects = [effect_of(effect, value) for value in shown]
        ends = [shown[int(np.argmin(effects))], shown[int(np.argmax(effects))]]
        values[axis.name] = ends + shown
    n = max(map(len, values.values()))
    table = {name: (of * n)[:n] for name, of in values.items()}
    return Nomogram.from_estimator(model.pipeline, pd.DataFrame(table))


def field_of(
    name: str,
    label: str,
    effect: Effect,
    linear: LinearModel,
    category: Category | None,
    codes: Sequence[float] = (),
) -> JsonObject:
    """Return what a field takes: one of `choices`, or a number within `range`."""
    data: JsonObject = {"name": name, "label": label, "score": None}
    data |= {"choices": [], "bends": []}
    if isinstance(effect, Levels):
        levels = list(effect.effects)
        reference = None if category is None else category.reference
        if category is not None and reference is not None:
            first = category.levels.tolist()[reference]
            levels.sort(key=lambda level: level != first)
        data["choices"] = [_choice(_tick(x), effect.effects[x]) for x in levels]
        if effect.missing_is_level:
            data["choices"] += [_choice(NOT_KNOWN, effect.missing)]
        return data
    if len(codes):
        data["choices"] = [_choice(f"{x:.6g}", effect_of(effect, x)) for x in codes]
        return data
    assert linear.ranges is not None
    if isinstance(effect, Curve):
        bends = [(b.line, b.weight, b.knots, b.term) for b in effect.bends]
    else:
        bends = [(effect, 1.0, (), 0)]
    data["bends"] = [
        {
            "slope": float(line.slope),
            "center": float(line.center),
            "offset": float(line.offset),
            "weight": float(weight),
            "knots": list(map(float, knots)),
            "term": term,
        }
        for line, weight, knots, term in bends
    ]
    data["offset"] = float(effect.offset) if isinstance(effect, Curve) else 0.0
    data["range"] = list(linear.ranges[name])
    return data


def _choice(text: object, effect: float) -> JsonObject:
    return {"text": str(text), "effect": float(effect)}


def _tick(value: object) -> object:
    """Return a number as it is, a level as text."""
    if isinstance(value, float) and np.isnan(value):
        return NOT_KNOWN
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return str(value)


def _codes(values: Sequence[float], effect: Effect) -> Sequence[float]:
    """Return values that are codes, such as 0 and 1: consecutive integers.

    Anything else can lie between the values of training, and is typed.
    """
    steps = {b - a for a, b in itertools.pairwise(values)}
    codes = steps == {1.0} and float(values[0]).is_integer()
    return values if codes and not isinstance(effect, Levels) else ()


def _scale(axis: NomogramAxis) -> JsonObject:
    return {
        "label": axis.label,
        "ticks": axis.ticks.tolist(),
        "points": axis.points.tolist(),
    }


def scores_before(
    step: BaseEstimator, linear: LinearModel, branch: str = ""
) -> Iterator[tuple[str, CrossFittedScore]]:
    """Yield the scores that stand before the classifier, by predictor."""
    if isinstance(step, CrossFittedScore):
        names = (f"{branch}__{step.name}", step.name)
        yield next((n for n in names if n in linear.effects), step.name), step
    elif isinstance(step, Pipeline):
        for name, inner in step.steps:
            yield from scores_before(inner, linear, branch or name)
    elif isinstance(step, ColumnTransformer):
        for name, inner, _ in step.transformers_:
            yield from scores_before(inner, linear, name)


def _score_panel(score: CrossFittedScore) -> JsonObject | None:
    """Return the score as a sum over its features; None where it has none."""
    linear = read_classifier(score.estimator_)
    if not linear.effects:
        return None
    fields = [
        field_of(name, name, effect, linear, None)
        for name, effect in linear.effects.items()
    ]
    return {"intercept": linear.intercept, "predictors": fields}


def _lines(
    name: str,
    linear: LinearModel,
    classifier: NomogramClassifier,
    score: CrossFittedScore | None,
) -> list[JsonObject]:
    """Return the lines of scores.csv that hold a score, and where.

    A line of this model has it among the predictors, one of the score's own model as
    its `score`.
    """
    lines = []
    used = np.flatnonzero(classifier.coef_[0]).tolist()
    for place, column in enumerate(used):
        predictor, effect = linear.columns[column]
        if predictor == name and isinstance(effect, Line):
            line = [float(effect.slope), float(effect.center), float(effect.offset)]
            lines.append(_line(classifier) | {"place": place, "line": line})
    if score is not None:
        lines.append(
            _line(final_step(score.estimator_))
            | {"place": None, "line": [1.0, 0.0, 0.0]}
        )
    return lines


def _line(classifier: NomogramClassifier) -> JsonObject:
    slopes = classifier.coef_[0]
    return {
        "columns": feature_names(classifier)[slopes != 0].tolist(),
        "slopes": slopes[slopes != 0].tolist(),
        "intercept": float(classifier.intercept_[0]),
    }
