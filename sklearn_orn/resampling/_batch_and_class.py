"""Whether the centre alone tells the class."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from sklearn_orn._types import Folds, Seed
from sklearn_orn._validation import refuse_missing
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.resampling._parameters import of_resampling
from sklearn_orn.resampling._permutation import PermutedOutcome, permuted_outcome


@of_resampling
def batch_predicts_class(
    y: ArrayLike,
    batch: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    cv: Folds = 5,
    n_permutations: int = 100,
    random_state: Seed = None,
) -> PermutedOutcome:
    """Cross-validate a model that knows the batch alone, which should tell nothing.

    Where centre or protocol tell the class, so does every feature that tells the
    centre, and a model may have learnt nothing else.

    Parameters
    ----------
    cv : int, splitter or iterable of (train, test), default=5
        Folds, as in `permuted_outcome`.
    n_permutations : int, default=100
        Number of shuffled outcomes.

    Returns
    -------
    PermutedOutcome
        ``auc`` of a logistic regression on the batch, its ``null``, ``p_value`` and
        more.

    Raises
    ------
    NotEstimable
        If all samples are of one batch, or the outcome cannot be cross-validated.

    See Also
    --------
    permuted_outcome : The same of any pipeline.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.resampling import batch_predicts_class
    >>> rng = np.random.default_rng(0)
    >>> centre = np.repeat(["A", "B", "C"], 40)
    >>> y = rng.random(120) < np.repeat([0.2, 0.5, 0.8], 40)
    >>> found = batch_predicts_class(y, centre, n_permutations=19, random_state=0)
    >>> print(round(found.auc, 1), found.p_value)
    0.7 0.05
    """
    labels, outcome = np.asarray(batch, dtype=object), np.asarray(y)
    if labels.ndim != 1 or labels.shape != outcome.shape:
        raise ValueError(
            f"batch must name the batch of each of the {outcome.size} samples of y, "
            f"got an array of shape {labels.shape}."
        )
    refuse_missing(labels, "batch", "Give each sample its batch.")
    codes, names = pd.factorize(labels)
    if len(names) < 2:
        raise NotEstimable("All samples are of one batch: it cannot tell the class.")
    return permuted_outcome(
        make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression()),
        codes[:, None],
        y,
        groups=groups,
        cv=cv,
        n_permutations=n_permutations,
        random_state=random_state,
    )
