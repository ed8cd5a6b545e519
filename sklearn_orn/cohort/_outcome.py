"""The outcome of every lesion as 0 and 1."""

from collections import Counter

import numpy as np
import pandas as pd

from sklearn_orn._messages import private
from sklearn_orn._validation import name_list
from sklearn_orn.cohort._named_columns import label_text
from sklearn_orn.exceptions import CohortError

# Answers in any case, each with the one that means the same as 1.
NO = frozenset({"0", "false", "no", "nein", "falsch"})
YES = frozenset({"1", "true", "yes", "ja", "wahr"})


def is_answer(label: str) -> bool:
    """Say whether a label answers a question, and does not name a class."""
    return label.casefold() in NO | YES


def count_labels(labels: np.ndarray) -> str:
    counts = Counter(labels.tolist())
    shown = [f"{private(repr(name))} ({counts[name]})" for name in sorted(counts)]
    return name_list(shown, 8)


def encode_outcome(
    column: pd.Series, positive: str | int | float | None
) -> tuple[np.ndarray, tuple[str, str]]:
    """Return the outcome as 0/1 and the (negative, positive) labels.

    Yes, YES, ja and 1 are one answer, which is called as most of the cells call it.
    With one class only, the other one is called "not" and its name.
    """
    name = column.name
    labels = outcome_labels(column)
    names = sorted(set(labels))
    if len(names) > 2:
        alike = len(set(map(str.casefold, names))) < len(names)
        raise CohortError(
            f"column {name!r} (outcome) holds {len(names)} classes: "
            f"{count_labels(labels)}. A nomogram needs two classes, each with lesions."
            + (" Some differ by capitals alone: write them alike." if alike else "")
        )
    if len(names) == 1:
        return _one_class(labels, positive)
    yes = [label for label in names if label.casefold() in YES]
    answers = all(map(is_answer, names))
    if positive is None:
        if not answers:
            raise CohortError(
                f"column {name!r} (outcome) holds the labels {count_labels(labels)}, "
                "not 0/1, and nothing says which one is the positive class. Sorting "
                "the labels would silently flip the score: pass --positive LABEL "
                "(positive= in Python)."
            )
        positive = yes[0]
    target = label_text(positive)
    if answers and is_answer(target):
        is_yes = target.casefold() in YES
        target = next(label for label in names if (label in yes) is is_yes)
    if target not in names:
        raise CohortError(
            f"the positive label {target!r} is not in column {name!r} (outcome), "
            f"which holds {count_labels(labels)}. "
            "Name one of these, in the same spelling."
        )
    negative = names[0] if names[1] == target else names[1]
    return (labels == target).astype(int), (negative, target)


def outcome_labels(column: pd.Series) -> np.ndarray:
    """Return the labels of a column as text, answers in one spelling, that of most."""
    labels = np.array([label_text(value) for value in column], dtype=object)
    if not all(map(is_answer, labels)):
        return labels
    is_yes = np.array([label.casefold() in YES for label in labels], dtype=bool)
    alike = labels.copy()
    for side in (is_yes, ~is_yes):
        if side.any():
            alike[side] = Counter(labels[side].tolist()).most_common(1)[0][0]
    return alike


def _one_class(
    labels: np.ndarray, positive: str | int | float | None
) -> tuple[np.ndarray, tuple[str, str]]:
    """Return the outcome of a cohort where all lesions are alike."""
    only = str(labels[0])
    target = only if positive is None else label_text(positive)
    if target == only:
        return np.ones(len(labels), dtype=int), (f"not {only}", only)
    return np.zeros(len(labels), dtype=int), (only, target)
