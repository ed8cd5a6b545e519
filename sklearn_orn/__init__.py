"""The radiomics-nomogram study as one scikit-learn Pipeline."""

from sklearn_orn._radiomics_pipeline import radiomics_pipeline
from sklearn_orn._show_versions import show_versions
from sklearn_orn.model import NomogramClassifier
from sklearn_orn.selection import FCMSelector, ICCFilter
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
