"""What makes a new lesion unlike those that a model was trained on."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from sklearn_orn.deploy._protocol_flags import Protocol, protocol_flags
from sklearn_orn.deploy._training import TrainingRecord
from sklearn_orn.model.shared import Line, LinearModel

ROUNDING = 1e-9  # of a range: the last digits of a feature are not a finding
SAME_SPACING = 0.01  # relative: headers write 0.469 and 0.46875 for one protocol


class Reading(NamedTuple):
    """How a lesion was read: its readers, those of training, its pixel spacing.

    Of several sequences the readers are of that where most are lacking; `absent` are
    those without an image. `protocol` is that of `protocol_table`.
    """

    n_readers: int
    n_trained: int
    spacing: tuple[float, float] | None
    absent: tuple[str, ...] = ()
    protocol: Protocol = MappingProxyType({})


def range_flags(
    values: np.ndarray, names: Sequence[str], model: LinearModel, coef: np.ndarray
) -> list[str]:
    """Name the numbers of one lesion that lie outside the training range.

    `values` are what the classifier sees; a number is told in its own unit. Those with
    a coefficient of zero do not count.
    """
    flags = []
    for name, seen, (predictor, effect), slope in zip(
        names, values, model.columns, coef, strict=True
    ):
        if not slope or not isinstance(effect, Line) or model.ranges is None:
            continue
        low, high = model.ranges[predictor]
        value = (seen - effect.offset) / effect.slope + effect.center
        slack = ROUNDING * max(high - low, abs(low), abs(high))
        if value < low - slack:
            flags.append(
                f"{name} {value:.4g} is below the training range from {low:.4g}"
            )
        elif value > high + slack:
            flags.append(
                f"{name} {value:.4g} is above the training range to {high:.4g}"
            )
    return flags


def reading_flags(reading: Reading, training: TrainingRecord) -> list[str]:
    """Say where a lesion was read otherwise than those of training.

    A training without spacings says nothing about the spacing, and so on.
    """
    flags = [
        f"no {name}: its features are filled in as missing ones in training"
        for name in reading.absent
    ]
    if reading.n_readers < reading.n_trained:
        flags.append(
            f"{reading.n_readers} of {reading.n_trained} readers: less averaging than "
            "in training"
        )
    trained, spacing = training.pixel_spacings, reading.spacing
    if trained and spacing is None:
        flags.append("pixel spacing unknown")
    elif trained and spacing is not None:
        near = np.isclose(spacing, trained, rtol=SAME_SPACING, atol=0).all(axis=1)
        if not near.any():
            shown = ", ".join(_shown(pair) for pair in trained[:3])
            more = ", ..." if len(trained) > 3 else ""
            flags.append(
                f"pixel spacing {_shown(spacing)} mm, in training {shown}{more}"
            )
    return flags + protocol_flags(reading.protocol, training.protocol)


def _shown(pair: tuple[float, float]) -> str:
    return f"{pair[0]:.3g} x {pair[1]:.3g}"
