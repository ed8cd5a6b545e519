"""What the report's data say of the images: protocol and readers' overlap."""

from collections.abc import Collection, Sequence
from dataclasses import fields

import numpy as np
import pandas as pd
from joblib import delayed

from sklearn_orn._block_names import parse_block
from sklearn_orn._workers import in_workers
from sklearn_orn.images import Region
from sklearn_orn.images.shared import ReadableLesion
from sklearn_orn.study._extraction import caught_warnings
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._records import rows_of
from sklearn_orn.study.results import (
    Images,
    LesionSize,
    Overlap,
    ProtocolValue,
    ReaderPair,
)


def image_facts(study: Study) -> Images:
    """Return the protocol of the images, the readers' overlap and the lesions' size."""
    from sklearn_orn.images import protocol_summary
    from sklearn_orn.images.shared import OVERLAP_COLUMNS

    cohort, protocol, pairs, sizes = study.cohort, study.protocol, [], []
    assert protocol is not None
    each = in_workers(study.config.n_jobs)
    outlines = each(delayed(_outlines)(lesion) for lesion in cohort.lesions())
    for name, (size, overlaps) in zip(cohort.names, outlines, strict=True):
        sizes.append(size)
        for pair in overlaps:
            one, other = (parse_block(str(pair[f"reader_{i}"])) for i in (1, 2))
            readers = {"reader_1": one.reader, "reader_2": other.reader}
            pairs.append({"lesion": name, "sequence": one.sequence, **pair, **readers})
    overlap = pd.DataFrame(pairs, columns=["lesion", "sequence", *OVERLAP_COLUMNS])
    dice = overlap["dice"].to_numpy(dtype=float)
    chosen = "section" in cohort.table.columns
    return Images(
        slice="column section"
        if chosen
        else "the only slice, or the largest ROI area in mm² of the first reader",
        protocol=rows_of(ProtocolValue, protocol_summary(protocol)),
        overlap=Overlap(
            n_lesions=len(dice),
            dice_median=float(np.median(dice)) if len(dice) else None,
            dice_min=float(dice.min()) if len(dice) else None,
            dice_max=float(dice.max()) if len(dice) else None,
            pairs=rows_of(ReaderPair, overlap[[f.name for f in fields(ReaderPair)]]),
        ),
        size=lesion_sizes(sizes),
    )


def _outlines(
    lesion: ReadableLesion,
) -> tuple[tuple[float, float], list[dict[str, str | float]]]:
    """Return the size of a lesion, and how far its readers agree."""
    from sklearn_orn.images.shared import overlaps_of

    with caught_warnings():  # they were noted when it was measured
        regions = lesion.read()
    return _size(regions.values()), overlaps_of(regions)


def lesion_sizes(sizes: Sequence[tuple[float, float]]) -> LesionSize:
    """Return the area of each lesion: in mm² if all spacings are known."""
    pixels, areas = zip(*sizes, strict=True)
    if np.isfinite(areas).all():
        return LesionSize("area, mm²", areas)
    return LesionSize("area, pixels", pixels)


def _size(regions: Collection[Region]) -> tuple[float, float]:
    """Return the pixels and the area in mm² of a lesion, mean of its readers."""
    counts = np.array([int(region.mask.sum()) for region in regions])
    cells = [np.prod(r.spacing) if r.spacing else np.nan for r in regions]
    areas = counts * np.array(cells, dtype=float)
    return float(counts.mean()), float(areas.mean())
