"""One study of few patients in groups or centres: what its intervals are."""

import warnings

import numpy as np
from scipy.special import expit
from scipy.stats import chi2, norm
from sklearn.metrics import roc_auc_score

from benchmarks import known_truth

THRESHOLD = 0.4
SHARES = ("sensitivity", "specificity", "accuracy", "ppv", "npv")
MEASURES = ("auc", "calibration_in_the_large", "slope", "net_benefit")
SIDES = ("lower", "upper")


def operating_point(rng, *size, auc, threshold, mixed):
    """Return the limits of what a threshold gives, of each of `SHARES`."""
    from sklearn_orn.metrics import diagnostic_performance

    study = known_truth.draw_study(rng, *size, auc=auc, mixed=mixed)
    called = study.scores[0] > threshold
    table = diagnostic_performance(study.y, called, groups=study.patient)
    return table.loc[list(SHARES), ["lower", "upper"]].to_numpy().ravel()


def categories(rng, *size, mixed, n_levels):
    """Return p of categories that tell nothing: lesions as independent, by patient."""
    from sklearn_orn.metrics import _patient_permutation
    from sklearn_orn.study.baseline._group_tests import compare_counts, compare_levels

    # The test is as exact with fewer random arrangements, and ten times as fast.
    _patient_permutation.DRAWS = 999
    study = known_truth.draw_study(rng, *size, auc=0.5, mixed=mixed)
    score, second = study.scores[0], study.y == 1
    level = np.searchsorted(
        np.quantile(score, np.arange(1, n_levels) / n_levels), score
    )
    columns = [level[~second], level[second]]
    patients = study.patient[~second], study.patient[second]
    counts = np.transpose([np.bincount(c, minlength=n_levels) for c in columns])
    before, after = compare_counts(counts), compare_levels(tuple(columns), patients)
    return [np.nan if p is None else p for p in (before.p_value, after.p_value)]


STAGES = (0.5, 0.3, 0.12, 0.08)  # shares of the patients
PATIENTS = (1, 3, 6, 12)  # with a stage, at least: rows of the table


def odds(rng, *size, mixed, penalty, effect):
    """Return p before and after, of a number, of stages by patients, of all stages.

    The number has an effect on the log-odds of so much for one SD, the stages none.
    Before: Wald's by Huber's sandwich of the patients, as rms's ``robcov``.
    """
    import pandas as pd

    from sklearn_orn import NomogramClassifier

    n, m = size
    patient = np.repeat(np.arange(n), m)
    number, stage = rng.standard_normal(n), rng.choice(len(STAGES), n, p=STAGES)
    if mixed:
        score = effect * number[patient] + rng.normal(0, 1.5, n)[patient]
        y = rng.random(n * m) < expit(score)
    else:
        y = np.repeat(rng.random(n) < expit(effect * number), m)
    held = np.unique(stage)[1:]
    X = pd.DataFrame({"number": number[patient]})
    X = X.assign(**{f"T{k}": (stage == k)[patient].astype(float) for k in held})
    found = np.full((2, 2 + len(PATIENTS)), np.nan)
    if y.all() or not y.any():
        return found
    model = NomogramClassifier(penalty=penalty)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of few events, and of separated classes
        model.fit(X, y, groups=patient)
    after = model.summary()["p_value"].to_numpy()[1:]
    beta, before = model.coef_[0], model.robust_covariance_[1:, 1:]
    with np.errstate(invalid="ignore"):
        walds = 2 * norm.sf(np.abs(beta) / np.sqrt(np.diag(before)))
    found[:, 0] = walds[0], after[0]
    patients = np.bincount(stage, minlength=len(STAGES))[held]
    for place, k in enumerate(np.digitize(patients, PATIENTS)):
        found[:, k] = walds[1 + place], after[1 + place]
    if np.isfinite(before).all() and len(held):
        statistic = beta[1:] @ np.linalg.pinv(before[1:, 1:]) @ beta[1:]
        together = model._covariances_of(np.arange(2, 2 + len(held)))
        found[:, -1] = chi2.sf(statistic, len(held)), together.wald_p(beta[1:])
    return found


def roc_band(rng, *size, auc, at):
    """Return limits of the sensitivity at `at`, of 300 resamples and without."""
    from sklearn_orn.metrics import roc_band

    study = known_truth.draw_study(rng, *size, auc=auc, mixed=False)
    rows = np.round(100 * np.asarray(at)).astype(int)
    found = [
        roc_band(study.y, study.scores[0], groups=study.patient, **settings)
        for settings in ({"n_resamples": 300, "random_state": 0}, {})
    ]
    return [band.loc[rows, list(SIDES)].to_numpy() for band in found]


def two_readers(rng, *size, shares, truth):
    """Return limits of kappa: of its standard error alone, and the default."""
    from sklearn_orn.metrics import kappa
    from sklearn_orn.metrics._clusters import wald_quantile

    n, m = size
    patient = np.repeat(np.arange(n), m)

    def of_patients(drawn, own):  # lesions of a patient agree in part
        return np.where(rng.random(n * m) < 0.5, drawn[patient], own)

    def labels():
        return rng.choice(len(shares), n * m, p=shares)

    first = of_patients(rng.choice(len(shares), n, p=shares), labels())
    same = of_patients(rng.random(n) < truth, rng.random(n * m) < truth)
    second = np.where(same, first, labels())
    found = kappa(first, second, groups=patient)
    half = wald_quantile(patient if m > 1 else None, 0.95) * found.se
    wald = max(found.kappa - half, -1), min(found.kappa + half, 1)
    return [wald, (found.lower, found.upper)]


def groups_apart(rng, *size):
    """Tell by measure whether a difference of groups that are alike holds no 0."""
    from sklearn_orn.study._subgroups import JudgedPart, judge_groups

    y, patient, risk = known_truth.draw_risks(rng, *size)
    names = {"sex": ["f", "m"], "age": ["old", "young"], "stage": ["T1", "T2", "T3"]}
    groups = {
        what: rng.choice(np.array(of, dtype=object), size[0])[patient]
        for what, of in names.items()
    }
    rows = judge_groups(
        JudgedPart("validation", THRESHOLD, y, risk, patient), groups
    ).rows
    measures = ("auc", "in_the_large", "net_benefit")
    found = [[getattr(row, name) for row in rows] for name in measures]
    return [
        any(
            m.difference_lower is not None
            and not m.difference_lower <= 0 <= m.difference_upper
            for m in of_measure
        )
        for of_measure in found
    ]


def centres(rng, n_centres, *size):
    """Return limits of `MEASURES`: a row for each centre, and one for their mean."""
    from sklearn_orn.metrics import performance_by_centre

    drawn = [known_truth.draw_risks(rng, *size) for _ in range(n_centres)]
    y, patient, risk = (np.concatenate(part) for part in zip(*drawn, strict=True))
    centre = np.repeat(np.arange(n_centres), size[0] * size[1])
    found = performance_by_centre(
        y, risk, centre, groups=patient + size[0] * centre, threshold=THRESHOLD
    )
    ends = [f"{name}_{side}" for name in MEASURES for side in SIDES]
    mean = found.summary.loc[list(MEASURES), list(SIDES)].to_numpy().ravel()
    return np.vstack([found.table[ends].to_numpy(), mean])


def truths_of_centres():
    """Return what these studies estimate, in the order of `MEASURES`."""
    y, _, risk = known_truth.draw_risks(np.random.default_rng(0), 300_000, 2)
    odds = THRESHOLD / (1 - THRESHOLD)
    benefit = np.mean((risk >= THRESHOLD) * np.where(y, 1, -odds))
    return [roc_auc_score(y, risk), 0.0, 1.0, benefit]
