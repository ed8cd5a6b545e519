"""The files of a study: JSON without NaN, tables, and the folder they go to."""

import dataclasses
import json
import math
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from sklearn_orn._io.codec import JsonObject as JsonObject
from sklearn_orn._io.codec import Plain
from sklearn_orn._io.spreadsheet_cells import csv_text
from sklearn_orn._io.strict_json import parse_strict_json
from sklearn_orn._io.text_files import encodable, write_text
from sklearn_orn.exceptions import CohortError, ModelFileError

MAX_BYTES = 2**28  # far above any results; a wrong file shall not fill the memory


def plain_data(value: object) -> Plain:
    """Return a value as JSON knows it: no NaN, no infinity, no numpy, no dataclass."""
    if type(value) is float:  # most are; there are 80,000 features
        return value if math.isfinite(value) else None
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if dataclasses.is_dataclass(value):
        names = (field.name for field in dataclasses.fields(value))
        return {name: plain_data(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {encodable(str(key)): plain_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def write_json(path: str | os.PathLike[str], data: object) -> None:
    """Write strict JSON; a value it has no word for is null."""
    text = json.dumps(plain_data(data), allow_nan=False, ensure_ascii=False, indent=1)
    write_text(path, text + "\n")


def read_json(path: str | os.PathLike[str]) -> JsonObject:
    """Read a JSON object: strict, each name once, of at most 256 MiB."""
    with open(path, "rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise CohortError(
            f"{os.fspath(path)}: larger than {MAX_BYTES // 2**20} MiB, as no results "
            "are."
        )
    try:
        return parse_strict_json(content)
    except ModelFileError as error:
        raise CohortError(
            f"{os.fspath(path)}: no JSON as a study writes it: {error}"
        ) from None


def write_csv(path: str | os.PathLike[str], table: pd.DataFrame) -> None:
    """Write a table in full; what a spreadsheet would run gets an apostrophe."""
    write_text(path, csv_text(table))


def make_folder(folder: str | os.PathLike[str]) -> Path:
    """Make a folder, or see that it is writable, before the work and not after it."""
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=os.fspath(folder)):
            return Path(folder)
    except OSError as error:
        raise CohortError(
            f"the folder {os.fspath(folder)!r} cannot be written to: "
            f"{error.strerror}. Name another one (--out)."
        ) from None
