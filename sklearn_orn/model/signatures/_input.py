"""What a published signature is made of: coefficients, and the two classes."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sklearn_orn._io.tables import read_table
from sklearn_orn._messages import shown
from sklearn_orn._tables import as_pandas
from sklearn_orn._validation import as_number, name_list

INTERCEPT_NAMES = ("intercept", "(intercept)")


def read_coefficients(
    table: pd.DataFrame | str | os.PathLike[str], *, intercept: float | None = None
) -> tuple[dict[str, float], float]:
    """Take coefficients and intercept from a published table.

    Parameters
    ----------
    table : DataFrame, str or path-like
        Columns ``feature`` and ``coefficient``, or a CSV file of them (names that
        hold a comma in quotes). A row ``Intercept`` is the intercept.
    intercept : float, default=None
        The intercept, where the table has no such row.

    Returns
    -------
    coefficients : dict of str to float
        For `PublishedSignature`.
    intercept : float
        Score where all features are 0.

    Raises
    ------
    ValueError
        If a column is missing, a feature stands there twice, a coefficient is no
        number, or the intercept stands nowhere or in two places.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_orn.model import PublishedSignature, read_coefficients
    >>> table = pd.DataFrame(
    ...     {"feature": ["Intercept", "Sigma"], "coefficient": [1.5, -2.5]}
    ... )
    >>> signature = PublishedSignature(*read_coefficients(table), bits=6)
    >>> print(signature.formula_.text())
    score = 1.5 - 2.5 x Sigma
    """
    where = "the table of coefficients"
    table = as_pandas(table)
    if not isinstance(table, pd.DataFrame):
        where = f"table '{os.fspath(table)}'"
        table = read_table(table)
    missing = [c for c in ("feature", "coefficient") if c not in table.columns]
    if missing:
        raise ValueError(
            f"{where} has no column {missing[0]!r}; expected 'feature' and "
            f"'coefficient'. It has {name_list(table.columns)}."
        )
    names = [str(name).strip() for name in table["feature"]]
    values = [
        _number(value, f"{where}: the coefficient of {name!r}")
        for name, value in zip(names, table["coefficient"], strict=True)
    ]
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise ValueError(f"{where} names {name_list(map(repr, twice))} twice.")
    coefficients = dict(zip(names, values, strict=True))
    rows = [name for name in names if name.lower() in INTERCEPT_NAMES]
    if len(rows) > 1:
        raise ValueError(
            f"{where} has the intercept in the rows {name_list(map(repr, rows))}; "
            "expected it in one."
        )
    if rows and intercept is None:
        return coefficients, coefficients.pop(rows[0])
    if intercept is not None and not rows:
        return coefficients, float(intercept)
    row = f"has the row {rows[0]!r} beside" if rows else "has no row 'Intercept'"
    raise ValueError(
        f"{where} {row}{' intercept=' + repr(intercept) if rows else ''}; expected the "
        "intercept in one place: a row of the table, or intercept=."
    )


def checked_coefficients(coefficients: object, intercept: object) -> dict[str, float]:
    """Check a mapping of coefficients, and the intercept."""
    if not isinstance(coefficients, Mapping):
        raise TypeError(
            "coefficients must map names of features to numbers, got "
            f"{type(coefficients).__name__}. For a table use "
            "read_coefficients."
        )
    if not coefficients:
        raise ValueError("coefficients is empty: a signature has at least one feature.")
    _number(intercept, "intercept")
    odd = [name for name in coefficients if not isinstance(name, str) or not name]
    if odd:
        raise TypeError(f"coefficients names the feature {odd[0]!r}; expected a text.")
    return {
        name: _number(value, f"the coefficient of {name!r}")
        for name, value in coefficients.items()
    }


def _number(value: object, what: str) -> float:
    number = None if isinstance(value, bool) else as_number(value)
    if number is None or not np.isfinite(number):
        raise ValueError(f"{what} is {shown(value)}; expected a finite number.")
    return number


def checked_classes(classes: object) -> np.ndarray:
    """Return the negative and the positive label, after a check."""
    labels = np.asarray(classes)
    if labels.shape != (2,) or labels.dtype == object:
        raise ValueError(
            f"classes is {shown(classes)}; expected the negative and the positive "
            "label, two numbers or two texts."
        )
    if not labels[0] < labels[1]:
        raise ValueError(
            f"classes is {shown(classes)}: the positive label must come after the "
            "negative one in sorted order, where scikit-learn looks for it. Keep "
            f"classes=(0, 1), and say class_names={tuple(labels.tolist())!r}."
        )
    return labels


def encode_labels(
    y: object, classes: np.ndarray, class_names: Sequence[str] | None
) -> np.ndarray:
    """Return which samples are positive, of `classes`, `class_names`, or 0 and 1."""
    values = np.asarray(y)
    if values.ndim != 1:
        raise ValueError(
            f"y must have one dimension, got an array of shape {values.shape}."
        )
    labels = set(values.tolist())
    pairs = [classes.tolist(), list(class_names or ()), [0, 1]]
    for pair in pairs:
        if labels <= set(pair):
            return np.asarray(values == pair[1], dtype=bool)
    accepted = " or ".join(" and ".join(map(repr, pair)) for pair in pairs if pair)
    raise ValueError(
        f"y holds {name_list(sorted(map(repr, labels)))}; expected {accepted}, the "
        "second of which is positive."
    )
