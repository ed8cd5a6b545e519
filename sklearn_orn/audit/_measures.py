"""The numbers of a study that a paper reports, computed again."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from scipy.special import expit

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics import ExternalValidation, diagnostic_performance, net_benefit

Measure: TypeAlias = Literal[
    "lesions",
    "patients",
    "positive lesions",
    "features measured",
    "features reproducible",
    "features before the LASSO",
    "features in the score",
    "AUC",
    "sensitivity",
    "specificity",
    "accuracy",
    "calibration in the large",
    "calibration slope",
    "Brier score",
    "net benefit",
]
MEASURES: tuple[Measure, ...] = get_args(Measure)
COUNTS = MEASURES[:7]
FEATURES = MEASURES[3:7]
RATES = ("sensitivity", "specificity", "accuracy")


class Ours(NamedTuple):
    """A number of ours with its 95 % interval; None where there is none, and why."""

    value: float | None
    lower: float | None = None
    upper: float | None = None
    why: str = ""


class Scored(NamedTuple):
    """What a run says of the lesions of a part."""

    y: np.ndarray
    score: np.ndarray
    patient: np.ndarray
    threshold: float
    features: Mapping[str, int]  # how many are left at each step


def measured(measure: Measure, part: Scored, threshold: float | None) -> Ours:
    """Compute a measure; `threshold` is the paper's, None takes that of the run."""
    if not len(part.y):
        return Ours(None, why="No lesion of this part has a score.")
    if measure in COUNTS:
        return _count(measure, part)
    if not 0 < part.y.sum() < len(part.y):
        return Ours(None, why="The part holds one class only.")
    at = part.threshold if threshold is None else threshold
    proba = expit(part.score)
    if measure in RATES:
        predicted = (proba >= at).astype(int)
        table = diagnostic_performance(part.y, predicted, groups=part.patient)
        return _known(*map(float, table.loc[measure, ["estimate", "lower", "upper"]]))
    if measure == "net benefit":
        return Ours(net_benefit(part.y, proba, threshold=at))
    return _validated(measure, part, proba)


def _count(measure: Measure, part: Scored) -> Ours:
    if measure in FEATURES:
        if measure not in part.features:
            return Ours(None, why="A published score selects nothing anew.")
        return Ours(part.features[measure])
    counts = {
        "lesions": len(part.y),
        "patients": len(np.unique(part.patient)),
        "positive lesions": int(part.y.sum()),
    }
    return Ours(counts[measure])


def _validated(measure: Measure, part: Scored, proba: np.ndarray) -> Ours:
    try:
        found = ExternalValidation.from_predictions(part.y, proba, groups=part.patient)
    except NotEstimable as error:
        return Ours(None, why=str(error))
    line = found.recalibration
    shift = found.calibration_in_the_large
    ours = {
        "AUC": found.auc[:3],
        "calibration in the large": shift[:3],
        "calibration slope": (line.slope, line.slope_lower, line.slope_upper),
        "Brier score": (found.brier,),
    }
    return _known(*ours[measure])


def _known(*numbers: float) -> Ours:
    if np.isnan(numbers[0]):
        return Ours(None, why="The scores of this part are too far apart, or alike.")
    known = [None if np.isnan(number) else float(number) for number in numbers]
    value, lower, upper = (*known, None, None)[:3]
    return Ours(value, lower, upper)
