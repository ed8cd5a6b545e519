"""Which patient a sample belongs to: one check for every function that takes groups."""

from typing import Any

import numpy as np
import pandas as pd

from sklearn_orn._validation import name_list


def check_groups(groups: Any, n: int, name: str = "groups") -> np.ndarray:
    """Return the patient of each sample, after a check.

    Parameters
    ----------
    groups : array-like of shape (n_samples,)
        Names or numbers of patients.
    n : int
        Number of samples.
    name : str, default="groups"
        What messages call it.

    Returns
    -------
    ndarray of shape (n_samples,)

    Raises
    ------
    TypeError
        If it is a text or no sequence.
    ValueError
        If there is not one for each sample, or one is missing (None, NaN, NaT, NA);
        the message says at which position.

    Examples
    --------
    >>> check_groups(["a", "a", "b"], 3).tolist()
    ['a', 'a', 'b']
    """
    if isinstance(groups, str | bytes) or not hasattr(groups, "__len__"):
        raise TypeError(
            f"{name} must name the patient of each of the {n} samples, got {groups!r}."
        )
    values = np.asarray(groups)
    if values.shape != (n,):
        raise ValueError(
            f"{name} must name the patient of each of the {n} samples, got an array of "
            f"shape {values.shape}."
        )
    # An array of texts would hold NaN as the text "nan".
    each = pd.Series(list(groups) if values.dtype.kind in "SU" else values)
    missing = np.flatnonzero(each.isna())
    if missing.size:
        raise ValueError(
            f"{name} has {missing.size} missing values, the first at position "
            f"{missing[0]}. Give each sample its patient."
        )
    return values


def refuse_both_sides(train: np.ndarray, test: np.ndarray) -> None:
    """Raise an error that names the patients on both sides of a split."""
    both = np.intersect1d(train, test)
    if both.size:
        raise ValueError(
            f"{both.size} patients stand on both sides of a split: {name_list(both)}. "
            "Keep all samples of a patient together."
        )
