"""Packages of others, of the extra ``[ecosystem]``, with our steps in them.

Their own warnings are theirs: they do not fail here.
"""

import pytest

from tests.ecosystem._machines import run_machine
from tests.ecosystem._third_parties import THIRD_PARTIES


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("machine", THIRD_PARTIES, ids=lambda machine: machine.name)
def test_third_party(machine):
    pytest.importorskip(machine.name)
    run_machine(machine)
