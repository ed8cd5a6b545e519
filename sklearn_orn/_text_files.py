"""Files that are whole or not there."""

import os
import tempfile
from pathlib import Path

PART = ".part"  # ends the name of a file that is being written


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file under another name, then rename it, so that it is never half.

    Parameters
    ----------
    path : str or path-like
        File to write or replace.
    content : bytes
        Its content.
    """
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
    """Write a file under another name, then rename it, so that it is never half.

    Parameters
    ----------
    path : str or path-like
        File to write or replace, UTF-8, newlines as they are.
    text : str
        Its content.
    """
    write_bytes(path, text.encode("utf-8"))


def remove_parts(folder: str | os.PathLike[str]) -> None:
    """Remove what a killed program was writing into a folder.

    Parameters
    ----------
    folder : str or path-like
        Folder, which need not be there.
    """
    for path in Path(folder).glob(f".*{PART}"):
        path.unlink(missing_ok=True)


def _umask() -> int:
    # The only way to read it is to set it.
    mask = os.umask(0)
    os.umask(mask)
    return mask
