"""What public estimators share: the link to their reference page, and texts."""

import inspect
import sys

from sklearn_orn._shared_docs import (
    complete_function,
    completed,
    public_methods,
    returned,
    texts_of,
)


class Documented:
    """Base of public estimators, before scikit-learn's, whose links it replaces.

    What docstrings of this project leave out is completed with the texts in the class's
    own `_texts` and these; `fit` returns the estimator, `fit_transform` what
    `transform` does.
    """

    _doc_link_module = "sklearn_orn"
    _doc_link_template = (
        "https://sklearn-orn.readthedocs.io/page/reference/{room}.{name}-class.html"
    )
    _texts = """
n_features_in_ : int
    Number of columns seen in fit.
feature_names_in_ : ndarray of str
    Their names, where X has names.
groups : array-like of shape (n_samples,), default=None
    The patient of each sample.
input_features : array-like of str, default=None
    Must equal the names seen in fit, where given.
"""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not cls.__module__.startswith("sklearn_orn."):  # a class of the user's
            return
        texts = texts_of(cls)
        if cls.__doc__ is not None:
            cls.__doc__ = completed(inspect.cleandoc(cls.__doc__), texts) + "\n"
        returns = {"fit": f"{cls.__name__}\n    Itself."}
        if hasattr(cls, "transform"):
            returns["fit_transform"] = returned(cls.transform)
        for method in public_methods(cls):
            complete_function(method, texts, returns.get(method.__name__, ""))

    def _doc_link_url_param_generator(self) -> dict[str, str]:
        package, room, *_ = type(self).__module__.split(".")
        name = type(self).__name__
        five = sys.modules[package].__all__  # they have their pages there
        return {"room": package if name in five else f"{package}.{room}", "name": name}
