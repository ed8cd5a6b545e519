"""Whether the model does as well in groups of patients: sex, age, centre, scanner."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._subgroups import (
    FEW,
    UNKNOWN,
    JudgedPart,
    judge_groups,
    named_groupings,
)
from sklearn_orn.study._written_numbers import PART_TITLES, decimal, with_limits
from sklearn_orn.study.methods._words import count, join_words
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import Absent, GroupMeasure, Results, Subgroup, Subgroups

WORDS = ("AUC", "Observed minus expected", "Net benefit")


def subgroups_numbers(study: Study, results: Results) -> Subgroups | Absent:
    """Judge the model in each group of the part that judges it."""
    model, scores = s.needed(results.model), s.needed(results.scores)
    part = results.parts[-1].part
    rows = np.array([name == part for name in scores.part])
    design = study.design
    at = ~design.training if part == "validation" else np.full(len(design.y), True)
    groupings = named_groupings(study.cohort.clinical, design.training)
    centres = study.cohort.centres
    groupings["centre"] = "No column of the centre is named."
    if centres is not None:
        groupings["centre"] = np.asarray(centres, dtype=object)
    if isinstance(groupings["scanner"], str) and study.protocol is not None:
        groupings["scanner"] = _scanners(study.protocol)
    return judge_groups(
        JudgedPart(
            part,
            model.threshold,
            np.array(scores.y)[rows] == 1,
            np.array(scores.probability)[rows],
            np.array(scores.patient, dtype=object)[rows],
        ),
        {k: x if isinstance(x, str) else x[at] for k, x in groupings.items()},
    )


def _scanners(table: pd.DataFrame) -> np.ndarray | str:
    """Return vendor, model and field strength of each lesion's image."""
    if table[["vendor", "model"]].isna().all(axis=None):
        return "No header tells the scanner."
    fields = table["field_strength_T"].map("{:g} T".format, na_action="ignore")
    columns = (table["vendor"], table["model"], fields)
    rows = zip(*columns, strict=True)
    names = [" ".join(str(x) for x in row if not pd.isna(x)) for row in rows]
    return np.array([name or UNKNOWN for name in names], dtype=object)


def subgroups_table(results: Results) -> b.Table:
    """Return how good the model is in each group."""
    found = s.needed(results.subgroups)
    rows = [
        [
            f"{row.by}: {row.name}" + (" *" if row.few else ""),
            f"{row.n_patients} ({row.n_positive_patients}, {row.n_negative_patients})",
            f"{row.n_positive}/{row.n_lesions}",
            *map(_limits, _measures(row)),
        ]
        for row in found.rows
    ]
    heads = [f"{name} (95 % CI)" for name in WORDS]
    return b.Table(
        f"Groups of patients, {PART_TITLES[found.part].lower()}",
        (
            *b.texts("Group"),
            *b.numbers("Patients (with +, −)", "Positive lesions", *heads),
        ),
        rows,
        f"* fewer than {FEW} patients of a class: too few to judge. Observed minus "
        "expected is calibration in the large, in shares. The net benefit is that "
        f"at a probability of {decimal(found.threshold, 3)}, where the study decides; "
        "it follows the prevalence of a group. Intervals count patients.",
    )


def differences_table(results: Results) -> b.Table:
    """Return how far each group lies from all others."""
    found = s.needed(results.subgroups)
    rows = [
        [
            f"{row.by}: {row.name}" + (" *" if row.few else ""),
            *map(_apart, _measures(row)),
        ]
        for row in found.rows
        if any(x.difference is not None for x in _measures(row))
    ]
    return b.Table(
        "Groups of patients, difference to all others",
        (*b.texts("Group"), *b.numbers(*WORDS)),
        rows,
        f"Intervals of {s.per_cent(found.level, 1)} each: all "
        f"{found.n_comparisons} hold together at 95 % (Bonferroni). There are no p "
        "values: an interval that holds 0 does not show that groups are alike. * as "
        "above.",
    )


def _measures(row: Subgroup) -> tuple[GroupMeasure, ...]:
    return row.auc, row.in_the_large, row.net_benefit


def _limits(measure: GroupMeasure) -> str:
    value = measure.estimate
    return "" if value is None else with_limits(value, measure.lower, measure.upper)


def _apart(measure: GroupMeasure) -> str:
    limits = measure.difference_lower, measure.difference_upper
    return (
        "" if measure.difference is None else with_limits(measure.difference, *limits)
    )


def differing_groups(found: Subgroups) -> list[str]:
    """Return what differs in which group, as far as the intervals show it."""
    return [
        f"{name.lower() if name != 'AUC' else name} of {row.by} {row.name}"
        for row in found.rows
        for name, measure in zip(WORDS, _measures(row), strict=True)
        if (measure.difference_lower or 0) > 0 or (measure.difference_upper or 0) < 0
    ]


def subgroups_sentence(results: Results) -> Iterator[str]:
    """Say what the groups show, what is too small, and what is missing."""
    found = results.subgroups
    if isinstance(found, Absent):
        return
    differ = differing_groups(found)
    if found.n_comparisons:
        yield (
            f"Of {count(found.n_comparisons, 'difference')} between groups, adjusted "
            f"for their number, the intervals of {len(differ) or 'none'} leave out 0"
            + (f": {join_words(differ)}." if differ else ".")
        )
    few = [row for row in found.rows if row.few]
    if few:
        yield (
            f"{count(len(few), 'group')} of {len(found.rows)} "
            f"{'has' if len(few) == 1 else 'have'} fewer than {FEW} patients of a "
            "class, and cannot be judged here; a difference may be there unseen."
        )
    if found.shared:
        yield (
            f"Lesions of one patient are in several groups by "
            f"{join_words(list(found.shared))}, so differences between these are not "
            "given where groups share a patient."
        )
    if found.missing:
        missing = [f"{what} ({why.rstrip('.')})" for what, why in found.missing.items()]
        yield f"Not examined: {join_words(missing)}."


SECTION = b.section(
    b.TableBlock("subgroups", subgroups_table, places=("subgroups",), layout="wide"),
    b.TableBlock("subgroup-differences", differences_table, layout="wide"),
    b.Text(subgroups_sentence),
    b.Absence("Groups of patients", lambda results: results.subgroups),
    needs_model=True,
    analyses=(b.Analysis("subgroups", subgroups_numbers, ""),),
)
