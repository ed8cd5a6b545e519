"""Errors that say which lesion they are about."""

from typing import Any

from sklearn_orn._messages import hidden_text
from sklearn_orn.exceptions import LesionError

__all__ = ["about"]


def about(lesion: Any, found: LesionError | str, place: str = "") -> LesionError:
    """Return an error that names a lesion, and hides what the lesion hides.

    Parameters
    ----------
    lesion : Lesion, or what an image step made of one
        Which.
    found : LesionError or str
        What went wrong.
    place : str, default=""
        Where, behind the lesion's name, such as ``", mask"``.

    Returns
    -------
    LesionError
        With the row of the lesion.
    """
    what = found.marked if isinstance(found, LesionError) else found
    name = getattr(lesion, "marked_name", lesion.name)
    if getattr(lesion, "hides_paths", False):
        what, name = hidden_text(what), hidden_text(name)
    return LesionError(what, where=f"{name}{place}", row=getattr(lesion, "row", None))
