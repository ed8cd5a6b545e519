"""How the files that the commands write are known again, by what stands in them."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

from sklearn_orn._io.outputs import written_by
from sklearn_orn._io.parquet import PARQUET_MARK
from sklearn_orn.exceptions import CohortError, ModelFileError

IDS = ("lesion", "patient")
MOST_BYTES = 1 << 22  # of a header: 279 features of many readers
MONTAGE_SOFTWARE = "sklearn-orn montage"


def is_feature_table(path: Path) -> bool:
    """Say whether `extract` wrote a table; a further column makes it the user's."""
    from sklearn_orn._reader_names import SEPARATOR
    from sklearn_orn.texture import feature_names
    from sklearn_orn.texture.shared import carried_columns

    columns = _after_ids(path)
    try:
        carried = carried_columns(path) if columns else []
    except CohortError:
        carried = []
    if columns[: len(carried)] == carried:
        columns = columns[len(carried) :]
    known = set(feature_names())
    return bool(columns) and {name.split(SEPARATOR)[-1] for name in columns} <= known


def is_score_table(path: Path) -> bool:
    """Say whether `sklearn-orn predict` wrote a table."""
    return _after_ids(path)[:4] == ["score", "probability", "predicted", "flags"]


def is_protocol_table(path: Path) -> bool:
    """Say whether `sklearn-orn check --protocol` wrote a table."""
    from sklearn_orn.images.shared import PROTOCOL_COLUMNS

    return _after_ids(path) == list(PROTOCOL_COLUMNS)


def is_overlap_table(path: Path) -> bool:
    """Say whether `sklearn-orn check --overlap` wrote a table."""
    from sklearn_orn.images.shared import OVERLAP_COLUMNS

    columns = _after_ids(path)
    # Tables of version 0.1 end with the ratio of areas.
    return columns in (list(OVERLAP_COLUMNS), list(OVERLAP_COLUMNS[:5]))


def is_audit(path: Path) -> bool:
    """Say whether `sklearn-orn audit` wrote a file, as CSV or as JSON."""
    from sklearn_orn.audit.shared import COLUMNS, FORMAT

    return _after_ids(path) == list(COLUMNS) or is_json_of(FORMAT)(path)


def is_montage(path: Path) -> bool:
    """Say whether `sklearn-orn montage` drew a picture."""
    mark = b"Software\0" + MONTAGE_SOFTWARE.encode()
    return written_by(path, [b"\x89PNG\r\n", mark])


def is_calculator(path: Path) -> bool:
    """Say whether `sklearn-orn calculator` wrote a page."""
    marks = [b'name="generator" content="sklearn-orn ', b"<!DOCTYPE html>"]
    kicker = [b'<p class="kicker">Calculator ']
    return written_by(path, marks) and written_by(path, kicker, MOST_BYTES)


def is_inspection(path: Path) -> bool:
    """Say whether `sklearn-orn montage --html` wrote a page."""
    marks = [b'name="generator" content="sklearn-orn ', b"<!DOCTYPE html>"]
    title = [b"<title>Look before you measure</title>"]
    return written_by(path, [*marks, *title])


def is_json_of(name: str) -> Callable[[Path], bool]:
    """Return what says whether a JSON file has this ``format``."""

    def ours(path: Path) -> bool:
        from sklearn_orn._io.strict_json import read_strict_json

        try:
            return read_strict_json(path).get("format") == name
        except ModelFileError:
            return False

    return ours


def is_nothing(path: Path) -> bool:
    """Say no: what is there is never replaced."""
    return False


def _after_ids(path: Path) -> list[str]:
    """Return a table's columns without the ids in front; none where it is no table."""
    from sklearn_orn._io.tables import read_header

    try:
        if written_by(path, [PARQUET_MARK], len(PARQUET_MARK)):
            columns = read_header(path)
        else:
            with open(path, "rb") as file:
                line = file.readline(MOST_BYTES).decode("utf-8")
            columns = next(csv.reader(io.StringIO(line)), [])
    except (OSError, UnicodeDecodeError, csv.Error, CohortError):
        return []
    while columns and columns[0] in IDS:
        columns = columns[1:]
    return columns
