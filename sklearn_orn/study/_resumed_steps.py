"""A study's steps: each finished one is kept until the study is done."""

import hashlib
import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sklearn_orn._io.codec import Plain
from sklearn_orn._io.outputs import written_by
from sklearn_orn._io.text_files import part_of, remove_parts, write_text
from sklearn_orn.study._json_csv import JsonObject, plain_data
from sklearn_orn.study._kept_rows import KeptRows

FOLDER, ROWS = ".steps", ".jsonl"


class Steps:
    """Run the steps of a study once, across interruptions.

    The plain result of each is written as soon as it is there. A file of another
    `fingerprint`, of all that the results depend on, is not read. `seconds` is the wall
    time of the run that did a step; `resumed` lists the steps that were read.
    """

    def __init__(self, out: Path, fingerprint: str, *, resume: bool = False) -> None:
        self.folder = out / FOLDER
        self.fingerprint = fingerprint
        self.seconds: dict[str, float] = {}
        self.resumed: list[str] = []
        if not resume:
            self.remove()
        self.folder.mkdir(exist_ok=True)
        remove_parts(self.folder, lambda name: name.endswith(".json"))

    def run(self, name: str, make: Callable[[], object]) -> Plain:
        """Return the plain result of a step: the stored one, or a new one of `make`."""
        path = self.folder / f"{name}.json"
        stored = self._read(path)
        if stored is not None:
            self.resumed.append(name)
        else:
            start = time.perf_counter()
            value = plain_data(make())
            stored = {
                "fingerprint": self.fingerprint,
                "seconds": time.perf_counter() - start,
                "sha256": _hash(value),
                "value": value,
            }
            write_text(path, json.dumps(stored, allow_nan=False))
        self.seconds[name] = float(stored["seconds"])
        return stored["value"]

    def rows(self, name: str) -> KeptRows:
        """Return what keeps the lesions of a step that is not finished."""
        return KeptRows(self.folder / f"{name}{ROWS}", self.fingerprint)

    def remove(self) -> None:
        """Remove the files, and the folder unless somebody put others there."""
        if not self.folder.is_dir():
            return
        remove_parts(self.folder, lambda name: name.endswith(".json"))
        for path in self.folder.iterdir():
            if _is_step_file(path):
                path.unlink()
        with suppress(OSError):
            self.folder.rmdir()

    def _read(self, path: Path) -> JsonObject | None:
        """Return what a file holds, if it is of this study."""
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError, RecursionError):
            return None  # never written, or damaged since
        if not isinstance(stored, dict) or not isinstance(
            stored.get("seconds"), int | float
        ):
            return None
        matches = stored.get("fingerprint") == self.fingerprint
        whole = matches and stored.get("sha256") == _hash(stored.get("value"))
        return stored if whole else None


def _hash(value: object) -> str:
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def is_step_folder(folder: Path) -> bool:
    """Say whether a folder holds steps of a study and nothing else."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    return all(
        _is_step_file(path) or (part_of(path.name) or "").endswith(".json")
        for path in folder.iterdir()
    )


def _is_step_file(path: Path) -> bool:
    # The first key stands within 64 bytes; older versions set it on a line of its own.
    ours = written_by(path, [b"{", b'"fingerprint": "'], 64)
    return ours and path.suffix in (".json", ROWS)
