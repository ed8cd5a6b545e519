"""Folds of patients: those of scikit-learn, in less time."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedGroupKFold

from sklearn_orn._grouped_folds import GroupedFolds

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("seed", range(12))
def test_the_folds_are_those_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    n, n_splits = int(rng.integers(40, 120)), int(rng.integers(2, 8))
    y = rng.integers(0, 2 + seed % 3, n)
    patients = rng.integers(0, n // (1 + seed % 4), n)
    settings = {"n_splits": n_splits, "shuffle": seed % 2 == 0}
    settings["random_state"] = seed if settings["shuffle"] else None
    ours = list(GroupedFolds(**settings).split(y, y, patients))
    theirs = list(StratifiedGroupKFold(**settings).split(y, y, patients))
    assert len(ours) == len(theirs) == n_splits
    for (train, test), (their_train, their_test) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(train, their_train)
        np.testing.assert_array_equal(test, their_test)


def test_scikit_learn_asks_of_each_patient(monkeypatch):
    asked = []
    own = GroupedFolds._find_best_fold

    def counted(self, **counts):
        asked.append(len(counts["y_counts_per_fold"]))
        return own(self, **counts)

    monkeypatch.setattr(GroupedFolds, "_find_best_fold", counted)
    y = np.arange(20) % 2
    list(GroupedFolds(5).split(y, y, np.arange(20)))
    assert asked == [5] * 20, "scikit-learn no longer asks: drop the class, or mend it."
