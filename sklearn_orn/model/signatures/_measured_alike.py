"""Whether features were measured as those that a signature was made of."""

from collections.abc import Mapping, Sequence

from sklearn_orn._feature_settings import (
    WINDOWED,
    FeatureSettings,
    bits_by_family,
    quantised_family,
)
from sklearn_orn._study_warnings import warn
from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import CohortError

# Name of a setting, what the signature was made for, what X was measured with.
Pair = tuple[str, int | str | None, int | str | None]


def check_settings(
    features: Sequence[str],
    bits: int | Mapping[str, int] | None,
    normalization: str | None,
    measured: FeatureSettings,
) -> None:
    """Compare how a signature's features were measured with what it was made for.

    Families that depend on no setting do not count for it. A difference is an error
    that names both; what the publication does not report, or is not known of X, a
    `StudyWarning`.
    """
    reported = bits_by_family(bits)
    families = dict.fromkeys(f for f in map(quantised_family, features) if f)
    pairs: list[Pair] = [
        (f"bits per pixel ({family})", reported.get(family), measured.bits.get(family))
        for family in families
    ]
    if set(families) & set(WINDOWED):
        pairs.append(("normalization", normalization, measured.normalization))
    differ = [
        f"{name}: signature {wanted}, X {actual}"
        for name, wanted, actual in pairs
        if wanted is not None and actual is not None and wanted != actual
    ]
    if differ:
        raise CohortError(
            "X was measured otherwise than the features that this signature was made "
            f"of. {'; '.join(differ)}. Its coefficients mean nothing there: measure X "
            "with the settings of the signature "
            "(sklearn_orn.deploy.measuring_steps makes the steps)."
        )
    _warn_unknown(pairs)


def _warn_unknown(pairs: list[Pair]) -> None:
    unreported = [(name, actual) for name, wanted, actual in pairs if wanted is None]
    if unreported:
        measured = [
            f"{name} {actual}" for name, actual in unreported if actual is not None
        ]
        warn(
            "The publication does not report how its features were measured: "
            f"{name_list(name for name, _ in unreported)}. "
            + (f"X was measured with {name_list(measured)}. " if measured else "")
            + "If that is not what the authors used, the coefficients belong to other "
            "features, and scores can be far off.",
            "ORN006",
            stacklevel=5,
        )
    unknown = [
        f"{name} {wanted}"
        for name, wanted, actual in pairs
        if wanted is not None and actual is None
    ]
    if unknown:
        warn(
            "Nothing says how the features of X were measured; the signature is for "
            f"{name_list(unknown)}. Read the table by "
            "sklearn_orn.texture.read_features, or say it by "
            "sklearn_orn.texture.declare_settings.",
            "ORN007",
            stacklevel=5,
        )
