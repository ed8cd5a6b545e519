"""What the user chose, and what is asked where nothing was chosen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sklearn_orn.collect._protocol_words import asked_traits
from sklearn_orn.exceptions import CohortError

Pattern = re.Pattern[str]


@dataclass(frozen=True)
class Choices:
    """The answers to the questions that a folder leaves open."""

    series: Pattern | None = None
    protocol: frozenset[str] | None = None
    readers: Mapping[str, Pattern] = field(default_factory=dict)
    sequences: Mapping[str, Pattern] = field(default_factory=dict)
    roi: Pattern | None = None
    leave_out: Pattern | None = None
    patient: Pattern | None = None
    outlines: Pattern | None = None

    @classmethod
    def of(
        cls,
        *,
        series: str | None,
        protocol: str | None,
        readers: Mapping[str, str] | None,
        sequences: Mapping[str, str] | None,
        roi: str | None,
        leave_out: str | None,
        patient: str | None,
        outlines: str | None,
    ) -> Choices:
        """Check and compile what was given."""
        return cls(
            series=_compiled(series, "series"),
            protocol=None if protocol is None else asked_traits(protocol),
            readers=_compiled_each(readers, "reader"),
            sequences=_compiled_each(sequences, "sequence"),
            roi=_compiled(roi, "roi"),
            leave_out=_compiled(leave_out, "leave_out"),
            patient=_compiled(patient, "patient"),
            outlines=_compiled(outlines, "outlines"),
        )


def _compiled(text: str | None, name: str) -> Pattern | None:
    if text is None:
        return None
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise CohortError(
            f"{name}: {text!r} is no regular expression: {error}."
        ) from None


def _compiled_each(texts: Mapping[str, str] | None, what: str) -> dict[str, Pattern]:
    found = {n: _compiled(text, f"{what} {n}") for n, text in (texts or {}).items()}
    return {name: pattern for name, pattern in found.items() if pattern is not None}


@dataclass
class Question:
    """What the folder leaves open, and the flag that answers it."""

    text: str
    flag: str
    files: list[Path] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.text} {self.flag}"


def listed(texts: Sequence[str], limit: int = 8) -> str:
    """List some texts."""
    more = f" and {len(texts) - limit} more" if len(texts) > limit else ""
    return ", ".join(texts[:limit]) + more
