"""Hypothesis strategies of outcomes by patient, and of what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sklearn_orn._readable import readable

Label = int | float | bool | str
Labels = tuple[Label, Label]
LABELS: tuple[Labels, ...] = ((0, 1), (False, True), ("benign", "malignant"))


@readable
class Outcomes(NamedTuple):
    """Outcomes of lesions, and whose they are.

    Attributes
    ----------
    y : ndarray of shape (n_samples,)
        Outcome of each lesion.
    patients : ndarray of shape (n_samples,)
        Patient of each lesion: numbers or texts.
    labels : tuple
        The negative and the positive label, in sorted order.
    """

    y: np.ndarray
    patients: np.ndarray
    labels: Labels

    @property
    def positive(self) -> np.ndarray:
        """Whether the outcome is the positive label."""
        return np.asarray(self.y == self.labels[1])


@st.composite
def _patients(
    draw: st.DrawFn, min_per_class: int, max_patients: int, max_lesions: int
) -> list[tuple[int, int]]:
    """Draw the class of each patient and the number of lesions."""
    least = [number % 2 for number in range(2 * min_per_class)]
    more = st.lists(st.integers(0, 1), max_size=max_patients - len(least))
    counts = st.integers(1, max_lesions)
    return [(group, draw(counts)) for group in least + draw(more)]


@st.composite
def _outcomes(
    draw: st.DrawFn,
    patients: st.SearchStrategy[list[tuple[int, int]]],
    mixed: bool,
    labels: Sequence[Labels],
) -> Outcomes:
    groups = draw(patients)
    unit = np.repeat(np.arange(len(groups)), [count for _, count in groups])
    codes = np.array([group for group, _ in groups])[unit]
    first = np.unique(unit, return_index=True)[1]
    others = np.setdiff1d(np.arange(len(unit)), first)
    if mixed and others.size:
        # The first lesion keeps the class that makes up `min_per_class`.
        for row in draw(st.lists(st.sampled_from(others.tolist()), max_size=3)):
            codes[row] = 1 - codes[first[unit[row]]]
    order = draw(st.permutations(range(len(unit))))
    pair = draw(st.sampled_from(list(labels)))
    named = draw(st.booleans())
    names = np.array([f"P{number}" for number in unit]) if named else unit
    return Outcomes(np.array(pair)[codes][order], names[order], pair)


def outcomes_with_patients(
    *,
    min_per_class: int = 1,
    max_patients: int = 12,
    max_lesions: int = 3,
    mixed: bool = True,
    labels: Sequence[Labels] = LABELS,
) -> st.SearchStrategy[Outcomes]:
    """Draw the outcomes of lesions of patients, both classes present.

    Parameters
    ----------
    min_per_class : int, default=1
        Patients of each class, at least.
    max_patients : int, default=12
        Patients, at most.
    max_lesions : int, default=3
        Lesions of a patient, at most.
    mixed : bool, default=True
        Whether the lesions of a patient may differ in their outcome.
    labels : sequence of (negative, positive), default=LABELS
        The pairs of labels to draw from, each in sorted order: by default 0 and 1,
        False and True, ``"benign"`` and ``"malignant"``.

    Returns
    -------
    SearchStrategy of Outcomes
        Named tuple ``y, patients, labels``; rows in any order, patients as numbers or
        texts.

    Raises
    ------
    ValueError
        If there is no room for `min_per_class` patients of each class.

    Notes
    -----
    It shrinks to `min_per_class` patients of each class, one after the other, of one
    lesion each, and the first labels.

    Examples
    --------
    >>> from hypothesis import find
    >>> from sklearn_orn.testing.strategies import outcomes_with_patients
    >>> find(outcomes_with_patients(min_per_class=2), lambda drawn: True).y
    array([0, 1, 0, 1])
    >>> def has_patient_with_two(drawn):
    ...     return len(set(drawn.patients)) < len(drawn.y)
    >>> several = find(outcomes_with_patients(), has_patient_with_two)
    >>> several.y, several.patients
    (array([0, 1, 1]), array([0, 1, 1]))
    """
    if min_per_class < 1 or 2 * min_per_class > max_patients or max_lesions < 1:
        raise ValueError(
            "At least one patient of each class, and room for them, is needed: got "
            f"min_per_class={min_per_class}, max_patients={max_patients}, "
            f"max_lesions={max_lesions}."
        )
    patients = _patients(min_per_class, max_patients, max_lesions)
    return _outcomes(patients, mixed, labels)


def probabilities(
    n_samples: int, *, certain: bool = True
) -> st.SearchStrategy[np.ndarray]:
    """Draw predicted probabilities, ties among them.

    Parameters
    ----------
    n_samples : int
        How many.
    certain : bool, default=True
        Whether 0 and 1 may occur.

    Returns
    -------
    SearchStrategy of ndarray of shape (n_samples,)
        Multiples of 1/64, exact in floating point, as 1 minus them is.

    Notes
    -----
    It shrinks to 1/2 throughout.

    Examples
    --------
    >>> from hypothesis import find
    >>> from sklearn_orn.testing.strategies import probabilities
    >>> find(probabilities(3), lambda proba: proba.max() > 0.7)
    array([0.5     , 0.5     , 0.703125])
    """
    reach = 32 if certain else 31
    return _integers(n_samples, reach).map(lambda k: 0.5 + k / 64)


def scores(n_samples: int) -> st.SearchStrategy[np.ndarray]:
    """Draw scores of any sign and size, ties among them.

    Parameters
    ----------
    n_samples : int
        How many.

    Returns
    -------
    SearchStrategy of ndarray of shape (n_samples,)
        Multiples of 1/4 from -25 to 25.

    Notes
    -----
    It shrinks to 0 throughout.

    Examples
    --------
    >>> from hypothesis import find
    >>> from sklearn_orn.testing.strategies import scores
    >>> find(scores(3), lambda score: score[0] > score[2] + 1)
    array([ 0.  ,  0.  , -1.25])
    """
    return _integers(n_samples, 100).map(lambda k: k / 4)


def _integers(n: int, most: int) -> st.SearchStrategy[np.ndarray]:
    elements = st.integers(-most, most)
    return hnp.arrays(np.int64, n, elements=elements, fill=st.nothing())
