"""Which lesions train and which validate: a column of parts, or a date."""

import numpy as np
import pandas as pd

from sklearn_orn._messages import id_part, shown
from sklearn_orn._validation import name_list
from sklearn_orn.cohort._dates import read_cut
from sklearn_orn.cohort._named_columns import label_text, named_rows
from sklearn_orn.cohort._outcome import count_labels
from sklearn_orn.exceptions import CohortError

PARTS = ("training", "validation")
# What a validation part of several may begin with.
BEGINNINGS = ("validation", "internal", "external", "temporal")


def is_part(text: str) -> bool:
    """Say whether a cell of a split names a part."""
    words = text.lower().split()
    return text.lower() in PARTS or bool(words) and words[0] in BEGINNINGS


def read_parts(column: pd.Series, names: np.ndarray) -> np.ndarray:
    """Return the part of each lesion: ``training``, or what validation is called.

    Upper and lower case are one part, called as it is written first.
    """
    name = column.name
    texts = [" ".join(label_text(value).split()) for value in column]
    spelt: dict[str, str] = dict(zip(PARTS, PARTS, strict=True))
    parts = np.array(
        [spelt.setdefault(text.lower(), text) for text in texts], dtype=object
    )
    wrong = np.array([not is_part(part) for part in parts])
    if wrong.any():
        lower = np.array([part.lower() for part in parts[wrong]], dtype=object)
        raise CohortError(
            f"column {name!r} (split) holds {count_labels(lower)} for "
            f"{named_rows(names, wrong)}: expected 'training' or 'validation'. Of "
            "several validation parts each begins with 'validation', 'internal', "
            "'external' or 'temporal', such as 'external A'."
        )
    training = parts == "training"
    for part, rows in zip(PARTS, (training, ~training), strict=True):
        if not rows.any():
            raise CohortError(
                f"column {name!r} (split) holds no lesion for {part}: a split needs "
                "both parts. Leave --split out to cross-validate the whole table."
            )
    return parts


def check_patients_apart(patient: np.ndarray, training: np.ndarray) -> None:
    """Refuse patients on both sides."""
    both = sorted(set(patient[training]) & set(patient[~training]))
    if both:
        raise CohortError(
            f"{len(both)} patient(s) have lesions in both training and validation: "
            f"{name_list(map(id_part, both))}. A model that has seen a patient is not "
            "validated by that patient: move all lesions of each into one part."
        )


def parts_by_date(
    column: pd.Series, dates: np.ndarray, cut: object, patient: np.ndarray
) -> np.ndarray:
    """Return True where a lesion was seen before the cut."""
    from sklearn_orn.resampling import TemporalSplit

    try:
        splitter = TemporalSplit(dates, read_cut(column, cut))
        ((train, _),) = splitter.split(np.zeros(len(dates)), groups=patient)
    except (TypeError, ValueError) as error:
        raise no_split(column, cut, error) from error
    training = np.zeros(len(dates), dtype=bool)
    training[train] = True
    return training


def no_split(column: pd.Series, cut: object, error: Exception) -> CohortError:
    """Return the error of a table that cannot be split by date."""
    what = error.marked if isinstance(error, CohortError) else str(error)
    return CohortError(
        f"the table cannot be split at cut={shown(cut)} of column "
        f"{column.name!r} (date): {what}"
    )
