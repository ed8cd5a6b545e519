"""What the page that measures saves: numbers, outlines, and of which model they are."""

from dataclasses import dataclass

import numpy as np

from sklearn_orn._io.codec import JsonObject, Kind, refuse
from sklearn_orn._io.json_file import JsonFormat
from sklearn_orn._io.kinds import (
    Text,
    dict_of,
    list_of,
    maybe_number,
    number,
    pair_of,
    tuple_of,
    whole,
)
from sklearn_orn.deploy._specs import SPACING

MOST = 1 << 15  # pixels along a side


@dataclass(frozen=True)
class Moved:
    """Probabilities where the outline was moved: their ends, and all of them."""

    low: float
    high: float
    draws: list[float]


_IMAGE: dict[str, Kind] = {
    "kind": Text,
    "rows": whole(1, MOST),
    "columns": whole(1, MOST),
    "section": whole(),
    "n_sections": whole(1),
    "spacing": pair_of(SPACING) | None,
    "protocol": dict_of(Text | float | None),
}
_READER: dict[str, Kind] = {
    "name": Text,
    # places (x, y) in pixels; none where a mask was dropped in
    "polygons": list_of(list_of(pair_of(number()))),
    # lengths of runs outside and inside, row after row, outside first
    "runs": list_of(whole()),
    "features": dict_of(maybe_number()),
}
_RESULT: dict[str, Kind] = {
    "score": number(),
    "probability": number(0, 1),
    "predicted": Text,
    "total_points": number(),
    "points": dict_of(number()),
    "flags": list_of(Text),
    "moved": Moved | None,
}
MEASURED_FILE = JsonFormat(
    "sklearn-orn-measured",
    1,
    {
        "made_with": Text,
        "research_use_only": bool,
        "model": dict_of(Text, "title", "sha256", "positive", "negative"),
        "image": _IMAGE,
        "readers": tuple_of(_READER),
        "clinical": dict_of(number() | Text),
        "result": _RESULT,
    },
    "measured file",
    "the page that measures",
    "Give the file that its button 'Save as JSON' saved.",
)


def mask_of(reader: JsonObject, shape: tuple[int, int], at: str) -> np.ndarray:
    """Return the pixels inside the outline of a reader of the file."""
    runs = reader["runs"]
    n_pixels = shape[0] * shape[1]
    if sum(runs) != n_pixels:
        raise refuse(f"the sum of {at}.runs", sum(runs), f"{n_pixels} pixels")
    inside = np.arange(len(runs)) % 2 == 1
    return np.repeat(inside, runs).reshape(shape)
