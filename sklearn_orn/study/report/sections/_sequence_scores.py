"""The radiomics scores of sequences that the combined model joins."""

from collections.abc import Iterator

from sklearn_orn.study._written_numbers import MISSING, decimal, significant
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Combined, Results

LARGEST = 1000.0  # beyond, digits after the point say nothing


def ratio(value: float | None) -> str:
    """Return an odds ratio as text."""
    if value is None:
        return MISSING
    return f">{LARGEST:.0f}" if value > LARGEST else decimal(value)


def scores_of(found: Combined) -> list[str]:
    """Return the names of the radiomics scores in the combined model."""
    return [p.name for p in found.predictors if p.kind == "score"]


def sequence_ratios(results: Results, found: Combined) -> Iterator[str]:
    """Say what the odds ratio of each sequence's score says."""
    names = scores_of(found)
    rows = {row.predictor: row for row in found.multivariable if row.predictor in names}
    told = [
        f"{ratio(row.odds_ratio)} for the {name} (95{s.PERCENT} CI "
        f"{ratio(row.lower)} to {ratio(row.upper)})"
        for name, row in rows.items()
        if None not in (row.odds_ratio, row.lower, row.upper)
    ]
    if told:
        yield (
            "Beside the other predictors, one unit more (of log-odds) multiplies the "
            f"odds of {results.classes[1]} by {'; '.join(told)}."
        )
    if len(told) < len(names):
        yield "An odds ratio that is not named here is not estimable."
    for score in found.scores:
        if score.constant:
            yield (
                f"The {score.name}, cross-fitted by patient, is the same for all "
                "lesions that train: it is not in the combined model."
            )


def scores_table(results: Results) -> b.Table:
    """Return the formula of each sequence's score."""
    rows = []
    for score in s.needed(results.combined).scores:
        rows.append([score.name, "intercept", significant(score.intercept, 4)])
        rows += [
            ["", feature, significant(weight, 4)]
            for feature, weight in score.coefficients.items()
        ]
    return b.Table(
        "Radiomics scores of the sequences",
        (*b.texts("Score", "Feature"), *b.numbers("Coefficient")),
        rows,
        "Each by the same steps as the score of all features, of the features of its "
        "sequence alone, and of all lesions that train. A score is its intercept plus "
        "the sum of coefficients times features; without a feature it is the same for "
        "all new lesions.",
    )
