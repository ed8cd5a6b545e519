"""Blocks of columns that are one outline measured in two ways, and not two readers."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from sklearn_orn._validation import name_list

# Outlines that differ leave no feature of fractions as it was to the bit, and not in
# five lesions; ages and other columns that are no features may stand in each block.
ALIKE, LESIONS = 3, 5


def one_outline(
    ratings: np.ndarray, readers: Sequence[str], features: Sequence[str]
) -> str | None:
    """Say which two blocks are of the same outlines; None where they are of readers.

    `ratings` has the shape (n_lesions, n_readers, n_features).
    """
    for first, second in combinations(range(len(readers)), 2):
        a, b = ratings[:, first], ratings[:, second]
        alike = (a == b) | (np.isnan(a) & np.isnan(b))
        differs = ~alike.all(axis=1)
        if differs.sum() < LESIONS:
            continue
        a = np.where(np.isnan(a[differs]).any(axis=0), 0.0, a[differs])
        fractions = (a % 1 != 0).any(axis=0) & (np.ptp(a, axis=0) > 0)
        same = np.flatnonzero(alike[differs].all(axis=0) & fractions).tolist()
        if len(same) >= ALIKE:
            return (
                f"the blocks {readers[first]!r} and {readers[second]!r} have "
                f"{len(same)} features that are the same to the bit in all lesions "
                f"({name_list(features[i] for i in same)}) beside others that differ: "
                "they are the same outlines measured in two ways, not two readers"
            )
    return None
