"""The odds ratio of a predictor whose effect is a restricted cubic spline."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sklearn_orn._messages import shown
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.model._classifier import NomogramClassifier
from sklearn_orn.model._restricted_cubic_spline import RestrictedCubicSpline


class CodedSpline:
    """A predictor as the terms of its spline, and its upper quartile against the lower.

    As rms's ``summary`` of a fit with ``rcs``.
    """

    def __init__(self, values: pd.Series, knots: int | Sequence[float]) -> None:
        self.name = str(values.name)
        numeric = pd.api.types.is_numeric_dtype(values)
        if not numeric or pd.api.types.is_bool_dtype(values):
            raise ValueError(
                f"splines names {self.name!r}, which holds {shown(values.iloc[0])}: a "
                "spline is one of numbers."
            )
        numbers = values.astype(np.float64)
        if not np.isfinite(numbers).all():
            raise ValueError(f"Column {self.name!r} has infinite values.")
        spline = spline_of(knots).set_output(transform="pandas")
        self.design: pd.DataFrame = spline.fit_transform(numbers.to_frame(self.name))
        self.ends = np.quantile(numbers, [0.25, 0.75])
        if self.ends[0] == self.ends[1]:
            raise NotEstimable(
                f"Column {self.name!r} has the same lower and upper quartile, "
                f"{self.ends[0]:g}: its spline has no odds ratio between them."
            )
        low, high = spline.transform(pd.DataFrame({self.name: self.ends})).to_numpy()
        self.contrast = high - low

    def row(
        self, terms: pd.DataFrame, model: NomogramClassifier, level: float
    ) -> dict[str, object]:
        """Return the row of the predictor, of a model with these terms."""
        places = 1 + np.flatnonzero(np.isin(terms.index[1:], self.design.columns))
        covariances = model._covariances_of(places)
        beta = terms["coefficient"].to_numpy()[places]
        apart = np.isinf(terms["standard_error"].to_numpy()[places]).any()
        change = float(self.contrast @ beta)
        error = np.sqrt(covariances.variance(self.contrast))
        if apart:  # the classes are separated, as one coefficient would be told
            error = np.inf
        half = covariances.half_width(level) * error
        bent = covariances.of(np.arange(1, len(beta)))
        middle = change if np.isfinite(error) else np.nan
        if apart:
            middle = np.sign(change) * np.inf
        with np.errstate(over="ignore"):
            ratio = np.exp(middle)
            limits = np.exp([-half, half] if apart else [middle - half, middle + half])
        return {
            "predictor": self.name,
            "level": None,
            "n": len(self.design),
            "coefficient": change,
            "standard_error": error,
            "z": np.nan,
            "odds_ratio": ratio,
            "lower": limits[0],
            "upper": limits[1],
            "p_value": np.nan if apart else covariances.wald_p(beta),
            "low": self.ends[0],
            "high": self.ends[1],
            "p_nonlinear": np.nan if apart else bent.wald_p(beta[1:]),
        }


def spline_of(knots: int | Sequence[float]) -> RestrictedCubicSpline:
    """Return the spline of so many knots, or of these."""
    if isinstance(knots, int | np.integer):
        return RestrictedCubicSpline(int(knots))
    return RestrictedCubicSpline(knots=knots)
