"""What a function does, as a key: one whose body was changed is another one."""

import functools
import hashlib
import types
from collections.abc import Callable, Iterator
from pickle import PicklingError

import joblib
import numpy as np

__all__ = ["function_key"]

_OURS = __name__.partition(".")[0]
_PLAIN = (
    *(bool, int, float, complex, str, bytes, type(None)),
    *(tuple, list, dict, set, frozenset, np.ndarray, np.generic),
)


def function_key(function: Callable[..., object]) -> str:
    """Hash a function by its name and arguments and, if it is a user's, its body.

    The body is that of the function, and of the functions, classes and plain values of
    the same package that it names. What other packages do is not looked into; ours
    says so by `FEATURE_VERSION`.
    """
    texts = [joblib.hash(function), *_bodies(function, {})]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _bodies(thing: object, seen: dict[int, object]) -> Iterator[str]:
    """Yield what tells the body of a callable from that of another one."""
    if id(thing) in seen:
        return
    seen[id(thing)] = thing  # kept alive, so that no other object has its id
    if isinstance(thing, type):
        yield from _of_class(thing, seen)
    elif isinstance(thing, types.FunctionType) and _package(thing) != _OURS:
        yield from _of_function(thing, seen)
    for inner in _called_by(thing):
        yield from _bodies(inner, seen)


def _called_by(thing: object) -> Iterator[object]:
    """Yield the callables that a partial, method or object with __call__ is made of."""
    if isinstance(thing, functools.partial):
        parts = (thing.func, *thing.args, *thing.keywords.values())
        yield from filter(callable, parts)
    elif isinstance(thing, types.MethodType):
        yield from (thing.__func__, type(thing.__self__))
    elif not isinstance(thing, type | types.FunctionType | types.BuiltinFunctionType):
        yield type(thing)
    if hasattr(thing, "__wrapped__"):  # a decorated function
        yield thing.__wrapped__
    elif not isinstance(thing, type) and hasattr(thing, "py_func"):  # one of numba's
        yield thing.py_func


def _of_function(
    function: types.FunctionType, seen: dict[int, object]
) -> Iterator[str]:
    code = function.__code__
    yield from _of_code(code)
    yield _value_key((function.__defaults__, function.__kwdefaults__))
    names = sorted(_names(code))
    for name in names:
        value = function.__globals__.get(name)
        used = [value]
        if isinstance(value, types.ModuleType):
            ours = value.__name__.partition(".")[0] == _package(function)
            inside = vars(value) if ours else {}
            used = [inside[other] for other in names if other in inside]
        for thing in used:
            if not callable(thing):
                yield f"{name}={_value_key(thing)}"
            elif _package(thing) == _package(function):
                yield name
                yield from _bodies(thing, seen)
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        try:
            value = cell.cell_contents
        except ValueError:  # not filled yet
            continue
        yield name
        if callable(value):
            yield from _bodies(value, seen)
        else:
            yield _value_key(value)


def _of_class(cls: type, seen: dict[int, object]) -> Iterator[str]:
    for base in cls.__mro__:
        if _package(base) != _package(cls) or _package(base) == _OURS:
            continue
        for name, member in sorted(vars(base).items()):
            inner = getattr(member, "__func__", getattr(member, "fget", member))
            if isinstance(inner, types.FunctionType):
                yield name
                yield from _bodies(inner, seen)
            elif not name.startswith("_") and isinstance(inner, _PLAIN):
                yield f"{name}={_value_key(inner)}"


def _of_code(code: types.CodeType) -> Iterator[str]:
    """Yield what a body does; not its lines and file, which move without a change."""
    yield repr((code.co_code, code.co_names, code.co_varnames, code.co_freevars))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _of_code(constant)
        elif isinstance(constant, frozenset):
            yield repr(sorted(map(repr, constant)))
        else:
            yield repr(constant)


def _names(code: types.CodeType) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _names(constant)
    return names


def _value_key(value: object) -> str:
    """Hash a plain value; of another object, and of one not there, name the type."""
    if isinstance(value, _PLAIN):
        try:
            return str(joblib.hash(value))
        except (PicklingError, TypeError, AttributeError):
            pass  # it holds something that is not plain
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _package(thing: object) -> str:
    return str(getattr(thing, "__module__", None) or "").partition(".")[0]
