import pytest

from sklearn_orn.exceptions import LesionError


@pytest.fixture(autouse=True)
def no_path_in_a_hidden_view(monkeypatch, tmp_path_factory):
    """Every error that these tests meet, whatever its format, can hide its file."""
    hidden, init = [], LesionError.__init__

    def spy(error, *args, **kwargs):
        init(error, *args, **kwargs)
        hidden.append(error.hidden)

    monkeypatch.setattr(LesionError, "__init__", spy)
    yield
    folder = str(tmp_path_factory.getbasetemp())
    assert [text for text in hidden if folder in text] == []
