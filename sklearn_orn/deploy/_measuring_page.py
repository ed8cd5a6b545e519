"""The page that measures: image and outline in, probability out, in one file."""

from importlib.resources import files

from sklearn_orn import __version__
from sklearn_orn._io.html_page import embedded_json, filled_page, script_of
from sklearn_orn.deploy._model_file import ModelFile
from sklearn_orn.deploy._page_model import page_model

NUMBERS = "page/numbers.js"
_SCRIPTS = ("templates/nomogram.js", "page/built/codecs.js", "page/built/app.js")
_STYLES = ("templates/calculator.css", "page/view/style.css")


def measuring_page(model: ModelFile, provenance: list[tuple[str, str]]) -> str:
    """Return the page; ModelFileError for a model that it cannot measure for."""
    data = page_model(model)
    return filled_page(
        "sklearn_orn.deploy",
        "page/view/page.html.j2",
        "".join(map(_text, _STYLES)),
        "\n".join([script_of("sklearn_orn.deploy", NUMBERS), *map(_text, _SCRIPTS)]),
        version=__version__,
        title=data["title"],
        positive=data["positive"],
        provenance=provenance,
        data=embedded_json(data | {"version": __version__}),
        worker=_text("page/built/worker.js"),
    )


def _text(name: str) -> str:
    return (files("sklearn_orn.deploy") / name).read_text(encoding="utf-8")
