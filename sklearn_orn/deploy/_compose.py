"""Model files: steps of scikit-learn, and the Pipeline that holds all of them."""

import warnings
from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd
import sklearn
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._io.json_fields import (
    exact_keys,
    flag,
    integer,
    refuse,
    sequence,
    text,
)
from sklearn_orn._validation import column_positions, feature_names
from sklearn_orn.deploy._imputer import IMPUTER, decode_imputer, encode_imputer
from sklearn_orn.deploy._specs import SEEN, SPECS
from sklearn_orn.deploy._step_state import decode_step, encode_step
from sklearn_orn.exceptions import ModelFileError

MAX_DEPTH = 5  # of steps in steps; a branch of a Pipeline's ColumnTransformer is at 2
OUTPUTS = ("default", "pandas", "polars")
WORDS = ("passthrough", "drop")
HELD = (*SPECS, "SimpleImputer", "ColumnTransformer", "Pipeline")

Table = pd.DataFrame | np.ndarray
Branch = tuple[str, BaseEstimator, list[str] | list[int]]


class _Columns(TransformerMixin, BaseEstimator):
    """Zeros under given names: stands in for a fitted step while one is built."""

    def __init__(self, columns: Sequence[str] = ()) -> None:
        self.columns = columns

    def fit(self, X: Table, y: None = None) -> Self:
        return self

    def transform(self, X: Table) -> pd.DataFrame:
        return pd.DataFrame(0.0, index=range(len(X)), columns=list(self.columns))

    def get_feature_names_out(self, input_features: None = None) -> np.ndarray:
        return np.asarray(self.columns, dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return True


def encode_estimator(step: BaseEstimator, name: str) -> dict[str, object] | str:
    """Return a fitted step, or "passthrough", as JSON data.

    TypeError if model files cannot hold it or one of its settings.
    """
    if _is_passthrough(step):
        return "passthrough"
    kind = type(step).__name__
    makes = {spec.make for spec in (*SPECS.values(), IMPUTER)}
    if type(step) not in makes | {ColumnTransformer, Pipeline}:
        raise TypeError(
            f"Step {name!r} is a {kind}, which a model file cannot hold: its steps are "
            f"{', '.join(HELD)}."
        )
    if isinstance(step, Pipeline):
        return {"type": kind, "output": _output_of(step), **_encode_pipeline(step)}
    try:
        check_is_fitted(step)
    except NotFittedError:
        raise NotFittedError(
            f"Step {name!r} is not fitted: fit the pipeline before it is saved."
        ) from None
    if isinstance(step, ColumnTransformer):
        content = _encode_columns(step, name)
    elif isinstance(step, SimpleImputer):
        content = encode_imputer(step, name)
    else:
        content = encode_step(step, SPECS[kind])
    return {"type": kind, "output": _output_of(step), **content}


def decode_estimator(data: object, where: str, depth: int = 0) -> BaseEstimator:
    """Rebuild a fitted step from what `encode_estimator` returned.

    Only the classes named here are ever made, whatever the file says.
    """
    if data == "passthrough":
        return data
    if not isinstance(data, dict):
        raise refuse(where, data, "a step")
    if depth > MAX_DEPTH:
        raise ModelFileError(f"{where} is nested too deeply, as no model is.")
    content = dict(data)
    kind = text(*HELD).decode(content.pop("type", None), f"{where}.type")
    output = text(*OUTPUTS).decode(content.pop("output", None), f"{where}.output")
    if kind == "Pipeline":
        return _decode_pipeline(content, where, depth)
    if kind == "ColumnTransformer":
        return _decode_columns(content, where, depth, output)
    if kind == "SimpleImputer":
        step = decode_imputer(content, where)
    else:
        step = decode_step(content, SPECS[kind], where)
    # Also the default: a session may have set another one.
    return step.set_output(transform=output) if hasattr(step, "transform") else step


def _is_passthrough(step: BaseEstimator) -> bool:
    identity = type(step) is FunctionTransformer and step.func is None
    return identity or step is None or (isinstance(step, str) and step == "passthrough")


def _output_of(step: BaseEstimator) -> str:
    own = getattr(step, "_sklearn_output_config", {})
    return str(own.get("transform", sklearn.get_config()["transform_output"]))


def _encode_pipeline(pipeline: Pipeline) -> dict[str, object]:
    if pipeline.transform_input is not None:
        raise TypeError("A model file cannot hold a Pipeline with transform_input.")
    steps = [[name, encode_estimator(step, name)] for name, step in pipeline.steps]
    return {"steps": steps}


def _decode_pipeline(content: dict[str, object], where: str, depth: int) -> Pipeline:
    steps = exact_keys(content, {"steps"}, where)["steps"]
    if not isinstance(steps, list) or not steps:
        raise refuse(f"{where}.steps", steps, "a list of steps")
    rebuilt = []
    for i, pair in enumerate(steps):
        if not isinstance(pair, list) or len(pair) != 2:
            raise refuse(f"{where}.steps[{i}]", pair, "a name and a step")
        name = text().decode(pair[0], f"{where}.steps[{i}][0]")
        here = f"step {name!r}" if depth == 0 else f"{where}, step {name!r}"
        rebuilt.append((name, decode_estimator(pair[1], here, depth + 1)))
    pipeline = Pipeline(rebuilt)
    try:
        pipeline._validate_names([name for name, _ in rebuilt])
    except ValueError as error:
        raise ModelFileError(f"{where}: {error}") from None
    _check_chain(pipeline, where)
    return pipeline


def _check_chain(pipeline: Pipeline, where: str) -> None:
    """Check that each step takes the columns that the one before it gives."""
    previous = None
    for name, step in pipeline.steps:
        if step == "passthrough":
            continue
        n_columns = getattr(step, "n_features_in_", None)
        if n_columns is not None and previous is not None:
            given = previous.get_feature_names_out()
            seen = getattr(step, "feature_names_in_", given)
            if len(given) != n_columns or list(seen) != list(given):
                raise ModelFileError(
                    f"{where}, step {name!r} takes other columns than the step before "
                    "it gives."
                )
        previous = step


def _encode_columns(step: ColumnTransformer, name: str) -> dict[str, object]:
    if step.transformer_weights or not isinstance(step.remainder, str):
        raise TypeError(
            f"Step {name!r}: a model file holds a ColumnTransformer without "
            "transformer_weights, and with a remainder of 'drop' or 'passthrough'."
        )
    if step.verbose_feature_names_out not in (True, False):
        raise TypeError(
            f"Step {name!r}: a model file holds a ColumnTransformer whose "
            "verbose_feature_names_out is True or False."
        )
    columns = feature_names(step)
    named = hasattr(step, "feature_names_in_")
    branches = []
    for branch, transformer, chosen in step.transformers_[: len(step.transformers)]:
        if np.isscalar(chosen):
            raise TypeError(
                f"Step {name!r} gives its branch {branch!r} one column as a vector: "
                f"pass a list of columns, [{chosen!r}]."
            )
        where = column_positions(chosen, columns)
        content = (
            "drop"
            if isinstance(transformer, str) and transformer == "drop"
            else encode_estimator(transformer, branch)
        )
        picked = [str(columns[i]) for i in where] if named else where
        branches.append([branch, content, picked])
    return {
        "branches": branches,
        "remainder": step.remainder,
        "verbose_feature_names_out": step.verbose_feature_names_out,
        "n_features_in_": step.n_features_in_,
        "feature_names_in_": [str(c) for c in columns] if named else None,
    }


def _decode_columns(
    content: dict[str, object], where: str, depth: int, output: str
) -> ColumnTransformer:
    settings = {"remainder": text(*WORDS), "verbose_feature_names_out": flag}
    fields = SEEN | settings
    exact_keys(content, {"branches", *fields}, where)
    given = {k: kind.decode(content[k], f"{where}.{k}") for k, kind in fields.items()}
    n_columns, seen = given["n_features_in_"], given["feature_names_in_"]
    if seen is not None and len(seen) != n_columns:
        raise ModelFileError(f"{where}.feature_names_in_ has another length.")
    if not isinstance(content["branches"], list):
        raise refuse(f"{where}.branches", content["branches"], "a list of branches")
    branches = [
        _decode_branch(branch, f"{where}.branches[{i}]", depth, n_columns, seen)
        for i, branch in enumerate(content["branches"])
    ]
    zeros = np.zeros((1, n_columns))
    X = zeros if seen is None else pd.DataFrame(zeros, columns=seen)
    try:
        return _assemble(branches, {k: given[k] for k in settings}, X, output)
    except (TypeError, ValueError) as error:
        raise ModelFileError(f"{where}: {error}") from None


def _decode_branch(
    data: object, where: str, depth: int, n_columns: int, seen: np.ndarray | None
) -> Branch:
    if not isinstance(data, list) or len(data) != 3:
        raise refuse(where, data, "a name, a step and its columns")
    name = text().decode(data[0], where)
    step = data[1]
    if step != "drop":
        step = decode_estimator(step, f"{where} ({name})", depth + 1)
    kind = integer(0, n_columns - 1) if seen is None else text(*seen)
    return name, step, sequence(kind).decode(data[2], f"{where} ({name}), its columns")


def _assemble(
    branches: list[Branch], settings: dict[str, str | bool], X: Table, output: str
) -> ColumnTransformer:
    """Build a fitted ColumnTransformer around steps that are fitted already.

    It is fitted on a row of zeros with stand-ins that only have the right names,
    which then give way to the steps.
    """
    steps = {name: step for name, step, _ in branches if not isinstance(step, str)}
    stand_ins = [
        (name, _Columns([str(c) for c in step.get_feature_names_out()]), columns)
        if name in steps
        else (name, step, columns)
        for name, step, columns in branches
    ]
    fitted = ColumnTransformer(stand_ins, **settings)
    fitted.set_output(transform=output)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted.fit(X)
    fitted.transformers = branches
    fitted.transformers_ = [
        (name, steps.get(name, step), columns)
        for name, step, columns in fitted.transformers_
    ]
    return fitted
