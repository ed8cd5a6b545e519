"""The ROC curves, and what the AUC means."""

from sklearn_orn.study._written_numbers import PART_WORDS, decimal
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Results


def draw_roc(results: Results) -> "b.Figure":
    """Draw the ROC curves of all parts on one pair of axes."""
    from sklearn_orn.plotting import RocDisplay

    parts = s.scores_by_part(results)
    figure = s.new_figure(4.2, 4.0)
    ax = figure.subplots()
    for title, rows in parts:
        RocDisplay.from_predictions(
            rows["y"], rows["probability"], name=title, groups=rows["patient"], ax=ax
        )
    return figure


def roc_sentence(results: Results) -> str:
    """Say what the AUC of the last part means."""
    part = results.parts[-1]
    auc, (negative, positive) = part.auc, results.classes
    limits, chance = "too few patients for an interval", ""
    if auc.lower is not None and auc.upper is not None:
        low, high = (decimal(100 * value, 0) for value in (auc.lower, auc.upper))
        limits = f"95{s.PERCENT} CI {low} to {high}{s.PERCENT}"
        if auc.lower <= 0.5 <= auc.upper:
            chance = ", so chance (0.5) is not ruled out"
    return (
        f"Of two lesions, one {positive} and one {negative}, the score ranks the "
        f"{positive} one higher in {decimal(100 * auc.auc, 0)}{s.PERCENT} of pairs "
        f"{PART_WORDS[part.part]} ({limits}){chance}."
    )


ROC = b.FigureBlock("roc", "ROC curves", draw_roc, roc_sentence, layout="beside")
SECTION = b.section(ROC, needs_model=True)
