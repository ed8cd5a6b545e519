"""Docstrings and signatures of Displays: what several methods say, written once."""

import inspect
import re
import typing
from collections.abc import Callable, Iterator

MARKER = "[[Parameters, Returns]]"

# By parameter, or by method and parameter. A class adds to them in `_texts`.
TEXTS = """
ax : matplotlib Axes, default=None
    Axes to draw on; None makes a figure.
name : str, default=None
    Name in the legend.
plot.name : str, default=None
    Name in the legend; None takes the display's own.
estimator : estimator
    With `predict_proba`; the positive class is ``classes_[1]``.
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
random_state : int, RandomState instance or None, default=None
    Seed of the bootstrap.
cv_results : dict
    From ``cross_validate(..., return_estimator=True, return_indices=True)``.
from_cv_results.X : array-like
    What was cross-validated.
classifier : NomogramClassifier
    Fitted with ``penalty="lasso"``.
"""


def entries(section: str) -> dict[str, str]:
    """Cut the text of a section into its parameters, each with its lines."""
    parts = re.split(r"\n(?=\S)", section.strip("\n"))
    return {
        name: part
        for part in parts
        if part
        for name in part.partition(" : ")[0].split(", ")
    }


def complete(method: Callable[..., object], owner: type, texts: str) -> None:
    """Write out the signature of a method, and its docstring where it has the marker.

    What stands between the marker and the next empty line are the method's own
    parameters; the others are taken by their names. Without docstrings (``python
    -OO``) there is nothing to fill.
    """
    signature = _written_out(method, owner)
    if method.__doc__ is None or MARKER not in method.__doc__:
        return
    before, _, after = inspect.cleandoc(method.__doc__).partition(MARKER)
    own, _, rest = after.partition("\n\n")
    known = entries(TEXTS) | entries(texts) | entries(own)
    chosen = []
    for name in list(signature.parameters)[1:]:
        key = f"{method.__name__}.{name}"
        key = name if name in entries(own) or key not in known else key
        if key not in known:
            raise LookupError(f"{owner.__name__}.{method.__name__}: no text of {name}.")
        chosen.append(known[key].removeprefix(f"{method.__name__}."))
    parameters = "\n".join(dict.fromkeys(chosen))
    itself = "\n    Itself." if method.__name__ == "plot" else ""
    sections = [
        f"{before}Parameters\n----------\n{parameters}",
        f"Returns\n-------\n{owner.__name__}{itself}",
        *([rest] if rest else []),
    ]
    method.__doc__ = "\n\n".join(sections) + "\n"


def _written_out(method: Callable[..., object], owner: type) -> inspect.Signature:
    """Put the keywords that a method passes on in place of its ``**settings``."""
    signature = inspect.signature(method)
    passed = signature.parameters.get("settings")
    if passed is not None:
        (keywords,) = typing.get_args(passed.annotation)
        kept = [p for p in signature.parameters.values() if p is not passed]
        kept += _accepted(owner, keywords.__optional_keys__)
        signature = signature.replace(parameters=kept)
        method.__signature__ = signature  # type: ignore[attr-defined]
    return signature


def _accepted(owner: type, names: frozenset[str]) -> Iterator[inspect.Parameter]:
    predict = inspect.signature(vars(owner)["from_predictions"].__func__)
    for name, parameter in predict.parameters.items():
        if name in names:
            yield parameter
