"""What a published study gave when it was run again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias, get_args

import pandas as pd

from sklearn_orn._io.codec import JsonObject

Judgement: TypeAlias = Literal["reproduced", "compatible", "differs", "not judged"]
JUDGEMENTS: tuple[Judgement, ...] = get_args(Judgement)
SATURATED_SHARE = 0.1


class RunFound(NamedTuple):
    """One run: its settings, and the scores that it gave.

    Attributes
    ----------
    name, settings : str
        What it is called, and how features were measured and learnt.
    n_lesions, n_left_out : int
        Lesions with a score, and without.
    score_min, score_median, score_max : float
        Of the log-odds.
    beyond_5 : float
        Share of scores beyond -5 or 5, whose risks are nearly 0 or 1.
    warnings : tuple of str
        What was not reported, or weak.
    """

    name: str
    settings: str
    n_lesions: int
    n_left_out: int
    score_min: float
    score_median: float
    score_max: float
    beyond_5: float
    warnings: tuple[str, ...]

    @property
    def saturated(self) -> bool:
        """Whether more than a tenth of the risks are nearly 0 or 1."""
        return self.beyond_5 > SATURATED_SHARE


class Compared(NamedTuple):
    """A printed number beside ours.

    Attributes
    ----------
    run, part, measure : str
        Which run, on which part, and what.
    printed : str
        As the paper has it, with its interval.
    ours, lower, upper : float or None
        Ours with its 95 % interval, by patient.
    verdict : {"reproduced", "compatible", "differs", "not judged"}
        See `reproduce_study`.
    why : str
        Why there is none of ours.
    """

    run: str
    part: str
    measure: str
    printed: str
    ours: float | None
    lower: float | None
    upper: float | None
    verdict: Judgement
    why: str


COMPARED = Compared._fields


@dataclass(frozen=True)
class Reproduction:
    """A published study, run again.

    Attributes
    ----------
    source : str
        The paper.
    known_differences : tuple of str
        What the file says is not as in the paper.
    runs : tuple of RunFound
        Each run, in the order of the file.
    compared : tuple of Compared
        Each printed number in each run.
    """

    source: str
    known_differences: tuple[str, ...]
    runs: tuple[RunFound, ...]
    compared: tuple[Compared, ...]

    def table(self) -> pd.DataFrame:
        """Return one row for each printed number of each run.

        Returns
        -------
        DataFrame
            Columns ``run, part, measure, printed, ours, lower, upper, verdict, why``.
        """
        return pd.DataFrame(list(self.compared), columns=list(COMPARED))

    def as_dict(self) -> JsonObject:
        """Return it as plain data.

        Returns
        -------
        dict
            ``source``; ``known_differences``, a list of texts; ``runs`` and
            ``compared``, lists of dicts.
        """
        runs = [run._asdict() | {"warnings": list(run.warnings)} for run in self.runs]
        rows = [row._asdict() for row in self.compared]
        known = list(self.known_differences)
        head = {"source": self.source, "known_differences": known}
        return head | {"runs": runs, "compared": rows}

    def __str__(self) -> str:
        lines = [self.source]
        lines += [f"  not as in the paper: {text}" for text in self.known_differences]
        for run in self.runs:
            lines += ["", *_run_lines(run)]
            rows = [row for row in self.compared if row.run == run.name]
            lines += _table_lines(rows)
            counts = Counter(row.verdict for row in rows)
            lines.append(
                "  " + ", ".join(f"{counts[x]} {x}" for x in JUDGEMENTS if counts[x])
            )
        return "\n".join(lines)


def _run_lines(run: RunFound) -> list[str]:
    lesions = "1 lesion" if run.n_lesions == 1 else f"{run.n_lesions} lesions"
    left_out = f", {run.n_left_out} left out" if run.n_left_out else ""
    lines = [
        f"RUN {run.name}: {run.settings}",
        f"  {lesions}{left_out}; score {run.score_min:.2f} to {run.score_max:.2f}, "
        f"median {run.score_median:.2f}",
    ]
    if run.saturated:
        lines.append(
            f"  SATURATED: {100 * run.beyond_5:.0f} % of the scores lie beyond -5 or "
            "5, risks of nearly 0 or 1"
        )
    return [*lines, *(f"  warning: {text}" for text in run.warnings)]


def _table_lines(rows: list[Compared]) -> list[str]:
    cells = [("part", "measure", "printed", "ours", "")]
    cells += [
        (row.part, row.measure, row.printed, _ours(row), row.verdict) for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  " + "  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]


def _ours(row: Compared) -> str:
    if row.ours is None:
        return row.why
    if isinstance(row.ours, int):
        return str(row.ours)
    text = f"{row.ours:.3f}"
    if row.lower is None or row.upper is None:
        return text
    return f"{text} ({row.lower:.3f} to {row.upper:.3f})"
