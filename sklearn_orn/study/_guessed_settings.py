"""What a table's columns are for, guessed from their names and values."""

from collections import Counter
from typing import TypedDict

import pandas as pd

from sklearn_orn._column_names import loose_name
from sklearn_orn.cohort.shared import PARTS, YES, is_part, label_text, outcome_labels
from sklearn_orn.study._clinical_kinds import ClinicalKind, guess_kind

# As `loose_name` writes them: "Patient ID" and patient_id are one.
WORDS = {
    "outcome": (
        *("outcome", "label", "class", "target", "diagnosis", "grade", "y"),
        *("diagnose", "ergebnis", "befund", "histologie", "zielgr\u00f6sse"),
    ),
    "patient": (
        *("patient", "patientid", "patientno", "subject", "subjectid", "case", "pid"),
        *("caseid", "mrn", "patnr", "patid", "patientennr", "patientennummer", "fall"),
    ),
    "split": ("split", "part", "set", "cohort", "group"),
    "date": ("date", "mridate", "scandate", "studydate", "year", "datum"),
    "centre": (
        *("centre", "center", "hospital", "institution", "clinic", "centreid"),
        *("centerid", "hospitalid", "zentrum", "klinik", "krankenhaus", "standort"),
    ),
    "location": (
        *("location", "site", "vertebra", "level", "region", "side"),
        *("lokalisation", "seite", "wirbel", "wirbelkoerper", "wirbelk\u00f6rper"),
    ),
}
# What begins so says that there is nothing, so that the other class is the positive.
NEGATIVE = ("no", "neg", "absent", "benign", "control", "healthy", "kein", "nein")
MOST_LEVELS = 10  # of a column that is guessed to be clinical: more are like names


class Guesses(TypedDict):
    """Columns that are called as such columns usually are; None where none is."""

    outcome: str | None
    patient: str | None
    split: str | None
    date: str | None
    centre: str | None
    location: str | None
    clinical: dict[str, ClinicalKind]
    not_all_numbers: dict[str, list[str]]


def _guess(table: pd.DataFrame, key: str) -> str | None:
    """Return the column that is called as such a column usually is."""
    names = {loose_name(column): str(column) for column in table.columns}
    return next((names[word] for word in WORDS[key] if word in names), None)


def _is_path(column: str) -> bool:
    names = ("lesion", "series", "stack", "section", "roi")
    kinds = ("series", "stack", "section")
    choices = ("image", "mask", *(kind + mark for kind in kinds for mark in "_@"))
    return column.startswith(choices) or column in names


def _words_in(column: pd.Series) -> set[str]:
    if pd.api.types.is_numeric_dtype(column):
        return set()
    return {label_text(value).lower() for value in column.dropna()}


def _is_split(words: set[str]) -> bool:
    return PARTS[0] in words and len(words) > 1 and all(map(is_part, words))


def guess_settings(table: pd.DataFrame) -> Guesses:
    """Guess the settings of a study from its table; None where nothing fits."""
    # A column whose name is blank can be named in no setting.
    table = table.loc[:, [bool(str(column).strip()) for column in table.columns]]
    columns = {key: _guess(table, key) for key in WORDS}
    split = columns["split"]
    if split is None or not _is_split(_words_in(table[split])):
        # Whatever it is called, a column of both parts is the split.
        both = [str(c) for c in table.columns if _is_split(_words_in(table[c]))]
        columns["split"] = both[0] if len(both) == 1 else None
    if columns["split"] is not None:
        columns["date"] = None
        again = [k for k in WORDS if columns[k] == columns["split"] and k != "split"]
        columns |= dict.fromkeys(again)
    if columns["patient"] is None and "lesion" in table.columns:
        # Each lesion another patient, which is marked as a choice.
        columns["patient"] = "lesion" if table["lesion"].is_unique else None
    outcome = columns["outcome"]
    two = [c for c in two_valued(table) if c not in columns.values()]
    if outcome is None or len(class_labels(table[outcome])) != 2:
        # One column of two values is the outcome; of several the user must choose.
        columns["outcome"] = two[0] if len(two) == 1 else None
    if columns["centre"] is not None and table[columns["centre"]].nunique() < 2:
        columns["centre"] = None
    used = {value for value in columns.values() if value is not None}
    if columns["outcome"] is None:
        used |= set(two)
    others = {
        str(column): table[column]
        for column in table.columns
        if str(column).strip()
        and not _is_path(str(column))
        and column not in used
        and str(column) not in ("date", "section", "synthetic")
    }
    not_all = {name: _texts_among_numbers(cells) for name, cells in others.items()}
    not_all = {name: texts for name, texts in not_all.items() if texts}
    clinical = {
        name: guess_kind(column)
        for name, column in others.items()
        if name not in not_all and _is_characteristic(column)
    }
    return {
        "outcome": columns["outcome"],
        "patient": columns["patient"],
        "split": columns["split"],
        "date": columns["date"],
        "centre": columns["centre"],
        "location": columns["location"],
        "clinical": clinical,
        "not_all_numbers": not_all,
    }


def class_labels(column: pd.Series) -> list[str]:
    return sorted(set(outcome_labels(column.dropna())))


def guess_positive(column: pd.Series) -> str:
    """Return the class that is more likely meant: a finding, or the rarer one."""
    labels = class_labels(column)
    found = [x for x in labels if x.casefold() in YES] or [
        x for x in labels if not x.casefold().startswith(NEGATIVE)
    ]
    if len(found) == 1:
        return found[0]
    counts = Counter(outcome_labels(column.dropna()).tolist())
    return min(reversed(labels), key=lambda label: counts[label])


def guess_folds(table: pd.DataFrame, guesses: Guesses, most: int) -> int:
    """Return as many folds as the smaller class has patients to train on, if fewer."""
    outcome, patient, split = guesses["outcome"], guesses["patient"], guesses["split"]
    if outcome is None or patient is None:
        return most
    rows = table[table[outcome].notna()]
    if split is not None:
        rows = rows[[label_text(part).lower() == PARTS[0] for part in rows[split]]]
    patients = rows[patient].groupby(outcome_labels(rows[outcome])).nunique()
    return max(2, min(most, int(patients.min()))) if len(patients) == 2 else most


def two_valued(table: pd.DataFrame) -> list[str]:
    return [
        str(c)
        for c in table
        if str(c).strip() and not _is_path(str(c)) and table[c].nunique() == 2
    ]


def _is_characteristic(column: pd.Series) -> bool:
    levels = column.nunique()
    few = 2 <= levels <= MOST_LEVELS
    return few or (pd.api.types.is_numeric_dtype(column) and levels > 1)


def _texts_among_numbers(column: pd.Series) -> list[str]:
    """Return the texts of a column most of whose cells are numbers."""
    if pd.api.types.is_numeric_dtype(column) or column.nunique() <= MOST_LEVELS:
        return []
    cells = column.dropna()
    texts = cells[pd.to_numeric(cells, errors="coerce").isna()]
    few = 2 * len(texts) < len(cells)
    return list(dict.fromkeys(map(label_text, texts))) if few else []
