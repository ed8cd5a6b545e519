"""The tables on who and what was studied: patients, lesions, images."""

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn_orn._validation import name_list
from sklearn_orn.study._numbers import (
    MISSING,
    decimal,
    p_value,
)
from sklearn_orn.study.report._table import ReportTable, Results, Rows

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
MAX_VALUES = 8


def counts_table(results: Results) -> ReportTable:
    """Count lesions and patients by class."""
    rows = [
        [
            row["part"].capitalize(),
            row["label"] + (" (positive)" if row["positive"] else ""),
            str(row["n_lesions"]),
            f"{decimal(100 * row['share'], 1)} %"
            if row["share"] is not None
            else MISSING,
            str(row["n_patients"]),
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
    images = {"protocol": [], "slice": ""} | results["images"]
    return ReportTable(
        "protocol",
        "Protocol of the images",
        ("Item", "Values"),
        protocol_rows(images["protocol"]),
        f"From their headers; lesions in brackets. Measured slice: {images['slice']}.",
    )
