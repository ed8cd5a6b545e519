"""The clinical columns of a study, and the model of them."""

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sklearn_orn.model import (
    NomogramClassifier,
    PredictorSelector,
    RestrictedCubicSpline,
)
from sklearn_orn.model.shared import spline_of
from sklearn_orn.study._clinical_kinds import ClinicalKinds, Knots, as_kind, knots_of
from sklearn_orn.study._config import SCORE, StudyConfig
from sklearn_orn.study._side_by_side import Branch, SideBySide
from sklearn_orn.study._varying import Varying
from sklearn_orn.study.baseline._variables import MOST_LEVELS
from sklearn_orn.study.results import FilledColumn, MissingClinical

MISSING_LEVEL = "(missing)"


def clinical_table(
    columns: pd.DataFrame, kinds: ClinicalKinds | None = None
) -> pd.DataFrame:
    """Return the clinical columns: numbers as floats, else texts, NaN if empty.

    Where `kinds` say what a column is, it is that; an ordinal one is 0, 1, 2, ...
    """
    table = columns.copy()
    for name in table:
        column = table[name]
        if kinds and name in kinds:
            table[name] = as_kind(column, kinds[str(name)])
        elif pd.api.types.is_numeric_dtype(column) or column.isna().all():
            table[name] = column.astype(float)
        else:
            text = column.astype(str).astype(object)
            table[name] = text.mask(column.isna(), np.nan)
    return table


def usable_columns(
    table: pd.DataFrame, training: np.ndarray
) -> tuple[pd.DataFrame, list[str]]:
    """Leave out columns that the lesions that train teach nothing of; say which."""
    reasons = {name: _why_unusable(table[name], training) for name in table}
    notes = [
        f"Column {str(name)!r} is in no model: {reason}."
        for name, reason in reasons.items()
        if reason is not None
    ]
    return table[[name for name, reason in reasons.items() if reason is None]], notes


def columns_of_models(
    table: pd.DataFrame, training: np.ndarray, config: StudyConfig
) -> tuple[pd.DataFrame, list[str]]:
    """Return the usable columns that the models choose from; say what is left out."""
    rule = config.clinical_rule
    if rule.kind == "named":
        table = table[[name for name in table if name in rule.names]]
    return usable_columns(table, training)


def _why_unusable(column: pd.Series, training: np.ndarray) -> str | None:
    values = column[training].dropna()
    if values.empty:
        return "it is empty for all lesions that train"
    if values.nunique() == 1:
        return "it is the same for all lesions that train"
    if pd.api.types.is_numeric_dtype(column):
        return "it holds an infinite value" if np.isinf(column).any() else None
    levels = column.nunique()
    if levels > MOST_LEVELS:
        return f"it holds {levels} categories, more than {MOST_LEVELS}"
    return None


def unseen_levels(table: pd.DataFrame, training: np.ndarray) -> list[str]:
    """Name the categories that no lesion that trains has."""
    notes = []
    for name in table.select_dtypes(exclude="number"):
        column = table[name]
        known = set(column[training].dropna())
        for level, n in column[~training].value_counts().items():
            if level not in known:
                notes.append(
                    f"Column {str(name)!r} holds {level!r} in {n} lesions of "
                    "validation and in none of training: there it counts as the "
                    "reference level. Join it to another level, or leave these lesions "
                    "out."
                )
    return notes


def filled(table: pd.DataFrame, training: np.ndarray, missing: str) -> pd.DataFrame:
    """Return the columns as `clinical_pipeline` fills them, learnt in training."""
    result = table.copy()
    for name in table:
        column = table[name]
        number = pd.api.types.is_numeric_dtype(column)
        gaps = bool(column[training].isna().any())
        if missing == "indicator" and not number:
            result[name] = column.fillna(MISSING_LEVEL)
        elif missing != "exclude":
            known = column[training]
            value = known.median() if number else known.mode()[0]
            result[name] = column.fillna(value)
            if missing == "indicator" and gaps:
                result[f"{name} missing"] = np.where(column.isna(), "yes", "no")
    return result


def missing_values(
    table: pd.DataFrame, rule: Literal["impute", "indicator", "exclude"]
) -> MissingClinical:
    """Count the values that are missing, and say what stands for them.

    >>> table = pd.DataFrame({"age": [60.0, np.nan], "site": ["a", "b"]})
    >>> missing_values(table, "impute").columns
    (FilledColumn(column='age', n_missing=1, by='the median'),)
    """
    gaps = table.isna()
    columns = []
    for name in table:
        if gaps[name].any():
            number = pd.api.types.is_numeric_dtype(table[name])
            by = "the median" if number else "the most frequent category"
            if rule == "indicator":
                by = f"{by} and an indicator" if number else "a level of its own"
            columns.append(
                FilledColumn(
                    column=str(name),
                    n_missing=int(gaps[name].sum()),
                    by=None if rule == "exclude" else by,
                )
            )
    return MissingClinical(
        rule=rule,
        n_lesions=len(table),
        n_incomplete=int(gaps.any(axis=1).sum()),
        columns=tuple(columns),
    )


def clinical_branch(columns: pd.DataFrame, config: StudyConfig) -> Pipeline:
    """Return the steps from clinical columns to those of a model, unfitted.

    A missing number is the median, a missing category the most frequent one; with
    ``missing="indicator"`` a column says where a number was missing, and a missing
    category is a level of its own. With ``"exclude"`` the caller leaves out the
    lesions. Of columns with knots come the terms of their splines. Last,
    `clinical_selection` keeps some predictors; NotEstimable if it keeps none.
    """
    rule = config.clinical_rule
    if rule.kind == "named":
        columns = columns[[c for c in columns if c in rule.names]]
    branches, predictors = _encoders(columns, config)
    steps = [("columns", SideBySide(branches)), ("varying", Varying())]
    if rule.learns:
        chosen = PredictorSelector(
            "lasso" if rule.kind == "lasso" else "univariable",
            p_threshold=rule.p_threshold or 0.05,
            predictors=predictors,
            penalty=config.clinical_penalty,
            cv=config.cv,
            random_state=config.random_state,
        )
        steps.append(("selected", chosen))
    return Pipeline(steps).set_output(transform="pandas")


def _encoders(
    columns: pd.DataFrame, config: StudyConfig, *, apart: bool = False
) -> tuple[list[Branch], dict[str, list[str]]]:
    """Return the branches of the columns, and the names of what each column becomes.

    Columns of a kind share a branch; each has its own where two of them would become
    columns of one name, such as 'a' at 'b_c' and 'a_b' at 'c'.
    """
    indicator = config.missing == "indicator"
    curves = _knots(columns, config)
    # A fold may lack what all lesions have: an empty column is a constant there.
    median = SimpleImputer(
        strategy="median", keep_empty_features=True, add_indicator=indicator
    )
    if indicator:
        commonest = SimpleImputer(strategy="constant", fill_value=MISSING_LEVEL)
    else:
        commonest = SimpleImputer(strategy="most_frequent", keep_empty_features=True)
    encoder = OneHotEncoder(drop="first", handle_unknown="ignore", sparse_output=False)
    steps = {
        "numbers": make_pipeline(median, StandardScaler()),
        "categories": make_pipeline(commonest, encoder),
    }
    taken: dict[str, list[str]] = {}
    made: dict[str, list[str]] = {}
    gap = "missingindicator_"
    for place, c in enumerate(map(str, columns)):
        if c in curves:
            continue
        number = pd.api.types.is_numeric_dtype(columns[c])
        kind = "numbers" if number else "categories"
        branch = f"{kind}{place}" if apart else kind
        taken.setdefault(branch, []).append(c)
        levels = dict.fromkeys([*columns[c].dropna().unique(), MISSING_LEVEL])
        ends = [c, f"{gap}{c}"] if number else [f"{c}_{level}" for level in levels]
        made[c] = [f"{branch}__{end}" for end in ends]
    branches: list[Branch] = [
        (branch, clone(steps[branch.rstrip("0123456789")]), taken[branch])
        for branch in sorted(taken, key=lambda name: name.startswith("categories"))
    ]
    for i, (c, knots) in enumerate(curves.items()):
        spline = spline_of(knots)
        step = beside_indicator(spline) if indicator else spline
        branches.append((f"curve{i}", make_pipeline(clone(median), step), [c]))
        n_knots = knots if isinstance(knots, int) else len(knots)
        terms = [c + "'" * j for j in range(n_knots - 1)]
        made[c] = [f"curve{i}__{term}" for term in [*terms, f"{gap}{c}"]]
    names = [name for ends in made.values() for name in ends]
    if len(set(names)) < len(names) and not apart:
        return _encoders(columns, config, apart=True)
    return branches, {c: made[c] for c in map(str, columns)}


def beside_indicator(spline: RestrictedCubicSpline) -> ColumnTransformer:
    """Return a spline of a column, behind which may come where it was missing."""
    return ColumnTransformer(
        [("curve", spline, [0])],
        remainder="passthrough",
        verbose_feature_names_out=False,
    )


def _knots(columns: pd.DataFrame, config: StudyConfig) -> dict[str, Knots]:
    found = {str(c): knots_of(config.clinical_kinds.get(str(c))) for c in columns}
    return {name: knots for name, knots in found.items() if knots is not None}


def clinical_pipeline(columns: pd.DataFrame, config: StudyConfig) -> Pipeline:
    """Return a logistic model of clinical columns, unfitted."""
    nomogram = NomogramClassifier(penalty=config.clinical_penalty)
    steps = [*clinical_branch(columns, config).steps, ("nomogram", nomogram)]
    return Pipeline(steps).set_output(transform="pandas")


def combined_pipeline(
    columns: pd.DataFrame, config: StudyConfig, scores: Sequence[str] = (SCORE,)
) -> Pipeline:
    """Return a logistic model of clinical columns, if any, and the scores, unfitted.

    Scores are columns of the table; `clinical_selection` does not concern them. One of
    several is left out where it is constant.
    """
    several = Varying() if len(scores) > 1 else "passthrough"
    branches = [("score", several, list(scores))]
    if columns.shape[1]:
        clinical = clinical_branch(columns, config)
        branches.insert(0, ("clinical", clinical, list(map(str, columns))))
    both = ColumnTransformer(branches, verbose_feature_names_out=False)
    nomogram = NomogramClassifier(penalty=config.clinical_penalty)
    steps = Pipeline([("columns", both), ("nomogram", nomogram)])
    return steps.set_output(transform="pandas")


def plain_names(text: str, columns: pd.DataFrame) -> str:
    """Write a column and its level as the table has them, not as the steps do.

    >>> table = pd.DataFrame({"site": ["a", "b"], "age": [60.0, 70.0]})
    >>> plain_names("by 'categories__site_b', 'numbers__age'", table)
    "by 'site' at the level 'b', 'age'"
    """
    for place, name in enumerate(columns):
        plain = repr(str(name))
        ends = {
            "numbers": {f"{name}": plain},
            "categories": {
                f"{name}_{level}": f"{plain} at the level {str(level)!r}"
                for level in [*columns[name].dropna().unique(), MISSING_LEVEL]
            },
        }
        ends["numbers"][f"missingindicator_{name}"] = f"{plain} where it is missing"
        for kind, words in ends.items():
            for end, word in words.items():
                for branch in (kind, f"{kind}{place}"):
                    text = text.replace(f"'{branch}__{end}'", word)
        curve = rf"""['"]curve\d+__{re.escape(str(name))}'*['"]"""
        text = re.sub(curve, plain.replace("\\", r"\\"), text)
    return text
