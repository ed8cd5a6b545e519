"""A number as a paper prints it: what it may have been before it was rounded."""

import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Annotated, TypeAlias

from sklearn_orn._io.codec import Rule

NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,15})?")
P_VALUE = re.compile(r"[<>]? ?(?:[01]?\.\d{1,15}|[01])")
MOST = 1_000_000  # patients of a sample: tests of more would take too long
SLACK = 1e-9  # a half that floating point has moved


@dataclass(frozen=True)
class Printed:
    """A printed number, such as ``"0.725"`` or ``"<0.001"``.

    Examples
    --------
    >>> Printed("0.725").low, Printed("0.725").high
    (0.7245, 0.7255)
    >>> Printed("24.4").holds(24.0)
    False
    >>> Printed("0.147").cut_from(21 / 142), Printed("0.147").holds(21 / 142)
    (True, False)
    """

    text: str

    @property
    def _parts(self) -> tuple[str, Decimal, Decimal]:
        """The sign before it, the number, and the unit of its last digit."""
        number = Decimal(self.text.lstrip("<> "))
        unit = Decimal(1).scaleb(int(number.as_tuple().exponent))
        return self.text[0] if self.text[0] in "<>" else "", number, unit

    @property
    def value(self) -> float:
        """The number itself."""
        return float(self._parts[1])

    @property
    def low(self) -> float:
        """The lowest number that is rounded to it."""
        sign, number, unit = self._parts
        return -float("inf") if sign == "<" else float(number - (not sign) * unit / 2)

    @property
    def high(self) -> float:
        """The highest number that is rounded to it."""
        sign, number, unit = self._parts
        return float("inf") if sign == ">" else float(number + (not sign) * unit / 2)

    def holds(self, low: float, high: float | None = None) -> bool:
        """Say whether a number, or one of an interval, may have been printed so."""
        high = low if high is None else high
        return low <= self.high + SLACK and high >= self.low - SLACK

    def cut_from(self, value: float) -> bool:
        """Say whether cutting digits off, in place of rounding, explains it."""
        sign, number, unit = self._parts
        exact = Decimal(repr(float(value)))
        return not sign and exact.quantize(unit, rounding=ROUND_DOWN) == number


def _text(pattern: re.Pattern[str], expected: str) -> Rule:
    return Rule(expected, pattern.fullmatch, Printed, lambda value: value.text)


if TYPE_CHECKING:  # what a field holds, in place of what the file does
    NumberText: TypeAlias = Printed
    PText: TypeAlias = Printed
else:
    NumberText = Annotated[
        str, _text(NUMBER, "a number as printed, in quotes, such as '0.720'")
    ]
    PText = Annotated[
        str, _text(P_VALUE, "a p value as printed, in quotes: '0.720' or '<0.001'")
    ]
