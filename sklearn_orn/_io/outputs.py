"""Outputs that replace nothing of the user's."""

import os
import stat
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path

from sklearn_orn._io.workbooks import split_sheet
from sklearn_orn.exceptions import CohortError

FilePath = str | os.PathLike[str]
Named = tuple[str, FilePath]  # what messages call it, and its path


def refuse_inputs(outputs: Iterable[Named], inputs: Iterable[Named]) -> None:
    """Refuse an output that is an input, by any path to it.

    Two paths are one file where they lead to it through links, where they are hard
    links of it, and where they differ in case only, which many disks do not tell apart.
    """
    paths: dict[str, Named] = {}
    files: dict[tuple[int, int], Named] = {}
    for output in outputs:
        name, path = output
        key = _key(path)
        if key in paths:
            raise CohortError(
                f"{name} and {paths[key][0]} both write '{os.fspath(path)}'. Name two "
                "files."
            )
        paths[key] = output
        number = _number(path)
        if number is not None:
            files[number] = output
    for name, given in inputs:
        path = split_sheet(os.fspath(given))[0]
        same = paths.get(_key(path))
        if same is None and files:
            same = files.get(_number(path) or (-1, -1))
        if same is not None:
            raise CohortError(
                f"{same[0]}: '{os.fspath(same[1])}' is what {name} reads, and would "
                "be overwritten. Name another file."
            )


def refuse_foreign(name: str, path: FilePath, ours: Callable[[Path], bool]) -> None:
    """Refuse an output that would replace a file that this program did not write."""
    shown = os.fspath(path)
    for parent in Path(path).parents:
        above = _found(parent)
        if above is not None and not stat.S_ISDIR(above.st_mode):
            raise CohortError(f"{name}: '{parent}' is no folder. Name another one.")
    file = _found(path)
    if file is None:
        return
    if stat.S_ISDIR(file.st_mode):
        raise CohortError(f"{name} {shown} is a folder: name a file.")
    if not stat.S_ISREG(file.st_mode):
        raise CohortError(f"{name}: '{shown}' is no plain file. Name another one.")
    if not ours(Path(path)):
        raise CohortError(
            f"{name}: '{shown}' is there already, and is no file that this command "
            "may replace. Move it away, or name another one."
        )


def written_by(path: FilePath, marks: Iterable[bytes], n_bytes: int = 2048) -> bool:
    """Say whether all marks stand at the beginning of a file."""
    try:
        with open(path, "rb") as file:
            start = file.read(n_bytes)
    except OSError:
        return False
    return all(mark in start for mark in marks)


def _key(path: FilePath) -> str:
    """Return one text for all ways to spell a path."""
    try:
        real = os.path.realpath(path)
    except (OSError, ValueError):  # no path at all: its lesion says so
        real = os.fspath(path)
    return unicodedata.normalize("NFC", real).casefold()


def _number(path: FilePath) -> tuple[int, int] | None:
    """Return what hard links of a file share; None where there is no file."""
    file = _found(path)
    return None if file is None else (file.st_dev, file.st_ino)


def _found(path: FilePath) -> os.stat_result | None:
    try:
        return os.stat(path)
    except (OSError, ValueError):  # not there, or a link to nowhere
        return None
