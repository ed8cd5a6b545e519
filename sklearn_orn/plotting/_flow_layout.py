"""Where the boxes and arrows of a flow chart stand."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NotRequired, TypedDict

# In points (1/72 in); LEADING is in font sizes.
PAD, GAP, PARAGRAPH, MARGIN = 6.0, 20.0, 3.0, 2.0
LEADING = 1.25

ALONE = 0.62  # of the width: a box in the middle
PARTS = {"training": "Training", "validation": "Validation"}
NO_BREAK = "\N{NO-BREAK SPACE}"

# Width of a line, bold or not.
Measure = Callable[[str, bool], float]
# A paragraph's text, and whether it is bold.
Paragraph = tuple[str, bool]
Point = tuple[float, float]


class FlowExclusion(TypedDict):
    """How many were excluded for a reason; None where that is not known."""

    reason: str
    lesions: int | None
    patients: int | None


class FlowStage(TypedDict):
    """A stage, and who leaves after it."""

    name: str
    lesions: int | None
    patients: int | None
    excluded: Sequence[FlowExclusion]


class FlowClass(TypedDict):
    """A class of a part."""

    label: str
    lesions: int | None
    patients: int | None


class FlowPart(TypedDict):
    """A part of the study."""

    part: str
    lesions: int | None
    patients: int | None
    patients_in_both: NotRequired[int]
    classes: Sequence[FlowClass]
    centres: NotRequired[Sequence[FlowClass]]


class Flow(TypedDict):
    """What `FlowChartDisplay` draws."""

    stages: Sequence[FlowStage]
    parts: Sequence[FlowPart]


@dataclass
class Box:
    """A box: its wrapped paragraphs, bold or not, and where it stands."""

    paragraphs: list[tuple[list[str], bool]]
    left: float
    top: float
    width: float
    height: float
    centred: bool


@dataclass(frozen=True)
class _Grid:
    """Two columns on a page of some width; the stages stand in the first, or alone."""

    width: float
    beside: bool

    @property
    def column(self) -> float:
        """Width of a column."""
        return (self.width - 2 * MARGIN - GAP) / 2

    @property
    def second(self) -> float:
        """Left edge of the second column."""
        return MARGIN + self.column + GAP

    @property
    def main(self) -> float:
        """Width of a stage."""
        return self.column if self.beside else ALONE * self.width

    @property
    def left(self) -> float:
        """Left edge of a stage."""
        return MARGIN if self.beside else (self.width - self.main) / 2

    @property
    def centre(self) -> float:
        """Middle of a stage."""
        return self.left + self.main / 2


@dataclass
class Layout:
    """All boxes and lines of a chart; y runs downwards."""

    boxes: list[Box] = field(default_factory=list)
    arrows: list[tuple[Point, Point]] = field(default_factory=list)
    lines: list[tuple[Point, Point]] = field(default_factory=list)
    height: float = 0.0


def count_text(lesions: int | None, patients: int | None) -> str:
    """Write how many there are, each number on a line with its noun.

    Examples
    --------
    >>> count_text(142, 90).split(), count_text(None, 1).split()
    (['142', 'lesions,', '90', 'patients'], ['1', 'patient'])
    """
    counts = ((lesions, "lesion"), (patients, "patient"))
    return ", ".join(
        f"{n}{NO_BREAK}{noun}{'' if n == 1 else 's'}"
        for n, noun in counts
        if n is not None
    )


def wrap(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Break a text into lines no wider than a width, a word wider than it within.

    Runs of white space are one space, a no-break space holds.

    Examples
    --------
    >>> wrap("a lesion without a pre-treatment MRI", 14, len)
    ['a lesion', 'without a', 'pre-treatment', 'MRI']
    >>> wrap("unbreakable", 4, len)
    ['unbr', 'eaka', 'ble']
    """
    lines = [""]
    for word in re.split(r"[ \t\r\n\f\v]+", text.strip()):
        joined = f"{lines[-1]} {word}".strip()
        if measure(joined) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if lines[-1] and measure(lines[-1] + letter) > width:
                lines.append("")
            lines[-1] += letter
    return lines


def _stage_text(stage: FlowStage) -> list[Paragraph]:
    counts = count_text(stage["lesions"], stage["patients"])
    return [(str(stage["name"]), True), (counts, False)]


def _excluded_text(excluded: Sequence[FlowExclusion]) -> list[Paragraph]:
    lesions = _total([entry["lesions"] for entry in excluded])
    total = count_text(lesions, _total([entry["patients"] for entry in excluded]))
    paragraphs: list[Paragraph] = [("Excluded", True), (total, False)]
    if len(excluded) == 1:
        return [*paragraphs, (_sentence(excluded[0]["reason"]), False)]
    for entry in excluded:
        counts = count_text(entry["lesions"], entry["patients"])
        known = f" ({counts})" if counts else ""
        paragraphs.append((f"{_sentence(entry['reason'])}{known}", False))
    return paragraphs


def _total(counts: Sequence[int | None]) -> int | None:
    known = [n for n in counts if n is not None]
    return sum(known) if len(known) == len(counts) else None


def _sentence(reason: object) -> str:
    text = str(reason)
    return text[:1].upper() + text[1:]


def _part_text(part: FlowPart) -> list[Paragraph]:
    paragraphs: list[Paragraph] = []
    if part["part"] in PARTS:
        counts = count_text(part["lesions"], part["patients"])
        paragraphs = [(PARTS[part["part"]], True), (counts, False)]
    paragraphs += [(_counted(group), False) for group in part["classes"]]
    if part.get("patients_in_both"):
        both = count_text(None, part["patients_in_both"])
        paragraphs.append((f"({both} in both classes)", False))
    paragraphs += [(f"Centre {_counted(c)}", False) for c in part.get("centres", ())]
    return paragraphs


def _counted(group: FlowClass) -> str:
    counts = count_text(group["lesions"], group["patients"])
    return f"{group['label']}: {counts}" if counts else str(group["label"])


def _line_width(measure: Measure, bold: bool) -> Callable[[str], float]:
    return lambda line: measure(line, bold)


def _box(
    paragraphs: Sequence[Paragraph],
    corner: Point,
    width: float,
    font: float,
    measure: Measure,
    *,
    centred: bool = True,
) -> Box:
    """Wrap the paragraphs of a box, which gives its height."""
    wrapped = [
        (wrap(text, width - 2 * PAD - 2, _line_width(measure, bold)), bold)
        for text, bold in paragraphs
        if text
    ]
    n_lines = sum(len(lines) for lines, _ in wrapped)
    height = n_lines * font * LEADING + PARAGRAPH * (len(wrapped) - 1) + 2 * PAD
    return Box(wrapped, *corner, width, height, centred)


def lay_out(flow: Flow, width: float, font: float, measure: Measure) -> Layout:
    """Place everything on a page of a width in points, in letters of a size."""
    stages = flow["stages"]
    grid = _Grid(width, any(stage["excluded"] for stage in stages))
    layout = Layout()
    top, bottom = MARGIN, 0.0
    for i, stage in enumerate(stages):
        made = _box(_stage_text(stage), (grid.left, top), grid.main, font, measure)
        layout.boxes.append(made)
        bottom = top + made.height
        top = bottom + GAP
        if stage["excluded"]:
            text, corner = (
                _excluded_text(stage["excluded"]),
                (grid.second, top - GAP / 2),
            )
            made = _box(text, corner, grid.column, font, measure, centred=False)
            layout.boxes.append(made)
            middle = made.top + made.height / 2
            layout.arrows.append(((grid.centre, middle), (grid.second, middle)))
            top += made.height
        if i < len(stages) - 1:
            layout.arrows.append(((grid.centre, bottom), (grid.centre, top)))
    _lay_out_parts(layout, flow["parts"], grid, bottom, font, measure)
    return layout


def _lay_out_parts(
    layout: Layout,
    parts: Sequence[FlowPart],
    grid: _Grid,
    bottom: float,
    font: float,
    measure: Measure,
) -> None:
    """Place the parts below the last stage: one alone, or two side by side."""
    single = len(parts) == 1
    fork = bottom if single else bottom + GAP / 2
    lefts = [grid.left] if single else [MARGIN, grid.second]
    width = grid.main if single else grid.column
    boxes = [
        _box(_part_text(part), (left, fork + GAP), width, font, measure)
        for part, left in zip(parts, lefts, strict=True)
    ]
    height = max(made.height for made in boxes)
    if not single:
        layout.lines.append(((grid.centre, bottom), (grid.centre, fork)))
    for made in boxes:
        made.height = height
        middle = made.left + width / 2
        layout.lines.append(((grid.centre, fork), (middle, fork)))
        layout.arrows.append(((middle, fork), (middle, made.top)))
    layout.boxes += boxes
    layout.height = fork + GAP + height + MARGIN
