"""Compilation of numerical kernels, imported only where a kernel runs."""

from collections.abc import Callable
from typing import Any

from numba import njit

# Sums may be added in another order, so that they use vector instructions.
REASSOCIATE = {"reassoc", "contract", "nsz"}


Kernel = Callable[..., Any]  # numba infers the types


def _compiled(function: Kernel, fastmath: bool | set[str]) -> Kernel:
    options = {"nogil": True, "error_model": "numpy", "fastmath": fastmath}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError as error:
        if "no locator available" not in str(error):
            raise
        return njit(**options)(function)


def kernel(function: Kernel) -> Kernel:
    """Compile a function on first call and keep the result on disk.

    Where no cache folder is writable it is compiled anew in each process.
    """
    return _compiled(function, False)


def reassociating_kernel(function: Kernel) -> Kernel:
    """Compile as `kernel` does, with sums in the order that is fastest."""
    return _compiled(function, REASSOCIATE)
