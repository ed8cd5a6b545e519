"""One ROI of several: by name, by number, or the only one."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from sklearn_orn.exceptions import LesionError

__all__ = ["choose_roi"]


class _Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def number(self) -> int: ...


N = TypeVar("N", bound=_Named)


def choose_roi(rois: Sequence[N], wanted: str | None, what: str = "ROIs") -> N:
    """Find the ROI that `path#name` or `path#number` asks for.

    Parameters
    ----------
    rois : sequence of objects with `name` and `number`
        Of one file.
    wanted : str or None
        Name, or number if no ROI has that name; None for the only one.
    what : str, default="ROIs"
        What messages call them.

    Returns
    -------
    object
        The ROI.

    Raises
    ------
    LesionError
        If there is not exactly one; the message lists them.
    """
    listed = ", ".join(f"'{roi.name}' (#{roi.number})" for roi in rois[:40]) or "none"
    if len(rois) > 40:
        listed += f" and {len(rois) - 40} more"
    if wanted is None:
        found, asked = list(rois), "no ROI is chosen"
    else:
        found = [roi for roi in rois if roi.name == wanted]
        found = found or [roi for roi in rois if str(roi.number) == wanted]
        asked = f"'#{wanted}' was asked for"
    if len(found) == 1:
        return found[0]
    raise LesionError(
        f"{asked}, and the {what} are {listed}; expected exactly one. Choose it in "
        "the table as 'path#name' or 'path#number'."
    )
