"""One step of this package as JSON data, and back."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from sklearn_orn._io.json_fields import exact_keys
from sklearn_orn.deploy._specs import StepSpec
from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.texture import TextureExtractor
from sklearn_orn.texture.shared import make_plan


def encode_step(step: Any, spec: StepSpec) -> dict[str, Any]:
    """Return the settings and fitted attributes of a step as JSON data."""
    params = step.get_params(deep=False)
    fitted = {name: getattr(step, name, None) for name in spec.fitted}
    data: dict[str, Any] = {
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


def decode_step(data: dict[str, Any], spec: StepSpec, where: str) -> Any:
    """Rebuild a step from what `encode_step` returned."""
    keys = {"params", "fitted"}
    if spec.make is TextureExtractor:
        keys.add("measures")
    exact_keys(data, keys, where)
    given = exact_keys(data["params"], spec.params, f"{where}.params")
    found = exact_keys(data["fitted"], spec.fitted, f"{where}.fitted")
    params = {
        name: field.decode(given[name], f"{where}.params.{name}")
        for name, field in spec.params.items()
    }
    if params.get("cv", 0) is None:
        del params["cv"]  # a splitter: how it was fitted, not what it predicts
    step = spec.make(**params)
    fitted = {
        name: field.decode(found[name], f"{where}.fitted.{name}")
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


def _check_shapes(
    fitted: Mapping[str, Any], shapes: Mapping[str, tuple[Any, ...]], where: str
) -> None:
    lengths: dict[Any, int] = {"p": fitted.get("n_features_in_", 0)}
    for name, shape in shapes.items():
        if fitted[name] is None:
            continue
        for expected, length in zip(shape, np.shape(fitted[name]), strict=True):
            known = lengths.setdefault(expected, length)
            wanted = expected if isinstance(expected, int) else known
            if length != wanted:
                raise ModelFileError(
                    f"{where}.{name} has the length {length}; expected {wanted}."
                )


def _plan_data(step: TextureExtractor) -> dict[str, Any]:
    plan = make_plan(step.families, step.distances, step.bits)
    return {
        "families": list(plan.families),
        "distances": list(plan.distances),
        "bits": {family: int(bits) for family, bits in plan.bits.items()},
    }


def _restore_plan(step: TextureExtractor, data: Any, where: str) -> None:
    """Give a step in full what its defaults meant, where they mean something else."""
    exact_keys(data, {"families", "distances", "bits"}, where)
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
