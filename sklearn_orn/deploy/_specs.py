"""What a model file holds of each step: its settings, and what it learnt."""

from typing import Annotated, get_args

import numpy as np

from sklearn_orn._block_names import region_slug
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
from sklearn_orn._reader_names import ABSENT
from sklearn_orn.deploy._clinical_specs import CLINICAL_SPECS
from sklearn_orn.deploy._step_spec import SEEN, StepSpec
from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.images import OutlinePerturber, Regions, Resampler
from sklearn_orn.model import NomogramClassifier, PredictorSelector
from sklearn_orn.selection import ComBat, FCMSelector, ICCFilter
from sklearn_orn.selection.shared import CRITERIA, Unseen
from sklearn_orn.texture import FAMILIES, Normalizer, TextureExtractor

MAX_DISTANCE = 256  # pixels: more than half of most slices
SPACING = number(1e-3, 1e3)  # mm; no scanner resolves less or skips more


def _is_region(text: str) -> bool:
    try:
        region_slug(text)
    except ValueError:
        return False
    return True


REGION = Annotated[Text, Rule("the name of a region", _is_region)]
FAMILY_NAMES, DISTANCES = list_of(one_of(*FAMILIES)), whole(1, MAX_DISTANCE)
# In full, so that the numbers do not move with a later version's defaults.
MEASURES = {
    "families": FAMILY_NAMES,
    "distances": list_of(DISTANCES),
    "bits": dict_of(whole(1, MAX_BITS)),
}


def unless_other(kind: Kind, *types: type) -> Kind:
    """Return a kind that writes null for a value of any other type.

    For settings of fitting that JSON has no word for, such as a splitter.
    """
    rule = Rule(plain=lambda value: value if isinstance(value, types) else None)
    return Annotated[kind | None, rule]


def _check_icc(step: ICCFilter, where: str) -> None:
    if (step._positions >= step.n_features_in_).any():
        raise ModelFileError(f"{where}._positions points beyond n_features_in_.")
    if (step._positions == ABSENT).all(axis=0).any():
        raise ModelFileError(f"{where}._positions has a feature that nobody read.")
    if not hasattr(step, "judged_by_"):  # in files of before, readers were compared
        judge = "readers" if len(step.readers_) > 1 else "nobody"
        step.judged_by_ = np.full(len(step.features_), judge, dtype=object)
    _check_support(step, where)


def _check_support(
    step: ICCFilter | FCMSelector | PredictorSelector, where: str
) -> None:
    if not step._support.any():
        raise ModelFileError(f"{where}._support keeps no feature.")


def _finish_classifier(step: NomogramClassifier, where: str) -> None:
    step._likelihood_fit = None  # the table of the fit is not in the file
    low, high = step.feature_ranges_
    if (low > high).any():
        raise ModelFileError(f"{where}.feature_ranges_ has a low end above its high.")
    if (np.diff(getattr(step, "score_quantiles_", ())) < 0).any():
        raise ModelFileError(f"{where}.score_quantiles_ does not ascend.")


def _finish_combat(step: ComBat, where: str) -> None:
    """Check that the batch is a column of its table, and that scales are above 0."""
    if step.batch_column not in getattr(step, "feature_names_in_", ()):
        raise ModelFileError(f"{where}.feature_names_in_ lacks {step.batch_column!r}.")
    if step.n_features_in_ != len(step.mean_) + 1:
        raise ModelFileError(
            f"{where}.n_features_in_ is {step.n_features_in_}; expected the features "
            "and the batch."
        )
    for name in ("variance_", "delta_"):
        if (getattr(step, name) <= 0).any():
            raise ModelFileError(f"{where}.{name} holds a number that is not above 0.")
    step._coding, step.coef_ = (), np.zeros((0, len(step.mean_)))


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
    StepSpec(
        Regions,
        {
            "regions": list_of(REGION),
            "margin": number(0),
            "air": number() | one_of("otsu") | None,
            "empty": one_of("error", "nan"),
        },
    ),
    StepSpec(
        OutlinePerturber,
        {
            # What a model keeps was measured on outlines that were drawn: a file asks
            # for no others.
            "n": Annotated[whole(), Rule(plain=lambda n: 0)],
            "rotation": number(0, 180),
            "shift": number(0),
            "growth": number(0, 1),
            "superpixel": number(0),
            "random_state": whole(),
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
            "_positions": array("int", "readers", "features", least=ABSENT),
            "_support": array("bool", "features"),
            "judged_by_": array("object", "features") | None,
        },
        _check_icc,
        later={"fitted": {"judged_by_": None}},
    ),
    StepSpec(
        ComBat,
        {
            "batch_column": Text,
            "covariate_columns": Annotated[
                list_of(Text),
                Rule("no covariates", lambda names: not names, plain=list),
            ],
            "parametric": bool,
            "mean_only": bool,
            "reference": Text | None,
            "unseen": one_of(*get_args(Unseen)),
            "min_lesions": whole(2),
        },
        SEEN
        | {
            "batches_": array("object", "batches"),
            "n_lesions_": array("int", "batches"),
            "gamma_": array("finite", "batches", "features"),
            "delta_": array("finite", "batches", "features"),
            "mean_": array("finite", "features"),
            "variance_": array("finite", "features"),
            "adjusted_": array("bool", "features"),
        },
        _finish_combat,
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
            "cv": unless_other(whole(2), int, np.integer),
            "lambda_rule": one_of("min", "1se") | number(0),
            "scoring": Text,
            "l1_ratio": number(0, 1),
            "n_lambdas": whole(2),
            "n_repeats": whole(1),
            "penalty_factor": dict_of(_FACTOR) | list_of(_FACTOR) | None,
            "class_weight": unless_other(one_of("balanced"), str),
            "threshold": one_of("youden") | number(0, 1),
            "tol": number(0),
            "random_state": unless_other(whole(), int, np.integer),
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
            "score_quantiles_": array("finite", 21) | None,
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
        _finish_classifier,
        later={"fitted": {"score_quantiles_": None}},
    ),
    StepSpec(
        PredictorSelector,
        {
            "method": one_of("univariable", "lasso"),
            "p_threshold": number(0, 1),
            "predictors": dict_of(list_of(Text)) | None,
            "penalty": one_of("none", "firth"),
            "cv": unless_other(whole(2), int, np.integer),
            "lambda_rule": one_of("min", "1se") | number(0),
            "random_state": unless_other(whole(), int, np.integer),
        },
        SEEN
        | {
            "predictors_": dict_of(tuple_of(Text)),
            "selected_predictors_": array("object"),
            "p_values_": dict_of(maybe_number(0)),
            "coef_": array("float", "p"),
            "lambda_": maybe_number(0),
            "_support": array("bool", "p"),
        },
        _check_support,
    ),
    *CLINICAL_SPECS,
)
SPECS = {spec.make.__name__: spec for spec in _SPECS}
