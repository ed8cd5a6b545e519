"""How far the outlines of every two readers agree: overlap, distances, areas."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._written_numbers import MISSING, decimal
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import (
    Absent,
    OutlinePair,
    Outlines,
    ReaderPair,
    Results,
    Spread,
)

# The measures, what the page calls them, and the decimals of each.
MEASURES = {
    "dice": ("Dice", 2),
    "hausdorff_mm": ("Hausdorff distance, mm", 1),
    "hausdorff_95_mm": ("95 % Hausdorff distance, mm", 1),
    "mean_surface_distance_mm": ("Mean surface distance, mm", 2),
    "area_ratio": ("Area ratio", 2),
}
WHISKERS = (5, 95)  # percentiles


def outline_numbers(study: Study, results: Results) -> Outlines | Absent:
    """Return the spread of each measure over the lesions of every two readers."""
    images = results.images
    if isinstance(images, Absent):
        return images
    rows = pd.DataFrame([vars(pair) for pair in images.overlap.pairs])
    if rows.empty:
        return Absent("No lesion was drawn by two readers on one image.")
    by = rows.groupby(["sequence", "reader_1", "reader_2"], sort=False)
    return Outlines(
        tuple(
            OutlinePair(
                str(sequence),
                str(first),
                str(second),
                len(own),
                *(spread_of(own[measure]) for measure in MEASURES),
            )
            for (sequence, first, second), own in by
        )
    )


def spread_of(column: pd.Series) -> Spread:
    """Return median, quartiles and range; what is missing does not count."""
    values = column.to_numpy(dtype=float)
    values = values[~np.isnan(values)]
    if not len(values):
        return Spread(0, *[None] * 5)
    low, q1, median, q3, high = np.percentile(values, [0, 25, 50, 75, 100]).tolist()
    return Spread(len(values), median, q1, q3, low, high)


def pair_name(pair: OutlinePair | ReaderPair) -> str:
    """Return ``T1: anna, ben``; without the sequence where the table has one."""
    readers = f"{s.short(pair.reader_1)}, {s.short(pair.reader_2)}"
    return f"{pair.sequence}: {readers}" if pair.sequence else readers


def draw_outlines(results: Results) -> "b.Figure":
    """Draw how each measure is spread over the lesions, pair by pair."""
    from sklearn_orn.plotting.shared import BLACK, BLUE, label_axes

    found = s.needed(results.outlines)
    pairs = s.needed(results.images).overlap.pairs
    names = [pair_name(pair) for pair in found.pairs]
    known = [m for m in MEASURES if any(p.spreads[m].n for p in found.pairs)]
    figure = s.new_figure(s.PAGE, 1.1 + 0.3 * len(names))
    panels = figure.subplots(1, len(known), sharey=True, squeeze=False)[0]
    for ax, measure in zip(panels, known, strict=True):
        values: dict[str, list[float]] = {name: [] for name in names}
        for pair in pairs:
            value = getattr(pair, measure)
            if value is not None:
                values[pair_name(pair)].append(value)
        ax.boxplot(
            list(values.values()),
            orientation="horizontal",
            whis=WHISKERS,
            widths=0.5,
            manage_ticks=False,  # each panel would label the axis that they share
            medianprops={"color": BLUE, "linewidth": 1.5},
            flierprops={"marker": "o", "markersize": 2, "markeredgecolor": BLACK},
        )
        label_axes(ax, MEASURES[measure][0].replace(" distance", "\ndistance"), "")
    panels[0].set_yticks(range(1, len(names) + 1), [s.literal(n) for n in names])
    panels[0].set_ylim(len(names) + 0.5, 0.5)  # the first pair on top
    return figure


def outlines_sentence(results: Results) -> str:
    """Say what the boxes are."""
    found = s.needed(results.outlines)
    counts = sorted({pair.n_lesions for pair in found.pairs})
    n = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return (
        f"Median (blue), quartiles, and whiskers from the {WHISKERS[0]}th to the "
        f"{WHISKERS[1]}th percentile of {n} lesions; points lie outside. Dice’s "
        "coefficient is 1 where two outlines are the same; the Hausdorff distance is "
        "the largest distance of their borders."
    )


def outlines_table(results: Results) -> b.Table:
    """Return median and quartiles of each measure for every two readers."""
    found = s.needed(results.outlines)
    several = any(pair.sequence for pair in found.pairs)
    rows = []
    for pair in found.pairs:
        cells = [
            spread_text(pair.spreads[measure], digits)
            for measure, (_, digits) in MEASURES.items()
        ]
        readers = f"{pair.reader_1}, {pair.reader_2}"
        place = [pair.sequence] if several else []
        rows.append([*place, readers, str(pair.n_lesions), *cells])
    return b.Table(
        "Agreement of the outlines",
        (
            *b.texts(*(["Sequence"] if several else []), "Readers"),
            *b.numbers("Lesions", *(name for name, _ in MEASURES.values())),
        ),
        rows,
        "Median, quartiles in brackets. Borders are compared pixel by pixel on the "
        "measured slice; the area ratio is that of the first reader to the second.",
    )


def spread_text(spread: Spread, digits: int) -> str:
    """Return ``0.91 (0.88 to 0.93)``."""
    if not spread.n:
        return MISSING
    median, q1, q3 = (
        decimal(value, digits) for value in (spread.median, spread.q1, spread.q3)
    )
    return f"{median} ({q1} to {q3})"


def overlap_sentence(results: Results) -> Iterator[str]:
    """Say how far the readers' outlines overlap."""
    images = results.images
    if isinstance(images, Absent) or not images.overlap.n_lesions:
        return
    found = images.overlap
    yield (
        f"In {found.n_lesions} comparisons of two readers’ outlines the median Dice "
        f"coefficient is {decimal(found.dice_median)} (range "
        f"{decimal(found.dice_min)} to {decimal(found.dice_max)})."
    )


SECTION = b.section(
    b.Heading("Outlines", s.has("outlines")),
    b.Text(overlap_sentence),
    b.FigureBlock(
        "outlines",
        "Agreement of the outlines",
        draw_outlines,
        outlines_sentence,
        wanted=s.has("outlines"),
    ),
    b.TableBlock("outlines", outlines_table, places=("readers",)),
    analyses=(b.Analysis("outlines", outline_numbers),),
)
