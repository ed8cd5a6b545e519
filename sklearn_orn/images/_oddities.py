"""What looks odd about a lesion, by itself and among the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from sklearn_orn.images._check import SAME_FOR_ALL, remarks_on, with_spacing
from sklearn_orn.images._protocol import protocol_table
from sklearn_orn.images._readable_lesion import ReadableLesion
from sklearn_orn.images._region import Region
from sklearn_orn.images._sequence import LesionSequence

FAR = 3.5  # modified z scores, Iglewicz and Hoaglin (1993)
RARE = 0.1  # of the lesions
_FEW = 5  # lesions, of which none is far from the others


class Oddity(NamedTuple):
    """One remark; its kind is outline, border, file, protocol or grey level."""

    kind: str
    text: str


def oddities_of(lesion: ReadableLesion, regions: Mapping[str, Region]) -> list[Oddity]:
    """Say what is odd about a lesion by itself."""
    before = f"{lesion.name}: "
    weak, notes = remarks_on(lesion, dict(regions))
    found = [Oddity("outline", text.removeprefix(before)) for text in weak]
    at_border = [b or "the ROI" for b, r in regions.items() if touches_border(r.mask)]
    if at_border:
        found.append(
            Oddity("border", f"at the border of the image: {', '.join(at_border)}.")
        )
    return found + [Oddity("file", note) for note in notes]


def touches_border(mask: np.ndarray) -> bool:
    """Tell whether an ROI reaches the first or last row or column of the image."""
    return bool(mask[[0, -1]].any() or mask[:, [0, -1]].any())


def far_from_others(values: Sequence[float]) -> np.ndarray:
    """Return how far each value lies from the median, in robust standard deviations.

    The modified z score of Iglewicz and Hoaglin, without its sign: 0.6745 times the
    distance over the median distance; NaN stays, and few or equal values are 0.
    """
    array = np.asarray(values, dtype=float)
    known = array[np.isfinite(array)]
    distance = np.abs(array - np.median(known)) if known.size else array
    middle = float(np.median(distance[np.isfinite(distance)])) if known.size else 0.0
    if known.size < _FEW or middle == 0:
        return np.where(np.isfinite(array), 0.0, np.nan)
    far: np.ndarray = 0.6745 * distance / middle
    return far


def rare_protocols(lesions: LesionSequence) -> list[list[Oddity]]:
    """Say for each lesion which items of its protocol few others share.

    No value is named: headers may hold anything.
    """
    table = with_spacing(protocol_table(lesions))
    found: list[list[Oddity]] = [[] for _ in range(len(table))]
    for column, what in SAME_FOR_ALL.items():
        counts = table[column].value_counts()
        known = int(counts.sum())
        for place, value in enumerate(table[column]):
            if not pd.isna(value) and counts[value] < RARE * known:
                text = f"{what}: only {counts[value]} of {known} lesions are like this."
                found[place].append(Oddity("protocol", text))
    return found
