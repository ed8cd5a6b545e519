"""The interval of the ICC where patients have several lesions."""

import numpy as np
import pytest
from scipy.stats import t
from sklearn import config_context
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from sklearn_orn import ICCFilter
from sklearn_orn.selection import intraclass_correlation

FORMS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")


def readings(seed=0, n_patients=20, n_readers=2, n_features=3):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), rng.integers(1, 4, n_patients))
    n = len(patient)
    truth = rng.normal(size=(n_patients, n_features))[patient]
    truth = truth + 0.5 * rng.normal(size=(n, n_features))
    noise = 0.4 * rng.normal(size=(n, n_readers, n_features))
    return truth[:, None] + noise, patient


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n_readers", [2, 3])
def test_limits_are_those_of_leaving_out_patients(form, n_readers):
    ratings, patient = readings(n_readers=n_readers)
    ratings[0, 0, 1] = np.nan
    found = intraclass_correlation(ratings, form=form, groups=patient)
    plain = intraclass_correlation(ratings, form=form)
    np.testing.assert_array_equal(found.icc, plain.icc)
    np.testing.assert_array_equal(found.p_value, plain.p_value)

    def ratio(icc):
        if form.endswith("k)"):
            return -np.log(1 - icc)
        return np.log((1 + (n_readers - 1) * icc) / (1 - icc))

    left = np.array(
        [
            ratio(intraclass_correlation(ratings[patient != i], form=form).icc)
            for i in range(20)
        ]
    )
    se = np.sqrt(19 / 20 * ((left - left.mean(axis=0)) ** 2).sum(axis=0))
    for limit, sign in ((found.lower, -1), (found.upper, 1)):
        expected = ratio(plain.icc) + sign * t.ppf(0.975, 19) * se
        # The first patient has no other lesion for the feature with a gap.
        np.testing.assert_allclose(ratio(limit)[[0, 2]], expected[[0, 2]])


def test_one_lesion_a_patient_is_the_analysis_of_variance():
    ratings, patient = readings()
    own = intraclass_correlation(ratings, groups=np.arange(len(patient)))
    np.testing.assert_array_equal(own.lower, intraclass_correlation(ratings).lower)


def test_copies_of_lesions_add_nothing():
    ratings, _ = readings(1, n_patients=15)
    n = len(ratings)
    alone = intraclass_correlation(ratings)
    copied = intraclass_correlation(
        np.concatenate([ratings] * 3), groups=np.tile(np.arange(n), 3)
    )
    blind = intraclass_correlation(np.concatenate([ratings] * 3))
    width, expected = copied.upper - copied.lower, alone.upper - alone.lower
    assert (width > 0.6 * expected).all()
    assert (blind.upper - blind.lower < 0.7 * expected).all()


def test_perfect_agreement_and_one_patient():
    ratings, patient = readings()
    ratings[:, 1] = ratings[:, 0]
    perfect = intraclass_correlation(ratings, groups=patient)
    assert (perfect.lower == 1).all() and (perfect.upper == 1).all()
    alone = intraclass_correlation(readings()[0], groups=np.zeros(len(patient)))
    assert np.isnan(alone.lower).all() and np.isfinite(alone.icc).all()


def test_wrong_groups_are_named():
    ratings, patient = readings()
    with pytest.raises(ValueError, match="groups must name the patient of each"):
        intraclass_correlation(ratings, groups=patient[:3])
    named = patient.astype(object)
    named[4] = None
    with pytest.raises(ValueError, match="1 missing values, the first at position 4"):
        intraclass_correlation(ratings, groups=named)


def test_filter_judges_by_the_limit_of_patients():
    ratings, patient = readings(3)
    X = ratings.reshape(len(ratings), -1)
    model = ICCFilter(0.0, criterion="lower", n_readers=2)
    by_lesion, by_patient = clone(model).fit(X), clone(model).fit(X, groups=patient)
    assert (by_lesion.interval_unit_, by_patient.interval_unit_) == (
        "lesion",
        "patient",
    )
    np.testing.assert_array_equal(by_lesion.icc_, by_patient.icc_)
    expected = intraclass_correlation(ratings, groups=patient)
    np.testing.assert_array_equal(by_patient.icc_lower_, expected.lower)
    between = (by_lesion.icc_lower_[0] + by_patient.icc_lower_[0]) / 2
    model.set_params(threshold=between)
    kept = [
        clone(model).fit(X).get_support()[0],
        clone(model).fit(X, groups=patient).get_support()[0],
    ]
    assert sorted(kept) == [False, True]
    with config_context(enable_metadata_routing=True):
        pipeline = make_pipeline(clone(model).set_params(threshold=0.0))
        pipeline.fit(X, groups=patient)
    assert pipeline[0].interval_unit_ == "patient"


@pytest.mark.parametrize("form", FORMS)
def test_limits_where_features_lack_lesions_and_patients(form):
    patient = np.repeat(np.arange(8), [1, 2, 3, 2, 1, 2, 3, 3])
    rng = np.random.default_rng(4)
    truth = rng.normal(size=(8, 1, 4))[patient] + 0.5 * rng.normal(size=(17, 1, 4))
    ratings = truth + 0.4 * rng.normal(size=(17, 3, 4))
    ratings[np.flatnonzero(patient == 2)[0], 1, 1] = np.nan
    ratings[patient == 3, 0, 2] = np.nan
    ratings[patient < 6, 0, 3] = np.nan
    names = np.array(list("hgfedcba"))[patient]
    found = intraclass_correlation(ratings, form=form, groups=names, confidence=0.8)
    for i, n in ((0, 8), (1, 8), (2, 7), (3, 2)):
        own = ratings[:, :, i]
        there = np.unique(patient[np.isfinite(own).all(axis=1)])
        assert len(there) == n
        icc = [intraclass_correlation(own[patient != p], form=form).icc for p in there]
        whole = intraclass_correlation(own, form=form).icc
        ratio = [
            -np.log(1 - value)
            if form.endswith("k)")
            else np.log((1 + 2 * value) / (1 - value))
            for value in (*icc, whole)
        ]
        left, middle = np.array(ratio[:-1]), ratio[-1]
        se = np.sqrt((n - 1) / n * ((left - left.mean()) ** 2).sum())
        for limit, sign in ((found.lower[i], -1), (found.upper[i], 1)):
            end = middle + sign * t.ppf(0.9, n - 1) * se
            expected = 1 - np.exp(-end)
            if form.endswith("1)"):
                expected = (np.exp(end) - 1) / (np.exp(end) + 2)
            assert limit == pytest.approx(expected, rel=1e-9)


def test_groups_of_another_shape_and_with_gaps_are_refused():
    ratings, patient = readings()
    for odd in (patient[:, None], patient[:-1]):
        with pytest.raises(ValueError, match="groups must name the patient of each"):
            intraclass_correlation(ratings, groups=odd)
    named = patient.astype(object)
    named[[2, 7]] = None
    with pytest.raises(ValueError, match="2 missing values, the first at position 2"):
        intraclass_correlation(ratings, groups=named)
