"""The model in groups of patients, and how far a group lies from all others."""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from scipy.stats import norm

from sklearn_orn._column_names import loose_name
from sklearn_orn._validation import as_numbers
from sklearn_orn.cohort.shared import label_text
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.metrics import roc_auc_ci
from sklearn_orn.metrics.shared import ratio_variance
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
    se: float
    lower: float
    upper: float


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
    of_groups = {key: _estimates(judged, rows) for key, rows in pairs.items()}
    apart = {key: _differences(judged, rows) for key, rows in pairs.items()}
    # The two groups of a sex have one difference, with either sign.
    counted = [
        np.isfinite(found).all()
        for (what, name), differences in apart.items()
        if len(set(usable[what])) > 2 or name == min(set(usable[what]))
        for found in differences.values()
    ]
    n_comparisons = int(sum(counted))
    level = 1 - (1 - LEVEL) / max(n_comparisons, 1)
    return Subgroups(
        part=judged.part,
        threshold=judged.threshold,
        n_comparisons=n_comparisons,
        level=level,
        rows=tuple(
            _row(judged, key, rows, of_groups[key], apart[key], level)
            for key, rows in pairs.items()
        ),
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


def _estimates(judged: JudgedPart, rows: np.ndarray) -> dict[str, _Estimate]:
    positive, proba = judged.positive[rows], judged.proba[rows]
    unit = np.unique(judged.patient[rows], return_inverse=True)[1]
    odds = judged.threshold / (1 - judged.threshold)
    gain = (proba >= judged.threshold) * np.where(positive, 1.0, -odds)
    auc = _Estimate(*[np.nan] * 4)
    if 0 < positive.sum() < len(positive):
        found = roc_auc_ci(positive, proba, groups=unit)
        auc = _Estimate(found.auc, found.se, found.lower, found.upper)
    return {
        "auc": auc,
        "in_the_large": _mean(positive - proba, unit),
        "net_benefit": _mean(gain, unit),
    }


def _mean(values: np.ndarray, unit: np.ndarray) -> _Estimate:
    """Return a mean over lesions with limits by patient."""
    mean = float(values.mean())
    se = float(np.sqrt(ratio_variance(values, np.ones(len(values)), unit)))
    half = float(norm.isf((1 - LEVEL) / 2)) * se
    return _Estimate(mean, se, mean - half, mean + half)


def _differences(
    judged: JudgedPart, rows: np.ndarray
) -> dict[str, tuple[float, float]]:
    """Return each measure's difference to the other lesions, and its standard error."""
    nothing = (np.nan, np.nan)
    if rows.all() or set(judged.patient[rows]) & set(judged.patient[~rows]):
        return dict.fromkeys(("auc", "in_the_large", "net_benefit"), nothing)
    here, others = _estimates(judged, rows), _estimates(judged, ~rows)
    return {
        name: (
            here[name].value - others[name].value,
            float(np.hypot(here[name].se, others[name].se)),
        )
        for name in here
    }


def _row(
    judged: JudgedPart,
    key: tuple[str, str],
    rows: np.ndarray,
    estimates: Mapping[str, _Estimate],
    differences: Mapping[str, tuple[float, float]],
    level: float,
) -> Subgroup:
    positive, patient = judged.positive[rows], judged.patient[rows]
    z = float(norm.isf((1 - level) / 2))
    measures = {}
    for name, (value, _, lower, upper) in estimates.items():
        difference, se = differences[name]
        limits = (difference, difference - z * se, difference + z * se)
        if not np.isfinite(se):
            limits = (np.nan,) * 3
        cells = [None if np.isnan(x) else float(x) for x in (value, lower, upper)]
        known = [None if np.isnan(x) else float(x) for x in limits]
        measures[name] = GroupMeasure(*cells, *known)
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
