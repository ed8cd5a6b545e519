"""Check the docstring of every public name with the checks of pyproject.toml."""

import importlib
import inspect
import pkgutil
import re
import sys
import tomllib
from pathlib import Path

from numpydoc.docscrape import get_doc_object
from numpydoc.validate import validate

import sklearn_orn

# What works on a folder of images has its example in the pages, where it is run.
WITHOUT_EXAMPLES = ("sklearn_orn.study.", "sklearn_orn.testing.image_checks.")
# The checks of a battery have one parameter, which the battery explains.
BATTERY = "sklearn_orn.testing.image_checks.check_"
PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
API_PAGE = Path(__file__).parents[1] / "docs" / "api.rst"


def public_names():
    """Yield the full name and the object of functions, classes and their methods."""
    modules = [sklearn_orn.__name__]
    for module in pkgutil.walk_packages(sklearn_orn.__path__, "sklearn_orn."):
        if not any(part.startswith("_") for part in module.name.split(".")):
            modules.append(module.name)
    seen = set()
    for path in modules:
        module = importlib.import_module(path)
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            if id(thing) in seen or not callable(thing):
                continue
            seen.add(id(thing))
            yield f"{path}.{name}", thing
            if inspect.isclass(thing):
                yield from methods(f"{path}.{name}", thing)


def results():
    """Yield the same of the classes that functions return, listed on the API page."""
    room = ""
    for line in API_PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith(".. currentmodule::"):
            room = line.split()[-1]
        elif re.fullmatch(r"   _\w+(\.\w+)+", line):
            path = f"{room}.{line.strip()}"
            module, _, name = path.rpartition(".")
            thing = getattr(importlib.import_module(module), name)
            yield path, thing
            yield from methods(path, thing)


def methods(path, thing):
    """Yield the public methods and properties of a class that are of this project."""
    kinds = (classmethod, staticmethod, property)
    members = {}
    for base in reversed(thing.__mro__):
        if base.__module__.startswith("sklearn_orn."):
            members |= vars(base)
    for name, member in members.items():
        if not name.startswith("_") and (
            inspect.isfunction(member) or isinstance(member, kinds)
        ):
            yield f"{path}.{name}", member


def faults(path, thing, ignored):
    """Return the codes and messages of what is wrong.

    A result is made by our functions only: its fields stand under Attributes. An
    example is wanted of every function.
    """
    if inspect.isclass(thing) and get_doc_object(thing)["Attributes"]:
        ignored = ignored | {"PR01"}
    is_function = inspect.isfunction(thing) and "." not in thing.__qualname__
    if not is_function or path.startswith(WITHOUT_EXAMPLES):
        ignored = ignored | {"EX01"}
    return [error for error in validate(path)["errors"] if error[0] not in ignored]


def main():
    """Print what is wrong and return the number of faults."""
    settings = tomllib.loads(PYPROJECT.read_text())["tool"]["numpydoc_validation"]
    ignored = set(settings["checks"]) - {"all"}
    names = [*public_names(), *results()]
    names = [pair for pair in names if not pair[0].startswith(BATTERY)]
    count = 0
    for path, thing in names:
        for code, message in faults(path, thing, ignored):
            print(f"{path}: {code} {message}")
            count += 1
    print(f"{len(names)} docstrings, {count} faults")
    return count


if __name__ == "__main__":
    sys.exit(min(main(), 1))
