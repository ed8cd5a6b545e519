"""Signatures in help() and tooltips can be read."""

import importlib
import inspect
from typing import get_args

import pytest

from sklearn_orn import exceptions
from sklearn_orn.model import _lambda_choice
from sklearn_orn.selection import _criteria, _intraclass_correlation
from tests.test_docs import public_objects

# One parameter for each key of study.yaml; one field for each number of val.prob.
LONG = {"StudyConfig", "CalibrationStatistics"}
NOISE = ("ForwardRef", "_NestedSequence", "_Buffer", "collections.abc.", "numpy._")


def _signatures():
    for places in public_objects():
        owner, name = _found(places[0])
        if not callable(owner) or name in exceptions.__all__:
            continue
        yield name, owner
        if inspect.isclass(owner):
            for method in vars(owner):
                if method[0] != "_" and callable(getattr(owner, method)):
                    yield f"{name}.{method}", getattr(owner, method)


def _found(path):
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name), name


@pytest.mark.parametrize(
    ("name", "function"), [pytest.param(*pair, id=pair[0]) for pair in _signatures()]
)
def test_a_signature_is_short_and_in_plain_words(name, function):
    text = str(inspect.signature(function))
    assert not [noise for noise in NOISE if noise in text], text
    assert len(text) <= 600 or name in LONG, text


@pytest.mark.parametrize(
    ("words", "table"),
    [
        (_lambda_choice.Scoring, _lambda_choice.SCORINGS),
        (_criteria.Poe, _criteria._POE),
        (_intraclass_correlation.McGrawWong, _intraclass_correlation.ALIASES),
    ],
)
def test_the_words_of_a_type_are_those_of_its_table(words, table):
    assert set(get_args(words)) == set(table)
