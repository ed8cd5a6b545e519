"""What intervals and tests do when the truth is known, by simulation.

``python -m benchmarks.operating_characteristics`` from the folder of the project
prints one table for each section; ``--only auc_interval`` one of them. The seeds are
fixed: the same version of the package gives the same tables.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
from joblib import Parallel, delayed
from scipy.stats import norm

from benchmarks import known_truth, noise_score, noise_study, small_groups

SIZES = [(25, 2), (25, 4), (71, 2), (71, 4)]
LEVEL = 0.05

# Name of a section -> function of (runs, jobs) that returns its Markdown lines.
SECTIONS: dict[str, Callable[[int, int], list[str]]] = {}
RUNS: dict[str, int] = {}


def section(runs):
    """Register a function as a section with a default number of studies a row."""

    def register(function):
        SECTIONS[function.__name__] = function
        RUNS[function.__name__] = runs
        return function

    return register


def repeat(function, runs, jobs, *arguments, seed=0, **settings):
    """Return an array of what `function(rng, ...)` returns for each study."""
    parts = np.array_split(np.random.SeedSequence(seed).spawn(runs), max(4 * jobs, 1))

    def some(seeds):
        return [
            function(np.random.default_rng(s), *arguments, **settings) for s in seeds
        ]

    done = Parallel(n_jobs=jobs)(delayed(some)(part) for part in parts)
    return np.array([row for rows in done for row in rows], dtype=float)


def markdown(header, rows):
    """Return the lines of a table."""
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    return lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]


def percent(flags):
    """Return the share of true values, in per cent."""
    return f"{100 * np.mean(flags):.1f}"


def coverage(truth, lower, upper):
    """Return coverage, both tails, and how often there is no interval, in per cent.

    The tails are shares of the intervals that lie above and below the truth.
    """
    known = ~(np.isnan(lower) | np.isnan(upper))
    above, below = lower[known] > truth, upper[known] < truth
    return [percent(~above & ~below), percent(above), percent(below), percent(~known)]


COVERAGE = ["coverage %", "lies above %", "lies below %", "no interval %"]


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
    from sklearn_orn.metrics import hosmer_lemeshow

    y, patient, risk = known_truth.draw_risks(rng, *size)
    return [
        hosmer_lemeshow(y, risk, n_groups=n_groups, fitted=False, groups=groups).p_value
        for n_groups in (5, 10)
        for groups in (None, patient)
    ]


@section(runs=2000)
def hosmer_lemeshow(runs, jobs):
    """How many per cent of true models are rejected, p of lesions / by patient."""
    rows = []
    for size in [(25, 2), (25, 4), (71, 1), (71, 2), (71, 4), (150, 2)]:
        p = repeat(_hosmer_lemeshow, runs, jobs, *size).reshape(runs, 2, 2)
        shares = [
            " / ".join(percent(one <= at) for one in p[:, i].T)
            for i in (0, 1)
            for at in (0.05, 0.01)
        ]
        rows.append(["{} x {}".format(*size), *shares])
    of = [f"{n} groups, {at} %" for n in (5, 10) for at in (5, 1)]
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


@section(runs=24)
def corrected(runs, jobs):
    """Judge the study's procedure on 279 features of noise in every way (71 x 2)."""
    found = repeat(noise_study.corrected_aucs, runs, jobs)
    ways = ["apparent", "Harrell's correction", "out-of-bag", ".632+"]
    rows = [[way, *_mean(found[:, i]), "-", "-"] for i, way in enumerate(ways)]
    for way, at in (("nested, mean of folds", 4), ("cross-validated, pooled", 7)):
        lower, upper = found[:, at + 1], found[:, at + 2]
        limits = [percent((lower <= 0.5) & (upper >= 0.5)), percent(lower > 0.5)]
        rows.append([way, *_mean(found[:, at]), *limits])
    return markdown(["way", "mean AUC", "SE", "coverage %", "lies above %"], rows)


def _mean(values):
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    return [f"{np.mean(values):.3f}", f"{error:.3f}"]


@section(runs=200)
def nested(runs, jobs):
    """Hold the 95 % interval of the nested AUC against the AUC of the final model."""
    rows = []
    for size in [(25, 2), (71, 2), (71, 4)]:
        for signal in (0.0, 0.6, 1.2):
            found = repeat(
                noise_study.nested_interval, runs, jobs, *size, signal=signal
            )
            truth, auc, lower, upper = found.T
            limits = [percent((lower <= truth) & (upper >= truth))]
            limits += [percent(lower > truth), percent(upper < truth)]
            rows.append(
                ["{} x {}".format(*size), signal]
                + [f"{np.mean(truth):.3f}", f"{np.mean(auc):.3f}", *limits]
            )
    header = ["patients x lesions", "signal", "true AUC", "mean nested AUC"]
    return markdown([*header, *COVERAGE[:3]], rows)


@section(runs=30)
def shuffled(runs, jobs):
    """Shuffle outcomes where some of 71 patients have lesions of both classes."""
    rows = []
    for n_mixed in (0, 1, 10, 35):
        found = repeat(noise_study.shuffled_null, runs, jobs, n_mixed=n_mixed)
        rows.append([n_mixed, *_mean(found[:, 0]), f"{found[:, 1].mean():.3f}"])
    return markdown(["mixed patients", "mean null AUC", "SE", "AUC of the truth"], rows)


SCORES = {"all features": None, "LASSO, 0.05": 0.05, "LASSO, chosen": "min"}


def noise_rows(runs, jobs, size, name):
    """Return the rows of one way to make a score of noise."""
    settings = {"lambda_rule": SCORES[name]}
    found = repeat(noise_score.second_model, runs, jobs, *size, **settings)
    rows = []
    for i, of in ((1, "apparent"), (4, "cross-fitted")):
        known = ~np.isnan(found[:, i + 1])
        lost = found[:, i] - found[:, 0]
        holds = [percent(np.abs(found[known, i + k]) < 1.96) for k in (1, 2)]
        rows.append(
            ["{} x {}".format(*size), name, of, f"{found[:, 0].mean():.3f}"]
            + [f"{found[:, i].mean():.3f}", *_mean(lost), *holds, known.sum()]
        )
    return rows


@section(runs=400)
def score_of_noise(runs, jobs):
    """Put a radiomics score of noise beside clinical predictors that count."""
    rows = []
    for size in [(150, 1), (75, 2)]:
        for name in SCORES:
            rows += noise_rows(runs, jobs, size, name)
    header = ["patients x lesions", "score", "in the second model", "AUC, clinical"]
    header += ["combined", "difference", "SE", "OR holds 1 %", "doubled %", "of"]
    return markdown(header, rows)


@section(runs=20)
def study_of_noise(runs, jobs):
    """Run the whole study on features of noise with clinical columns that count."""
    found = repeat(noise_score.whole_study, runs, jobs)
    found = found[~np.isnan(found[:, 1])]
    rows = []
    for name, truth, at in (
        ("AUC, combined - clinical", 0.0, 2),
        ("odds ratio of the score", 1.0, 5),
        ("net benefit, combined - clinical", 0.0, 8),
    ):
        mean = (found[:, 1] - found[:, 0]).mean() if at == 2 else None
        value = np.median(found[:, at - 1]) if mean is None else mean
        rows.append([name, f"{value:.3f}", *coverage(truth, *found[:, [at, at + 1]].T)])
    lines = markdown(["of", "mean or median", *COVERAGE], rows)
    aucs = " and ".join(f"{auc:.3f}" for auc in found[:, :2].mean(axis=0))
    return [*lines, "", f"{len(found)} of {runs} studies have a score; AUCs {aucs}."]


def main():
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=SECTIONS, action="append", help="one of them")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--runs", type=int, help="studies of each row, for a trial")
    arguments = parser.parse_args()
    for name in arguments.only or SECTIONS:
        function, start = SECTIONS[name], time.perf_counter()
        lines = function(arguments.runs or RUNS[name], arguments.jobs)
        print(f"## {name}\n\n{function.__doc__}\n")
        print("\n".join(lines))
        print(f"\n{time.perf_counter() - start:.0f} s\n", flush=True)


if __name__ == "__main__":
    main()
