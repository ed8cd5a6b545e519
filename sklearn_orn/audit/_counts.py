"""Counts: what must add up, percentages of fractions, and one number in two places."""

from dataclasses import dataclass
from typing import Annotated, Literal

from sklearn_orn._io.codec import Rule
from sklearn_orn._io.kinds import Text, whole
from sklearn_orn.audit._judged import Claim, Judged, Verdict
from sklearn_orn.audit._printed import MOST, NumberText

Count = Annotated[int, *whole().__metadata__]
Counts = Annotated[list[Count], Rule("two counts or more", lambda n: len(n) > 1)]
Places = Annotated[
    dict[str, list[NumberText]],
    Rule(
        "two places or more, each with a list of equally many numbers",
        lambda places: len(places) > 1 and len({len(x) for x in places.values()}) == 1,
    ),
]


@dataclass(frozen=True)
class Sum(Claim):
    """Counts that must add up."""

    check: Literal["sum"]
    where: Text
    parts: Counts
    total: Count

    def judged(self) -> Judged:
        """Add them up."""
        found = sum(self.parts)
        return self.with_verdict(
            "agrees" if found == self.total else "contradiction",
            str(self.total),
            f"{' + '.join(map(str, self.parts))} = {found}",
            why="" if found == self.total else "The parts do not add up.",
        )


@dataclass(frozen=True)
class Percentage(Claim):
    """A count, what it is a part of, and the percentage, which has no sign."""

    check: Literal["percentage"]
    where: Text
    count: Count
    of: Annotated[int, *whole(1, MOST).__metadata__]
    percent: NumberText

    def judged(self) -> Judged:
        """Divide."""
        percent = self.percent
        share = 100 * self.count / self.of
        verdict: Verdict = "agrees"
        why = ""
        if not percent.holds(share):
            verdict, why = "contradiction", "The fraction is another percentage."
            if percent.cut_from(share):
                verdict, why = "note", "Cut off rather than rounded."
            elif not any(
                percent.holds(100 * count / self.of) for count in range(self.of + 1)
            ):
                why = f"No whole number of {self.of} is {percent.text} %."
        return self.with_verdict(
            verdict,
            f"{self.count}/{self.of} ({percent.text} %)",
            f"{share:.2f} %",
            why=why,
        )


@dataclass(frozen=True)
class Stated(Claim):
    """The same numbers in several places of a paper, such as text and table."""

    check: Literal["stated twice"]
    where: Text
    stated: Places

    def judged(self) -> Judged:
        """Look whether one number may have been rounded to all of them."""
        lists = list(self.stated.values())
        differ = [
            numbers
            for numbers in zip(*lists, strict=True)
            if max(x.low for x in numbers) > min(x.high for x in numbers)
        ]
        pairs = "; ".join(" and ".join(x.text for x in numbers) for numbers in differ)
        return self.with_verdict(
            "contradiction" if differ else "agrees",
            "; ".join(
                f"{place}: {', '.join(x.text for x in numbers)}"
                for place, numbers in self.stated.items()
            ),
            f"{len(differ)} of {len(lists[0])} differ",
            why=f"One number cannot be both: {pairs}." if differ else "",
        )
