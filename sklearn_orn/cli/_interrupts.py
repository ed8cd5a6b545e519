"""Ctrl-C, also where it is lost on its way."""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import TypeAlias

Handler: TypeAlias = Callable[[int, FrameType | None], object] | int | None


class Interrupts:
    """Remember that Ctrl-C was pressed, and raise it again where it got lost.

    A compiled kernel turns the exception into a SystemError, and Python drops one that
    is raised while it tidies up.
    """

    def __init__(self) -> None:
        self.pressed = False
        self._before: Handler = None

    def __enter__(self) -> "Interrupts":
        """Listen; only the main thread can."""
        self.pressed = False
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(self, _kind: object, error: object, _traceback: object) -> None:
        """Leave Ctrl-C to whom it belonged; what it broke was an interruption."""
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None
        if self.pressed and isinstance(error, Exception):
            raise KeyboardInterrupt from error

    def check(self) -> None:
        """Raise KeyboardInterrupt if Ctrl-C was pressed and nobody has ended."""
        if self.pressed:
            raise KeyboardInterrupt

    def _press(self, number: int, frame: FrameType | None) -> None:
        self.pressed = True
        raise KeyboardInterrupt
