"""The AUC of a study by every way to judge it, in the order in which to quote it."""

from collections.abc import Mapping
from typing import Any

from sklearn_orn.study._numbers import PART_TITLES, decimal, p_value

Row = dict[str, Any]

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


def _row(key: str, title: str, found: Mapping[str, Any], how: str) -> Row:
    limits = {name: found.get(name) for name in ("auc", "lower", "upper")}
    return {"key": key, "title": title, "how": how, **limits}


def _of_parts(results: Mapping[str, Any]) -> list[Row]:
    return [
        _row(
            part["part"],
            PART_TITLES[part["part"]],
            part["auc"],
            PART_NOTES[part["part"]],
        )
        for part in results["parts"]
    ]


def _of_nested(nested: Mapping[str, Any]) -> list[Row]:
    if "absent" in nested:
        return []
    how = (
        f"mean over {nested['n_folds']} folds of training by patient, "
        f"{nested['n_repeats']} repeats (SD {decimal(nested['sd'], 3)}); the interval "
        "allows for training sets that overlap"
    )
    return [_row("nested", "Nested cross-validation", nested, how)]


def _of_bootstrap(optimism: Mapping[str, Any]) -> list[Row]:
    if "absent" in optimism:
        return []
    measures = {row["key"]: row for row in optimism["measures"]}
    n = f"{optimism['n_resamples']} resamples of training"
    ways = {
        "plus_632": (".632+ bootstrap", n),
        "out_of_bag": (
            "Out-of-bag bootstrap",
            f"patients not drawn, {optimism['n_out_of_bag']} resamples of training",
        ),
        "corrected": (
            "Harrell’s correction",
            f"as rms’s validate, {n}; too high after selection, not to be quoted",
        ),
    }
    return [
        _row(key, title, {"auc": measures["auc"][key]}, how)
        for key, (title, how) in ways.items()
    ]


def _of_shuffles(permuted: Mapping[str, Any]) -> list[Row]:
    if "absent" in permuted:
        return []
    how = (
        f"mean of {permuted['n_permutations']} shuffles, SD "
        f"{decimal(permuted['auc_sd'], 3)}; {permuted['n_as_large']} reach the "
        f"cross-validated {decimal(permuted['auc'], 3)}, "
        f"p {p_value(permuted['p_value'])}; {decimal(100 * permuted['movable'], 0)} % "
        "of the lesions can get another outcome"
    )
    return [_row("permuted", "Shuffled outcome", {"auc": permuted["auc_mean"]}, how)]


def auc_rows(results: Mapping[str, Any]) -> list[Row]:
    """Return the AUC by every way that the study judged it.

    Parameters
    ----------
    results : dict
        All numbers of the study, as plain data.

    Returns
    -------
    list of dict
        ``key, title, auc, lower, upper`` (None where it has no interval that keeps its
        level) and ``how``. Validation first, then what resampling says of patients not
        seen, then what flatters.
    """
    rows = [
        *_of_parts(results),
        *_of_nested(results["nested"]),
        *_of_bootstrap(results["optimism"]),
        *_of_shuffles(results["permuted"]),
    ]
    return sorted(rows, key=lambda row: ORDER.index(row["key"]))


def headline(results: Mapping[str, Any]) -> list[Row]:
    """Return the AUCs that stand at the head of the report."""
    return [row for row in auc_rows(results) if row["key"] in HEADLINE]
