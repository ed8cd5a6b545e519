"""How the training lesions were acquired, and where a new one was otherwise."""

from collections.abc import Mapping
from typing import Annotated

import numpy as np
import pandas as pd

from sklearn_orn._io.codec import Kind, Rule
from sklearn_orn._io.kinds import Text, dict_of, number, tuple_of

Protocol = Mapping[str, str | float | None]
Trained = dict[str, tuple[str | float, ...]]  # each value; of times the ends
_NAMES = {
    "field_strength_T": ("field strength", " T"),
    "sequence": ("sequence", ""),
    "TR_ms": ("TR", " ms"),
    "TE_ms": ("TE", " ms"),
}
_TIMES = ("TR_ms", "TE_ms")
_SAME = 0.05  # relative: scanners write 1.494 and 1.5 T, and round their times
PROTOCOL: Kind = dict_of(
    Annotated[
        tuple_of(number() | Text),
        Rule("one value at least", lambda values: len(values) > 0),
    ],
    *_NAMES,
)


def record_protocol(table: pd.DataFrame) -> Trained:
    """Return what a table of `protocol_table` holds, without saying of which lesion."""
    found: Trained = {}
    for name in _NAMES:
        values = sorted(table[name].dropna().unique().tolist())
        if values:
            found[name] = (values[0], values[-1]) if name in _TIMES else tuple(values)
    return found


def protocol_flags(protocol: Protocol, trained: Trained) -> list[str]:
    """Say where an acquisition is unlike those of training.

    What no lesion of training tells is not looked at.
    """
    flags = []
    for field, (name, unit) in _NAMES.items():
        known, value = trained.get(field, ()), protocol.get(field)
        if not known:
            continue
        if value is None or value != value:
            flags.append(f"{name} unknown")
        elif not _is_known(field, value, known):
            joined = (" to " if field in _TIMES else ", ").join(
                dict.fromkeys(map(_shown, known))
            )
            flags.append(f"{name} {_shown(value)}{unit}, in training {joined}")
    return flags


def _is_known(field: str, value: str | float, known: tuple[str | float, ...]) -> bool:
    if isinstance(value, str):
        return value in known
    numbers = np.array([x for x in known if not isinstance(x, str)], dtype=float)
    slack = _SAME * np.abs(numbers)
    if field in _TIMES:
        return bool(numbers[0] - slack[0] <= value <= numbers[-1] + slack[-1])
    return bool((np.abs(value - numbers) <= slack).any())


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"
