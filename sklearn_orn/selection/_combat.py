"""Take away what centres or scanners add to the features: ComBat."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Literal, Self, TypeAlias, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._documented import Documented
from sklearn_orn._messages import shown
from sklearn_orn._tables import as_pandas
from sklearn_orn._validation import (
    Interval,
    StrOptions,
    _check_feature_names_in,
    name_list,
    refuse_nan,
    validate_data,
)
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.selection._combat_covariates import (
    batch_labels,
    check_design,
    coded,
    covariate_table,
    learn_coding,
    refuse_outcome,
)
from sklearn_orn.selection._combat_formulas import batch_effects, standardise

Unseen: TypeAlias = Literal["error", "grand", "reference"]


class ComBat(TransformerMixin, Documented, BaseEstimator):
    """Harmonise features across batches, learnt from the training lesions only.

    A batch is what shifts and stretches all features together: a centre, a scanner, a
    protocol.

    Parameters
    ----------
    batch_column : str, default=None
        Column of the table X that holds the batch. It does not come out. None takes
        `batch` of `fit` and `transform`.
    covariate_columns : sequence of str, default=()
        Columns of X with covariates, whose effect is kept: numbers, or categories as
        text. They do not come out.
    parametric : bool, default=True
        Whether the batch effects have a normal and an inverse gamma prior. Otherwise
        each is weighted by the likelihood of those of the other features.
    mean_only : bool, default=False
        Whether batches differ in their means only.
    reference : str or int, default=None
        A batch that stays as it is, and to which the others are brought. None brings
        all to the mean over the lesions.
    unseen : {"error", "grand", "reference"}, default="error"
        What becomes of a batch that was not seen in `fit`, see Notes.
    min_lesions : int, default=5
        Lesions that each batch must have in `fit`, at least.

    Attributes
    ----------
    batches_ : ndarray of shape (n_batches,)
        The batches seen in `fit`, sorted.
    n_lesions_ : ndarray of int, shape (n_batches,)
        Their lesions.
    gamma_, delta_ : ndarray of shape (n_batches, n_features)
        Additive effect in standard deviations, and multiplicative one of the variance.
    mean_, variance_ : ndarray of shape (n_features,)
        Grand mean and pooled variance; those of the `reference` where one is set.
    coef_ : ndarray of shape (n_covariate_columns, n_features)
        Effects of the covariates; categories have a column for each level but the
        first.
    adjusted_ : ndarray of bool, shape (n_features,)
        Features that are harmonised. One that is constant in a batch, or given by
        batches and covariates, passes as it is.
    [[n_features_in_, feature_names_in_]]

    See Also
    --------
    ICCFilter : Stands in front, and averages over the readers.
    FCMSelector : Stands behind, and looks at the outcome.

    Notes
    -----
    A feature of a lesion of batch i with covariates c becomes ::

        z = (x - mean - c @ coef) / sqrt(variance)
        (z - gamma[i]) / sqrt(delta[i]) * sqrt(variance) + mean + c @ coef

    With batch and covariates of all rows these are the numbers of ``sva::ComBat`` 3.46
    in R within 1e-10.

    A batch unseen in `fit` has no gamma and no delta. ``"error"`` refuses it.
    ``"grand"`` standardises by the grand mean and the pooled variance only (gamma is 0
    and delta is 1), and then puts both back: its lesions stay as they are.
    ``"reference"`` says that it measures as the `reference` does: gamma is 0 and delta
    is 1 here too, and a reference has to be set. Neither looks at the other new
    lesions.

    `batch` and `covariates` are requested by metadata routing, by `fit` and by
    `transform`. Scikit-learn's scorers hand no metadata to ``predict_proba``: for
    ``scoring="roc_auc"`` set `batch_column`.

    The outcome is not used. A batch or covariate that equals `y`, or is a relabelling
    of it, is refused, as are batches of one class each: harmonising would take the
    class away. Missing values are refused by name: put
    ``SimpleImputer(strategy="median", keep_empty_features=True)`` in front.

    References
    ----------
    Johnson, Li, Rabinovic, Biostatistics 2007;8:118-127. With covariates of interest in
    unbalanced batches: Nygaard, Rødland, Hovig, Biostatistics 2016;17:29-39.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.selection import ComBat
    >>> rng = np.random.default_rng(0)
    >>> centre = np.repeat(["A", "B"], 30)
    >>> X = rng.normal(size=(60, 20)) + 3 * (centre == "B")[:, None]
    >>> harmonised = ComBat().fit_transform(X, batch=centre)
    >>> for table in (X, harmonised):
    ...     print(f"{abs(table[30:].mean() - table[:30].mean()):.1f}")
    3.0
    0.0
    """

    _texts = """
X : array-like of shape (n_lesions, n_features)
    Features without missing values, and the columns that are named.
transform.X : array-like of shape (n_lesions, n_features)
    The columns seen in `fit`, without missing values.
y : array-like of shape (n_lesions,), default=None
    Not used, but to refuse a batch or covariate that is the outcome.
batch : array-like of shape (n_lesions,), default=None
    The batch of each lesion, where no `batch_column` is set.
covariates : array-like of shape (n_lesions,) or (n_lesions, n_covariates), default=None
    Covariates, where no `covariate_columns` are set. Text, booleans and categories are
    coded by level; `transform` knows those seen in `fit`.
"""

    _parameter_constraints = {
        "batch_column": [str, None],
        "covariate_columns": ["array-like"],
        "parametric": ["boolean"],
        "mean_only": ["boolean"],
        "reference": [str, Integral, None],
        "unseen": [StrOptions(set(get_args(Unseen)))],
        "min_lesions": [Interval(Integral, 2, None, closed="left")],
    }

    __metadata_request__fit = {"batch": True, "covariates": True}
    __metadata_request__transform = {"batch": True, "covariates": True}

    def __init__(
        self,
        batch_column: str | None = None,
        *,
        covariate_columns: Sequence[str] = (),
        parametric: bool = True,
        mean_only: bool = False,
        reference: str | int | None = None,
        unseen: Unseen = "error",
        min_lesions: int = 5,
    ) -> None:
        self.batch_column = batch_column
        self.covariate_columns = covariate_columns
        self.parametric = parametric
        self.mean_only = mean_only
        self.reference = reference
        self.unseen = unseen
        self.min_lesions = min_lesions

    def fit(
        self,
        X: ArrayLike,
        y: object = None,
        *,
        batch: ArrayLike | None = None,
        covariates: ArrayLike | None = None,
    ) -> Self:
        """Estimate the effects of the batches.

        Raises
        ------
        NotEstimable
            If there is one batch or one varying feature only, or a batch has fewer than
            `min_lesions`.
        """
        self._validate_params()
        values, batch, table = self._parts(X, batch, covariates, reset=True)
        codes, labels = pd.factorize(batch.infer_objects(), sort=True)
        self.batches_ = np.asarray(labels)
        self.n_lesions_ = np.bincount(codes)
        self._check_batches()
        if y is not None:
            self._check_outcome(batch, table, y)
        self._coding = learn_coding(table)
        check_design(codes, table, self._coding)
        reference = self._reference_code()
        known = coded(table, self._coding)
        standard = standardise(values, codes, known, reference)
        self.adjusted_ = standard.varying
        if self.adjusted_.sum() < 2:
            raise NotEstimable(
                f"n_features = {values.shape[1]}, of which {self.adjusted_.sum()} vary "
                "in each batch. ComBat learns from the other features, and needs two."
            )
        self.mean_, self.variance_ = standard.mean, standard.variance
        self.coef_ = standard.slopes
        Z = (values - standard.expected(known)) / np.sqrt(self.variance_)
        self.gamma_ = np.zeros((len(labels), values.shape[1]))
        self.delta_ = np.ones_like(self.gamma_)
        for code in range(len(labels)):
            if code != reference:
                own = Z[np.ix_(codes == code, self.adjusted_)]
                effects = batch_effects(
                    own, by_prior=self.parametric, mean_only=self.mean_only
                )
                self.gamma_[code, self.adjusted_] = effects[0]
                self.delta_[code, self.adjusted_] = effects[1]
        return self

    def transform(
        self,
        X: ArrayLike,
        *,
        batch: ArrayLike | None = None,
        covariates: ArrayLike | None = None,
    ) -> np.ndarray:
        """Take the effects of the batches away.

        Returns
        -------
        ndarray of shape (n_lesions, n_features)
            The features, without the columns that are named.
        """
        check_is_fitted(self)
        values, batch, table = self._parts(X, batch, covariates, reset=False)
        known = coded(table, self._coding)
        places = pd.Index(self.batches_).get_indexer(batch.infer_objects())
        if self.unseen == "error" and (places < 0).any():
            new = batch[places < 0]
            raise ValueError(
                f"batch holds {name_list(map(shown, new.unique()))} in {len(new)} "
                f"rows, unseen in fit, which saw "
                f"{name_list(map(shown, self.batches_))}. Set unseen='grand' to leave "
                "such lesions as they are, or fit on lesions of that batch too."
            )
        gamma = np.vstack([self.gamma_, np.zeros(values.shape[1])])[places]
        delta = np.vstack([self.delta_, np.ones(values.shape[1])])[places]
        expected, scale = self.mean_ + known @ self.coef_, np.sqrt(self.variance_)
        Z = (values - expected) / scale
        changed = (gamma != 0) | (delta != 1)
        return np.where(
            changed, (Z - gamma) / np.sqrt(delta) * scale + expected, values
        )

    def fit_transform(
        self,
        X: ArrayLike,
        y: object = None,
        *,
        batch: ArrayLike | None = None,
        covariates: ArrayLike | None = None,
    ) -> np.ndarray:
        """Fit, and harmonise the same lesions."""
        self.fit(X, y, batch=batch, covariates=covariates)
        return self.transform(X, batch=batch, covariates=covariates)

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Names of the features.

        Returns
        -------
        ndarray of str
            Names seen in fit, without the columns that are named.
        """
        check_is_fitted(self)
        names: np.ndarray = _check_feature_names_in(self, input_features)
        return names[~np.isin(names, self._named())]

    def _named(self) -> list[str]:
        batch = [] if self.batch_column is None else [self.batch_column]
        return [*batch, *self.covariate_columns]

    def _parts(
        self,
        X: ArrayLike,
        batch: ArrayLike | None,
        covariates: ArrayLike | None,
        *,
        reset: bool,
    ) -> tuple[np.ndarray, pd.Series, pd.DataFrame]:
        """Return features, batches and covariates, wherever they were given."""
        named = self._named()
        table = as_pandas(X)
        features: np.ndarray | slice = slice(None)
        if named:
            table = self._check_named(table, named)
            features = ~np.isin(table.columns, named)
            X = table.assign(**dict.fromkeys(named, 0.0))
        values = validate_data(
            self,
            X,
            dtype=np.float64,
            ensure_all_finite="allow-nan",
            reset=reset,
            ensure_min_samples=2 if reset else 1,
        )
        refuse_nan(self, values)
        batch = self._given("batch", batch, self.batch_column, table)
        if batch is None:
            raise ValueError(
                "ComBat was given no batch. Pass batch=..., in a pipeline with "
                "sklearn.set_config(enable_metadata_routing=True), or name the column "
                "of X: ComBat(batch_column='centre')."
            )
        columns_of = list(self.covariate_columns) or None
        covariates = self._given("covariates", covariates, columns_of, table)
        n = len(values)
        return (
            values[:, features],
            batch_labels(batch, n),
            covariate_table(covariates, n),
        )

    def _given(
        self,
        name: str,
        value: ArrayLike | None,
        column: str | list[str] | None,
        table: object,
    ) -> ArrayLike | None:
        if column is None or not isinstance(table, pd.DataFrame):
            return value
        if value is not None:
            raise ValueError(
                f"{name} was given twice: as an argument, and as the column "
                f"{column!r} of X. Leave one of them out."
            )
        return table[column]

    def _check_named(self, table: object, named: list[str]) -> pd.DataFrame:
        if not isinstance(table, pd.DataFrame):
            raise TypeError(
                f"ComBat takes {name_list(map(repr, named))} from X, which must be a "
                f"table with names, got {type(table).__name__}. In a pipeline, "
                "set_output(transform='pandas') keeps names."
            )
        if len(set(named)) < len(named):
            raise ValueError(
                f"A column of X has one role: batch_column and covariate_columns name "
                f"{name_list(map(repr, named))}."
            )
        missing = [name for name in named if name not in table.columns]
        if missing:
            raise ValueError(
                f"X has no column {name_list(map(repr, missing))}; its columns are "
                f"{name_list(table.columns)}."
            )
        return table

    def _check_batches(self) -> None:
        counted = name_list(
            f"{shown(batch)} {n}"
            for batch, n in zip(self.batches_.tolist(), self.n_lesions_, strict=True)
        )
        if len(self.batches_) < 2:
            raise NotEstimable(
                f"All lesions are of one batch ({counted}): there is nothing to "
                "harmonise. Leave ComBat out."
            )
        if self.n_lesions_.min() < self.min_lesions:
            raise NotEstimable(
                f"Each batch needs min_lesions={self.min_lesions} lesions in fit, "
                f"found {counted} of n_samples = {self.n_lesions_.sum()}. Join batches "
                "that measure alike, leave the small ones out, or use fewer folds."
            )

    def _check_outcome(self, batch: pd.Series, table: pd.DataFrame, y: object) -> None:
        refuse_outcome(batch, y, "batch")
        for name in table:
            refuse_outcome(table[name], y, f"Covariate {name!r}")
        outcome = pd.Series(np.asarray(y).tolist())
        if len(outcome) == len(batch) and outcome.nunique() > 1:
            if (outcome.groupby(batch.to_numpy()).nunique() == 1).all():
                raise ValueError(
                    f"Each of the {len(self.batches_)} batches holds one class only: "
                    "harmonising would take the difference of the classes away. No "
                    "method tells a centre from a class here; collect both classes in "
                    "a centre."
                )

    def _reference_code(self) -> int | None:
        if self.reference is None:
            if self.unseen == "reference":
                raise ValueError(
                    "unseen='reference' takes a new batch for the reference, and "
                    "reference is None: name a batch, or set unseen='grand'."
                )
            return None
        place = pd.Index(self.batches_).get_indexer([self.reference])[0]
        if place < 0:
            raise ValueError(
                f"reference={shown(self.reference)} is no batch seen in fit, which saw "
                f"{name_list(map(shown, self.batches_))}."
            )
        return int(place)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = False
        return tags
