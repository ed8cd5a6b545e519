"""Every cell of every table, found again from scores.csv and features.csv."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    confusion_matrix,
    roc_auc_score,
)

from sklearn_orn import metrics
from tests.study.seen._again import (
    formula,
    hosmer_lemeshow,
    icc,
    lasso,
    net_benefit,
    number,
    p_by_patient,
    predictions,
    recalibration,
    rows_of,
    shows,
    shows_limits,
)

PARTS = ["judge", "training"]
INDENT = "\N{EM SPACE}"


def cell(seen, part, row, column=0):
    """Return a cell of the performance table: column 0 the value, 1 its interval."""
    title = "Training (apparent)" if part == "training" else seen.judge
    table = seen.tables["performance"]
    position = list(table.columns).index(title) + column
    return rows_of(table)[row].iloc[position]


def test_scores_of_the_judged_lesions_follow_from_the_formula(with_split):
    score = formula(with_split, with_split.mean)
    np.testing.assert_allclose(with_split.scores["score"], score, atol=1e-12)
    probability = with_split.scores["probability"]
    np.testing.assert_allclose(probability, expit(score), atol=1e-12)


@pytest.mark.parametrize("part", PARTS)
def test_discrimination(seen, part):
    y, probability, patient = predictions(seen, part)
    n = f"{len(y)} ({len(set(patient))})"
    assert cell(seen, part, "Lesions (patients)") == n
    assert shows(cell(seen, part, "AUC"), roc_auc_score(y, probability))
    limits = metrics.roc_auc_ci(y, probability, groups=patient)
    assert shows_limits(cell(seen, part, "AUC", 1), limits.lower, limits.upper)


@pytest.mark.parametrize("part", PARTS)
def test_calls(seen, part):
    y, probability, patient = predictions(seen, part)
    called = (probability >= seen.nomogram["threshold_"]).astype(int)
    if part == "judge":
        labels = seen.scores["predicted"].to_numpy()[seen.judged]
        if seen.split:
            assert ((labels == "high") == called).all()
        called = (labels == "high").astype(int)
    (tn, fp), (fn, tp) = confusion_matrix(y, called)
    counts = {
        "Sensitivity": (tp, tp + fn),
        "Specificity": (tn, tn + fp),
        "Accuracy": (tp + tn, len(y)),
        "Positive predictive value": (tp, tp + fp),
        "Negative predictive value": (tn, tn + fn),
    }
    assert (tp + tn) / len(y) == accuracy_score(y, called)
    limits = metrics.diagnostic_performance(y, called, groups=patient)
    keys = ("sensitivity", "specificity", "accuracy", "ppv", "npv")
    for (name, (count, total)), key in zip(counts.items(), keys, strict=True):
        share, _, fraction = cell(seen, part, name).partition(" (")
        assert shows(share, 100 * count / total), name
        assert fraction == f"{count}/{total})", name
        low, high = 100 * limits.loc[key, "lower"], 100 * limits.loc[key, "upper"]
        assert shows_limits(cell(seen, part, name, 1), low, high), name


@pytest.mark.parametrize("part", PARTS)
def test_calibration(seen, part):
    y, probability, patient = predictions(seen, part)
    large, slope, intercept = recalibration(y, probability)
    values = {
        "Calibration in the large": ("calibration_in_the_large", large),
        "Calibration slope": ("slope", slope),
        "Intercept with that slope": ("intercept", intercept),
        "Observed over expected": ("observed_expected", y.sum() / probability.sum()),
        "Brier score": ("brier", brier_score_loss(y, probability)),
    }
    limits = metrics.calibration_statistics(y, probability, groups=patient)._asdict()
    for name, (key, value) in values.items():
        assert shows(cell(seen, part, name), value), name
        low, high = limits[f"{key}_lower"], limits[f"{key}_upper"]
        assert shows_limits(cell(seen, part, name, 1), low, high), name


@pytest.mark.parametrize("part", PARTS)
def test_goodness_of_fit(seen, part):
    y, probability, patient = predictions(seen, part)
    text = cell(seen, part, "Hosmer-Lemeshow test")
    assert text.endswith(" by patient") == (len(set(patient)) < len(y))
    chi2, df, p = (one.split(" ")[1] for one in text.split(", "))
    statistic = hosmer_lemeshow(y, probability)
    assert shows(chi2, statistic)
    assert int(df) == (8 if part == "training" else 10)  # 2 for what was fitted
    expected = p_by_patient(y, probability, patient, statistic, int(df))
    assert shows(p.removeprefix("<"), expected)


def test_ways_to_judge(seen):
    rows = rows_of(seen.tables["auc"])
    optimism = {row["key"]: row for row in seen.results["optimism"]["measures"]}["auc"]
    judge, training = predictions(seen, "judge"), predictions(seen, "training")
    values = {
        seen.judge: roc_auc_score(*judge[:2]),
        "Training (apparent)": roc_auc_score(*training[:2]),
        "Nested cross-validation": seen.results["nested"]["auc"],
        ".632+ bootstrap": optimism["plus_632"],
        "Out-of-bag bootstrap": optimism["out_of_bag"],
        "Harrell’s correction": optimism["corrected"],
        "Shuffled outcome": seen.results["permuted"]["auc_mean"],
    }
    assert rows.keys() == values.keys()
    for name, value in values.items():
        assert shows(rows[name]["AUC"], value), name
    # No limits where none keep their level; the others' are of their own part.
    for name, (y, probability, patient) in {
        seen.judge: judge,
        "Training (apparent)": training,
    }.items():
        limits = metrics.roc_auc_ci(y, probability, groups=patient)
        assert shows_limits(rows[name]["95 % CI"], limits.lower, limits.upper)
    nested = seen.results["nested"]
    text = rows["Nested cross-validation"]["95 % CI"]
    assert shows_limits(text, nested["lower"], nested["upper"])
    for name in (".632+ bootstrap", "Harrell’s correction", "Shuffled outcome"):
        assert rows[name]["95 % CI"] == "\N{EN DASH}"


def test_optimism_of_each_measure(seen):
    y, probability, _ = predictions(seen, "training")
    _, slope, intercept = recalibration(y, probability)
    apparent = {
        "AUC": roc_auc_score(y, probability),
        "Brier score": brier_score_loss(y, probability),
        "Calibration intercept": intercept,
        "Calibration slope": slope,
    }
    rows = rows_of(seen.tables["optimism"])
    for name, value in apparent.items():
        assert shows(rows[name]["Apparent"], value), name
    columns = ("apparent", "out_of_bag", "plus_632", "corrected")
    for row in seen.results["optimism"]["measures"]:
        for column, text in zip(columns, rows[row["name"]].iloc[1:], strict=True):
            assert shows(text, row[column]), (row["name"], column)


def test_features_of_the_score(seen):
    names, y = seen.nomogram["feature_names_in_"], seen.y[seen.training]
    training = seen.mean[seen.training]
    per_sd = lasso(training[names], y, seen.nomogram["lambda_"])
    again = dict(zip(names, per_sd, strict=True))
    table = rows_of(seen.tables["coefficients"])
    assert set(table) == {name for name, value in again.items() if abs(value) > 1e-5}
    order = sorted(table, key=lambda name: -abs(again[name]))
    assert list(table) == order
    for name, row in table.items():
        column, sd = training[name], training[name].std(ddof=0)
        assert number(row["Per SD"])[0] == pytest.approx(again[name], abs=1e-3)
        assert number(row["Coefficient"])[0] == pytest.approx(again[name] / sd, 2e-3)
        assert shows(row["Mean"], column.mean())
        assert shows(row["SD"], sd)
        assert shows_limits(row["Range"], column.min(), column.max())
        readings = (seen.blocks[r].loc[seen.training, name] for r in ("A", "B"))
        assert shows(row["ICC"], icc(*readings))


def test_features_left_at_each_step(seen):
    rows = rows_of(seen.tables["steps"])
    training = [block[seen.training] for block in seen.blocks.values()]
    kept = sum(icc(*(b[name] for b in training)) > 0.75 for name in seen.mean)
    counts = {
        "Measured": seen.mean.shape[1],
        "Reproducible": kept,
        "Chosen": len(seen.nomogram["feature_names_in_"]),
        "In the score": np.count_nonzero(seen.nomogram["coef_"]),
    }
    assert {name: int(row["Features"]) for name, row in rows.items()} == counts
    assert f"in {seen.training.sum()} lesions" in rows["Reproducible"]["How"]


def test_lesions_and_patients_by_class(seen):
    parts = {"Training": seen.training, "Validation": seen.judged}
    if not seen.split:
        parts = {"All": seen.training}
    rows = seen.tables["counts"]
    assert len(rows) == 2 * len(parts)
    for part, mask in parts.items():
        for value, label in ((1, "high (positive)"), (0, "low")):
            here = mask & (seen.y == value)
            row = rows[(rows["Part"] == part) & (rows["Class"] == label)].iloc[0]
            assert int(row["Lesions"]) == here.sum()
            assert int(row["Patients"]) == len(set(seen.patient[here]))
            assert shows(row["Share"], 100 * here.sum() / mask.sum())


def groups_of(seen, key):
    """Return the rows of a table of characteristics, by the heads of its columns."""
    if key == "parts":
        return {"training": seen.training, "validation": seen.judged}
    part = {"training": seen.training, "validation": seen.judged}.get(key, seen.y >= 0)
    return {"low": part & (seen.y == 0), "high": part & (seen.y == 1)}


CHARACTERISTICS = [
    *(("with_split", key) for key in ("training", "validation", "parts")),
    ("in_folds", "all"),
]


@pytest.mark.parametrize("study, key", CHARACTERISTICS)
def test_characteristics(study, key, request):
    seen = request.getfixturevalue(study)
    rows = rows_of(seen.tables[f"baseline-{key}"])
    groups = groups_of(seen, key)
    ages, sexes = [], []
    for head, mask in groups.items():
        patients = seen.table[mask].drop_duplicates("patient")
        assert int(rows["Patients"][head]) == len(patients)
        assert int(rows["Lesions"][head]) == mask.sum()
        age, text = patients["age"], rows["age"][head]
        if "±" in text:
            mean, sd = text.split(" ± ")
            assert shows(mean, age.mean())
            assert shows(sd, age.std())
        else:
            median, _, limits = text.rstrip("]").partition(" [")
            assert shows(median, age.median())
            assert shows_limits(limits, age.quantile(0.25), age.quantile(0.75))
        for level in "FM":
            count, _, share = rows[f"{INDENT}{level}"][head].rstrip(")").partition(" (")
            assert int(count) == (patients["sex"] == level).sum()
            assert shows(share, 100 * (patients["sex"] == level).mean())
        ages.append(age)
        sexes.append([(patients["sex"] == level).sum() for level in "FM"])
    check_test_of_numbers(rows["age"], ages)
    check_test_of_shares(rows["sex"], np.transpose(sexes))
    assert rows["age"]["Missing"] == rows["sex"]["Missing"] == "0"


def check_test_of_numbers(row, groups):
    if row["Test"] == "Welch's t":
        p = stats.ttest_ind(*groups, equal_var=False).pvalue
    else:
        exact = len(set(pd.concat(groups))) == sum(map(len, groups))
        method = "exact" if exact and min(map(len, groups)) < 50 else "asymptotic"
        p = stats.mannwhitneyu(*groups, method=method).pvalue
    assert shows(row["p"], p)
    spread = np.sqrt(np.mean([group.var() for group in groups]))
    assert shows(row["SMD"], abs(groups[0].mean() - groups[1].mean()) / spread)


def check_test_of_shares(row, table):
    if row["Test"] == "Pearson chi-square":
        p = stats.chi2_contingency(table, correction=False).pvalue
    else:
        p = stats.fisher_exact(table).pvalue
    assert shows(row["p"], p)
    first, second = (column[0] / column.sum() for column in table.T)
    variance = (first * (1 - first) + second * (1 - second)) / 2
    assert shows(row["SMD"], abs(first - second) / np.sqrt(variance))


@pytest.mark.parametrize(
    "study, key",
    [("with_split", "training"), ("with_split", "validation"), ("in_folds", "all")],
)
def test_locations_count_lesions(study, key, request):
    seen = request.getfixturevalue(study)
    rows = rows_of(seen.tables[f"locations-{key}"])
    for head, mask in groups_of(seen, key).items():
        places = seen.table.loc[mask, "place"]
        for place in ("C1", "C2", "C3"):
            count, _, share = rows[f"{INDENT}{place}"][head].rstrip(")").partition(" (")
            assert int(count) == (places == place).sum()
            assert shows(share, 100 * (places == place).mean())


def test_outlines_of_each_reader(with_split):
    seen, rows = with_split, rows_of(with_split.tables["readers"])
    sources = dict(seen.blocks) | {"mean of all": seen.mean}
    assert rows.keys() == sources.keys()
    y, patient = seen.y[seen.judged], seen.patient[seen.judged]
    for name, features in sources.items():
        score = formula(seen, features[seen.judged]).to_numpy()
        assert int(rows[name]["Lesions"]) == len(y)
        assert shows(rows[name]["AUC"], roc_auc_score(y, score))
        limits = metrics.roc_auc_ci(y, score, groups=patient)
        assert shows_limits(rows[name]["95 % CI"], limits.lower, limits.upper)


def outlines(seen):
    """Return the features of every reader, side by side."""
    blocks = [b.add_prefix(f"{name}__") for name, b in seen.blocks.items()]
    return pd.concat(blocks, axis=1)


def simple_model(seen, columns):
    """Return the validation probabilities of an unpenalised logistic model."""
    fit = LogisticRegression(C=1e12, tol=1e-10, max_iter=100_000)
    fit.fit(columns[seen.training], seen.y[seen.training])
    return fit.predict_proba(columns[seen.judged])[:, 1]


def test_simpler_models(with_split):
    seen, rows = with_split, rows_of(with_split.tables["models"])
    y, own, patient = predictions(seen, "judge")
    clinical = seen.table[["age"]].assign(sex=seen.table["sex"] == "M")
    clinical["age"] = (clinical["age"] - 55) / 10
    every = outlines(seen)
    strength = every[seen.training].apply(
        lambda column: (
            stats.f_oneway(
                column[seen.y[seen.training] == 1], column[seen.y[seen.training] == 0]
            ).statistic
        )
    )
    predicted = {
        "Lesion size": simple_model(seen, seen.table[["area"]] / 100),
        "One feature": simple_model(seen, every[[strength.idxmax()]]),
        "Clinical": simple_model(seen, clinical),
    }
    assert shows(rows["Radiomics"]["AUC"], roc_auc_score(y, own))
    for name, probability in predicted.items():
        assert shows(rows[name]["AUC"], roc_auc_score(y, probability)), name
        limits = metrics.roc_auc_ci(y, probability, groups=patient)
        assert shows_limits(rows[name]["95 % CI"], limits.lower, limits.upper), name
        test = metrics.compare_auc(y, own, probability, groups=patient)
        gap, _, text = rows[name].iloc[4].rstrip(")").partition(" (")
        assert shows(gap, roc_auc_score(y, own) - roc_auc_score(y, probability))
        assert shows_limits(text, test.lower, test.upper), name
        assert shows(rows[name]["p"], test.p_value), name


@pytest.mark.filterwarnings("ignore:The LASSO selected no feature")
def test_the_combined_model_learns_from_scores_of_other_patients(with_split):
    """Scores of lesions that taught the score would have too much weight in it."""
    seen = with_split
    clinical = seen.table[["age"]].assign(sex=seen.table["sex"] == "M")
    score = formula(seen, seen.mean)
    in_sample = simple_model(seen, clinical.assign(score=score))
    y, _, _ = predictions(seen, "judge")
    shown = rows_of(seen.tables["models"])["Clinical + radiomics"]["AUC"]
    assert not shows(shown, roc_auc_score(y, in_sample))
    crossed = score.to_numpy().copy()
    crossed[seen.training] = cross_fitted(seen)
    combined = simple_model(seen, clinical.assign(score=crossed))
    assert shows(shown, roc_auc_score(y, combined))


@pytest.mark.filterwarnings("ignore:The LASSO selected no feature")
def test_clinical_radiomics_and_both(with_split):
    seen, rows = with_split, rows_of(with_split.tables["three-models"])
    cut = seen.nomogram["threshold_"]
    clinical = seen.table[["age"]].assign(sex=seen.table["sex"] == "M")
    y, own, patient = predictions(seen, "judge")
    score = formula(seen, seen.mean).to_numpy().copy()
    score[seen.training] = cross_fitted(seen)
    predicted = {
        "Clinical": simple_model(seen, clinical),
        "Radiomics": own,
        "Clinical + radiomics": simple_model(seen, clinical.assign(score=score)),
    }
    for name, probability in predicted.items():
        auc, _, limits = rows[name]["AUC"].rstrip(")").partition(" (")
        assert shows(auc, roc_auc_score(y, probability)), name
        found = metrics.roc_auc_ci(y, probability, groups=patient)
        assert shows_limits(limits, found.lower, found.upper), name
        large, slope, _ = recalibration(y, probability)
        cells = rows[name][["Calibration in the large", "Calibration slope"]]
        for cell, value in zip(cells, (large, slope), strict=True):
            assert shows(cell.partition(" (")[0], value), name
        brier = rows[name]["Brier score"].partition(" (")[0]
        assert shows(brier, np.mean((y - probability) ** 2)), name
        net = rows[name][f"Net benefit at {cut:.2f}"].partition(" (")[0]
        assert shows(net, net_benefit(y, probability, cut)), name
    pairs = (
        ("Clinical + radiomics", "Clinical"),
        ("Clinical + radiomics", "Radiomics"),
        ("Radiomics", "Clinical"),
    )
    assert list(rows) == [
        *predicted,
        *(f"{one} \N{MINUS SIGN} {other.lower()}" for one, other in pairs),
    ]
    for one, other in pairs:
        row = rows[f"{one} \N{MINUS SIGN} {other.lower()}"]
        test = metrics.compare_auc(y, predicted[one], predicted[other], groups=patient)
        gap, _, limits = row["AUC"].rstrip(")").partition(" (")
        assert shows(gap, test.difference)
        assert shows_limits(limits, test.lower, test.upper)
        assert shows(row["p"], test.p_value)
    for one, other in pairs:
        row = rows[f"{one} \N{MINUS SIGN} {other.lower()}"]
        text = row[f"Net benefit at {cut:.2f}"]
        net, _, limits = text.rstrip(")").partition(" (")
        gains = [benefits(y, predicted[name], cut) for name in (one, other)]
        gap = gains[0] - gains[1]
        assert shows(net, gap.mean())
        # By patient: Student's t on the sums of what is left of each.
        sums = pd.Series(gap - gap.mean()).groupby(patient).sum()
        n = len(sums)
        half = stats.t.ppf(0.975, n - 1) * np.sqrt(n / (n - 1) * (sums**2).sum())
        half /= len(y)
        assert shows_limits(limits, gap.mean() - half, gap.mean() + half)


def benefits(y, probability, cut):
    """Return what each lesion brings to the net benefit."""
    treated = probability >= cut
    return treated * np.where(y == 1, 1.0, -cut / (1 - cut))


def test_instability_of_the_three_models(seen):
    table, rows = seen.tables["models-instability"], seen.tables["instability"]
    told = rows_of(table)
    assert list(told) == ["Clinical", "Radiomics", "Clinical + radiomics"]
    lesions = seen.tables["models-instability-lesions"]
    assert list(lesions["Lesion"]) == list(rows["Lesion"])
    # As many resamples as all: the refits of the score are those of its own table.
    for own, name in (
        ("Probability", "probability"),
        ("95 % of the refits", "95 % of the refits"),
        ("MAPE", "MAPE"),
        ("Class changes", "class changes"),
    ):
        assert list(rows[own]) == list(lesions[f"Radiomics, {name}"])
    for name in told:
        mape = [number(text)[0] for text in lesions[f"{name}, MAPE"]]
        assert number(told[name]["MAPE"])[0] == pytest.approx(np.mean(mape), abs=2e-3)
        probability = [number(t)[0] for t in lesions[f"{name}, probability"]]
        y = seen.y[seen.training]
        auc = roc_auc_score(y, probability)
        assert number(told[name]["AUC, apparent"])[0] == pytest.approx(auc, abs=2e-2)


def cross_fitted(seen):
    """Score each training lesion by the steps fitted to patients of other folds."""
    from sklearn import config_context
    from sklearn.base import clone
    from sklearn.model_selection import StratifiedGroupKFold

    from sklearn_orn.study._pipeline import study_pipeline

    steps = study_pipeline(list(seen.blocks), seen.config)
    steps = steps[list(steps.named_steps).index("icc") :]
    X, y = outlines(seen)[seen.training], seen.y[seen.training]
    patient = seen.patient[seen.training]
    folds = StratifiedGroupKFold(seen.config.cv, shuffle=True, random_state=0)
    score = np.zeros(len(y))
    for train, test in folds.split(X, y, patient):
        with config_context(enable_metadata_routing=True):
            fitted = clone(steps).fit(X.iloc[train], y[train], groups=patient[train])
        score[test] = fitted.decision_function(X.iloc[test])
    return score


def test_patients_needed(seen):
    patients = len(set(seen.patient[seen.training]))
    prevalence = seen.y[seen.training].mean()
    for _, row in seen.tables["sample-size"].iterrows():
        candidates = int(row.iloc[0].partition(" (")[0])
        needed = metrics.minimum_sample_size(
            n_candidates=candidates, prevalence=prevalence, r2_nagelkerke=0.15
        )
        sizes = (needed.n_shrinkage, needed.n_optimism, needed.n_risk, needed.n)
        assert tuple(map(int, row.iloc[1:5])) == sizes
        shrinkage = metrics.expected_shrinkage(
            patients, candidates, needed.r2_cox_snell
        )
        assert shows(row.iloc[5], shrinkage)
    counts = [
        int(text.partition(" (")[0]) for text in seen.tables["sample-size"].iloc[:, 0]
    ]
    steps = [int(n) for n in seen.tables["steps"]["Features"]]
    assert counts == steps[:3]


def test_instability_of_each_lesion(seen):
    table = seen.tables["instability"]
    _, probability, _ = predictions(seen, "training")
    assert list(table["Lesion"]) == list(seen.table["lesion"][seen.training])
    lesions = seen.results["optimism"]["instability"]["lesions"]
    for i, row in table.iterrows():
        assert shows(row["Probability"], probability[i])
        low, high = lesions["lower"][i], lesions["upper"][i]
        assert shows_limits(row["95 % of the refits"], low, high)
        assert shows(row["MAPE"], lesions["mape"][i])
        assert shows(row["Class changes"], 100 * lesions["changed"][i])


def test_shares_of_resamples(seen):
    rows = rows_of(seen.tables["stability"])
    stability = seen.results["stability"]
    for feature in stability["features"]:
        texts = rows[feature["feature"]].iloc[1:]
        for step, text in zip(("icc", "fcm", "lasso"), texts, strict=True):
            share = feature["steps"][step]
            assert share * 8 == round(share * 8)  # of 8 resamples
            assert shows(text, 100 * share)
        # A later step passes no more than an earlier one.
        passed = feature["steps"]
        assert passed["icc"] >= passed["fcm"] >= passed["lasso"]
    for step, text in zip(
        stability["steps"], rows["Nogueira's index"].iloc[1:], strict=True
    ):
        assert shows(text, step["stability"])
