"""What the JSON file of a published signature holds."""

from typing import Annotated

from sklearn_orn._feature_settings import MAX_BITS, NORMALIZATIONS, QUANTISED
from sklearn_orn._io.codec import Rule
from sklearn_orn._io.json_file import JsonFormat
from sklearn_orn._io.kinds import LABELS, Text, dict_of, number, one_of, tuple_of, whole

WRITER = "PublishedSignature.to_json"
BITS = whole(1, MAX_BITS)

SIGNATURE_FILE = JsonFormat(
    "sklearn-orn-signature",
    1,
    {
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
        "bits": BITS | dict_of(BITS, *QUANTISED) | None,
        "normalization": one_of(*NORMALIZATIONS) | None,
    },
    "signature file",
    WRITER,
    f"Give a file that {WRITER} wrote; a table of coefficients is read by "
    "read_coefficients.",
)
