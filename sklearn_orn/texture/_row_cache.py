"""From lesions to rows of features: one at a time, in parallel, from a cache."""

from collections import Counter
from collections.abc import (
    Callable,
    Generator,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import starmap
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import joblib
import numpy as np
from sklearn.utils.validation import check_memory

from sklearn_orn._block_names import IMAGE, block_text, parse_block, region_of
from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn._study_warnings import warn
from sklearn_orn._validation import name_list
from sklearn_orn._workers import KILLED, run_each
from sklearn_orn.exceptions import CohortError, LesionError
from sklearn_orn.images import Lesion, LesionSequence, Region
from sklearn_orn.images.shared import (
    MappedLesion,
    ReadableLesion,
    about,
    check_returned_of,
    fingerprint_of,
    spacing_of,
)
from sklearn_orn.texture._catalogue import FEATURE_VERSION
from sklearn_orn.texture._measuring_plan import Plan
from sklearn_orn.texture._row_store import (
    BLOCK,
    ROW,
    CacheTrouble,
    LesionRow,
    RowStore,
    row_store,
)

if TYPE_CHECKING:
    from sklearn_orn.texture._quantize import GreyScale

UNNAMED = ""
Spacing: TypeAlias = tuple[str, tuple[float, float]]  # of a sequence, in mm
Rows: TypeAlias = Generator[LesionRow | LesionError, None, None]
Scales: TypeAlias = "dict[int, GreyScale]"  # of a lesion's images, by their identity
_SURVEYED = ContextVar("surveyed", default=False)


class _Found(NamedTuple):
    """A row, or the error of its lesion; and what is wrong with the cache."""

    row: LesionRow | LesionError
    trouble: str | None = None


def _measure_block(region: Region, plan: Plan, scales: Scales) -> np.ndarray:
    from sklearn_orn.texture._measure import measure
    from sklearn_orn.texture._quantize import grey_scale

    if (scale := scales.get(id(region.image))) is None:
        scale = scales[id(region.image)] = grey_scale(region.image)
    return measure(region, plan, scale)


class _Kept:
    """Rows and blocks of a store; its being in trouble costs time, and changes none."""

    def __init__(self, store: RowStore) -> None:
        self.store = store
        self.trouble: str | None = None

    def row(self, key: str, make: Callable[[], LesionRow], file: str) -> LesionRow:
        """Load a row, or measure and keep it."""
        try:
            if (found := self.store.load(key, file)) is not None:
                return found
        except CacheTrouble as error:
            self.trouble = str(error)
        row = make()
        try:
            self.store.save(key, row, file)
        except CacheTrouble as error:
            self.trouble = str(error)
        return row

    def block(self, region: Region, plan: Plan, scales: Scales) -> np.ndarray:
        """Recall a block, whatever other regions or sequences are measured with it."""
        what = (FEATURE_VERSION, region.image, region.mask, region.window, plan)
        return self.row(
            joblib.hash(what),
            lambda: LesionRow(_measure_block(region, plan, scales), ()),
            BLOCK,
        ).values


def measure_lesion(
    lesion: ReadableLesion,
    readers: tuple[str, ...],
    plan: Plan,
    block: Callable[[Region, Plan, Scales], np.ndarray] = _measure_block,
) -> LesionRow:
    """Measure one lesion: the blocks of all readers, NaN where one is absent."""
    regions = {
        place_of(name, readers): region for name, region in _regions(lesion).items()
    }
    measured = {}
    scales: Scales = {}  # whole images are read for them, once each
    for reader, region in regions.items():
        try:
            measured[reader] = block(region, plan, scales)
        except LesionError as error:
            of_reader = f", {block_text(reader)}" if reader else ""
            raise about(lesion, error, of_reader) from None
    absent = np.full_like(next(iter(measured.values())), np.nan)
    row = np.concatenate([measured.get(reader, absent) for reader in readers])
    return LesionRow(row, _spacings(regions, readers))


def place_of(name: str, known: Sequence[str]) -> str:
    """Return the block that is filled: an unnamed mask is the first reader's."""
    if parse_block(name).reader or name in known:
        return name
    return next((other for other in known if region_of(other) == name), name)


def _spacings(
    regions: Mapping[str, Region], readers: tuple[str, ...]
) -> tuple[tuple[float, float], ...]:
    """Return the pixel spacings; of several sequences one for each block, or NaN."""
    if not any(parse_block(reader).sequence for reader in readers):
        return tuple(region.spacing for region in regions.values() if region.spacing)
    of_blocks = (regions[name].spacing if name in regions else None for name in readers)
    return tuple(spacing or (np.nan, np.nan) for spacing in of_blocks)


def _regions(lesion: ReadableLesion) -> dict[str, Region]:
    """Read a lesion; one of a user's own kind is checked here, the others were."""
    regions = lesion.read()
    if not isinstance(lesion, Lesion | MappedLesion):
        made = f"made by {type(lesion).__name__}"
        for reader, region in regions.items():
            of_reader = f", {block_text(reader)}" if reader else ""
            check_returned_of(lesion, region, f"{of_reader}, {made}")
    return regions


def _measure_by_key(
    key: Hashable, lesion: ReadableLesion, readers: tuple[str, ...], plan: Plan
) -> LesionRow:
    """Measure a lesion; `key` is what a cache of another kind knows it by."""
    return measure_lesion(lesion, readers, plan)


def _measure_or_recall(
    lesion: ReadableLesion,
    readers: tuple[str, ...],
    plan: Plan,
    store: RowStore | None,
    recall: Callable[..., LesionRow] | None,
) -> _Found:
    try:
        if store is None and recall is None:
            return _Found(measure_lesion(lesion, readers, plan))
        try:
            # Paths may hold names: the cache knows a hash of them alone.
            key = joblib.hash((FEATURE_VERSION, *fingerprint_of(lesion)))
        except OSError:  # a file is missing: reading it says so by name
            return _Found(measure_lesion(lesion, readers, plan))
        if recall is not None:
            return _Found(recall(key, lesion, readers, plan))
        assert store is not None
        kept = _Kept(store)
        row = kept.row(
            joblib.hash((key, readers, plan)),
            lambda: measure_lesion(lesion, readers, plan, kept.block),
            ROW,
        )
        return _Found(row, kept.trouble)
    except LesionError as error:
        return _Found(error)


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
) -> Rows:
    """Measure lesions in order, each by itself; of one that fails yield the error.

    What is wrong with the cache is said once, when all are measured.
    """
    store, recall, troubles = _opened(memory)
    calls = [(x, readers, plan, store, recall) for x in lesions]

    def killed(position: int) -> _Found:
        return _Found(about(lesions[position], KILLED))

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


@contextmanager
def surveyed() -> Iterator[None]:
    """Fit within it to lesions that were fitted before: no header is read again."""
    token = _SURVEYED.set(True)
    try:
        yield
    finally:
        _SURVEYED.reset(token)


def survey_spacings(lesions: LesionSequence) -> Iterator[Spacing]:
    """Yield the first pixel spacing of each lesion that has one and can be read."""
    for lesion in () if _SURVEYED.get() else lesions:
        try:
            spacing = spacing_of(lesion)
        except LesionError:
            continue  # transform says what is wrong with it
        if spacing is not None and lesion.readers:
            yield parse_block(lesion.readers[0]).sequence, spacing


def row_spacings(
    rows: Iterable[LesionRow], readers: tuple[str, ...]
) -> Iterator[Spacing]:
    """Yield the pixel spacings of rows, of which each block of a sequence has one."""
    sequences = [parse_block(reader).sequence for reader in readers]
    for row in rows:
        if not any(sequences):
            yield from (("", spacing) for spacing in row.spacings)
            continue
        for sequence, spacing in zip(sequences, row.spacings, strict=True):
            if not np.isnan(spacing).any():
                yield sequence, spacing


def warn_mixed_spacing(spacings: Iterable[Spacing]) -> None:
    """Warn of images of a sequence that differ in pixel spacing, and name these."""
    counts: dict[str, Counter[tuple[float, float]]] = {}
    for sequence, (rows, columns) in spacings:
        pair = round(rows, 3), round(columns, 3)
        counts.setdefault(sequence, Counter())[pair] += 1
    for sequence, of_sequence in counts.items():
        if len(of_sequence) < 2:
            continue
        texts = [f"{r:g} x {c:g} mm ({n})" for (r, c), n in of_sequence.most_common()]
        of = f" of sequence {sequence!r}" if sequence not in ("", IMAGE) else ""
        warn(
            f"The images{of} have {len(of_sequence)} pixel spacings: "
            f"{name_list(texts)}. Texture depends on the spacing: put "
            "sklearn_orn.images.Resampler(spacing=...) in front of the Normalizer.",
            "ORN015",
            stacklevel=4,
        )


def check_blocks(lesion: ReadableLesion, known: tuple[str, ...]) -> None:
    """Refuse a lesion with a reader or sequence that was not there in fitting."""
    unknown = {name for name in lesion.readers if place_of(name, known) not in known}
    if unknown:
        named = [name or "without a name" for name in sorted(unknown)]
        raise CohortError(
            f"{lesion.name} has the reader {name_list(named)}, "
            "which fit did not see: it saw "
            f"{name_list(repr(reader) for reader in known)}. Rename "
            "the mask column, or leave the name out (column 'mask')."
        )
    for region, names in _by_region(lesion.readers).items():
        if region in names and len(names) > 1:
            raise LesionError(
                f"{lesion.name} has an unnamed mask beside named ones "
                f"({name_list(lesion.readers)}): name all of them."
            )


def reader_names(lesions: LesionSequence) -> tuple[str, ...]:
    """Readers of a cohort in order of first appearance."""
    names = tuple(dict.fromkeys(r for lesion in lesions for r in lesion.readers))
    for region, of_region in _by_region(names).items():
        if region in of_region and len(of_region) > 1:
            raise CohortError(
                "Some lesions have an unnamed mask, others the readers "
                f"{name_list(n for n in of_region if n != region)}: name all masks or "
                "none."
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


def _by_region(names: Iterable[str]) -> dict[str, list[str]]:
    """Sort blocks by their sequence and region; these alone are unnamed masks."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(region_of(name), []).append(name)
    return found
