"""The tables on the model: its features, its performance, what it may be worth."""

from sklearn_orn._validation import name_list
from sklearn_orn.study._numbers import (
    MISSING,
    PART_TITLES,
    decimal,
    interval,
    p_value,
    performance_rows,
    significant,
)
from sklearn_orn.study.report._table import ReportTable, Results, Rows

CRITERIA = {"fisher": "Fisher", "poe_acc": "POE+ACC", "mutual_information": "MI"}
MAX_FEATURES = 15
MAX_NAMED = 6


def steps_table(results: Results) -> ReportTable:
    """Count the features left at each step."""
    return ReportTable(
        "steps",
        "Features left at each step",
        ("Step", "Features#", "How"),
        [[s["name"], str(s["features"]), s["meaning"]] for s in results["features"]],
        "Learnt from the training lesions only.",
    )


def coefficients_table(results: Results) -> ReportTable:
    """Return the features of the score."""
    icc_of = {row["feature"]: row["icc"] for row in results["selection"]["icc"] or []}
    chosen_by = {
        row["feature"]: ", ".join(CRITERIA.get(c, c) for c in row["criteria"])
        for row in results["selection"]["chosen"]
    }
    rows = [
        [
            term["feature"],
            significant(term["coefficient"], 4),
            decimal(term["per_sd"], 3),
            significant(term["mean"], 4),
            significant(term["sd"], 3),
            f"{significant(term['minimum'], 3)} to {significant(term['maximum'], 3)}",
            chosen_by.get(term["feature"], ""),
            *([decimal(icc_of.get(term["feature"]))] if icc_of else []),
        ]
        for term in results["model"].get("coefficients", [])
    ]
    columns = (
        "Feature",
        "Coefficient#",
        "Per SD#",
        "Mean#",
        "SD#",
        "Range#",
        "Chosen by",
    )
    return ReportTable(
        "coefficients",
        "Features of the score",
        (*columns, "ICC#") if icc_of else columns,
        rows,
        "The weightiest first; mean, SD and range in training.",
        names=(0,),
    )


def stability_table(results: Results) -> ReportTable:
    """Return the features selected most often in resamples."""
    found = results["stability"]
    rows, steps = [], []
    if "absent" not in found:
        steps = [row["step"] for row in found["steps"]]
        rows = [
            [
                row["feature"],
                *(f"{decimal(100 * row[step], 0)} %" for step in steps),
            ]
            for row in found["features"][:MAX_FEATURES]
        ]
        rows.append(
            ["Nogueira's index", *(decimal(row["stability"]) for row in found["steps"])]
        )
    heads = {"icc": "ICC", "fcm": "Fisher, POE+ACC, MI", "lasso": "LASSO"}
    return ReportTable(
        "stability",
        "Share of resamples in which a feature passed each step",
        ("Feature", *(f"{heads.get(step, step)}#" for step in steps)),
        rows,
        f"The {MAX_FEATURES} most often selected at most.",
        names=(0,),
    )


def performance_table(results: Results) -> ReportTable:
    """Return the performance of each part."""
    parts = results["parts"]
    split = results["config"]["split"] or results["config"]["date"]
    columns = [""]
    for part in parts:
        columns += [f"{PART_TITLES[part['part']]}", "95 % CI"]
    rows = [
        [
            row["measure"],
            *(text for c in row["cells"] for text in (c["text"], c["interval"])),
        ]
        for row in (performance_rows(parts) if parts else [])
    ]
    how = (
        "The threshold was learnt in training."
        if split
        else "In cross-validation the features, the LASSO and the threshold are learnt "
        "anew from the other folds; the AUC is that of the pooled predictions."
    )
    return ReportTable(
        "performance",
        "Performance of the study",
        tuple(columns),
        rows,
        "95 % intervals count patients, not lesions: the AUC’s from Obuchowski’s "
        "variance (DeLong’s where each patient has one lesion) on the logit scale with "
        "Student’s t, those of calibration from totals by patient, those of "
        f"proportions after Wilson with the effective number of samples. {how}",
    )


def optimism_table(results: Results) -> ReportTable:
    """Return apparent, optimism and corrected performance."""
    found = results["optimism"]
    rows = [
        [
            row["name"],
            decimal(row["apparent"], 3),
            decimal(row["optimism"], 3),
            decimal(row["corrected"], 3),
            interval(row, 3),
        ]
        for row in found.get("measures", [])
    ]
    n = found.get("n_resamples", 0)
    return ReportTable(
        "optimism",
        "Optimism of the training part",
        ("", "Apparent#", "Optimism#", "Corrected#", "95 % CI#"),
        rows,
        f"Harrell’s bootstrap of the whole procedure, {n} resamples of patients.",
    )


def internal_table(results: Results) -> ReportTable:
    """Set the AUCs of all ways to look at the model beside each other."""
    rows: Rows = []
    for part in results["parts"]:
        rows.append(
            [PART_TITLES[part["part"]], decimal(part["auc"]["auc"], 3)]
            + [interval(part["auc"], 3), ""]
        )
    optimism, nested = results["optimism"], results["nested"]
    if "absent" not in optimism:
        auc = next(row for row in optimism["measures"] if row["key"] == "auc")
        how = f"bootstrap, {optimism['n_resamples']} resamples of training"
        rows.insert(
            1,
            [
                "Optimism-corrected",
                decimal(auc["corrected"], 3),
                interval(auc, 3),
                how,
            ],
        )
    if "absent" not in nested:
        how = (
            f"{nested['n_folds']} folds of training by patient, {nested['n_repeats']} "
            "repeats; the median repeat; mean of the folds "
            f"{decimal(nested['mean'], 3)} (SD {decimal(nested['sd'], 3)})"
        )
        rows.insert(
            1 + ("absent" not in optimism),
            ["Nested cross-validation", decimal(nested["auc"], 3)]
            + [interval(nested, 3), how],
        )
    permuted = results["permuted"]
    if "absent" not in permuted:
        how = (
            f"mean of {permuted['n_permutations']} shuffles, SD "
            f"{decimal(permuted['auc_sd'], 3)}; p {p_value(permuted['p_value'])} for "
            f"the cross-validated {decimal(permuted['auc'], 3)}"
        )
        mean = decimal(permuted["auc_mean"], 3)
        rows.append(["Shuffled outcome", mean, MISSING, how])
    return ReportTable(
        "auc",
        "AUC, apparent and honest",
        ("", "AUC#", "95 % CI#", "How"),
        rows,
    )


def models_table(results: Results) -> ReportTable:
    """Return the AUC of each model, and the difference to the study's."""
    found = results["models"]
    against = {
        row["second"]: row
        for row in found.get("comparisons", [])
        if row["first"] == "radiomics"
    }
    rows = []
    for row in found.get("rows", []):
        test = against.get(row["name"])
        rows.append(
            [
                row["name"].capitalize(),
                name_list(row["predictors"], MAX_NAMED),
                decimal(row["auc"], 3),
                interval(row, 3),
                f"{decimal(test['difference'], 3)} ({interval(test, 3)})"
                if test
                else "",
                p_value(test["p_value"]) if test else "",
            ]
        )
    part = PART_TITLES.get(found.get("part", ""), "").lower()
    return ReportTable(
        "models",
        f"Radiomics and simpler models, {part}",
        ("Model", "Of", "AUC#", "95 % CI#", "Radiomics − model#", "p#"),
        rows,
        "Judged on the same lesions; paired differences, by patient.",
    )


def readers_table(results: Results) -> ReportTable:
    """Return the AUC on the outlines of each reader."""
    rows = [
        [
            row["reader"],
            str(row["lesions"]),
            decimal(row["auc"], 3),
            interval(row, 3),
        ]
        for row in results["reader_swap"].get("rows", [])
    ]
    return ReportTable(
        "readers",
        "The same model on the outlines of each reader",
        ("Outlines of", "Lesions#", "AUC#", "95 % CI#"),
        rows,
    )


def sensitivity_table(results: Results) -> ReportTable:
    """Return AUC and selection with other grey-level settings."""
    rows = []
    for row in results["sensitivity"].get("rows", []):
        name = row["normalization"] + (" (the study’s)" if row["own"] else "")
        if "absent" in row:
            rows.append([name, str(row["bits"]), MISSING, MISSING, row["absent"]])
            continue
        selected = name_list(row["selected"], MAX_NAMED) if row["selected"] else MISSING
        auc = decimal(row["auc"], 3)
        rows.append([name, str(row["bits"]), auc, interval(row, 3), selected])
    return ReportTable(
        "sensitivity",
        "Other grey-level settings",
        ("Normalisation", "Bits#", "AUC#", "95 % CI#", "Features selected"),
        rows,
        "Everything measured and learnt anew; the bits are those of co-occurrence and "
        "run lengths.",
    )


def sample_size_table(results: Results) -> ReportTable:
    """Return Riley's criteria."""
    found = results["sample_size"]
    rows = [
        [
            f"{row['candidates']} ({row['candidates_of']})",
            str(row["n_shrinkage"]),
            str(row["n_optimism"]),
            str(row["n_risk"]),
            str(row["n"]),
            decimal(row["shrinkage"]),
        ]
        for row in found.get("riley", [])
    ]
    return ReportTable(
        "sample-size",
        "Patients that a model of this many candidates needs",
        (
            "Candidate features",
            "Shrinkage 0.9#",
            "Optimism 0.05#",
            "Overall risk ± 0.05#",
            "Minimum#",
            "Shrinkage expected here#",
        ),
        rows,
        f"Riley’s criteria for Nagelkerke’s R² {found.get('r2_nagelkerke', 0):g}, "
        "their advice where nothing is known; training has "
        f"{found.get('n', 0)} patients. Features seen by the LASSO were chosen by "
        "the outcome: their number flatters.",
    )
