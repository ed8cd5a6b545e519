"""A published signature as a JSON file, and back."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from sklearn_orn._feature_settings import MAX_BITS, NORMALIZATIONS, QUANTISED
from sklearn_orn._io.json_fields import (
    Field,
    exact_keys,
    finite,
    integer,
    labels,
    mapping,
    optional,
    refuse,
    schema_of,
    sequence,
    text,
)
from sklearn_orn._io.strict_json import json_text, parse_strict_json, read_strict_json
from sklearn_orn._io.text_files import write_text
from sklearn_orn.exceptions import ModelFileError

FORMAT = "sklearn-orn-signature"
SCHEMA_VERSION = 1
WHAT, WRITER = "signature file", "PublishedSignature.to_json"


def _decode_bits(data: object, where: str) -> int | dict[str, int] | None:
    if isinstance(data, dict):
        return mapping(integer(1, MAX_BITS), QUANTISED).decode(data, where)
    return optional(integer(1, MAX_BITS)).decode(data, where)


def _encode_bits(value: int | Mapping[str, int] | None) -> int | dict[str, int] | None:
    if value is None:
        return None
    if isinstance(value, Mapping):
        return {family: int(bits) for family, bits in value.items()}
    return int(value)


def _decode_coefficients(data: object, where: str) -> dict[str, float]:
    coefficients: dict[str, float] = mapping(finite()).decode(data, where)
    if not coefficients:
        raise refuse(where, data, "at least one feature and its coefficient")
    return coefficients


FIELDS: dict[str, Field] = {
    "title": text(),
    "source": text(),
    "notes": text(),
    "units": text(),
    "intercept": finite(),
    "coefficients": Field(mapping(finite()).encode, _decode_coefficients),
    "classes": Field(
        lambda value: labels.encode(np.asarray(value)),
        lambda data, where: tuple(labels.decode(data, where).tolist()),
    ),
    "class_names": optional(sequence(text(), tuple)),
    "threshold": finite(0, 1),
    "bits": Field(_encode_bits, _decode_bits),
    "normalization": optional(text(*NORMALIZATIONS)),
}


def write_signature(path: str | os.PathLike[str], params: Mapping[str, object]) -> None:
    """Write the settings of a signature; what cannot be read is not written."""
    content: dict[str, object] = {"format": FORMAT, "schema_version": SCHEMA_VERSION}
    content |= {name: field.encode(params[name]) for name, field in FIELDS.items()}
    written = json_text(content) + "\n"
    decode_signature(parse_strict_json(written.encode("utf-8")))
    write_text(path, written)


def read_signature(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the settings that a file holds."""
    data = read_strict_json(path, WHAT, WRITER)
    try:
        return decode_signature(data)
    except ModelFileError as error:
        raise ModelFileError(f"{WHAT} '{path}': {error}") from None


def decode_signature(data: dict[str, object]) -> dict[str, Any]:
    """Return the settings that JSON data hold."""
    if data.get("format") != FORMAT:
        raise ModelFileError(
            f"it says nothing of the format {FORMAT!r}. Give a file that {WRITER} "
            "wrote; a table of coefficients is read by read_coefficients."
        )
    schema_of(data, SCHEMA_VERSION)
    exact_keys(data, {"format", "schema_version", *FIELDS}, "the file")
    return {name: field.decode(data[name], name) for name, field in FIELDS.items()}
