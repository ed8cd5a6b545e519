"""Where a Pipeline reads images, and which columns it reads them from."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from sklearn_orn._validation import column_positions, feature_names
from sklearn_orn.images import ImageStep, LesionSequence, as_lesions
from sklearn_orn.texture import TextureExtractor


class ImageBranch(NamedTuple):
    """The steps of a Pipeline that look at images; no columns are all of the table."""

    columns: list[str] | None
    image_steps: tuple[ImageStep, ...]
    extractor: TextureExtractor

    def prepare(self, X: object) -> LesionSequence:
        """Return the lesions as the extractor sees them; no file is opened."""
        if self.columns is not None and isinstance(X, pd.DataFrame):
            X = X[self.columns]
        lesions = as_lesions(X)
        for step in self.image_steps:
            lesions = step.transform(lesions)
        return lesions


def image_branches(pipeline: Pipeline) -> list[ImageBranch]:
    """Return the branches of a Pipeline that look at images."""
    return list(_find(pipeline, None, ()))


def _find(
    step: BaseEstimator, columns: list[str] | None, before: tuple[ImageStep, ...]
) -> Iterator[ImageBranch]:
    if isinstance(step, TextureExtractor):
        yield ImageBranch(columns, before, step)
    elif isinstance(step, Pipeline):
        for _, inner in step.steps:
            if isinstance(inner, ImageStep):
                before = (*before, inner)
            else:
                yield from _find(inner, columns, before)
    elif isinstance(step, ColumnTransformer) and columns is None:
        names = getattr(step, "feature_names_in_", None)
        if names is None:
            return
        for _, inner, chosen in step.transformers_:
            picked = [str(names[i]) for i in column_positions(chosen, names)]
            yield from _find(inner, picked, before)


def number_columns(pipeline: Pipeline) -> list[str]:
    """Return the columns of X that a Pipeline reads as numbers; none that it drops."""
    first = pipeline[0]
    if not hasattr(first, "n_features_in_"):
        return []
    names = feature_names(first)
    used: Sequence[int] = range(len(names))
    if isinstance(first, ColumnTransformer) and hasattr(first, "feature_names_in_"):
        taken = [
            column_positions(chosen, names)
            for _, step, chosen in first.transformers_
            if not (isinstance(step, str) and step == "drop")
        ]
        used = sorted({i for positions in taken for i in positions})
    of_images = {c for b in image_branches(pipeline) for c in b.columns or []}
    return [str(names[i]) for i in used if names[i] not in of_images]
