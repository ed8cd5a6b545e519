"""Which patient a sample belongs to: one check for every function that takes groups."""

import numpy as np
from numpy.typing import ArrayLike

from sklearn_orn._messages import shown
from sklearn_orn._validation import name_list, refuse_missing


def check_groups(groups: ArrayLike, n: int) -> np.ndarray:
    """Return the patient of each sample, after a check.

    TypeError for what is no sequence, ValueError for another length or a missing one.
    """
    expected = f"groups must name the patient of each of the {n} samples"
    if isinstance(groups, str | bytes) or not hasattr(groups, "__len__"):
        raise TypeError(f"{expected}, got {shown(groups)}.")
    values = np.asarray(groups)
    if values.shape != (n,):
        raise ValueError(f"{expected}, got an array of shape {values.shape}.")
    refuse_missing(groups, "groups", "Give each sample its patient.")
    return values


def refuse_both_sides(train: np.ndarray, test: np.ndarray) -> None:
    """Raise an error that names the patients on both sides of a split."""
    both = np.intersect1d(train, test)
    if both.size:
        raise ValueError(
            f"{both.size} patients stand on both sides of a split: {name_list(both)}. "
            "Keep all samples of a patient together."
        )
