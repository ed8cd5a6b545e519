"""A printed score of texture: whether it is plausible at the bits per pixel."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from sklearn_orn._feature_settings import MAX_BITS
from sklearn_orn._io.codec import Rule
from sklearn_orn._io.kinds import Text, whole
from sklearn_orn.audit._judged import Claim, Judged, Verdict
from sklearn_orn.audit._printed import NumberText

BITS = range(4, MAX_BITS + 1)  # that programs offer
SATURATED = 5.0  # as for PublishedSignature: probabilities of nearly 0 or 1
WINDOW = 6  # standard deviations that the grey levels cover
# Of the variance of grey levels, where neighbours are not negatively correlated:
# variance of one, of the sum of two, of their difference without its sign.
OF_VARIANCE = {"SumOfSqs": (1, 1), "SumVarnc": (2, 4), "DifVarnc": (0, 2)}

Bits = Annotated[int, *whole(1, MAX_BITS).__metadata__]
Range = Annotated[
    tuple[float, float],
    Rule("the lowest and the highest value", lambda pair: pair[0] <= pair[1]),
]


@dataclass(frozen=True)
class Score(Claim):
    """A score of features within 3 sigma, and the bits per pixel if reported.

    `ranges` has the values of the features that follow from no number of grey levels.
    """

    check: Literal["score"]
    where: Text
    intercept: NumberText
    coefficients: dict[str, NumberText]
    ranges: dict[str, Range]
    normalization: Literal["3sigma"]
    bits: Bits | None

    def judged(self) -> Judged:
        """Compute between which limits the score lies."""
        printed = "bits not reported" if self.bits is None else f"{self.bits} bits"
        depths: Iterable[int] = BITS if self.bits is None else [self.bits]
        values = {bits: self._values(bits) for bits in depths}
        unknown = self.coefficients.keys() - values[max(values)].keys()
        if unknown:
            why = f"Between which values does {min(unknown)} lie? Add its range."
            return self.with_verdict("not judged", printed, why=why)
        limits = {bits: self._limits(x) for bits, x in values.items()}
        beyond = [
            bits
            for bits, (low, high) in limits.items()
            if high < -SATURATED or low > SATURATED
        ]
        within = [
            bits
            for bits, (low, high) in limits.items()
            if low > -SATURATED and high < SATURATED
        ]
        verdict: Verdict = "doubtful" if beyond else "agrees"
        why = ""
        if beyond:
            why = f"At {_words(beyond)} bits every risk is nearly 0 or 1."
            if self.bits is None:
                why += f" The bits must be reported; plausible: {_words(within)}."
        return self.with_verdict(
            verdict,
            printed,
            "; ".join(f"{b} bits {x:.1f} to {y:.1f}" for b, (x, y) in limits.items()),
            why=why,
        )

    def _values(self, bits: int) -> dict[str, Range]:
        """Return between which values the features lie, of those that are known."""
        variance = (2**bits / WINDOW) ** 2
        found: dict[str, Range] = {}
        for feature in self.coefficients:
            of_pairs = re.fullmatch(r"S\(\d+,-?\d+\)(\w+)", feature)
            if feature in self.ranges:
                found[feature] = self.ranges[feature]
            elif of_pairs and of_pairs[1] in OF_VARIANCE:
                low, high = OF_VARIANCE[of_pairs[1]]
                found[feature] = low * variance, high * variance
        return found

    def _limits(self, values: dict[str, Range]) -> tuple[float, float]:
        low = high = self.intercept.value
        for feature, printed in self.coefficients.items():
            ends = sorted(printed.value * value for value in values[feature])
            low, high = low + ends[0], high + ends[1]
        return low, high


def _words(bits: list[int]) -> str:
    return ", ".join(map(str, bits)) or "none"
