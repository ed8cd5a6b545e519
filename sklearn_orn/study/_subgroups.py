"""The model in groups of patients, and how far a group lies from all others."""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from sklearn_orn._column_names import loose_name
from sklearn_orn._validation import as_numbers
from sklearn_orn.cohort.shared import label_text
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics import roc_auc_ci
from sklearn_orn.metrics.shared import benefit_at, mean_limits
from sklearn_orn.study.results import GroupMeasure, PartJudged, Subgroup, Subgroups

Groups: TypeAlias = np.ndarray | str  # of each lesion, or why there are none

LEVEL = 0.95
FEW = 10  # patients of a class; fewer say little
MOST_GROUPS = 12  # of one grouping: more are no groups
UNKNOWN = "not known"
# As `loose_name` writes them.
SEX = ("sex", "gender", "geschlecht")
AGE = ("age", "ageyears", "alter")
SCANNER = ("scanner", "scannermodel", "manufacturer", "vendor")


class JudgedPart(NamedTuple):
    """The lesions that judge the model."""

    part: PartJudged
    threshold: float
    positive: np.ndarray
    proba: np.ndarray
    patient: np.ndarray


class _Estimate(NamedTuple):
    value: float
    lower: float
    upper: float

    def minus(self, other: "_Estimate") -> "_Estimate":
        """Return the difference to an independent estimate (Zou and Donner)."""
        difference = self.value - other.value
        below = np.hypot(self.value - self.lower, other.upper - other.value)
        above = np.hypot(self.upper - self.value, other.value - other.lower)
        return _Estimate(difference, difference - below, difference + above)


NOTHING = _Estimate(np.nan, np.nan, np.nan)


def named_groupings(clinical: pd.DataFrame, training: np.ndarray) -> dict[str, Groups]:
    """Return the groups of each lesion by sex, age and scanner, or why there are none.

    Age is cut at the median of training, which the outcome does not choose.
    """
    found: dict[str, Groups] = {}
    for what, words in (("sex", SEX), ("age", AGE), ("scanner", SCANNER)):
        column = next((c for c in clinical if loose_name(c) in words), None)
        if column is None:
            found[what] = f"No clinical column of the {what} is named."
        elif what == "age":
            found[what] = _halves(clinical[column], training)
        else:
            found[what] = _texts(clinical[column])
    return found


def _texts(column: pd.Series) -> np.ndarray:
    values = [UNKNOWN if pd.isna(x) else label_text(x) for x in column]
    return np.array(values, dtype=object)


def _halves(column: pd.Series, training: np.ndarray) -> Groups:
    age = np.asarray(as_numbers(column), dtype=float)
    known = age[training & np.isfinite(age)]
    if not len(known):
        return "No age is known in training."
    middle = float(np.median(known))
    groups = np.where(age < middle, f"below {middle:g}", f"{middle:g} and above")
    return np.where(np.isfinite(age), groups, UNKNOWN).astype(object)


def judge_groups(judged: JudgedPart, groupings: Mapping[str, Groups]) -> Subgroups:
    """Judge the model in each group; NotEstimable where there is no grouping.

    The limits of differences hold together at 95 % (Bonferroni, over all groups and
    measures). Groups that share a patient have no difference: they are not independent.
    """
    missing, usable = {}, {}
    for what, groups in groupings.items():
        reason = groups if isinstance(groups, str) else _why_not(np.asarray(groups))
        if reason:
            missing[what] = reason
        else:
            usable[what] = np.asarray(groups)
    if not usable:
        raise NotEstimable(" ".join(missing.values()))
    pairs = {
        (what, name): groups == name
        for what, groups in usable.items()
        for name in sorted(set(groups), key=lambda name: (name == UNKNOWN, name))
    }
    # The two groups of a sex have one difference, with either sign.
    counted = [
        np.isfinite(found).all()
        for (what, name), rows in pairs.items()
        if len(set(usable[what])) > 2 or name == min(set(usable[what]))
        for found in _differences(judged, rows, LEVEL).values()
    ]
    n_comparisons = int(sum(counted))
    level = 1 - (1 - LEVEL) / max(n_comparisons, 1)
    return Subgroups(
        part=judged.part,
        threshold=judged.threshold,
        n_comparisons=n_comparisons,
        level=level,
        rows=tuple(_row(judged, key, rows, level) for key, rows in pairs.items()),
        missing=missing,
        shared=tuple(
            what for what, groups in usable.items() if _splits(groups, judged.patient)
        ),
    )


def _why_not(groups: np.ndarray) -> str:
    names = set(groups)
    if len(names) < 2:
        return f"All lesions are in one group, {min(names)}."
    if len(names) > MOST_GROUPS:
        return f"There are {len(names)} groups, more than {MOST_GROUPS}."
    return ""


def _splits(groups: np.ndarray, patient: np.ndarray) -> bool:
    """Say whether lesions of a patient are in several groups."""
    table = pd.DataFrame({"group": groups, "patient": patient})
    return bool((table.groupby("patient")["group"].nunique() > 1).any())


def _estimates(
    judged: JudgedPart, rows: np.ndarray, level: float
) -> dict[str, _Estimate]:
    positive, proba = judged.positive[rows], judged.proba[rows]
    unit = np.unique(judged.patient[rows], return_inverse=True)[1]
    auc = NOTHING
    if 0 < positive.sum() < len(positive):
        auc = _Estimate(*roc_auc_ci(positive, proba, groups=unit, confidence=level)[:3])
    benefit = benefit_at(positive, proba, judged.threshold, unit, level)
    return {
        "auc": auc,
        "in_the_large": _Estimate(*mean_limits(positive - proba, unit, level)),
        "net_benefit": _Estimate(*benefit),
    }


def _differences(
    judged: JudgedPart, rows: np.ndarray, level: float
) -> dict[str, _Estimate]:
    """Return each measure's difference to the other lesions."""
    if rows.all() or set(judged.patient[rows]) & set(judged.patient[~rows]):
        return dict.fromkeys(("auc", "in_the_large", "net_benefit"), NOTHING)
    others = _estimates(judged, ~rows, level)
    own = _estimates(judged, rows, level)
    return {name: here.minus(others[name]) for name, here in own.items()}


def _row(
    judged: JudgedPart, key: tuple[str, str], rows: np.ndarray, level: float
) -> Subgroup:
    positive, patient = judged.positive[rows], judged.patient[rows]
    differences = _differences(judged, rows, level)
    measures = {}
    for name, estimate in _estimates(judged, rows, LEVEL).items():
        apart = differences[name] if np.isfinite(differences[name]).all() else NOTHING
        cells = [None if np.isnan(x) else float(x) for x in (*estimate, *apart)]
        measures[name] = GroupMeasure(*cells)
    of_class = [len(set(patient[positive])), len(set(patient[~positive]))]
    return Subgroup(
        by=key[0],
        name=key[1],
        n_lesions=len(positive),
        n_patients=len(set(patient)),
        n_positive=int(positive.sum()),
        n_positive_patients=of_class[0],
        n_negative_patients=of_class[1],
        few=min(of_class) < FEW,
        **measures,
    )
