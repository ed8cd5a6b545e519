"""Lesions that pass through a function when they are read."""

from collections.abc import Callable, Hashable
from typing import TypeVar

from sklearn_orn._block_names import block_text
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._about import about
from sklearn_orn.images._function_key import function_key
from sklearn_orn.images._lesion import Lesion
from sklearn_orn.images._readable_lesion import (
    ReadableLesion,
    fingerprint_of,
    spacing_of,
)
from sklearn_orn.images._region import Region
from sklearn_orn.images._returned import check_returned_of

T = TypeVar("T")


class MappedLesion:
    """A lesion whose regions pass through a function when they are read.

    The function must pickle; `spacing` is what it gives, where it changes it. `step`
    is what messages call the function.
    """

    def __init__(
        self,
        lesion: ReadableLesion,
        function: Callable[..., object],
        spacing: tuple[float, float] | None = None,
        step: str | None = None,
    ) -> None:
        self.lesion = lesion
        self.function = function
        self.spacing = spacing
        self.step = _name_of(function) if step is None else step

    @property
    def readers(self) -> tuple[str, ...]:
        """Readers that are present."""
        return self.lesion.readers

    @property
    def name(self) -> str:
        """What messages call the lesion."""
        return self.lesion.name

    @property
    def marked_name(self) -> str:
        """The name, with its parts marked."""
        return str(getattr(self.lesion, "marked_name", self.name))

    @property
    def hides_paths(self) -> bool:
        """Whether messages leave out paths, names of ROIs and UIDs."""
        return bool(getattr(self.lesion, "hides_paths", False))

    @property
    def row(self) -> Hashable:
        """Index label of the lesion in X."""
        row: Hashable = getattr(self.lesion, "row", None)
        return row

    def read(self) -> dict[str, Region]:
        """Read the lesion and map the region of each reader; check what comes out."""
        regions = {}
        for reader, region in self.lesion.read().items():
            of_reader = f", {block_text(reader)}" if reader else ""
            made = self._made_by(self.function, of_reader, region)
            place = f"{of_reader}, after {self.step}"
            regions[reader] = check_returned_of(self, made, place, given=region)
        return regions

    def _made_by(self, function: Callable[..., T], place: str, *given: object) -> T:
        """Call a function; what it raises names the lesion and the place."""
        try:
            return function(*given)
        except LesionError as error:
            raise about(self, error, place) from None
        except Exception as error:
            error.add_note(f"in {self.step}, of {self.name}{place}")
            raise

    def fingerprint(self) -> tuple[object, ...]:
        """Identify what `read` would read and the function it passes through."""
        return (*fingerprint_of(self.lesion), function_key(self.function))

    def read_spacing(self) -> tuple[float, float] | None:
        """Read the pixel spacing, after the function."""
        return self.spacing or spacing_of(self.lesion)

    def __repr__(self) -> str:
        return f"<MappedLesion: {self.name}>"


def _name_of(function: Callable[..., object]) -> str:
    """Name a function, or what a partial or an object calls."""
    inner = getattr(function, "func", function)
    return str(getattr(inner, "__name__", type(inner).__name__))


def unmapped(lesion: ReadableLesion) -> ReadableLesion:
    """Return the lesion that steps have made another one of."""
    while isinstance(lesion, MappedLesion):
        lesion = lesion.lesion
    return lesion


def as_given(lesion: ReadableLesion) -> Lesion:
    """Return the Lesion that steps have made another one of."""
    given = unmapped(lesion)
    if not isinstance(given, Lesion):
        raise TypeError(
            f"{lesion.name} is of type {type(given).__name__}; expected a Lesion, "
            "which knows its files."
        )
    return given
