"""The tables on the model: its features, its performance, what it may be worth."""

from collections.abc import Mapping
from typing import Any

from sklearn_orn._validation import name_list
from sklearn_orn.study._auc_rows import auc_rows
from sklearn_orn.study._numbers import (
    MISSING,
    PART_TITLES,
    decimal,
    interval,
    limits,
    p_value,
    performance_rows,
    significant,
)
from sklearn_orn.study.methods._facts import Facts
from sklearn_orn.study.methods._phrases_evaluation import choice_words
from sklearn_orn.study.methods._phrases_model import clinical_missing_sentence
from sklearn_orn.study.methods._references import without_citations
from sklearn_orn.study.report._table import ReportTable
from sklearn_orn.study.results import Results

CRITERIA = {"fisher": "Fisher", "poe_acc": "POE+ACC", "mutual_information": "MI"}
MAX_FEATURES = 15
MAX_NAMED = 6


def steps_table(results: Mapping[str, Any]) -> ReportTable:
    """Count the features left at each step."""
    return ReportTable(
        "steps",
        "Features left at each step",
        ("Step", "Features#", "How"),
        [[s["name"], str(s["n_features"]), s["meaning"]] for s in results["features"]],
        "Learnt from the training lesions only.",
    )


def coefficients_table(results: Mapping[str, Any]) -> ReportTable:
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


def stability_table(results: Mapping[str, Any]) -> ReportTable:
    """Return the features selected most often in resamples."""
    found = results["stability"]
    rows, steps = [], []
    if "absent" not in found:
        steps = [row["step"] for row in found["steps"]]
        rows = [
            [
                row["feature"],
                *(f"{decimal(100 * row['steps'][step], 0)} %" for step in steps),
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


def performance_table(results: Mapping[str, Any]) -> ReportTable:
    """Return the performance of each part."""
    parts = Results.from_plain(results).parts[::-1]  # the one to quote first
    split = results["config"]["split"] or results["config"]["date"]
    columns = [""]
    for part in parts:
        columns += [PART_TITLES[part.part], "95 % CI"]
    rows = [
        [
            row.name,
            *(text for cell in row.cells for text in (cell.text, cell.interval)),
        ]
        for row in (performance_rows(parts) if parts else [])
    ]
    how = (
        "The threshold was learnt in training."
        if split
        else "In cross-validation the features, the LASSO and the threshold are learnt "
        "anew from the other folds; the AUC is that of the pooled predictions, a "
        "little low, and its interval takes the models of the folds for one: quote "
        "nested cross-validation."
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


def optimism_table(results: Mapping[str, Any]) -> ReportTable:
    """Return each measure in training, on patients not drawn, and corrected."""
    found = results["optimism"]
    columns = ("apparent", "out_of_bag", "plus_632", "corrected")
    rows = [
        [row["name"], *(decimal(row[column], 3) for column in columns)]
        for row in found.get("measures", [])
    ]
    n = found.get("n_resamples", 0)
    return ReportTable(
        "optimism",
        "What the bootstrap leaves of the training performance",
        ("", "Apparent#", "Out-of-bag#", ".632+#", "Harrell’s correction#"),
        rows,
        f"The whole procedure on {n} resamples of patients. Out-of-bag: judged on the "
        "patients that were not drawn. .632+: weighs it against the apparent value by "
        "how much the procedure overfits. Harrell’s (rms’s validate) judges on all "
        "patients, of whom 63 % have trained the resampled model: after a selection "
        "among many features it stays too good, on noise as well.",
    )


def internal_table(results: Mapping[str, Any]) -> ReportTable:
    """Set the AUCs of all ways to look at the model beside each other."""
    return ReportTable(
        "auc",
        "The AUC by every way to judge it, what may be quoted first",
        ("", "AUC#", "95 % CI#", "How"),
        [
            [row.title, decimal(row.auc, 3), limits(row, 3), row.how]
            for row in auc_rows(Results.from_plain(results))
        ],
    )


def instability_table(results: Mapping[str, Any]) -> ReportTable:
    """Return what the resampled models say of each lesion."""
    found = results["optimism"].get("instability", {}).get("lesions", {})
    keys = ("lesion", "probability", "lower", "upper", "mape", "changed")
    rows = [
        [str(lesion), decimal(proba, 3), f"{decimal(low, 3)} to {decimal(high, 3)}"]
        + [decimal(mape, 3), f"{decimal(100 * changed, 0)} %"]
        for lesion, proba, low, high, mape, changed in zip(
            *(found.get(key, ()) for key in keys), strict=True
        )
    ]
    return ReportTable(
        "instability",
        "Instability of the prediction for each lesion of training",
        ("Lesion", "Probability#", "95 % of the refits#", "MAPE#", "Class changes#"),
        rows,
        "MAPE: mean absolute prediction error, the mean distance of the resampled "
        "models’ probabilities from the model’s.",
        names=(0,),
    )


def models_table(results: Mapping[str, Any]) -> ReportTable:
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
    missing = without_citations(clinical_missing_sentence(Facts(results)))
    missing = f" {missing}" if missing else ""
    return ReportTable(
        "models",
        f"Radiomics and simpler models, {part}",
        ("Model", "Of", "AUC#", "95 % CI#", "Radiomics − model#", "p#"),
        rows,
        f"Judged on the same lesions; paired differences, by patient.{missing}",
    )


def readers_table(results: Mapping[str, Any]) -> ReportTable:
    """Return the AUC on the outlines of each reader."""
    rows = [
        [
            row["reader"],
            str(row["n_lesions"]),
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


def sensitivity_table(results: Mapping[str, Any]) -> ReportTable:
    """Return AUC and selection with other grey-level settings."""
    rows = []
    held_out = any(part["part"] == "validation" for part in results["parts"])
    for row in results["sensitivity"].get("rows", []):
        name = row["normalization"] + (" (the study’s)" if row["own"] else "")
        found = row["result"]
        if "absent" in found:
            rows.append([name, str(row["bits"]), MISSING, MISSING, found["absent"]])
            continue
        selected = MISSING
        if found["selected"]:
            selected = name_list(found["selected"], MAX_NAMED)
        auc = decimal(found["auc"], 3)
        rows.append([name, str(row["bits"]), auc, interval(found, 3), selected])
    return ReportTable(
        "sensitivity",
        "Other grey-level settings",
        ("Normalisation", "Bits#", "AUC#", "95 % CI#", "Features selected"),
        rows,
        "Everything measured and learnt anew; the bits are those of co-occurrence and "
        f"run lengths. {choice_words(held_out)}",
    )


def sample_size_table(results: Mapping[str, Any]) -> ReportTable:
    """Return Riley's criteria."""
    found = results["sample_size"]
    rows = [
        [
            f"{row['n_candidates']} ({row['candidates_of']})",
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
        f"{found.get('n_patients', 0)} patients. Features seen by the LASSO were "
        "chosen by the outcome: their number flatters.",
    )
