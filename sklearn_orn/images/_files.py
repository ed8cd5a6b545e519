"""Paths to files, and the ROI that a path picks."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sklearn_orn._messages import file_part, name_part, private, the_file
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images.formats._canonical import PLANES

__all__ = [
    "HEAD_BYTES",
    "existing_file",
    "folder_key",
    "head",
    "is_path",
    "source_key",
    "split_choice",
    "split_roi",
]

HEAD_BYTES = 512  # enough for the signature of every format


def is_path(value: object) -> bool:
    """Tell a path from an array."""
    return isinstance(value, str | os.PathLike)


def split_roi(path: str | os.PathLike[str]) -> tuple[Path, str | None]:
    """Split `path#name` into the file and the name of one ROI in it.

    Both may contain a `#` themselves: the longest part that is a file is the file.

    Parameters
    ----------
    path : str or path-like
        A file, or a file, `#` and the name or number of one ROI.

    Returns
    -------
    file : Path
        The file, whether it exists or not.
    roi : str or None
        Name or number of the ROI, None if the path picks none.

    Examples
    --------
    >>> file, roi = split_roi("P03/rs.dcm#GTV")
    >>> file.name, roi
    ('rs.dcm', 'GTV')
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

    Parameters
    ----------
    path : str or path-like
        A file or folder, which may hold a `#` itself: the longest part that there is
        counts.

    Returns
    -------
    Choice
        Path, and frame or plane; both None if the path chooses none.

    Raises
    ------
    LesionError
        If what follows `#` is no choice.

    Examples
    --------
    >>> choice = split_choice("P03/dwi.dcm#frame=b=800")
    >>> choice.path.name, choice.frame, choice.plane
    ('dwi.dcm', 'b=800', None)
    """
    splits = list(_splits(os.fspath(path)))
    there = [(file, found) for file, found in splits if os.path.exists(file)]
    asked = [(file, found) for file, found in splits if found and "=" in found]
    file, found = (there or asked or splits)[0]
    if found is None:
        return Choice(Path(file))
    key, _, value = (part.strip() for part in found.partition("="))
    if key == "frame" and value:
        return Choice(Path(file), frame=value)
    if key == "plane" and value in PLANES:
        return Choice(Path(file), plane=value)
    raise LesionError(
        f"{name_part(f'#{found}')} of the image {file_part(file)} is no choice; "
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
    where = (
        "" if path.is_absolute() else private(f" (looked for from '{Path.cwd()}')", "")
    )
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


def folder_key(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Identify the content of a folder by its files, without opening them.

    Parameters
    ----------
    folder : Path
        The folder.

    Returns
    -------
    tuple of tuple
        Name, size and time of change of each file, by name.
    """
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.stat()) for entry in entries if entry.is_file()]
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in sorted(found))


def source_key(source: Any) -> tuple[Any, ...]:
    """Identify an image or a mask without opening a file.

    Parameters
    ----------
    source : path or array-like
        What is read.

    Returns
    -------
    tuple
        Of a file its path, size, time of change and the ROI's name; of a folder those
        of its files; of an array a hash of its content.
    """
    if is_path(source):
        path, roi = split_roi(source)
        if os.path.isdir(path):
            return (os.path.realpath(path), folder_key(path), roi)
        found = path.stat()
        return (os.path.realpath(path), found.st_size, found.st_mtime_ns, roi)
    import joblib

    return (joblib.hash(np.asarray(source)),)
