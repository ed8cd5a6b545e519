"""Reading JSON that somebody else wrote: strict, bounded, and never run."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from sklearn_orn._io.codec import JsonObject
from sklearn_orn.exceptions import ModelFileError

MAX_BYTES = 2**24  # a study's model has 0.3 MB
MAX_NUMBER = 1e300  # near the largest float, 1.8e308: beyond it is no number
MAX_DIGITS = 20  # of an integer: one of 64 bits has no more, and int() takes its time


def read_strict_json(
    path: str | os.PathLike[str], what: str = "model file", writer: str = "save_model"
) -> JsonObject:
    """Read a JSON object from a file."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ModelFileError(
            f"{what} '{path}' cannot be opened: {error.strerror}. Correct the path."
        ) from None
    if len(raw) > MAX_BYTES:
        raise ModelFileError(
            f"{what} '{path}' is larger than {MAX_BYTES // 2**20} MiB, as no {what} "
            f"is. Give the file that {writer} wrote."
        )
    with named_file(what, path):
        return parse_strict_json(raw)


@contextmanager
def named_file(what: str, path: str | os.PathLike[str]) -> Iterator[None]:
    """Put the name of a file before what is said of its content."""
    try:
        yield
    except ModelFileError as error:
        raise ModelFileError(f"{what} '{path}': {error}") from None


def parse_strict_json(raw: bytes) -> JsonObject:
    """Return the JSON object that a text in UTF-8 holds.

    ModelFileError for NaN, Infinity, a number beyond 1e300, a name twice, deep nesting.
    """
    try:
        data = json.loads(
            raw.decode("utf-8"),
            parse_constant=_refuse_constant,
            parse_float=_bounded_float,
            parse_int=_bounded_int,
            object_pairs_hook=_without_duplicates,
        )
    except UnicodeDecodeError:
        raise ModelFileError("it is not text in UTF-8; expected JSON.") from None
    except json.JSONDecodeError as error:
        raise ModelFileError(
            f"it is not JSON: {error.msg} in line {error.lineno}. It may be damaged; "
            "write it again."
        ) from None
    except RecursionError:
        raise ModelFileError("it is nested too deeply, as no such file is.") from None
    if not isinstance(data, dict):
        raise ModelFileError(f"it holds a {type(data).__name__}; expected an object.")
    return data


def _refuse_constant(token: str) -> NoReturn:
    raise ModelFileError(
        f"it holds {token}, which is not JSON; a missing number is null."
    )


def _bounded_float(token: str) -> float:
    value = float(token)
    if not abs(value) <= MAX_NUMBER:
        raise ModelFileError(
            f"the number {token[:MAX_DIGITS]} is beyond {MAX_NUMBER:g}, as nothing in "
            "such a file is."
        )
    return value


def _bounded_int(token: str) -> int:
    if len(token) > MAX_DIGITS:
        raise ModelFileError(
            f"the number {token[:MAX_DIGITS]}... has {len(token)} digits, as nothing "
            "in such a file has."
        )
    return int(token)


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise ModelFileError(f"it holds the name {twice!r} twice in one object.")
    return content


def json_text(data: object, indent: str = "") -> str:
    """Write JSON with each list of numbers or words on one line, and sparse indents."""
    deeper = indent + " "
    if isinstance(data, dict) and data:
        lines = [
            f"{deeper}{json.dumps(key, ensure_ascii=False)}: {json_text(item, deeper)}"
            for key, item in data.items()
        ]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(data, list) and any(isinstance(item, list | dict) for item in data):
        lines = [deeper + json_text(item, deeper) for item in data]
        return "[\n" + ",\n".join(lines) + f"\n{indent}]"
    return json.dumps(data, allow_nan=False, ensure_ascii=False)
