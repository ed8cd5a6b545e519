"""Some lesions of the study, as a picture of the page."""

import io
import warnings

import numpy as np

from sklearn_orn.images import LesionSequence
from sklearn_orn.study.report._names import MONTAGE
from sklearn_orn.study.report._svg import Rendered
from sklearn_orn.study.report.sections._images import MOST_PANELS

DPI = 110


def draw_montage(cohort: LesionSequence) -> Rendered:
    """Draw some lesions, evenly spread over the table; there is no SVG of them."""
    from matplotlib import rc_context

    from sklearn_orn.plotting import MontageDisplay

    chosen = np.linspace(0, len(cohort) - 1, min(MOST_PANELS, len(cohort)))
    rows = np.unique(chosen.astype(int))
    content = io.BytesIO()
    # A name is no formula.
    with rc_context({"text.parse_math": False}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        display = MontageDisplay.from_cohort(cohort[rows])
        display.figure_.savefig(content, format="png", dpi=DPI)
    key, _, suffix = MONTAGE.partition(".")
    return Rendered(key, "", {suffix: content.getvalue()})
