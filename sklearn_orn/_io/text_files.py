"""Files that are whole or not there."""

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

PART = ".part"  # ends the name of a file that is being written
_PART_NAME = re.compile(r"\.(.+)\.[a-z0-9_]{8}" + re.escape(PART))


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file under another name, then rename it, so that it is never half."""
    path = Path(path)
    handle, name = tempfile.mkstemp(PART, f".{path.name}.", path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = os.fspath(path)  # a full disk does not say where
        raise


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a file under another name, then rename it, so that it is never half."""
    write_bytes(path, encodable(text).encode("utf-8"))


def encodable(text: str) -> str:
    """Return a text with a replacement for each letter that UTF-8 does not have.

    Python spells the bytes of a file name that are no UTF-8 as such letters.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def part_of(name: str) -> str | None:
    """Return which file was being written under a name; None if none was.

    Examples
    --------
    >>> part_of(".report.html.x7_k2m1p.part"), part_of(".my.part")
    ('report.html', None)
    """
    match = _PART_NAME.fullmatch(name)
    return None if match is None else match[1]


def remove_parts(folder: str | os.PathLike[str], ours: Callable[[str], bool]) -> None:
    """Remove what a killed program was writing into a folder."""
    for path in Path(folder).glob(f".*{PART}"):
        name = part_of(path.name)
        if name is not None and ours(name):
            path.unlink(missing_ok=True)


def _umask() -> int:
    # The only way to read it is to set it.
    mask = os.umask(0)
    os.umask(mask)
    return mask
