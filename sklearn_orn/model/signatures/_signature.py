"""A signature that somebody else published, as a classifier that needs no fitting."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils import Tags

from sklearn_orn._documented import Documented
from sklearn_orn._feature_settings import (
    NORMALIZATIONS,
    FeatureSettings,
    Normalization,
    bits_by_family,
    settings_of,
)
from sklearn_orn._study_warnings import warn
from sklearn_orn._validation import Interval, StrOptions
from sklearn_orn.exceptions import ModelFileError
from sklearn_orn.model._formula import Formula
from sklearn_orn.model._linear import linear_predictor
from sklearn_orn.model._log_odds import LogOddsMixin
from sklearn_orn.model.signatures._columns import pick_columns
from sklearn_orn.model.signatures._input import (
    checked_classes,
    checked_coefficients,
    encode_labels,
)
from sklearn_orn.model.signatures._measured_alike import check_settings
from sklearn_orn.model.signatures._signature_file import SIGNATURE_FILE

SATURATED = 5.0
SATURATED_SHARE = 0.1


class PublishedSignature(LogOddsMixin, Documented, BaseEstimator):
    """A score with coefficients from a publication; nothing is learnt.

    Its `decision_function` is the published score, the log-odds of the positive
    class.

    Parameters
    ----------
    coefficients : dict of str to float
        Name of a feature to its coefficient. `read_coefficients` takes it, with the
        intercept, from a table.
    intercept : float
        Score where all features are 0.
    classes : tuple, default=(0, 1)
        The negative and the positive label, in this order and in sorted order:
        scikit-learn takes the second as positive. What they are called goes to
        `class_names`.
    class_names : tuple of (str, str), default=None
        What to call the negative and the positive class in words.
    threshold : float, default=0.5
        Probability from which `predict` says positive.
    bits : int or dict of str to int, default=None
        Bits per pixel that the features were measured at: one number, or one for each
        of ``"cooccurrence"``, ``"run_length"``, ``"gradient"`` and ``"wavelet"``. None
        means that the publication does not report it.
    normalization : {"3sigma", "1-99", "1-99-below", "none"}, default=None
        Grey-level window of the features. None means that the publication does not
        report it.
    reader : str, default=None
        For an X with a block of columns for each reader, ``<reader>__<feature>``: the
        reader whose block is taken, or ``"mean"`` for the mean over the readers
        present. None refuses such an X.
    title : str, default=""
        What to call the signature.
    source : str, default=""
        The publication.
    units : str, default=""
        Units of the features, or what they were scaled by.
    notes : str, default=""
        Anything else.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels; the second is the positive one.
    formula_ : Formula
        The score as text, LaTeX and JSON.

    See Also
    --------
    read_coefficients : Coefficients and intercept from a published table.
    validate_externally : How good it is on new patients, and three updates.
    Formula : The score of a `NomogramClassifier`, to be published.

    Notes
    -----
    Columns of X may be in any order; those that the signature does not name are
    ignored.

    Values of texture features depend on the bits per pixel and on the normalisation.
    Where X knows how it was measured (`TextureExtractor` and
    `sklearn_orn.texture.read_features` leave it in ``X.attrs["provenance"]``;
    `sklearn_orn.texture.declare_settings` puts it there), another setting than that of
    the signature is refused. A setting that is not known on either side is a
    warning. Histogram and autoregressive features are of the raw pixels and depend on
    neither; neither do columns that have no name of MaZda's, such as an age.

    More than a tenth of the scores beyond -5 or 5 is a warning too: probabilities below
    0.007 or above 0.993 for many lesions are rarely meant, and mostly tell of
    features on another scale.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_orn.model import PublishedSignature
    >>> signature = PublishedSignature({"Sigma": -2.5, "Perc.10%": 0.5}, 1.5)
    >>> X = pd.DataFrame({"Perc.10%": [0.0, 1.0], "age": [61, 48], "Sigma": [0.6, 0.6]})
    >>> signature.decision_function(X)
    array([0. , 0.5])
    >>> signature.decision_function(X.drop(columns="Sigma"))
    Traceback (most recent call last):
    ...
    sklearn_orn.exceptions.CohortError: X has no column for 1 features of the signature:
    Sigma.
    """

    _parameter_constraints = {
        "coefficients": "no_validation",  # these four have messages of their own
        "intercept": "no_validation",
        "classes": "no_validation",
        "bits": "no_validation",
        "class_names": [tuple, list, None],
        "threshold": [Interval(Real, 0, 1, closed="both")],
        "normalization": [StrOptions(set(NORMALIZATIONS)), None],
        "reader": [str, None],
        "title": [str],
        "source": [str],
        "units": [str],
        "notes": [str],
    }

    _texts = """
X : DataFrame of shape (n_samples, n_columns)
    With the features of the signature.
"""

    def __init__(
        self,
        coefficients: Mapping[str, float],
        intercept: float,
        *,
        classes: tuple[object, object] = (0, 1),
        class_names: Sequence[str] | None = None,
        threshold: float = 0.5,
        bits: int | Mapping[str, int] | None = None,
        normalization: Normalization | None = None,
        reader: str | None = None,
        title: str = "",
        source: str = "",
        units: str = "",
        notes: str = "",
    ) -> None:
        self.coefficients = coefficients
        self.intercept = intercept
        self.classes = classes
        self.class_names = class_names
        self.threshold = threshold
        self.bits = bits
        self.normalization = normalization
        self.reader = reader
        self.title = title
        self.source = source
        self.units = units
        self.notes = notes

    @classmethod
    def from_json(cls, path: str | os.PathLike[str]) -> Self:
        """Read a signature from the file that `to_json` wrote.

        Parameters
        ----------
        path : str or path-like
            JSON; the schema is in ``docs/published-signatures.md``.

        Returns
        -------
        PublishedSignature
            With ``reader=None``: readers are a matter of X.

        Raises
        ------
        ModelFileError
            If the file is anything else; the message says what was found where.
        """
        params = SIGNATURE_FILE.read(path)
        try:
            return cls(**params)._checked()
        except ValueError as error:
            raise ModelFileError(f"signature file '{path}': {error}") from None

    def to_json(self, path: str | os.PathLike[str]) -> None:
        """Write the signature, every number in full.

        Parameters
        ----------
        path : str or path-like
            File to write or replace.
        """
        SIGNATURE_FILE.write(path, self._checked().get_params(deep=False))

    @property
    def classes_(self) -> np.ndarray:
        """The labels; the second is the positive one."""
        return checked_classes(self.classes)

    @property
    def formula_(self) -> Formula:
        """The score as text, LaTeX and JSON."""
        negative, positive = self.classes_.tolist()
        return Formula.from_coefficients(
            checked_coefficients(self.coefficients, self.intercept),
            self.intercept,
            classes=(negative, positive),
        )

    def fit(self, X: object, y: object = None) -> Self:
        """Check the parameters, X and y; nothing is learnt.

        Parameters
        ----------
        y : array-like of shape (n_samples,), default=None
            Labels of `classes`, 0 and 1, or `class_names`.

        """
        self._checked()
        n_samples = len(self.predictors(X))
        if y is not None:
            n_labels = len(encode_labels(y, self.classes_, self.class_names))
            if n_labels != n_samples:
                raise ValueError(
                    f"X has {n_samples} samples, y has {n_labels}: they must be of "
                    "equal length."
                )
        return self

    def predictors(self, X: object) -> pd.DataFrame:
        """Return the columns that the score is made of.

        Returns
        -------
        DataFrame of shape (n_samples, n_features)
            In the order of `coefficients`, one value of each feature.

        Raises
        ------
        ValueError
            If a feature is missing, or missing in a row; the message names it.
        """
        self._validate_params()
        names = list(checked_coefficients(self.coefficients, self.intercept))
        return pick_columns(X, names, self.reader)

    def check_provenance(
        self,
        X: object = None,
        *,
        bits: int | Mapping[str, int] | None = None,
        normalization: Normalization | None = None,
    ) -> None:
        """Compare how X was measured with what the signature was made for.

        `decision_function` and all that follows from it do so too.

        Parameters
        ----------
        X : DataFrame, default=None
            Features that know how they were measured.
        bits : int or dict of str to int, default=None
            Their bits per pixel, in place of what X says.
        normalization : {"3sigma", "1-99", "1-99-below", "none"}, default=None
            Their normalisation, in place of what X says.

        Raises
        ------
        ValueError
            If a setting is another one; the message names both.

        Warns
        -----
        StudyWarning
            If a setting is not reported by the publication, or not known of X.
        """
        declared = settings_of(X)
        measured = FeatureSettings(
            {**declared.bits, **bits_by_family(bits)},
            declared.normalization if normalization is None else normalization,
        )
        check_settings(list(self.coefficients), self.bits, self.normalization, measured)

    def decision_function(self, X: object) -> np.ndarray:
        """Return the published score.

        Returns
        -------
        ndarray of shape (n_samples,)
            Log-odds of the positive class.

        Raises
        ------
        ValueError
            If a feature is missing, or X was measured with other settings.

        Warns
        -----
        StudyWarning
            If a setting is not known, or more than a tenth of the scores lie beyond
            -5 or 5.
        """
        values = self.predictors(X)
        self.check_provenance(X)
        coefficients = np.array([float(c) for c in self.coefficients.values()])
        score = linear_predictor(values.to_numpy(), coefficients, self.intercept)
        share = float(np.mean(np.abs(score) > SATURATED)) if len(score) else 0.0
        if share > SATURATED_SHARE:
            warn(
                f"{100 * share:.0f} % of the scores lie beyond -{SATURATED:g} or "
                f"{SATURATED:g}: their probabilities are nearly 0 or 1. Are the "
                "features measured as those of the publication, and in its units?",
                "ORN008",
                stacklevel=2,
            )
        return score

    def _threshold(self) -> float:
        return self.threshold

    def _checked(self) -> Self:
        self._validate_params()
        checked_coefficients(self.coefficients, self.intercept)
        classes = checked_classes(self.classes)
        bits_by_family(self.bits)
        names = self.class_names
        if names is not None and (len(names) != 2 or names[0] == names[1]):
            raise ValueError(
                f"class_names is {names!r}; expected two different names, of "
                f"{classes[0]} and {classes[1]}."
            )
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags
