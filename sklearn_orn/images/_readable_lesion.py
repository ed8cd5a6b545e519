"""What a lesion is to all that measure it, also one of a user's own kind."""

from __future__ import annotations

from typing import Protocol

from sklearn_orn.images._region import Region


class ReadableLesion(Protocol):
    """A lesion, what a step made of one, or a user's own kind, which has no more."""

    @property
    def readers(self) -> tuple[str, ...]: ...
    @property
    def name(self) -> str: ...
    def read(self) -> dict[str, Region]: ...


def spacing_of(lesion: ReadableLesion) -> tuple[float, float] | None:
    """Return the pixel spacing; a user's own kind that does not tell it is read."""
    tell = getattr(lesion, "read_spacing", None)
    if tell is not None:
        spacing: tuple[float, float] | None = tell()
        return spacing
    return next((region.spacing for region in lesion.read().values()), None)


def fingerprint_of(lesion: ReadableLesion) -> tuple[object, ...]:
    """Identify what is read; a user's own kind without a fingerprint by its content."""
    tell = getattr(lesion, "fingerprint", None)
    if tell is not None:
        return tuple(tell())
    import joblib

    return (joblib.hash(lesion.read()),)
