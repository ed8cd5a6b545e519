"""Errors that say which lesion they are about."""

from typing import Any

from sklearn_orn._messages import hidden_text
from sklearn_orn.exceptions import LesionError

__all__ = ["about"]


def about(lesion: Any, found: LesionError | str, place: str = "") -> LesionError:
    """Return an error that names a lesion, and hides what the lesion hides.

    The place stands behind the lesion's name, such as ``", mask"``.
    """
    what = found.marked if isinstance(found, LesionError) else found
    name = getattr(lesion, "marked_name", lesion.name)
    if getattr(lesion, "hides_paths", False):
        what, name = hidden_text(what), hidden_text(name)
    return LesionError(what, where=f"{name}{place}", row=getattr(lesion, "row", None))
