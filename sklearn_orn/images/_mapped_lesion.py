"""Lesions that pass through a function when they are read."""

from collections.abc import Callable, Hashable

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._about import about
from sklearn_orn.images._lesion import Lesion
from sklearn_orn.images._region import Region


class MappedLesion:
    """A lesion whose regions pass through a function when they are read.

    The function must pickle; `spacing` is what it gives, where it changes it.
    """

    def __init__(
        self,
        lesion: "Lesion | MappedLesion",
        function: Callable[[Region], Region],
        spacing: tuple[float, float] | None = None,
    ) -> None:
        self.lesion = lesion
        self.function = function
        self.spacing = spacing

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
        return self.lesion.row

    def read(self) -> dict[str, Region]:
        """Read the lesion and map the region of each reader."""
        regions = {}
        for reader, region in self.lesion.read().items():
            try:
                regions[reader] = self.function(region)
            except LesionError as error:
                of_reader = f", reader '{reader}'" if reader else ""
                raise about(self, error, of_reader) from None
        return regions

    def fingerprint(self) -> tuple[object, ...]:
        """Identify what `read` would read and the function it passes through."""
        import joblib

        return (*self.lesion.fingerprint(), joblib.hash(self.function))

    def read_spacing(self) -> tuple[float, float] | None:
        """Read the pixel spacing, after the function."""
        return self.spacing or self.lesion.read_spacing()

    def __repr__(self) -> str:
        return f"<MappedLesion: {self.name}>"


AnyLesion = Lesion | MappedLesion


def as_given(lesion: AnyLesion) -> Lesion:
    """Return the lesion that steps have made another one of."""
    while isinstance(lesion, MappedLesion):
        lesion = lesion.lesion
    return lesion
