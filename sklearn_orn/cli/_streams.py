"""Standard output and error that may be closed, full or broken: the work goes on."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO


class Tolerant:
    """A text stream that goes on where nobody reads it any more.

    >>> import io
    >>> stream = io.StringIO()
    >>> stream.close()
    >>> Tolerant(stream).write("lost")
    4
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.broken = False

    def write(self, text: str) -> int:
        """Write a text; where that fails, remember it."""
        if not self.broken:
            try:
                self._stream.write(text)
            except (OSError, ValueError):  # a pipe that is closed, a disk that is full
                self.broken = True
        return len(text)

    def flush(self) -> None:
        """Write what is buffered."""
        if not self.broken:
            try:
                self._stream.flush()
            except (OSError, ValueError):
                self.broken = True

    def give_up(self) -> None:
        """Send what is buffered nowhere, so that Python's last flush is silent."""
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


@contextmanager
def tolerant_streams() -> Iterator[None]:
    """Replace standard output and error by streams that never stop the work."""
    _open_missing()
    before = sys.stdout, sys.stderr
    streams = []
    for stream in before:
        if hasattr(stream, "reconfigure"):  # a terminal may lack a letter of a label
            stream.reconfigure(errors="replace")
        streams.append(Tolerant(stream))
    sys.stdout, sys.stderr = streams
    try:
        yield
    finally:
        for stream in streams:
            stream.flush()
            if stream.broken:
                stream.give_up()
        sys.stdout, sys.stderr = before


def _open_missing() -> None:
    """Open what was closed at the start, or the next file would take its number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            mode = "r" if number == 0 else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))
