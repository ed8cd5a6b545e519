"""Which features are NaN for which degenerate ROI: the table of the documentation."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pytest

from sklearn_orn.texture import extract_features

PAGE = Path(__file__).parents[2] / "docs" / "undefined-features.md"
SHAPES = {
    "one pixel": (1, 1),
    "one row of 20 pixels": (1, 20),
    "one column of 20 pixels": (20, 1),
    "2 x 2 pixels": (2, 2),
    "3 x 3 pixels": (3, 3),
    "5 x 5 pixels": (5, 5),
    "40 x 40 pixels": (40, 40),
    "40 x 40 pixels, all equal": (40, 40),
}
TABLE = {
    cells[1].strip(): re.findall(r"`(.+?)`", cells[2])
    for line in PAGE.read_text().splitlines()
    if line.startswith("| ") and (cells := line.split("|"))[1].strip() in SHAPES
}


@pytest.mark.parametrize("roi", SHAPES)
@pytest.mark.parametrize("normalization", ["3sigma", "1-99", "1-99-below", "none"])
def test_the_documented_features_are_nan_and_no_others(roi, normalization):
    height, width = SHAPES[roi]
    image = np.random.default_rng(0).integers(0, 4096, size=(128, 128))
    if "equal" in roi:
        image[:] = 7
    mask = np.zeros((128, 128), dtype=bool)
    mask[60 : 60 + height, 60 : 60 + width] = True
    features = extract_features(image, mask, normalization=normalization)
    for name, value in features.items():
        documented = any(fnmatchcase(name, pattern) for pattern in TABLE[roi])
        assert np.isnan(value) == documented, (name, value)
