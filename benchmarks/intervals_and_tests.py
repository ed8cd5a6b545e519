"""Known truths about one interval or test at a time."""

import numpy as np
from scipy.stats import norm

from benchmarks import known_truth, small_groups
from benchmarks.sections import COVERAGE, coverage, markdown, percent, repeat, section

SIZES = [(25, 2), (25, 4), (71, 2), (71, 4)]
LEVEL = 0.05


def _auc(rng, *size, **settings):
    from sklearn_orn.metrics import roc_auc_ci

    study = known_truth.draw_study(rng, *size, **settings)
    found = roc_auc_ci(study.y, study.scores[0], groups=study.patient)
    return found.lower, found.upper


@section(runs=3000)
def auc_interval(runs, jobs):
    """How often the default 95 % interval of the AUC holds the truth."""
    rows = []
    for size in SIZES:
        for auc in (0.7, 0.8, 0.94):
            for mixed in (False, True):
                found = repeat(_auc, runs, jobs, *size, auc=auc, mixed=mixed)
                width = f"{np.nanmedian(found[:, 1] - found[:, 0]):.3f}"
                classes = "mixed" if mixed else "one a patient"
                rows.append(
                    ["{} x {}".format(*size), auc, classes]
                    + [*coverage(auc, *found.T), width]
                )
    header = ["patients x lesions", "true AUC", "classes", *COVERAGE, "median width"]
    return markdown(header, rows)


@section(runs=500)
def roc_band(runs, jobs):
    """Limits of the sensitivity, by resamples / by default: how many hold the truth."""
    at, rows = (0.05, 0.1, 0.3, 0.5, 0.7), []
    for size in [(25, 2), (25, 4), (71, 1), (71, 2)]:
        for auc in (0.75, 0.92):
            found = repeat(small_groups.roc_band, runs, jobs, *size, auc=auc, at=at)
            gain = np.sqrt(2) * norm.ppf(auc)
            truth = norm.sf(norm.isf(at) - gain)
            holds = (found[..., 0] <= truth) & (truth <= found[..., 1])
            shares = [
                " / ".join(map(percent, one.T)) for one in holds.transpose(2, 0, 1)
            ]
            rows.append(["{} x {}".format(*size), auc, *shares])
    header = ["patients x lesions", "AUC", *(f"at {1 - f:g}" for f in at)]
    return markdown(header, rows)


def _mann_whitney(rng, *size, mixed):
    from sklearn_orn.metrics import _patient_permutation, score_by_class

    # The test is as exact with fewer random arrangements, and ten times as fast.
    _patient_permutation.DRAWS = 999
    study = known_truth.draw_study(rng, *size, auc=0.5, mixed=mixed)
    return score_by_class(study.y, study.scores[0], groups=study.patient).p_value


@section(runs=1500)
def mann_whitney(runs, jobs):
    """Mann-Whitney's test by patient where the classes do not differ."""
    rows = []
    for size in [(n, m) for n in (6, 10, 20, 40) for m in (2, 4)]:
        for mixed in (False, True):
            p = repeat(_mann_whitney, runs, jobs, *size, mixed=mixed)
            classes = "mixed" if mixed else "one a patient"
            levels = [percent(p <= level) for level in (0.01, LEVEL, 0.1)]
            rows.append(["{} x {}".format(*size), classes, *levels])
    header = ["patients x lesions", "classes"]
    return markdown(header + [f"p <= {at} %" for at in (0.01, LEVEL, 0.1)], rows)


@section(runs=1500)
def categories(runs, jobs):
    """Categories of lesions where the classes do not differ: p <= 5 % and <= 1 %."""
    rows = []
    for size in [(n, m) for n in (10, 25, 71) for m in (2, 4)]:
        for mixed in (False, True):
            for n_levels in (2, 5):
                settings = {"mixed": mixed, "n_levels": n_levels}
                p = repeat(small_groups.categories, runs, jobs, *size, **settings)
                p = p[~np.isnan(p).any(axis=1)].T
                classes = "mixed" if mixed else "one a patient"
                shares = [
                    " / ".join(percent(q <= at) for q in p) for at in (0.05, 0.01)
                ]
                rows.append(["{} x {}".format(*size), classes, n_levels, *shares])
    header = ["patients x lesions", "classes", "categories"]
    return markdown([*header, "p <= 5 %", "p <= 1 %"], rows)


@section(runs=1000)
def odds_ratios(runs, jobs):
    """Odds ratios of stages that tell nothing, and of a number: p <= 5 %."""
    rows = []
    for penalty in ("none", "firth"):
        for size in [(25, 2), (46, 2), (71, 2), (46, 4)]:
            for mixed in (False, True):
                settings = {"mixed": mixed, "penalty": penalty}
                p = [
                    repeat(small_groups.odds, runs, jobs, *size, effect=e, **settings)
                    for e in (0.0, 0.8)
                ]
                told = [
                    " / ".join(percent(q[~np.isnan(q)] <= LEVEL) for q in of[:, :, k].T)
                    for of, k in [(p[1], 0), *((p[0], k) for k in range(6))]
                ]
                classes = "mixed" if mixed else "one a patient"
                rows.append([penalty, "{} x {}".format(*size), classes, *told])
    ends = [*(n - 1 for n in small_groups.PATIENTS[1:]), "more"]
    stages = [
        f"stage of {low} to {high} patients"
        for low, high in zip(small_groups.PATIENTS, ends, strict=True)
    ]
    header = ["penalty", "patients x lesions", "classes", "number that tells"]
    return markdown([*header, "number of noise", *stages, "all stages"], rows)


def _paired(rng, *size, auc, mixed):
    from sklearn_orn.metrics import compare_auc

    study = known_truth.draw_study(
        rng, *size, auc=auc, mixed=mixed, n_scores=2, alike=0.5
    )
    found = compare_auc(study.y, *study.scores, groups=study.patient)
    return found.p_value, found.lower, found.upper


def _unpaired(rng, *size, auc, mixed):
    from sklearn_orn.metrics import compare_auc

    one, other = (
        known_truth.draw_study(rng, *size, auc=auc, mixed=mixed) for _ in range(2)
    )
    found = compare_auc(
        one.y,
        one.scores[0],
        other.scores[0],
        y_other=other.y,
        groups=one.patient,
        other_groups=other.patient + len(one.y),
    )
    return found.p_value, found.lower, found.upper


def _benefit(rng, *size):
    from scipy.special import expit

    from sklearn_orn.metrics import compare_net_benefit

    # Two models that know as much: each sees the score through noise of its own.
    y, patient, risk = known_truth.draw_risks(rng, *size)
    score = np.log(risk / (1 - risk))
    noise = known_truth.correlated(rng, *size, 0.5, size=2)
    one, other = (
        compare_net_benefit(
            y,
            expit(score + noise[0]),
            expit(score + noise[1]),
            thresholds=[0.2, 0.4],
            groups=patient,
        )[["lower", "upper"]]
        .to_numpy()
        .tolist()
    )
    return [*one, *other]


@section(runs=2000)
def compare(runs, jobs):
    """Comparisons by patient of two models that are equally good."""
    rows = []
    sizes = [(10, 2), (20, 2), (25, 4), (71, 2)]
    for name, function in (("paired AUCs", _paired), ("unpaired AUCs", _unpaired)):
        for size in sizes:
            for auc in (0.7, 0.9):
                for mixed in (False, True):
                    found = repeat(function, runs, jobs, *size, auc=auc, mixed=mixed)
                    classes = "mixed" if mixed else "one a patient"
                    rows.append(
                        [name, "{} x {}".format(*size), f"AUC {auc}, {classes}"]
                        + [percent(found[:, 0] <= LEVEL)]
                    )
    for size in sizes:
        found = repeat(_benefit, runs, jobs, *size)
        for i, threshold in enumerate((0.2, 0.4)):
            lower, upper = found[:, 2 * i], found[:, 2 * i + 1]
            rows.append(
                ["net benefit", "{} x {}".format(*size), f"threshold {threshold}"]
                + [percent((lower > 0) | (upper < 0))]
            )
    return markdown(["what", "patients x lesions", "setting", "type I error %"], rows)


THRESHOLDS = (0.1, 0.3, 0.5, 0.7)


def _curve(rng, *size, prevalence):
    from sklearn_orn.metrics import decision_curve

    y, patient, risk = known_truth.draw_risks(rng, *size)
    table = decision_curve(
        y, risk, thresholds=THRESHOLDS, groups=patient, prevalence=prevalence
    )
    names = [f"{of}_{side}" for of in ("model", "over_all") for side in SIDES]
    return table[names].to_numpy().ravel()


@section(runs=2000)
def decision_curve(runs, jobs):
    """95 % limits of the net benefit, and of its difference to treating all."""
    risk = known_truth.draw_risks(np.random.default_rng(0), 400_000, 1)[2]
    rows = []
    for size in [(25, 2), (71, 2), (71, 4)]:
        found = repeat(_curve, runs, jobs, *size, prevalence=None)
        found = found.reshape(runs, len(THRESHOLDS), 2, 2)
        for i, threshold in enumerate(THRESHOLDS):
            gain = risk - (1 - risk) * threshold / (1 - threshold)
            model = (gain * (risk >= threshold)).mean()
            for j, (name, truth) in enumerate(
                [("model", model), ("model - treat all", model - gain.mean())]
            ):
                rows.append(
                    ["{} x {}".format(*size), threshold, name]
                    + coverage(truth, *found[:, i, j].T)
                )
    return markdown(["patients x lesions", "threshold", "of", *COVERAGE], rows)


SIDES = small_groups.SIDES
CALIBRATION = {
    "calibration_in_the_large": 0.0,
    "slope": 1.0,
    "observed_expected": 1.0,
    "brier": None,
}


def _calibration(rng, *size):
    from sklearn_orn.metrics import calibration_statistics

    y, patient, risk = known_truth.draw_risks(rng, *size)
    found = calibration_statistics(y, risk, groups=patient)._asdict()
    return [found[f"{name}_{side}"] for name in CALIBRATION for side in SIDES]


@section(runs=2000)
def calibration(runs, jobs):
    """95 % intervals by patient of calibration and of the Brier score."""
    risk = known_truth.draw_risks(np.random.default_rng(0), 400_000, 1)[2]
    rows = []
    for size in [(25, 2), (25, 4), (71, 2), (71, 4)]:
        found = repeat(_calibration, runs, jobs, *size).reshape(runs, -1, 2)
        for i, (name, truth) in enumerate(CALIBRATION.items()):
            truth = (risk * (1 - risk)).mean() if truth is None else truth
            rows.append(
                ["{} x {}".format(*size), name.replace("_", " ")]
                + coverage(truth, *found[:, i].T)
            )
    return markdown(["patients x lesions", "of", *COVERAGE], rows)


def _hosmer_lemeshow(rng, *size):
    from sklearn_orn.metrics import calibration_statistics, hosmer_lemeshow

    y, patient, risk = known_truth.draw_risks(rng, *size)
    p = [
        hosmer_lemeshow(y, risk, n_groups=n_groups, fitted=False, groups=groups).p_value
        for n_groups in (5, 10)
        for groups in (None, patient)
    ]
    each, by = (calibration_statistics(y, risk, groups=of) for of in (None, patient))
    for name in ("unreliability_p", "spiegelhalter_p"):
        p += [getattr(each, name), getattr(by, name)]
    return p


@section(runs=2000)
def hosmer_lemeshow(runs, jobs):
    """How many per cent of true models are rejected, p of lesions / by patient."""
    rows = []
    for size in [(25, 2), (25, 4), (71, 1), (71, 2), (71, 4), (150, 2)]:
        p = repeat(_hosmer_lemeshow, runs, jobs, *size).reshape(runs, 4, 2)
        shares = [
            " / ".join(percent(one <= at) for one in p[:, i].T)
            for i in range(4)
            for at in (0.05, 0.01)
        ]
        rows.append(["{} x {}".format(*size), *shares])
    tests = ("5 groups", "10 groups", "U", "Spiegelhalter's z")
    of = [f"{test}, {at} %" for test in tests for at in (5, 1)]
    return markdown(["patients x lesions", *of], rows)


AT = [(0.75, 0.5), (0.92, 1.0)]  # AUC and threshold


@section(runs=2000)
def operating_point(runs, jobs):
    """95 % intervals by patient of what a threshold gives."""
    rows = []
    for size in [(10, 2), (10, 4), *SIZES, (25, 8)]:
        for auc, threshold in AT:
            for mixed in (False, True):
                settings = {"auc": auc, "threshold": threshold, "mixed": mixed}
                found = repeat(
                    small_groups.operating_point, runs, jobs, *size, **settings
                )
                truths = known_truth.of_threshold(auc, threshold)
                held = [
                    coverage(truths[name], *found[:, 2 * i : 2 * i + 2].T)[0]
                    for i, name in enumerate(small_groups.SHARES)
                ]
                classes = "mixed" if mixed else "one a patient"
                rows.append(["{} x {}".format(*size), auc, classes, *held])
    return markdown(
        ["patients x lesions", "AUC", "classes", *small_groups.SHARES], rows
    )


@section(runs=1500)
def groups_of_patients(runs, jobs):
    """How often a report finds a difference of groups where there is none."""
    rows = []
    for size in [(25, 2), (25, 4), (47, 1), (71, 2)]:
        found = repeat(small_groups.groups_apart, runs, jobs, *size)
        shares = [percent(found.any(axis=1)), *map(percent, found.T)]
        rows.append(["{} x {}".format(*size), *shares])
    header = ["patients x lesions", "any", "AUC", "in the large", "net benefit"]
    return markdown(header, rows)


@section(runs=600)
def centres(runs, jobs):
    """95 % intervals of each centre and of their mean, where centres are alike."""
    truths = small_groups.truths_of_centres()
    rows = []
    for size in [(10, 12, 2), (8, 20, 2), (4, 40, 2), (3, 25, 4)]:
        found = repeat(small_groups.centres, runs, jobs, *size)
        for of, part in (("each", found[:, :-1]), ("mean", found[:, -1:])):
            limits = part.reshape(-1, len(small_groups.MEASURES), 2).transpose(1, 2, 0)
            held = [
                coverage(truth, *ends)[0]
                for truth, ends in zip(truths, limits, strict=True)
            ]
            rows.append(["{} of {} x {}".format(*size), of, *held])
    return markdown(
        ["centres of patients x lesions", "interval of", *small_groups.MEASURES], rows
    )


@section(runs=2000)
def kappa(runs, jobs):
    """Limits of kappa by its error alone / by default: how many hold the truth."""
    rows = []
    for size in [(20, 1), (50, 1), (100, 1), (25, 2), (71, 2)]:
        for shares in ((0.6, 0.4), (0.85, 0.15)):
            told = []
            for truth in (0.4, 0.6, 0.8, 0.9):
                settings = {"shares": shares, "truth": truth}
                limits = repeat(small_groups.two_readers, runs, jobs, *size, **settings)
                limits = limits[~np.isnan(limits).any(axis=(1, 2))]
                holds = (limits[..., 0] <= truth) & (truth <= limits[..., 1])
                told.append(" / ".join(map(percent, holds.T)))
            rows.append(["{} x {}".format(*size), f"{shares[1]:.0%}", *told])
    header = ["patients x lesions", "second label", *("0.4", "0.6", "0.8", "0.9")]
    return markdown(header, rows)


def _icc(rng, *size, level):
    from sklearn_orn.selection import intraclass_correlation

    # Patients differ, and so do a reader's errors from patient to patient.
    truth = np.sqrt(level) * known_truth.correlated(rng, *size, 0.5)[0]
    noise = np.sqrt(1 - level) * known_truth.correlated(rng, *size, 0.5, size=2)
    patient = np.repeat(np.arange(size[0]), size[1])
    found = intraclass_correlation((truth + noise).T, groups=patient)
    return found.lower, found.upper


@section(runs=2000)
def icc(runs, jobs):
    """95 % interval of ICC(2,1) by patient, two readers whose errors are correlated."""
    rows = []
    for size in [(12, 2), (25, 2), (25, 4), (71, 2)]:
        for level in (0.75, 0.9):
            found = repeat(_icc, runs, jobs, *size, level=level)
            rows.append(["{} x {}".format(*size), level, *coverage(level, *found.T)])
    return markdown(["patients x lesions", "true ICC", *COVERAGE], rows)
