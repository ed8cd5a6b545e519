"""The radiomics score as a formula that others can use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import expit

from sklearn_orn._io.json_head import head, version_of
from sklearn_orn._readable import framed, rows_html
from sklearn_orn._shared_docs import documented
from sklearn_orn._tables import as_pandas
from sklearn_orn._validation import name_list

FORMAT, VERSION = "sklearn-orn-formula", 2
_LATEX = {c: f"\\{c}" for c in "#$%&_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "|": r"\textbar{}",
}


def _plain(label: object) -> object:
    return label.item() if isinstance(label, np.generic) else label


def _latex_text(name: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in name)


@dataclass(frozen=True)
class Term:
    """One feature of a score.

    Attributes
    ----------
    feature : str
        Its name.
    coefficient : float
        On the feature's own scale.
    per_sd : float
        For a change of one standard deviation in training.
    """

    feature: str
    coefficient: float
    per_sd: float


@documented("""
digits : int, default=5
    Significant digits.
X : DataFrame or mapping of str to values
    With a column for each feature; others are ignored.
""")
@dataclass(frozen=True)
class Formula:
    """A score: intercept and terms, the weightiest per standard deviation first.

    Attributes
    ----------
    intercept : float
        Score where all features are 0.
    terms : tuple of Term
        Features with a nonzero coefficient.
    classes : tuple
        The negative and the positive label.

    Examples
    --------
    >>> from sklearn_orn.model import Formula
    >>> formula = Formula.from_coefficients(
    ...     {"Sigma": -2.5, "S(1,0)Contrast": 0.125}, 1.5, scales={"Sigma": 0.1}
    ... )
    >>> print(formula.text())
    score = 1.5 - 2.5 x Sigma + 0.125 x S(1,0)Contrast
    >>> formula.predict_proba({"Sigma": 0.6, "S(1,0)Contrast": 0.0})[:, 1]
    array([0.5])
    """

    intercept: float
    terms: tuple[Term, ...]
    classes: tuple[object, object] = (0, 1)

    @classmethod
    def from_coefficients(
        cls,
        coefficients: Mapping[str, float],
        intercept: float,
        *,
        scales: Mapping[str, float] | None = None,
        classes: tuple[object, object] = (0, 1),
    ) -> Self:
        """Make a formula; terms of 0 are left out.

        Parameters
        ----------
        coefficients : mapping of str to float
            Feature to coefficient.
        intercept : float
            Intercept.
        scales : mapping of str to float, default=None
            Standard deviations of the features; NaN per SD where one is missing.
        classes : tuple, default=(0, 1)
            The negative and the positive label.

        Returns
        -------
        Formula
            Terms in the order of `features`, without those of coefficient 0.
        """
        scales = scales or {}
        terms = [
            Term(str(f), float(c), float(c) * float(scales.get(f, np.nan)))
            for f, c in coefficients.items()
            if c != 0
        ]
        order = sorted(terms, key=lambda t: -abs(np.nan_to_num(t.per_sd)))
        negative, positive = (_plain(label) for label in classes)
        return cls(float(intercept), tuple(order), (negative, positive))

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features, the weightiest first."""
        return tuple(term.feature for term in self.terms)

    def text(self, digits: int = 5) -> str:
        """Write the score in one line.

        Returns
        -------
        str
            ``score = intercept + coefficient x feature ...``, a term per line.
        """
        parts = [f"score = {self.intercept:.{digits}g}"]
        for term in self.terms:
            sign = "-" if term.coefficient < 0 else "+"
            parts.append(f"{sign} {abs(term.coefficient):.{digits}g} x {term.feature}")
        return " ".join(parts)

    def _repr_html_(self) -> str:
        rows = [
            ("", "coefficient", "per SD"),
            ("Intercept", f"{self.intercept:.5g}", ""),
        ]
        rows += [
            (t.feature, f"{t.coefficient:.5g}", f"{t.per_sd:.3g}") for t in self.terms
        ]
        positive = f"Log-odds of {self.classes[1]}"
        return framed(f"<p>{escape(positive)}</p>", rows_html(rows))

    def latex(self, digits: int = 5) -> str:
        """Write score and probability for LaTeX's ``align*``.

        Returns
        -------
        str
            An ``aligned`` block for a display formula.
        """
        lines = [rf"\text{{score}} ={{}}& {_latex_number(self.intercept, digits)}"]
        for term in self.terms:
            sign = "-" if term.coefficient < 0 else "+"
            size = _latex_number(abs(term.coefficient), digits)
            name = rf"\text{{{_latex_text(term.feature)}}}"
            lines.append(rf"& {sign} {size} \times {name}")
        label = rf"\text{{{_latex_text(str(self.classes[1]))}}}"
        lines.append(rf"P({label}) ={{}}& 1 / (1 + e^{{-\text{{score}}}})")
        return " \\\\\n".join(lines)

    def to_json(self) -> str:
        """Write the formula with every digit.

        Returns
        -------
        str
            That `from_json` reads back.
        """
        content = head(FORMAT, VERSION) | asdict(self)
        for term in content["terms"]:
            if np.isnan(term["per_sd"]):
                term["per_sd"] = None
        return json.dumps(content, indent=2, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Parameters
        ----------
        text : str
            JSON.

        Returns
        -------
        Formula
            The one that was written.

        Raises
        ------
        ValueError
            If the text is no formula, or of a newer version.
        """
        content = json.loads(text)
        version = version_of(content, FORMAT)
        if version is None:
            raise ValueError(f"This JSON is no formula: its format is not {FORMAT!r}.")
        if version not in (1, VERSION):
            raise ValueError(
                f"The formula has version {version!r}; this program reads versions 1 "
                f"and {VERSION}."
            )
        try:
            terms = tuple(
                Term(
                    str(term["feature"]),
                    float(term["coefficient"]),
                    np.nan if term["per_sd"] is None else float(term["per_sd"]),
                )
                for term in content["terms"]
            )
            negative, positive = content["classes"]
            intercept = float(content["intercept"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"The formula is incomplete: {error!r}.") from None
        numbers = [intercept, *(term.coefficient for term in terms)]
        if not np.isfinite(numbers).all():
            raise ValueError("The formula holds a coefficient that is not finite.")
        return cls(intercept, terms, (negative, positive))

    def decision_function(
        self, X: pd.DataFrame | Mapping[str, ArrayLike]
    ) -> np.ndarray:
        """Score of each row.

        Returns
        -------
        ndarray of shape (n_samples,)
            Positive for the second class.

        Raises
        ------
        ValueError
            If a feature is missing; the message names it.
        """
        X = as_pandas(X)
        missing = [name for name in self.features if name not in X]
        if missing:
            raise ValueError(
                f"X has no column for {len(missing)} features of the formula: "
                f"{name_list(missing)}."
            )
        n = len(X) if isinstance(X, pd.DataFrame) else 1
        score = np.full(n, self.intercept)
        for term in self.terms:
            values = np.asarray(X[term.feature], dtype=np.float64)
            score = score + term.coefficient * values
        return score

    def predict_proba(self, X: pd.DataFrame | Mapping[str, ArrayLike]) -> np.ndarray:
        """Probability of the two classes.

        Returns
        -------
        ndarray of shape (n_samples, 2)
            Columns in the order of `classes`.
        """
        score = self.decision_function(X)
        return np.column_stack([expit(-score), expit(score)])


def _latex_number(value: float, digits: int) -> str:
    text = f"{value:.{digits}g}"
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}"
