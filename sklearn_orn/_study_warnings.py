"""How a `StudyWarning` is given: with its code, at the caller's line."""

import sys
import warnings
from types import FrameType

from sklearn_orn.exceptions import StudyWarning


def warn(text: str, code: str, *, stacklevel: int) -> None:
    """Warn as `warnings.warn` called in this place would, of a kind with a code."""
    warnings.warn(StudyWarning(text, code), stacklevel=stacklevel + 1)


def in_a_search() -> bool:
    """Tell whether scikit-learn's search over settings fits a part of the data now.

    Each of its fits is one of many, and the data of none are all: what is weak in them
    is said of the last, which the search fits to all of the data.
    """
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "_fit_and_score":
            # A search numbers its candidates; a cross-validation has none.
            return frame.f_locals.get("candidate_progress") is not None
        frame = frame.f_back
    return False
