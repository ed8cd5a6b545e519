"""The radiomics-nomogram study as one scikit-learn Pipeline."""

__version__ = "0.1.0.dev0"
