"""How texture features were measured, as a table of them carries it along.

A DataFrame of features has the settings in its ``attrs``, as plain data that pandas
copies with the table. Those who measure write them there; those who apply published
coefficients look them up. Neither room knows the other.
"""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias, get_args

from sklearn_orn._messages import shown

PROVENANCE = "provenance"
Normalization: TypeAlias = Literal["3sigma", "1-99", "1-99-below", "none"]
NORMALIZATIONS: tuple[Normalization, ...] = get_args(Normalization)
MAX_BITS = 8

# In which order slices of NIfTI and NRRD were taken: in the rows and columns of DICOM,
# or as they are stored, which was so up to version 1 of the features.
ORIENTATIONS = ("dicom", "stored")
ORIENTATION = "dicom"

# The families that depend on the bits per pixel, and how MaZda names their features.
_NAMES = {
    "cooccurrence": r"S\(\d+,-?\d+\)[A-Z]\w+",
    "run_length": r"(Horzl|Vertl|45dgr|135dr)_\w+",
    "gradient": r"Gr(Mean|Variance|Skewness|Kurtosis|NonZeros)",
    "wavelet": r"WavEn(LL|LH|HL|HH)_s-\d",
}
QUANTISED = tuple(_NAMES)

# Wavelets are quantised over the full range of the image, whatever the window.
WINDOWED = ("cooccurrence", "run_length", "gradient")


class FeatureSettings(NamedTuple):
    """What is known of how a table of features was measured: absent is unknown."""

    bits: Mapping[str, int]
    normalization: Normalization | None


def quantised_family(feature: str) -> str | None:
    """Return the family of a feature that depends on the bits, or None."""
    families = (f for f, pattern in _NAMES.items() if re.fullmatch(pattern, feature))
    return next(families, None)


def bits_by_family(bits: object, name: str = "bits") -> dict[str, int]:
    """Check bits per pixel, and return them for each family that they are known of."""
    if bits is None:
        return {}
    given = bits if isinstance(bits, Mapping) else dict.fromkeys(QUANTISED, bits)
    known = {}
    for family, value in given.items():
        if family not in QUANTISED:
            raise ValueError(
                f"{name} holds {family!r}; expected families of {list(QUANTISED)}: the "
                "others are of raw pixels."
            )
        number = next((n for n in range(1, MAX_BITS + 1) if value == n), None)
        if number is None or isinstance(value, bool):
            raise ValueError(
                f"{name} is {shown(bits)}; expected an integer from 1 to {MAX_BITS}, "
                f"or one for each family of {list(QUANTISED)}."
            )
        known[family] = number
    return known


def check_normalization(
    normalization: object, name: str = "normalization"
) -> Normalization | None:
    """Return a normalisation that is known, or None."""
    for method in (*NORMALIZATIONS, None):
        if normalization == method:
            return method
    raise ValueError(
        f"{name} is {normalization!r}; expected one of {list(NORMALIZATIONS)}, or "
        "None where it is not known."
    )


def settings_of(X: object) -> FeatureSettings:
    """Return what a table says of how its features were measured; of others nothing."""
    settings = getattr(X, "attrs", {}).get(PROVENANCE)
    if settings is None:
        return FeatureSettings({}, None)
    where = f"X.attrs[{PROVENANCE!r}]"
    if not isinstance(settings, Mapping):
        raise ValueError(
            f"{where} is {settings!r}; expected a mapping, as "
            "sklearn_orn.texture.declare_settings writes it."
        )
    bits, method = settings.get("bits"), settings.get("normalization")
    return FeatureSettings(
        bits_by_family(bits, f"{where}['bits']"),
        check_normalization(method, f"{where}['normalization']"),
    )
