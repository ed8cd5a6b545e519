"""The files that a command's options name: what it reads, and what it writes."""

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sklearn_orn._io.outputs import Named, refuse_foreign, refuse_inputs

Ours = Callable[[Path], bool]


def input_path(text: str) -> Path:
    """Read the path of what a command reads, or only makes where it is not there."""
    return Path(text)


def _itself(path: Path) -> Path:
    return path


@dataclass(frozen=True)
class OutputFile:
    """The type of an option that names a file to be written.

    `ours` tells a file of this kind, which is replaced; `place` leads from the option
    to the file, `beside` to a second one with a check of its own.
    """

    ours: Ours
    place: Callable[[Path], Path] = _itself
    beside: Callable[[Path], Path] | None = None

    def __call__(self, text: str) -> Path:
        """Read the path."""
        return Path(text)

    def files(self, path: Path) -> list[Path]:
        """Return every file that is written."""
        further = [] if self.beside is None else [self.beside(path)]
        return [self.place(path), *further]


@dataclass(frozen=True)
class OutputFolder:
    """The type of an option that names a folder, which the work itself checks."""

    def __call__(self, text: str) -> Path:
        """Read the path."""
        return Path(text)


@dataclass
class CommandPaths:
    """What a command reads and writes, each behind the name of its option."""

    inputs: list[Named] = field(default_factory=list)
    outputs: list[Named] = field(default_factory=list)

    @classmethod
    def of(
        cls, actions: Iterable[argparse.Action], arguments: argparse.Namespace
    ) -> "CommandPaths":
        """Find the paths among the arguments, and refuse what must not be written.

        An output may be no input, and no file of another kind.
        """
        paths = cls()
        for action in actions:
            value = getattr(arguments, action.dest, None)
            if value is None:
                continue
            name = action.option_strings[-1] if action.option_strings else action.dest
            if action.type is input_path:
                paths.inputs.append((name, value))
            elif isinstance(action.type, OutputFile):
                paths.outputs += [(name, file) for file in action.type.files(value)]
        refuse_inputs(paths.outputs, paths.inputs)
        for action in actions:
            value = getattr(arguments, action.dest, None)
            if isinstance(action.type, OutputFile) and value is not None:
                name = action.option_strings[-1]
                refuse_foreign(name, action.type.place(value), action.type.ours)
        return paths

    def check_files(self, files: Iterable[Named]) -> None:
        """Refuse an output that is an image or an outline of the table."""
        if self.outputs:
            refuse_inputs(self.outputs, files)


def paths_of(arguments: argparse.Namespace) -> CommandPaths:
    """Return the paths that `main` found for a command."""
    found: CommandPaths = getattr(arguments, "paths", None) or CommandPaths()
    return found
