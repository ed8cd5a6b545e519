"""Every lesion with all outlines and slices on one page, to accept or reject it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from sklearn_orn import __version__
from sklearn_orn._block_names import IMAGE, parse_block
from sklearn_orn._io.html_page import embedded_json, html_page
from sklearn_orn._messages import hidden_text, id_part
from sklearn_orn._progress import Progress
from sklearn_orn.cohort import Cohort
from sklearn_orn.exceptions import CohortError, LesionError
from sklearn_orn.images.shared import (
    FAR,
    Oddity,
    ReadableLesion,
    View,
    far_from_others,
    oddities_of,
    overlaps_of,
    rare_protocols,
    views_of,
)
from sklearn_orn.plotting._montage import COLOURS, outline_name
from sklearn_orn.plotting._slice_codec import as_levels, slice_text

MARGIN, LEAST_MARGIN = 0.25, 12  # around the ROI: of its longer side, and in pixels
PERCENTILES = (1, 99)  # shown as black and white

Plain = dict[str, object]


@dataclass(frozen=True, eq=False)
class InspectionPage:
    """A page, and what the command says of it."""

    html: str
    n_unreadable: int
    n_bytes: tuple[int, ...]  # of each lesion's pixels and outlines on the page


@dataclass(eq=False)
class _Look:
    """What the page knows of one lesion."""

    name: str
    error: str = ""
    views: list[Plain] = field(default_factory=list)
    pixels: list[list[str]] = field(default_factory=list)  # by view, by slice
    oddities: list[Oddity] = field(default_factory=list)
    grey: float = np.nan

    def plain(self, far: float) -> Plain:
        odd = [kind for kind, _ in self.oddities]
        return {
            "name": self.name,
            "error": self.error,
            "views": self.views,
            "oddities": [oddity._asdict() for oddity in self.oddities],
            "far": _number(far),
            "border": odd.count("border"),
            "file": odd.count("file") + odd.count("protocol"),
        }


def inspection_page(cohort: Cohort, *, progress: Progress) -> InspectionPage:
    """Make the page of a cohort; one lesion is read at a time.

    It names lesions as the cohort does, and no file, path or header. CohortError where
    two lesions have one name: a decision would be about both.
    """
    ((name, count),) = Counter(map(str, cohort.names)).most_common(1)
    if count > 1:
        raise CohortError(
            f"{count} rows are called {id_part(name, quoted=True)} in the column "
            "'lesion'; expected one name for each, so that each can be accepted or "
            "rejected. Give them names of their own."
        )
    lesions = cohort.lesions()
    looks = []
    for done, (lesion, name) in enumerate(zip(lesions, cohort.names, strict=True), 1):
        looks.append(_look(lesion, str(name)))
        progress("reading lesions", done, len(lesions))
    for look, oddities in zip(looks, rare_protocols(lesions), strict=True):
        look.oddities += oddities
    far = far_from_others([look.grey for look in looks])
    for look, distance in zip(looks, far, strict=True):
        if distance > FAR:
            text = f"median {look.grey:g}, far from those of the other lesions."
            look.oddities.append(Oddity("grey level", text))
    index = {
        "lesions": [look.plain(x) for look, x in zip(looks, far, strict=True)],
        "colours": COLOURS,
    }
    pixels = [embedded_json(look.pixels) for look in looks]
    digest = hashlib.sha256("\n".join([json.dumps(index), *pixels]).encode())
    html = html_page(
        "sklearn_orn.plotting",
        "inspection",
        scripts=("inspection_slices.js", "inspection_marks.js", "inspection.js"),
        version=__version__,
        n_lesions=len(looks),
        index=embedded_json(index | {"key": digest.hexdigest()[:32]}),
        pixels=pixels,
    )
    unreadable = sum(bool(look.error) for look in looks)
    return InspectionPage(html, unreadable, tuple(map(len, pixels)))


def _look(lesion: ReadableLesion, name: str) -> _Look:
    look = _Look(name)
    try:
        regions = lesion.read()
        views = views_of(lesion, regions)
        look.oddities = oddities_of(lesion, regions)
    except LesionError as error:
        look.error = hidden_text(error.marked)
        return look
    first = next(iter(regions.values()))
    look.grey = float(np.median(first.image[first.mask]))
    for view in views:
        facts, pixels = _plain_view(view)
        look.views.append(facts)
        look.pixels.append(pixels)
    return look


def _plain_view(view: View) -> tuple[Plain, list[str]]:
    blocks, box = list(view.regions), _box(view.union)
    stack = np.stack([found.image[box] for found in view.slices])
    levels, low, step = as_levels(stack)
    shown = np.percentile(stack[view.measured], PERCENTILES)
    drawn = [[b for b in blocks if b in found.masks] for found in view.slices]
    spacing = next(iter(view.regions.values())).spacing
    facts: Plain = {
        "title": _title(blocks),
        "blocks": [outline_name(block) for block in blocks],
        "rows": stack.shape[1],
        "columns": stack.shape[2],
        "spacing": spacing,
        "low": low,
        "step": step,
        "window": [float(shown[0]), float(max(shown[1], shown[0] + step))],
        "measured": view.measured,
        "note": view.note,
        "slices": [
            {"number": found.number, "drawn": [blocks.index(b) for b in here]}
            for found, here in zip(view.slices, drawn, strict=True)
        ],
        "sizes": [_size(region.mask, spacing) for region in view.regions.values()],
        "overlaps": [
            {key: _plain(value) for key, value in row.items()}
            for row in overlaps_of(view.regions)
        ],
    }
    pixels = [
        slice_text(of_slice, [found.masks[b][box] for b in here])
        for of_slice, found, here in zip(levels, view.slices, drawn, strict=True)
    ]
    return facts, pixels


def _title(blocks: list[str]) -> str:
    """Return the sequence of the blocks, or who drew."""
    parts = [parse_block(block) for block in blocks]
    found = [p.sequence for p in parts if p.sequence not in ("", IMAGE)]
    return ", ".join(dict.fromkeys(found or [p.reader for p in parts if p.reader]))


def _box(mask: np.ndarray) -> tuple[slice, slice]:
    inside = np.argwhere(mask)
    low, high = inside.min(axis=0), inside.max(axis=0) + 1
    margin = max(round(MARGIN * int((high - low).max())), LEAST_MARGIN)
    start, stop = np.maximum(low - margin, 0), np.minimum(high + margin, mask.shape)
    return slice(start[0], stop[0]), slice(start[1], stop[1])


def _size(mask: np.ndarray, spacing: tuple[float, float] | None) -> Plain:
    pixels = int(mask.sum())
    area = None if spacing is None else pixels * spacing[0] * spacing[1]
    return {"pixels": pixels, "mm2": area}


def _plain(value: str | float) -> str | float | None:
    """Return the name of an outline, or a number."""
    return outline_name(value) if isinstance(value, str) else _number(value)


def _number(value: float) -> float | None:
    """Return a number that JSON has: NaN is None."""
    return value if np.isfinite(value) else None
