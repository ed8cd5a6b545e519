"""Resampling: what must stay, and what the warning about mixed spacings says."""

import pickle

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from sklearn_orn import Normalizer, TextureExtractor
from sklearn_orn.exceptions import LesionError, StudyWarning
from sklearn_orn.images import Lesion, Resampler
from tests._examples import examples


def resampled(image, mask, old, new):
    lesion = Lesion(image, mask, spacing=old)
    return Resampler(spacing=new).fit_transform([lesion])[0].read()[""]


@given(
    st.integers(1, 30),
    st.integers(1, 30),
    st.floats(0.2, 3).map(lambda x: round(x, 2)),
    st.floats(0.2, 3).map(lambda x: round(x, 2)),
)
@examples(80)
def test_a_plane_stays_a_plane_and_areas_stay_equal(height, width, old, new):
    assume(min(height, width) * old >= 2 * new)  # the ROI does not vanish
    rows, columns = np.mgrid[:height, :width].astype(float)
    image = (rows - (height - 1) / 2) + 2 * (columns - (width - 1) / 2)
    # Smaller than half a new pixel, the ROI vanishes: an error, tested below.
    assume(min(height, width) * old >= new)
    region = resampled(image, np.ones((height, width)), (old, old), new)
    shape = region.image.shape
    # The new grid covers the old one, and no more than it must.
    for n_new, n_old in zip(shape, (height, width), strict=True):
        assert n_old * old <= n_new * new + 1e-6
        assert (n_new - 1) * new < n_old * old + 1e-6
    r, c = np.mgrid[: shape[0], : shape[1]].astype(float)
    plane = ((r - (shape[0] - 1) / 2) + 2 * (c - (shape[1] - 1) / 2)) * new / old
    inside = (np.abs(r - (shape[0] - 1) / 2) * new <= (height - 1) / 2 * old) & (
        np.abs(c - (shape[1] - 1) / 2) * new <= (width - 1) / 2 * old
    )
    np.testing.assert_allclose(region.image[inside], plane[inside], atol=1e-9)


def test_the_same_spacing_changes_nothing():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 4096, size=(31, 40)).astype(np.uint16)
    mask = rng.random((31, 40)) < 0.4
    region = resampled(image, mask, (0.7, 0.4), (0.7, 0.4))
    np.testing.assert_array_equal(region.image, image)
    np.testing.assert_array_equal(region.mask, mask)
    assert region.image.dtype == np.uint16


def test_mask_by_area():
    mask = np.zeros((4, 4))
    mask[0, 0] = mask[0, 1] = mask[2, 2] = 1
    region = resampled(np.zeros((4, 4)), mask, (1, 1), 2.0)
    np.testing.assert_array_equal(region.mask, [[True, False], [False, False]])


def test_rows_and_columns_have_their_own_spacing():
    region = resampled(np.zeros((10, 10)), np.ones((10, 10)), (1.0, 0.5), (0.5, 1.0))
    assert region.image.shape == (20, 5)


def test_all_of_the_area_of_a_pixel_counts():
    mask = np.zeros((8, 16))
    mask[:, 8:] = 1
    mask[:, 2:5] = 1  # three of eight columns, in the middle
    image = np.zeros((8, 16))
    assert resampled(image, mask, (0.25, 0.25), 2.0).mask.tolist() == [[False, True]]
    mask[:, 1] = 1
    assert resampled(image, mask, (0.25, 0.25), 2.0).mask.tolist() == [[True, True]]


WRONG = [
    0,
    -1,
    "fine",
    (1, 2, 3),
    np.nan,
    None,
    (1, -1),
    (0, 1),
    (np.nan, 1),
    (1, np.inf),
]


@pytest.mark.parametrize("spacing", WRONG)
def test_a_wrong_spacing_is_named(spacing):
    with pytest.raises(ValueError, match="'spacing' parameter of Resampler must be"):
        Resampler(spacing=spacing).fit([(np.eye(3), np.eye(3))])


def test_unknown_spacing_and_vanishing_roi_are_named():
    lesion = Lesion(np.zeros((9, 9)), np.eye(9), lesion="L7")
    with pytest.raises(LesionError, match="'L7'.*spacing is unknown"):
        Resampler().fit_transform([lesion])[0].read()
    dot = np.zeros((9, 9))
    dot[4, 4] = 1
    lesion = Lesion(np.zeros((9, 9)), dot, spacing=(0.1, 0.1), lesion="L8")
    with pytest.raises(LesionError, match="'L8'.*1 pixels.*vanishes at 1 x 1 mm"):
        Resampler(spacing=1).fit_transform([lesion])[0].read()


def lesions(*spacings):
    rng = np.random.default_rng(0)
    return [
        Lesion(rng.integers(0, 99, size=(20, 20)), np.ones((20, 20)), spacing=(s, s))
        for s in spacings
    ]


def test_mixed_spacing_warns_unless_it_is_resampled():
    mixed = lesions(0.5, 0.5, 0.6)
    message = r"2 pixel spacings: 0.5 x 0.5 mm \(2\), 0.6 x 0.6 mm \(1\).*Resampler"
    with pytest.warns(StudyWarning, match=message):
        TextureExtractor().fit(Normalizer().transform(mixed))
    with pytest.warns(StudyWarning, match=message):
        TextureExtractor().fit_transform(mixed)
    same = Resampler(spacing=0.5).fit_transform(mixed)
    TextureExtractor().fit(same)
    TextureExtractor().fit_transform(same)


def test_it_is_a_step_like_the_others():
    step = clone(Resampler(spacing=(1.0, 2.0)))
    mixed = lesions(0.5, 0.6)
    lazy = pickle.loads(pickle.dumps(step.fit_transform(mixed)))
    assert [r.read()[""].spacing for r in lazy] == [(1.0, 2.0)] * 2
    pipeline = make_pipeline(step, Normalizer(), TextureExtractor())
    pipeline.set_output(transform="pandas")
    assert pipeline.fit_transform(mixed).shape == (2, 279)
    assert len(pipeline.get_feature_names_out()) == 279
