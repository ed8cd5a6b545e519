"""Model files: steps of scikit-learn, and the Pipeline that holds all of them."""

import warnings
from typing import Annotated

import numpy as np
import pandas as pd
import sklearn
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._final_step import final_step
from sklearn_orn._io.codec import JsonObject, Kind, Plain, Rule, decode, encode, refuse
from sklearn_orn._io.kinds import ANYTHING, Text, list_of, one_of, whole
from sklearn_orn._validation import column_positions, feature_names
from sklearn_orn.deploy._specs import SPECS, unless_other
from sklearn_orn.deploy._step_spec import SEEN
from sklearn_orn.deploy._step_state import build_step, encode_step, kinds_of, with_later
from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.model import CrossFittedScore, NomogramClassifier
from sklearn_orn.model.shared import is_passthrough

MAX_DEPTH = 8  # of steps in steps; the texture branch of a score has its steps at 5
HELD = (*SPECS, "ColumnTransformer", "CrossFittedScore", "Pipeline")
SETTINGS: dict[str, Kind] = {
    "remainder": one_of("passthrough", "drop"),
    "verbose_feature_names_out": bool,
}
SCORE: dict[str, Kind] = {
    "cv": unless_other(whole(2), int, np.integer),
    "response_method": one_of("auto", "decision_function", "predict_proba"),
    "name": Text,
    "random_state": unless_other(whole(), int, np.integer),
}
HEAD = {"type": one_of(*HELD), "output": one_of("default", "pandas", "polars")}
_STEP = Annotated[tuple[Text, Plain], Rule("a name and a step")]
_BRANCH = Annotated[
    tuple[Text, Plain, list[Plain]], Rule("a name, a step and its columns")
]
CONTENT: dict[str, dict[str, Kind]] = {
    "Pipeline": {"steps": Annotated[list[_STEP], Rule("a list of steps", bool)]},
    "ColumnTransformer": {
        "branches": Annotated[list[_BRANCH], Rule("a list of branches")],
        **SETTINGS,
        **SEEN,
    },
    "CrossFittedScore": {"params": SCORE, "estimator": ANYTHING},
} | {name: kinds_of(spec) for name, spec in SPECS.items()}

Table = pd.DataFrame | np.ndarray
Branch = tuple[str, BaseEstimator, list[str] | list[int]]


def _stand_in(step: BaseEstimator) -> FunctionTransformer:
    """Return what gives zeros under the names that a fitted step gives."""
    columns = step.get_feature_names_out()
    return FunctionTransformer(
        lambda X: pd.DataFrame(0.0, index=range(len(X)), columns=columns),
        feature_names_out=lambda *_: columns,
    )


def encode_estimator(step: BaseEstimator, name: str) -> dict[str, object] | str:
    """Return a fitted step, or "passthrough", as JSON data.

    TypeError if model files cannot hold it or one of its settings.
    """
    if is_passthrough(step):
        return "passthrough"
    kind = type(step).__name__
    makes = {spec.make for spec in SPECS.values()}
    if type(step) not in makes | {ColumnTransformer, CrossFittedScore, Pipeline}:
        raise TypeError(
            f"Step {name!r} is a {kind}, which a model file cannot hold: its steps are "
            f"{', '.join(HELD)}."
        )
    head = {"type": kind, "output": _output_of(step)}
    if isinstance(step, Pipeline):
        return head | _encode_pipeline(step)
    try:
        check_is_fitted(step)
    except NotFittedError:
        raise NotFittedError(
            f"Step {name!r} is not fitted: fit the pipeline before it is saved."
        ) from None
    if isinstance(step, ColumnTransformer):
        return head | _encode_columns(step, name)
    if isinstance(step, CrossFittedScore):
        return head | _encode_score(step, name)
    return head | encode_step(step, SPECS[kind], name)


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
    kind = decode(HEAD["type"], data.get("type"), f"{where}.type")
    if kind in SPECS:
        data = with_later(data, SPECS[kind])
    content = decode({**HEAD, **CONTENT[kind]}, data, where)
    if kind == "Pipeline":
        return _build_pipeline(content["steps"], where, depth)
    if kind == "ColumnTransformer":
        return _build_columns(content, where, depth)
    if kind == "CrossFittedScore":
        step = _build_score(content, where, depth)
    else:
        step = build_step(content, SPECS[kind], where)
    # Also the default: a session may have set another one.
    transforms = hasattr(step, "transform")
    return step.set_output(transform=content["output"]) if transforms else step


def _output_of(step: BaseEstimator) -> str:
    own = getattr(step, "_sklearn_output_config", {})
    return str(own.get("transform", sklearn.get_config()["transform_output"]))


def _encode_score(step: CrossFittedScore, name: str) -> dict[str, object]:
    """Hold the model of all training rows; those of the folds are not kept."""
    params = {"params": step.get_params(deep=False)}
    kinds = {"params": CONTENT["CrossFittedScore"]["params"]}
    return encode(kinds, params) | {
        "estimator": encode_estimator(step.estimator_, name)
    }


def _build_score(content: JsonObject, where: str, depth: int) -> CrossFittedScore:
    here = f"{where}.estimator"
    fitted = decode_estimator(content["estimator"], here, depth + 1)
    if not isinstance(final_step(fitted), NomogramClassifier):
        raise refuse(
            here,
            content["estimator"],
            "a NomogramClassifier, or a Pipeline that ends in one",
        )
    params = content["params"]
    if params["cv"] is None:
        del params["cv"]  # a splitter: how it was fitted, not what it predicts
    return with_fitted(CrossFittedScore(clone(fitted), **params), fitted)


def with_fitted(step: CrossFittedScore, fitted: BaseEstimator) -> CrossFittedScore:
    """Give a score the model that new lesions get theirs of, fitted already."""
    step.estimator_, step.classes_ = fitted, fitted.classes_
    for name in ("n_features_in_", "feature_names_in_"):
        if hasattr(fitted, name):
            setattr(step, name, getattr(fitted, name))
    return step


def _encode_pipeline(pipeline: Pipeline) -> dict[str, object]:
    if pipeline.transform_input is not None:
        raise TypeError("A model file cannot hold a Pipeline with transform_input.")
    steps = [[name, encode_estimator(step, name)] for name, step in pipeline.steps]
    return {"steps": steps}


def _build_pipeline(
    steps: list[tuple[str, object]], where: str, depth: int
) -> Pipeline:
    places = [f"{'' if depth == 0 else f'{where}, '}step {name!r}" for name, _ in steps]
    pipeline = Pipeline(
        [
            (name, decode_estimator(data, here, depth + 1))
            for (name, data), here in zip(steps, places, strict=True)
        ]
    )
    try:
        pipeline._validate_names([name for name, _ in steps])
    except ValueError as error:
        raise ModelFileError(f"{where}: {error}") from None
    _check_chain(pipeline, where)
    return pipeline


def _check_chain(pipeline: Pipeline, where: str) -> None:
    """Check that each step takes the columns that the one before it gives."""
    previous = None
    for name, step in pipeline.steps:
        if isinstance(final_step(previous), NomogramClassifier):
            raise ModelFileError(f"{where}, step {name!r} stands behind a classifier.")
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
        branches.append((branch, content, picked))
    values = vars(step) | {
        "branches": branches,
        "feature_names_in_": columns if named else None,
    }
    return encode(CONTENT["ColumnTransformer"], values)


def _build_columns(content: JsonObject, where: str, depth: int) -> ColumnTransformer:
    n_columns, seen = content["n_features_in_"], content["feature_names_in_"]
    if seen is not None and len(seen) != n_columns:
        raise ModelFileError(f"{where}.feature_names_in_ has another length.")
    of_column = list_of(whole(0, n_columns - 1) if seen is None else one_of(*seen))
    branches = []
    for i, (name, step, columns) in enumerate(content["branches"]):
        here = f"{where}.branches[{i}] ({name})"
        columns = decode(of_column, columns, f"{here}, its columns")
        if step != "drop":
            step = decode_estimator(step, here, depth + 1)
            _check_branch(step, columns, here)
        branches.append((name, step, columns))
    zeros = np.zeros((1, n_columns))
    X = zeros if seen is None else pd.DataFrame(zeros, columns=seen)
    settings = {name: content[name] for name in SETTINGS}
    try:
        return _assemble(branches, settings, X, content["output"])
    except (TypeError, ValueError) as error:
        raise ModelFileError(f"{where}: {error}") from None


def _check_branch(
    step: BaseEstimator, columns: list[str] | list[int], where: str
) -> None:
    """Check that a branch transforms, and takes the columns that it is given."""
    if isinstance(final_step(step), NomogramClassifier):
        raise ModelFileError(f"{where} is a classifier, and gives no columns.")
    n_columns = getattr(step, "n_features_in_", len(columns))
    seen = getattr(step, "feature_names_in_", columns)
    if n_columns != len(columns) or (
        columns and isinstance(columns[0], str) and list(seen) != columns
    ):
        raise ModelFileError(f"{where} takes other columns than it is given.")


def _assemble(
    branches: list[Branch], settings: dict[str, str | bool], X: Table, output: str
) -> ColumnTransformer:
    """Build a fitted ColumnTransformer around steps that are fitted already.

    It is fitted on a row of zeros with stand-ins that only have the right names,
    which then give way to the steps.
    """
    steps = {name: step for name, step, _ in branches if not isinstance(step, str)}
    stand_ins = [
        (name, _stand_in(step), columns) if name in steps else (name, step, columns)
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
