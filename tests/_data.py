"""Where the tests find the reference data that the project does not ship."""

import json
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
R_REFERENCE = Path(__file__).parent / "r_reference"


def of_r(name):
    """Return what R gave, from its JSON file."""
    return json.loads((R_REFERENCE / f"{name}.json").read_text())


def needs_shared(name):
    """Skip a test where the reference data set `name` is not on this machine."""
    return pytest.mark.skipif(
        not (SHARED / name).exists(), reason=f"the data set {name} is not here"
    )
