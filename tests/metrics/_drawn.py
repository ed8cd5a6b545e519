"""Drawn outcomes with what models and readers say of them."""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from sklearn_orn.testing.strategies import (
    outcomes_with_patients,
    probabilities,
    scores,
)


class Predicted(NamedTuple):
    """Outcomes of 0 and 1, probabilities, scores, and the patients."""

    y: np.ndarray
    proba: np.ndarray
    score: np.ndarray
    patients: np.ndarray


@st.composite
def predictions(draw, min_per_class=1, certain=True, **settings):
    drawn = draw(
        outcomes_with_patients(
            min_per_class=min_per_class, labels=[(0, 1)], max_patients=16, **settings
        )
    )
    n = len(drawn.y)
    proba = draw(probabilities(n, certain=certain))
    return Predicted(drawn.y, proba, draw(scores(n)), drawn.patients)


@st.composite
def labels(draw, n, most=3):
    """Labels that a reader gives to n samples."""
    codes = st.integers(0, most - 1)
    return np.array(draw(st.lists(codes, min_size=n, max_size=n)))
