"""Names, families and order of MaZda's 279 features."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "DEFAULT_BITS",
    "DISTANCES",
    "FAMILIES",
    "family_names",
    "family_of",
    "feature_names",
]

FAMILIES = (
    "histogram",
    "cooccurrence",
    "run_length",
    "gradient",
    "autoregressive",
    "wavelet",
)

# MaZda's own settings; autoregressive and histogram features use the raw pixels.
DEFAULT_BITS = {"cooccurrence": 6, "run_length": 6, "gradient": 4, "wavelet": 8}

DISTANCES = (1, 2, 3, 4, 5)

HISTOGRAM = (
    "Mean",
    "Variance",
    "Skewness",
    "Kurtosis",
    "Perc.01%",
    "Perc.10%",
    "Perc.50%",
    "Perc.90%",
    "Perc.99%",
)
COOCCURRENCE = (
    "AngScMom",
    "Contrast",
    "Correlat",
    "SumOfSqs",
    "InvDfMom",
    "SumAverg",
    "SumVarnc",
    "SumEntrp",
    "Entropy",
    "DifVarnc",
    "DifEntrp",
)
RUN_DIRECTIONS = ("Horzl", "Vertl", "45dgr", "135dr")
RUN_LENGTH = ("RLNonUni", "GLevNonU", "LngREmph", "ShrtREmp", "Fraction")
GRADIENT = ("GrMean", "GrVariance", "GrSkewness", "GrKurtosis", "GrNonZeros")
AUTOREGRESSIVE = ("Teta1", "Teta2", "Teta3", "Teta4", "Sigma")
WAVELET_BANDS = ("LL", "LH", "HL", "HH")
N_SCALES = 5

# Part of the cache's key: raise it when a change alters a feature's value.
# 2: rows and columns of NIfTI and NRRD are DICOM's, fractions have windows of their own
FEATURE_VERSION = 2


def cooccurrence_offsets(distances: Iterable[int]) -> list[tuple[int, int]]:
    """Return the displacements (right, up) in MaZda's order, four per distance."""
    return [offset for d in distances for offset in ((d, 0), (0, d), (d, d), (d, -d))]


def family_names(family: str, distances: Iterable[int] = DISTANCES) -> list[str]:
    """Return the feature names of one family in MaZda's order."""
    if family == "cooccurrence":
        return [
            f"S({a},{b}){name}"
            for a, b in cooccurrence_offsets(distances)
            for name in COOCCURRENCE
        ]
    if family == "run_length":
        return [f"{way}_{name}" for way in RUN_DIRECTIONS for name in RUN_LENGTH]
    if family == "wavelet":
        return [
            f"WavEn{band}_s-{scale}"
            for scale in range(1, N_SCALES + 1)
            for band in WAVELET_BANDS
        ]
    plain = {
        "histogram": HISTOGRAM,
        "gradient": GRADIENT,
        "autoregressive": AUTOREGRESSIVE,
    }
    return list(plain[family])


def family_of(feature: str) -> tuple[str, tuple[int, ...]]:
    """Family of a feature, and the pixel distances it needs.

    Parameters
    ----------
    feature : str
        Name of a feature, of any distance.

    Returns
    -------
    family : str
        One of `FAMILIES`.
    distances : tuple of int
        The distance of a co-occurrence feature; empty for the others.

    Raises
    ------
    ValueError
        If there is no such feature; the message names similar ones.

    Examples
    --------
    >>> from sklearn_orn.texture import family_of
    >>> family_of("S(0,3)Entropy")
    ('cooccurrence', (3,))
    """
    for family in FAMILIES:
        if family != "cooccurrence" and feature in family_names(family):
            return family, ()
    match = re.fullmatch(r"S\((\d+),(-?\d+)\)(\w+)", feature)
    if match:
        distances = (max(int(match[1]), int(match[2])),)
        if distances[0] and feature in family_names("cooccurrence", distances):
            return "cooccurrence", distances
    near = get_close_matches(feature, feature_names(), n=3)
    raise ValueError(
        f"There is no feature {feature!r}."
        + (f" Did you mean {' or '.join(map(repr, near))}?" if near else "")
    )


def feature_names(
    families: Iterable[str] | None = None, distances: Iterable[int] = DISTANCES
) -> list[str]:
    """Names of the features, in the order of MaZda's report.

    Parameters
    ----------
    families : iterable of str, default=None
        Any of ``"histogram", "cooccurrence", "run_length", "gradient",
        "autoregressive", "wavelet"``; None takes all six.
    distances : iterable of int, default=(1, 2, 3, 4, 5)
        Pixel distances of the co-occurrence matrices.

    Returns
    -------
    list of str
        279 names by default.

    Examples
    --------
    >>> from sklearn_orn.texture import feature_names
    >>> names = feature_names()
    >>> len(names), names[0], names[9], names[-1]
    (279, 'Mean', 'S(1,0)AngScMom', 'WavEnHH_s-5')
    >>> feature_names(["gradient"])
    ['GrMean', 'GrVariance', 'GrSkewness', 'GrKurtosis', 'GrNonZeros']
    """
    wanted = set(FAMILIES if families is None else families)
    unknown = wanted - set(FAMILIES)
    if unknown:
        raise ValueError(
            f"Unknown texture families {sorted(unknown)}: choose from {list(FAMILIES)}."
        )
    distances = tuple(distances)
    return [
        name
        for family in FAMILIES
        if family in wanted
        for name in family_names(family, distances)
    ]
