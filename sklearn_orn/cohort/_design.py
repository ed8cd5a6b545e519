"""Who is judged: outcome, patient and part of every lesion, as arrays."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sklearn_orn.cohort._dates import read_dates
from sklearn_orn.cohort._named_columns import (
    Columns,
    check_zeros,
    filled_column,
    label_text,
)
from sklearn_orn.cohort._outcome import encode_outcome, is_answer
from sklearn_orn.cohort._parts import (
    check_patients_apart,
    no_split,
    parts_by_date,
    read_parts,
)
from sklearn_orn.exceptions import CohortError


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
        What the report calls them: 0 and 1, or yes and no, alone say nothing.
    has_split : bool
        Whether the table says which lesions validate.
    part : ndarray of str or None, shape (n_lesions,)
        What the part of each lesion is called, where there are several validation
        parts; None otherwise.
    """

    lesion: np.ndarray
    patient: np.ndarray
    y: np.ndarray
    training: np.ndarray
    labels: tuple[str, str]
    classes: tuple[str, str]
    has_split: bool
    part: np.ndarray | None = None

    def take(self, rows: np.ndarray) -> "StudyDesign":
        """Return the design of some of the lesions.

        Parameters
        ----------
        rows : ndarray of int or of bool
            Which.

        Returns
        -------
        StudyDesign
            Of these, in this order.
        """
        return replace(
            self,
            lesion=self.lesion[rows],
            patient=self.patient[rows],
            y=self.y[rows],
            training=self.training[rows],
            part=None if self.part is None else self.part[rows],
        )


def make_design(
    table: pd.DataFrame, columns: Columns, names: np.ndarray
) -> StudyDesign:
    """Read outcome, patient and parts from a table, and check them."""
    outcome = str(columns.outcome)
    if columns.patient is None:
        raise CohortError(
            "nothing says which patient each lesion belongs to: pass --patient COLUMN "
            "(patient= in Python). Lesions of one patient resemble each other, so a "
            "patient who stands on both sides of a split makes the model look better "
            "than it is. If every lesion is another patient, name the lesion column."
        )
    column = filled_column(table, outcome, "outcome", names)
    positive = columns.positive
    if positive is None and columns.class_names is not None:
        named = {label_text(value) for value in column} <= set(columns.class_names)
        positive = columns.class_names[1] if named else None
    y, labels = encode_outcome(column, positive)
    patients = filled_column(table, columns.patient, "patient", names)
    patient = np.array([label_text(value) for value in patients], dtype=object)
    check_zeros(patient, columns.patient)
    training = np.ones(len(table), dtype=bool)
    part = None
    if columns.split is not None:
        part = read_parts(filled_column(table, columns.split, "split", names), names)
        training = part == "training"
        check_patients_apart(patient, training)
        part = part if len(set(part)) > 2 else None
    elif columns.date is not None:
        when = filled_column(table, columns.date, "date", names)
        try:
            dates = read_dates(when, names)
        except CohortError as error:
            raise no_split(when, columns.cut, error) from error
        training = parts_by_date(when, dates, columns.cut, patient)
    classes = labels
    if all(is_answer(label.removeprefix("not ")) for label in labels):
        classes = (f"{outcome} = {labels[0]}", f"{outcome} = {labels[1]}")
    return StudyDesign(
        lesion=names,
        patient=patient,
        y=y,
        training=training,
        labels=labels,
        classes=classes,
        has_split=columns.has_split,
        part=part,
    )
