"""Checks of single settings; each message names the setting that is wrong."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import TypeGuard

import numpy as np

from sklearn_orn._block_names import region_slug
from sklearn_orn._messages import shown
from sklearn_orn._warning_codes import CODES
from sklearn_orn._workers import MOST_WORKERS

# NumPy takes no larger seed; of the others a larger number is a slip of the key.
HIGHEST = {
    "random_state": 2**32 - 1,
    "n_resamples": 10**6,
    "n_permutations": 10**6,
    "perturbed_outlines": 1000,
}


def check_name(field: str, value: object, *, optional: bool) -> None:
    if value is None and optional:
        return
    if not isinstance(value, str):
        raise TypeError(
            f"{field} is {shown(value)}: expected the name of a column, a str"
            f"{' or None' if optional else ''}."
        )
    if not value.strip():
        raise ValueError(f"{field} is empty: expected the name of a column.")


def checked_integer(field: str, value: object, *, low: int) -> int:
    """Return an integer, checked; one of NumPy's is one of Python's then."""
    high = HIGHEST.get(field)
    expected = f", {low} or more" if high is None else f" from {low} to {high}"
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{field} is {shown(value)}: expected an integer{expected}.")
    if value < low or (high is not None and int(value) > high):
        raise ValueError(f"{field} is {value}: expected an integer{expected}.")
    return int(value)


def check_centre(
    centre: str | None, harmonise: str, nomogram: str, fields: Mapping[str, str]
) -> None:
    """Refuse an unknown field of headers, and harmonising where it cannot be."""
    if nomogram == "combined" and harmonise != "none":
        raise ValueError(
            f"nomogram is 'combined' and harmonise {harmonise!r}: a model file holds "
            "the one or the other. Take nomogram: radiomics; the report compares with "
            "the clinical columns all the same."
        )
    if centre is None:
        if harmonise != "none":
            raise ValueError(
                f"harmonise is {harmonise!r}, but no centre is named: name the column "
                "or the field of the headers (centre)."
            )
    elif centre.lower().startswith("header ") and centre not in fields:
        raise ValueError(
            f"centre is {centre!r}: of the headers it can be "
            f"{', '.join(map(repr, fields))}."
        )


def checked_positive(value: object) -> str | int | float | None:
    """Return the label of the positive class; that of a column of flags as text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool):
        return str(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    raise TypeError(
        f"positive is {shown(value)}: expected the label of the positive class as "
        "it stands in the outcome column, a str or a number, or None for 0/1."
    )


def check_path(field: str, value: object) -> None:
    """Refuse what is no path."""
    if value is not None and not isinstance(value, str | os.PathLike):
        raise TypeError(f"{field} is {shown(value)}: expected the path of a file.")


def check_n_jobs(value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"n_jobs is {shown(value)}: expected an integer or None.")
    if value == 0:
        raise ValueError(
            "n_jobs is 0: expected 1 or more workers, -1 for all cores, or None for 1."
        )
    if int(value) > MOST_WORKERS:
        raise ValueError(
            f"n_jobs is {value}: expected {MOST_WORKERS} or less; -1 takes all cores."
        )


def checked_icc_threshold(value: object) -> float:
    """Return the threshold of the ICC, checked."""
    expected = "a number from 0 to 1"
    if not _is_number(value):
        raise TypeError(f"icc_threshold is {shown(value)}: expected {expected}.")
    if not 0 <= float(value) <= 1:  # NaN is not
        raise ValueError(f"icc_threshold is {value}: expected {expected}.")
    return float(value)


def checked_names(name: str, value: object) -> tuple[str, ...]:
    """Return a list of names as a tuple, checked."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"{name} is {shown(value)}: expected a list of names.")
    for item in value:
        if not isinstance(item, str) or not item.strip():
            raise TypeError(f"{name} holds {shown(item)}: expected names, each a str.")
    for item, count in Counter(value).items():
        if count > 1:
            raise ValueError(f"{name} names {shown(item)} twice.")
    return tuple(value)


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    if value not in choices:
        raise ValueError(
            f"{name} is {shown(value)}: expected one of "
            f"{', '.join(map(repr, choices))}."
        )


def check_mapping(name: str, value: object) -> None:
    if not isinstance(value, Mapping) or not all(isinstance(k, str) for k in value):
        raise TypeError(f"{name} is {shown(value)}: expected a mapping with text keys.")


def check_flag(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{name} is {shown(value)}: expected true or false.")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, Real) and not isinstance(value, bool)


def checked_range(name: str, value: object) -> tuple[float, float]:
    """Return two probabilities, checked."""
    expected = "two threshold probabilities, the lower one first, such as [0.1, 0.4]"
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"{name} is {shown(value)}: expected {expected}.")
    if len(value) != 2 or not all(map(_is_number, value)):
        raise TypeError(f"{name} is {shown(value)}: expected {expected}.")
    low, high = map(float, value)
    if not 0 <= low < high < 1:  # NaN is not
        raise ValueError(
            f"{name} is {shown(list(value))}: expected {expected}, from 0 to below 1."
        )
    return low, high


def checked_share(name: str, value: object) -> float | None:
    """Return a share between 0 and 1, checked."""
    if value is None:
        return None
    expected = "a share of the positives between 0 and 1, such as 0.05, or None"
    if not _is_number(value):
        raise TypeError(f"{name} is {shown(value)}: expected {expected}.")
    if not 0 < value < 1:
        raise ValueError(f"{name} is {shown(value)}: expected {expected}.")
    return float(value)


def checked_patterns(value: Mapping[str, object]) -> dict[str, list[str]]:
    """Return the patterns of columns, checked."""
    check_mapping("features", value)
    unknown = sorted(set(value) - {"include", "exclude"})
    if unknown:
        raise ValueError(
            f"features holds {shown(unknown[0])}: expected include, exclude or both."
        )
    return {key: list(checked_names(f"features, {key}", value[key])) for key in value}


def checked_codes(value: object) -> tuple[str, ...]:
    """Return codes of warnings, checked."""
    codes = checked_names("ignore", value)
    for code in codes:
        if code not in CODES:
            raise ValueError(
                f"ignore names {code!r}: expected codes of warnings, {min(CODES)} to "
                f"{max(CODES)}, as the report and docs/warnings.md have them."
            )
    return codes


def check_perturbed(n: int) -> None:
    """Refuse a single perturbed outline, which agrees with nothing."""
    if n == 1:
        raise ValueError(
            "perturbed_outlines is 1: an ICC compares two or more; 0 makes none."
        )


def checked_regions(value: object) -> tuple[str, ...]:
    """Return texts of regions, checked."""
    regions = checked_names("regions", value)
    if not regions:
        raise ValueError("regions is empty: expected one at least, such as lesion.")
    slugs: dict[str, str] = {}
    for text in regions:
        try:
            slug = region_slug(text)
        except ValueError as error:
            raise ValueError(f"regions: {error}") from None
        if slug in slugs:
            raise ValueError(f"regions: {slugs[slug]!r} and {text!r} are the same.")
        slugs[slug] = text
    return regions
