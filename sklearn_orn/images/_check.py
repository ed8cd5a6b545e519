"""A whole cohort looked over before anything is measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from sklearn_orn._block_names import IMAGE, block_text, parse_block, region_of
from sklearn_orn._readable import readable
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._arrays import holds_whole_numbers
from sklearn_orn.images._cells import is_missing
from sklearn_orn.images._lesion import Lesion
from sklearn_orn.images._mapped_lesion import unmapped
from sklearn_orn.images._overlap import mask_overlap
from sklearn_orn.images._protocol import protocol_of_sequence, protocol_table
from sklearn_orn.images._readable_lesion import ReadableLesion
from sklearn_orn.images._region import Region
from sklearn_orn.images._sequence import LesionSequence, as_lesions

__all__ = ["CohortReport", "Problem", "check_cohort"]

SAME_FOR_ALL = {
    "modality": "modalities",
    "vendor": "vendors",
    "field_strength_T": "field strengths",
    "sequence": "sequences",
    "spacing": "pixel spacings (mm, rows x columns)",
    "slice_thickness_mm": "slice thicknesses (mm)",
    "bits_stored": "bits stored",
    "contrast_agent": "contrast agents",
}
_SHOWN = 6  # values in one line
_SMALL = 100  # pixels
_MOST = 0.5  # of the image


@dataclass(frozen=True)
class Problem:
    """One finding.

    Attributes
    ----------
    severity : {"error", "warning"}
        An error keeps the lesion out of the study; a warning does not.
    row : hashable or None
        Index label of the lesion, None for the whole table.
    text : str
        What was found, where, and what to do.
    """

    severity: str
    row: Hashable
    text: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.text}"


@readable
@dataclass(frozen=True, eq=False)
class CohortReport:
    """What `check_cohort` found.

    Attributes
    ----------
    problems : tuple of Problem
        Errors in the order of the table, then warnings.
    n_lesions, n_readable : int
        Rows of the table, and those whose image and masks can be measured.
    protocol : DataFrame
        Of `protocol_table`.
    """

    problems: tuple[Problem, ...]
    n_lesions: int
    n_readable: int
    protocol: pd.DataFrame

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Problems that keep a lesion out."""
        return tuple(p for p in self.problems if p.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Problems that do not."""
        return tuple(p for p in self.problems if p.severity == "warning")

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems]
        lines.append(
            f"{self.n_readable} of {self.n_lesions} lesions can be measured; "
            f"{len(self.errors)} errors, {len(self.warnings)} warnings."
        )
        return "\n".join(lines)


class _Seen(NamedTuple):
    """A lesion on one image."""

    row: Hashable
    name: str
    patient: Hashable


def check_cohort(
    cohort: object, *, progress: Callable[[int, int], None] | None = None
) -> CohortReport:
    """Read every lesion of a table, and say what does not fit.

    No feature is computed. Each image and mask is read as the study will read it, so
    an error here is one there.

    Parameters
    ----------
    cohort : DataFrame of paths, or sequence of Lesion
        One row per lesion.
    progress : callable, default=None
        Called with `(done, total)` after each lesion.

    Returns
    -------
    CohortReport
        Printed, it is one line per problem and a summary.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_orn.images import Lesion, check_cohort
    >>> image = np.arange(100).reshape(10, 10)
    >>> report = check_cohort([Lesion(image, image > 5), Lesion(image, image > 99)])
    >>> report.n_lesions, report.n_readable
    (2, 1)
    >>> report.errors[0].row
    1
    """
    lesions = as_lesions(cohort)
    errors: list[tuple[Hashable, str]] = []
    warnings: list[tuple[Hashable, str]] = []
    images: dict[bytes, list[_Seen]] = defaultdict(list)
    notes: dict[str, list[_Seen]] = defaultdict(list)
    whole: dict[str, dict[bool, list[str]]] = {}
    sequences = _sequences(lesions)
    for done, (lesion, row) in enumerate(zip(lesions, lesions.index, strict=True), 1):
        try:
            regions = lesion.read()
        except LesionError as error:
            errors.append((row, str(error)))
        else:
            texts = [*_weak(lesion, regions), *_absent(lesion, sequences)]
            warnings += [(row, text) for text in texts]
            seen = _Seen(row, lesion.name, getattr(unmapped(lesion), "patient", None))
            for note in _notes(lesion):
                notes[note].append(seen)
            for sequence, is_whole in _whole_numbers(regions).items():
                of_unit = whole.setdefault(sequence, defaultdict(list))
                of_unit[is_whole].append(lesion.name)
            for key in {_content(region.image) for region in regions.values()}:
                images[key].append(seen)
        if progress is not None:
            progress(done, len(lesions))
    protocol = protocol_table(lesions)
    warnings += [(None, text) for text in _mixed(lesions, sequences, protocol)]
    alike = [(seen[0].row, seen) for seen in images.values()]
    warnings += [(row, text) for row, seen in alike for text in _duplicates(seen)]
    warnings += [
        (found[0].row, f"{_names([one.name for one in found])}, {note}")
        for note, found in notes.items()
    ]
    units = (_units(*one) for one in whole.items() if len(one[1]) > 1)
    warnings += [(None, text) for text in units]
    problems = [Problem("error", *one) for one in errors]
    problems += [Problem("warning", *one) for one in warnings]
    n_readable = len(lesions) - len(errors)
    return CohortReport(tuple(problems), len(lesions), n_readable, protocol)


def _notes(lesion: ReadableLesion) -> list[str]:
    """Return what the files of a lesion say that is worth a word."""
    given = unmapped(lesion)
    return given.notes() if isinstance(given, Lesion) else []


def _names(names: list[str]) -> str:
    more = f" and {len(names) - 3} more lesions" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _sequences(lesions: Iterable[ReadableLesion]) -> list[str]:
    """Return the sequences of lesions, in order; none where they have no name."""
    found = (parse_block(name).sequence for x in lesions for name in x.readers)
    return [name for name in dict.fromkeys(found) if name not in ("", IMAGE)]


def _absent(lesion: ReadableLesion, sequences: list[str]) -> Iterable[str]:
    """Name the sequences that other lesions have, and this one has not."""
    own = {parse_block(name).sequence for name in lesion.readers}
    absent = [f"'{name}'" for name in sequences if name not in own]
    if absent:
        yield (
            f"{lesion.name}: it has no sequence {', '.join(absent)}, so that its "
            "features there are missing. Add the images, if they were made."
        )


def _whole_numbers(regions: dict[str, Region]) -> dict[str, bool]:
    """Tell for each sequence whether its images hold whole numbers."""
    found: dict[str, bool] = {}
    for name, region in regions.items():
        sequence = parse_block(name).sequence
        found[sequence] = found.get(sequence, True) and holds_whole_numbers(
            region.image
        )
    return found


def _units(sequence: str, whole: dict[bool, list[str]]) -> str:
    of = f"Sequence '{sequence}': " if sequence not in ("", IMAGE) else ""
    return (
        f"{of}{len(whole[False])} images hold fractions ({_names(whole[False])}), "
        f"{len(whole[True])} whole numbers. Fractions have a grey-level window and "
        "histogram features in their own unit: store all images in one unit."
    )


def _content(image: np.ndarray) -> bytes:
    """Identify pixels by their content, whatever file they lie in."""
    import hashlib

    values = np.ascontiguousarray(image)
    key = hashlib.sha256(f"{values.shape}{values.dtype.str}".encode())
    key.update(values.data)
    return key.digest()


def _weak(lesion: ReadableLesion, regions: dict[str, Region]) -> Iterable[str]:
    """Name what is valid, and still not what anybody wanted."""
    for reader, region in regions.items():
        of_reader = f" of {block_text(reader)}" if reader else ""
        inside = region.image[region.mask]
        if inside.size < _SMALL:
            yield (
                f"{lesion.name}: the ROI{of_reader} has {inside.size} pixels; texture "
                f"of fewer than {_SMALL} says little. Check the outline."
            )
        if region.mask.mean() > _MOST:
            yield (
                f"{lesion.name}: the ROI{of_reader} takes up {region.mask.mean():.0%} "
                "of the image. Is the mask inverted, or that of the body? 'path#0' is "
                "what is black in a picture."
            )
        if inside.min() == inside.max():
            yield (
                f"{lesion.name}: the ROI{of_reader} has one grey level. Check that it "
                "lies on tissue."
            )
    for (first, a), (second, b) in pairwise(regions.items()):
        if region_of(first) != region_of(second):
            continue
        one, other = parse_block(first), parse_block(second)
        if a.mask.shape == b.mask.shape and np.array_equal(a.image, b.image):
            overlap = mask_overlap(a.mask, b.mask, None)
            if overlap.dice == 0:
                yield (
                    f"{lesion.name}: the ROIs of readers '{one.reader}' and "
                    f"'{other.reader}' do not overlap"
                    + (f" in sequence '{one.sequence}'" if one.sequence else "")
                    + ". Did they draw the same lesion?"
                )


def remarks_on(
    lesion: ReadableLesion, regions: dict[str, Region]
) -> tuple[list[str], list[str]]:
    """Return what is weak about the outlines of a lesion, and what its files say."""
    return list(_weak(lesion, regions)), _notes(lesion)


def with_spacing(protocol: pd.DataFrame) -> pd.DataFrame:
    """Return a protocol table whose spacing is one column of texts."""
    table = protocol.copy()
    rows, columns = table["spacing_rows_mm"], table["spacing_columns_mm"]
    table["spacing"] = [
        None if pd.isna(row) or pd.isna(column) else f"{row:.3g} x {column:.3g}"
        for row, column in zip(rows, columns, strict=True)
    ]
    return table


def _mixed(
    lesions: LesionSequence, sequences: list[str], protocol: pd.DataFrame
) -> Iterable[str]:
    """Name what is not the same for all, of each sequence where they have names."""
    if not sequences:
        yield from _differing(protocol)
    for sequence in sequences:
        for text in _differing(protocol_of_sequence(lesions, sequence)):
            yield f"Sequence '{sequence}': {text}"


def _differing(protocol: pd.DataFrame) -> Iterable[str]:
    table = with_spacing(protocol)
    for column, what in SAME_FOR_ALL.items():
        counts = table[column].dropna().value_counts()
        if len(counts) > 1:
            shown = [f"{_value(v)} ({n})" for v, n in counts.head(_SHOWN).items()]
            more = f", and {len(counts) - _SHOWN} more" if len(counts) > _SHOWN else ""
            yield f"{len(counts)} {what}: {', '.join(shown)}{more}."


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _duplicates(seen: list[_Seen]) -> Iterable[str]:
    patients = {one.patient for one in seen if not is_missing(one.patient)}
    if len(patients) > 1:
        names = ", ".join(f"{one.name} of patient {one.patient!r}" for one in seen)
        yield (
            f"the same image stands under {len(patients)} patients: {names}. One of "
            "them is a copy by mistake, or a split would see it twice."
        )
