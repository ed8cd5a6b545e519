"""Paths to files, and the ROI that a path picks."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TypeGuard

import numpy as np

from sklearn_orn._messages import file_part, name_part, private, the_file
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images.formats._canonical import PLANES

MOST_FILES = 5000  # below the folder of a series
# What a PACS writes to the top of an export.
BESIDE_EXPORT = {".txt", ".inf", ".ini", ".db", ".exe", ".htm", ".html", ".xml", ".pdf"}
HEAD_BYTES = 512  # enough for the signature of every format


def is_path(value: object) -> TypeGuard[str | os.PathLike[str]]:
    """Tell a path from an array."""
    return isinstance(value, str | os.PathLike)


def split_roi(path: str | os.PathLike[str]) -> tuple[Path, str | None]:
    """Split `path#name` into the file and the name of one ROI in it.

    Both may contain a `#` themselves: the longest part that is a file is the file.
    """
    text = os.fspath(path)
    splits = list(_splits(text))
    for file, roi in splits:
        if os.path.isfile(file):  # a name that is too long is none, not an error
            return Path(file), roi
    file, roi = splits[min(1, len(splits) - 1)]
    return Path(file), roi


class Choice(NamedTuple):
    """An image, and what its path says of it behind `#`."""

    path: Path
    frame: str | None = None
    plane: str | None = None


def split_choice(path: str | os.PathLike[str]) -> Choice:
    """Split `path#frame=...` or `path#plane=...` into the image and the choice.

    Both may contain a `#` themselves: the longest part that is there is the image.
    """
    splits = list(_splits(os.fspath(path)))
    there = [(file, choice) for file, choice in splits if os.path.exists(file)]
    choices = [(file, choice) for file, choice in splits if choice and "=" in choice]
    file, choice = (there or choices or splits)[0]
    if choice is None:
        return Choice(Path(file))
    key, _, value = (part.strip() for part in choice.partition("="))
    if key == "frame" and value:
        return Choice(Path(file), frame=value)
    if key == "plane" and value in PLANES:
        return Choice(Path(file), plane=value)
    raise LesionError(
        f"{name_part(f'#{choice}')} of the image {file_part(file)} is no choice; "
        "expected '#frame=', as in '#frame=b=800', or '#plane=' and one of "
        f"{', '.join(PLANES)}. Correct the column 'image'."
    )


def _splits(text: str) -> Iterator[tuple[str, str | None]]:
    yield text, None
    end = text.rfind("#")
    while end > 0:
        yield text[:end], text[end + 1 :].strip() or None
        end = text.rfind("#", 0, end)


def existing_file(path: Path) -> Path:
    """Return `path` if it is a file, and say what it is otherwise."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        mode = 0
    except OSError as error:
        raise LesionError(
            f"file {file_part(path)} cannot be opened: {error.strerror}. Correct the "
            "path, or check that you may read it."
        ) from None
    except ValueError:
        mode = 0  # a path holds no NUL
    if stat.S_ISREG(mode):
        return path
    if stat.S_ISDIR(mode):
        raise LesionError(
            f"{the_file(path)} is a folder; expected a single file. Give the file of "
            "the slice that was drawn on."
        )
    if mode:
        raise LesionError(
            f"{the_file(path)} is a device, a pipe or a socket; expected a file on a "
            "disk. Copy it to one."
        )
    where = ""
    if not path.is_absolute():
        where = private(f" (looked for from '{Path.cwd()}')", "")
    raise LesionError(
        f"file {file_part(path)} does not exist{where}. Correct the path; in a "
        "DataFrame, relative paths start at the working directory."
    )


def head(path: Path) -> bytes:
    """Read the first bytes of a file, where its format shows."""
    try:
        with existing_file(path).open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise LesionError(
            f"file {file_part(path)} cannot be opened: {error.strerror}. Check that "
            "you may read it."
        ) from None


def folder_files(folder: Path) -> list[Path]:
    """List the files of a folder by name; those below it where it holds no slice."""
    try:
        with os.scandir(folder) as entries:
            files = sorted(Path(entry) for entry in entries if entry.is_file())
    except OSError as error:
        raise LesionError(
            f"folder {file_part(folder)} cannot be opened: {error.strerror}. Check "
            "that you may read it."
        ) from None
    if any(_may_be_slice(file) for file in files):
        return files
    for place, folders, names in os.walk(folder):
        folders.sort()
        if place != str(folder):
            below = (Path(place, name) for name in sorted(names))
            files += [file for file in below if file.is_file()]  # and no pipe
        if len(files) > MOST_FILES:
            raise LesionError(
                f"folder {file_part(folder)} holds more than {MOST_FILES} files in its "
                "subfolders; expected those of one series. Give the folder of the "
                "series."
            )
    return files


def _may_be_slice(file: Path) -> bool:
    return (
        file.name != "DICOMDIR"
        and not file.name.startswith(".")
        and file.suffix.lower() not in BESIDE_EXPORT
    )


def folder_key(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Identify the content of a folder by name, size and time of change of its files.

    Times are in nanoseconds.
    """
    stats = [
        (str(path.relative_to(folder)), path.stat()) for path in folder_files(folder)
    ]
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


def source_key(source: object) -> tuple[object, ...]:
    """Identify an image or a mask without opening a file; an array by its content."""
    if is_path(source):
        path, roi = split_roi(source)
        if os.path.isdir(path):
            return (os.path.realpath(path), folder_key(path), roi)
        file = path.stat()
        return (os.path.realpath(path), file.st_size, file.st_mtime_ns, roi)
    import joblib

    return (joblib.hash(np.asarray(source)),)
