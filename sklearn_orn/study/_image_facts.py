"""What the report's data say of the images: protocol and readers' overlap."""

from typing import Any

import numpy as np
import pandas as pd

from sklearn_orn.cohort import Cohort


def image_facts(cohort: Cohort) -> dict[str, Any]:
    """Return the protocol of the images and the overlap of the readers.

    Parameters
    ----------
    cohort : Cohort
        The measured lesions.

    Returns
    -------
    dict
        ``slice`` (which slice is measured), ``protocol`` (one record for each value
        of each item, with its number of lesions) and ``overlap`` (summary and one
        record for each lesion and pair of readers).
    """
    from sklearn_orn.images import (
        LesionSequence,
        protocol_summary,
        protocol_table,
        reader_overlap,
    )

    rows = LesionSequence(cohort.lesions(), pd.RangeIndex(len(cohort)))
    overlap = reader_overlap(rows)
    dice = overlap["dice"].to_numpy(dtype=float)
    names = cohort.names
    records = overlap.to_dict(orient="records")
    summary: dict[str, Any] = {"lesions": len(dice)}
    if len(dice):
        summary |= {
            "dice_median": float(np.median(dice)),
            "dice_min": float(dice.min()),
            "dice_max": float(dice.max()),
        }
    chosen = "section" in cohort.table.columns
    return {
        "slice": "column section"
        if chosen
        else "the only slice, or the largest ROI area in mm² of the first reader",
        "protocol": protocol_summary(protocol_table(rows)).to_dict(orient="records"),
        "overlap": summary
        | {
            "pairs": [
                {"lesion": names[row], **record}
                for row, record in zip(overlap.index, records, strict=True)
            ]
        },
    }


def lesion_sizes(cohort: Cohort) -> dict[str, Any]:
    """Return the area inside the outlines of each lesion, the mean over the readers.

    In mm² where all images say how large a pixel is, otherwise in pixels.
    """
    pixels, areas = [], []
    for lesion in cohort.lesions():
        regions = list(lesion.read().values())
        counts = np.array([int(region.mask.sum()) for region in regions])
        pixels.append(float(counts.mean()))
        cells = [np.prod(r.spacing) if r.spacing else np.nan for r in regions]
        areas.append(float((counts * np.array(cells, dtype=float)).mean()))
    if np.isfinite(areas).all():
        return {"name": "area, mm²", "values": areas}
    return {"name": "area, pixels", "values": pixels}
