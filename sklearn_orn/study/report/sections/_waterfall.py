"""The score of each lesion, and how far the classes lie apart."""

import textwrap
import warnings
from typing import TYPE_CHECKING

from scipy.special import logit

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._numbers import PART_WORDS, p_value
from sklearn_orn.study.report._blocks import FigureBlock, Section
from sklearn_orn.study.report.sections._shared import (
    PAGE,
    SAME_FOR_ALL,
    literal,
    needed,
    new_figure,
    scores_by_part,
    short,
)
from sklearn_orn.study.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONGEST_CLASS, LEGEND_WIDTH = 48, 16  # letters, and those in a line


def draw_waterfall(results: Results) -> "Figure":
    """Draw the score of each lesion by class, each part beside the other."""
    from sklearn_orn.plotting import WaterfallDisplay

    model = needed(results.model)
    if not model.coefficients:
        raise NotEstimable(SAME_FOR_ALL)
    negative, positive = (
        textwrap.fill(literal(short(name, LONGEST_CLASS)), LEGEND_WIDTH)
        for name in results.classes
    )
    parts = scores_by_part(results)
    figure = new_figure(PAGE, 3.2)
    for ax, (title, rows) in zip(figure.subplots(1, len(parts)), parts, strict=True):
        # Scores of different folds are on different scales.
        folds = rows["part"].iloc[0] == "cross-validation"
        with warnings.catch_warnings():
            # It tries a legend of two columns, then of one.
            warnings.filterwarnings("ignore", message="constrained_layout not applied")
            WaterfallDisplay.from_predictions(
                rows["y"],
                rows["probability" if folds else "score"],
                threshold=model.threshold if folds else float(logit(model.threshold)),
                groups=rows["patient"],
                class_names=(negative, positive),
                name=title,
                ax=ax,
            )
        if folds:
            ax.set_ylabel("Probability")
    return figure


def waterfall_sentence(results: Results) -> str:
    """Say how far the classes lie apart."""
    tests = results.score_by_class
    if not tests:
        return ""
    texts = [f"p {p_value(row.p_value)} {PART_WORDS[row.part]}" for row in tests]
    names = ", ".join(dict.fromkeys(row.test for row in tests))
    return (
        "One bar for each lesion, from the threshold to its value. Difference between "
        f"the classes: {', '.join(texts)} ({names})."
    )


WATERFALL = FigureBlock(
    "waterfall", "Score of each lesion", draw_waterfall, waterfall_sentence
)
SECTION = Section((WATERFALL,), needs_model=True)
