"""Errors that say which lesion they are about."""

from sklearn_orn._messages import hidden_text
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images._readable_lesion import ReadableLesion

__all__ = ["about"]


def about(
    lesion: ReadableLesion, found: LesionError | str, place: str = ""
) -> LesionError:
    """Return an error that names a lesion, and hides what the lesion hides.

    The place stands behind the lesion's name, such as ``", mask"``.
    """
    what = found.marked if isinstance(found, LesionError) else found
    name = getattr(lesion, "marked_name", lesion.name)
    if getattr(lesion, "hides_paths", False):
        what, name = hidden_text(what), hidden_text(name)
    return LesionError(what, where=f"{name}{place}", row=getattr(lesion, "row", None))
