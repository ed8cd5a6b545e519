"""The names of the files that a study writes."""

import re

from sklearn_orn.study.checklists._checklist import CHECKLISTS
from sklearn_orn.study.report._blocks import FigureBlock, TableBlock
from sklearn_orn.study.report.sections import blocks

FILES = (
    *("report.html", "calculator.html", "model.json", "features.csv", "features.json"),
    *("scores.csv", "results.json", "timings.json"),
)
FORMATS = ("svg", "pdf", "png")
MONTAGE = "montage.png"
_PLAIN = re.compile(r"(figures/[a-z0-9-]+\.(svg|pdf|png)|tables/[a-z0-9-]+\.csv)")


def figure_files(key: str) -> list[str]:
    """Return the names of a figure's files."""
    return [f"figures/{key}.{suffix}" for suffix in FORMATS]


def table_csv(key: str) -> str:
    """Return the name of a table's file."""
    return f"tables/{key}.csv"


def checklist_key(name: str) -> str:
    """Return the name of a checklist as files have it."""
    return name.replace("_", "-")


def _names() -> frozenset[str]:
    names = {*FILES, f"figures/{MONTAGE}"}
    names.update(table_csv(checklist_key(name)) for name in CHECKLISTS)
    for block in blocks():
        if isinstance(block, FigureBlock):
            names.update(figure_files(block.key))
        elif isinstance(block, TableBlock):
            names.add(table_csv(block.key))
    return frozenset(names)


_NAMES = _names()


def is_study_file(name: str) -> bool:
    """Say whether a study of this version writes a file of this name."""
    return name in _NAMES


def is_plain_name(name: str) -> bool:
    """Say whether a name is such as a study of any version gives to its files."""
    return name in FILES or _PLAIN.fullmatch(name) is not None
