"""The numbers of a study as its readers write them."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from sklearn_orn.study.results import HosmerLemeshow, Part, Proportion

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


class HasLimits(Protocol):
    """Has the limits of a 95 % interval."""

    @property
    def lower(self) -> float | None:
        """Lower limit."""

    @property
    def upper(self) -> float | None:
        """Upper limit."""


def decimal(value: float | None, digits: int = 2) -> str:
    """Return a number with a fixed number of decimals and a true minus sign.

    >>> decimal(0.7249), decimal(None), decimal(float("nan")), decimal(-0.001)
    ('0.72', '–', '–', '0.00')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if not float(text) else text.replace("-", MINUS)


def interval(lower: float | None, upper: float | None, digits: int = 2) -> str:
    """Return the limits of a confidence interval.

    >>> interval(0.618, 0.812), interval(None, None)
    ('0.62 to 0.81', '–')
    """
    if lower is None or upper is None:
        return MISSING
    return f"{decimal(lower, digits)} to {decimal(upper, digits)}"


def with_limits(
    value: float | None, lower: float | None, upper: float | None, digits: int = 2
) -> str:
    """Return a number with its limits in brackets, where it has any.

    >>> with_limits(0.7249, 0.618, 0.812), with_limits(0.7249, None, None)
    ('0.72 (0.62 to 0.81)', '0.72')
    """
    text, limits = decimal(value, digits), interval(lower, upper, digits)
    return text if MISSING in (text, limits) else f"{text} ({limits})"


def measure_text(row: object, name: str, digits: int = 2) -> str:
    """Return a measure with its limits, by what the fields are called."""
    value, lower, upper = (getattr(row, name + x) for x in ("", "_lower", "_upper"))
    return with_limits(value, lower, upper, digits)


def significant(value: float | None, digits: int = 5) -> str:
    """Return a number with significant digits, as a power of ten where it is far.

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

    >>> p_value(0.2345), p_value(0.0321), p_value(0.00001)
    ('0.23', '0.032', '<0.001')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    # Three decimals where they tell, two from 0.1 on, as journals print p.
    if value < 0.001:
        return "<0.001"
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def limits(row: HasLimits, digits: int = 2) -> str:
    """Return the limits of what has some."""
    return interval(row.lower, row.upper, digits)


def proportion_text(count: int, total: int, estimate: float | None) -> str:
    """Return ``84.3 % (43/51)``.

    >>> proportion_text(43, 51, 43 / 51)
    '84.3 % (43/51)'
    """
    if not total or estimate is None:
        return f"{MISSING} (0/0)"
    return f"{100 * estimate:.1f} % ({count}/{total})"


def interval_text(share: Proportion) -> str:
    """Return the limits of a proportion in per cent, ``71.9 to 91.8``."""
    if not share.total or share.lower is None or share.upper is None:
        return MISSING
    return f"{100 * share.lower:.1f} to {100 * share.upper:.1f}"


def hosmer_lemeshow_text(test: HosmerLemeshow) -> str:
    """Return ``χ² 6.6, df 8, p 0.58``."""
    if test.statistic is None or test.p_value is None:
        return MISSING
    text = f"χ² {decimal(test.statistic, 1)}, df {test.df}, p {p_value(test.p_value)}"
    return text + (" by patient" if test.by_patient else "")


class PerformanceCell(NamedTuple):
    """A measure of one part; without an interval where it has none."""

    text: str
    interval: str = ""


class PerformanceRow(NamedTuple):
    """A measure of every part."""

    name: str
    cells: list[PerformanceCell]


def performance_rows(parts: Sequence[Part]) -> list[PerformanceRow]:
    """Return the performance table: one row per measure, one cell per part."""
    rows = [
        PerformanceRow(
            "Lesions (patients)",
            [PerformanceCell(f"{p.n_lesions} ({p.n_patients})") for p in parts],
        ),
        PerformanceRow(
            "AUC",
            [PerformanceCell(decimal(p.auc.auc, 3), limits(p.auc, 3)) for p in parts],
        ),
    ]
    prevalence = parts[0].prevalence if parts else None
    for key, name in PROPORTION_ROWS:
        cells = []
        for part in parts:
            share: Proportion = getattr(part.performance, key)
            text = proportion_text(share.count, share.total, share.estimate)
            if prevalence is not None and key in ("ppv", "npv"):
                # The counts are those of the lesions, the value is not.
                text = text.partition(" (")[0]
            cells.append(PerformanceCell(text, interval_text(share)))
        if prevalence is not None and key in ("ppv", "npv"):
            name = f"{name} at a prevalence of {100 * prevalence:g} %"
        rows.append(PerformanceRow(name, cells))
    tests = [hosmer_lemeshow_text(part.hosmer_lemeshow) for part in parts]
    rows.append(
        PerformanceRow("Hosmer-Lemeshow test", [PerformanceCell(t) for t in tests])
    )
    return rows + [_calibration_row(*row, parts) for row in CALIBRATION_ROWS]


PROPORTION_ROWS = (
    ("sensitivity", "Sensitivity"),
    ("specificity", "Specificity"),
    ("accuracy", "Accuracy"),
    ("ppv", "Positive predictive value"),
    ("npv", "Negative predictive value"),
)


CALIBRATION_ROWS = (
    ("Calibration in the large", "calibration_in_the_large", 2),
    ("Calibration slope", "slope", 2),
    ("Intercept with that slope", "intercept", 2),
    ("Observed over expected", "observed_expected", 2),
    ("Brier score", "brier", 3),
)


def _calibration_row(
    name: str, key: str, digits: int, parts: Sequence[Part]
) -> PerformanceRow:
    cells = []
    for part in parts:
        value, lower, upper = (
            getattr(part.calibration, name)
            for name in (key, f"{key}_lower", f"{key}_upper")
        )
        text = interval(lower, upper, digits)
        cells.append(PerformanceCell(decimal(value, digits), text))
    return PerformanceRow(name, cells)
