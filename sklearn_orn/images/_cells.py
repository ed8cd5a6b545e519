"""Cells of a table: empty ones, and numbers."""

from typing import SupportsFloat, TypeGuard

import numpy as np


def is_missing(value: object) -> bool:
    """Tell whether a cell of a table is empty: None, NaN, NA or blank."""
    if isinstance(value, str):
        return not value.strip()
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def is_number(value: object) -> TypeGuard[SupportsFloat]:
    """Tell whether a cell of a table is a number, or the text of one."""
    try:
        return bool(np.isfinite(float(value)))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False
