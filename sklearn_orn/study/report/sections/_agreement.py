"""On how many features the readers agree, and on which families of them."""

from collections.abc import Iterator

import numpy as np

from sklearn_orn._block_names import region_words
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._records import rows_of
from sklearn_orn.study._written_numbers import decimal
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.report.sections._icc import icc_filters
from sklearn_orn.study.results import Absent, AgreementGroup, AgreementGroups, Results

JUDGES = {"readers": "readers", "perturbed": "perturbed outlines"}


def agreement_groups(study: Study, results: Results) -> AgreementGroups | Absent:
    """Return the ICCs by sequence, region and family, over each kind of readers."""
    from sklearn_orn.plotting.shared import families_of
    from sklearn_orn.selection import icc_summary

    rows: list[AgreementGroup] = []
    for judge, icc in icc_filters(study).items():
        table = icc_summary(icc, families_of(icc.features_))
        table.insert(0, "judged_by", judge)
        rows += rows_of(AgreementGroup, table)
    if rows:
        return AgreementGroups(tuple(rows))
    found = results.agreement
    return found if isinstance(found, Absent) else Absent("The readers have no names.")


def draw_icc(results: Results) -> "b.Figure":
    """Draw the agreement of the readers on each feature."""
    from sklearn_orn.plotting import ICCDisplay
    from sklearn_orn.plotting.shared import families_of

    rows = results.selection.icc or ()
    limits = [(row.icc, row.lower, row.upper) for row in rows]
    icc, lower, upper = np.array(limits, dtype=float).T
    if np.isnan(icc).all():
        raise NotEstimable("The ICC is defined for no feature.")
    figure = s.new_figure(s.PAGE, 3.3)
    ICCDisplay(
        icc=icc,
        lower=lower,
        upper=upper,
        families=families_of(np.array([row.feature for row in rows], dtype=object)),
        threshold=results.config.icc_threshold,
    ).plot(ax=figure.subplots())
    return figure


def icc_sentence(results: Results) -> str:
    """Say on how many features the readers, real or virtual, agree."""
    found = s.needed(results.agreement)
    drawn = "drawn by all readers"
    if of_virtual_readers(results):
        n = results.config.perturbed_outlines
        drawn = f"with {n} perturbed outlines each, which are virtual readers"
    return (
        f"{found.n_kept} of {found.n_features} features have an {found.form} above "
        f"{results.config.icc_threshold:g} (dashed line) in {found.n_lesions} lesions "
        f"{drawn}; the median is {decimal(found.median_icc)}. The "
        f"95{s.PERCENT} limits count {found.interval_unit}s."
    )


def of_virtual_readers(results: Results) -> bool:
    """Say whether the ICC is of perturbed outlines, for want of a second reader."""
    found = results.agreement
    return not isinstance(found, Absent) and found.judged_by != "readers"


def of_readers(results: Results) -> bool:
    """Say whether the ICC is of readers who drew."""
    found = results.agreement
    return not isinstance(found, Absent) and found.judged_by == "readers"


def no_filter(results: Results) -> Iterator[str]:
    """Say why the readers' agreement chose no feature."""
    if isinstance(results.agreement, Absent):
        yield f"No ICC filter was applied: {results.agreement.absent}"


def group_names(results: Results) -> tuple[bool, bool, bool]:
    """Say which of judge, sequence and region tell the groups apart."""
    rows = s.needed(results.agreement_groups).rows
    judges = {row.judged_by for row in rows}
    return (
        judges != {"readers"},
        len({row.sequence for row in rows}) > 1,
        len({row.region for row in rows}) > 1,
    )


def groups_table(results: Results) -> b.Table:
    """Return the ICCs of each sequence, region and family."""
    found = s.needed(results.agreement_groups)
    shown = group_names(results)
    rows = []
    for row in found.rows:
        places = (JUDGES[row.judged_by], row.sequence, region_words(row.region))
        share = decimal(100 * row.n_kept / row.n_features, 0)
        quartiles = map(decimal, (row.lower_quartile, row.upper_quartile))
        rows.append(
            [
                *(text for text, wanted in zip(places, shown, strict=True) if wanted),
                row.family.replace("_", " "),
                str(row.n_features),
                f"{row.n_kept} ({share} %)",
                decimal(row.median),
                " to ".join(quartiles),
            ]
        )
    heads = [
        head
        for head, wanted in zip(("ICC over", "Sequence", "Region"), shown, strict=True)
        if wanted
    ]
    above = f"Above {results.config.icc_threshold:g}"
    return b.Table(
        "Agreement by family of features",
        (
            *b.texts(*heads, "Family"),
            *b.numbers("Features", above, "Median ICC", "Quartiles"),
        ),
        rows,
    )


def draw_groups(results: Results) -> "b.Figure":
    """Draw median and quartiles of the ICCs of each family, by sequence and region."""
    from sklearn_orn.plotting.shared import COLOURS, GREY, add_legend, label_axes

    rows = [r for r in s.needed(results.agreement_groups).rows if r.median is not None]
    families = list(dict.fromkeys(row.family for row in rows))
    shown = group_names(results)
    groups = list(dict.fromkeys(_group(row, shown) for row in rows))
    step = 0.8 / len(groups)
    figure = s.new_figure(s.PAGE, 1.0 + len(families) * (0.18 + 0.1 * len(groups)))
    ax = figure.subplots()
    for i, group in enumerate(groups):
        own = [row for row in rows if _group(row, shown) == group]
        place = [families.index(r.family) + (i + 0.5) * step - 0.4 for r in own]
        values = [(r.median, r.lower_quartile, r.upper_quartile) for r in own]
        median, low, high = np.array(values, dtype=float).T
        ax.errorbar(
            median,
            place,
            xerr=[median - low, high - median],
            fmt="o",
            markersize=4,
            elinewidth=1.2,
            color=COLOURS[i % len(COLOURS)],
            label=s.literal(group),
        )
    ax.axvline(results.config.icc_threshold, color=GREY, linestyle="--", linewidth=1)
    ax.set_yticks(range(len(families)), [name.replace("_", " ") for name in families])
    ax.set_ylim(len(families) - 0.5, -0.5)
    ax.set_xlim(right=1.01)
    label_axes(ax, "ICC", "")
    if len(groups) > 1:
        add_legend(ax)
    return figure


def _group(row: AgreementGroup, shown: tuple[bool, bool, bool]) -> str:
    parts = (JUDGES[row.judged_by], row.sequence, region_words(row.region))
    return ", ".join(part for part, said in zip(parts, shown, strict=True) if said)


def groups_sentence(results: Results) -> str:
    """Say what is drawn, and which family readers agree on least."""
    rows = [r for r in s.needed(results.agreement_groups).rows if r.median is not None]
    lowest = min(rows, key=lambda row: row.n_kept / row.n_features)
    share = decimal(100 * lowest.n_kept / lowest.n_features, 0)
    where = _group(lowest, group_names(results))
    return (
        "Median and quartiles of the ICC in each family of features; the dashed line "
        f"is the threshold of {results.config.icc_threshold:g}. Fewest pass it in the "
        f"family {lowest.family.replace('_', ' ')}{f' ({where})' if where else ''}: "
        f"{lowest.n_kept} of {lowest.n_features} ({share}{s.PERCENT})."
    )


def several_groups(results: Results) -> bool:
    """Say whether there are two groups of features at least, with an ICC."""
    found = results.agreement_groups
    return not isinstance(found, Absent) and (
        sum(row.median is not None for row in found.rows) > 1
    )


SECTION = b.section(
    b.Heading("Agreement on features", s.has("agreement")),
    b.FigureBlock(
        "icc",
        "Agreement of the readers",
        draw_icc,
        icc_sentence,
        places=("agreement", "icc"),
        wanted=of_readers,
    ),
    b.FigureBlock(
        "icc-perturbed",
        "Agreement of perturbed outlines",
        draw_icc,
        icc_sentence,
        places=("agreement", "icc"),
        wanted=of_virtual_readers,
    ),
    b.Text(no_filter),
    b.FigureBlock(
        "icc-families",
        "Agreement by family of features",
        draw_groups,
        groups_sentence,
        wanted=several_groups,
    ),
    b.TableBlock("icc-families", groups_table, places=("agreement_groups",)),
    analyses=(b.Analysis("agreement_groups", agreement_groups),),
)
