"""What the checks of image steps compare, and how they fail."""

import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, clone

from sklearn_orn.images import LesionSequence, Region
from sklearn_orn.testing._lesions_to_check import Pairs, make_pairs

Content = list[list[np.ndarray]]  # of each lesion
Check = Callable[[BaseEstimator], None]
_ROUNDING = 1e-12  # relative: sums in another order differ in their last digits


def asserting(check: Check) -> Check:
    """Make an AssertionError of all that a step raises, with the name of the check."""

    @functools.wraps(check)
    def run(estimator: BaseEstimator) -> None:
        if isinstance(estimator, type):
            raise TypeError(
                f"The checks take an estimator, got the class {estimator.__name__}. "
                f"Give an object of it, such as {estimator.__name__}()."
            )
        step = f"{type(estimator).__name__}: "
        try:
            check(estimator)
        except Exception as error:
            if isinstance(error, AssertionError) and str(error).startswith(step):
                raise
            said = "; ".join([str(error), *getattr(error, "__notes__", ())])
            raise AssertionError(
                f"{step}{check.__name__} ended with {type(error).__name__}: {said}"
            ) from error

    return run


def fitted_on_pairs(estimator: BaseEstimator) -> tuple[BaseEstimator, Pairs, Content]:
    """Return a fitted clone, what it was fitted on, and what it makes of it."""
    pairs = make_pairs()
    fitted = clone(estimator).fit(pairs)
    return fitted, pairs, content_of(fitted.transform(pairs))


def transformed(estimator: BaseEstimator, X: object) -> Content:
    return content_of(clone(estimator).fit(X).transform(X))


def content_of(output: LesionSequence | ArrayLike) -> Content:
    """Read an output completely: one list of arrays a lesion, to compare."""
    if isinstance(output, LesionSequence):
        return [
            [
                np.asarray(value, dtype=float)
                for region in lesion.read().values()
                for value in (region.image, region.mask, *_limits(region))
            ]
            for lesion in output
        ]
    return [[row] for row in np.asarray(output, dtype=float)]


def _limits(region: Region) -> tuple[tuple[float, ...], ...]:
    return region.window or (), region.spacing or ()


def alike(left: list[np.ndarray], right: list[np.ndarray]) -> bool:
    return len(left) == len(right) and all(
        a.shape == b.shape and np.allclose(a, b, rtol=_ROUNDING, equal_nan=True)
        for a, b in zip(left, right, strict=True)
    )


def require_same(
    expected: Content, result: Content, estimator: BaseEstimator, what: str
) -> None:
    counts = f"{what} gave {len(result)} results, expected {len(expected)}"
    require(len(expected) == len(result), estimator, counts)
    for number, (left, right) in enumerate(zip(expected, result, strict=True)):
        same = alike(left, right)
        require(same, estimator, f"{what}: lesion {number} has another result")


def require(condition: bool, estimator: BaseEstimator, message: str) -> None:
    if not condition:
        raise AssertionError(f"{type(estimator).__name__}: {message}")
