"""What agreement of readers depends on, and what not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sklearn_orn.selection import intraclass_correlation
from sklearn_orn.selection._intraclass_correlation import FORMS
from tests._examples import examples

forms = st.sampled_from(FORMS)
NUMBERS = ("icc", "lower", "upper", "f", "df1", "df2", "p_value", "n_lesions")


@st.composite
def ratings(draw, least=3, missing=False, max_features=3):
    """Ratings in quarters, of shape (n_lesions, n_readers, n_features)."""
    shape = (
        draw(st.integers(least, 12)),
        draw(st.integers(2, 4)),
        draw(st.integers(1, max_features)),
    )
    elements = st.integers(-200, 200)
    values = draw(hnp.arrays(np.int64, shape, elements=elements)) / 4
    if missing:
        cells = st.tuples(*[st.integers(0, side - 1) for side in shape])
        for cell in draw(st.lists(cells, max_size=3)):
            values[cell] = np.nan
    return values


def assert_alike(first, second, **tolerance):
    for name in NUMBERS:
        a, b = getattr(first, name), getattr(second, name)
        np.testing.assert_allclose(a, b, err_msg=name, **tolerance)
    assert list(first.reason) == list(second.reason)


@given(ratings(), forms)
@examples(100)
def test_limits_hold_the_estimate(values, form):
    """An interval is around what it is an interval of, and nothing agrees beyond 1.

    The degrees of freedom of ICC(2) are an approximation that is made for agreement:
    of a negative estimate, psych's interval may miss it too.
    """
    result = intraclass_correlation(values, form=form)
    known = ~np.isnan(result.lower)
    assert (result.lower[known] <= result.upper[known] + 1e-9).all()
    assert (result.upper[known] <= 1 + 1e-12).all()
    known &= (result.icc >= 0) | (not form.startswith("ICC(2"))
    assert (result.lower[known] <= result.icc[known] + 1e-9).all()
    assert (result.icc[known] <= result.upper[known] + 1e-9).all()


def test_a_lower_limit_beyond_the_pole_of_the_mean_is_minus_infinity():
    # Found by hypothesis: it was 3.17, and ICCFilter(criterion="lower") kept it.
    ratings = [[-0.25, 0], [0.25, 0], [0, 0]]
    single = intraclass_correlation(ratings, form="ICC(2,1)")
    assert single.lower < -1  # below it there is no mean of two readers
    mean = intraclass_correlation(ratings, form="ICC(2,k)")
    assert mean.lower == -np.inf and mean.icc == 0 and 0 < mean.upper <= 1


@pytest.mark.parametrize("factor", [1, 3])
def test_readers_who_contradict_each_other_have_no_icc_of_their_mean(factor):
    # Found by hypothesis: it was -2e16, or with the signs changed 4.8e16; of two
    # opposite readers it was 311, and ICCFilter(form="ICC(2,k)") kept that.
    one = np.zeros((4, 3))
    one[3] = [-2, 1, 1]
    two = (np.arange(10)[:, None] - 4.5) * [1, -1.01]
    for ratings in (one, two):
        result = intraclass_correlation(factor * ratings, form="ICC(2,k)")
        assert np.isnan([result.icc, result.lower, result.upper, result.p_value]).all()
        assert (
            result.reason == "the readers contradict each other: their mean has no ICC"
        )


def test_the_interval_exists_where_its_degrees_of_freedom_are_next_to_none():
    # Found by hypothesis: the quantile of F overflowed.
    ratings = np.zeros((4, 3))
    ratings[2:, 1:] = [[13, -17], [0, -1]]
    result = intraclass_correlation(ratings, form="ICC(2,1)")
    assert -1 <= result.lower <= result.upper <= 1


@given(ratings(), st.sampled_from(["ICC(1,1)", "ICC(3,1)"]))
@examples(80)
def test_single_readers_disagree_at_most_as_k_can(values, form):
    """Of k readings not all pairs can disagree: the ICC is at least -1/(k - 1)."""
    result = intraclass_correlation(values, form=form)
    defined = result.reason == ""
    low = -1 / (values.shape[1] - 1)
    assert (result.icc[defined] >= low - 1e-9).all()
    assert (result.icc[defined] <= 1 + 1e-12).all()


@given(ratings(missing=True), forms, st.integers(-8, 8), st.integers(-1024, 1024))
@examples(80)
def test_units_and_origin_of_a_feature_do_not_matter(values, form, power, more):
    """A ratio of variances: a shift leaves them, a factor cancels."""
    assert_alike(
        intraclass_correlation(values, form=form),
        intraclass_correlation((values + more) * 2.0**power, form=form),
        rtol=1e-7,
        atol=1e-9,
    )


@given(ratings(missing=True), forms)
@examples(60)
def test_the_sign_of_a_feature_does_not_matter(values, form):
    """Squares do not know which end of a scale is called high."""
    assert_alike(
        intraclass_correlation(values, form=form),
        intraclass_correlation(-values, form=form),
        rtol=1e-9,
        atol=1e-12,
    )


@given(ratings(missing=True), forms, st.data())
@examples(80)
def test_the_order_of_lesions_and_readers_does_not_matter(values, form, data):
    """Readers are drawn from all readers, lesions from all lesions."""
    n, k, _ = values.shape
    lesions, readers = data.draw(st.permutations(range(n))), range(k)
    readers = data.draw(st.permutations(readers))
    assert_alike(
        intraclass_correlation(values, form=form),
        intraclass_correlation(values[lesions][:, readers], form=form),
        rtol=1e-7,
        atol=1e-9,
    )


@given(ratings(missing=True), forms)
@examples(60)
def test_features_are_judged_one_by_one(values, form):
    """The table of 279 features is a matter of speed only."""
    whole = intraclass_correlation(values, form=form)
    for i in range(values.shape[2]):
        alone = intraclass_correlation(values[:, :, i], form=form)
        for name in NUMBERS:
            np.testing.assert_allclose(
                getattr(alone, name), getattr(whole, name)[i], rtol=1e-9, atol=1e-12
            )
        assert alone.reason == whole.reason[i]


@given(ratings(missing=True, max_features=1), forms)
@examples(60)
def test_a_lesion_with_a_missing_reading_counts_as_left_out(values, form):
    """The analysis of variance is of lesions that all readers drew."""
    complete = values[~np.isnan(values).any(axis=(1, 2))]
    if len(complete) == 0:
        return
    assert_alike(
        intraclass_correlation(values, form=form),
        intraclass_correlation(complete, form=form),
        rtol=1e-9,
        atol=1e-12,
    )


@given(ratings(max_features=1), st.sampled_from(["ICC(3,1)", "ICC(3,k)"]), st.data())
@examples(60)
def test_consistency_ignores_what_a_reader_adds_to_all_lesions(values, form, data):
    """ICC(3) takes the readers as fixed: their means are no disagreement."""
    k = values.shape[1]
    bias = data.draw(st.lists(st.integers(-20, 20), min_size=k, max_size=k))
    first = intraclass_correlation(values[..., 0], form=form)
    moved = values[..., 0] + np.array(bias)
    second = intraclass_correlation(moved, form=form)
    if first.reason or second.reason:
        return  # constant with or without the bias
    assert second.icc == pytest.approx(first.icc, rel=1e-6, abs=1e-8)


@given(ratings(max_features=1), st.sampled_from(["1", "2", "3"]))
@examples(80)
def test_means_of_readers_follow_spearman_and_brown(values, kind):
    """k readings have k times the signal's and once the noise's variance."""
    k = values.shape[1]
    single = intraclass_correlation(values[..., 0], form=f"ICC({kind},1)").icc
    mean = intraclass_correlation(values[..., 0], form=f"ICC({kind},k)").icc
    assert not mean > 1 + 1e-12
    share = 1 + (k - 1) * single
    if share > 1e-6:
        assert mean == pytest.approx(k * single / share, rel=1e-6, abs=1e-9)


@given(ratings(), st.integers(2, 4), forms)
@examples(60)
def test_readers_who_copy_each_other_agree_perfectly(values, k, form):
    """Nothing within the lesions varies, whatever varies between them."""
    copied = np.repeat(values[:, :1], k, axis=1)
    result = intraclass_correlation(copied, form=form)
    varying = np.ptp(values[:, 0], axis=0) > 0
    np.testing.assert_array_equal(result.icc[varying], 1.0)
    np.testing.assert_array_equal(result.lower[varying], 1.0)
    assert (result.reason[~varying] == "constant").all()


@given(ratings(), forms, st.floats(0.5, 0.9), st.floats(0.91, 0.99))
@examples(60)
def test_surer_intervals_are_wider(values, form, less, more):
    """What holds the truth more often must hold more."""
    narrow = intraclass_correlation(values, form=form, confidence=less)
    wide = intraclass_correlation(values, form=form, confidence=more)
    known = ~np.isnan(narrow.lower) & ~np.isnan(wide.lower)
    assert (wide.lower[known] <= narrow.lower[known] + 1e-9).all()
    assert (wide.upper[known] >= narrow.upper[known] - 1e-9).all()
