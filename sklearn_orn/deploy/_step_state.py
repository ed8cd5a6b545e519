"""One step of this package as JSON data, and back."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from sklearn_orn._io.json_fields import exact_keys
from sklearn_orn.deploy._specs import StepSpec
from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.texture import TextureExtractor
from sklearn_orn.texture.shared import make_plan


def encode_step(step: BaseEstimator, spec: StepSpec) -> dict[str, object]:
    """Return the settings and fitted attributes of a step as JSON data."""
    params = step.get_params(deep=False)
    fitted = {name: getattr(step, name, None) for name in spec.fitted}
    data: dict[str, object] = {
        "params": {k: field.encode(params[k]) for k, field in spec.params.items()},
        "fitted": {
            k: None if fitted[k] is None else field.encode(fitted[k])
            for k, field in spec.fitted.items()
        },
    }
    if isinstance(step, TextureExtractor):
        # In full, so that the numbers do not move with a later version's defaults.
        data["measures"] = _plan_data(step)
    return data


def decode_step(data: dict[str, object], spec: StepSpec, where: str) -> BaseEstimator:
    """Rebuild a step from what `encode_step` returned."""
    keys = {"params", "fitted"}
    if spec.make is TextureExtractor:
        keys.add("measures")
    exact_keys(data, keys, where)
    given = exact_keys(data["params"], spec.params, f"{where}.params")
    learnt = exact_keys(data["fitted"], spec.fitted, f"{where}.fitted")
    params = {
        name: field.decode(given[name], f"{where}.params.{name}")
        for name, field in spec.params.items()
    }
    if params.get("cv", 0) is None:
        del params["cv"]  # a splitter: how it was fitted, not what it predicts
    step = spec.make(**params)
    fitted = {
        name: field.decode(learnt[name], f"{where}.fitted.{name}")
        for name, field in spec.fitted.items()
    }
    for name, value in fitted.items():
        if value is not None:
            setattr(step, name, value)
    _check_shapes(fitted, spec.shapes, f"{where}.fitted")
    spec.finish(step, f"{where}.fitted")
    if spec.make is TextureExtractor:
        _restore_plan(step, data["measures"], f"{where}.measures")
    return step


def with_names(values: np.ndarray, step: BaseEstimator) -> np.ndarray | pd.DataFrame:
    """Put rows under the names that a step was fitted with, if it was with any."""
    seen = getattr(step, "feature_names_in_", None)
    return values if seen is None else pd.DataFrame(values, columns=seen)


def _check_shapes(
    fitted: Mapping[str, Any], shapes: Mapping[str, tuple[int | str, ...]], where: str
) -> None:
    lengths: dict[int | str, int] = {"p": fitted.get("n_features_in_", 0)}
    for name, shape in shapes.items():
        if fitted[name] is None:
            continue
        for expected, length in zip(shape, np.shape(fitted[name]), strict=True):
            first = lengths.setdefault(expected, length)
            wanted = expected if isinstance(expected, int) else first
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


def _restore_plan(step: TextureExtractor, plan: object, where: str) -> None:
    """Give a step in full what its defaults meant, where they mean something else."""
    data = exact_keys(plan, {"families", "distances", "bits"}, where)
    try:
        if data == _plan_data(step):
            return
        make_plan(data["families"], tuple(data["distances"]), data["bits"])
    except (TypeError, ValueError) as error:
        raise ModelFileError(f"{where}: {error}") from None
    for name in ("families", "bits"):
        if getattr(step, name) is None:
            setattr(step, name, data[name])
    if data != _plan_data(step):
        raise ModelFileError(f"{where} contradicts the step's params.")
