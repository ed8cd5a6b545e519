"""What `NomogramClassifier.fit` makes of labels, weights and factors."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import compute_class_weight
from sklearn.utils.multiclass import type_of_target

from sklearn_orn._messages import shown
from sklearn_orn._validation import (
    _check_sample_weight,
    are_whole_numbers,
    check_classes,
    name_list,
    refuse_unknown,
)
from sklearn_orn.exceptions import NotEstimable


def encode_binary(
    y: np.ndarray, owner: str = "NomogramClassifier"
) -> tuple[np.ndarray, np.ndarray]:
    """Return the two classes in sorted order, and y as 0 and 1."""
    check_classes(y)
    classes, codes = np.unique(y, return_inverse=True)
    if not are_whole_numbers(y) or len(classes) > 2:
        target = type_of_target(y, input_name="y", raise_unknown=True)
        if target != "binary":
            raise ValueError(
                "Only binary classification is supported. The type of the target is "
                f"{target}."
            )
    if len(classes) < 2:
        raise NotEstimable(
            f"{owner} needs two classes; y holds one class only: {shown(classes[0])}."
        )
    return classes, codes.astype(np.float64)


def class_weights(
    X: np.ndarray,
    y: np.ndarray,
    classes: np.ndarray,
    sample_weight: ArrayLike | None,
    class_weight: Mapping[object, float] | str | None,
) -> np.ndarray:
    """Return the weights of the samples, times those of their classes."""
    weight: np.ndarray = _check_sample_weight(
        sample_weight, X, dtype=np.float64, ensure_non_negative=True
    )
    if class_weight is not None:
        of_class = compute_class_weight(
            class_weight, classes=classes, y=y, sample_weight=weight
        )
        weight = weight * of_class[np.searchsorted(classes, y)]
    left = np.unique(y[weight > 0])
    if len(left) < 2:
        raise NotEstimable(
            "NomogramClassifier needs two classes with a positive weight; only one "
            f"class is left: {name_list(left)}."
        )
    return weight


def factor_vector(
    penalty_factor: ArrayLike | Mapping[str, float] | None, names: np.ndarray
) -> np.ndarray | None:
    """Return the factors in the order of the columns; those not named are 1."""
    if not isinstance(penalty_factor, Mapping):
        return None if penalty_factor is None else np.asarray(penalty_factor, float)
    refuse_unknown(sorted(set(penalty_factor) - set(names)), names, "penalty_factor")
    return np.array([float(penalty_factor.get(name, 1.0)) for name in names])


def weighted_deviation(X: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return standard deviations, 0 for a constant column whatever rounding says."""
    share = weight / weight.sum()
    deviation = np.sqrt(share @ (X - share @ X) ** 2)
    deviation[np.ptp(X[weight > 0], axis=0) == 0] = 0.0
    return deviation
