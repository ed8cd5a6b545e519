"""Who is in the study: outcome, patient and split of every lesion, checked."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sklearn_orn._validation import as_numbers, name_list
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study._dates import read_cut, read_dates

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
        With the labels found, where there are more than two, where the positive one
        is not among them, or where it was not named although the outcome is not 0/1.

    Notes
    -----
    With one class only, the other one is called "not" and its name.
    """
    name = column.name
    labels = np.array([label_text(value) for value in column], dtype=object)
    found = sorted(set(labels))
    if len(found) > 2:
        raise CohortError(
            f"column {name!r} (outcome) holds {len(found)} classes: "
            f"{_count_labels(labels)}. A nomogram needs two classes, each with lesions."
        )
    if len(found) == 1:
        return _one_class(labels, positive)
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


def _one_class(labels: np.ndarray, positive: Any) -> tuple[np.ndarray, tuple[str, str]]:
    """Return the outcome of a cohort where all lesions are alike."""
    found = str(labels[0])
    target = found if positive is None else label_text(positive)
    if target == found:
        return np.ones(len(labels), dtype=int), (f"not {found}", found)
    return np.zeros(len(labels), dtype=int), (found, target)


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


def why_no_model(design: StudyDesign, *, cv: int) -> str | None:
    """Say why these lesions cannot train and judge a model; None where they can.

    Parameters
    ----------
    design : StudyDesign
        Of the lesions measured.
    cv : int
        Number of folds by patient.

    Returns
    -------
    str or None
        Names the part and the class, and says what to do.
    """
    parts = {"training": design.training}
    if design.has_split:
        parts["validation"] = ~design.training
    for part, rows in parts.items():
        for value, label in enumerate(design.labels):
            if not (design.y[rows] == value).any():
                return _no_lesion(part if design.has_split else None, label)
    for value, label in enumerate(design.labels):
        reason = _too_few_for_folds(design, value, label, cv)
        if reason:
            return reason
    return None


def _no_lesion(part: str | None, label: str) -> str:
    if part is None:
        return (
            f"no measured lesion is of class {label!r}: a model needs lesions of both "
            "classes."
        )
    return (
        f"the {part} part holds no measured lesion of class {label!r}: each part needs "
        "lesions of both classes."
    )


def _too_few_for_folds(
    design: StudyDesign, value: int, label: str, cv: int
) -> str | None:
    rows = design.training & (design.y == value)
    patients = len(set(design.patient[rows]))
    # Without a split the folds of the LASSO lie inside those of the study, which
    # hold back one part in cv.
    needed = cv if design.has_split else -(-cv * cv // (cv - 1))
    if patients >= needed:
        return None
    return (
        f"class {label!r} has {int(rows.sum())} lesions of {patients} patients to "
        f"train on, too few for cv={cv} folds by patient"
        f"{'' if design.has_split else ' within folds'}: at least {needed} "
        "patients are needed. Use fewer folds (--cv N) or add lesions."
    )


def _split_by_date(
    cohort: pd.DataFrame, config: StudyConfig, patient: np.ndarray
) -> np.ndarray:
    """Return True where a lesion was seen before the cut."""
    from sklearn_orn.resampling import TemporalSplit

    dates = _column(cohort, str(config.date), "date")
    try:
        when = read_dates(dates, lesion_names(cohort))
        splitter = TemporalSplit(when, read_cut(dates, config.cut))
        ((train, _),) = splitter.split(np.zeros(len(cohort)), groups=patient)
    except (TypeError, ValueError) as error:
        raise CohortError(
            f"the table cannot be split at cut={config.cut!r} of column "
            f"{config.date!r} (date): {error}"
        ) from error
    training = np.zeros(len(cohort), dtype=bool)
    training[train] = True
    return training


def check_columns(cohort: pd.DataFrame, config: StudyConfig) -> None:
    """Refuse columns that the table does not have, and sizes that are no numbers.

    Parameters
    ----------
    cohort : DataFrame
        One row per lesion.
    config : StudyConfig
        Names the columns.

    Raises
    ------
    CohortError
        Naming the column and those of the table.
    """
    wanted = [("clinical", name) for name in config.clinical]
    wanted += [
        (key, getattr(config, key))
        for key in ("location", "size")
        if getattr(config, key) is not None
    ]
    for key, name in wanted:
        if name not in cohort.columns:
            raise CohortError(
                f"the cohort has no column {name!r}, named as {key}. "
                f"Its columns are: {', '.join(map(str, cohort.columns))}."
            )
    if config.size is not None:
        _check_sizes(cohort, config.size)


def _check_sizes(cohort: pd.DataFrame, name: str) -> None:
    column = cohort[name]
    wrong = as_numbers(column).isna() & column.notna()
    if wrong.any():
        raise CohortError(
            f"column {name!r} (size) holds {column[wrong].iloc[0]!r} for "
            f"{_rows(cohort, wrong.to_numpy())}: expected numbers."
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
    check_columns(cohort, config)
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
    elif config.date is not None:
        training = _split_by_date(cohort, config, patient)
    classes = labels
    if set(labels) <= {"0", "1", "False", "True", "not 0", "not 1"}:
        classes = (f"{config.outcome} = {labels[0]}", f"{config.outcome} = {labels[1]}")
    return StudyDesign(
        lesion=lesion_names(cohort),
        patient=patient,
        y=y,
        training=training,
        labels=labels,
        classes=classes,
        has_split=config.has_split,
    )
