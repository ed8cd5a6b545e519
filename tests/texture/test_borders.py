"""At the border exactly, and kernels on pixels worked out by hand.

Small enough to run without the compiler, see `test_kernels`.
"""

import numpy as np
import pytest

from sklearn_orn import Normalizer
from sklearn_orn.exceptions import LesionError
from sklearn_orn.texture._cooccurrence import count_logs
from sklearn_orn.texture._histogram import percentile
from sklearn_orn.texture._quantize import (
    GreyScale,
    grey_levels,
    grey_scale,
    grey_unit,
    ordered_window,
)
from tests.texture._parts import (
    autoregressive,
    cooccurrence,
    histogram,
    quantize,
    run_length,
    solve,
    sort,
)

pytestmark = pytest.mark.kernels


def window(values, method="3sigma"):
    image = np.array(values)[None]
    return (
        Normalizer(method)
        .transform([(image, np.ones(image.shape))])[0]
        .read()[""]
        .window
    )


# Windows --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # v = v0 + 1 has a mean of 1.25 and a deviation of sqrt(3) / 4: -0.05 to 2.55.
        ([0, 0, 0, 1], (0, 2)),
        # A mean of 2 and a deviation of exactly 1/2: 0.5 to 3.5, then one more.
        ([0, 1, 1, 1, 1, 1, 1, 2], (0, 3)),
        ([1, 2, 2, 2, 2, 2, 2, 3], (1, 4)),
        # 3 and 2 sqrt(2): -5.49 to 11.49; towards zero, not down.
        ([0, 0, 4, 4, 0, 4], (-3, 9)),
        ([0, 3], (-2, 7)),
        # A mean of 2.5 and a deviation of 1.5: whole bounds.
        ([0, 4], (-3, 9)),
        # All alike: a width of one.
        ([5, 5], (6, 7)),
    ],
)
def test_three_sigma_is_cut_towards_zero(values, expected):
    assert window(values) == expected
    assert window([float(v) for v in values]) == expected


def test_three_sigma_is_a_whole_number_where_only_rounding_says_otherwise():
    # A mean of 7.4 and a deviation of 2.8; as floats -0.9999999999999982 to 15.8.
    assert window([7, 1, 8, 9, 7]) == (-1, 15)
    # A mean of 6.2 and a deviation of 4.4; as floats -6.999999999999999 to 19.4.
    assert window([0, 7, 0, 10, 1, 11, 6, 0, 6, 11]) == (-7, 19)


def test_three_sigma_of_fractions_is_not_cut():
    values = [0.25, 0.25, 0.25, 1.25]
    lo, hi = window(values)
    assert (lo, hi) == pytest.approx((0.5 - 3 * 0.1875**0.5, 0.5 + 3 * 0.1875**0.5))
    width = 1.0 * 1e-9
    for alike in ([0.5, 0.5], [0.5]):
        assert window(alike) == pytest.approx((0.5, 0.5 + 0.5 * width), abs=1e-15)


def test_a_method_of_no_window_and_unknown_ones():
    assert window([1, 2], "none") is None
    with pytest.raises(ValueError, match="'method' parameter"):
        window([1, 2], "2sigma")


def test_the_mask_alone_counts_and_the_image_gives_the_offset():
    image = np.array([[-9, 0, 0, 90], [1, 2, 2, 3], [7, 7, 7, 7]])
    mask = np.array([[0, 0, 0, 0], [0, 1, 1, 1], [0, 0, 0, 0]], bool)
    # v = 12, 12, 13: a mean of 12.33 and a deviation of 0.47.
    found = Normalizer().transform([(image, mask)])[0].read()[""].window
    assert found == (10, 13)


@pytest.mark.parametrize(
    ("n", "expected"),
    [(99, (1, 99)), (100, (0, 99)), (199, (0, 198)), (200, (1, 198))],
)
def test_below_one_percent_of_fewer_than_a_hundred_pixels_is_none(n, expected):
    # Levels 1 to n, one pixel each; with a hundred, the last level that none is below.
    assert window(np.arange(n), "1-99-below") == expected
    # Of fractions there is no level between: the limits are the values just above.
    low, high = window(np.arange(n) + 0.5, "1-99-below")
    above = 0 if n < 100 else 1
    assert (low, high) == (expected[0] + above - 0.5, expected[1] + above - 0.5)


def test_a_percentile_is_the_first_value_that_reaches_its_count():
    ordered = np.arange(1.0, 201)
    assert [percentile(ordered, p) for p in (1, 50, 99)] == [2, 100, 198]
    ordered = np.arange(1.0, 102)  # 1.01 values and 99.99
    assert [percentile(ordered, p) for p in (1, 50, 99)] == [2, 51, 100]
    assert percentile(np.array([7.0, 9]), 1) == 7
    assert window(np.arange(200)[::-1], "1-99") == (2, 198)
    # Below: the last level with fewer than 2 pixels, and with 198 at most.
    assert window(np.arange(200)[::-1], "1-99-below") == (1, 198)


def test_an_empty_window_is_widened_by_a_level_or_next_to_nothing():
    whole = grey_scale(np.array([[3, 5]]))
    assert ordered_window(whole, 2, 2) == (2, 3)
    assert ordered_window(whole, 2, 2.5) == (2, 2.5)
    fractions = grey_scale(np.array([[0.5, 4.5]]))
    assert ordered_window(fractions, 2.0, 2.0) == (2.0, 2.0 + 4e-9)
    alike = grey_scale(np.array([[0.5, 0.5]]))
    assert ordered_window(alike, -0.5, -0.5) == (-0.5, -0.5 + 0.5e-9)
    far = grey_scale(np.array([[1e9 + 0.5, 1e9 + 0.75]]))
    lo, hi = ordered_window(far, 1e9 + 0.5, 1e9 + 0.5)
    assert hi == np.nextafter(lo, np.inf)


# Grey levels ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "offset", "bits"),
    [
        ([0, 0], 0, 0),
        ([0, 1], 0, 1),
        ([3, 3], 0, 2),
        ([0, 4], 0, 3),
        ([7, 255], 0, 8),
        ([7, 256], 0, 9),
        ([-1, 254], -1, 8),
        ([-1, 255], -1, 9),
    ],
)
@pytest.mark.parametrize("kind", [np.int64, np.float64])
def test_the_bits_that_hold_an_image(values, offset, bits, kind):
    scale = grey_scale(np.array([values], dtype=kind))
    assert (scale.offset, scale.bits, scale.base, scale.whole) == (
        offset,
        bits,
        1,
        True,
    )
    assert scale[3:] == (0, 0, 0)


def test_unsigned_images_and_masks_begin_at_zero():
    assert grey_scale(np.array([[4, 9]], np.uint8))[:3] == (0, 4, 1)
    assert grey_scale(np.array([[True, False]]))[:3] == (0, 1, 1)


def test_fractions_have_limits_and_no_bits():
    scale = grey_scale(np.array([[0.5, -2.25]]))
    assert scale == (0, 0, 0, 1e-4, -2.25, 0.5)
    assert not scale.whole


@pytest.mark.parametrize("sign", [1, -1])
def test_numbers_whose_fourth_powers_are_none_are_refused(sign):
    for most, least in ((1e60, 0.5), (0.25, 0.25 + 1e-16)):
        assert not grey_scale(sign * np.array([[most, least]])).whole
    for values in ([2e60, 0.5], [0.0, 1e-61], [0.5, 1e300]):
        with pytest.raises(LesionError, match="expected a unit in which"):
            grey_scale(sign * np.array([values]))
    # One unit apart from nothing is enough, and so is no distance at all.
    least = 1 / 1e60
    scale = grey_scale(sign * np.array([[0.0, least]]))
    assert (scale.lowest, scale.highest) == tuple(sorted([0.0, sign * least]))
    assert grey_scale(np.array([[1e-70, 1e-70]])).highest == 1e-70


def test_levels_of_the_bit_range_are_equal_parts():
    values = np.array([[0.0, 15, 16, 31, 32, 63]])
    grey = grey_levels(GreyScale(0.0, 6), None)
    levels = quantize(values, np.ones((1, 6), bool), grey, 4)
    assert levels.tolist() == [[0] * 8, [0, 1, 1, 2, 2, 3, 4, 0], [0] * 8]


def test_levels_of_a_window_are_the_nearest():
    # lo 10, hi 16, four levels: one every 2, from the half-way point on.
    values = np.array([[-5.0, 10, 10.99, 11, 12.99, 13, 15, 16, 99]])
    inside = np.ones(values.shape, bool)
    inside[0, 4] = False
    grey = grey_levels(grey_scale(values.astype(int)), (10, 16))
    assert grey == (10, 6, 1, 0.5, 0)
    assert quantize(values, inside, grey, 4)[1].tolist() == [
        *[0, 1, 1, 1, 2, 0, 3, 4, 4, 4, 0]
    ]
    # Fractions: an error of 1e-5 of a level does not pull a half-way point down.
    values = np.array([[11 - 2e-5, 11 - 2e-3]])
    inside = np.ones(values.shape, bool)
    assert grey_levels(grey_scale(values), (10.0, 16.0))[-1] == 1e-4
    for slack, expected in ((1e-4, [2, 1]), (0.0, [1, 1])):
        levels = quantize(values, inside, (10.0, 6.0, 1.0, 0.5, slack), 4)
        assert levels[1].tolist() == [0, *expected, 0]


def test_unsigned_images_are_not_read_for_a_window():
    unsigned = np.array([[4, 9]], np.uint16)
    assert grey_unit(unsigned) == grey_scale(unsigned)._replace(bits=0)
    for image in (np.array([[-4, 9]]), np.array([[0.5, 1.0]])):
        assert grey_unit(image) == grey_scale(image)


# Autoregressive model -------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 1e6, 1e-6])
def test_a_pivot_of_1e_10_of_the_largest_is_none(scale):
    def solved(*diagonal):
        rows = scale * np.column_stack([np.diag(diagonal), np.ones(len(diagonal))])
        return solve(rows), rows[:, -1]

    for smallest, regular in ((1.01e-10, True), (0.99e-10, False), (0.0, False)):
        for place in range(4):
            diagonal = np.insert([1.0, 0.5, 0.25], place, smallest)
            found, solution = solved(*diagonal)
            assert found == regular
            if regular:
                np.testing.assert_allclose(solution, 1 / diagonal)


def test_a_pivot_of_exactly_1e_10_is_none():
    assert not solve(np.array([[1.0, 0, 1], [0, 1e-10, 1]]))


def test_a_zero_on_the_diagonal_is_swapped_away():
    matrix = np.array([[0.0, 2, 1], [4, 1, 0], [1, 1, 3]])
    solution = np.array([1.0, -2, 0.5])
    rows = np.column_stack([matrix, matrix @ solution])
    assert solve(rows)
    np.testing.assert_allclose(rows[:, 3], solution, rtol=1e-14)
    # The next row is the only one that can be swapped up.
    rows = np.array([[0.0, 2, 2], [4, 2, 6]])
    assert solve(rows) and rows[:, 2].tolist() == [1, 1]


def test_a_model_that_made_the_pixels_is_found():
    rng = np.random.default_rng(0)
    image = rng.normal(size=(9, 10))
    z = (image - image.mean()) / image.std()
    # Left, upper left, upper and upper right.
    near = np.stack([z[1:, :-2], z[:-1, :-2], z[:-1, 1:-1], z[:-1, 2:]])
    own = z[1:, 1:-1].ravel()
    design = near.reshape(4, -1).T
    expected, *_ = np.linalg.lstsq(design, own)
    found = autoregressive(image)
    np.testing.assert_allclose(found[:4], expected, rtol=1e-9)
    residual = own - design @ expected
    assert found[4] == pytest.approx(np.sqrt((residual**2).mean()))


def test_pixels_without_variance_or_neighbours_have_no_model():
    assert np.isnan(autoregressive(np.ones((5, 5)))).all()
    assert np.isnan(autoregressive([[1.0, 2], [3, 5]])).all()
    # Three columns and five rows leave four pixels: as many as parameters.
    rng = np.random.default_rng(0)
    assert not np.isnan(autoregressive(rng.normal(size=(5, 3)))).any()
    assert np.isnan(autoregressive(rng.normal(size=(4, 3)))).all()


# Histogram ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digit", "levels"),
    [
        (1, [0]),
        (1, [3, 0, 2, 1, 3]),
        (8, [65535, 256, 255, 0, 511, 256]),
    ],
)
def test_levels_are_sorted_by_two_digits(digit, levels):
    assert sort(levels, digit).tolist() == [level + 1 for level in sorted(levels)]


def test_moments_and_percentiles_by_hand():
    found = histogram(np.array([1.0, 2, 2, 3, 7]))
    # Deviations from 3: -2, -1, -1, 0, 4.
    m2, m3, m4 = 22 / 5, (-8 - 1 - 1 + 64) / 5, (16 + 1 + 1 + 256) / 5
    expected = [3, m2, m3 / m2**1.5, m4 / m2**2 - 3, 1, 1, 2, 7, 7]
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_percentiles_of_two_hundred_levels():
    found = histogram(np.arange(1.0, 201))
    assert found[4:].tolist() == [2, 20, 100, 180, 198]
    found = histogram(np.arange(1.0, 202))
    assert found[4:].tolist() == [3, 21, 101, 181, 199]


def test_levels_that_are_alike_have_no_skewness():
    found = histogram(np.array([0.1, 0.1, 0.1]))
    np.testing.assert_array_equal(found, [0.1, 0, np.nan, np.nan, *[0.1] * 5])


# Runs -----------------------------------------------------------------------------


def test_runs_by_hand():
    # Along rows: 1 1 1, 2, 2 2, 1, 1: lengths 3, 1, 2, 1, 1; downwards: 1, 2, 1 ...
    found = run_length([[1, 1, 1, 2], [2, 2, 1, 0], [0, 0, 0, 1]], 3)
    lengths, by_level = [3, 1, 2, 1, 1], [3, 2]
    down, by_level_down = [1, 1, 2, 1, 1, 1, 1], [4, 3]
    # Up to the right all are alone, down to the right there is 1 1 1.
    rising, by_level_rising = [1, 1, 1, 1, 1, 1, 1, 1], [5, 3]
    falling, by_level_falling = [3, 1, 1, 1, 1, 1], [3, 3]
    for row, runs, counts in (
        (found[0], lengths, by_level),
        (found[1], down, by_level_down),
        (found[2], rising, by_level_rising),
        (found[3], falling, by_level_falling),
    ):
        runs, n = np.array(runs), len(runs)
        expected = [
            (np.bincount(runs) ** 2).sum() / n,
            (np.array(counts) ** 2).sum() / n,
            (runs**2.0).sum() / n,
            (1 / runs**2.0).sum() / n,
            n / 8,
        ]
        np.testing.assert_allclose(row, expected, rtol=1e-14)


def test_one_run_as_long_as_the_roi_and_one_pixel():
    found = run_length([[2, 2, 2, 2]], 2)
    np.testing.assert_allclose(found[0], [1, 1, 16, 1 / 16, 1 / 4])
    found = run_length([[2]], 2)
    np.testing.assert_allclose(found[0], [1, 1, 1, 1, 1])


# Co-occurrence --------------------------------------------------------------------


def test_pairs_by_hand():
    # To the right: 1-1, 1-4, 4-2, 3-3; a step of 2: 1-4, 1-2; a step of 9: none.
    found = cooccurrence([[1, 1, 4, 2], [3, 3, 0, 1]], [1, 2, 9], 2)
    assert np.isnan(found[2]).all()
    for row, pairs in (
        (found[0, 0], "11 14 42 33"),
        (found[1, 0], "14 12 31"),
        (found[0, 1], "31 31 12"),
        (found[0, 2], "31 34"),
        (found[0, 3], "13 41"),
    ):
        np.testing.assert_allclose(row, by_definition(pairs.split()), rtol=1e-13)


def test_pairs_of_two_levels_that_come_often_by_hand():
    found = cooccurrence([[1, 2, 1, 2, 2, 4, 2]], [1], 2)[0, 0]
    expected = by_definition(["12", "21", "12", "22", "24", "42"])
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def by_definition(pairs):
    p = np.zeros((4, 4))
    for pair in pairs:
        i, j = (int(c) - 1 for c in pair)
        p[i, j] += 1
        p[j, i] += 1
    p /= p.sum()
    i, j = np.indices(p.shape) + 1
    mean = (i * p).sum()
    variance = ((i - mean) ** 2 * p).sum()
    sums = np.array([p[i + j == s].sum() for s in range(2, 9)])
    gaps = np.array([p[abs(i - j) == d].sum() for d in range(4)])
    s, d = np.arange(2, 9), np.arange(4)

    def entropy(q):
        return -(q[q > 0] * np.log10(q[q > 0])).sum()

    return [
        (p**2).sum(),
        ((i - j) ** 2 * p).sum(),
        ((i * j * p).sum() - mean**2) / variance,
        variance,
        (p / (1 + (i - j) ** 2)).sum(),
        s @ sums,
        (s - s @ sums) ** 2 @ sums,
        entropy(sums),
        entropy(p),
        (d - d @ gaps) ** 2 @ gaps,
        entropy(gaps),
    ]


def test_pairs_of_one_level_have_no_correlation_and_no_entropy():
    found = cooccurrence([[2, 2, 2]], [1], 2)[0, 0]
    expected = [1, 0, np.nan, 0, 1, 4, 0, 0, 0, 0, 0]
    np.testing.assert_allclose(found, expected, atol=1e-15)
    assert (found[[7, 8, 10]] >= 0).all()


@pytest.mark.parametrize(("n", "half"), [(1, 4096), (4095, 4096), (4096, 8192)])
def test_the_table_of_logarithms_holds_every_count(n, half):
    logs = count_logs(n)
    assert len(logs) == 2 * half and logs[0] == logs[half] == 0
    assert logs[1000] == pytest.approx(3000)
    assert logs[half + 500] == pytest.approx(1500)
    assert logs[half - 1] == pytest.approx((half - 1) * np.log10(half - 1))
