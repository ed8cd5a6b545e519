"""What docstrings leave out is put in, and nobody else's docstring is touched."""

import inspect

import pytest

from sklearn_orn import ICCFilter
from sklearn_orn._documented import Documented
from sklearn_orn._shared_docs import documented
from sklearn_orn.model import CrossFittedScore

shared = documented(
    """
X : array-like
    Features.
y : array-like
    Outcome.
fit.y : array-like
    Labels.
""",
    beginning=">>> import numpy",
)


@shared
def score(X, y, *, level=0.95, **others):
    """Return a score.

    Parameters
    ----------
    level : float, default=0.95
        Level.
    **others
        Passed on.

    Examples
    --------
    [[beginning]]
    """


@shared
class Model:
    @classmethod
    def fit(cls, X, y):
        """Fit."""

    def predict(self, X):
        """Predict."""

    def _hidden(self, Z):
        """Nobody reads this."""


def sections(function):
    return inspect.getdoc(function).split("\n\n")


def test_parameters_come_in_the_order_of_the_signature():
    head, parameters, examples = sections(score)
    assert head == "Return a score."
    assert parameters.split("\n")[2::2] == [
        *("X : array-like", "y : array-like"),
        *("level : float, default=0.95", "**others"),
    ]
    assert examples.endswith(">>> import numpy")


def test_methods_of_a_class_are_completed():
    _, parameters, returns = sections(Model.fit)
    assert parameters.endswith("y : array-like\n    Labels.")
    assert returns == "Returns\n-------\nModel"
    assert sections(Model.predict)[1:] == [
        "Parameters\n----------\nX : array-like\n    Features."
    ]
    assert Model._hidden.__doc__ == "Nobody reads this."


def test_a_parameter_without_a_text_is_named():
    with pytest.raises(LookupError, match="no text of Z"):

        @shared
        def other(X, Z):
            """Do."""


def test_estimators_say_what_fit_and_fit_transform_return():
    assert "CrossFittedScore\n    Itself." in inspect.getdoc(CrossFittedScore.fit)
    told = inspect.getdoc(CrossFittedScore.transform).partition("Returns\n")[2]
    assert told and told in inspect.getdoc(CrossFittedScore.fit_transform)


def test_classes_of_the_user_stay_as_they_are():
    class Own(ICCFilter):
        def fit(self, X, y=None, *, anything=None):
            """Fit on anything."""

    assert issubclass(Own, Documented)
    assert Own.fit.__doc__ == "Fit on anything."
