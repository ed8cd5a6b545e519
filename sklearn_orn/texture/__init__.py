"""Texture: MaZda's 279 features of the lesions that readers outlined."""

from sklearn_orn.texture._catalogue import FAMILIES, family_of, feature_names
from sklearn_orn.texture._extractor import TextureExtractor
from sklearn_orn.texture._features_file import read_features
from sklearn_orn.texture._normalizer import Normalizer
from sklearn_orn.texture._provenance import declare_settings
from sklearn_orn.texture._single_roi import extract_features, feature_map

__all__ = [
    "FAMILIES",
    "Normalizer",
    "TextureExtractor",
    "declare_settings",
    "extract_features",
    "family_of",
    "feature_map",
    "feature_names",
    "read_features",
]
