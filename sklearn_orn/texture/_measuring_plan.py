"""What to measure: families of features, distances and bits."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from numbers import Integral
from typing import NamedTuple

import numpy as np

from sklearn_orn._messages import shown
from sklearn_orn.texture._catalogue import (
    DEFAULT_BITS,
    DISTANCES,
    FAMILIES,
    feature_names,
)


class Plan(NamedTuple):
    """What to measure: families, distances and bits per family."""

    families: tuple[str, ...] = FAMILIES
    distances: tuple[int, ...] = DISTANCES
    bits: Mapping[str, int] = DEFAULT_BITS

    def names(self) -> list[str]:
        """Return the names of the features, in MaZda's order."""
        return feature_names(self.families, self.distances)

    def layout(self) -> "Layout":
        """Return what the kernel is told."""
        return _layout(self.families, self.distances, tuple(self.bits.items()))


class Layout(NamedTuple):
    """Bits of each family in turn, 1 if it has none, 0 if left out; and the rest."""

    bits: tuple[int, ...]
    distances: np.ndarray
    margin: int
    size: int


@lru_cache
def _layout(
    families: tuple[str, ...],
    distances: tuple[int, ...],
    bits: tuple[tuple[str, int], ...],
) -> Layout:
    known = dict(bits)
    wanted = tuple(known.get(f, 1) if f in families else 0 for f in FAMILIES)
    size = len(feature_names(families, distances))
    return Layout(wanted, np.array(distances, np.int64), max((1, *distances)), size)


def make_plan(
    families: Sequence[str] | None,
    distances: Sequence[int],
    bits: Mapping[str, int] | None,
) -> Plan:
    """Check the settings of `TextureExtractor` and fill in MaZda's defaults."""
    chosen = FAMILIES if families is None else tuple(families)
    if isinstance(families, str) or not chosen or set(chosen) - set(FAMILIES):
        raise ValueError(
            "The 'families' parameter must be None or a list of at least one of "
            f"{list(FAMILIES)}. Got {families!r} instead."
        )
    near = tuple(distances)
    if len(set(near)) != len(near) or not all(
        isinstance(d, Integral) and d >= 1 for d in near
    ):
        raise ValueError(
            "The 'distances' parameter must hold different integers from 1. "
            f"Got {shown(distances)} instead."
        )
    if "cooccurrence" in chosen and not near:
        raise ValueError(
            "The 'distances' parameter is empty: co-occurrence needs at least one."
        )
    given = dict(bits or {})
    for family, value in given.items():
        if family not in DEFAULT_BITS:
            raise ValueError(
                f"The 'bits' parameter maps a family of {list(DEFAULT_BITS)} to a "
                f"number of bits. Got {family!r} instead."
            )
        if not isinstance(value, Integral) or not 1 <= value <= 8:
            raise ValueError(
                f"The 'bits' of {family!r} must be an integer from 1 to 8. "
                f"Got {shown(value)} instead."
            )
    return Plan(chosen, tuple(int(d) for d in near), DEFAULT_BITS | given)
