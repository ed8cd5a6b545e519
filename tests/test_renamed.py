"""Names of the version before still work, and say what they are now."""

import importlib
from functools import reduce

import pytest
import sklearn.calibration
import sklearn.metrics

from sklearn_orn import metrics, plotting
from sklearn_orn._renamed import RENAMED

NAMES = [
    pytest.param(room, old, new, id=f"{room}.{old}")
    for room, names in RENAMED.items()
    for old, new in names.items()
]


@pytest.mark.parametrize(("room", "old", "new"), NAMES)
def test_an_old_name_is_the_new_one_and_warns(room, old, new):
    module = importlib.import_module(room)
    with pytest.warns(FutureWarning, match=f"{old} is {room}.{new} now") as caught:
        found = getattr(module, old)
    assert found == reduce(getattr, new.split("."), module)
    assert caught[0].filename == __file__
    assert old not in module.__all__


@pytest.mark.parametrize("room", RENAMED)
def test_a_name_that_never_was_is_no_attribute(room):
    module = importlib.import_module(room)
    with pytest.raises(AttributeError, match=f"module '{room}' has no attribute 'no'"):
        _ = module.no


def test_no_name_of_scikit_learn_means_something_else():
    theirs = {*sklearn.metrics.__all__, *dir(sklearn.calibration)}
    ours = {*metrics.__all__, *plotting.__all__}
    assert ours & theirs == {"get_scorer", "get_scorer_names"}
