"""Stratified folds of patients, dealt out faster than scikit-learn does."""

from collections.abc import Iterator

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils import check_random_state


class GroupedFolds(StratifiedGroupKFold):
    """The folds of `StratifiedGroupKFold`, the same ones in a fraction of the time.

    It asks of each patient how even the classes would be with the patient in each fold,
    and of each fold which samples it has, in Python; here the one is compiled and the
    other an array. What is not of two classes, or too few, is scikit-learn's to refuse.
    """

    def _iter_test_masks(
        self, X: object, y: np.ndarray, groups: np.ndarray
    ) -> Iterator[np.ndarray]:
        from sklearn_orn._fold_kernel import most_even_fold

        labels, total = np.unique(y, return_inverse=True, return_counts=True)[1:]
        patients = np.unique(groups, return_inverse=True)[1]
        n = int(patients.max()) + 1
        if len(total) != 2 or min(*total, n) < self.n_splits:
            yield from super()._iter_test_masks(X, y, groups)
            return
        order = np.arange(n)
        if self.shuffle:
            check_random_state(self.random_state).shuffle(order)
        of_patient = np.zeros((n, 2))
        np.add.at(of_patient, (patients, labels), 1)
        order = order[np.argsort(-of_patient[order].std(axis=1), kind="stable")]
        of_fold, fold = np.zeros((self.n_splits, 2)), np.empty(n, dtype=int)
        for patient in order.tolist():
            added = of_patient[patient]
            best = fold[patient] = most_even_fold(of_fold, total, added)
            of_fold[best] += added
        for k in range(self.n_splits):
            yield fold[patients] == k
