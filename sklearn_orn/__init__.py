"""The radiomics-nomogram study as one scikit-learn Pipeline."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sklearn_orn._show_versions import show_versions
    from sklearn_orn.model import NomogramClassifier
    from sklearn_orn.selection import FCMSelector, ICCFilter
    from sklearn_orn.study.shared import radiomics_pipeline
    from sklearn_orn.texture import Normalizer, TextureExtractor

__version__ = "0.1.0.dev0"

__all__ = [
    "FCMSelector",
    "ICCFilter",
    "NomogramClassifier",
    "Normalizer",
    "TextureExtractor",
    "__version__",
    "radiomics_pipeline",
    "show_versions",
]

# Imported when they are asked for: `sklearn-orn --help` needs none of them.
_ROOMS = {
    "FCMSelector": "selection",
    "ICCFilter": "selection",
    "NomogramClassifier": "model",
    "Normalizer": "texture",
    "TextureExtractor": "texture",
    "radiomics_pipeline": "study.shared",
    "show_versions": "_show_versions",
}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
