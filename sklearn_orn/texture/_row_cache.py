"""From lesions to rows of features: one at a time, in parallel, from a cache."""

import warnings
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import starmap
from typing import Any, NamedTuple

import joblib
import numpy as np
from sklearn.utils.validation import check_memory

from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn._validation import name_list
from sklearn_orn._workers import KILLED, run_each
from sklearn_orn.exceptions import CohortError, LesionError, StudyWarning
from sklearn_orn.images import Lesion, LesionSequence
from sklearn_orn.images.shared import about
from sklearn_orn.texture._catalogue import FEATURE_VERSION
from sklearn_orn.texture._measuring_plan import Plan

UNNAMED = ""


class LesionRow(NamedTuple):
    """Features of one lesion, reader after reader, and its images' pixel spacings."""

    values: np.ndarray
    spacings: tuple[tuple[float, float], ...]


def measure_lesion(lesion: Lesion, readers: tuple[str, ...], plan: Plan) -> LesionRow:
    """Measure one lesion: the blocks of all readers, NaN where one is absent."""
    from sklearn_orn.texture._measure import measure

    regions = lesion.read()
    if UNNAMED in regions and UNNAMED not in readers:
        regions = {readers[0]: regions[UNNAMED]}
    measured = {}
    for reader, region in regions.items():
        try:
            values = measure(region.image, region.mask, region.window, plan)
        except LesionError as error:
            of_reader = f", reader '{reader}'" if reader else ""
            raise about(lesion, error, of_reader) from None
        measured[reader] = values
    absent = np.full_like(next(iter(measured.values())), np.nan)
    row = np.concatenate([measured.get(reader, absent) for reader in readers])
    spacings = tuple(region.spacing for region in regions.values() if region.spacing)
    return LesionRow(row, spacings)


def _measure_by_key(
    key: Hashable, lesion: Lesion, readers: tuple[str, ...], plan: Plan
) -> LesionRow:
    """Measure a lesion; `key` is what the cache knows it by."""
    return measure_lesion(lesion, readers, plan)


def _measure_or_recall(
    lesion: Lesion,
    readers: tuple[str, ...],
    plan: Plan,
    recall: Callable[..., LesionRow] | None,
    keep_errors: bool,
) -> LesionRow | LesionError:
    try:
        if recall is None:
            return measure_lesion(lesion, readers, plan)
        try:
            # The cache keeps its key as text, and paths may hold names.
            key = joblib.hash((FEATURE_VERSION, *lesion.fingerprint()))
        except OSError:  # a file is missing: reading it says so by name
            return measure_lesion(lesion, readers, plan)
        result: LesionRow = recall(key, lesion, readers, plan)
        return result
    except LesionError as error:
        if not keep_errors:
            raise
        return error


def measure_rows(
    lesions: LesionSequence,
    readers: tuple[str, ...],
    plan: Plan,
    *,
    n_jobs: int | None = None,
    memory: str | joblib.Memory | None = None,
    keep_errors: bool = False,
) -> Iterator[Any]:
    """Measure lesions in order, each by itself.

    With `keep_errors` the LesionError of a lesion takes its place; the others go on.
    """
    recall = None
    if memory is not None:
        recall = check_memory(memory).cache(_measure_by_key, ignore=["lesion"])
    calls = ((x, readers, plan, recall, keep_errors) for x in lesions)
    if joblib.effective_n_jobs(n_jobs) == 1:
        yield from starmap(_measure_or_recall, calls)
        return

    def killed(position: int) -> LesionError:
        error = about(lesions[position], KILLED)
        if not keep_errors:
            raise error
        return error

    yield from run_each(_measure_or_recall, list(calls), n_jobs, killed)


def survey_spacings(lesions: LesionSequence) -> Iterator[tuple[float, float]]:
    """Yield the pixel spacing of each lesion that has one and can be read."""
    for lesion in lesions:
        try:
            spacing = lesion.read_spacing()
        except LesionError:
            continue  # transform says what is wrong with it
        if spacing is not None:
            yield spacing


def warn_mixed_spacing(spacings: Iterable[tuple[float, float]]) -> None:
    """Warn of images that differ in pixel spacing, and name the spacings."""
    counts = Counter((round(rows, 3), round(columns, 3)) for rows, columns in spacings)
    if len(counts) > 1:
        texts = [f"{r:g} x {c:g} mm ({n})" for (r, c), n in counts.most_common()]
        warnings.warn(
            f"The images have {len(counts)} pixel spacings: {name_list(texts)}. "
            "Texture depends on the spacing: put "
            "sklearn_orn.images.Resampler(spacing=...) in front of the Normalizer.",
            StudyWarning,
            stacklevel=4,
        )


def reader_names(lesions: LesionSequence) -> tuple[str, ...]:
    """Readers of a cohort in order of first appearance."""
    names = tuple(dict.fromkeys(r for lesion in lesions for r in lesion.readers))
    if UNNAMED in names and len(names) > 1:
        raise CohortError(
            "Some lesions have an unnamed mask, others the readers "
            f"{name_list(n for n in names if n)}: name all masks or none."
        )
    odd = [name for name in names if SEPARATOR in name]
    if odd:
        raise CohortError(
            f"Reader {name_list(odd)}: a name must not hold {SEPARATOR!r}, which "
            "separates reader and feature in column names. Rename the mask column."
        )
    if not names:
        raise CohortError("No lesion has a mask: at least one reader must have drawn.")
    return names
