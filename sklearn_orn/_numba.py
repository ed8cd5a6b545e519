"""Compilation of numerical kernels, imported only where a kernel runs."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numba import njit

# Signed indices are looked at for being negative, at each of them; these are not.
INDEX = np.uint64
# Sums may be added in another order, so that they use vector instructions.
REASSOCIATE = {"reassoc", "contract", "nsz"}

Kernel = TypeVar("Kernel", bound=Callable[..., object])
OPTIONS = {"nogil": True, "error_model": "numpy"}
# What Python does not call needs no way in, whose compilation takes as long.
INSIDE = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def kernel(function: Kernel) -> Kernel:
    """Compile a function on first call and keep the result on disk.

    Where no cache folder is writable it is compiled anew in each process.
    """
    try:
        return njit(cache=True, **OPTIONS)(function)
    except RuntimeError as error:
        if "no locator available" not in str(error):
            raise
        return njit(**OPTIONS)(function)


def part(function: Kernel) -> Kernel:
    """Compile what kernels call, as a part of them."""
    return njit(**OPTIONS, **INSIDE)(function)


def reassociating_part(function: Kernel) -> Kernel:
    """Compile as `part` does, with sums in the order that is fastest."""
    return njit(fastmath=REASSOCIATE, **OPTIONS, **INSIDE)(function)


def inlined(function: Kernel) -> Kernel:
    """Compile as if the function stood where it is called; for one caller."""
    return njit(inline="always", **OPTIONS)(function)
