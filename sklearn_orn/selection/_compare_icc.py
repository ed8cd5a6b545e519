"""Whose agreement it is: perturbed outlines beside real readers, and by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import spearmanr
from sklearn.utils.validation import check_is_fitted

from sklearn_orn._block_names import BAR, Block, parse_block
from sklearn_orn._readable import readable
from sklearn_orn._reader_names import SEPARATOR, read_blocks
from sklearn_orn._validation import name_list
from sklearn_orn.selection._icc_filter import ICCFilter
from sklearn_orn.selection._intraclass_correlation import Form


@readable
@dataclass(frozen=True, eq=False)
class IccComparison:
    """The ICC of each feature over readers, and over perturbed outlines.

    Attributes
    ----------
    table : DataFrame
        One row a feature: ``sequence``, ``region`` (empty where the table has no such),
        ``readers`` and ``perturbed``, the two ICCs; NaN where one is not defined.
    correlation : float
        Spearman's, over features with both; NaN with fewer than three.
    threshold : float
        Above which a feature is kept.
    kept : DataFrame
        Numbers of features: rows by readers, columns by perturbed outlines, each
        ``kept`` and ``dropped``. An ICC that is not defined drops.
    """

    table: pd.DataFrame
    correlation: float
    threshold: float
    kept: pd.DataFrame


def compare_icc(
    X: pd.DataFrame,
    *,
    threshold: float = 0.75,
    form: Form = "ICC(2,1)",
    perturbed_form: Form = "ICC(1,1)",
    min_lesions: int = 5,
    readers: Sequence[str] | None = None,
) -> IccComparison:
    """Hold the ICC over perturbed outlines against that over readers.

    Parameters
    ----------
    X : DataFrame of shape (n_lesions, n_columns)
        Features of two readers or more and of an `OutlinePerturber`, as
        `TextureExtractor` gives them.
    threshold : float, default=0.75
        Above which a feature is kept.
    form : str, default="ICC(2,1)"
        Form of the ICC over readers.
    perturbed_form : str, default="ICC(1,1)"
        Form over perturbed outlines, which are exchangeable.
    min_lesions : int, default=5
        Lesions that all readers must have drawn, at least.
    readers : list of str, default=None
        Names of the readers, those of perturbed outlines among them, where they are
        called like sequences or regions. None reads them from the columns.

    Returns
    -------
    IccComparison
        The ICCs, their rank correlation, and how many features each keeps.

    Raises
    ------
    NotEstimable
        If too few lesions were drawn by all, or no ICC is defined.
    ValueError
        If X has fewer than two readers or two perturbed outlines.

    See Also
    --------
    sklearn_orn.plotting.ICCComparisonDisplay : Draws it.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn_orn.selection import compare_icc
    >>> rng = np.random.default_rng(0)
    >>> truth, noise = rng.normal(size=(30, 4)), np.array([0.1, 0.3, 0.6, 1.0])
    >>> names = ["anna", "ben", "perturbed1", "perturbed2"]
    >>> def block(name):
    ...     seen = truth + noise * rng.normal(size=(30, 4))
    ...     return pd.DataFrame(seen, columns=[f"{name}__{x}" for x in "abcd"])
    >>> X = pd.concat([block(name) for name in names], axis=1)
    >>> found = compare_icc(X)
    >>> round(found.correlation, 3)
    1.0
    >>> found.kept.to_numpy().tolist()
    [[2, 0], [1, 1]]
    """
    icc = {}
    for judge, chosen in (("readers", form), ("perturbed", perturbed_form)):
        one = ICCFilter(
            -1.0,
            form=chosen,
            min_lesions=min_lesions,
            readers="perturbed" if judge == "perturbed" else readers,
        ).fit(X)
        if not (one.judged_by_ == judge).all():
            raise ValueError(
                f"X has the readers {name_list(map(repr, one.readers_))}; expected two "
                "at least of each sequence and region, to compare perturbed outlines "
                "with."
            )
        icc[judge] = one.icc_
    blocks = [_block_of(name) for name in one.features_]
    table = pd.DataFrame(
        {
            "sequence": [block.sequence for block in blocks],
            "region": [block.region for block in blocks],
            **icc,
        },
        index=pd.Index(one.features_, name="feature"),
    )
    both = table[["readers", "perturbed"]].dropna()
    varied = len(both) > 2 and (both.nunique() > 1).all()
    correlation = float(spearmanr(both).statistic) if varied else float("nan")
    words = ["kept", "dropped"]
    kept = pd.DataFrame(
        [
            [int((a & b).sum()) for b in _sides(table["perturbed"] > threshold)]
            for a in _sides(table["readers"] > threshold)
        ],
        index=pd.Index(words, name="readers"),
        columns=pd.Index(words, name="perturbed"),
    )
    return IccComparison(table, correlation, threshold, kept)


def icc_summary(
    icc_filter: ICCFilter, families: ArrayLike | None = None
) -> pd.DataFrame:
    """Count and average the ICCs of each sequence, region and family of features.

    Parameters
    ----------
    icc_filter : ICCFilter
        Fitted.
    families : array-like of str, shape (n_features,), default=None
        The family of each of its ``features_``. None tells none apart.

    Returns
    -------
    DataFrame
        One row a group, in the order of the features: ``sequence``, ``region``,
        ``family``, ``n_features``, ``n_kept``, then ``median``, ``lower_quartile`` and
        ``upper_quartile`` of the ICCs that are defined.

    Raises
    ------
    NotFittedError
        If the filter is not fitted.
    ValueError
        If `families` has another length.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn_orn import ICCFilter
    >>> from sklearn_orn.selection import icc_summary
    >>> rng = np.random.default_rng(0)
    >>> first = pd.DataFrame(rng.normal(size=(30, 2)), columns=["Mean", "Variance"])
    >>> X = first.add_prefix("T1|lesion|anna__")
    >>> X = X.join((first + [0.1, 2.0]).add_prefix("T1|lesion|ben__"))
    >>> summary = icc_summary(ICCFilter(0.5).fit(X))
    >>> summary[["sequence", "region", "n_features", "n_kept"]].values.tolist()
    [['T1', 'lesion', 2, 1]]
    """
    check_is_fitted(icc_filter)
    names = [str(name) for name in icc_filter.features_]
    groups = [""] * len(names) if families is None else np.asarray(families).tolist()
    if len(groups) != len(names):
        raise ValueError(
            f"families has {len(groups)} entries; expected one for each of the "
            f"{len(names)} features."
        )
    blocks = [_block_of(name) for name in names]
    table = pd.DataFrame(
        {
            "sequence": [block.sequence for block in blocks],
            "region": [block.region for block in blocks],
            "family": groups,
            "icc": icc_filter.icc_,
            "kept": icc_filter.get_support(),
        }
    )
    by = table.groupby(["sequence", "region", "family"], sort=False)
    return by.agg(
        n_features=("icc", "size"),
        n_kept=("kept", "sum"),
        median=("icc", "median"),
        lower_quartile=("icc", lambda icc: icc.quantile(0.25)),
        upper_quartile=("icc", lambda icc: icc.quantile(0.75)),
    ).reset_index()


def swap_reader(X: pd.DataFrame, reader: str, other: str) -> pd.DataFrame:
    """Put the readings of one reader in the place of another's.

    Parameters
    ----------
    X : DataFrame of shape (n_lesions, n_columns)
        Blocks of columns of readers.
    reader : str
        Whose readings go.
    other : str
        Whose take their place; it may be that of a perturbed outline.

    Returns
    -------
    DataFrame
        A copy without the columns of `other`, in which those of `reader` hold them: a
        model that is fitted on it is the one that `other` would have led to.

    Raises
    ------
    ValueError
        If X has no column of one of them, or they have different features.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn_orn.selection import swap_reader
    >>> X = pd.DataFrame({"anna__Mean": [1], "ben__Mean": [2], "carla__Mean": [3]})
    >>> swap_reader(X, "anna", "carla")
       anna__Mean  ben__Mean
    0           3          2
    """
    columns = [str(name) for name in X.columns]
    pair = [name for name in columns if _readers_in(name) & {reader, other}]
    blocks = read_blocks(pair, [reader, other])
    place = dict(zip(blocks.readers, blocks.positions, strict=True))
    if reader == other or (blocks.positions < 0).any():
        raise ValueError(
            f"{reader!r} and {other!r} must be two readers with the same features."
        )
    swapped = X.copy()
    gone = [pair[i] for i in place[other]]
    swapped[[pair[i] for i in place[reader]]] = X[gone].to_numpy()
    return swapped.drop(columns=gone)


def _readers_in(column: str) -> set[str]:
    """Return what may be a reader in the name of a column."""
    words = column.split(SEPARATOR)[:-1]
    return {parse_block(word).reader if BAR in word else word for word in words}


def _block_of(feature: str) -> Block:
    """Return the sequence and region in the name of a feature."""
    for word in feature.split(SEPARATOR)[:-1]:
        if BAR in word:
            return parse_block(word)
    return Block()


def _sides(kept: pd.Series) -> tuple[pd.Series, pd.Series]:
    return kept, ~kept
