"""The table of odds ratios: each predictor alone, or all of them in one model."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sklearn_orn._messages import shown
from sklearn_orn._tables import as_pandas
from sklearn_orn._validation import name_list, refuse_unknown
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.model._classifier import NomogramClassifier
from sklearn_orn.model._coefficient_summary import IntervalKind
from sklearn_orn.model._spline_odds import CodedSpline

Kind: TypeAlias = Literal["univariable", "multivariable"]
KINDS = get_args(Kind)


def odds_ratios(
    X: pd.DataFrame,
    y: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    kind: Kind = "multivariable",
    penalty: Literal["none", "firth"] = "none",
    interval: IntervalKind = "wald",
    level: float = 0.95,
    reference: Mapping[str, Hashable] | None = None,
    cross_fitted: Sequence[str] = (),
    splines: Mapping[str, int | Sequence[float]] | None = None,
) -> pd.DataFrame:
    """Return the odds ratios of predictors, alone or in one model.

    Parameters
    ----------
    X : DataFrame of shape (n_samples, n_predictors)
        Predictors without missing values. Numbers have one odds ratio, for one unit;
        text, categories and booleans have one for each level but the reference.
    y : array-like of shape (n_samples,)
        Two classes; the second in sorted order is positive.
    groups : array-like of shape (n_samples,), default=None
        The patient of each sample: Wald intervals and p values then count patients,
        see `NomogramClassifier.summary`.
    sample_weight : array-like of shape (n_samples,), default=None
        How often each sample counts.
    kind : {"univariable", "multivariable"}, default="multivariable"
        A model for each predictor, or one for all of them.
    penalty : {"none", "firth"}, default="none"
        Maximum likelihood, or Firth's penalised likelihood, which is finite where a
        level has samples of one class only.
    interval : {"wald", "profile"}, default="wald"
        See `NomogramClassifier.summary`; profile intervals take samples as independent.
    level : float, default=0.95
        Level of the intervals.
    reference : mapping, default=None
        Name of a predictor -> its reference level. Without it the first level is the
        reference, in the order of the categories or else sorted.
    cross_fitted : sequence of str, default=()
        Columns that are a `CrossFittedScore`, see `NomogramClassifier.summary`.
    splines : mapping, default=None
        Name of a number -> the knots of its restricted cubic spline, or how many, see
        `RestrictedCubicSpline`; for Wald intervals.

    Returns
    -------
    DataFrame
        One row for each number and each level, with the columns ``predictor, level,
        kind, n, coefficient, standard_error, z, odds_ratio, lower, upper, p_value``. A
        number has no `level`; the reference has an odds ratio of 1 and no
        interval; `n` counts the samples (of the level). With `splines` there are also
        ``low, high, p_nonlinear``, see the Notes.

    Raises
    ------
    NotEstimable
        If a predictor has one value only, or too few for its spline.
    TypeError
        If X is no table with names.
    ValueError
        If values are missing or infinite, a reference is none of the levels, or a
        spline is of a column that is no number, a `CrossFittedScore`, or asked for with
        profile intervals; the message names the column.

    See Also
    --------
    sklearn_orn.plotting.OddsRatioDisplay : The forest plot of this table.

    Notes
    -----
    A score that was learnt from the same samples does not belong here: its odds ratio
    is too large and its interval too short. Take a cross-fitted one, see
    `CrossFittedScore`.

    The odds ratio of a spline is that of its upper quartile, `high`, against its lower
    one, `low`, as rms's ``summary`` has it, with Wald's interval of that contrast. Its
    p value is that of Wald's test of all its terms together, `p_nonlinear` that of the
    nonlinear ones, as rms's ``anova``; it has no z.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_orn.model import odds_ratios
    >>> X = pd.DataFrame({"stage": ["I"] * 40 + ["II"] * 40})
    >>> y = [0] * 30 + [1] * 10 + [0] * 15 + [1] * 25
    >>> table = odds_ratios(X, y)
    >>> table[["predictor", "level", "n", "odds_ratio", "lower", "upper"]].round(2)
      predictor level   n  odds_ratio  lower  upper
    0     stage     I  40         1.0    NaN    NaN
    1     stage    II  40         5.0   1.91  13.06
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {name_list(KINDS)}, got {shown(kind)}.")
    if penalty not in ("none", "firth"):
        raise ValueError(f"penalty must be 'none' or 'firth', got {shown(penalty)}.")
    table = _checked(X)
    given, curved = dict(reference or {}), dict(splines or {})
    for parameter, chosen in (
        ("reference", given),
        ("cross_fitted", cross_fitted),
        ("splines", curved),
    ):
        refuse_unknown(chosen, table.columns, parameter)
    _check_curved(curved, cross_fitted, interval)
    coded: dict[str, _Coded | CodedSpline] = {
        name: CodedSpline(table[name], curved[name])
        if name in curved
        else _Coded(table[name], given)
        for name in table.columns
    }
    models = [[name] for name in coded] if kind == "univariable" else [list(coded)]
    rows = []
    for names in models:
        design = pd.concat([coded[name].design for name in names], axis=1)
        model = NomogramClassifier(penalty=penalty)
        model.fit(design, y, sample_weight=sample_weight, groups=groups)
        terms = model.summary(
            interval=interval,
            level=level,
            cross_fitted=[name for name in cross_fitted if name in names],
        )
        for one in (coded[name] for name in names):
            if isinstance(one, CodedSpline):
                rows.append(one.row(terms, model, level))
            else:
                rows += one.rows(terms)
    result = pd.DataFrame(rows)
    result.insert(2, "kind", kind)
    return result


def _check_curved(
    curved: Mapping[str, object], cross_fitted: Sequence[str], interval: str
) -> None:
    for name in curved:
        if name in cross_fitted:
            raise ValueError(f"{name!r} is in cross_fitted and in splines: choose one.")
    if curved and interval != "wald":
        raise ValueError(
            f"splines has {name_list(curved)}, and interval is {shown(interval)}: the "
            "odds ratio of a spline has Wald's interval only. Use interval='wald'."
        )


def _checked(X: object) -> pd.DataFrame:
    table = as_pandas(X)
    if not isinstance(table, pd.DataFrame) or not table.shape[1]:
        raise TypeError(
            f"X must be a DataFrame with a column for each predictor, got {shown(X)}."
        )
    table = table.set_axis([str(name) for name in table.columns], axis=1)
    twins = table.columns[table.columns.duplicated()]
    if len(twins):
        raise ValueError(f"X has more than one column {twins[0]!r}.")
    for name in table.columns:
        n_missing = int(table[name].isna().sum())
        if n_missing:
            raise ValueError(
                f"Column {name!r} has {n_missing} missing values. Impute them, make "
                "them a level of their own, or leave these samples out."
            )
        if table[name].nunique() < 2:
            raise NotEstimable(
                f"Column {name!r} has one value only: it has no odds ratio. Leave it "
                "out."
            )
    return table


class _Coded:
    """A predictor as columns of a model: itself, or one for each level."""

    def __init__(self, values: pd.Series, reference: Mapping[str, Hashable]) -> None:
        self.name = str(values.name)
        self.values = values
        numeric = pd.api.types.is_numeric_dtype(values)
        self.is_number = numeric and not pd.api.types.is_bool_dtype(values)
        if self.is_number:
            self.levels: list[Hashable] = []
            numbers = values.astype(np.float64)
            if not np.isfinite(numbers).all():
                raise ValueError(f"Column {self.name!r} has infinite values.")
            self.design = pd.DataFrame({self.name: numbers})
            return
        self.levels = self._ordered_levels()
        first = reference.get(self.name, self.levels[0])
        if first not in self.levels:
            raise ValueError(
                f"The reference {shown(first)} is no level of column {self.name!r}, "
                f"which holds {name_list(map(shown, self.levels), limit=20)}."
            )
        self.levels.sort(key=lambda level: level != first)
        columns = {self._term(level): values == level for level in self.levels[1:]}
        self.design = pd.DataFrame(columns, dtype=np.float64)

    def _ordered_levels(self) -> list[Hashable]:
        if isinstance(self.values.dtype, pd.CategoricalDtype):
            return list(self.values.cat.remove_unused_categories().cat.categories)
        levels = self.values.unique().tolist()
        try:
            return sorted(levels)
        except TypeError:
            raise TypeError(
                f"Column {self.name!r} mixes values that have no order, "
                f"{name_list(map(shown, levels))}: make it one type, or a category."
            ) from None

    def _term(self, level: Hashable) -> str:
        return f"{self.name}={level}"

    def rows(self, terms: pd.DataFrame) -> list[dict[str, object]]:
        """Return the rows of the predictor, the reference first."""
        of_term: dict[Hashable, dict[str, float]] = terms.T.to_dict()
        if self.is_number:
            return [self._row(None, len(self.values), of_term[self.name])]
        blank = dict.fromkeys(terms.columns, np.nan)
        blank |= {"coefficient": 0.0, "odds_ratio": 1.0}
        return [
            self._row(
                level,
                int((self.values == level).sum()),
                of_term[self._term(level)] if i else blank,
            )
            for i, level in enumerate(self.levels)
        ]

    def _row(
        self, level: Hashable, n: int, numbers: dict[str, float]
    ) -> dict[str, object]:
        return {"predictor": self.name, "level": level, "n": n, **numbers}
