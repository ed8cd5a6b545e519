"""Outcomes of every container, and gaps in them, in all that resamples."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn import NomogramClassifier
from sklearn_orn.resampling import (
    nested_cross_validate,
    optimism,
    permuted_outcome,
    stability,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = X[:, 0] + RNG.normal(size=60) > 0
MODEL = NomogramClassifier(penalty="none")
CALLS = {
    "nested": lambda y: nested_cross_validate(MODEL, X, y, random_state=0).mean_auc,
    "optimism": lambda y: (
        optimism(MODEL, X, y, n_resamples=3, random_state=0)
        .indexes.loc["auc"]
        .to_numpy()
    ),
    "permuted": lambda y: (
        permuted_outcome(MODEL, X, y, n_permutations=2, random_state=0).null
    ),
    "stability": lambda y: stability(
        MODEL, X, y, n_resamples=3, random_state=0
    ).frequencies.to_numpy(),
}


def contained(kind, cells):
    if kind == "nullable":
        return pd.Series(cells, dtype="boolean")
    if kind == "object":
        return np.array(cells, dtype=object)
    if kind == "polars":
        return pytest.importorskip("polars").Series(cells)
    return pytest.importorskip("pyarrow").array(cells)


@pytest.mark.parametrize("kind", ["nullable", "polars", "pyarrow"])
@pytest.mark.parametrize("name", CALLS)
def test_a_bare_classifier_takes_outcomes_of_every_container(name, kind):
    found = CALLS[name](contained(kind, Y.tolist()))
    np.testing.assert_array_equal(found, CALLS[name](Y))


@pytest.mark.parametrize("kind", ["nullable", "object", "polars", "pyarrow"])
@pytest.mark.parametrize("name", CALLS)
def test_a_gap_is_refused_by_position(name, kind):
    gappy = contained(kind, [None if i == 4 else v for i, v in enumerate(Y.tolist())])
    with pytest.raises(ValueError, match="y has 1 missing values, .* position 4"):
        CALLS[name](gappy)


@pytest.mark.parametrize("name", CALLS)
def test_a_gap_among_words_is_no_third_class(name):
    words = ["orn" if y else "met" for y in Y]
    with pytest.raises(ValueError, match="y has 1 missing values, .* position 0"):
        CALLS[name]([np.nan, *words[1:]])
