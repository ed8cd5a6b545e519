"""The clinical columns of a study, and the model of them."""

from typing import Any

import numpy as np
import pandas as pd

from sklearn_orn.study._config import StudyConfig
from sklearn_orn.study.baseline._variables import MOST_LEVELS


def clinical_table(cohort: pd.DataFrame, config: StudyConfig) -> pd.DataFrame:
    """Return the clinical columns: numbers as floats, all else as text.

    Parameters
    ----------
    cohort : DataFrame
        One row per lesion.
    config : StudyConfig
        Names the columns.

    Returns
    -------
    DataFrame
        NaN where a cell is empty.
    """
    table = cohort[list(config.clinical)].copy()
    for name in table:
        column = table[name]
        if pd.api.types.is_numeric_dtype(column) or column.isna().all():
            table[name] = column.astype(float)
        else:
            text = column.astype(str).astype(object)
            table[name] = text.mask(column.isna(), np.nan)
    return table


def usable_columns(
    table: pd.DataFrame, training: np.ndarray
) -> tuple[pd.DataFrame, list[str]]:
    """Leave out the columns that no model can learn from.

    Parameters
    ----------
    table : DataFrame of shape (n_lesions, n_columns)
        As `clinical_table` returns it.
    training : ndarray of bool, shape (n_lesions,)
        The lesions that train.

    Returns
    -------
    usable : DataFrame
        The other columns.
    notes : list of str
        A sentence for each column that is left out.

    Examples
    --------
    >>> table = pd.DataFrame({"age": [60.0, 70.0], "site": ["a", "a"]})
    >>> usable_columns(table, np.array([True, True]))[1]
    ["Column 'site' is in no model: it is the same for all lesions that train."]
    """
    reasons = {name: _why_unusable(table[name], training) for name in table}
    notes = [
        f"Column {str(name)!r} is in no model: {reason}."
        for name, reason in reasons.items()
        if reason is not None
    ]
    return table[[name for name, reason in reasons.items() if reason is None]], notes


def _why_unusable(column: pd.Series, training: np.ndarray) -> str | None:
    known = column[training].dropna()
    if known.empty:
        return "it is empty for all lesions that train"
    if known.nunique() == 1:
        return "it is the same for all lesions that train"
    if pd.api.types.is_numeric_dtype(column):
        return "it holds an infinite value" if np.isinf(column).any() else None
    levels = column.nunique()
    if levels > MOST_LEVELS:
        return f"it holds {levels} categories, more than {MOST_LEVELS}"
    return None


def clinical_pipeline(columns: pd.DataFrame) -> Any:
    """Return an unpenalised logistic model of clinical columns, unfitted.

    Parameters
    ----------
    columns : DataFrame
        Numbers are taken as they are, with the median where missing; all else is a
        category, with the most frequent one where missing, against its first level.

    Returns
    -------
    Pipeline
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_selection import VarianceThreshold
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline, make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    from sklearn_orn.model import NomogramClassifier

    numbers = [c for c in columns if pd.api.types.is_numeric_dtype(columns[c])]
    others = [c for c in columns if c not in numbers]
    encoder = OneHotEncoder(drop="first", handle_unknown="ignore", sparse_output=False)
    # A fold may lack what all lesions have: an empty column is a constant there.
    median = SimpleImputer(strategy="median", keep_empty_features=True)
    commonest = SimpleImputer(strategy="most_frequent", keep_empty_features=True)
    branches = [
        ("numbers", make_pipeline(median, StandardScaler()), numbers),
        ("categories", make_pipeline(commonest, encoder), others),
    ]
    return Pipeline(
        [
            ("columns", ColumnTransformer([b for b in branches if b[2]])),
            ("varying", VarianceThreshold()),
            ("nomogram", NomogramClassifier(penalty="none")),
        ]
    ).set_output(transform="pandas")
