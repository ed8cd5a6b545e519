"""Every number that another program also gives, side by side: the table of the docs.

`python -m tests.checked` writes ``docs/checked.json``, from which the documentation
makes its page; `tests/test_docs.py` holds the program to the bounds written there. The
tests of each room go further: edge cases, ties, degenerate input.
"""

import json
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

from sklearn_orn import NomogramClassifier
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.metrics import (
    calibration_statistics,
    compare_auc,
    decision_curve,
    flexible_calibration_curve,
    hosmer_lemeshow,
    mcnemar_test,
    recalibration,
    roc_auc_ci,
    score_by_class,
    wilson_interval,
    youden_threshold,
)
from sklearn_orn.model import Nomogram, logistic_lasso_path, odds_ratios
from sklearn_orn.resampling import optimism
from sklearn_orn.selection import intraclass_correlation
from tests._checked_texture import ibsi, mahotas, mazda
from tests._comparison import Row, compare
from tests._data import R_REFERENCE

PATH = Path(__file__).parents[1] / "docs" / "checked.json"


@cache
def _json(name):
    return json.loads((R_REFERENCE / f"{name}.json").read_text())


@cache
def _table(name):
    return pd.read_csv(R_REFERENCE / f"{name}.csv")


def _scores(name):
    part, column = name.split("_", 1)
    table = _table(f"scores_{part}")
    return table["y"], table[column]


def _icc(forms, ours_name, theirs_name):
    """Return our and psych's values of all features and forms."""
    reference, ratings = _json("icc"), _table("icc_two_raters")
    ours, theirs = [], []
    for feature, rows in ratings.groupby("feature"):
        expected = reference[feature]["psych_aov"]
        values = rows.sort_values("subject")[["rater1", "rater2"]].to_numpy()
        for theirs_form, form in forms.items():
            result = intraclass_correlation(values, form=form)
            mine = float(getattr(result, ours_name))
            if "error" in expected or result.reason or not np.isfinite(mine):
                continue
            value = expected[theirs_name][expected["type"].index(theirs_form)]
            ours.append(mine)
            theirs.append(np.nan if value is None else value)
    return ours, theirs


def psych() -> Iterator[Row]:
    """All six forms of the ICC, by psych's analysis of variance."""
    forms = {f"ICC{k}": f"ICC({k},1)" for k in (1, 2, 3)}
    forms |= {f"ICC{k}k": f"ICC({k},k)" for k in (1, 2, 3)}
    names = {"icc": "ICC", "lower": "lower", "upper": "upper", "p_value": "p"}
    for mine, psychs in names.items():
        what = {"icc": "six forms of the ICC", "p_value": "p of the F test"}.get(
            mine, f"{mine} 95 % limits of the ICC"
        )
        ours, theirs = _icc(forms, mine, psychs)
        name = "intraclass_correlation"
        yield compare("R psych 2.2.9", what, name, ours, theirs, 1e-9)


def _paths(program, data, file):
    reference = _json(f"glmnet_{data}")
    table = _table(file)
    X = table[[c for c in table if c[0] == "f" and c[1:].isdigit()]].to_numpy()
    for name, what, settings in (
        ("path_tight", "LASSO", {}),
        ("path_tight_alpha05", "elastic net", {"l1_ratio": 0.5}),
    ):
        entry = reference[name]
        path = logistic_lasso_path(X, table["y"], **settings)
        theirs = np.zeros((len(entry["coef"]), X.shape[1]))
        for row, sparse in zip(theirs, entry["coef"], strict=True):
            row[np.array(sparse["j"], dtype=int) - 1] = sparse["beta"]
        rows = [sparse["k"] - 1 for sparse in entry["coef"]]
        size = f"{X.shape[0]} x {X.shape[1]}"
        where = (program, f"lambdas of the {what}, {size}", "logistic_lasso_path")
        yield compare(*where, path.lambdas, entry["lambda"], 1e-9, measure="relative")
        yield compare(
            program,
            f"coefficients of the {what} per standard deviation, {size}",
            "logistic_lasso_path",
            path.coefs[rows] * X.std(axis=0),
            theirs * X.std(axis=0),
            1e-6 if data == "a" else 1e-4,
        )


def _cross_validation(program):
    from sklearn.model_selection import PredefinedSplit

    reference, table = _json("glmnet_a"), _table("a_train95")
    X = table[[c for c in table if c[0] == "f" and c[1:].isdigit()]]
    fold = _table("a_folds_weights")["fold10"]
    entry = reference["cv10_deviance"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)  # 30 features, 44 events
        model = NomogramClassifier(cv=PredefinedSplit(fold)).fit(X, table["y"])
    ours = [model.lambda_min_], [model.lambda_1se_]
    theirs = [entry["lambda_min"]], [entry["lambda_1se"]]
    name = "NomogramClassifier"
    what = "lambda.min and lambda.1se"
    yield compare(program, what, name, ours, theirs, 1e-9, measure="relative")
    ours, theirs = model.cv_score_mean_, np.asarray(entry["cvm"])
    near = slice(entry["index_min"] + 5)
    what = "cross-validated deviance up to lambda.min"
    yield compare(program, what, name, ours[near], theirs[near], 1e-5)


def glmnet() -> Iterator[Row]:
    """Paths and cross-validation; the reference was made at thresh 1e-20."""
    program = "R glmnet 4.1-6"
    yield from _paths(program, "a", "a_train95")
    yield from _paths(program, "c", "c_sparse200")
    yield from _cross_validation(program)


def proc() -> Iterator[Row]:
    """AUC, intervals, thresholds, comparisons."""
    program, reference = "R pROC 1.18.0", _json("roc")
    sets = [f"{p}_{c}" for p in ("train", "valid") for c in ("rad", "clin_p", "comb_p")]
    fits = {name: roc_auc_ci(*_scores(name), method="delong") for name in sets}
    ours = [[f.auc, f.lower, f.upper] for f in fits.values()]
    theirs = [np.array(reference[n]["ci_delong"])[[1, 0, 2]] for n in sets]
    yield compare(
        program, "AUC with DeLong's interval", "roc_auc_ci", ours, theirs, 1e-9
    )
    ours = [[youden_threshold(*_scores(name))] for name in sets]
    theirs = [[reference[name]["youden"][0]["threshold"]] for name in sets]
    yield compare(program, "Youden's threshold", "youden_threshold", ours, theirs, 1e-9)
    ours, theirs = [], []
    for name, part, first, other in (
        ("paired_train_rad_vs_clin", "train", "rad", "clin_p"),
        ("paired_train_comb_vs_clin", "train", "comb_p", "clin_p"),
        ("paired_valid_comb_vs_rad", "valid", "comb_p", "rad"),
    ):
        table, entry = _table(f"scores_{part}"), reference[name]
        result = compare_auc(table["y"], table[first], table[other])
        ours.append([result.statistic, result.p_value, result.lower, result.upper])
        theirs.append([entry["z"], entry["p"], *entry["ci_diff"]])
    what = "paired comparison of two AUCs"
    yield compare(program, what, "compare_auc", ours, theirs, 1e-9)
    train, valid = _table("scores_train"), _table("scores_valid")
    result = compare_auc(train["y"], train["rad"], valid["rad"], y_other=valid["y"])
    entry = reference["unpaired_train_vs_valid_rad"]
    ours, theirs = [result.statistic, result.df, result.p_value], []
    theirs = [entry["D"], entry["df"], entry["p"]]
    what = "comparison of AUCs on two sets"
    yield compare(program, what, "compare_auc", [ours], [theirs], 1e-9)


def generalhoslem() -> Iterator[Row]:
    """The Hosmer-Lemeshow test in 4 to 12 groups."""
    ours, theirs = [], []
    for name, entry in _json("hosmer_lemeshow").items():
        stem, _, groups = name.rpartition("_g")
        if not groups.isdigit() or entry["chisq"] is None:  # by ranks; an empty group
            continue
        for fitted, p in ((True, "p_internal"), (False, "p_external")):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", StudyWarning)  # tied quantiles
                result = hosmer_lemeshow(
                    *_scores(stem), n_groups=int(groups), fitted=fitted
                )
            ours.append([result.statistic, result.p_value])
            theirs.append([entry["chisq"], entry[p]])
    program = "R generalhoslem 1.3.4"
    what = "statistic and p, 4 to 12 groups"
    yield compare(program, what, "hosmer_lemeshow", ours, theirs, 1e-9)


def dcurves() -> Iterator[Row]:
    """Net benefit over 100 thresholds."""
    ours, theirs = [], []
    for part in ("train", "valid"):
        table, reference = _table(f"scores_{part}"), _json("dca")[part]
        for column in ("clin_p", "comb_p"):
            curve = decision_curve(
                table["y"], table[column], thresholds=reference["all"]["threshold"]
            )
            ours += [curve["model"], curve["treat_all"]]
            theirs += [reference[column]["net_benefit"]]
            theirs += [reference["all"]["net_benefit"]]
    what = "net benefit of model and treat all"
    yield compare("R dcurves 0.5.1", what, "decision_curve", ours, theirs, 1e-9)


RMS = "R rms 6.5-0"


def _val_prob():
    reference = _json("rms_lrm_valprob")
    y, proba = _table("scores_valid")["y"], np.asarray(reference["valprob_valid_p"])
    result, stats = calibration_statistics(y, proba), reference["valprob_valid"]
    closed = {
        "dxy": "Dxy",
        "c": "C (ROC)",
        "r2": "R2",
        "discrimination": "D",
        "unreliability": "U",
        "quality": "Q",
        "brier": "Brier",
        "intercept": "Intercept",
        "slope": "Slope",
        "spiegelhalter_z": "S:z",
    }
    smooth = {"emax": "Emax", "e90": "E90", "eavg": "Eavg"}
    for names, what, bound in (
        (closed, "val.prob: ten closed forms", 1e-9),
        (smooth, "val.prob: Emax, E90, Eavg", 1e-6),
    ):
        ours = [[getattr(result, name)] for name in names]
        theirs = [[stats["stats"][name]] for name in names.values()]
        yield compare(RMS, what, "calibration_statistics", ours, theirs, bound)
    curve = flexible_calibration_curve(y, proba).observed
    what = "val.prob: lowess curve"
    yield compare(RMS, what, "calibration_curve", curve, stats["lowess_y"], 1e-6)


def _validate():
    table = _table("a_train95").assign(rad=_table("scores_train")["rad"])
    resamples = _table_of_resamples()
    result = optimism(
        NomogramClassifier(penalty="none"),
        table[["rad", "lymph", "stage"]],
        table["y"],
        n_resamples=resamples,
    )
    reference = _json("rms_lrm_valprob")["validate_f3l"]
    rows = dict(zip(reference["rows"], reference["values"], strict=True))
    names = {"Dxy": "dxy", "R2": "r2", "D": "d", "U": "u", "Q": "q", "B": "brier"}
    columns = ["apparent", "training", "test", "optimism", "corrected"]
    ours = [result.indexes.loc[name, columns] for name in names.values()]
    theirs = [rows[name][:5] for name in names]
    what = "validate: 6 indexes, 200 resamples"
    yield compare(RMS, what, "optimism", ours, theirs, 1e-7)
    ours = [result.indexes.loc["slope", columns]]
    what = "validate: calibration slope"
    yield compare(RMS, what, "optimism", ours, [rows["Slope"][:5]], 2e-7)
    reference = _json("rms_calibrate")["f3l"]
    ours, theirs = result.calibration["corrected"], reference["calibrated_corrected"]
    what = "calibrate: bias-corrected curve"
    yield compare(RMS, what, "optimism", ours, theirs, 1e-6)


def _table_of_resamples():
    path = R_REFERENCE / "bootstrap_indices_f3l.csv"
    return np.loadtxt(path, delimiter=",", dtype=int) - 1


def _nomogram():
    table = _table("a_train95").assign(rad=_table("scores_train")["rad"])
    coefficients = dict(_json("rms_lrm_valprob")["three_linear"]["coef"])
    intercept = coefficients.pop("Intercept")
    nomogram = Nomogram.from_coefficients(coefficients, intercept, table)
    reference = _json("rms_nomogram")["f3l"]
    ours = [axis.points for axis in nomogram.predictors]
    theirs = [reference[axis.name]["points"] for axis in nomogram.predictors]
    ours.append(nomogram.linear_predictor.points)
    theirs.append(reference["lp"]["x"])
    what = "nomogram: points of all ticks"
    yield compare(RMS, what, "Nomogram", ours, theirs, 1e-9)


def _lrm():
    """Standard errors, tests and intervals of a fit without penalty."""
    reference, table = _json("rms_lrm_valprob"), _table("a_train95")
    y, rad = _table("scores_train")["y"], _table("scores_train")["rad"]
    X = pd.DataFrame({"rad": rad, "lymph": table["lymph"], "stage": table["stage"]})
    model = NomogramClassifier(penalty="none").fit(X, y)
    lrm, glm = reference["three_linear"], reference["glm_profile_ci"]
    what = "lrm: coefficients"
    ours = [[*model.intercept_, *model.coef_[0]]]
    theirs = [list(lrm["coef"].values())]
    yield compare(RMS, what, "NomogramClassifier", ours, theirs, 1e-6)
    what = "lrm: standard errors and covariance"
    ours = [model.standard_errors_, model.covariance_]
    theirs = [np.sqrt(np.diag(lrm["vcov"])), lrm["vcov"]]
    yield compare(RMS, what, "NomogramClassifier", ours, theirs, 1e-6)
    what = "lrm: likelihood ratio test"
    ours, theirs = model.likelihood_ratio_.chi2, lrm["stats"]["Model L.R."]
    yield compare(RMS, what, "NomogramClassifier", [[ours]], [[theirs]], 1e-6)
    summary = model.summary()
    ours = [np.log(summary[["lower", "upper"]]), summary[["z"]], summary[["p_value"]]]
    theirs = [glm["wald"], glm["z"], glm["p"]]
    what = "glm: Wald intervals, z and p"
    yield compare(RMS, what, "NomogramClassifier.summary", ours, theirs, 1e-6)
    table = odds_ratios(X, y, kind="multivariable")
    ours = [np.log(table["odds_ratio"]), np.log(table[["lower", "upper"]])]
    theirs = [list(lrm["coef"].values())[1:], np.array(glm["wald"])[1:]]
    what = "lrm, glm: log odds ratios and Wald intervals"
    yield compare(RMS, what, "odds_ratios", ours, theirs, 1e-6)
    profile = np.log(model.summary(interval="profile")[["lower", "upper"]])
    what = "confint of glm: profile intervals, by a spline there"
    name = "NomogramClassifier.summary"
    yield compare(RMS, what, name, [profile], [glm["profile"]], 2e-4)
    valid, expected = _table("scores_valid"), reference["cluster_robcov"]
    model = NomogramClassifier(penalty="none")
    model.fit(valid[["rad"]], valid["y"], groups=valid["patient"])
    theirs = expected["vcov_robust_cluster_patient"]
    what = "robcov of lrm: covariance by patient"
    ours = model.robust_covariance_
    yield compare(RMS, what, "NomogramClassifier", [ours], [theirs], 1e-6)


def rms() -> Iterator[Row]:
    """val.prob, validate, calibrate, robcov, nomogram, lrm."""
    yield from _val_prob()
    yield from _validate()
    yield from _nomogram()
    yield from _lrm()
    valid, expected = _table("scores_valid"), _json("rms_lrm_valprob")["cluster_robcov"]
    fit = recalibration(valid["y"], expit(valid["rad"]), groups=valid["patient"])
    what = "robcov: covariance by patient"
    theirs = expected["vcov_robust_cluster_patient"]
    yield compare(RMS, what, "recalibration", fit.covariance, theirs, 1e-9)


def base_r() -> Iterator[Row]:
    """R's own tests."""
    program, reference, table = "R 4.2.2 stats", _json("tests"), _table("a_train95")
    names = ["f01", "f02", "f05", "f10", "age", "size_mm"]
    ours = [[score_by_class(table["y"], table[name]).p_value] for name in names]
    theirs = [[reference[f"mw_{name}"]["asymptotic_cc"]["p"]] for name in names]
    yield compare(program, "wilcox.test: p", "score_by_class", ours, theirs, 1e-9)
    (a, b), (c, d) = reference["mcnemar"]["table"]
    y = np.ones(a + b + c + d, dtype=int)
    first, other = np.repeat([[1, 1, 0, 0], [1, 0, 1, 0]], [a, b, c, d], axis=1)
    kinds = {"exact": {"exact": True}, "cc": {}, "nocc": {"corrected": False}}
    ours = [[mcnemar_test(y, first, other, **kinds[k]).p_value] for k in kinds]
    theirs = [[reference["mcnemar"][kind]] for kind in kinds]
    what = "mcnemar.test and binom.test: p"
    yield compare(program, what, "mcnemar_test", ours, theirs, 1e-9)
    entries = [reference["prop_ci"][rate] for rate in ("sens", "spec")]
    results = [wilson_interval(entry["x"], entry["n"]) for entry in entries]
    ours = [[result.lower, result.upper] for result in results]
    theirs = [entry["wilson"] for entry in entries]
    what = "prop.test: Wilson's interval"
    yield compare(program, what, "wilson_interval", ours, theirs, 1e-9)


PROGRAMS = {
    "MaZda 4.6": mazda,
    "IBSI digital phantom": ibsi,
    "mahotas 1.4.18": mahotas,
    "R psych 2.2.9": psych,
    "R glmnet 4.1-6": glmnet,
    "R pROC 1.18.0": proc,
    "R generalhoslem 1.3.4": generalhoslem,
    "R dcurves 0.5.1": dcurves,
    "R rms 6.5-0": rms,
    "R 4.2.2 stats": base_r,
}
# Reference data that are not shipped.
NEEDS = {"MaZda 4.6": "mazda", "IBSI digital phantom": "ibsi"}


def main() -> None:
    """Compare with all programs and write the table."""
    rows = [row for program in PROGRAMS.values() for row in program()]
    text = json.dumps([row._asdict() for row in rows], indent=1)
    PATH.write_text(text + "\n", encoding="utf-8")
    print(f"{len(rows)} comparisons: {PATH}")


if __name__ == "__main__":
    main()
