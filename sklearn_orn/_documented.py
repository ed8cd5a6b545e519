"""The link from the HTML representation of an estimator to its reference page."""

import sys


class Documented:
    """Base of public estimators, before scikit-learn's, whose links it replaces."""

    _doc_link_module = "sklearn_orn"
    _doc_link_template = (
        "https://sklearn-orn.readthedocs.io/page/reference/{room}.{name}-class.html"
    )

    def _doc_link_url_param_generator(self) -> dict[str, str]:
        package, room, *_ = type(self).__module__.split(".")
        name = type(self).__name__
        five = sys.modules[package].__all__  # they have their pages there
        return {"room": package if name in five else f"{package}.{room}", "name": name}
