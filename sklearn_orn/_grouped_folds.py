"""Stratified folds of patients, dealt out faster than scikit-learn does."""

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold


class GroupedFolds(StratifiedGroupKFold):
    """The folds of `StratifiedGroupKFold`, the same ones in a fraction of the time.

    It asks of each patient how even the classes would be with the patient in each fold,
    in Python; here that is compiled. Another version of scikit-learn that does not ask
    so does not come here.
    """

    def _find_best_fold(
        self,
        y_counts_per_fold: np.ndarray,
        y_cnt: np.ndarray,
        group_y_counts: np.ndarray,
    ) -> int:
        from sklearn_orn._fold_kernel import most_even_fold

        best: int = most_even_fold(y_counts_per_fold, y_cnt, group_y_counts)
        return best
