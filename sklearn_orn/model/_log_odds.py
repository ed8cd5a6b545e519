"""What classifiers share whose score is the log-odds of the second class."""

import numpy as np
from scipy.special import expit, log_expit
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags

from sklearn_orn._documented import Documented


class LogOddsMixin(Documented, ClassifierMixin):
    """Probabilities and labels of two classes, from `decision_function`."""

    _texts = """
X : DataFrame or array-like of shape (n_samples, n_features)
    As `decision_function` takes it.
"""

    def predict_proba(self, X: object) -> np.ndarray:
        """Return the probability of the two classes.

        Returns
        -------
        ndarray of shape (n_samples, 2)
            In the order of `classes_`.
        """
        score = self.decision_function(X)
        return np.column_stack([expit(-score), expit(score)])

    def predict_log_proba(self, X: object) -> np.ndarray:
        """Return the logarithm of the probability of the two classes.

        Returns
        -------
        ndarray of shape (n_samples, 2)
            In the order of `classes_`; finite also where a probability is rounded to 0.
        """
        score = self.decision_function(X)
        return np.column_stack([log_expit(-score), log_expit(score)])

    def predict(self, X: object) -> np.ndarray:
        """Return the label of each sample: positive from the threshold on.

        Returns
        -------
        ndarray of shape (n_samples,)
            Labels of `classes_`.
        """
        positive = self.predict_proba(X)[:, 1] >= self._threshold()
        return np.asarray(self.classes_[positive.astype(int)])

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
