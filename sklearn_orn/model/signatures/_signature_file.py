"""A published signature as a JSON file, and back."""

import os
from collections.abc import Mapping
from typing import Annotated, Any

from sklearn_orn._feature_settings import MAX_BITS, NORMALIZATIONS, QUANTISED
from sklearn_orn._io.codec import Kind, Rule, decode, encode
from sklearn_orn._io.json_head import body_of, head
from sklearn_orn._io.kinds import (
    LABELS,
    Text,
    dict_of,
    number,
    one_of,
    tuple_of,
    whole,
)
from sklearn_orn._io.strict_json import (
    json_text,
    named_file,
    parse_strict_json,
    read_strict_json,
)
from sklearn_orn._io.text_files import write_text

FORMAT = "sklearn-orn-signature"
SCHEMA_VERSION = 1
WHAT, WRITER = "signature file", "PublishedSignature.to_json"

FIELDS: dict[str, Kind] = {
    "title": Text,
    "source": Text,
    "notes": Text,
    "units": Text,
    "intercept": number(),
    "coefficients": Annotated[
        dict_of(number()), Rule("at least one feature and its coefficient", bool)
    ],
    "classes": Annotated[LABELS, Rule(make=lambda labels: tuple(labels.tolist()))],
    "class_names": tuple_of(Text) | None,
    "threshold": number(0, 1),
    "bits": whole(1, MAX_BITS) | dict_of(whole(1, MAX_BITS), *QUANTISED) | None,
    "normalization": one_of(*NORMALIZATIONS) | None,
}


def write_signature(path: str | os.PathLike[str], params: Mapping[str, object]) -> None:
    """Write the settings of a signature; what cannot be read is not written."""
    content = head(FORMAT, SCHEMA_VERSION) | encode(FIELDS, params)
    written = json_text(content) + "\n"
    decode_signature(parse_strict_json(written.encode("utf-8")))
    write_text(path, written)


def read_signature(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the settings that a file holds."""
    data = read_strict_json(path, WHAT, WRITER)
    with named_file(WHAT, path):
        return decode_signature(data)


def decode_signature(data: dict[str, object]) -> dict[str, Any]:
    """Return the settings that JSON data hold."""
    advice = (
        f"Give a file that {WRITER} wrote; a table of coefficients is read by "
        "read_coefficients."
    )
    body, _ = body_of(data, FORMAT, SCHEMA_VERSION, advice)
    settings: dict[str, Any] = decode(FIELDS, body)
    return settings
