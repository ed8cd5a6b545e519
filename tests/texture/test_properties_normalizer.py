"""The grey-level window: what it depends on, and what not."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sklearn_orn import Normalizer
from sklearn_orn.images import Lesion, as_lesions
from sklearn_orn.testing.strategies import images, lesions, rois
from tests._examples import examples

METHODS = ("3sigma", "1-99", "1-99-below", "none")
methods = st.sampled_from(METHODS)
windowed = st.sampled_from(METHODS[:3])


def window(image, mask, method):
    return Normalizer(method).transform([Lesion(image, mask)])[0].read()[""].window


@st.composite
def regions(draw, **settings):
    image = draw(images(**settings))
    return image, draw(rois(image.shape))


@given(lesions(readers=["A", "B"], absent_readers=True), methods)
@examples(60)
def test_it_changes_no_pixel_no_mask_and_no_spacing(lesion, method):
    """Histogram and wavelet features are of the stored values: it adds a window."""
    before = lesion.read()
    after = Normalizer(method).fit_transform([lesion])[0].read()
    assert list(before) == list(after)
    for reader, region in before.items():
        np.testing.assert_array_equal(after[reader].image, region.image)
        np.testing.assert_array_equal(after[reader].mask, region.mask)
        assert after[reader].image.dtype == region.image.dtype
        assert after[reader].spacing == region.spacing
        assert (after[reader].window is None) == (method == "none")


@given(regions(), windowed)
@examples(60)
def test_the_window_is_whole_numbers_in_order(region, method):
    """Quantisation divides by its width, and MaZda's limits are grey levels."""
    low, high = window(*region, method)
    assert high >= low + 1 and low == int(low) and high == int(high)


@given(regions(), st.data(), windowed)
@examples(60)
def test_only_the_grey_levels_in_the_roi_count_not_their_places(region, data, method):
    """It is made of mean, deviation and percentiles of the ROI."""
    image, mask = region
    moved = image.copy()
    values = image[mask]
    moved[mask] = values[data.draw(st.permutations(range(len(values))))]
    # The smallest value of the whole image is what grey level 0 is.
    outside = data.draw(st.integers(int(image.min()), int(image.max())))
    moved[~mask] = np.where(image[~mask] == image.min(), image.min(), outside)
    assert window(moved, mask, method) == window(image, mask, method)


@given(regions(max_side=20), st.integers(1, 1000), windowed)
@examples(80)
def test_brighter_images_have_a_window_as_much_higher(region, more, method):
    """Mean and percentiles move with the image, the deviation does not."""
    image, mask = region
    # Far enough from 0, so that cutting to integers cuts downwards.
    image = image.astype(np.int64) - int(image.min()) + 4 * 2**16
    low, high = window(image, mask, method)
    assert window(image + more, mask, method) == (low + more, high + more)


@given(regions(bits=(2, 14)))
@examples(60)
def test_percentile_windows_end_at_grey_levels_of_the_roi(region):
    """A percentile is a grey level that occurs; v counts from 1, as in MaZda."""
    image, mask = region
    levels = image.astype(np.int64) - min(int(image.min()), 0) + 1
    low, high = window(image, mask, "1-99")
    assert low in levels[mask]
    assert high in levels[mask] or high == low + 1
    inside = (levels[mask] >= low) & (levels[mask] <= high)
    assert inside.mean() >= 0.98


@given(regions(bits=(2, 14), max_side=24))
@examples(80)
def test_the_other_percentile_window_ends_just_below_levels_of_the_roi(region):
    """Counts up to its ends are on one side of 1 % and 99 %, the next on the other."""
    image, mask = region
    levels = image.astype(np.int64) - min(int(image.min()), 0) + 1
    low, high = window(image, mask, "1-99-below")
    inside, n = levels[mask], int(mask.sum())
    share = n // 100
    if share == 0:
        assert low == inside.min() and high in (inside.max(), low + 1)
        return
    assert (inside <= low).sum() < share <= (inside <= low + 1).sum()
    if high > low + 1:  # else it may have been widened
        assert (inside <= high).sum() <= n - share < (inside <= high + 1).sum()
    first, last = window(image, mask, "1-99")
    assert low < first
    if last > first + 1:
        assert high >= last - 1


@given(regions())
@examples(60)
def test_three_sigma_windows_hold_eight_ninths_of_the_roi(region):
    """Chebyshev: at most 1/9 of any values lies three deviations off the mean."""
    image, mask = region
    levels = image[mask].astype(float) - min(float(image.min()), 0) + 1
    low, high = window(image, mask, "3sigma")
    assert low - 1 <= levels.mean() <= high + 1
    assert ((levels >= low - 1) & (levels <= high + 1)).mean() >= 8 / 9


@given(st.lists(lesions(max_side=12), min_size=1, max_size=4), methods, st.data())
@examples(40)
def test_each_lesion_has_the_window_it_has_alone(several, method, data):
    """The step is stateless: other lesions, their order and fit change nothing."""
    alone = [Normalizer(method).transform([x])[0].read()[""].window for x in several]
    order = data.draw(st.permutations(range(len(several))))
    step = Normalizer(method).fit(several[:1])
    found = step.transform(as_lesions(several)[order])
    assert [x.read()[""].window for x in found] == [alone[i] for i in order]
    assert found.index.tolist() == list(order)
