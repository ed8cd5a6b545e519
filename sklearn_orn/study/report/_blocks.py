"""What a section of the report is declared with."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sklearn_orn.study._measured_study import Study
from sklearn_orn.study.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Figure


@dataclass(frozen=True)
class Column:
    """The head of a column of numbers, of names of features, or of other text."""

    head: str
    numeric: bool = False
    name: bool = False


def texts(*heads: str) -> tuple[Column, ...]:
    """Return columns of text."""
    return tuple(map(Column, heads))


def numbers(*heads: str) -> tuple[Column, ...]:
    """Return columns of numbers."""
    return tuple(Column(head, numeric=True) for head in heads)


@dataclass(frozen=True)
class Table:
    """What a table of the report says."""

    title: str
    columns: Sequence[Column]
    rows: list[list[str]]
    note: str = ""


class Files(NamedTuple):
    """What lies beside the page: a PNG in base 64, and the name of a file."""

    montage: str | None
    calculator: str | None


@dataclass(frozen=True)
class Heading:
    """A heading below that of the chapter; one that is not `wanted` is left out."""

    text: str
    wanted: Callable[[Results], bool] = lambda results: True


@dataclass(frozen=True)
class Text:
    """Paragraphs; a `Markup` is HTML already."""

    of: Callable[[Results], Iterable[str]]


@dataclass(frozen=True)
class Absence:
    """Why the study does not have something, where it does not."""

    what: str
    of: Callable[[Results], object]


@dataclass(frozen=True)
class Html:
    """A piece of the page as HTML, made with what lies beside the page."""

    of: Callable[[Results, Files], str]


@dataclass(frozen=True)
class TableBlock:
    """A table of the page and its file; one without rows is left out.

    So is one whose `make` raises `NotEstimable`; an `Absence` beside it says why.
    `places` are those of the checklists, which then quote it by its number. `layout`
    is a class of the page's style.
    """

    key: str
    make: Callable[[Results], Table]
    places: tuple[str, ...] = ()
    layout: str = ""
    on_page: bool = True


@dataclass(frozen=True)
class FigureBlock:
    """A figure of the page and its files.

    `draw` raises `NotEstimable` where there is nothing to draw: the page says why.
    `meaning` is asked only if it is drawn. One that is not `wanted` is left out.
    """

    key: str
    title: str  # {positive} stands for the class, {combined} for what that model is of
    draw: Callable[[Results], "Figure"]
    meaning: Callable[[Results], str]
    places: tuple[str, ...] = ()
    layout: str = ""
    wanted: Callable[[Results], bool] = lambda results: True


Block = Heading | Text | Absence | Html | TableBlock | FigureBlock


@dataclass(frozen=True)
class Analysis:
    """Numbers that a section adds to the results, as the field `name` of `Results`.

    `compute` takes the study and the results so far, those of the fields before its
    own. `words` tell what is being done; what has none is quick, and not kept for a
    run that resumes.
    """

    name: str
    compute: Callable[[Study, Results], object]
    words: str = ""


@dataclass(frozen=True)
class Section:
    """Blocks that belong together, in their order on the page, and their numbers."""

    blocks: tuple[Block, ...]
    needs_model: bool = False
    layout: str = ""
    analyses: tuple[Analysis, ...] = ()


def section(
    *blocks: Block,
    needs_model: bool = False,
    layout: str = "",
    analyses: tuple[Analysis, ...] = (),
) -> Section:
    """Return the section of these blocks."""
    return Section(blocks, needs_model, layout, analyses)


@dataclass(frozen=True)
class Chapter:
    """Sections below one heading; `short` is its name in the table of contents."""

    key: str
    title: str
    sections: tuple[Section, ...]
    short: str = ""
