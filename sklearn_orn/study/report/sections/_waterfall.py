"""The score of each lesion, and how far the classes lie apart."""

import textwrap
import warnings

from scipy.special import logit

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._written_numbers import PART_WORDS, p_value
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Results

LONGEST_CLASS, LEGEND_WIDTH = 48, 16  # letters, and those in a line


def draw_waterfall(results: Results) -> "b.Figure":
    """Draw the score of each lesion by class, each part beside the other."""
    from sklearn_orn.plotting import WaterfallDisplay

    model = s.needed(results.model)
    if not model.coefficients:
        raise NotEstimable(s.SAME_FOR_ALL)
    negative, positive = (
        textwrap.fill(s.literal(s.short(name, LONGEST_CLASS)), LEGEND_WIDTH)
        for name in results.classes
    )
    parts = s.scores_by_part(results)
    figure = s.new_figure(s.PAGE, 3.2)
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


WATERFALL = b.FigureBlock(
    "waterfall", "Score of each lesion", draw_waterfall, waterfall_sentence
)
SECTION = b.section(WATERFALL, needs_model=True)
