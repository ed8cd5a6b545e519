"""Who is in the synthetic cohort: patients, their lesions and Table 1."""

from typing import NamedTuple

import numpy as np
import pandas as pd

ORN, METASTASIS = "ORN", "metastasis"
VERTEBRAE = ("C1", "C2", "C3", "C4", "C5", "C6", "C7")
MAX_LESIONS = 5


class Group(NamedTuple):
    """One cell of the study's design: a class within a part of the split."""

    split: str
    outcome: str
    n_patients: int
    n_lesions: int


DESIGN = (
    Group("training", ORN, 25, 51),
    Group("training", METASTASIS, 21, 44),
    Group("validation", ORN, 14, 25),
    Group("validation", METASTASIS, 11, 22),
)
# First day and last day of the MRI: the split is temporal.
PERIODS = {
    "training": ("2008-01-01", "2012-12-31"),
    "validation": ("2013-01-01", "2015-12-31"),
}
# Radiation damage and metastasis both favour the upper, more irradiated levels.
FIRST_VERTEBRA_WEIGHTS = np.array([0.22, 0.24, 0.20, 0.13, 0.09, 0.07, 0.05])


def draw_people(rng: np.random.Generator) -> pd.DataFrame:
    """Draw one row per patient, in the order of the MRI's date."""
    parts = [_draw_group(rng, group) for group in DESIGN]
    patients = pd.concat(parts, ignore_index=True)
    # A validation date is later than every training date, so this keeps the parts.
    patients = patients.sort_values("date", kind="stable", ignore_index=True)
    numbers = [f"P{number:03d}" for number in range(1, len(patients) + 1)]
    patients.insert(0, "patient", numbers)
    return patients


def draw_lesions(rng: np.random.Generator, patients: pd.DataFrame) -> pd.DataFrame:
    """Draw the vertebrae of every patient: one row per lesion, from C1 down."""
    rows = [
        (patient, vertebra)
        for patient, n_lesions in zip(
            patients["patient"], patients["n_lesions"], strict=True
        )
        for vertebra in _draw_vertebrae(rng, n_lesions)
    ]
    lesions = pd.DataFrame(rows, columns=["patient", "vertebra"])
    lesions.insert(0, "lesion", [f"L{n:03d}" for n in range(1, len(lesions) + 1)])
    return lesions


def _draw_group(rng: np.random.Generator, group: Group) -> pd.DataFrame:
    """Draw the patients of one class in one part of the split."""
    n = group.n_patients
    first, last = PERIODS[group.split]
    days = (pd.Timestamp(last) - pd.Timestamp(first)).days
    dates = pd.Timestamp(first) + pd.to_timedelta(rng.integers(0, days + 1, n), "D")
    table = pd.DataFrame(
        {
            "split": group.split,
            "outcome": group.outcome,
            "date": dates.strftime("%Y-%m-%d"),
            "n_lesions": _share_out(rng, group.n_lesions, n),
        }
    )
    return table.assign(**_draw_characteristics(rng, n, group.outcome))


def _draw_characteristics(
    rng: np.random.Generator, n: int, outcome: str
) -> dict[str, np.ndarray]:
    """Draw Table 1: plausible margins, of which stages and interval tell the class.

    Radiation damage comes late and after large fields, metastasis with many nodes.
    """
    is_orn = outcome == ORN
    t_weights = [0.06, 0.17, 0.37, 0.40] if is_orn else [0.13, 0.26, 0.37, 0.24]
    n_weights = [0.20, 0.38, 0.31, 0.11] if is_orn else [0.07, 0.26, 0.42, 0.25]
    months = rng.lognormal(np.log(50 if is_orn else 33), 0.6, n)
    technique = rng.choice(["conventional", "IMRT"], n, p=[0.6, 0.4])
    return {
        "age": np.clip(np.rint(rng.normal(51, 9, n)), 28, 76).astype(int),
        "sex": rng.choice(["M", "F"], n, p=[0.72, 0.28]),
        "t_stage": rng.choice(["T1", "T2", "T3", "T4"], n, p=t_weights),
        "n_stage": rng.choice(["N0", "N1", "N2", "N3"], n, p=n_weights),
        "radiotherapy": technique,
        "dose_gy": rng.choice([66, 68, 70, 72, 74, 76], n),
        "interval_months": np.clip(np.rint(months), 6, 150).astype(int),
        "chemotherapy": rng.choice(["yes", "no"], n, p=[0.75, 0.25]),
        "neck_pain": rng.choice(["yes", "no"], n, p=[0.55, 0.45]),
        "limb_numbness": rng.choice(["yes", "no"], n, p=[0.2, 0.8]),
    }


def _share_out(rng: np.random.Generator, n_lesions: int, n: int) -> np.ndarray:
    """Give each of `n` patients one lesion, then the rest at random."""
    counts = np.ones(n, dtype=int)
    eagerness = rng.gamma(1.5, size=n)
    for _ in range(n_lesions - n):
        weights = eagerness * (counts < MAX_LESIONS)
        counts[rng.choice(n, p=weights / weights.sum())] += 1
    return counts


def _draw_vertebrae(rng: np.random.Generator, n_lesions: int) -> tuple[str, ...]:
    """Draw neighbouring vertebrae: lesions of one patient lie side by side."""
    weights = FIRST_VERTEBRA_WEIGHTS[: len(VERTEBRAE) - n_lesions + 1]
    first = rng.choice(len(weights), p=weights / weights.sum())
    return VERTEBRAE[first : first + n_lesions]
