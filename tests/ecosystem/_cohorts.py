"""The small cohorts that all machines are run on, and the five steps."""

import functools
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from sklearn_orn import (
    FCMSelector,
    ICCFilter,
    NomogramClassifier,
    Normalizer,
    TextureExtractor,
)
from sklearn_orn.images import LesionSequence, as_lesions

N_FEATURES = 6


class Features(NamedTuple):
    """Features of 60 lesions of 30 patients, with and without readers."""

    X: pd.DataFrame
    two_readers: pd.DataFrame
    y: np.ndarray
    patients: np.ndarray


class Images(NamedTuple):
    """24 lesions of 12 patients, drawn by two readers."""

    X: LesionSequence
    y: np.ndarray
    patients: np.ndarray


@functools.cache
def features() -> Features:
    """Two of the features tell the classes apart; the second reader is less sure."""
    rng = np.random.default_rng(0)
    patients = np.repeat(np.arange(30), 2)
    y = patients % 2
    names = [f"f{i}" for i in range(N_FEATURES)]
    X = pd.DataFrame(rng.normal(size=(60, N_FEATURES)), columns=names)
    X["f0"] += 1.5 * y
    X["f1"] -= 1.2 * y
    blocks = [X, X + rng.normal(scale=0.2, size=X.shape)]
    blocks = [x.add_prefix(f"{r}__") for x, r in zip(blocks, "ab", strict=True)]
    return Features(X, pd.concat(blocks, axis=1), y, patients)


@functools.cache
def images() -> Images:
    """The image of a positive lesion is rougher."""
    rng = np.random.default_rng(0)
    patients = np.repeat(np.arange(12), 2)
    y = patients % 2
    rows, columns = np.mgrid[:20, :20]
    pairs = []
    for positive in y:
        image = rng.normal(500, 20 + 20 * positive + 12 * rng.random(), size=(20, 20))
        masks = {
            reader: np.hypot(rows - 10, columns - 10) < radius
            for reader, radius in (("a", 7.5), ("b", 7.1))
        }
        pairs.append((np.clip(image, 0, 1000).astype(np.uint16), masks))
    return Images(as_lesions(pairs), y, patients)


def classifier(**settings: object) -> NomogramClassifier:
    """Return the last step, quick."""
    return NomogramClassifier(**{"cv": 3, "random_state": 0} | settings)


def table_steps(**settings: object) -> Pipeline:
    """Return the three steps that take a table of two readers."""
    return Pipeline(
        [
            ("icc", ICCFilter(threshold=0.5)),
            ("fcm", FCMSelector(k=3)),
            ("lasso", classifier(**settings)),
        ]
    )


def all_steps(**settings: object) -> Pipeline:
    """Return the five steps."""
    texture = TextureExtractor(families=["histogram", "gradient"])
    head = [("window", Normalizer()), ("texture", texture)]
    return Pipeline([*head, *table_steps(**settings).steps])
