"""What the page that measures embeds: the calculator's data, and how to measure."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin

from sklearn_orn._block_names import is_virtual, parse_block
from sklearn_orn._final_step import final_step
from sklearn_orn._io.codec import JsonObject
from sklearn_orn._reader_names import ABSENT
from sklearn_orn._validation import feature_names
from sklearn_orn.deploy._branches import ImageBranch, image_branches
from sklearn_orn.deploy._calculator_data import field_of, page_data, scores_before
from sklearn_orn.deploy._model_file import ModelFile
from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.images import ImageStep, OutlinePerturber, Resampler
from sklearn_orn.model import CrossFittedScore, NomogramClassifier
from sklearn_orn.model.shared import (
    Effect,
    Line,
    LinearModel,
    read_classifier,
)
from sklearn_orn.selection import ICCFilter
from sklearn_orn.texture import FAMILIES, Normalizer, TextureExtractor, family_of
from sklearn_orn.texture.shared import make_plan

# Of a measured predictor: places of its readers in training, and the feature.
Columns = list[tuple[int, str]]


def page_model(model: ModelFile) -> JsonObject:
    """Return `page_data` with the plan of measuring and what flags need.

    ``plan`` is what `measure` of the page takes; ``readers`` are the names of the
    outlines in training; ``training`` its lesions: spacings, protocol and quantiles of
    the scores. Each predictor, and each in its ``score``, has its ``source``
    ("clinical", "measured" or "score"), the ``columns`` that a measured one is the mean
    of, as pairs of a reader's place and a feature, and ``missing``, its effect where it
    is not known (null: it must be). ``needed`` are measured columns that the model
    wants defined without weighing them; ``ranges`` the numbers that are compared with
    their range in training.

    ModelFileError for a model that the page cannot measure.
    """
    branch = _only_branch(model)
    settings, readers = _image_settings(branch), _readers(branch)
    linear = read_classifier(model.pipeline)
    scores = dict(scores_before(model.pipeline, linear))
    measured = _measured(linear, readers)
    data = page_data(model)
    formula = _formula(linear, model.classifier, measured)
    taken = [*measured.values()]
    for field in data["predictors"]:
        name = field["name"]
        field |= _source(name, linear.effects[name], linear, measured, scores)
        if name in scores:
            field["score"], inner = _score(scores[name], readers)
            taken += inner
    features = {feature for columns in taken for _, feature in columns}
    return (
        data
        | formula
        | {
            "sha256": model.sha256,
            "plan": settings | _plan(branch.extractor, features),
            "readers": [name or "" for name in readers if name is not None],
            "training": {
                "nLesions": model.training.n_rows,
                "spacings": [list(pair) for pair in model.training.pixel_spacings],
                "scores": _scores(model.classifier),
                "protocol": {k: list(v) for k, v in model.training.protocol.items()},
            },
        }
    )


def _scores(classifier: NomogramClassifier) -> list[float] | None:
    """Return the quantiles of the scores in training, where the file has them."""
    quantiles = getattr(classifier, "score_quantiles_", None)
    return None if quantiles is None else quantiles.tolist()


def _cannot(why: str) -> ModelFileError:
    return ModelFileError(
        f"the page that measures cannot measure for this model: {why}. Make its "
        "calculator without --measure, and measure with `sklearn-orn predict`."
    )


def _only_branch(model: ModelFile) -> ImageBranch:
    branches = image_branches(model.pipeline)
    if not branches:
        raise _cannot("it is of a table of features, and knows no images")
    if len(branches) > 1:
        raise _cannot(f"it has {len(branches)} branches of images; expected one")
    return branches[0]


def _image_settings(branch: ImageBranch) -> JsonObject:
    """Return spacing and window of the images; refuse steps that the page lacks."""
    untouched: JsonObject = {"resampled": None, "normalization": "none"}
    found = dict(untouched)
    for step in branch.image_steps:
        if type(step) is Normalizer:
            found["normalization"] = step.method
        elif type(step) is Resampler and found == untouched:
            pair = np.broadcast_to(np.asarray(step.spacing, float), 2)
            found["resampled"] = pair.tolist()
        elif type(step) is not OutlinePerturber:
            raise _cannot(
                f"it has the step {type(step).__name__} before its TextureExtractor; "
                "expected a Resampler and a Normalizer at most, in this order"
            )
    return found


def _readers(branch: ImageBranch) -> list[str | None]:
    """Return the readers of the blocks, None for a perturbed outline."""
    readers: list[str | None] = []
    for name in branch.extractor.readers_:
        block = parse_block(name)
        if block.sequence or block.region:
            raise _cannot(
                f"it is trained on {name!r}, one of several sequences or regions; "
                "expected one image and the outline of the lesion"
            )
        readers.append(None if is_virtual(block.reader) else block.reader)
    return readers


def _plan(extractor: TextureExtractor, features: Iterable[str]) -> JsonObject:
    plan = make_plan(extractor.families, extractor.distances, extractor.bits)
    wanted = set(features)
    measured = [family_of(name) for name in wanted]
    families = {family for family, _ in measured}
    return {
        "families": [family for family in FAMILIES if family in families],
        "distances": sorted({d for _, distances in measured for d in distances}),
        "bits": dict(plan.bits),
        "names": [name for name in plan.names() if name in wanted],
    }


def _measured(linear: LinearModel, readers: Sequence[str | None]) -> dict[str, Columns]:
    """Return the predictors that the model weighs or wants defined, and their columns.

    Nothing else is measured.
    """
    wanted = {name for name, effect in linear.columns if pd.isna(effect.missing)}
    wanted |= set(linear.effects)
    found: dict[str, Columns] = {}
    for measurement in linear.source.measurements:
        if isinstance(measurement.steps[-1], CrossFittedScore):
            continue
        columns = _columns(measurement.steps, readers)
        names = [linear.source.names[i] for i in measurement.outputs]
        for name, of in zip(names, columns, strict=True):
            if name in wanted:
                found[name] = of
    for name, of in found.items():
        if any(i == ABSENT for i, _ in of):
            raise _cannot(f"it takes {name!r} of a perturbed outline")
    return found


def _columns(
    steps: Sequence[BaseEstimator], readers: Sequence[str | None]
) -> list[Columns]:
    """Follow the extractor's columns to what is measured; several are averaged."""
    columns: list[Columns] = []
    drawn = [i for i, name in enumerate(readers) if name is not None]
    for step in steps:
        if isinstance(step, ImageStep):
            continue
        if isinstance(step, TextureExtractor):
            plan = make_plan(step.families, step.distances, step.bits)
            columns = [[(i, f)] for i in range(len(readers)) for f in plan.names()]
        elif isinstance(step, ICCFilter) and columns:
            columns = _filtered(step, columns)
        elif isinstance(step, SelectorMixin) and columns:
            support = step.get_support()
            columns = [c for c, keep in zip(columns, support, strict=True) if keep]
        else:
            raise _cannot(
                f"it has the step {type(step).__name__} between its TextureExtractor "
                "and an ICCFilter that averages readers; expected none"
            )
    place = {i: k for k, i in enumerate(drawn)}
    return [[(place.get(i, ABSENT), f) for i, f in of] for of in columns]


def _filtered(step: ICCFilter, columns: Sequence[Columns]) -> list[Columns]:
    """Return what an ICCFilter gives: means over readers, or their columns."""
    places = step._positions[:, step._support]
    if step.average:
        return [
            [pair for i in of if i != ABSENT for pair in columns[i]]
            for of in places.T.tolist()
        ]
    return [columns[i] for i in places[places != ABSENT].tolist()]


def _source(
    name: str,
    effect: Effect,
    linear: LinearModel,
    measured: Mapping[str, Columns],
    scores: Mapping[str, CrossFittedScore],
) -> JsonObject:
    """Say where the value of a predictor comes from, and what a gap counts."""
    kind = "score" if name in scores else "clinical"
    found: JsonObject = {"columns": []}
    if name in measured:
        kind, found["columns"] = "measured", measured[name]
    # of codes too, which the calculator has as choices
    found["bends"] = field_of(name, name, effect, linear, None)["bends"]
    missing = float(effect.missing)
    return found | {"source": kind, "missing": _known(missing)}


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _score(
    score: CrossFittedScore, readers: Sequence[str | None]
) -> tuple[JsonObject, list[Columns]]:
    """Return a score as a formula of its own, and the columns that it takes."""
    linear = read_classifier(score.estimator_)
    measured = _measured(linear, readers)
    fields = [
        field_of(name, name, effect, linear, None)
        | _source(name, effect, linear, measured, {})
        for name, effect in linear.effects.items()
    ]
    formula = _formula(linear, final_step(score.estimator_), measured)
    made = {"intercept": linear.intercept, "predictors": fields}
    return made | formula, list(measured.values())


def _formula(
    linear: LinearModel, classifier: NomogramClassifier, measured: Mapping[str, Columns]
) -> JsonObject:
    """Return what must be defined, and the ranges that numbers are compared with."""
    names = [str(name) for name in feature_names(classifier)]
    slopes = classifier.coef_[0].tolist()
    needed: dict[str, Columns] = {}
    ranges = []
    for name, slope, (predictor, effect) in zip(
        names, slopes, linear.columns, strict=True
    ):
        if predictor in measured and pd.isna(effect.missing):
            needed[name] = measured[predictor]
        if not slope or not isinstance(effect, Line) or linear.ranges is None:
            continue
        filled = (float(effect.missing) - effect.offset) / effect.slope + effect.center
        low, high = linear.ranges[predictor]
        ranges.append(
            {
                "name": name,
                "predictor": predictor,
                "low": low,
                "high": high,
                "filled": _known(filled),
            }
        )
    return {"needed": needed, "ranges": ranges}
