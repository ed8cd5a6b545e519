"""Files that change while a study runs: their hashes are not those of what was read."""

from dataclasses import replace

import numpy as np

from sklearn_orn.cohort import Cohort
from sklearn_orn.exceptions import CohortError
from sklearn_orn.images.shared import fingerprint_of
from sklearn_orn.study._extraction import Extraction, rows_left_out

CHANGED = (
    "an image or an outline changed while the study ran, so that its features may be "
    "of neither version. Run the study again when nothing writes to the files."
)


def file_stamps(cohort: Cohort) -> list[object]:
    """Return path, size and time of change of each lesion's files, None without one."""
    stamps: list[object] = []
    for lesion in cohort.lesions():
        try:
            stamps.append(fingerprint_of(lesion))
        except (OSError, ValueError):  # it is left out, with the reason
            stamps.append(None)
    return stamps


def without_changed(
    cohort: Cohort, extraction: Extraction, before: list[object]
) -> Extraction:
    """Leave out the lesions whose files changed since `file_stamps`."""
    pairs = zip(before, file_stamps(cohort), strict=True)
    changed = np.array([old != new for old, new in pairs], dtype=bool)
    changed &= extraction.measured
    if not changed.any():
        return extraction
    names = cohort.names
    left_out = {lesion.lesion: lesion for lesion in extraction.left_out}
    gone = rows_left_out(
        names, cohort.patients, changed, lambda i: f"lesion {names[i]!r}: {CHANGED}"
    )
    left_out |= {lesion.lesion: lesion for lesion in gone}
    measured = extraction.measured & ~changed
    if not measured.any():
        raise CohortError(f"no lesion is left: {CHANGED}")
    return replace(
        extraction,
        features=extraction.features[measured[extraction.measured]],
        measured=measured,
        left_out=tuple(left_out[name] for name in names if name in left_out),
    )
