"""Signatures that others published, and models on patients they have not seen."""

from sklearn_orn.model.signatures._input import read_coefficients
from sklearn_orn.model.signatures._signature import PublishedSignature
from sklearn_orn.model.signatures._validate import validate_externally
from sklearn_orn.model.signatures._zhong2020 import zhong2020

__all__ = [
    "PublishedSignature",
    "read_coefficients",
    "validate_externally",
    "zhong2020",
]
