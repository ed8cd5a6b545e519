"""Performance: an interval of an AUC, fractions at a cut-off, and net benefit."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Literal

import numpy as np
from scipy.stats import norm

from sklearn_orn._io.codec import Rule
from sklearn_orn._io.kinds import Text, whole
from sklearn_orn.audit._judged import Claim, Judged, Verdict
from sklearn_orn.audit._printed import MOST, NumberText, Printed
from sklearn_orn.metrics import hanley_mcneil_se

LEVEL = 0.95
ALIKE = 1.5  # of a width and Hanley-McNeil's, either way; others are doubtful

Size = Annotated[int, *whole(1, MOST).__metadata__]
FRACTION = re.compile(r"(\d{1,9})/(\d{1,9})|0\.\d{1,15}|1\.0{1,15}|\d{1,3}(\.\d+)? ?%")
Share = Annotated[
    str, Rule("a fraction '43/51', a share '0.843' or '84.3 %'", FRACTION.fullmatch)
]
Samples = Annotated[
    dict[str, tuple[Size, Size]],
    Rule("at least one sample with its positive and negative numbers", bool),
]
Threshold = Annotated[
    float, Rule("a number between 0 and 1", lambda x: 0 < x < 1, make=float)
]


@dataclass(frozen=True)
class AucInterval(Claim):
    """An AUC with its 95 % interval, and the numbers of the two classes."""

    check: Literal["interval of an AUC"]
    where: Text
    auc: NumberText
    lower: NumberText
    upper: NumberText
    positive: Size
    negative: Size

    def judged(self) -> Judged:
        """Hold the width against that of Hanley and McNeil."""
        auc, lower, upper = (x.value for x in (self.auc, self.lower, self.upper))
        text = f"{self.auc.text} ({self.lower.text} to {self.upper.text})"
        verdict: Verdict = "agrees"
        if not 0 <= lower <= auc <= upper <= 1:
            why = "The AUC and its limits are not in order between 0 and 1."
            return self.with_verdict("contradiction", text, why=why)
        half = norm.isf((1 - LEVEL) / 2) * hanley_mcneil_se(
            auc, self.positive, self.negative
        )
        found = f"{max(auc - half, 0):.3f} to {min(auc + half, 1):.3f}"
        if half == 0:
            why = "An AUC of 0 or 1 has no standard error."
            return self.with_verdict("not judged", text, why=why)
        why = ""
        ratio = (upper - lower) / (min(auc + half, 1) - max(auc - half, 0))
        if not 1 / ALIKE <= ratio <= ALIKE:
            verdict = "doubtful"
            why = (
                f"It is {ratio:.1f} times as wide as the numbers make it: are they "
                "those of another unit or sample?"
            )
        n = f"{self.positive} and {self.negative}"
        tried = (f"Hanley-McNeil of {n} {found}",)
        return self.with_verdict(verdict, text, found, tried, why)


@dataclass(frozen=True)
class Diagnostic(Claim):
    """Sensitivity, specificity and accuracy with the numbers of the classes."""

    check: Literal["fractions at a cut-off"]
    where: Text
    positive: Size
    negative: Size
    sensitivity: Share | None
    specificity: Share | None
    accuracy: Share | None

    def judged(self) -> Judged:
        """Find the whole numbers that each may stand for, and add them up."""
        total = self.positive + self.negative
        asked = {
            "sensitivity": (self.sensitivity, self.positive),
            "specificity": (self.specificity, self.negative),
            "accuracy": (self.accuracy, total),
        }
        given = {name: x for name, (x, _) in asked.items() if x is not None}
        if not given:
            why = "Nothing is given of sensitivity, specificity and accuracy."
            return self.with_verdict("not judged", "", why=why)
        ways = {name: _ways(x, asked[name][1]) for name, x in given.items()}
        wrong = [
            f"{name} {given[name]} is none of {asked[name][1]}"
            for name, counts in ways.items()
            if not counts
        ]
        if not wrong and len(ways) == 3:
            first, second, both = ways.values()
            if not {i + j for i in first for j in second} & both:
                wrong = ["the accuracy is not that of sensitivity and specificity"]
        shown = (f"{name} {x}" for name, x in given.items())
        found = (f"{name} {_counts(ways[name])}/{asked[name][1]}" for name in given)
        return self.with_verdict(
            "contradiction" if wrong else "agrees",
            ", ".join(shown),
            ", ".join(found),
            why=f"{'; '.join(wrong)}.".capitalize() if wrong else "",
        )


def _ways(share: str, total: int) -> set[int]:
    """Return the counts of a total that a printed share may stand for."""
    if "/" in share:
        count, of = map(int, share.split("/"))
        return {count} if of == total and count <= total else set()
    percent = share.endswith("%")
    printed = Printed(share.rstrip("% "))
    scale = 100 if percent else 1
    return {k for k in range(total + 1) if printed.holds(scale * k / total)}


def _counts(counts: set[int]) -> str:
    return " or ".join(map(str, sorted(counts))) or "no count"


@dataclass(frozen=True)
class NetBenefit(Claim):
    """A net benefit at a threshold; the first sample is the one that it is of."""

    check: Literal["net benefit"]
    where: Text
    net_benefit: NumberText
    threshold: Threshold
    samples: Samples

    def judged(self) -> Judged:
        """Look for whole numbers of true and false positives that give it."""
        printed = self.net_benefit
        nearest = {
            name: _nearest(printed.value, self.threshold, *sizes)
            for name, sizes in self.samples.items()
        }
        tried = tuple(
            f"{name} (n = {sum(self.samples[name])}) {value:.4f}"
            for name, value in nearest.items()
        )
        fits = [name for name, value in nearest.items() if printed.holds(value)]
        own = next(iter(nearest))
        verdict: Verdict = "agrees"
        reasons = []
        if own not in fits:
            n = sum(self.samples[own])
            reasons = [f"No whole numbers of {n} give it."]
            reasons += [f"Those of {name} do." for name in fits]
            if self._cut(*self.samples[own]):
                reasons.append("Digits cut off rather than rounded would explain it.")
            verdict = "note" if len(reasons) > 1 else "contradiction"
        return self.with_verdict(
            verdict, printed.text, f"{nearest[own]:.4f}", tried, " ".join(reasons)
        )

    def _cut(self, positive: int, negative: int) -> bool:
        printed = self.net_benefit
        middle = printed.high if printed.value > 0 else printed.low  # of what is cut
        value = _nearest(middle, self.threshold, positive, negative)
        return printed.cut_from(value)


def _nearest(value: float, threshold: float, positive: int, negative: int) -> float:
    """Return the net benefit of whole numbers that is nearest to a value."""
    n = positive + negative
    weight = float(Fraction(str(threshold)) / (1 - Fraction(str(threshold))))
    false = np.arange(negative + 1)
    true = np.clip(np.round(value * n + weight * false), 0, positive)
    found = (true - weight * false) / n
    return float(found[np.argmin(np.abs(found - value))])
