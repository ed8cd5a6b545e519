"""What the radiomics score does better than simpler models, in sentences."""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from sklearn_orn.study._written_numbers import decimal, interval
from sklearn_orn.study.results import (
    RADIOMICS,
    BenefitComparison,
    Benefits,
    Comparison,
    Settings,
)

OTHERS = {
    "lesion size": "lesion size alone",
    "one feature": "the strongest single feature",
    "clinical": "the clinical model",
}
BOTH = "clinical + radiomics"
JOINED = "joined scores"  # of sequences, without clinical columns
COMBINED = (BOTH, JOINED)
SUBJECTS = {
    "fused": "The radiomics score",
    "separate": "A radiomics score of each sequence",
}
THREE = ("clinical", RADIOMICS, BOTH)
PAIRS = ((BOTH, "clinical"), (BOTH, RADIOMICS), (RADIOMICS, "clinical"))


def combined_words(settings: Settings) -> str:
    """Return what the combined model is of."""
    if settings.scores == "fused":
        return "clinical columns and radiomics score"
    return f"{'clinical columns and ' if settings.clinical else ''}radiomics scores"


def verdict(
    comparisons: Sequence[Comparison],
    benefits: Benefits | None = None,
    scores: Literal["fused", "separate"] = "fused",
) -> str:
    """Say for each simpler model whether radiomics does better, and what it adds."""
    simpler = [_sentence(row) for row in comparisons if row.first == RADIOMICS]
    joined = [_joined(row) for row in comparisons if row.first == JOINED]
    added = added_sentences(comparisons, benefits, scores)
    return " ".join([*simpler, *joined, *added])


def added_sentences(
    comparisons: Sequence[Comparison],
    benefits: Benefits | None,
    scores: Literal["fused", "separate"] = "fused",
) -> Iterator[str]:
    """Say what the radiomics score adds to the clinical model."""
    for row in comparisons:
        if (row.first, row.second) == (BOTH, "clinical"):
            yield (
                f"{SUBJECTS[scores]} {_verb(row)} the AUC of the clinical model when "
                f"it is added ({_difference(row)})."
            )
    for gain in benefits.comparisons if benefits else ():
        if benefits and (gain.first, gain.second) == (BOTH, "clinical"):
            text = f"difference {decimal(gain.difference, 3)}"
            if gain.lower is not None and np.isfinite(gain.lower):
                text += f", {interval(gain.lower, gain.upper, 3)}"
            yield (
                f"At the threshold probability of {decimal(benefits.threshold)} it "
                f"{_verb(gain)} the net benefit ({text})."
            )


def _verb(row: Comparison | BenefitComparison) -> str:
    if row.shown_better:
        return "raises"
    worse = row.upper is not None and row.upper < 0
    return "lowers" if worse else "is not shown to raise"


def _sentence(row: Comparison) -> str:
    other = OTHERS[row.second]
    if row.shown_better:
        claim = f"Radiomics does better than {other}"
    elif row.upper is not None and row.upper < 0:
        claim = f"Radiomics does worse than {other}"
    else:
        claim = f"Radiomics is not shown to do better than {other}"
    return f"{claim} ({_difference(row)})."


def _joined(row: Comparison) -> str:
    return (
        f"A score of each sequence in place of one of all {_verb(row)} the AUC "
        f"({_difference(row)})."
    )


def _difference(row: Comparison) -> str:
    limits = [x for x in (row.lower, row.upper) if x is not None and np.isfinite(x)]
    # A limit just beside 0 must not read as 0 where the sentence says which side.
    digits = 3 if any(0 < abs(x) < 0.005 for x in limits) else 2
    text = f"difference of AUC {decimal(row.difference, digits)}"
    if len(limits) == 2:
        text += f", {interval(limits[0], limits[1], digits)}"
    return text
