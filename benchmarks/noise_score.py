"""A radiomics score of noise beside clinical predictors that count."""

import warnings
from functools import partial

import numpy as np
import pandas as pd

N_FEATURES, SCORE = 20, "radiomics score"
EFFECTS = (0.8, 0.5)  # log-odds for a standard deviation of each clinical predictor


def draw_noise(rng, n_patients, n_lesions, n_features=N_FEATURES):
    """Draw features of noise and two clinical predictors of the patient.

    Parameters
    ----------
    n_features : int
        Standard normal, correlated by 0.5 between lesions of a patient.

    Returns
    -------
    features : DataFrame of shape (n_lesions, n_features)
    clinical : DataFrame of shape (n_lesions, 2)
    y : ndarray of int, shape (n_lesions,)
        Outcome of the patient, of which the features know nothing.
    patient : ndarray of int, shape (n_lesions,)
    """
    patient = np.repeat(np.arange(n_patients), n_lesions)
    values = rng.normal(size=(n_patients, 2))
    risk = values @ EFFECTS + rng.logistic(size=n_patients)
    clinical = pd.DataFrame(values[patient], columns=["age", "stage"])
    own = rng.normal(size=(n_patients, n_features))[patient]
    noise = rng.normal(size=(len(patient), n_features))
    features = np.sqrt(0.5) * (own + noise) if n_lesions > 1 else noise
    y = (risk > 0).astype(int)[patient]
    return pd.DataFrame(features).add_prefix("f"), clinical, y, patient


def second_model(rng, *size, lambda_rule):
    """Return what clinical model and score do, fitted as it is and cross-fitted.

    Parameters
    ----------
    size : int
        Patients, and lesions of each.
    lambda_rule : {"min"}, float or None
        Of the LASSO that gives the score; None is a fit of all features.

    Returns
    -------
    list of float
        AUC of the clinical model in 4,000 new patients; then, for the apparent and
        for the cross-fitted score, AUC of the combined model and z of the score, once
        as it is and once with its variance doubled; NaN where the score is constant.
    """
    from sklearn.metrics import roc_auc_score

    from sklearn_orn import NomogramClassifier
    from sklearn_orn.model import CrossFittedScore

    features, clinical, y, patient = draw_noise(rng, *size)
    new_features, new_clinical, outcome, _ = draw_noise(rng, 4000, 1)
    texture = NomogramClassifier(penalty="none")
    if lambda_rule is not None:
        texture = NomogramClassifier(cv=3, lambda_rule=lambda_rule, random_state=0)
    seed = int(rng.integers(2**31 - 1))
    score = CrossFittedScore(texture, cv=5, random_state=seed)
    plain = NomogramClassifier(penalty="none")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fair = score.fit_transform(features, y, groups=patient)
        apparent, new = score.transform(features), score.transform(new_features)
        alone = plain.fit(clinical, y, groups=patient)
        found = [roc_auc_score(outcome, alone.decision_function(new_clinical))]
        for column in (apparent, fair):
            if np.ptp(column) == 0:
                found += [found[0], np.nan, np.nan]
                continue
            both = plain.fit(clinical.assign(**{SCORE: column}), y, groups=patient)
            proba = both.decision_function(new_clinical.assign(**{SCORE: new}))
            found.append(roc_auc_score(outcome, proba))
            for doubled in ((), (SCORE,)):
                summary = both.summary(cross_fitted=doubled)
                found.append(summary.loc[SCORE, "z"])
    return found


def whole_study(rng, *, n_training=71, n_validation=71, n_features=60):
    """Return what ``study --features`` computes of a score of noise.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    n_training, n_validation : int
        Patients, with two lesions each.
    n_features : int
        All noise.

    Returns
    -------
    list of float
        AUC of the clinical and of the combined model in validation, limits of their
        difference, odds ratio of the score and its limits, difference of net benefit
        and its limits; NaN where there is none.
    """
    from sklearn_orn.cohort.shared import as_cohort
    from sklearn_orn.exceptions import NotEstimable
    from sklearn_orn.study import StudyConfig
    from sklearn_orn.study._combined import combined_model, radiomics_scores
    from sklearn_orn.study._models import compare_models
    from sklearn_orn.study._pipeline import study_pipeline, table_steps

    features, clinical, y, patient = draw_noise(
        rng, n_training + n_validation, 2, n_features
    )
    table = clinical.assign(outcome=y, patient=patient)
    table["split"] = np.where(patient < n_training, "training", "validation")
    config = StudyConfig(
        outcome="outcome",
        positive=1,
        patient="patient",
        split="split",
        clinical=["age", "stage"],
        nomogram="combined",
    )
    design = as_cohort(table, config.columns).design
    steps = table_steps(study_pipeline(("",), config))
    given = {"clinical": clinical}
    scores = partial(radiomics_scores, steps, features, design, config)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        models = compare_models(steps, features, design, config, size=None, **given)
        aucs = {row.name: row.auc for row in models.rows}
        try:
            score = combined_model(scores, design, config, **given)
        except NotEstimable:  # the score is a constant
            return [aucs["clinical"], *[np.nan] * 9]
    both = "clinical + radiomics"
    gap, more = (
        next(row for row in rows if (row.first, row.second) == (both, "clinical"))
        for rows in (models.comparisons, models.benefits.comparisons)
    )
    ratio = score.multivariable[-1]
    found = [aucs["clinical"], aucs[both], gap.lower, gap.upper]
    found += [ratio.odds_ratio, ratio.lower, ratio.upper]
    return [*found, more.difference, more.lower, more.upper]
