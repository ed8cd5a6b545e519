"""Lesions that stand in the table twice, by their features."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pandas as pd

from sklearn_orn._validation import name_list
from sklearn_orn.cohort.shared import StudyDesign
from sklearn_orn.study.results import Guard

# So many features, each different in most lesions, agree in two lesions by no chance.
FEWEST_VARIED = 5


def repeated_lesions(features: pd.DataFrame) -> list[list[int]]:
    """Return groups of rows that have the same value of every feature.

    None are found where features are too coarse to tell lesions apart.
    """
    values = features.to_numpy(np.float64) + 0.0  # -0.0 is 0.0
    varied = 2 * features.nunique().to_numpy() > len(features)
    defined = np.isfinite(values[:, varied]).sum(axis=1)
    groups: dict[bytes, list[int]] = defaultdict(list)
    for row in np.flatnonzero(defined >= FEWEST_VARIED):
        groups[np.where(np.isnan(values[row]), np.nan, values[row]).tobytes()].append(
            int(row)
        )
    return [rows for rows in groups.values() if len(rows) > 1]


def of_repeated_lesions(features: pd.DataFrame, design: StudyDesign) -> Iterator[Guard]:
    """Warn of lesions that are probably copies of others."""
    groups = repeated_lesions(features)
    if not groups:
        return
    shown = name_list(
        (
            " and ".join(f"{design.lesion[i]} ({design.patient[i]})" for i in rows)
            for rows in groups
        ),
        3,
    )
    text = (
        f"Lesions with the same value of every feature: {shown}. If they are copies, "
        "leave out all but one of each."
    )
    apart = sum(len(set(design.patient[rows])) > 1 for rows in groups)
    both = sum(len(set(design.training[rows])) > 1 for rows in groups)
    if apart:
        text += (
            f" {apart} of them {'stands' if apart == 1 else 'stand'} under several "
            "patients"
            + (f", {both} in training and in validation" if both else "")
            + ": what is learnt from one is judged on the other, and performance "
            "flatters."
        )
    yield Guard("ORN033", "Lesions that stand twice.", text)
