"""Hypothesis strategies for the data of a radiomics study.

They need hypothesis, which comes with ``pip install "sklearn-orn[test]"``. Each draws
what can happen in a study, extremes first, and shrinks to the smallest example that
its documentation names: a counterexample is one pixel or three patients, not a table
of noise.

- Images: `images`, `rois`, `spacings`, `lesions`.
- Tables: `feature_tables`, `reader_tables`.
- Outcomes: `outcomes_with_patients`, `probabilities`, `scores`.
- Models: `fitted_nomograms`, `nomograms`.

Examples
--------
>>> from hypothesis import given
>>> from sklearn_orn import TextureExtractor
>>> from sklearn_orn.testing.strategies import lesions
>>> @given(lesions(max_side=12))
... def test_the_share_of_runs_is_a_share(lesion):
...     table = TextureExtractor(["run_length"]).fit_transform([lesion])
...     assert table["Horzl_Fraction"].between(0, 1).all()
>>> test_the_share_of_runs_is_a_share()
"""

try:
    import hypothesis  # noqa: F401
except ImportError as error:
    raise ImportError(
        "sklearn_orn.testing.strategies needs hypothesis, which is not installed: "
        'python -m pip install "sklearn-orn[test]".'
    ) from error

from sklearn_orn.testing._draw_lesions import DTYPES, images, lesions, spacings
from sklearn_orn.testing._draw_models import (
    DrawnNomogram,
    FittedNomogram,
    fitted_nomograms,
    nomograms,
)
from sklearn_orn.testing._draw_outcomes import (
    LABELS,
    Outcomes,
    outcomes_with_patients,
    probabilities,
    scores,
)
from sklearn_orn.testing._draw_rois import TOPOLOGIES, rois
from sklearn_orn.testing._draw_tables import feature_tables, reader_tables

__all__ = [
    "DTYPES",
    "LABELS",
    "TOPOLOGIES",
    "DrawnNomogram",
    "FittedNomogram",
    "Outcomes",
    "feature_tables",
    "fitted_nomograms",
    "images",
    "lesions",
    "nomograms",
    "outcomes_with_patients",
    "probabilities",
    "reader_tables",
    "rois",
    "scores",
    "spacings",
]
