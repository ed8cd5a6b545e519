"""One comparison with another program: how far the values differ."""

from typing import NamedTuple

import numpy as np


class Row(NamedTuple):
    """One comparison: the largest difference, and the bound that it must keep."""

    program: str
    quantity: str
    name: str
    n_values: int
    worst: float
    measure: str
    bound: float


def compare(program, quantity, name, ours, theirs, bound, measure="absolute"):
    """Compare; where `theirs` is missing both must be or it is left out."""
    ours = np.concatenate([np.ravel(np.asarray(part, float)) for part in ours])
    theirs = np.concatenate([np.ravel(np.asarray(part, float)) for part in theirs])
    assert ours.shape == theirs.shape, (program, quantity)
    known = ~np.isnan(theirs)
    difference = np.abs(ours - theirs)[known]
    if measure == "relative":
        difference = difference / np.maximum(np.abs(theirs[known]), 1e-300)
    worst = float(f"{difference.max():.1e}")
    return Row(program, quantity, name, int(known.sum()), worst, measure, bound)
