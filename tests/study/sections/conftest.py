"""What the sections draw with, kept."""

import pytest

from sklearn_orn.model import Nomogram


@pytest.fixture
def nomograms(monkeypatch):
    """Return a list of the nomograms that are made of coefficients, as they are."""
    made = []
    original = Nomogram.from_coefficients

    def kept(*args, **kwargs):
        made.append(original(*args, **kwargs))
        return made[-1]

    monkeypatch.setattr(Nomogram, "from_coefficients", kept)
    return made
