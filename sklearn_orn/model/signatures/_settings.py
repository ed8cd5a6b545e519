"""Whether features were measured as those that a signature was made of."""

import warnings
from collections.abc import Sequence
from typing import Any

from sklearn_orn._feature_settings import (
    WINDOWED,
    FeatureSettings,
    bits_by_family,
    quantised_family,
)
from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import StudyWarning


def check_settings(
    features: Sequence[str],
    bits: Any,
    normalization: str | None,
    found: FeatureSettings,
) -> None:
    """Compare how a signature's features were measured with what it was made for.

    Parameters
    ----------
    features : sequence of str
        Of the signature. Those without a family that depends on a setting do not
        count for it.
    bits, normalization
        What the publication reports; None is not reported.
    found : FeatureSettings
        What is known of X.

    Raises
    ------
    ValueError
        If they differ; the message names both.

    Warns
    -----
    StudyWarning
        If the publication does not report a setting, or nothing is known of X.
    """
    reported = bits_by_family(bits)
    families = dict.fromkeys(f for f in map(quantised_family, features) if f)
    pairs: list[tuple[str, Any, Any]] = [
        (f"bits per pixel ({family})", reported.get(family), found.bits.get(family))
        for family in families
    ]
    if set(families) & set(WINDOWED):
        pairs.append(("normalization", normalization, found.normalization))
    differ = [
        f"{name}: signature {wanted}, X {known}"
        for name, wanted, known in pairs
        if wanted is not None and known is not None and wanted != known
    ]
    if differ:
        raise ValueError(
            "X was measured otherwise than the features that this signature was made "
            f"of. {'; '.join(differ)}. Its coefficients mean nothing there: measure X "
            "with the settings of the signature "
            "(sklearn_orn.deploy.measuring_steps makes the steps)."
        )
    _warn_unknown(pairs)


def _warn_unknown(pairs: list[tuple[str, Any, Any]]) -> None:
    unreported = [(name, known) for name, wanted, known in pairs if wanted is None]
    if unreported:
        measured = [
            f"{name} {known}" for name, known in unreported if known is not None
        ]
        warnings.warn(
            "The publication does not report how its features were measured: "
            f"{name_list(name for name, _ in unreported)}. "
            + (f"X was measured with {name_list(measured)}. " if measured else "")
            + "If that is not what the authors used, the coefficients belong to other "
            "features, and scores can be far off.",
            StudyWarning,
            stacklevel=5,
        )
    unknown = [
        f"{name} {wanted}"
        for name, wanted, known in pairs
        if wanted is not None and known is None
    ]
    if unknown:
        warnings.warn(
            "Nothing says how the features of X were measured; the signature is for "
            f"{name_list(unknown)}. Read the table by "
            "sklearn_orn.texture.read_features, or say it by "
            "sklearn_orn.texture.declare_settings.",
            StudyWarning,
            stacklevel=5,
        )
