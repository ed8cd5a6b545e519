"""The ROIs of all joined files: which are lesions, and where each lies."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sklearn_orn._workers import in_workers
from sklearn_orn.collect._drawn_on import Joined, Outlines
from sklearn_orn.collect._headers import DicomOutlines, PictureFile, reason_of
from sklearn_orn.collect._series import FoundImage, holds
from sklearn_orn.collect._settings import Choices, listed
from sklearn_orn.collect._spelling import plain, words_of
from sklearn_orn.collect._walk import Unused
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images.shared import FoundRoi, find_rois

_FEW = 8
# What a radiotherapist draws beside the lesion.
_NO_LESION = re.compile(
    r"\b(?:body|external|skin|haut|couch|bolus|cord|myelon|brain ?stem|hirn\w*|"
    r"parotis|parotid|lens|linse|chiasm\w*|optic\w*|larynx|oesophagus|esophagus|heart|"
    r"lungs?|lunge|liver|leber|kidneys?|niere|bladder|rectum|ptv\w*|ctv\w*|dose|iso"
    r"cent\w*|ring|marker|fiducial\w*|background|hintergrund)\b"
)


@dataclass(eq=False)
class Drawing:
    """One ROI of one file, on one image."""

    path: Path
    roi: FoundRoi
    image: FoundImage
    words: frozenset[str]  # of the path
    roi_words: frozenset[str]
    observer: str = ""
    reader: str = ""
    linked: Path | None = None  # where it was arranged

    @property
    def cell(self) -> str:
        """What the table holds, but for the folder: the file and its ROI."""
        path = self.linked or self.path
        return f"{path}#{self.roi.choice}" if self.roi.choice else str(path)


def overlap(first: Drawing, second: Drawing) -> float:
    """Return which share of the smaller box of two ROIs lies in the other.

    1 where no place is known: pictures of one slice.
    """
    if first.roi.box is None or second.roi.box is None:
        return 1.0
    shared, sizes = 1.0, [1.0, 1.0]
    for axis in range(3):
        ends = [(d.roi.box[0][axis], d.roi.box[1][axis]) for d in (first, second)]  # type: ignore[index]
        low, high = max(e[0] for e in ends), min(e[1] for e in ends)
        lengths = [max(e[1] - e[0], 0.1) for e in ends]
        shared *= max(high - low, 0.1 if high >= low else 0.0)
        sizes = [size * length for size, length in zip(sizes, lengths, strict=True)]
    return min(shared / min(sizes), 1.0)


def list_drawings(
    joined: Sequence[Joined],
    root: Path,
    choices: Choices,
    n_jobs: int | None,
    progress: Callable[[int, int], object],
) -> tuple[list[Drawing], list[Unused], list[str]]:
    """Return the ROIs that are lesions, what is left out, and what was guessed."""
    from joblib import delayed

    headers = [one.header for one in joined]
    found: Iterable[list[FoundRoi] | str]
    found = in_workers(1 if len(headers) < _FEW else n_jobs)(
        delayed(_found)(header) for header in headers
    )
    drawings: list[Drawing] = []
    left: list[Unused] = []
    dropped: Counter[str] = Counter()
    for number, (one, rois) in enumerate(zip(joined, found, strict=True), 1):
        progress(number, len(headers))
        path = one.header.path
        if isinstance(rois, str):
            left.append(Unused(path, "outline", rois))
            continue
        kept = [roi for roi in rois if _is_lesion(roi, choices, dropped)]
        if not kept:
            what = "none of its ROIs is chosen" if rois else "nothing is drawn in it"
            left.append(Unused(path, "outline", what))
        for roi in kept:
            assert one.image is not None
            if roi.box is not None and not holds(one.image, roi.box):
                reason = "an ROI of it lies on no slice of its image"
                left.append(Unused(path, "outline", reason))
                continue
            drawings.append(_drawing(one, one.image, roi, root))
    guesses = []
    if dropped:
        names = [f"{name} ({count})" for name, count in dropped.most_common()]
        guesses.append(
            f"ROIs that are no lesions: {listed(names)} (--roi REGEX chooses lesions)"
        )
    return drawings, left, guesses


def _found(header: Outlines) -> list[FoundRoi] | str:
    """Return the ROIs of a file, or why they cannot be read."""
    if isinstance(header, PictureFile):
        return [FoundRoi("", "", None)]
    try:
        return find_rois(header.path)
    except LesionError as error:
        return reason_of(error)


def _is_lesion(roi: FoundRoi, choices: Choices, dropped: Counter[str]) -> bool:
    if choices.roi is not None:
        return bool(choices.roi.search(roi.name or roi.choice))
    match = _NO_LESION.search(plain(roi.name).replace("_", " "))
    if match is not None:
        dropped[match[0]] += 1
    return match is None


def _drawing(one: Joined, image: FoundImage, roi: FoundRoi, root: Path) -> Drawing:
    header = one.header
    path = header.path.relative_to(root)
    words, of_roi = frozenset(words_of(path.parts)), frozenset(words_of([roi.name]))
    observer = header.observer if isinstance(header, DicomOutlines) else ""
    return Drawing(header.path, roi, image, words, of_roi, observer)
