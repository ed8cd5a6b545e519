"""The protocol of the images in words."""

from typing import NamedTuple

from sklearn_orn.study.methods._facts import Facts, count, join_words

NAMES = {
    "modality": ("modality", ""),
    "vendor": ("vendor", ""),
    "model": ("scanner", ""),
    "field_strength_T": ("field strength", "T"),
    "sequence": ("sequence", ""),
    "TR_ms": ("repetition time", "ms"),
    "TE_ms": ("echo time", "ms"),
    "slice_thickness_mm": ("slice thickness", "mm"),
    "spacing_rows_mm": ("pixel spacing between rows", "mm"),
    "spacing_columns_mm": ("pixel spacing between columns", "mm"),
    "matrix": ("matrix", ""),
    "bits_stored": ("bits stored", ""),
    "contrast_agent": ("contrast agent", ""),
}
MISSING = "missing"
MOST_NAMED = 3


class Value(NamedTuple):
    """A value of an item of the protocol, and how many lesions have it."""

    text: str
    lesions: int | None


def protocol_values(facts: Facts) -> dict[str, list[Value]]:
    """Return the values of each item of the protocol, the missing ones last."""
    found: dict[str, list[Value]] = {}
    for row in facts.rows("images", "protocol"):
        value = Value(str(row.get("value")), row.get("n_lesions"))
        found.setdefault(str(row.get("item")), []).append(value)
    return {
        item: sorted(values, key=lambda value: value.text == MISSING)
        for item, values in found.items()
        if any(value.text != MISSING for value in values)
    }


def _numbers(values: list[Value]) -> list[float]:
    try:
        return [float(value.text) for value in values]
    except ValueError:
        return []


def _item_text(item: str, values: list[Value]) -> str:
    name, unit = NAMES.get(item, (item, ""))
    known = [value for value in values if value.text != MISSING]
    unit = f" {unit}" if unit else ""
    numbers = _numbers(known)
    if len(known) == 1:
        text = f"{known[0].text}{unit}"
    elif len(known) > MOST_NAMED and numbers:
        text = f"{min(numbers):g} to {max(numbers):g}{unit}"
    elif len(known) > MOST_NAMED:
        text = f"{len(known)} different ones"
    else:
        words = [f"{value.text}{unit} (n = {value.lesions})" for value in known]
        text = join_words(words, "or")
    unknown = sum(value.lesions or 0 for value in values if value.text == MISSING)
    return f"{name} {text}" + (
        f", unknown for {count(unknown, 'lesion')}" if unknown else ""
    )


def protocol_text(facts: Facts) -> str:
    """Return the protocol as one line; empty where none is known.

    Parameters
    ----------
    facts : Facts
        Of the results.

    Returns
    -------
    str
        Items parted by semicolons; up to three values with their lesions, more
        numbers as their range.

    Examples
    --------
    >>> from sklearn_orn.study.methods._facts import Facts
    >>> rows = [
    ...     {"item": "field_strength_T", "value": "1.5", "n_lesions": 7},
    ...     {"item": "field_strength_T", "value": "3", "n_lesions": 2},
    ... ]
    >>> protocol_text(Facts({"images": {"protocol": rows}}))
    'field strength 1.5 T (n = 7) or 3 T (n = 2)'
    """
    items = protocol_values(facts)
    return "; ".join(_item_text(item, values) for item, values in items.items())
