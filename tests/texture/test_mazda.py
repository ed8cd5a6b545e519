"""The 279 features against a report that MaZda 4.6 wrote."""

import json

import numpy as np

from sklearn_orn.texture import extract_features, feature_names
from tests._data import SHARED, needs_shared


@needs_shared("mazda")
def test_all_279_values_equal_mazda():
    data = np.load(SHARED / "mazda" / "report_image.npz")
    report = json.loads((SHARED / "mazda" / "report_279.json").read_text())
    ours = extract_features(data["image"], data["roi"], normalization="none")
    assert list(ours) == list(report)
    expected = np.array(list(report.values()))
    error = np.abs(np.array(list(ours.values())) - expected) / np.abs(expected)
    assert len(error) == 279
    assert error.max() < 1e-6


@needs_shared("mazda")
def test_names_and_their_order_equal_mazda():
    lines = (SHARED / "mazda" / "names279.txt").read_text().split("\n")
    assert feature_names() == [line.split()[1] for line in lines if line]
