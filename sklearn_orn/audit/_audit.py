"""A paper's own arithmetic, claim by claim."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import pandas as pd

from sklearn_orn._io.codec import JsonObject
from sklearn_orn.audit._judged import COLUMNS, ORDER, Judged
from sklearn_orn.audit._report_file import REPORT_FILE

FORMAT, VERSION = "sklearn-orn-audit", 1
EXAMPLE = "zhong2020.json"


@dataclass(frozen=True)
class Audit:
    """What became of the claims of a paper.

    Attributes
    ----------
    source : str
        The paper.
    judged : tuple of Judged
        Each claim, in the order of the file.
    """

    source: str
    judged: tuple[Judged, ...]

    @property
    def findings(self) -> tuple[Judged, ...]:
        """Claims that do not simply agree, the worst first."""
        found = [x for x in self.judged if x.verdict not in ("agrees", "not judged")]
        return tuple(sorted(found, key=lambda x: ORDER.index(x.verdict)))

    def table(self) -> pd.DataFrame:
        """Return one row for each claim, the worst first.

        Returns
        -------
        DataFrame
            Columns ``verdict``, ``check``, ``where``, ``printed``, ``recomputed``,
            ``tried`` and ``why``.
        """
        rows = [x._asdict() | {"tried": "; ".join(x.tried)} for x in self._sorted()]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def as_dict(self) -> JsonObject:
        """Return it as plain data.

        Returns
        -------
        dict
            ``source``, and ``claims`` as a list with one dict for each.
        """
        claims = [x._asdict() | {"tried": list(x.tried)} for x in self._sorted()]
        return {"source": self.source, "claims": claims}

    def _sorted(self) -> list[Judged]:
        return sorted(self.judged, key=lambda x: ORDER.index(x.verdict))

    def __str__(self) -> str:
        counts = Counter(x.verdict for x in self.judged)
        head = ", ".join(f"{counts[x]} {x}" for x in ORDER if counts[x])
        lines = [self.source, f"{len(self.judged)} claims: {head}"]
        for verdict in ORDER:
            claims = [x for x in self.judged if x.verdict == verdict]
            if claims:
                lines += ["", verdict.upper()]
            for claim in claims:
                lines += _lines(claim)
        return "\n".join(lines)


def _lines(claim: Judged) -> list[str]:
    if claim.verdict == "agrees":
        return [f"  {claim.where}: {claim.printed}; recomputed {claim.recomputed}"]
    lines = [
        f"  {claim.where} ({claim.check})",
        f"    printed     {claim.printed}",
        f"    recomputed  {claim.recomputed}",
    ]
    if claim.tried:
        lines.append(f"    tried       {'; '.join(claim.tried)}")
    return [*lines, f"    {claim.why}"]


def audit_reported_numbers(
    report: Mapping[str, object] | str | os.PathLike[str],
) -> Audit:
    r"""Check a paper's own arithmetic from the numbers that it prints.

    Counts that must add up, percentages of fractions, p values of counts and of means,
    intervals of AUCs, fractions at a cut-off, net benefit as a multiple of what one
    patient is worth, scores of texture at the bits per pixel, and numbers that stand
    in two places.

    Parameters
    ----------
    report : dict, str or path-like
        The printed numbers, as `example_report` has them, or a JSON file of them.

    Returns
    -------
    Audit
        As text it is a readable list: findings with what was printed, recomputed and
        tried, then what agrees.

    Raises
    ------
    ModelFileError
        If the file or dict is none of such numbers; the message names the place.

    See Also
    --------
    example_report : The numbers of a published article.

    Notes
    -----
    Verdicts are ``"contradiction"`` where no rounding of what is printed explains it
    and no test that was tried; ``"doubtful"`` where a thing that the paper does not
    report decides; ``"note"`` where something that the paper does not name explains
    it, such as another test, another sample, or digits cut off; ``"agrees"``; and
    ``"not judged"``. Two of them may have one cause: claims are judged one by one.

    Of means and SDs all corners of their rounding are tried, with both t tests. A
    paper that names a rank test cannot be held against these exactly: the normal
    deviates of the two tests scatter by :math:`\sqrt{2(1-\sqrt{3/\pi})} = 0.21`
    around each other on normal values. Up to one of these agrees, beyond three is
    doubtful. An interval of an AUC is doubtful where it is wider or narrower than
    Hanley and McNeil's by more than half.

    Examples
    --------
    >>> from sklearn_orn.audit import audit_reported_numbers
    >>> claim = {"check": "percentage", "where": "Table 1, female", "count": 6,
    ...          "of": 25, "percent": "24.4"}
    >>> report = {"format": "sklearn-orn-reported-numbers", "schema_version": 1,
    ...           "source": "A paper", "claims": [claim]}
    >>> print(audit_reported_numbers(report))
    A paper
    1 claims: 1 contradiction
    <BLANKLINE>
    CONTRADICTION
      Table 1, female (percentage)
        printed     6/25 (24.4 %)
        recomputed  24.00 %
        No whole number of 25 is 24.4 %.
    """
    if isinstance(report, Mapping):
        content = REPORT_FILE.parse(json.dumps(report, allow_nan=False))
    elif isinstance(report, str | os.PathLike):
        content = REPORT_FILE.read(report)
    else:
        raise TypeError(
            f"report is a {type(report).__name__}; expected a dict of reported "
            "numbers, or the path of a JSON file of them."
        )
    return Audit(content["source"], tuple(x.judged() for x in content["claims"]))


def example_report() -> JsonObject:
    """Return the numbers of Zhong et al. 2020, to audit or to begin a file with.

    Returns
    -------
    dict
        For `audit_reported_numbers`, and for `json.dump`.

    References
    ----------
    Zhong et al., BMC Medical Imaging 2020;20:104, doi 10.1186/s12880-020-00502-2
    (open access).

    Examples
    --------
    >>> from sklearn_orn.audit import audit_reported_numbers, example_report
    >>> audit = audit_reported_numbers(example_report())
    >>> audit.findings[0].where
    'Patients by class (ORN, metastasis), training'
    """
    found: JsonObject = json.loads((files(__package__) / EXAMPLE).read_text("utf-8"))
    return found
