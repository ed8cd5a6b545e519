"""At which thresholds the model is worth more than treating all or none."""

from collections.abc import Sequence

import pandas as pd

from sklearn_orn.study._written_numbers import PART_WORDS, decimal
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import DecisionCurve, Results

LEAST_LESIONS = 5  # on either side of a threshold
ROUNDING = 1e-12  # a net benefit is above another only beyond it


def _draw(title: str, rows: pd.DataFrame, results: Results) -> "b.Figure":
    from sklearn_orn.plotting import DecisionCurveDisplay

    figure = s.new_figure(4.8, 3.6)
    DecisionCurveDisplay.from_predictions(
        rows["y"],
        rows["probability"],
        name=title,
        groups=rows["patient"],
        ax=figure.subplots(),
        **s.decision_settings(results),
    )
    return figure


def draw_decision(results: Results) -> "b.Figure":
    """Draw the decision curve of the part that judges."""
    return _draw(*s.scores_by_part(results)[-1], results)


def draw_pooled(results: Results) -> "b.Figure":
    """Draw one decision curve of training and validation together."""
    pooled = pd.concat([rows for _, rows in s.scores_by_part(results)])
    return _draw("Pooled", pooled, results)


def is_pooled(results: Results) -> bool:
    """Say whether the pooled curve was asked for, of lesions that stand there once."""
    folds = any(part.part == "cross-validation" for part in results.parts)
    return results.config.pooled_decision_curve and not folds


def judged_thresholds(
    curve: DecisionCurve, limits: Sequence[float] | None
) -> list[bool]:
    """Tell which thresholds count: the clinical ones, or those with enough lesions."""
    if limits is not None:
        return [limits[0] <= at <= limits[1] for at in curve.threshold]
    sides = zip(curve.above, curve.below, strict=True)
    return [min(pair) >= LEAST_LESIONS for pair in sides]


def useful_range(
    curve: DecisionCurve, limits: Sequence[float] | None, *, certain: bool
) -> tuple[float, float] | None:
    """Return the ends of the longest run of thresholds where the model is the best.

    `certain` asks that of the lower limits of its differences to all and to none.
    """
    best: tuple[int, float, float] | None = None
    run: list[float] = []
    for threshold, over_none, over_all, judged in zip(
        curve.threshold,
        curve.model_lower if certain else curve.model,
        curve.over_all_lower if certain else curve.over_all,
        judged_thresholds(curve, limits),
        strict=True,
    ):
        gains = [gain for gain in (over_none, over_all) if gain is not None]
        better = judged and len(gains) == 2 and min(gains) > ROUNDING
        run = [*run, threshold] if better else []
        if run and (best is None or len(run) > best[0]):
            best = (len(run), run[0], run[-1])
    return None if best is None else best[1:]


def span(ends: tuple[float, float]) -> str:
    """Say from where to where thresholds go."""
    low, high = map(decimal, ends)
    return f"from {low} to {high}" if high != low else f"of {low}"


def decision_sentence(results: Results) -> str:
    """Say at which thresholds the model is worth more than treating all or none."""
    part, positive = results.parts[-1], results.classes[1]
    limits, where = results.config.threshold_range, PART_WORDS[part.part]
    of = f"with {LEAST_LESIONS} or more lesions on either side"
    if limits is not None:
        of = f"in the clinical range from {limits[0]:g} to {limits[1]:g}"
    sure = useful_range(part.decision_curve, limits, certain=True)
    seen = useful_range(part.decision_curve, limits, certain=False)
    if sure is not None:
        text = (
            f"At threshold probabilities {span(sure)}, deciding by the model brings a "
            f"higher net benefit than treating all or no lesions as {positive} "
            f"{where}: the lower 95{s.PERCENT} limits of both differences, by patient, "
            "are above 0"
        )
        if seen is not None and seen != sure:
            text += f" (the curve itself is the highest {span(seen)})"
    elif seen is None:
        text = (
            f"At no threshold probability {of} does the model do better than treating "
            f"all or no lesions as {positive} {where}"
        )
    else:
        text = (
            f"The curve is the highest at threshold probabilities {span(seen)} "
            f"{where}, but at none {of} are the lower 95{s.PERCENT} limits of its "
            f"differences to treating all and no lesions as {positive}, by patient, "
            "both above 0: a benefit is not shown"
        )
    if limits is None:
        text += (
            f". Thresholds with fewer than {LEAST_LESIONS} lesions on a side are pale"
        )
    if part.prevalence is not None:
        text += f". The prevalence is set to {100 * part.prevalence:g}{s.PERCENT}"
    return f"{text}."


def pooled_sentence(results: Results) -> str:
    """Say why the pooled curve is too good."""
    return (
        "The lesions in training taught the model: it shows more benefit than new "
        "patients would have, and stands here because it was asked for."
    )


SECTION = b.section(
    b.FigureBlock(
        "decision",
        "Decision curve",
        draw_decision,
        decision_sentence,
        places=("decision",),
        layout="beside",
    ),
    b.FigureBlock(
        "decision-pooled",
        "Decision curve of training and validation together",
        draw_pooled,
        pooled_sentence,
        layout="beside",
        wanted=is_pooled,
    ),
    needs_model=True,
)
