"""What deciding by the combined model brings more, over the thresholds."""

from collections.abc import Sequence

import numpy as np

from sklearn_orn.study._verdict import BOTH, SUBJECTS
from sklearn_orn.study._written_numbers import decimal
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.report.sections._decision import LEAST_LESIONS, ROUNDING, span
from sklearn_orn.study.report.sections._three_models import has_three
from sklearn_orn.study.results import BenefitComparison, Benefits, Models, Results


def _benefits(results: Results) -> tuple[Models, Benefits]:
    models = s.needed(results.models)
    assert models.benefits is not None  # where all three were fitted
    return models, models.benefits


def judged(results: Results, pair: BenefitComparison) -> np.ndarray:
    """Tell which thresholds count: the clinical ones, or those with enough lesions."""
    models, _ = _benefits(results)
    at = np.array(pair.curve.threshold)
    limits = results.config.threshold_range
    if limits is not None:
        return (at >= limits[0]) & (at <= limits[1])
    assert models.judged is not None
    enough = np.ones(len(at), dtype=bool)
    for name in (pair.first, pair.second):
        proba = np.array(models.judged.probability[name])
        above = (proba >= at[:, None]).sum(axis=1)
        enough &= np.minimum(above, len(proba) - above) >= LEAST_LESIONS
    return enough


def _numbers(values: Sequence[float | None]) -> np.ndarray:
    return np.array(values, dtype=float)


def draw_added_benefit(results: Results) -> "b.Figure":
    """Draw the paired differences of net benefit with their limits."""
    from sklearn_orn.plotting.shared import (
        BLACK,
        BLUE,
        VERMILION,
        fill_band,
        label_axes,
    )

    _, benefits = _benefits(results)
    figure = s.new_figure(s.PAGE, 2.6)
    panels = figure.subplots(1, len(benefits.comparisons), sharey=True)
    seen: list[np.ndarray] = []
    for pair, ax in zip(benefits.comparisons, panels, strict=True):
        curve = pair.curve
        at, difference = _numbers(curve.threshold), _numbers(curve.difference)
        limits = (_numbers(curve.lower), _numbers(curve.upper))
        counts = judged(results, pair)
        fill_band(ax, at, limits, BLUE, 0.08)
        shown = [np.where(counts, side, np.nan) for side in (difference, *limits)]
        fill_band(ax, at, shown[1:], BLUE, 0.15)
        ax.plot(at, difference, color=BLUE, alpha=0.3)
        ax.plot(at, shown[0], color=BLUE, linewidth=1.8, label="Difference")
        ax.axhline(0, color=BLACK, linewidth=0.8)
        ax.axvline(benefits.threshold, color=VERMILION, linewidth=0.8, linestyle=":")
        seen += [side[counts] for side in shown]
        first, second = pair.first, pair.second
        title = f"{first.capitalize()}\n\N{MINUS SIGN} {second}"
        ax.set_title(title, fontsize="small", loc="left")
        ax.set_xlim(*(results.config.threshold_range or (0, 1)))
        label_axes(ax, "Threshold probability", "")
    panels[0].set_ylabel("Difference of net benefit", fontsize="small")
    values = np.abs(np.concatenate(seen))
    top = 1.15 * float(np.nanmax(values, initial=0.02))
    panels[0].set_ylim(-top, top)
    return figure


def runs(at: np.ndarray, holds: np.ndarray) -> list[tuple[float, float]]:
    """Return the ends of each run of neighbouring thresholds at which something holds.

    >>> runs(np.array([0.1, 0.2, 0.3, 0.4]), np.array([True, True, False, True]))
    [(0.1, 0.2), (0.4, 0.4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]])))
    return [
        (float(at[i]), float(at[j - 1]))
        for i, j in zip(edges[::2], edges[1::2], strict=True)
    ]


def added_benefit_sentence(results: Results) -> str:
    """Say at which thresholds the combined model brings more than the clinical one."""
    _, benefits = _benefits(results)
    pair = next(
        row
        for row in benefits.comparisons
        if (row.first, row.second) == (BOTH, "clinical")
    )
    at, counts = _numbers(pair.curve.threshold), judged(results, pair)
    lower = _numbers(pair.curve.lower) > ROUNDING
    upper = _numbers(pair.curve.upper) < -ROUNDING
    limits = results.config.threshold_range
    of = f"with {LEAST_LESIONS} or more lesions on either side by both models"
    if limits is not None:
        of = f"from {limits[0]:g} to {limits[1]:g}"
    text = (
        f"Paired differences with 95{s.PERCENT} limits by patient, each for its own "
        f"threshold; dotted, the threshold of this study ({decimal(benefits.threshold)}"
        "). "
    )
    if limits is None:
        text += (
            f"Thresholds with fewer than {LEAST_LESIONS} lesions on a side are pale. "
        )
    if not counts.any():
        return f"{text}There is no threshold {of}."
    better, worse = runs(at, lower & counts), runs(at, upper & counts)
    words = [
        f"{verb} the net benefit of the clinical model at thresholds "
        f"{' and '.join(map(span, found))}"
        for verb, found in (("raises", better), ("lowers", worse))
        if found
    ]
    if not better:
        words.insert(0, f"is not shown to raise the net benefit at any threshold {of}")
    return f"{text}{SUBJECTS[results.config.scores]} {'; it '.join(words)}."


SECTION = b.section(
    b.FigureBlock(
        "added-benefit",
        "Net benefit of the three models, paired differences",
        draw_added_benefit,
        added_benefit_sentence,
        wanted=has_three,
    ),
    needs_model=True,
)
