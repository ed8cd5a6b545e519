"""What the strategies promise, and how small their smallest examples are."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import find, given
from hypothesis import strategies as st
from scipy import ndimage

from sklearn_orn import ICCFilter
from sklearn_orn.testing import strategies
from sklearn_orn.testing.strategies import (
    DTYPES,
    TOPOLOGIES,
    feature_tables,
    fitted_nomograms,
    images,
    lesions,
    nomograms,
    outcomes_with_patients,
    probabilities,
    reader_tables,
    rois,
    scores,
    spacings,
)
from tests._examples import examples

CORNERS_TOO = np.ones((3, 3))
shapes = st.tuples(st.integers(3, 20), st.integers(3, 20))


def pieces(mask):
    return ndimage.label(mask, CORNERS_TOO)[1]


def has_hole(mask):
    return bool((ndimage.binary_fill_holes(mask) & ~mask).any())


def touches_border(mask):
    edges = mask[0], mask[-1], mask[:, 0], mask[:, -1]
    return any(edge.any() for edge in edges)


LOOKS = {
    "pixel": lambda roi: roi.sum() == 1,
    "line": lambda roi: roi.sum() > 1 and pieces(roi) == 1 and not has_hole(roi),
    "box": lambda roi: roi.sum() == np.prod(np.ptp(np.argwhere(roi), axis=0) + 1),
    "disc": lambda roi: roi.sum() > 0 and not has_hole(roi),
    "ring": lambda roi: pieces(roi) == 1 and has_hole(roi),
    "islands": lambda roi: 2 <= pieces(roi) <= 4,
    "border": touches_border,
    "free": lambda roi: (np.ptp(np.argwhere(roi), axis=0) < 6).all(),
    "whole": lambda roi: roi.all(),
}


@given(st.data(), shapes, st.sampled_from(TOPOLOGIES))
@examples(100)
def test_rois_have_their_topology(data, shape, topology):
    """A test that asks for rings must not pass because none was drawn."""
    roi = data.draw(rois(shape, topologies=[topology]))
    assert roi.shape == shape and roi.dtype == bool and roi.any()
    assert LOOKS[topology](roi)


@given(st.data(), st.tuples(st.integers(1, 4), st.integers(1, 4)))
@examples(50)
def test_the_smallest_images_have_rois_too(data, shape):
    """What has no room is left out, so that a pixel of an image has an ROI."""
    assert data.draw(rois(shape)).any()


@given(st.data(), st.integers(1, 16), st.sampled_from(DTYPES))
@examples(100)
def test_images_fit_their_bits_and_type(data, bits, dtype):
    """The bit depth sets the quantisation, so the drawn one must be that asked for."""
    try:
        strategy = images(bits=bits, dtypes=[dtype], max_side=12)
    except ValueError:
        assert dtype in ("uint8", "int8") and bits > 7
        return
    image = data.draw(strategy).astype(float)
    assert np.ptp(image) < 2**bits
    assert image.min() >= -(2 ** (bits - 1)) and image.max() < 2**bits
    assert (image >= 0).all() or dtype[0] != "u"
    np.testing.assert_array_equal(image, np.rint(image))


@given(lesions(readers=["A", "B", "C"], absent_readers=True))
@examples(50)
def test_lesions_can_be_read_by_each_reader_who_drew(lesion):
    """A lesion is what the image steps take, without a check before."""
    regions = lesion.read()
    assert set(regions) <= {"A", "B", "C"} and regions
    for region in regions.values():
        assert region.mask.any() and region.mask.shape == region.image.shape
        assert region.spacing == lesion.spacing


@given(outcomes_with_patients(min_per_class=2))
@examples(100)
def test_outcomes_hold_both_classes_and_whole_patients(drawn):
    """Folds and intervals by patient need patients of either class."""
    assert len(drawn.y) == len(drawn.patients) <= 12 * 3
    assert set(np.unique(drawn.y)) == set(drawn.labels)
    for label in drawn.labels:
        assert len(np.unique(drawn.patients[drawn.y == label])) >= 2
    assert drawn.labels == tuple(sorted(drawn.labels))
    np.testing.assert_array_equal(drawn.positive, drawn.y == drawn.labels[1])


@given(reader_tables(readers=["A", "B", "C"], n_features=(2, 4), n_agreeing=2))
@examples(60)
def test_reader_tables_hold_something_reproducible(X):
    """ICCFilter refuses a table of which nothing is reproducible."""
    fitted = ICCFilter(threshold=0.9).fit(X)
    assert {"f0", "f1"} <= set(fitted.features_[fitted.get_support()])
    assert fitted.n_lesions_ >= 5


@given(feature_tables((2, 5), n_features=(1, 3), missing=True))
@examples(60)
def test_feature_tables_are_finite_but_for_missing_cells(X):
    """An infinite feature is refused everywhere: nothing would be tested."""
    assert 2 <= len(X) <= 5 and list(X) == [f"f{i}" for i in range(X.shape[1])]
    assert X.isna().to_numpy().sum() <= 3
    assert not np.isinf(X.to_numpy()).any()


@given(fitted_nomograms(cv=2))
@examples(15)
def test_fitted_nomograms_know_their_own_table(drawn):
    """A classifier without a feature has no nomogram: none such is drawn."""
    assert len(drawn.classifier.selected_features_) >= 1
    proba = drawn.classifier.predict_proba(drawn.X)
    assert proba.shape == (len(drawn.y), 2) and len(drawn.patients) == len(drawn.y)


@given(nomograms())
@examples(60)
def test_nomograms_have_rows_for_all_their_predictors(drawn):
    """The linear predictor is computed without the nomogram, to compare with it."""
    columns = {axis.name for axis in drawn.nomogram.predictors}
    assert columns <= set(drawn.rows.columns)
    assert np.isfinite(drawn.linear_predictor()).all()


def test_strategies_shrink_to_what_their_documentation_says():
    # Of the others the doctests show it.
    assert find(spacings(), lambda spacing: True) == (1, 1)
    assert find(scores(3), lambda score: True).tolist() == [0, 0, 0]
    assert find(probabilities(2), lambda proba: True).tolist() == [0.5, 0.5]
    table = find(feature_tables(), lambda X: True)
    assert table.equals(pd.DataFrame({"f0": [0.0, 0, 0, 0]}))
    drawn = find(outcomes_with_patients(min_per_class=2), lambda drawn: True)
    assert drawn.y.tolist() == [0, 1, 0, 1] and drawn.patients.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("wanted", "pixels"),
    [
        (lambda roi: True, 1),
        (lambda roi: roi.sum() > 1, 2),
        (lambda roi: pieces(roi) > 1, 2),
        (has_hole, 8),
        (lambda roi: roi.all(), 63),
    ],
)
def test_counterexamples_shrink_to_the_smallest_roi_of_their_kind(wanted, pixels):
    assert find(rois((7, 9)), wanted).sum() == pixels


def test_an_image_that_needs_two_levels_shrinks_to_few_pixels():
    assert find(images(max_side=30), lambda image: np.ptp(image) > 0).size <= 4


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: rois((3, 3), topologies=["donut"]), "topologies must hold names"),
        (lambda: rois((3, 3), topologies="ring"), "topologies must hold names"),
        (lambda: rois((2, 9), topologies=["ring"]), "2 x 9 pixels has no room"),
        (lambda: images(bits=17), "bits must lie between 1 and 16"),
        (lambda: images(min_side=5, max_side=4), "min_side <= max_side"),
        (lambda: images(bits=12, dtypes=["int8"]), "holds 12 bits"),
        (lambda: lesions(readers="AB"), "readers must be None or a list"),
        (lambda: lesions(readers=[]), "readers must be None or a list"),
        (lambda: reader_tables(readers="AB"), "readers must be a list"),
        (lambda: reader_tables(n_lesions=3), "min_read_by_all=5"),
        (lambda: reader_tables(n_agreeing=2), "n_agreeing=2"),
        (lambda: feature_tables(0), "n_rows must be at least 1"),
        (lambda: outcomes_with_patients(min_per_class=7), "min_per_class=7"),
        (lambda: fitted_nomograms(cv=5), "cv=5 folds need as many"),
        (lambda: fitted_nomograms(min_per_class=3, max_patients=5), "max_patients=5"),
        (lambda: nomograms(max_predictors=0), "max_predictors must be at least 1"),
    ],
)
def test_what_cannot_be_drawn_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_the_smallest_examples_keep_to_the_limits_that_are_given():
    ring = find(lesions((4, 4), bits=12, topologies=["ring"]), lambda lesion: True)
    assert has_hole(ring.masks)
    assert ring.image.dtype == np.uint16
    short = reader_tables(
        n_lesions=(2, 4), n_features=(1, 2), min_read_by_all=2, constant_columns=False
    )
    assert len(find(short, lambda X: True)) == 2
    assert (
        find(short, lambda X: X.isna().any(axis=None)).iloc[:2].notna().all(axis=None)
    )


def test_all_strategies_are_public_and_documented():
    made = [getattr(strategies, name) for name in strategies.__all__]
    assert all(thing.__doc__ for thing in made)
    functions = [f for f in made if callable(f) and not isinstance(f, type)]
    assert len(functions) == 11
    assert all("It shrinks to" in function.__doc__ for function in functions)


WITHOUT = """
import sys
sys.modules["pytest"] = None
import sklearn_orn.testing.strategies as made
print(len(made.__all__))
for name in [*sys.modules]:
    if name.startswith(("hypothesis", "sklearn_orn.testing")):
        del sys.modules[name]
sys.modules["hypothesis"] = None
import sklearn_orn.testing.strategies
"""


def test_the_strategies_need_hypothesis_alone_and_say_so():
    command = [sys.executable, "-c", WITHOUT]
    done = subprocess.run(command, capture_output=True, text=True)
    assert int(done.stdout) == len(strategies.__all__)
    assert 'python -m pip install "sklearn-orn[test]"' in done.stderr
    assert "ImportError: sklearn_orn.testing.strategies needs hypothesis" in done.stderr
    assert done.returncode == 1
