"""AUC, calibration, net benefit and risks of the part that judges, in four panels."""

from typing import TYPE_CHECKING

from sklearn_orn.study._numbers import PART_WORDS
from sklearn_orn.study.report._blocks import FigureBlock, Section
from sklearn_orn.study.report.sections._shared import (
    PAGE,
    PERCENT,
    decision_settings,
    literal,
    new_figure,
    scores_by_part,
    short,
)
from sklearn_orn.study.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_essentials(results: Results) -> "Figure":
    """Draw AUC, calibration, net benefit and risks of the part that judges."""
    from sklearn_orn.plotting import PerformanceDisplay

    title, rows = scores_by_part(results)[-1]
    negative, positive = (short(literal(name)) for name in results.classes)
    figure = new_figure(PAGE, 6.6)
    PerformanceDisplay.from_predictions(
        rows["y"],
        rows["probability"],
        groups=rows["patient"],
        name=title,
        class_names=(negative, positive),
        ax=figure.subplots(2, 2),
        **decision_settings(results),
    )
    return figure


def essentials_sentence(results: Results) -> str:
    """Say what the four panels are."""
    return (
        "Discrimination, calibration, net benefit and the distribution of the "
        f"predicted probabilities in each class {PART_WORDS[results.parts[-1].part]}: "
        "the measures that no report of a risk model should lack. The band is the "
        f"95{PERCENT} interval by patient; bars are Wilson's intervals of lesions."
    )


ESSENTIALS = FigureBlock(
    "essentials", "The four essential measures", draw_essentials, essentials_sentence
)
SECTION = Section((ESSENTIALS,), needs_model=True)
