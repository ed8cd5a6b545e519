"""Whole procedures whose truth is known: what their corrected AUCs say."""

import warnings

import numpy as np


def draw_features(rng, n_patients, n_lesions, n_features, *, signal=0.0, informative=5):
    """Draw features of lesions, alike within a patient, some of them informative.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    n_patients, n_lesions : int
        Patients, and lesions of each; just over half of the patients are positive.
    n_features : int
        Standard normal, correlated by 0.5 between lesions of a patient.
    signal : float
        Shift of the first features in positive lesions.
    informative : int
        How many they are.

    Returns
    -------
    X : ndarray of shape (n_lesions, n_features)
    y : ndarray of int, shape (n_lesions,)
    patient : ndarray of int, shape (n_lesions,)
    """
    label = (rng.permutation(n_patients) < round(0.535 * n_patients)).astype(int)
    patient = np.repeat(np.arange(n_patients), n_lesions)
    shape = (n_patients, n_lesions, n_features)
    own = rng.normal(size=(n_patients, 1, n_features))
    X = (np.sqrt(0.5) * (own + rng.normal(size=shape))).reshape(-1, n_features)
    y = label[patient]
    X[:, :informative] += signal * y[:, None]
    return X, y, patient


def study_procedure():
    """Return the steps of the study that learn, for one reader."""
    from sklearn.pipeline import make_pipeline

    from sklearn_orn import FCMSelector, NomogramClassifier

    return make_pipeline(FCMSelector(), NomogramClassifier(random_state=0))


def quick_procedure():
    """Return a selection and a logistic regression."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from sklearn_orn import FCMSelector

    return make_pipeline(FCMSelector(k=3), LogisticRegression())


def corrected_aucs(rng, *, n_resamples=50):
    """Return the AUCs of one study of noise by every way to judge it.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    n_resamples : int
        Of the bootstrap.

    Returns
    -------
    list of float
        Apparent, Harrell's, out-of-bag, .632+; nested with limits; pooled with limits.
    """
    from sklearn_orn.resampling import nested_cross_validate, optimism

    X, y, patient = draw_features(rng, 71, 2, 279)
    seed = int(rng.integers(2**31 - 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = optimism(
            study_procedure(),
            X,
            y,
            groups=patient,
            metrics=["auc"],
            n_resamples=n_resamples,
            random_state=seed,
        ).indexes.loc["auc"]
        nested = nested_cross_validate(
            study_procedure(), X, y, groups=patient, n_repeats=5, random_state=seed
        )
    middle = nested.pooled.sort_values("auc").iloc[2]
    columns = ["apparent", "corrected", "out_of_bag", "plus_632"]
    return [
        *found[columns],
        *(nested.mean_auc, nested.auc_lower, nested.auc_upper),
        *middle[["auc", "auc_lower", "auc_upper"]],
    ]


def nested_interval(rng, *size, signal):
    """Return the nested AUC with its limits, and the true AUC of the final model."""
    from sklearn.metrics import roc_auc_score

    from sklearn_orn.resampling import nested_cross_validate

    X, y, patient = draw_features(rng, *size, 60, signal=signal)
    new, outcome, _ = draw_features(rng, 1000, 1, 60, signal=signal)
    procedure = quick_procedure()
    found = nested_cross_validate(
        procedure,
        X,
        y,
        groups=patient,
        n_repeats=5,
        random_state=int(rng.integers(2**31 - 1)),
    )
    proba = procedure.fit(X, y).predict_proba(new)[:, 1]
    truth = roc_auc_score(outcome, proba)
    return truth, found.mean_auc, found.auc_lower, found.auc_upper


def shuffled_null(rng, *, n_mixed):
    """Return the mean AUC of shuffled outcomes where some patients have both classes.

    Positive patients have two lesions, negative ones three, and the features carry a
    strong signal: what does not move stays predictable.
    """
    from sklearn.linear_model import LogisticRegression

    from sklearn_orn.resampling import permuted_outcome

    label = rng.permutation(71) % 2
    patient = np.repeat(np.arange(71), 3 - label)
    y = label[patient]
    for one in rng.choice(71, n_mixed, replace=False):
        first = np.flatnonzero(patient == one)[0]
        y[first] = 1 - y[first]
    X = rng.normal(size=(len(y), 10)) + y[:, None]
    found = permuted_outcome(
        LogisticRegression(),
        X,
        y,
        groups=patient,
        n_permutations=20,
        random_state=int(rng.integers(2**31 - 1)),
    )
    return found.null.mean(), found.auc
