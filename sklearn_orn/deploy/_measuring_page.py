"""The page that measures: image and outline in, probability out, in one file."""

from importlib.resources import files

from sklearn_orn import __version__
from sklearn_orn._block_names import is_virtual, parse_block
from sklearn_orn._io.codec import JsonObject
from sklearn_orn._io.html_page import embedded_json, filled_page
from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn.deploy._branches import image_branches, plain_columns
from sklearn_orn.deploy._model_file import ModelFile
from sklearn_orn.deploy._page_model import page_model

_SCRIPTS = ("templates/nomogram.js", "page/built/codecs.js", "page/built/app.js")
_STYLES = ("templates/calculator.css", "page/view/style.css")


def measuring_page(model: ModelFile, provenance: list[tuple[str, str]]) -> str:
    """Return the page; ModelFileError for a model that it cannot measure for."""
    data = measuring_data(model)
    return filled_page(
        "sklearn_orn.deploy",
        "page/view/page.html.j2",
        "".join(map(_text, _STYLES)),
        "\n".join(map(_text, _SCRIPTS)),
        version=__version__,
        title=data["title"],
        positive=data["positive"],
        provenance=provenance,
        data=embedded_json(data),
        worker=_text("page/built/worker.js"),
    )


def measuring_data(model: ModelFile) -> JsonObject:
    """Return what the page computes with, and what it shows of the training lesions."""
    data = page_model(model)
    clinical = [
        p["name"]
        for p in data["predictors"]
        if any(
            _is_column(p["name"], column) for column in plain_columns(model.pipeline)
        )
    ]
    measured = [p for p in data["predictors"] if p["name"] not in clinical]
    features = [
        f for p in measured for f in (p["score"] or {"predictors": [p]})["predictors"]
    ]
    readers = [
        parse_block(block).reader
        for branch in image_branches(model.pipeline)
        for block in branch.extractor.readers_
        if not is_virtual(parse_block(block).reader)
    ]
    return data | {
        "sha256": model.sha256,
        "version": __version__,
        "readers": readers,
        "measured": [p["name"] for p in measured],
        "ranges": [
            {"name": f["label"], "low": f["range"][0], "high": f["range"][1]}
            for f in features
        ],
    }


def _is_column(name: str, column: str) -> bool:
    return name == column or name.endswith(f"{SEPARATOR}{column}")


def _text(name: str) -> str:
    return (files("sklearn_orn.deploy") / name).read_text(encoding="utf-8")
