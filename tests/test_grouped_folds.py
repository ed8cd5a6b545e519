"""Folds of patients: those of scikit-learn, in less time."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedGroupKFold

from sklearn_orn._fold_kernel import most_even_fold
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


def test_a_generator_goes_on_from_repeat_to_repeat():
    y, patients = np.arange(60) % 2, np.arange(60) // 3
    ours, theirs = (
        [
            test.tolist()
            for generator in [np.random.RandomState(0)]
            for _ in range(2)
            for _, test in kind(4, shuffle=True, random_state=generator).split(
                y, y, patients
            )
        ]
        for kind in (GroupedFolds, StratifiedGroupKFold)
    )
    assert ours == theirs
    assert ours[:4] != ours[4:]


@pytest.mark.parametrize(
    ("y", "patients"),
    [
        (np.arange(20) % 2, np.arange(20) // 7),
        (np.linspace(0, 1, 20), np.arange(20)),
        (np.zeros(3), np.arange(3)),
    ],
    ids=["few patients", "no classes", "few samples"],
)
def test_what_is_odd_goes_as_with_scikit_learn(y, patients):
    told = []
    for kind in (StratifiedGroupKFold, GroupedFolds):
        try:
            told.append([test.tolist() for _, test in kind(5).split(y, y, patients)])
        except ValueError as error:
            told.append(str(error))
    assert told[0] == told[1]


def test_a_small_class_is_told_as_scikit_learn_does():
    y = np.r_[np.ones(3), np.zeros(17)]
    with pytest.warns(UserWarning, match="only 3 members, which is less than n_splits"):
        assert len(list(GroupedFolds(5).split(y, y, np.arange(20)))) == 5


def most_even(counts, total, added):
    """The fold of scikit-learn: even classes, of equally even folds the smallest."""
    best, least, fewest = None, np.inf, np.inf
    for fold in range(len(counts)):
        joined = counts.copy()
        joined[fold] += added
        spread, n = np.std(joined / total, axis=0).mean(), counts[fold].sum()
        if spread < least or (np.isclose(spread, least) and n < fewest):
            best, least, fewest = fold, spread, n
    return best


def test_folds_that_are_nearly_as_even():
    rng = np.random.default_rng(0)
    for _ in range(1200):
        n, noise = 10.0 ** rng.uniform(1, 7), 10.0 ** rng.uniform(-7, -0.5)
        counts = np.rint(n * (1 + noise * rng.normal(size=(3, 2)))).clip(0)
        added = np.rint(rng.uniform(0, 3, 2))
        total = counts.sum(axis=0) + added + 1
        assert most_even_fold(counts, total, added) == most_even(counts, total, added)
