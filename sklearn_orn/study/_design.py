"""Who is in the study: outcome, patient and split of every lesion, checked."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study._config import StudyConfig

PARTS = ("training", "validation")
PLAIN_LABELS = (["0", "1"], ["False", "True"])


@dataclass(frozen=True, eq=False)
class StudyDesign:
    """Outcome, patient and split of every lesion of a study.

    Attributes
    ----------
    lesion, patient : ndarray of str, shape (n_lesions,)
        Identifiers as they stand in the table.
    y : ndarray of int, shape (n_lesions,)
        1 for the positive class.
    training : ndarray of bool, shape (n_lesions,)
        True for every lesion where the study has no split.
    labels : tuple of (str, str)
        The negative and the positive label, as they stand in the table.
    classes : tuple of (str, str)
        What the report calls them: a label that is 0 or 1 alone says nothing.
    has_split : bool
        Whether the table says which lesions validate.
    """

    lesion: np.ndarray
    patient: np.ndarray
    y: np.ndarray
    training: np.ndarray
    labels: tuple[str, str]
    classes: tuple[str, str]
    has_split: bool

    def take(self, rows: np.ndarray) -> "StudyDesign":
        """Return the design of some of the lesions."""
        return StudyDesign(
            self.lesion[rows],
            self.patient[rows],
            self.y[rows],
            self.training[rows],
            self.labels,
            self.classes,
            self.has_split,
        )


def label_text(value: object) -> str:
    """Return a label as its reader writes it: ``1.0`` and ``1`` are both ``"1"``.

    Examples
    --------
    >>> label_text(1.0), label_text(" high "), label_text(True)
    ('1', 'high', 'True')
    """
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _rows(cohort: pd.DataFrame, where: np.ndarray) -> str:
    """Name up to five rows: by lesion where the table names them."""
    return name_list(lesion_names(cohort)[np.flatnonzero(where)])


def lesion_names(cohort: pd.DataFrame) -> np.ndarray:
    """Return the identifier of every lesion: its column, or the row's label."""
    rows = [f"row {label_text(label)}" for label in cohort.index]
    if "lesion" not in cohort.columns:
        return np.array(rows, dtype=object)
    names = [
        row if missing else label_text(value)
        for value, missing, row in zip(
            cohort["lesion"], cohort["lesion"].isna(), rows, strict=True
        )
    ]
    return np.array(names, dtype=object)


def _column(cohort: pd.DataFrame, name: str, field: str) -> pd.Series:
    """Return a column without missing cells."""
    if name not in cohort.columns:
        raise CohortError(
            f"the cohort has no column {name!r}, named as {field}. "
            f"Its columns are: {', '.join(map(str, cohort.columns))}."
        )
    column = cohort[name]
    if isinstance(column, pd.DataFrame):
        raise CohortError(
            f"the cohort has {column.shape[1]} columns {name!r}, named as {field}: "
            "rename all but one."
        )
    missing = column.isna().to_numpy() | (column.astype(str).str.strip() == "")
    if missing.any():
        raise CohortError(
            f"column {name!r} ({field}) is empty for {int(missing.sum())} of "
            f"{len(column)} lesions: {_rows(cohort, np.asarray(missing))}. "
            "Fill the cells or leave these lesions out of the table."
        )
    return column


def _count_labels(labels: np.ndarray) -> str:
    counts = Counter(labels.tolist())
    return name_list([f"{name!r} ({counts[name]})" for name in sorted(counts)], 8)


def encode_outcome(
    column: pd.Series, positive: str | int | float | None
) -> tuple[np.ndarray, tuple[str, str]]:
    """Return the outcome as 0/1 and the (negative, positive) labels.

    Raises
    ------
    CohortError
        With the labels found, where there are not two, where the positive one is
        not among them, or where it was not named although the outcome is not 0/1.
    """
    name = column.name
    labels = np.array([label_text(value) for value in column], dtype=object)
    found = sorted(set(labels))
    if len(found) != 2:
        fewer = "only one class" if len(found) < 2 else f"{len(found)} classes"
        raise CohortError(
            f"column {name!r} (outcome) holds {fewer}: {_count_labels(labels)}. "
            "A nomogram needs two classes, each with lesions."
        )
    if positive is None:
        if found not in PLAIN_LABELS:
            raise CohortError(
                f"column {name!r} (outcome) holds the labels {_count_labels(labels)}, "
                "not 0/1, and nothing says which one is the positive class. Sorting "
                "the labels would silently flip the score: pass --positive LABEL "
                "(positive= in Python)."
            )
        positive = found[1]
    target = label_text(positive)
    if target not in found:
        raise CohortError(
            f"the positive label {target!r} is not in column {name!r} (outcome), "
            f"which holds {_count_labels(labels)}. "
            "Name one of these, in the same spelling."
        )
    negative = found[0] if found[1] == target else found[1]
    return (labels == target).astype(int), (negative, target)


def _read_split(cohort: pd.DataFrame, name: str) -> np.ndarray:
    """Return True where a lesion trains."""
    column = _column(cohort, name, "split")
    parts = np.array([label_text(value).lower() for value in column], dtype=object)
    wrong = ~np.isin(parts.astype(str), PARTS)
    if wrong.any():
        raise CohortError(
            f"column {name!r} (split) holds {_count_labels(parts[wrong])} for "
            f"{_rows(cohort, wrong)}: expected 'training' or 'validation'."
        )
    training = parts == "training"
    for part, rows in zip(PARTS, (training, ~training), strict=True):
        if not rows.any():
            raise CohortError(
                f"column {name!r} (split) holds no lesion for {part}: a split needs "
                "both parts. Leave --split out to cross-validate the whole table."
            )
    return training


def _check_patients_apart(patient: np.ndarray, training: np.ndarray) -> None:
    both = sorted(set(patient[training]) & set(patient[~training]))
    if both:
        raise CohortError(
            f"{len(both)} patient(s) have lesions in both training and validation: "
            f"{name_list(both)}. A model that has seen a patient is not "
            "validated by that patient: move all lesions of each into one part."
        )


def check_classes(design: StudyDesign, *, cv: int) -> None:
    """Refuse a part with one class only, and classes too small for the folds.

    Raises
    ------
    CohortError
        Naming the part and the class.
    """
    parts = {"training": design.training}
    if design.has_split:
        parts["validation"] = ~design.training
    for part, rows in parts.items():
        for value, label in enumerate(design.labels):
            lesions = int((design.y[rows] == value).sum())
            if lesions == 0:
                raise CohortError(
                    f"the {part} part holds no measured lesion of class {label!r}: "
                    "each part needs lesions of both classes."
                )
            if part == "training":
                _check_folds(design, value, label, cv)


def _check_folds(design: StudyDesign, value: int, label: str, cv: int) -> None:
    rows = design.training & (design.y == value)
    patients = len(set(design.patient[rows]))
    # Without a split the folds of the LASSO lie inside those of the study, which
    # hold back one part in cv.
    needed = cv if design.has_split else -(-cv * cv // (cv - 1))
    if patients < needed:
        raise CohortError(
            f"class {label!r} has {int(rows.sum())} lesions of {patients} patients to "
            f"train on, too few for cv={cv} folds by patient"
            f"{'' if design.has_split else ' within folds'}: at least {needed} "
            "patients are needed. Use fewer folds (--cv N) or add lesions."
        )


def make_design(cohort: pd.DataFrame, config: StudyConfig) -> StudyDesign:
    """Read outcome, patient and split from a cohort table, and check them.

    Parameters
    ----------
    cohort : DataFrame
        One row per lesion.
    config : StudyConfig
        Names the columns.

    Returns
    -------
    StudyDesign

    Raises
    ------
    CohortError
        The message names the column or the lesions, and says what to do.
    """
    if len(cohort) == 0:
        raise CohortError("the cohort is empty: expected one row per lesion.")
    if config.patient is None:
        raise CohortError(
            "nothing says which patient each lesion belongs to: pass --patient COLUMN "
            "(patient= in Python). Lesions of one patient resemble each other, so a "
            "patient who stands on both sides of a split makes the model look better "
            "than it is. If every lesion is another patient, name the lesion column."
        )
    y, labels = encode_outcome(
        _column(cohort, config.outcome, "outcome"), config.positive
    )
    patient = np.array(
        [label_text(v) for v in _column(cohort, config.patient, "patient")], object
    )
    training = np.ones(len(cohort), dtype=bool)
    if config.split is not None:
        training = _read_split(cohort, config.split)
        _check_patients_apart(patient, training)
    classes = labels
    if sorted(labels) in PLAIN_LABELS:
        classes = (f"{config.outcome} = {labels[0]}", f"{config.outcome} = {labels[1]}")
    design = StudyDesign(
        lesion=lesion_names(cohort),
        patient=patient,
        y=y,
        training=training,
        labels=labels,
        classes=classes,
        has_split=config.split is not None,
    )
    check_classes(design, cv=config.cv)
    return design
