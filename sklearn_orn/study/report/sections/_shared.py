"""What several sections of the report need."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypedDict, TypeVar

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

from sklearn_orn._block_names import BAR
from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._written_numbers import PART_TITLES, PART_WORDS, decimal
from sklearn_orn.study.results import Absent, Results, WorkedLesion, WorkedPatient

if TYPE_CHECKING:
    from matplotlib.figure import Figure

T = TypeVar("T")

HALF, PAGE = 3.5, 7.0  # widths in inches
LONGEST_NAME = 20
MAX_NAMED = 6
PERCENT = "\N{NO-BREAK SPACE}%"
SAME_FOR_ALL = "The score is the same for every lesion."
STEPS = {"icc": "ICC", "fcm": "Fisher, POE+ACC, MI", "lasso": "LASSO"}


class DecisionSettings(TypedDict):
    """How net benefit is drawn."""

    thresholds: np.ndarray
    threshold_range: tuple[float, float] | None
    prevalence: float | None


def worked_lesion(worked: WorkedLesion | WorkedPatient, median: str) -> str:
    """Say which lesion is drawn on a nomogram, and what of it is the median."""
    where = PART_WORDS[worked.part]
    if worked.part == "cross-validation":
        where = "in the study"
    return (
        f"lesion {worked.lesion}, with the median {median} {where}: probability "
        f"{decimal(worked.probability, 3)}"
    )


def needed(section: T | Absent) -> T:
    """Return a section of the results, or raise the reason why there is none."""
    if isinstance(section, Absent):
        raise NotEstimable(section.absent)
    return section


def has(name: str) -> Callable[[Results], bool]:
    """Return what says whether the results have a section."""
    return lambda results: not isinstance(getattr(results, name), Absent)


has_model = has("model")


def new_figure(width: float, height: float) -> "Figure":
    """Return an empty figure; inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)  # keeps the sizes of texts from one layout to the next
    return figure


def literal(name: object) -> str:
    """Return a name that matplotlib does not take for a formula."""
    return str(name).replace("$", r"\$")


def short(name: str, longest: int = LONGEST_NAME) -> str:
    """Leave out the middle of a long name; the table has it in full."""
    if len(name) <= longest:
        return name
    half = longest // 2
    return f"{name[:half]}\N{HORIZONTAL ELLIPSIS}{name[-half:]}"


def label(name: str, joint: str = ", ") -> str:
    """Return a feature as figures call it; its sequence and region stand behind it.

    >>> label("T1|rim3out__S(1,0)Contrast"), label("S(1,0)Contrast")
    ('S(1,0)Contrast, T1 rim3out', 'S(1,0)Contrast')
    """
    block, mark, feature = name.partition(SEPARATOR)
    if not mark or BAR not in block:
        return literal(short(name))
    return literal(f"{short(feature)}{joint}{block.replace(BAR, ' ')}")


def percent(share: float | None) -> float | None:
    """Return a share in per cent."""
    return None if share is None else 100 * share


def per_cent(share: float, digits: int = 0) -> str:
    """Return a share as text in per cent.

    >>> per_cent(0.843)
    '84 %'
    """
    return f"{decimal(100 * share, digits)} %"


def scores_by_part(results: Results) -> list[tuple[str, pd.DataFrame]]:
    """Return the title and the scores of each part."""
    scores = pd.DataFrame(vars(needed(results.scores)))
    return [
        (PART_TITLES[part.part], scores[scores["part"] == part.part])
        for part in results.parts
    ]


def decision_settings(results: Results) -> DecisionSettings:
    """Return how net benefit is drawn."""
    return {
        "thresholds": np.arange(1, 100) / 100,
        "threshold_range": results.config.threshold_range,
        "prevalence": results.config.prevalence,
    }


def power(text: str) -> Markup:
    """Turn ``1.2 × 10^−5`` into its typeset form."""
    mantissa, mark, exponent = text.partition("^")
    if not mark:
        return escape(text)
    number, space, rest = exponent.partition(" ")
    return Markup("{}<sup>{}</sup>{}").format(mantissa, number, power(space + rest))
