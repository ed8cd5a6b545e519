"""The table of machines: what is tried, and the function that tries it."""

import warnings
from collections.abc import Callable
from typing import NamedTuple

from sklearn_orn.exceptions import StudyWarning


class Machine(NamedTuple):
    """One machine of scikit-learn, or one package of others, and what must hold."""

    name: str
    kind: str
    holds: str
    run: Callable[[], None]


class Table(list):
    """Machines of one kind, in the order in which they are written down."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def __call__(self, name: str) -> Callable[[Callable[[], None]], Callable]:
        """Enter a function whose docstring says what must hold."""

        def enter(function):
            holds = " ".join(function.__doc__.split())
            self.append(Machine(name, self.kind, holds, function))
            return function

        return enter


def run_machine(machine: Machine) -> None:
    """Run one; what small data say of themselves is no news, all else is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)
        machine.run()
