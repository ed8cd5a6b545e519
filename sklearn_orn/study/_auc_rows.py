"""The AUC of a study by every way to judge it, in the order in which to quote it."""

from dataclasses import dataclass

from sklearn_orn.study._verdict import JOINED, THREE
from sklearn_orn.study._written_numbers import PART_TITLES, decimal, p_value
from sklearn_orn.study.results import (
    Absent,
    ModelAuc,
    Nested,
    Optimism,
    Permuted,
    Results,
)

ORDER = (
    *("validation", "nested", "plus_632", "out_of_bag", "cross-validation"),
    *("corrected", "training", "permuted"),
)
HEADLINE = ("validation", "nested", "plus_632", "training")
PART_NOTES = {
    "validation": "patients held back",
    "cross-validation": "pooled predictions of different folds’ models: a little low, "
    "and the interval takes these models for one",
    "training": "the lesions that the model was fitted to",
}


@dataclass(frozen=True)
class AucRow:
    """The AUC by one way to judge it; no limits where none keep their level."""

    key: str
    title: str
    how: str
    auc: float | None
    lower: float | None = None
    upper: float | None = None


def _of_parts(results: Results) -> list[AucRow]:
    return [
        AucRow(
            part.part,
            PART_TITLES[part.part],
            PART_NOTES[part.part],
            part.auc.auc,
            part.auc.lower,
            part.auc.upper,
        )
        for part in results.parts
    ]


def _of_nested(nested: Nested | Absent) -> list[AucRow]:
    if isinstance(nested, Absent):
        return []
    how = (
        f"mean over {nested.n_folds} folds of training by patient, "
        f"{nested.n_repeats} repeats (SD {decimal(nested.sd, 3)}); the interval "
        "allows for training sets that overlap"
    )
    title, limits = "Nested cross-validation", (nested.lower, nested.upper)
    return [AucRow("nested", title, how, nested.auc, *limits)]


def _of_bootstrap(optimism: Optimism | Absent) -> list[AucRow]:
    if isinstance(optimism, Absent):
        return []
    auc = optimism.measure("auc")
    n = f"{optimism.n_resamples} resamples of training"
    return [
        AucRow("plus_632", ".632+ bootstrap", n, auc.plus_632),
        AucRow(
            "out_of_bag",
            "Out-of-bag bootstrap",
            f"patients not drawn, {optimism.n_out_of_bag} resamples of training",
            auc.out_of_bag,
        ),
        AucRow(
            "corrected",
            "Harrell’s correction",
            f"as rms’s validate, {n}; too high after selection, not to be quoted",
            auc.corrected,
        ),
    ]


def _of_shuffles(permuted: Permuted | Absent) -> list[AucRow]:
    if isinstance(permuted, Absent):
        return []
    how = (
        f"mean of {permuted.n_permutations} shuffles, SD "
        f"{decimal(permuted.auc_sd, 3)}; {permuted.n_as_large} reach the "
        f"cross-validated {decimal(permuted.auc, 3)}, "
        f"p {p_value(permuted.p_value)}; {decimal(100 * permuted.movable, 0)} % "
        "of the lesions can get another outcome"
    )
    return [AucRow("permuted", "Shuffled outcome", how, permuted.auc_mean)]


def auc_rows(results: Results) -> list[AucRow]:
    """Return the AUC by every way that the study judged it, what flatters last."""
    rows = [
        *_of_parts(results),
        *_of_nested(results.nested),
        *_of_bootstrap(results.optimism),
        *_of_shuffles(results.permuted),
    ]
    return sorted(rows, key=lambda row: ORDER.index(row.key))


def headline(results: Results) -> list[AucRow]:
    """Return the AUCs that stand at the head of the report."""
    return [row for row in auc_rows(results) if row.key in HEADLINE]


def product_aucs(results: Results) -> list[ModelAuc]:
    """Return the AUCs of the combined model and its parts, where the files hold it."""
    if results.product is None or isinstance(results.models, Absent):
        return []
    found = {row.name: row for row in results.models.rows}
    return [found[name] for name in (JOINED, *reversed(THREE)) if name in found]
