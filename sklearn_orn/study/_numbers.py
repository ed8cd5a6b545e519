"""The numbers of a study as its readers write them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

MISSING = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"

PART_TITLES = {
    "training": "Training (apparent)",
    "validation": "Validation",
    "cross-validation": "Cross-validated",
}
PART_WORDS = {
    "training": "in training (apparent)",
    "validation": "in validation",
    "cross-validation": "in cross-validation",
}


def decimal(value: float | None, digits: int = 2) -> str:
    """Return a number with a fixed number of decimals and a true minus sign.

    Examples
    --------
    >>> decimal(0.7249), decimal(None), decimal(float("nan")), decimal(-0.001)
    ('0.72', '–', '–', '0.00')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if not float(text) else text.replace("-", MINUS)


def interval(row: Mapping[str, float | None], digits: int = 2) -> str:
    """Return ``0.62 to 0.81``, the limits of a confidence interval.

    Examples
    --------
    >>> interval({"lower": 0.618, "upper": 0.812})
    '0.62 to 0.81'
    >>> interval({"lower": None, "upper": None})
    '–'
    """
    if row["lower"] is None or row["upper"] is None:
        return MISSING
    return f"{decimal(row['lower'], digits)} to {decimal(row['upper'], digits)}"


def significant(value: float | None, digits: int = 5) -> str:
    """Return a number with significant digits, as a power of ten where it is far.

    Examples
    --------
    >>> significant(0.0123456), significant(1234.5), significant(0.0000123456)
    ('0.012346', '1234.5', '1.2346 × 10^−5')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    mantissa, _, exponent = f"{value:#.{digits}g}".partition("e")
    if exponent:
        return f"{mantissa} × 10^{int(exponent)}".replace("-", MINUS)
    return mantissa.rstrip(".").replace("-", MINUS)


def p_value(value: float | None) -> str:
    """Return a p value.

    Examples
    --------
    >>> p_value(0.2345), p_value(0.0321), p_value(0.00001)
    ('0.23', '0.032', '<0.001')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    if value < 0.001:
        return "<0.001"
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def proportion_text(proportion: Mapping[str, Any]) -> str:
    """Return ``84.3 % (43/51)``.

    Examples
    --------
    >>> proportion_text({"estimate": 43 / 51, "count": 43, "total": 51})
    '84.3 % (43/51)'
    """
    if not proportion["total"]:
        return f"{MISSING} (0/0)"
    return (
        f"{100 * proportion['estimate']:.1f} % "
        f"({proportion['count']}/{proportion['total']})"
    )


def interval_text(proportion: Mapping[str, Any]) -> str:
    """Return the limits of a proportion in per cent, ``71.9 to 91.8``."""
    if not proportion["total"]:
        return MISSING
    return f"{100 * proportion['lower']:.1f} to {100 * proportion['upper']:.1f}"


def hosmer_lemeshow_text(test: Mapping[str, Any]) -> str:
    """Return ``χ² 6.6, df 8, p 0.58``."""
    if test["statistic"] is None or test["p_value"] is None:
        return MISSING
    return (
        f"χ² {decimal(test['statistic'], 1)}, df {test['df']}, "
        f"p {p_value(test['p_value'])}"
    )


def performance_rows(parts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the performance table: one row per measure, one cell per part.

    Parameters
    ----------
    parts : sequence of dict
        ``results["parts"]``.

    Returns
    -------
    list of dict
        ``measure``, and ``cells``: for each part its text and, where it has one,
        its interval.
    """
    rows = [
        _row(
            "Lesions (patients)",
            [f"{part['lesions']} ({part['patients']})" for part in parts],
        ),
        _row(
            "AUC",
            [decimal(part["auc"]["auc"], 3) for part in parts],
            [interval(part["auc"], 3) for part in parts],
        ),
    ]
    prevalence = parts[0].get("prevalence") if parts else None
    for key, name in (
        ("sensitivity", "Sensitivity"),
        ("specificity", "Specificity"),
        ("accuracy", "Accuracy"),
        ("ppv", "Positive predictive value"),
        ("npv", "Negative predictive value"),
    ):
        proportions = [part["performance"][key] for part in parts]
        texts = [proportion_text(value) for value in proportions]
        if prevalence is not None and key in ("ppv", "npv"):
            # The counts are those of the lesions, the value is not.
            name = f"{name} at a prevalence of {100 * prevalence:g} %"
            texts = [text.partition(" (")[0] for text in texts]
        rows.append(
            _row(
                name,
                texts,
                [interval_text(value) for value in proportions],
            )
        )
    rows += [
        _row(
            "Hosmer-Lemeshow test",
            [hosmer_lemeshow_text(part["hosmer_lemeshow"]) for part in parts],
        ),
        *(_calibration_row(*row, parts) for row in CALIBRATION_ROWS),
    ]
    return rows


CALIBRATION_ROWS = (
    ("Calibration in the large", "calibration_in_the_large", 2),
    ("Calibration slope", "slope", 2),
    ("Intercept with that slope", "intercept", 2),
    ("Observed over expected", "observed_expected", 2),
    ("Brier score", "brier", 3),
)


def _calibration_row(
    name: str, key: str, digits: int, parts: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    found = [part["calibration"] for part in parts]
    limits = [
        {side: row[f"{key}_{side}"] for side in ("lower", "upper")} for row in found
    ]
    return _row(
        name,
        [decimal(row[key], digits) for row in found],
        [interval(row, digits) for row in limits],
    )


def _row(
    measure: str, texts: Sequence[str], intervals: Sequence[str] | None = None
) -> dict[str, Any]:
    limits = intervals or [""] * len(texts)
    cells = [
        {"text": text, "interval": limit}
        for text, limit in zip(texts, limits, strict=True)
    ]
    return {"measure": measure, "cells": cells}


def formula_lines(model: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the score's formula as lines of sign, number and feature.

    Parameters
    ----------
    model : dict
        ``results["model"]``.

    Returns
    -------
    list of (str, str, str)
        The intercept first, without a feature.

    Examples
    --------
    >>> formula_lines(
    ...     {
    ...         "intercept": -1.5,
    ...         "coefficients": [{"feature": "Mean", "coefficient": 0.25}],
    ...     }
    ... )
    [('−', '1.5000', ''), ('+', '0.25000', 'Mean')]
    """
    terms = [(model["intercept"], "")] + [
        (term["coefficient"], term["feature"]) for term in model["coefficients"]
    ]
    return [
        (MINUS if value < 0 else "+", significant(abs(value)), name)
        for value, name in terms
    ]
