"""One step of this package as JSON data, and back."""

from collections.abc import Mapping

import numpy as np
from sklearn.base import BaseEstimator

from sklearn_orn._io.codec import (
    JsonObject,
    Kind,
    UnexpectedData,
    axes_of,
    decode,
    encode,
)
from sklearn_orn.deploy._specs import MEASURES
from sklearn_orn.deploy._step_spec import StepSpec
from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.texture import TextureExtractor
from sklearn_orn.texture.shared import make_plan


def kinds_of(spec: StepSpec) -> dict[str, Kind]:
    """Return the kinds of what a file holds of a step."""
    kinds = {"params": spec.params, "fitted": spec.fitted}
    return kinds | {"measures": MEASURES} if spec.make is TextureExtractor else kinds


def encode_step(step: BaseEstimator, spec: StepSpec, name: str) -> dict[str, object]:
    """Return the settings and fitted attributes of a step as JSON data."""
    fitted = {key: getattr(step, key, None) for key in spec.fitted}
    content = {
        "params": step.get_params(deep=False),
        "fitted": fitted | spec.read(step),
    }
    if isinstance(step, TextureExtractor):
        content["measures"] = _plan_data(step)
    data: JsonObject = encode(kinds_of(spec), content)
    try:
        decode(kinds_of(spec), data)
    except UnexpectedData as error:
        raise TypeError(
            f"A model file cannot hold step {name!r} as it is, a "
            f"{type(step).__name__}: {error}"
        ) from None
    return data


def with_later(data: JsonObject, spec: StepSpec) -> JsonObject:
    """Return what a file holds of a step, with what older files lack."""
    filled = {
        part: {**missing, **data[part]}
        for part, missing in spec.later.items()
        if isinstance(data.get(part), dict)
    }
    return data | filled


def build_step(content: JsonObject, spec: StepSpec, where: str) -> BaseEstimator:
    """Rebuild a step from what a file holds of it."""
    params, fitted = content["params"], content["fitted"]
    if params.get("cv", 0) is None:
        del params["cv"]  # a splitter: how it was fitted, not what it predicts
    step = spec.make(**params)
    for name, value in fitted.items():
        if value is not None:
            setattr(step, name, value)
    _check_shapes(fitted, spec.fitted, f"{where}.fitted")
    spec.finish(step, f"{where}.fitted")
    if spec.make is TextureExtractor:
        _restore_plan(step, content["measures"], f"{where}.measures")
    return step


def _check_shapes(fitted: JsonObject, kinds: Mapping[str, Kind], where: str) -> None:
    lengths: dict[object, object] = {"p": fitted.get("n_features_in_")}
    for name, value in fitted.items():
        axes = axes_of(kinds[name])
        for axis, length in zip(axes, np.shape(value) if axes else (), strict=False):
            first = lengths.setdefault(axis, length)
            wanted = axis if isinstance(axis, int) else first
            if length != wanted:
                raise ModelFileError(
                    f"{where}.{name} has the length {length}; expected {wanted}."
                )


def _plan_data(step: TextureExtractor) -> dict[str, object]:
    plan = make_plan(step.families, step.distances, step.bits)
    return {
        "families": list(plan.families),
        "distances": list(plan.distances),
        "bits": {family: int(bits) for family, bits in plan.bits.items()},
    }


def _restore_plan(step: TextureExtractor, plan: JsonObject, where: str) -> None:
    """Give a step in full what its defaults meant, where they mean something else."""
    try:
        if plan == _plan_data(step):
            return
        make_plan(**plan)
    except ValueError as error:
        raise ModelFileError(f"{where}: {error}") from None
    for name in ("families", "bits"):
        if getattr(step, name) is None:
            setattr(step, name, plan[name])
    if plan != _plan_data(step):
        raise ModelFileError(f"{where} contradicts the step's params.")
