"""What a model file holds of each step of this package."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator

from sklearn_orn._feature_settings import NORMALIZATIONS
from sklearn_orn._io.json_fields import (
    Field,
    array,
    finite,
    flag,
    integer,
    labels,
    lossy,
    mapping,
    names,
    number,
    optional,
    refuse,
    sequence,
    text,
    word_or,
)
from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.images import Resampler
from sklearn_orn.model import NomogramClassifier
from sklearn_orn.selection import FCMSelector, ICCFilter
from sklearn_orn.selection.shared import CRITERIA
from sklearn_orn.texture import FAMILIES, Normalizer, TextureExtractor

MAX_DISTANCE = 256  # pixels: more than half of most slices
SPACING = finite(1e-3, 1e3)  # mm; no scanner resolves less or skips more


class StepSpec(NamedTuple):
    """A step's class, its settings and what it learnt.

    Settings that are not named (workers, caches) have no word in the file. In `shapes`
    a letter stands for the same length everywhere, "p" for `n_features_in_`. `finish`
    checks the rebuilt step further; it raises ModelFileError.
    """

    make: type
    params: Mapping[str, Field] = {}
    fitted: Mapping[str, Field] = {}
    shapes: Mapping[str, tuple[int | str, ...]] = {}
    finish: Callable[[BaseEstimator, str], None] = lambda step, where: None


SEEN: dict[str, Field] = {
    "n_features_in_": integer(1, 10**6),  # a row of zeros of them is made
    "feature_names_in_": optional(names),
}


def _check_icc(step: ICCFilter, where: str) -> None:
    if (step._positions >= step.n_features_in_).any():
        raise ModelFileError(f"{where}._positions points beyond n_features_in_.")
    _check_support(step, where)


def _check_support(step: ICCFilter | FCMSelector, where: str) -> None:
    if not step._support.any():
        raise ModelFileError(f"{where}._support keeps no feature.")


def _check_readers(step: TextureExtractor, where: str) -> None:
    if not step.readers_ or len(set(step.readers_)) < len(step.readers_):
        raise refuse(f"{where}.readers_", step.readers_, "different names")


def _check_ranges(step: NomogramClassifier, where: str) -> None:
    low, high = step.feature_ranges_
    if (low > high).any():
        raise ModelFileError(f"{where}.feature_ranges_ has a low end above its high.")


def _pair(data: object, where: str) -> tuple[float, float]:
    pair: tuple[float, ...] = sequence(SPACING, tuple).decode(data, where)
    if len(pair) != 2:
        raise refuse(where, data, "two numbers of mm")
    return pair[0], pair[1]


def _decode_factor(data: object, where: str) -> float:
    value: float = number(0).decode(data, where)
    if np.isnan(value):
        raise refuse(where, data, "a number of at least 0, or 'Infinity'")
    return value


FACTOR = Field(number(0).encode, _decode_factor)


def _encode_factors(value: Mapping[str, float] | ArrayLike | None) -> object:
    if isinstance(value, Mapping):
        return mapping(FACTOR).encode(value)
    if value is None:
        return None
    return sequence(FACTOR).encode(np.asarray(value, float).tolist())


def _decode_factors(data: object, where: str) -> dict[str, float] | list[float] | None:
    kind = mapping(FACTOR) if isinstance(data, dict) else optional(sequence(FACTOR))
    factors: dict[str, float] | list[float] | None = kind.decode(data, where)
    return factors


SPECS: dict[str, StepSpec] = {
    "Resampler": StepSpec(
        Resampler,
        {
            "spacing": Field(
                lambda value: np.broadcast_to(np.asarray(value, float), 2).tolist(),
                _pair,
            )
        },
    ),
    "Normalizer": StepSpec(Normalizer, {"method": text(*NORMALIZATIONS)}),
    "TextureExtractor": StepSpec(
        TextureExtractor,
        {
            "families": optional(sequence(text(*FAMILIES))),
            "distances": sequence(integer(1, MAX_DISTANCE), tuple),
            "bits": optional(mapping(integer(1, 8))),
        },
        {"readers_": sequence(text(), tuple)},
        finish=_check_readers,
    ),
    "ICCFilter": StepSpec(
        ICCFilter,
        {
            "threshold": finite(-1, 1),
            "form": text(),
            "criterion": text("estimate", "lower"),
            "average": flag,
            "min_lesions": integer(2),
            "n_readers": optional(integer(1)),
        },
        SEEN
        | {
            "readers_": sequence(text(), tuple),
            "features_": names,
            "icc_": array("float"),
            "icc_lower_": array("float"),
            "icc_upper_": array("float"),
            "reasons_": sequence(text()),
            "interval_unit_": text("lesion", "patient"),
            "n_lesions_": integer(),
            "_positions": array("int", 2),
            "_support": array("bool"),
        },
        {
            "feature_names_in_": ("p",),
            "readers_": ("readers",),
            "_positions": ("readers", "features"),
            **dict.fromkeys(
                "features_ icc_ icc_lower_ icc_upper_ reasons_ _support".split(),
                ("features",),
            ),
        },
        _check_icc,
    ),
    "FCMSelector": StepSpec(
        FCMSelector,
        {
            "k": integer(1),
            "combine": text("refill", "union"),
            "poe": text("range", "histogram"),
        },
        SEEN
        | {
            "scores_": mapping(array("float"), CRITERIA),
            "ranking_": mapping(array("int"), CRITERIA),
            "selected_by_": mapping(sequence(text(*CRITERIA), tuple)),
            "_support": array("bool"),
        },
        {"feature_names_in_": ("p",), "_support": ("p",)},
        _check_support,
    ),
    "NomogramClassifier": StepSpec(
        NomogramClassifier,
        {
            "penalty": text("lasso", "none", "firth"),
            "cv": lossy(integer(2), int, np.integer),
            "lambda_rule": word_or(finite(0), "min", "1se"),
            "scoring": text(),
            "l1_ratio": finite(0, 1),
            "n_lambdas": integer(2),
            "n_repeats": integer(1),
            "penalty_factor": Field(_encode_factors, _decode_factors),
            "class_weight": lossy(text("balanced"), str),
            "threshold": word_or(finite(0, 1), "youden"),
            "tol": finite(0),
            "random_state": lossy(integer(), int, np.integer),
        },
        SEEN
        | {
            "classes_": labels,
            "coef_": array("finite", 2),
            "intercept_": array("finite"),
            "threshold_": finite(0, 1),
            "selected_features_": names,
            "feature_ranges_": array("finite", 2),
            "feature_scale_": array("finite"),
            "lambda_": finite(0),
            "lambda_min_": number(0),
            "lambda_1se_": number(0),
            "lambdas_": array("finite"),
            "n_nonzero_": array("int"),
            "intercept_path_": array("finite"),
            "coef_path_": array("finite", 2),
            "cv_score_mean_": array("float"),
            "cv_score_se_": array("float"),
        },
        {
            "feature_names_in_": ("p",),
            "coef_": (1, "p"),
            "intercept_": (1,),
            "feature_ranges_": (2, "p"),
            "feature_scale_": ("p",),
            "coef_path_": ("path", "p"),
            **dict.fromkeys("lambdas_ n_nonzero_ intercept_path_".split(), ("path",)),
            **dict.fromkeys("cv_score_mean_ cv_score_se_".split(), ("path",)),
        },
        _check_ranges,
    ),
}
