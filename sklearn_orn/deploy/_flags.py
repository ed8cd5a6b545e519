"""What makes a new lesion unlike those that a model was trained on."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sklearn_orn.deploy._training import TrainingRecord
from sklearn_orn.model import NomogramClassifier

ROUNDING = 1e-9  # of a range: the last digits of a feature are not a finding
SAME_SPACING = 0.01  # relative


class Reading(NamedTuple):
    """How a lesion was read: its readers, those of training, its pixel spacing."""

    n_readers: int
    n_trained: int
    spacing: tuple[float, float] | None


def range_flags(
    values: np.ndarray, names: Sequence[str], classifier: NomogramClassifier
) -> list[str]:
    """Name the predictors of one lesion that lie outside the training range."""
    flags = []
    for name, value, (low, high), slope in zip(
        names, values, classifier.feature_ranges_.T, classifier.coef_[0], strict=True
    ):
        slack = ROUNDING * max(high - low, abs(low), abs(high))
        if slope and value < low - slack:
            flags.append(
                f"{name} {value:.4g} is below the training range from {low:.4g}"
            )
        elif slope and value > high + slack:
            flags.append(
                f"{name} {value:.4g} is above the training range to {high:.4g}"
            )
    return flags


def reading_flags(reading: Reading, training: TrainingRecord) -> list[str]:
    """Say where a lesion was read otherwise than those of training."""
    flags = []
    if reading.n_readers < reading.n_trained:
        flags.append(
            f"{reading.n_readers} of {reading.n_trained} readers: less averaging than "
            "in training"
        )
    known = training.pixel_spacings
    if known and reading.spacing is None:
        flags.append("pixel spacing unknown")
    elif known and not any(_same(reading.spacing, pair) for pair in known):
        shown = ", ".join(_shown(pair) for pair in known[:3])
        more = ", ..." if len(known) > 3 else ""
        flags.append(
            f"pixel spacing {_shown(reading.spacing)} mm, in training {shown}{more}"
        )
    return flags


def _same(found: tuple[float, float] | None, known: tuple[float, float]) -> bool:
    return found is not None and bool(
        np.allclose(found, known, rtol=SAME_SPACING, atol=0)
    )


def _shown(pair: tuple[float, float] | None) -> str:
    return "unknown" if pair is None else f"{pair[0]:.3g} x {pair[1]:.3g}"
