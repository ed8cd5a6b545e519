"""The tables of the report: for the page, and as files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

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

CRITERIA = {"fisher": "Fisher", "poe_acc": "POE+ACC", "mutual_information": "MI"}
PROTOCOL = {
    "modality": "Modality",
    "vendor": "Vendor",
    "model": "Scanner",
    "field_strength_T": "Field strength, T",
    "sequence": "Sequence",
    "TR_ms": "TR, ms",
    "TE_ms": "TE, ms",
    "slice_thickness_mm": "Slice thickness, mm",
    "spacing_rows_mm": "Pixel spacing between rows, mm",
    "spacing_columns_mm": "Pixel spacing between columns, mm",
    "matrix": "Matrix",
    "bits_stored": "Bits stored",
    "contrast_agent": "Contrast agent",
}
MAX_FEATURES = 15
MAX_NAMED, MAX_VALUES = 6, 8

Results = Mapping[str, Any]
Rows = list[list[str]]


@dataclass(frozen=True)
class ReportTable:
    """A table of the report.

    Attributes
    ----------
    key : str
        Of the table and its file.
    title, note : str
        Above it.
    columns : tuple of str
        Heads of the columns; one that ends in "#" holds numbers.
    rows : list of list of str
        Cells.
    """

    key: str
    title: str
    columns: tuple[str, ...]
    rows: Rows
    note: str = ""
    names: tuple[int, ...] = field(default=())

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """Head of each column, and whether it holds numbers."""
        return [(head.removesuffix("#"), head.endswith("#")) for head in self.columns]

    def frame(self) -> pd.DataFrame:
        """Return the table as a DataFrame of texts."""
        return pd.DataFrame(self.rows, columns=[head for head, _ in self.heads])


def counts_table(results: Results) -> ReportTable:
    """Count lesions and patients by class."""
    rows = [
        [
            row["part"].capitalize(),
            row["label"] + (" (positive)" if row["positive"] else ""),
            str(row["lesions"]),
            f"{decimal(100 * row['share'], 1)} %"
            if row["share"] is not None
            else MISSING,
            str(row["patients"]),
        ]
        for row in results["cohort"]["counts"]
    ]
    return ReportTable(
        "counts",
        "Lesions and patients by class",
        ("Part", "Class", "Lesions#", "Share#", "Patients#"),
        rows,
    )


def _baseline_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], Rows]:
    labels = list(rows[0]["cells"])
    return labels, [
        [
            f"\N{EM SPACE}{row['level']}"
            if row["level"] is not None
            else row["variable"] + (f" ({row['note']})" if row["note"] else ""),
            *(row["cells"].get(label, "") for label in labels),
            row["test"] or "",
            p_value(row["p_value"]) if row["test"] else "",
            decimal(row["smd"]) if row["smd"] is not None else "",
            _missing(row),
        ]
        for row in rows
    ]


def _missing(row: Mapping[str, Any]) -> str:
    if row["level"] is not None or row["kind"] == "count" or row["missing"] is None:
        return ""
    return str(sum(row["missing"].values()))


def _comparison_table(
    key: str, title: str, rows: Sequence[Mapping[str, Any]], notes: Sequence[str]
) -> ReportTable:
    labels, cells = _baseline_rows(rows)
    columns = ("", *(f"{x}#" for x in labels), "Test", "p#", "SMD#", "Missing#")
    return ReportTable(key, title, columns, cells, " ".join(notes))


def baseline_tables(results: Results) -> list[ReportTable]:
    """Return Table 1: the classes within each part, and the parts."""
    found = results["baseline"]
    if "absent" in found or not results["config"]["clinical"]:
        return []
    tables = [
        _comparison_table(
            f"baseline-{part}",
            "Characteristics by class" + ("" if part == "all" else f", {part} part"),
            rows,
            found["notes"] if i == 0 else (),
        )
        for i, (part, rows) in enumerate(found["by_class"].items())
    ]
    if found["by_part"]:
        title = "Characteristics, training against validation"
        tables.append(_comparison_table("baseline-parts", title, found["by_part"], ()))
    return tables


def location_tables(results: Results) -> list[ReportTable]:
    """Return Table 2: lesions by location."""
    found = results["locations"]
    if "absent" in found:
        return []
    return [
        _comparison_table(
            f"locations-{part}",
            "Lesions by location" + ("" if part == "all" else f", {part} part"),
            rows,
            found["notes"] if i == 0 else (),
        )
        for i, (part, rows) in enumerate(found["by_class"].items())
    ]


def left_out_table(results: Results) -> ReportTable:
    """List the lesions that could not be measured."""
    return ReportTable(
        "left-out",
        "Lesions left out",
        ("Lesion", "Patient", "Reason"),
        [
            [str(row["lesion"]), str(row["patient"] or ""), row["reason"]]
            for row in results["left_out"]
        ],
        "None of these is in any number of this report.",
    )


def protocol_rows(records: Sequence[Mapping[str, Any]]) -> Rows:
    """Return each item of the protocol with its values and their lesions."""
    values: dict[str, list[str]] = {}
    for record in records:
        text = f"{record['value']} ({record['n_lesions']})"
        values.setdefault(PROTOCOL.get(record["item"], record["item"]), []).append(text)
    return [[item, name_list(texts, MAX_VALUES)] for item, texts in values.items()]


def protocol_table(results: Results) -> ReportTable:
    """Return the protocol of the images."""
    images = results["images"] or {"protocol": [], "slice": ""}
    return ReportTable(
        "protocol",
        "Protocol of the images",
        ("Item", "Values"),
        protocol_rows(images["protocol"]),
        f"From their headers; lesions in brackets. Measured slice: {images['slice']}.",
    )


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
        "95 % intervals count patients, not lesions: the AUC’s after Obuchowski "
        "(DeLong’s where each patient has one lesion), those of proportions after "
        f"Wilson with the effective number of samples. {how}",
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


TABLES: tuple[Callable[[Results], ReportTable | list[ReportTable]], ...] = (
    counts_table,
    baseline_tables,
    location_tables,
    left_out_table,
    protocol_table,
    steps_table,
    coefficients_table,
    stability_table,
    performance_table,
    internal_table,
    optimism_table,
    models_table,
    readers_table,
    sensitivity_table,
    sample_size_table,
)


def report_tables(results: Results) -> dict[str, ReportTable]:
    """Return the tables that this study has, in the order of the page.

    Parameters
    ----------
    results : dict
        All numbers of the study, as plain data.

    Returns
    -------
    dict of str to ReportTable
    """
    made: list[ReportTable] = []
    for function in TABLES:
        found = function(results)
        made += found if isinstance(found, list) else [found]
    return {table.key: table for table in made if table.rows}
