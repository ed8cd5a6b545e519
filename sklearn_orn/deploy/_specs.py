"""What a model file holds of each step: its settings, and what it learnt."""

from collections.abc import Callable, Mapping
from typing import Annotated, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.impute import SimpleImputer

from sklearn_orn._feature_settings import MAX_BITS, NORMALIZATIONS
from sklearn_orn._io.codec import Kind, Rule
from sklearn_orn._io.kinds import (
    LABELS,
    Text,
    array,
    dict_of,
    list_of,
    maybe_number,
    number,
    one_of,
    pair_of,
    tuple_of,
    whole,
)
from sklearn_orn._validation import with_names
from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.images import Resampler
from sklearn_orn.model import NomogramClassifier
from sklearn_orn.selection import FCMSelector, ICCFilter
from sklearn_orn.selection.shared import CRITERIA
from sklearn_orn.texture import FAMILIES, Normalizer, TextureExtractor

MAX_DISTANCE = 256  # pixels: more than half of most slices
SPACING = number(1e-3, 1e3)  # mm; no scanner resolves less or skips more


class StepSpec(NamedTuple):
    """A step's class, its settings and what it learnt.

    Settings that are not named (workers, caches) have no word in the file. `finish`
    checks the rebuilt step further; it raises ModelFileError.
    """

    make: type
    params: Mapping[str, Kind]
    fitted: Mapping[str, Kind] = {}
    finish: Callable[[BaseEstimator, str], None] = lambda step, where: None


SEEN: dict[str, Kind] = {
    "n_features_in_": whole(1, 10**6),  # a row of zeros of them is made
    "feature_names_in_": array("object", "p") | None,
}
FAMILY_NAMES, DISTANCES = list_of(one_of(*FAMILIES)), whole(1, MAX_DISTANCE)
# In full, so that the numbers do not move with a later version's defaults.
MEASURES = {
    "families": FAMILY_NAMES,
    "distances": list_of(DISTANCES),
    "bits": dict_of(whole(1, MAX_BITS)),
}


def _unless_other(kind: Kind, *types: type) -> Kind:
    """Return a kind that writes null for a value of any other type.

    For settings of fitting that JSON has no word for, such as a splitter.
    """
    rule = Rule(plain=lambda value: value if isinstance(value, types) else None)
    return Annotated[kind | None, rule]


def _check_icc(step: ICCFilter, where: str) -> None:
    if (step._positions >= step.n_features_in_).any():
        raise ModelFileError(f"{where}._positions points beyond n_features_in_.")
    _check_support(step, where)


def _check_support(step: ICCFilter | FCMSelector, where: str) -> None:
    if not step._support.any():
        raise ModelFileError(f"{where}._support keeps no feature.")


def _check_ranges(step: NomogramClassifier, where: str) -> None:
    low, high = step.feature_ranges_
    if (low > high).any():
        raise ModelFileError(f"{where}.feature_ranges_ has a low end above its high.")


def _refit(step: SimpleImputer, where: str) -> None:
    """Let an imputer learn what this version of scikit-learn keeps beside its values.

    Fitted on one row of its own values it learns these values again.
    """
    values = step.statistics_
    step.fit(with_names(values[None], step))
    step.statistics_ = values


_FACTOR: Kind = Annotated[
    maybe_number(0),
    Rule("a number of at least 0, or 'Infinity'", lambda value: not np.isnan(value)),
]
_OF_FEATURES = array("float", "features")
_SPECS = (
    StepSpec(
        Resampler,
        {
            "spacing": Annotated[
                pair_of(SPACING),
                Rule(
                    "two numbers of mm",
                    plain=lambda value: np.broadcast_to(np.asarray(value, float), 2),
                ),
            ]
        },
    ),
    StepSpec(Normalizer, {"method": one_of(*NORMALIZATIONS)}),
    StepSpec(
        TextureExtractor,
        {
            "families": FAMILY_NAMES | None,
            "distances": tuple_of(DISTANCES),
            "bits": dict_of(whole(1, MAX_BITS)) | None,
        },
        {
            "readers_": Annotated[
                tuple_of(Text),
                Rule(
                    "different names", lambda names: 0 < len(names) == len(set(names))
                ),
            ]
        },
    ),
    StepSpec(
        ICCFilter,
        {
            "threshold": number(-1, 1),
            "form": Text,
            "criterion": one_of("estimate", "lower"),
            "average": bool,
            "min_lesions": whole(2),
            "n_readers": whole(1) | None,
        },
        SEEN
        | {
            "readers_": Annotated[tuple_of(Text), Rule(axes=("readers",))],
            "features_": array("object", "features"),
            **dict.fromkeys(("icc_", "icc_lower_", "icc_upper_"), _OF_FEATURES),
            "reasons_": Annotated[list[Text], Rule(axes=("features",))],
            "interval_unit_": one_of("lesion", "patient"),
            "n_lesions_": whole(),
            "_positions": array("int", "readers", "features"),
            "_support": array("bool", "features"),
        },
        _check_icc,
    ),
    StepSpec(
        FCMSelector,
        {
            "k": whole(1),
            "combine": one_of("refill", "union"),
            "poe": one_of("range", "histogram"),
        },
        SEEN
        | {
            "scores_": dict_of(array("float"), *CRITERIA),
            "ranking_": dict_of(array("int"), *CRITERIA),
            "selected_by_": dict_of(tuple_of(one_of(*CRITERIA))),
            "_support": array("bool", "p"),
        },
        _check_support,
    ),
    StepSpec(
        NomogramClassifier,
        {
            "penalty": one_of("lasso", "none", "firth"),
            "cv": _unless_other(whole(2), int, np.integer),
            "lambda_rule": one_of("min", "1se") | number(0),
            "scoring": Text,
            "l1_ratio": number(0, 1),
            "n_lambdas": whole(2),
            "n_repeats": whole(1),
            "penalty_factor": dict_of(_FACTOR) | list_of(_FACTOR) | None,
            "class_weight": _unless_other(one_of("balanced"), str),
            "threshold": one_of("youden") | number(0, 1),
            "tol": number(0),
            "random_state": _unless_other(whole(), int, np.integer),
        },
        SEEN
        | {
            "classes_": LABELS,
            "coef_": array("finite", 1, "p"),
            "intercept_": array("finite", 1),
            "threshold_": number(0, 1),
            "selected_features_": array("object"),
            "feature_ranges_": array("finite", 2, "p"),
            "feature_scale_": array("finite", "p"),
            "lambda_": number(0),
            "lambda_min_": maybe_number(0),
            "lambda_1se_": maybe_number(0),
            "lambdas_": array("finite", "path"),
            "n_nonzero_": array("int", "path"),
            "intercept_path_": array("finite", "path"),
            "coef_path_": array("finite", "path", "p"),
            "cv_score_mean_": array("float", "path"),
            "cv_score_se_": array("float", "path"),
        },
        _check_ranges,
    ),
    StepSpec(
        SimpleImputer,
        {
            "missing_values": Annotated[
                None,
                Rule("null", make=lambda data: np.nan, plain=lambda value: None),
            ],
            "strategy": one_of("mean", "median", "most_frequent", "constant"),
            "fill_value": None | maybe_number(),  # null is None, not NaN
            "keep_empty_features": bool,
        },
        SEEN | {"statistics_": array("float", "p")},
        _refit,
    ),
)
SPECS = {spec.make.__name__: spec for spec in _SPECS}
