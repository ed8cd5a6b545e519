"""A default that a docstring states is that of the signature."""

import ast
import importlib
import inspect
import re

import pytest

ROOMS = ("metrics", "selection", "model", "texture", "resampling", "images", "datasets")
STATED = re.compile(r"^ *(\w[\w, ]*) : .*\bdefault=(.+)$", re.M)


def _documented():
    for room in ROOMS:
        module = importlib.import_module(f"sklearn_orn.{room}")
        for name in module.__all__:
            thing = getattr(module, name)
            found = {name: thing} if callable(thing) else {}
            if inspect.isclass(thing):
                methods = inspect.getmembers(thing, inspect.isroutine)
                found |= {f"{name}.{key}": f for key, f in methods if key[0] != "_"}
            for path, function in found.items():
                # scikit-learn's set_fit_request and the like have no value to state.
                if not path.endswith("_request"):
                    stated = STATED.findall(function.__doc__ or "")
                    if stated:
                        yield pytest.param(function, stated, id=f"{room}.{path}")


@pytest.mark.parametrize(("function", "stated"), list(_documented()))
def test_a_stated_default_is_the_default(function, stated):
    parameters = inspect.signature(function).parameters
    for names, text in stated:
        value = 2 / 3 if text == "2/3" else ast.literal_eval(text)
        for name in names.split(", "):
            assert parameters[name].default == value, name
