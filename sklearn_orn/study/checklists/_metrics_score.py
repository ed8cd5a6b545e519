"""The METRICS score of a study, from its filled checklist.

Weights and arithmetic are those of Kocak B, Akinci D'Antonoli T, Mercaldo N, et al.,
Insights Imaging 2024;15:8 (doi:10.1186/s13244-023-01572-w), Table 1, and of its
calculator https://metricsscore.github.io/metrics/METRICS.html.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sklearn_orn.study.checklists._checklist import Status, read_checklist
from sklearn_orn.study.checklists._fill import ChecklistItem

KINDS: dict[Status, str] = {
    "filled": "met",
    "not done": "not",
    "author": "unknown",
    "not applicable": "n/a",
}


@dataclass(frozen=True)
class MetricsScore:
    """The METRICS score, and the highest that it may become with what is unknown.

    What only the author can know is `unknown` and counts as not met. `categories` has
    for each of the nine the weight met, the weight unknown, and the weight that
    applies.
    """

    score_percent: float
    highest_percent: float
    met: tuple[str, ...]
    not_met: tuple[str, ...]
    unknown: tuple[str, ...]
    not_applicable: tuple[str, ...]
    categories: dict[str, tuple[float, float, float]]


def metrics_weights() -> dict[str, float]:
    """Return the weight of each METRICS item; they sum to 1."""
    items = read_checklist("metrics").items
    return {item.number: item.weight for item in items if item.weight is not None}


def _check_items(items: Sequence[ChecklistItem], weights: dict[str, float]) -> None:
    numbers = [item.number for item in items]
    if sorted(numbers) != sorted(weights):
        raise ValueError(
            f"items are {len(items)}, with {len(set(numbers))} different numbers: "
            "expected the 30 items of METRICS, each once, from "
            "fill_checklist('metrics', results)."
        )


def metrics_score(items: Sequence[ChecklistItem]) -> MetricsScore:
    r"""Return the METRICS score of a filled checklist.

    :math:`100 \sum_{met} w_i / \sum_{applies} w_i`: an item whose condition the study
    does not meet (such as end-to-end deep learning) leaves both sums.
    """
    weights = metrics_weights()
    _check_items(items, weights)
    groups: dict[str, list[str]] = {"met": [], "not": [], "unknown": [], "n/a": []}
    categories: dict[str, tuple[float, float, float]] = {}
    for item in items:
        kind = KINDS[item.status]
        groups[kind].append(item.number)
        weight = weights[item.number]
        met, unknown, applies = categories.get(item.section, (0.0, 0.0, 0.0))
        categories[item.section] = (
            met + weight * (kind == "met"),
            unknown + weight * (kind == "unknown"),
            applies + weight * (kind != "n/a"),
        )
    met, unknown, applies = (
        sum(column) for column in zip(*categories.values(), strict=True)
    )
    return MetricsScore(
        score_percent=100 * met / applies if applies else 0.0,
        highest_percent=100 * (met + unknown) / applies if applies else 0.0,
        met=tuple(groups["met"]),
        not_met=tuple(groups["not"]),
        unknown=tuple(groups["unknown"]),
        not_applicable=tuple(groups["n/a"]),
        categories=categories,
    )
