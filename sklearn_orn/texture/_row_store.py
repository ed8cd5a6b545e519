"""The folder that keeps measured rows: what goes wrong there costs time, not a run."""

import os
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import joblib
import numpy as np

__all__ = ["BLOCK", "ROW", "CacheTrouble", "LesionRow", "RowStore", "row_store"]

_FOLDER = "sklearn_orn"
ROW, BLOCK = "row.npz", "block.npz"  # of a lesion; of one outline on one image


class LesionRow(NamedTuple):
    """Features of one lesion, reader after reader, and its images' pixel spacings."""

    values: np.ndarray
    spacings: tuple[tuple[float, float], ...]


class CacheTrouble(Exception):
    """What is wrong with the cache, for a warning; the rows are measured."""

    @classmethod
    def unwritable(cls, folder: Path, error: OSError) -> "CacheTrouble":
        reason = (error.strerror or str(error)).lower()
        return cls(
            f"The cache in '{folder}' cannot be written to ({reason}): what is not "
            "there is measured without it, in every run anew. Give a folder that you "
            "may write to."
        )


class RowStore:
    """Rows by their key, each a file in a folder of its own.

    Folders are named as joblib names those of its results, so that the `clear` and
    `reduce_size` of a `joblib.Memory` find them.
    """

    def __init__(self, location: str | os.PathLike[str]) -> None:
        self.folder = Path(location) / _FOLDER

    def prepare(self) -> None:
        """Make the folder if it is not there."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CacheTrouble.unwritable(self.folder, error) from None

    def load(self, key: str, file: str) -> LesionRow | None:
        """Return a row, None if there is none."""
        try:
            with (self.folder / key / file).open("rb") as opened:
                stored = np.load(opened, allow_pickle=False)
                values, spacings = stored["values"], stored["spacings"]
            if values.ndim != 1 or spacings.shape[1:] != (2,):
                raise ValueError("other shapes than are written")
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
            raise CacheTrouble(
                f"The cache in '{self.folder}' has damaged entries: they are measured "
                "anew, and written again."
            ) from None
        return LesionRow(values, tuple(map(tuple, spacings.tolist())))

    def save(self, key: str, row: LesionRow, name: str) -> None:
        """Keep a row; another process may do so at the same time."""
        spacings = np.array(row.spacings, dtype=np.float64).reshape(-1, 2)
        unfinished = None
        try:
            entry = self.folder / key
            entry.mkdir(exist_ok=True)
            handle, unfinished = tempfile.mkstemp(dir=entry)
            with os.fdopen(handle, "wb") as file:
                np.savez(file, values=row.values, spacings=spacings)
            os.replace(unfinished, entry / name)
        except OSError as error:
            if unfinished is not None:
                Path(unfinished).unlink(missing_ok=True)
            raise CacheTrouble.unwritable(self.folder, error) from None


def row_store(memory: object) -> RowStore | None:
    """Return the store of a folder, or of a `joblib.Memory` in one."""
    if isinstance(memory, str):
        return RowStore(Path(memory) / "joblib")
    if isinstance(memory, joblib.Memory) and memory.backend == "local":
        return (
            None if memory.location is None else RowStore(memory.store_backend.location)
        )
    return None
