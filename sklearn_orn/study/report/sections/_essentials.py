"""AUC, calibration, net benefit and risks of the part that judges, in four panels."""

from sklearn_orn.study._written_numbers import PART_WORDS
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Results


def draw_essentials(results: Results) -> "b.Figure":
    """Draw AUC, calibration, net benefit and risks of the part that judges."""
    from sklearn_orn.plotting import PerformanceDisplay

    title, rows = s.scores_by_part(results)[-1]
    negative, positive = (s.short(s.literal(name)) for name in results.classes)
    figure = s.new_figure(s.PAGE, 7.0)
    PerformanceDisplay.from_predictions(
        rows["y"],
        rows["probability"],
        groups=rows["patient"],
        name=title,
        class_names=(negative, positive),
        ax=figure.subplots(2, 2),
        **s.decision_settings(results),
    )
    return figure


def essentials_sentence(results: Results) -> str:
    """Say what the four panels are."""
    return (
        "Discrimination, calibration, net benefit and the distribution of the "
        f"predicted probabilities in each class {PART_WORDS[results.parts[-1].part]}: "
        "the measures that no report of a risk model should lack. Band and bars are "
        f"95{s.PERCENT} intervals by patient."
    )


ESSENTIALS = b.FigureBlock(
    "essentials", "The four essential measures", draw_essentials, essentials_sentence
)
SECTION = b.section(ESSENTIALS, needs_model=True)
