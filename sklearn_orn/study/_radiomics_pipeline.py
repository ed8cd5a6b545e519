"""The whole chain, from lesions to the nomogram, with the names of features kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import joblib
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline

from sklearn_orn._block_names import LESION, parse_block, region_slug
from sklearn_orn._feature_settings import Normalization
from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn._validation import name_list
from sklearn_orn.images import OutlinePerturber, Regions
from sklearn_orn.model import CrossFittedScore, NomogramClassifier
from sklearn_orn.selection import FCMSelector, ICCFilter
from sklearn_orn.texture import Normalizer, TextureExtractor


def radiomics_pipeline(
    readers: int | Sequence[str] = 2,
    *,
    regions: Sequence[str] = (LESION,),
    perturbed: int = 0,
    separate: Sequence[str] | None = None,
    normalization: Normalization = "3sigma",
    icc_threshold: float = 0.75,
    k: int = 10,
    cv: int = 10,
    threshold: float | Literal["youden"] = 0.5,
    memory: str | joblib.Memory | None = None,
    n_jobs: int | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> Pipeline:
    """Return the pipeline of the published study, unfitted.

    What `sklearn_orn.study` runs. Each step is scikit-learn's or one of ours, and its
    further parameters are set as in any pipeline, ``set_params(extractor__bits=...)``.
    The tables between the steps are DataFrames, so that the formula, the nomogram and
    the model file call the features by their names.

    Parameters
    ----------
    readers : int or sequence of str, default=2
        How many readers drew each lesion, or their names. One reader has nothing to
        agree with: the pipeline then has no `ICCFilter`, unless outlines are perturbed.
    regions : sequence of str, default=("lesion",)
        What is measured of each outline, see `sklearn_orn.images.Regions`.
    perturbed : int, default=0
        Perturbed outlines of each lesion, see `sklearn_orn.images.OutlinePerturber`.
        With two readers or more a feature must pass both filters: that of the
        perturbed outlines (step ``icc_perturbed``), then that of the readers.
    separate : sequence of str, default=None
        Sequences of which each gets a radiomics score of its own, cross-fitted by
        patient in `cv` folds, see `CrossFittedScore`; a logistic model without penalty
        joins them. None makes one score of the features of all.
    normalization : {"3sigma", "1-99", "1-99-below", "none"}, default="3sigma"
        Grey-level window, see `Normalizer`.
    icc_threshold : float, default=0.75
        A feature stays if its ICC is above this, see `ICCFilter`.
    k : int, default=10
        Features that each of the three criteria chooses, see `FCMSelector`.
    cv : int, default=10
        Folds in which the LASSO finds its lambda, see `NomogramClassifier`.
    threshold : float or "youden", default=0.5
        Probability from which `predict` says positive, see `NomogramClassifier`.
    memory : str or joblib.Memory, default=None
        Folder that keeps the features of each lesion, see `TextureExtractor`.
    n_jobs : int, default=None
        Processes that measure, see `TextureExtractor`.
    random_state : int, RandomState or None, default=None
        For the folds of the LASSO.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Steps ``normalizer, extractor, icc, imputer, fcm, nomogram``, behind
        ``perturber`` and ``regions`` where they are asked for. Up to the extractor they
        look at one lesion at a time; the others learn, and take the table of features:
        ``pipeline[2:]`` without perturber and regions. With `separate` the steps
        behind the extractor are ``scores``, with a branch for each sequence, and
        ``nomogram``.

    Examples
    --------
    >>> from sklearn_orn import radiomics_pipeline
    >>> list(radiomics_pipeline().named_steps)
    ['normalizer', 'extractor', 'icc', 'imputer', 'fcm', 'nomogram']
    >>> list(radiomics_pipeline(readers=1).named_steps)
    ['normalizer', 'extractor', 'imputer', 'fcm', 'nomogram']
    >>> list(radiomics_pipeline(regions=["lesion", "rim 3 mm outside"]).named_steps)[:3]
    ['regions', 'normalizer', 'extractor']
    >>> list(radiomics_pipeline(separate=["T1", "T2"]).named_steps)
    ['normalizer', 'extractor', 'scores', 'nomogram']
    """
    names = None if isinstance(readers, int | np.integer) else list(readers)
    count = int(readers) if names is None else len(names)  # type: ignore[arg-type]
    if isinstance(readers, str) or count < 1:
        raise ValueError(
            f"readers={readers!r}; expected how many readers drew each lesion, 1 or "
            "more, or a list of their names."
        )
    own = [region_slug(text) for text in regions] != [LESION]
    measuring = [
        *([("perturber", OutlinePerturber(perturbed))] if perturbed else []),
        *([("regions", Regions(list(regions)))] if own else []),
        ("normalizer", Normalizer(normalization)),
        ("extractor", TextureExtractor(memory=memory, n_jobs=n_jobs)),
    ]
    learning = [
        *_agreement(names, count, perturbed, icc_threshold),
        ("imputer", SimpleImputer(strategy="median", keep_empty_features=True)),
        ("fcm", FCMSelector(k)),
        (
            "nomogram",
            NomogramClassifier(cv=cv, threshold=threshold, random_state=random_state),
        ),
    ]
    if separate is not None:
        learning = [
            ("scores", _scores(separate, Pipeline(learning), cv, random_state)),
            ("nomogram", NomogramClassifier(penalty="none", threshold=threshold)),
        ]
    return Pipeline([*measuring, *learning]).set_output(transform="pandas")


def score_name(sequence: str) -> str:
    """Return what the radiomics score of a sequence is called."""
    return f"radiomics score {sequence}"


@dataclass(frozen=True)
class OfSequence:
    """Chooses the columns of a sequence, for a ColumnTransformer."""

    sequence: str

    def __call__(self, X: pd.DataFrame) -> list[str]:
        """Return the names of the columns; ValueError where there is none."""
        blocks = {str(name): str(name).partition(SEPARATOR)[0] for name in X}
        chosen = [
            name
            for name, block in blocks.items()
            if parse_block(block).sequence == self.sequence
        ]
        if not chosen:
            found = {parse_block(block).sequence for block in blocks.values()} - {""}
            raise ValueError(
                f"separate names the sequence {self.sequence!r}; the features are of "
                f"{name_list(map(repr, sorted(found))) or 'one, unnamed'}."
            )
        return chosen


def _scores(
    sequences: Sequence[str],
    learning: Pipeline,
    cv: int,
    random_state: int | np.random.RandomState | None,
) -> ColumnTransformer:
    """Return a score for each sequence, named after it."""
    if isinstance(sequences, str) or not len(set(sequences)) == len(sequences) > 0:
        raise ValueError(
            f"separate={sequences!r}; expected a list of sequences, each once."
        )
    learning.set_output(transform="pandas")
    return ColumnTransformer(
        [
            (
                name,
                CrossFittedScore(
                    clone(learning),
                    cv=cv,
                    name=score_name(name),
                    random_state=random_state,
                ),
                OfSequence(name),
            )
            for name in sequences
        ],
        verbose_feature_names_out=False,
    )


def _agreement(
    names: list[str] | None, count: int, perturbed: int, threshold: float
) -> list[tuple[str, ICCFilter]]:
    """Return the filters: of perturbed outlines, which are exchangeable, of readers."""
    of_readers = ("icc", ICCFilter(threshold, readers=names))
    if not perturbed:
        return [of_readers] if count > 1 else []
    virtual = ICCFilter(threshold, form="ICC(1,1)", readers="perturbed")
    if count < 2:
        return [("icc", virtual)]
    return [("icc_perturbed", virtual.set_params(average=False)), of_readers]
