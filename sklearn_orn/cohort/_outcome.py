"""The outcome of every lesion as 0 and 1."""

from collections import Counter

import numpy as np
import pandas as pd

from sklearn_orn._messages import private
from sklearn_orn._validation import name_list
from sklearn_orn.cohort._named_columns import label_text
from sklearn_orn.exceptions import CohortError

PLAIN_LABELS = (["0", "1"], ["False", "True"])


def count_labels(labels: np.ndarray) -> str:
    counts = Counter(labels.tolist())
    shown = [f"{private(repr(name))} ({counts[name]})" for name in sorted(counts)]
    return name_list(shown, 8)


def encode_outcome(
    column: pd.Series, positive: str | int | float | None
) -> tuple[np.ndarray, tuple[str, str]]:
    """Return the outcome as 0/1 and the (negative, positive) labels.

    With one class only, the other one is called "not" and its name.
    """
    name = column.name
    labels = np.array([label_text(value) for value in column], dtype=object)
    found = sorted(set(labels))
    if len(found) > 2:
        raise CohortError(
            f"column {name!r} (outcome) holds {len(found)} classes: "
            f"{count_labels(labels)}. A nomogram needs two classes, each with lesions."
        )
    if len(found) == 1:
        return _one_class(labels, positive)
    if positive is None:
        if found not in PLAIN_LABELS:
            raise CohortError(
                f"column {name!r} (outcome) holds the labels {count_labels(labels)}, "
                "not 0/1, and nothing says which one is the positive class. Sorting "
                "the labels would silently flip the score: pass --positive LABEL "
                "(positive= in Python)."
            )
        positive = found[1]
    target = label_text(positive)
    if target not in found:
        raise CohortError(
            f"the positive label {target!r} is not in column {name!r} (outcome), "
            f"which holds {count_labels(labels)}. "
            "Name one of these, in the same spelling."
        )
    negative = found[0] if found[1] == target else found[1]
    return (labels == target).astype(int), (negative, target)


def _one_class(
    labels: np.ndarray, positive: str | int | float | None
) -> tuple[np.ndarray, tuple[str, str]]:
    """Return the outcome of a cohort where all lesions are alike."""
    found = str(labels[0])
    target = found if positive is None else label_text(positive)
    if target == found:
        return np.ones(len(labels), dtype=int), (f"not {found}", found)
    return np.zeros(len(labels), dtype=int), (found, target)
