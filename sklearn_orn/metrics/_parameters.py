"""What several metrics say of a parameter."""

from sklearn_orn._shared_docs import documented

of_metrics = documented("""
y_true : array-like of shape (n_samples,)
    Outcome with two labels.
y_proba : array-like of shape (n_samples,)
    Probability of the positive class.
groups : array-like of shape (n_samples,), default=None
    The patient of each sample; None takes each sample for a patient of its own.
sample_weight : array-like of shape (n_samples,), default=None
    Weights; samples of weight 0 do not count.
thresholds : array-like of shape (n_thresholds,), default=None
    Threshold probabilities; None takes 0, 0.01, ..., 0.99.
confidence : float, default=0.95
    Level of the intervals.
random_state : int, RandomState instance or None, default=None
    Seed of the bootstrap.
pos_label : label, default=None
    The positive label; None takes 1 of {0, 1} or {-1, 1}.
""")
