"""What numba keeps is made anew where a part has changed; parts have own rules."""

import types

import numpy as np
import pytest

from sklearn_orn import _numba

FACTOR = 2.0
part = inner = itself = None  # names of parts in the kernels below


def _part(x):
    return FACTOR * x


def _inner(x):
    return 1.0 + x


def _kernel(x):
    return part(x) + 1.0


def kernel_of(part=_part, options=None, code=_kernel.__code__, **names):
    """Return the digest of the kernel, with the parts as numba has them."""

    def made(function, **targets):
        again = types.FunctionType(function.__code__, {**globals(), **names})
        return types.SimpleNamespace(py_func=again, targetoptions=targets)

    names.setdefault("inner", made(_inner))
    return _numba.digest(
        types.FunctionType(code, {"part": made(part, **(options or {}))})
    )


def _other_part(x):
    return FACTOR / x


def _constant(x):
    return 3.0 * x


def _nested(x):
    return inner(x)


def _other_kernel(x):
    return part(x) + 2.0


@pytest.mark.parametrize(
    "changed",
    [
        {"part": _other_part},
        {"part": _constant},
        {"FACTOR": 3.0},
        {"code": _other_kernel.__code__},
        {"options": {"fastmath": {"reassoc"}}},
    ],
)
def test_a_kernel_has_another_name_where_it_or_a_part_has_changed(changed):
    assert kernel_of(**changed) != kernel_of()
    assert kernel_of(**changed) == kernel_of(**changed)


def test_a_part_of_a_part_counts():
    deeper = types.SimpleNamespace(py_func=_other_part)
    assert kernel_of(_nested) != kernel_of(_nested, inner=deeper)


def test_a_part_that_calls_itself_ends():
    def again(x):
        return itself(x)

    names = {}
    names["itself"] = types.SimpleNamespace(
        py_func=types.FunctionType(again.__code__, names)
    )
    assert len(_numba.digest(names["itself"].py_func)) == 12


def test_flags_in_another_order_are_the_same():
    first, second = ({"fastmath": flags} for flags in (["a", "b"], ["b", "a"]))
    assert kernel_of(options=first) == kernel_of(options=second)


def test_a_kernel_is_kept_under_that_name():
    made = _numba.kernel(_inner)
    assert getattr(made, "py_func", made).__qualname__ == (
        f"_inner_{_numba.digest(_inner)}"
    )


@_numba.part
def _rounded(x):
    return (x + 1.5 * 2.0**52) - 1.5 * 2.0**52  # 0.0 + x in any order of the sum


@_numba.reassociating_part
def _sum_of_rounded(values):
    total = 0.0
    for x in values:
        total += _rounded(x)
    return total


@_numba.kernel
def _sums(values):
    total = _sum_of_rounded(values)
    return total, _rounded(values[0])


def test_sums_of_a_part_keep_their_order_whoever_calls_it():
    assert _sums(np.full(9, 0.7)) == (9.0, 1.0)
