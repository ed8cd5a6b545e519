"""What several functions that resample say of a parameter."""

from sklearn_orn._shared_docs import documented

of_resampling = documented("""
pipeline : estimator
    Classifier or Pipeline with `predict_proba`. It is not changed.
X : data
    Its input.
y : array-like of shape (n_samples,)
    Outcome of two labels; the larger one is positive.
batch : array-like of shape (n_samples,)
    Centre, scanner or protocol of each sample.
groups : array-like of shape (n_samples,), default=None
    The patient of each sample: folds and resamples keep patients together. None makes
    each sample a patient.
random_state : int, RandomState instance or None, default=None
    Seed of permutations and folds.
n_jobs : int, default=None
    Number of processes.
""")
