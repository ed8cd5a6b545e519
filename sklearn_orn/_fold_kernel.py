"""Where a patient leaves the classes of the folds most even."""

from math import sqrt

import numpy as np

from sklearn_orn._numba import kernel


@kernel
def most_even_fold(counts: np.ndarray, total: np.ndarray, added: np.ndarray) -> int:
    """Return the fold that a patient joins; of equally even ones the smallest.

    Parameters
    ----------
    counts : ndarray of shape (n_folds, n_classes)
        Samples of each class in each fold so far.
    total, added : ndarray of shape (n_classes,)
        Samples of each class in all, and of the patient.
    """
    n_folds, n_classes = counts.shape
    best, least, fewest = 0, 0.0, 0
    for fold in range(n_folds):
        spread = 0.0  # mean over the classes of the SD of their shares, as NumPy sums
        for label in range(n_classes):
            mean = 0.0
            for other in range(n_folds):
                count = counts[other, label] + (added[label] if other == fold else 0)
                mean += count / total[label]
            mean /= n_folds
            squares = 0.0
            for other in range(n_folds):
                count = counts[other, label] + (added[label] if other == fold else 0)
                squares += (count / total[label] - mean) ** 2
            spread += sqrt(squares / n_folds)
        spread /= n_classes
        samples = counts[fold].sum()
        close = abs(spread - least) <= 1e-8 + 1e-5 * abs(least)  # as numpy.isclose
        if fold == 0 or spread < least or (close and samples < fewest):
            best, least, fewest = fold, spread, samples
    return best
