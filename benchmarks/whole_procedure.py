"""Known truths about the whole procedure: corrected performance and scores of noise."""

import numpy as np

from benchmarks import noise_score, noise_study
from benchmarks.sections import (
    COVERAGE,
    coverage,
    markdown,
    mean_and_error,
    percent,
    repeat,
    section,
)


@section(runs=24)
def corrected(runs, jobs):
    """Judge the study's procedure on 279 features of noise in every way (71 x 2)."""
    found = repeat(noise_study.corrected_aucs, runs, jobs)
    ways = ["apparent", "Harrell's correction", "out-of-bag", ".632+"]
    rows = [[way, *mean_and_error(found[:, i]), "-", "-"] for i, way in enumerate(ways)]
    for way, at in (("nested, mean of folds", 4), ("cross-validated, pooled", 7)):
        lower, upper = found[:, at + 1], found[:, at + 2]
        limits = [percent((lower <= 0.5) & (upper >= 0.5)), percent(lower > 0.5)]
        rows.append([way, *mean_and_error(found[:, at]), *limits])
    return markdown(["way", "mean AUC", "SE", "coverage %", "lies above %"], rows)


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
        rows.append(
            [n_mixed, *mean_and_error(found[:, 0]), f"{found[:, 1].mean():.3f}"]
        )
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
            + [f"{found[:, i].mean():.3f}", *mean_and_error(lost), *holds, known.sum()]
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
