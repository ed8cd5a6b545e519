"""All files below a folder, in the order of their names."""

import os
from pathlib import Path
from typing import NamedTuple

from sklearn_orn.exceptions import CohortError

_OF_THE_SYSTEM = {"thumbs.db", "desktop.ini", ".ds_store"}


class Unused(NamedTuple):
    """A file that became no part of the table, and why."""

    file: Path
    kind: str
    reason: str


def walk(folder: Path) -> tuple[list[Path], list[Unused]]:
    """List the files below a folder; what is of the system or closed is left out.

    Links to folders are followed, each folder once.
    """
    if not folder.is_dir():
        found = "a file" if folder.exists() else "not there"
        raise CohortError(f"'{folder}' is {found}: name the folder of the images.")
    files: list[Path] = []
    left: list[Unused] = []
    seen: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            place = here.stat()
            if (place.st_dev, place.st_ino) in seen:
                continue
            seen.add((place.st_dev, place.st_ino))
            with os.scandir(here) as entries:
                found_here = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            left.append(Unused(here, "folder", f"cannot be opened: {error.strerror}"))
            continue
        folders = []
        for entry in found_here:
            path = Path(entry.path)
            if entry.name.lower() in _OF_THE_SYSTEM or entry.name.startswith("._"):
                left.append(Unused(path, "system", "a file of the operating system"))
            elif entry.is_dir():
                folders.append(path)
            elif entry.is_file():
                files.append(path)
            else:
                left.append(Unused(path, "system", "a link to nowhere, or no file"))
        waiting += reversed(folders)
    return files, left
