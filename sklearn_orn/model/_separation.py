"""Which coefficients have no finite estimate because a plane separates the classes."""

from typing import NamedTuple

import numpy as np

from sklearn_orn._messages import shown
from sklearn_orn._validation import name_list

SUSPICIOUS_SCORE = 8.0  # a probability within 0.0003 of 0 or 1
FEASIBLE = 1e-7  # HiGHS keeps its constraints to this


class Separation(NamedTuple):
    """What separates the classes: 1 or -1 where the estimate is infinite, else 0.

    `complete` says that no sample lies on the plane.
    """

    direction: np.ndarray
    complete: bool


def find_separation(X: np.ndarray, y: np.ndarray) -> Separation | None:
    r"""Find the coefficients whose maximum likelihood estimate is infinite; or None.

    Konis' linear programme (DPhil thesis, Oxford 2007; Albert, Anderson, Biometrika
    1984;71:1-10): with the rows :math:`\tilde x_i = (2 y_i - 1) (1, x_i)` it maximises
    :math:`\sum_i \tilde x_i \beta` subject to :math:`\tilde x_i \beta \ge 0` and
    :math:`|\beta_j| \le 1`. The classes overlap if and only if the maximum is 0. What
    the plane found leaves on itself may be separated in turn: the programme is solved
    again for those samples until nothing is.
    """
    from scipy.optimize import linprog

    kept, design = independent_columns(X)
    rows = (2.0 * y - 1.0)[:, None] * design
    plane = np.zeros(len(kept) + 1)
    left = np.arange(len(rows))
    while len(left):
        part = rows[left]
        solution = linprog(
            -part.sum(axis=0), A_ub=-part, b_ub=np.zeros(len(part)), bounds=(-1, 1)
        )
        if solution.x is None:
            break
        beta = np.where(np.abs(solution.x) > FEASIBLE, solution.x, 0.0)
        apart = part @ beta > FEASIBLE
        if not apart.any():
            break
        plane = np.where(plane == 0, beta, plane)
        left = left[~apart]
    if not plane.any():
        return None
    direction = np.zeros(X.shape[1], dtype=int)
    direction[kept] = np.sign(plane[1:]).astype(int)
    return Separation(direction, complete=not len(left))


def separation_text(
    X: np.ndarray,
    y: np.ndarray,
    names: np.ndarray,
    coef: np.ndarray,
    classes: np.ndarray,
) -> str | None:
    """Say which columns separate the classes, and at which level; None if none do.

    `coef` is where the solver stopped; columns with 0 are not in the model.
    """
    used = np.flatnonzero(coef)
    separation = find_separation(X[:, used], y)
    if separation is None:
        return None
    columns = [
        f"{str(names[j])!r}{_level(X[:, j], y, classes)}"
        for j in used[separation.direction != 0]
    ]
    if not columns:
        return None
    values = coef[used[separation.direction != 0]]
    largest = values[np.argmax(np.abs(values))]
    one = len(columns) == 1
    return (
        f"The classes are separated by {name_list(columns)}: without a penalty "
        f"{'its coefficient has' if one else 'their coefficients have'} no finite "
        f"value, the {'one' if one else 'largest'} given ({largest:.1f}) is where the "
        f'solver stopped. Set penalty="firth", merge levels or leave '
        f"{'the column' if one else 'columns'} out."
    )


def _level(column: np.ndarray, y: np.ndarray, classes: np.ndarray) -> str:
    """Return which of two values has samples of one class only."""
    values = np.unique(column)
    if len(values) > 2:
        return ""
    for value in values[::-1]:
        labels = y[column == value]
        if (labels == labels[0]).all():
            n, label = len(labels), str(classes[int(labels[0])])
            plural = "s" if n > 1 else ""
            return f" ({n} sample{plural} with {value:g}, all of class {shown(label)})"
    return ""


def independent_columns(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns that are no combination of those before, and the design.

    The design has the intercept first, and columns centred and scaled.
    """
    centred = X - X.mean(axis=0)
    largest = np.abs(centred).max(axis=0, initial=0.0)
    # Constant but for the rounding of its mean.
    varying = np.flatnonzero(largest > 1e-12 * np.abs(X).max(axis=0, initial=0.0))
    scaled = centred[:, varying] / largest[varying]
    kept: list[int] = []
    basis = np.empty((len(X), 0))
    for j in range(scaled.shape[1]):
        rest = scaled[:, j] - basis @ (basis.T @ scaled[:, j])
        rest -= basis @ (basis.T @ rest)
        norm = float(np.linalg.norm(rest))
        # Rounding errors of n products stay below this; a small rest is a direction.
        if norm > 1e-9 * np.linalg.norm(scaled[:, j]):
            kept.append(j)
            basis = np.column_stack([basis, rest / norm])
        if len(kept) >= len(X) - 1:
            break
    return varying[kept], np.column_stack([np.ones(len(X)), scaled[:, kept]])
