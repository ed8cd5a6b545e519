"""The page that measures: image and outline in, probability out, in one file."""

import re
from importlib.resources import files

from sklearn_orn import __version__
from sklearn_orn._io.html_page import embedded_json, filled_page
from sklearn_orn.deploy._model_file import ModelFile
from sklearn_orn.deploy._page_model import page_model

_BUILT = ("page/built/codecs.js", "page/built/app.js")
_STYLES = ("templates/calculator.css", "page/view/style.css")


def measuring_page(model: ModelFile, provenance: list[tuple[str, str]]) -> str:
    """Return the page; ModelFileError for a model that it cannot measure for."""
    data = page_model(model)
    return filled_page(
        "sklearn_orn.deploy",
        "page/view/page.html.j2",
        "".join(map(page_text, _STYLES)),
        "\n".join([nomogram_script(), *map(page_text, _BUILT)]),
        version=__version__,
        title=data["title"],
        positive=data["positive"],
        provenance=provenance,
        data=embedded_json(data | {"version": __version__}),
        worker=page_text("page/built/worker.js"),
    )


def nomogram_script(*modules: str) -> str:
    """Return what draws a nomogram and, of modules of the page, what they export."""
    parts = map(page_text, ("page/view/numbers.js", *modules))
    plain = [re.sub("^export ", "", part, flags=re.MULTILINE) for part in parts]
    return "".join([page_text("templates/nomogram.js"), *plain])


def page_text(name: str) -> str:
    """Return a file of this room."""
    return (files("sklearn_orn.deploy") / name).read_text(encoding="utf-8")
