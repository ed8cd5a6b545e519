"""What became of one claim of a paper."""

from typing import Literal, NamedTuple, TypeAlias

Verdict: TypeAlias = Literal[
    "agrees", "note", "doubtful", "contradiction", "not judged"
]
# The worst first, as the table has them.
ORDER: tuple[Verdict, ...] = (
    "contradiction",
    "doubtful",
    "note",
    "not judged",
    "agrees",
)


class Judged(NamedTuple):
    """A claim, what was computed in its place, and the verdict.

    Attributes
    ----------
    verdict : {"contradiction", "doubtful", "note", "not judged", "agrees"}
        Whether what is printed can be so.
    check : str
        The kind of claim.
    where : str
        Where the paper says it.
    printed, recomputed : str
        What it says, and what follows from the rest.
    tried : tuple of str
        The ways to compute it, each with its number.
    why : str
        What is wrong, or would explain it; empty where it agrees.
    """

    verdict: Verdict
    check: str
    where: str
    printed: str
    recomputed: str
    tried: tuple[str, ...] = ()
    why: str = ""


COLUMNS = Judged._fields


class Claim:
    """What a paper says, and where."""

    check: str
    where: str

    def with_verdict(
        self,
        verdict: Verdict,
        printed: str,
        recomputed: str = "",
        tried: tuple[str, ...] = (),
        why: str = "",
    ) -> Judged:
        """Return the verdict on it, beside what was computed."""
        return Judged(verdict, self.check, self.where, printed, recomputed, tried, why)
