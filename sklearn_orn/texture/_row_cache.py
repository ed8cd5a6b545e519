"""From lesions to rows of features: one at a time, in parallel, from a cache."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import starmap
from typing import Any, NamedTuple

import joblib
import numpy as np
from sklearn.utils.validation import check_memory

from sklearn_orn._block_names import block_text
from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn._study_warnings import warn
from sklearn_orn._validation import name_list
from sklearn_orn._workers import KILLED, run_each
from sklearn_orn.exceptions import CohortError, LesionError
from sklearn_orn.images import Lesion, LesionSequence, Region
from sklearn_orn.images.shared import (
    AnyLesion,
    MappedLesion,
    about,
    check_returned_of,
)
from sklearn_orn.texture._catalogue import FEATURE_VERSION
from sklearn_orn.texture._measuring_plan import Plan
from sklearn_orn.texture._row_store import (
    CacheTrouble,
    LesionRow,
    RowStore,
    row_store,
)

UNNAMED = ""


class _Found(NamedTuple):
    """A row, or the error of its lesion; and what is wrong with the cache."""

    row: LesionRow | LesionError
    trouble: str | None = None


def measure_lesion(
    lesion: AnyLesion, readers: tuple[str, ...], plan: Plan
) -> LesionRow:
    """Measure one lesion: the blocks of all readers, NaN where one is absent."""
    from sklearn_orn.texture._measure import measure

    regions = _regions(lesion)
    if UNNAMED in regions and UNNAMED not in readers:
        regions = {readers[0]: regions[UNNAMED]}
    measured = {}
    for reader, region in regions.items():
        try:
            values = measure(region.image, region.mask, region.window, plan)
        except LesionError as error:
            of_reader = f", {block_text(reader)}" if reader else ""
            raise about(lesion, error, of_reader) from None
        measured[reader] = values
    absent = np.full_like(next(iter(measured.values())), np.nan)
    row = np.concatenate([measured.get(reader, absent) for reader in readers])
    spacings = tuple(region.spacing for region in regions.values() if region.spacing)
    return LesionRow(row, spacings)


def _regions(lesion: AnyLesion) -> dict[str, Region]:
    """Read a lesion; one of a user's own kind is checked here, the others were."""
    regions = lesion.read()
    if not isinstance(lesion, Lesion | MappedLesion):
        made = f"made by {type(lesion).__name__}"
        for reader, region in regions.items():
            of_reader = f", {block_text(reader)}" if reader else ""
            check_returned_of(lesion, region, f"{of_reader}, {made}")
    return regions


def _measure_by_key(
    key: Hashable, lesion: AnyLesion, readers: tuple[str, ...], plan: Plan
) -> LesionRow:
    """Measure a lesion; `key` is what a cache of another kind knows it by."""
    return measure_lesion(lesion, readers, plan)


def _measure_or_recall(
    lesion: AnyLesion,
    readers: tuple[str, ...],
    plan: Plan,
    store: RowStore | None,
    recall: Callable[..., LesionRow] | None,
    keep_errors: bool,
) -> _Found:
    try:
        if store is None and recall is None:
            return _Found(measure_lesion(lesion, readers, plan))
        try:
            # Paths may hold names: the cache knows a hash of them alone.
            key = joblib.hash((FEATURE_VERSION, *lesion.fingerprint()))
        except OSError:  # a file is missing: reading it says so by name
            return _Found(measure_lesion(lesion, readers, plan))
        if store is not None:
            return _stored(key, lesion, readers, plan, store)
        assert recall is not None
        return _Found(recall(key, lesion, readers, plan))
    except LesionError as error:
        if not keep_errors:
            raise
        return _Found(error)


def _stored(
    key: str, lesion: AnyLesion, readers: tuple[str, ...], plan: Plan, store: RowStore
) -> _Found:
    """Load a row, or measure and keep it; the cache being in trouble changes no row."""
    key, trouble = joblib.hash((key, readers, plan)), None
    try:
        if (row := store.load(key)) is not None:
            return _Found(row)
    except CacheTrouble as error:
        trouble = str(error)
    row = measure_lesion(lesion, readers, plan)
    try:
        store.save(key, row)
    except CacheTrouble as error:
        trouble = str(error)
    return _Found(row, trouble)


def _opened(
    memory: object,
) -> tuple[RowStore | None, Callable[..., LesionRow] | None, set[str]]:
    """Return the store of a folder, or what recalls from another kind of cache."""
    store = row_store(memory)
    if store is None:
        other = None if memory is None else check_memory(memory)
        recall = other and other.cache(_measure_by_key, ignore=["lesion"])
        return None, recall, set()
    try:
        store.prepare()
    except CacheTrouble as error:
        return None, None, {str(error)}
    return store, None, set()


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
    What is wrong with the cache is said once, when all are measured.
    """
    store, recall, troubles = _opened(memory)
    calls = [(x, readers, plan, store, recall, keep_errors) for x in lesions]

    def killed(position: int) -> _Found:
        error = about(lesions[position], KILLED)
        if not keep_errors:
            raise error
        return _Found(error)

    if joblib.effective_n_jobs(n_jobs) == 1:
        found: Iterator[_Found] = starmap(_measure_or_recall, calls)
    else:
        found = run_each(_measure_or_recall, calls, n_jobs, killed)
    for row, trouble in found:
        yield row
        if trouble is not None:
            troubles.add(trouble)
    for text in sorted(troubles):
        warn(text, "ORN016", stacklevel=3)


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
        warn(
            f"The images have {len(counts)} pixel spacings: {name_list(texts)}. "
            "Texture depends on the spacing: put "
            "sklearn_orn.images.Resampler(spacing=...) in front of the Normalizer.",
            "ORN015",
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
