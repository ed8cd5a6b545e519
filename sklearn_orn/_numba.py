"""Compilation of numerical kernels, imported only where a kernel runs."""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import TypeVar, cast

import numpy as np
from numba import njit

# Signed indices are looked at for being negative, at each of them; these are not.
INDEX = np.uint64
# Sums may be added in another order, so that they use vector instructions.
REASSOCIATE = {"reassoc", "contract", "nsz"}

Kernel = TypeVar("Kernel", bound=Callable[..., object])
OPTIONS = {"nogil": True, "error_model": "numpy"}
CONSTANTS = (int, float, str, tuple)  # numba freezes their values into the code
# C calls none of them. What Python does not call either needs no way in, whose
# compilation takes as long.
NOT_OF_C = {"no_cfunc_wrapper": True}
INSIDE = {"no_cpython_wrapper": True, **NOT_OF_C}


def kernel(function: Kernel) -> Kernel:
    """Compile a function on first call and keep the result on disk.

    Numba makes it anew where its own file has changed. It is kept under a name that
    changes with its parts, which stand in other files too. Where no cache folder is
    writable it is compiled anew in each process.
    """
    function.__qualname__ = f"{function.__name__}_{digest(function)}"
    try:
        return njit(cache=True, **OPTIONS, **NOT_OF_C)(function)
    except RuntimeError as error:
        if "no locator available" not in str(error):
            raise
        return njit(**OPTIONS, **NOT_OF_C)(function)


def digest(function: Callable[..., object]) -> str:
    """Return a short digest of the code of a kernel and its parts, and of constants."""
    text, parts = hashlib.sha256(), [function]
    seen: set[FunctionType] = set()
    while parts:
        made = parts.pop()
        python = cast(FunctionType, getattr(made, "py_func", made))
        if python in seen:
            continue
        seen.add(python)
        code = python.__code__
        used = [python.__globals__.get(name) for name in code.co_names]
        constants = [v for v in (*code.co_consts, *used) if isinstance(v, CONSTANTS)]
        options = sorted(getattr(made, "targetoptions", {}).get("fastmath") or ())
        text.update(repr((code.co_code, code.co_names, constants, options)).encode())
        parts += [v for v in used if v is not None and hasattr(v, "py_func")]
    return text.hexdigest()[:12]


def is_kept(made: Callable[..., object]) -> bool:
    """Say whether a kernel was compiled on this machine, for use in each process.

    True also where numba compiles nothing or keeps nothing: nothing is gained ahead.
    What an older version of the program left is older than the file that is there now.
    """
    folder = getattr(getattr(made, "stats", None), "cache_path", None)
    if folder is None:
        return True
    source = sys.modules[made.__module__].__file__
    made_at = Path(source).stat().st_mtime if source else 0.0
    module = made.__module__.rpartition(".")[2]
    kept = Path(folder).glob(f"{module}.{made.__qualname__}-*.nbi")
    return any(path.stat().st_mtime >= made_at for path in kept)


def part(function: Kernel) -> Kernel:
    """Compile what kernels call, as a part of them.

    Without saying so it would take over the sums in any order of who calls it first.
    """
    return njit(fastmath=False, **OPTIONS, **INSIDE)(function)


def reassociating_part(function: Kernel) -> Kernel:
    """Compile as `part` does, with sums in the order that is fastest."""
    return njit(fastmath=REASSOCIATE, **OPTIONS, **INSIDE)(function)


def inlined(function: Kernel) -> Kernel:
    """Compile as if the function stood where it is called; for one caller."""
    return njit(inline="always", **OPTIONS)(function)
