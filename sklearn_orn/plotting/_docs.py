"""Docstrings and signatures of Displays: what several of them say, written once."""

import inspect
import typing
from collections.abc import Callable, Mapping

from sklearn_orn._shared_docs import complete_function, completed

EXAMPLES = "Examples\n--------\n"

# By name, or by method and name. A class adds to them in `_texts`.
TEXTS = """
ax : matplotlib Axes, default=None
    Axes to draw on; None makes a figure.
ax_ : matplotlib Axes
figure_ : matplotlib Figure
name : str, default=None
    Name in the legend.
plot.name : str, default=None
    Name in the legend; None takes the display's own.
estimator : estimator
    With `predict_proba`.
X : array-like
    Samples.
y : array-like of shape (n_samples,)
    Outcome.
y_true : array-like of shape (n_samples,)
    Outcome with two labels.
y_proba : array-like of shape (n_samples,)
    Probability of the positive class.
pos_label : label, default=None
    The positive label; None takes 1 of {0, 1} or {-1, 1}.
from_estimator.pos_label : label, default=None
    The positive label; None takes ``classes_[1]``.
from_cv_results.pos_label : label, default=None
    The positive label; None takes ``classes_[1]``.
random_state : int, RandomState instance or None, default=None
    Seed of the bootstrap.
cv_results : dict
    From ``cross_validate(..., return_estimator=True, return_indices=True)``.
from_cv_results.X : array-like
    What was cross-validated.
"""


def complete_class(owner: type, texts: Mapping[str, str]) -> None:
    """Complete the docstring of a class, and say which of its methods make it.

    A line such as ``[[ax, name]]`` stands for the texts of these names; an example of
    a `display` closes its figure. Without docstrings (``python -OO``) there is nothing
    to complete.
    """
    if owner.__doc__ is None:
        return
    doc = completed(inspect.cleandoc(owner.__doc__), texts)
    makers = [f"`{name}`" for name in vars(owner) if name.startswith("from_")]
    if makers:
        made = " or ".join([", ".join(makers[:-1]), makers[-1]]).removeprefix(" or ")
        doc = doc.replace("Parameters\n", f"Make it with {made}.\n\nParameters\n", 1)
    if EXAMPLES in doc:
        doc = doc.replace(EXAMPLES, f"{EXAMPLES}>>> import matplotlib.pyplot as plt\n")
        doc += "\n>>> plt.close(display.figure_)"
    owner.__doc__ = f"{doc}\n"


def complete_method(
    method: Callable[..., object], owner: type, texts: Mapping[str, str]
) -> None:
    """Write out the signature of a method, and complete its docstring.

    Where it says nothing of what it returns, it is the display.
    """
    signature = _written_out(method, owner)
    itself = "\n    Itself." if method.__name__ == "plot" else ""
    complete_function(method, texts, owner.__name__ + itself, [*signature.parameters])


def _written_out(method: Callable[..., object], owner: type) -> inspect.Signature:
    """Put the keywords that a method passes on in place of its ``**settings``."""
    signature = inspect.signature(method)
    settings = signature.parameters.get("settings")
    if settings is None:
        return signature
    annotation = settings.annotation
    if isinstance(annotation, str):  # the others may name what is not imported
        annotation = eval(annotation, method.__globals__)
    (keywords,) = typing.get_args(annotation)
    all_keywords = inspect.signature(
        vars(owner)["from_predictions"].__func__
    ).parameters
    signature = signature.replace(
        parameters=[
            *(p for p in signature.parameters.values() if p is not settings),
            *(p for n, p in all_keywords.items() if n in keywords.__optional_keys__),
        ]
    )
    method.__signature__ = signature  # type: ignore[attr-defined]
    return signature
