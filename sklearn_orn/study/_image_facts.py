"""What the report's data say of the images: protocol and readers' overlap."""

from dataclasses import fields

import numpy as np
import pandas as pd

from sklearn_orn._block_names import parse_block
from sklearn_orn.cohort import Cohort
from sklearn_orn.study._records import rows_of
from sklearn_orn.study.results import (
    Images,
    LesionSize,
    Overlap,
    ProtocolValue,
    ReaderPair,
)


def image_facts(cohort: Cohort) -> Images:
    """Return the protocol of the images, the readers' overlap and the lesions' size."""
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
    overlap.insert(0, "lesion", [names[row] for row in overlap.index])
    blocks = [parse_block(name) for name in overlap["reader_1"]]
    overlap.insert(1, "sequence", [block.sequence for block in blocks])
    for column in ("reader_1", "reader_2"):
        overlap[column] = [parse_block(name).reader for name in overlap[column]]
    chosen = "section" in cohort.table.columns
    return Images(
        slice="column section"
        if chosen
        else "the only slice, or the largest ROI area in mm² of the first reader",
        protocol=rows_of(ProtocolValue, protocol_summary(protocol_table(rows))),
        overlap=Overlap(
            n_lesions=len(dice),
            dice_median=float(np.median(dice)) if len(dice) else None,
            dice_min=float(dice.min()) if len(dice) else None,
            dice_max=float(dice.max()) if len(dice) else None,
            pairs=rows_of(ReaderPair, overlap[[f.name for f in fields(ReaderPair)]]),
        ),
        size=lesion_sizes(cohort),
    )


def lesion_sizes(cohort: Cohort) -> LesionSize:
    """Return each lesion's area, mean of its readers: mm² if all spacings are known."""
    pixels, areas = [], []
    for lesion in cohort.lesions():
        regions = list(lesion.read().values())
        counts = np.array([int(region.mask.sum()) for region in regions])
        pixels.append(float(counts.mean()))
        cells = [np.prod(r.spacing) if r.spacing else np.nan for r in regions]
        areas.append(float((counts * np.array(cells, dtype=float)).mean()))
    if np.isfinite(areas).all():
        return LesionSize("area, mm²", tuple(areas))
    return LesionSize("area, pixels", tuple(pixels))
