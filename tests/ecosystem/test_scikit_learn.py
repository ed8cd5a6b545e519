"""scikit-learn's machines run our five steps as they run their own."""

import pytest

from tests.ecosystem._all import SCIKIT_LEARN
from tests.ecosystem._machines import run_machine


@pytest.mark.parametrize("machine", SCIKIT_LEARN, ids=lambda machine: machine.name)
def test_machine(machine):
    run_machine(machine)


def test_there_are_many_and_each_has_a_name():
    names = [machine.name for machine in SCIKIT_LEARN]
    assert len(names) == len(set(names)) >= 50
