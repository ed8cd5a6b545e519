"""The formula of the combined model in words."""

from collections.abc import Iterator

from sklearn_orn.study._written_numbers import MINUS, significant
from sklearn_orn.study.results import Combined, CombinedPredictor

PRIME = "′"


def formula_terms(found: Combined) -> list[tuple[float, str]]:
    """Return the intercept, which has no words, and each coefficient with its term."""
    predictors = {row.name: row for row in found.predictors}
    terms = [(found.intercept, "")]
    for row in found.multivariable:
        predictor = predictors[row.predictor]
        if row.level is not None:
            if row.level != predictor.levels[0]:
                terms.append((row.coefficient, f"[{row.predictor} is {row.level}]"))
        elif predictor.terms:
            terms += [
                (weight, row.predictor + PRIME * j)
                for j, weight in enumerate(predictor.terms)
            ]
        else:
            terms.append((row.coefficient, row.predictor + _codes(predictor)))
    return terms


def sequence_formulas(found: Combined) -> str:
    """Return the formula of the score of each sequence that is in the model."""
    told = []
    for score in found.scores:
        terms = "".join(
            f" {MINUS if weight < 0 else '+'} {significant(abs(weight))} × {feature}"
            for feature, weight in score.coefficients.items()
        )
        if not score.constant:
            told.append(f"The {score.name} is {significant(score.intercept)}{terms}.")
    return " ".join(told)


def _codes(predictor: CombinedPredictor) -> str:
    """Return what the levels of an ordinal column count as."""
    codes = ", ".join(f"{level} = {i}" for i, level in enumerate(predictor.levels))
    return f" ({codes})" if codes else ""


def formula_text(found: Combined) -> str:
    """Return the formula on one line."""
    (intercept, _), *rest = formula_terms(found)
    parts = [f"log-odds = {significant(intercept)}"]
    for weight, term in rest:
        sign = MINUS if weight < 0 else "+"
        parts.append(f"{sign} {significant(abs(weight))} × {term}")
    return " ".join(parts)


def spline_sentences(found: Combined) -> Iterator[str]:
    """Say what the terms of splines are."""
    curved = [row for row in found.predictors if row.knots]
    for row in curved:
        knots = ", ".join(f"{knot:g}" for knot in row.knots)
        yield f"The knots of {row.name} are {knots}."
    if curved:
        yield (
            f"Of a spline of x with the knots t1 to tk, x{PRIME} is "
            "[(x − t1)³ − (x − t(k−1))³ (tk − t1) / (tk − t(k−1)) "
            "+ (x − tk)³ (t(k−1) − t1) / (tk − t(k−1))] / (tk − t1)², each cube 0 "
            f"where its bracket is below 0; x{PRIME * 2} has t2 in place of t1 within "
            "[ ], and so on."
        )
