"""The radiomics-nomogram study as one scikit-learn Pipeline."""

from typing import TYPE_CHECKING, Any

from sklearn_orn._show_versions import show_versions
from sklearn_orn.model import NomogramClassifier
from sklearn_orn.selection import FCMSelector, ICCFilter
from sklearn_orn.texture import Normalizer, TextureExtractor

if TYPE_CHECKING:
    from sklearn_orn.study.shared import radiomics_pipeline

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


def __getattr__(name: str) -> Any:
    # The room of whole studies is heavier than the five steps.
    if name == "radiomics_pipeline":
        from sklearn_orn.study.shared import radiomics_pipeline

        return radiomics_pipeline
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
