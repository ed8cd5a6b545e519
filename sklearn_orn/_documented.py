"""What public estimators share: the link to their reference page, two attributes."""

import inspect
import sys

from sklearn_orn._shared_docs import completed, entries

COLUMNS = entries("""
n_features_in_ : int
    Number of columns seen in fit.
feature_names_in_ : ndarray of str
    Their names, where X has names.
""")


class Documented:
    """Base of public estimators, before scikit-learn's, whose links it replaces."""

    _doc_link_module = "sklearn_orn"
    _doc_link_template = (
        "https://sklearn-orn.readthedocs.io/page/reference/{room}.{name}-class.html"
    )

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "[[n_features_in_" in (cls.__doc__ or ""):
            cls.__doc__ = completed(inspect.cleandoc(cls.__doc__ or ""), COLUMNS) + "\n"

    def _doc_link_url_param_generator(self) -> dict[str, str]:
        package, room, *_ = type(self).__module__.split(".")
        name = type(self).__name__
        five = sys.modules[package].__all__  # they have their pages there
        return {"room": package if name in five else f"{package}.{room}", "name": name}
