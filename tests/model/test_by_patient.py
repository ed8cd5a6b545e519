"""Variances of coefficients by patient, where few patients determine them."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import chi2, f, norm, t

from sklearn_orn import NomogramClassifier
from sklearn_orn.model import PredictorSelector, odds_ratios
from sklearn_orn.model._by_patient import Covariances, shared_covariance
from sklearn_orn.model._likelihood import PenalisedLikelihood
from tests.model._shared_covariance import (
    larger_of_both,
    one_correlation,
    shared_by_hand,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")

SMALL, LARGE = np.diag([1.0, 4.0]), np.diag([9.0, 16.0])


def lesions(seed=0, n=40):
    """One to four lesions of each patient, who agree in part."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n), rng.integers(1, 5, n))
    X = np.column_stack([rng.normal(size=n)[patient], rng.normal(size=len(patient))])
    chance = expit(X[:, 0] + 1.5 * rng.normal(size=n)[patient])
    return X, (rng.random(len(patient)) < chance).astype(int), patient


@pytest.mark.parametrize("penalty", ["none", "firth"])
def test_the_larger_of_both_variances_counts(penalty):
    X, y, patient = lesions()
    model = NomogramClassifier(penalty=penalty).fit(X, y, groups=patient)
    beta = np.r_[model.intercept_, model.coef_[0]]
    assert 0.1 < one_correlation(X, y, patient, beta) < 0.9
    shared = shared_by_hand(X, y, patient, beta)
    both = np.diag(model.robust_covariance_), np.diag(shared)
    assert len({np.argmax(pair) for pair in zip(*both, strict=True)}) == 2
    table = model.summary()
    np.testing.assert_allclose(
        table["standard_error"], np.sqrt(np.maximum(*both)), rtol=1e-5
    )
    freedom = 40 - 3
    z = table["coefficient"] / table["standard_error"]
    np.testing.assert_allclose(table["z"], z)
    np.testing.assert_allclose(table["p_value"], 2 * t.sf(abs(z), freedom), rtol=1e-9)
    half = t.ppf(0.95, freedom) * table["standard_error"]
    limits = np.log(model.summary(level=0.9)[["lower", "upper"]])
    np.testing.assert_allclose(limits["lower"], table["coefficient"] - half)
    np.testing.assert_allclose(limits["upper"], table["coefficient"] + half)
    naive = model.summary(by_patient=False)
    np.testing.assert_allclose(naive["p_value"], 2 * norm.sf(abs(naive["z"])))


def test_patients_of_one_lesion_each_share_nothing():
    X, y, _ = lesions(3)
    model = NomogramClassifier(penalty="none").fit(X, y, groups=np.arange(len(y)))
    alone = NomogramClassifier(penalty="none").fit(X, y)
    pd.testing.assert_frame_equal(model.summary(), alone.summary())
    both = np.diag(model.robust_covariance_), np.diag(model.covariance_)
    table = model.summary(by_patient=True)  # asked for, it is
    np.testing.assert_allclose(
        table["standard_error"], np.sqrt(np.maximum(*both)), rtol=1e-6
    )
    p = 2 * t.sf(abs(table["z"]), len(y) - 3)
    np.testing.assert_allclose(table["p_value"], p)
    pair = np.r_[0, np.arange(len(y) - 1)]  # two of one patient are enough
    two = NomogramClassifier(penalty="none").fit(X, y, groups=pair)
    assert not np.allclose(two.summary()["p_value"], alone.summary()["p_value"])
    choice = PredictorSelector(p_threshold=1.0)
    with_patients = choice.fit(X, y, groups=np.arange(len(y))).p_values_
    assert with_patients == choice.fit(X, y).p_values_


def test_a_weight_is_the_lesion_so_many_times():
    X, y, patient = lesions(1)
    weight = np.random.default_rng(1).integers(0, 3, len(y))
    found = NomogramClassifier(penalty="none")
    found.fit(X, y, groups=patient, sample_weight=weight)
    rows = np.repeat(np.arange(len(y)), weight)
    drawn = NomogramClassifier(penalty="none")
    drawn.fit(X[rows], y[rows], groups=patient[rows])
    pd.testing.assert_frame_equal(found.summary(), drawn.summary(), rtol=1e-6)


def test_a_level_of_few_patients_is_no_certainty():
    # Of noise: a sandwich of what is left of two or three patients rejects in half of
    # the studies with Firth's penalty.
    rng, rare, sandwich, others = np.random.default_rng(0), [], [], []
    for _ in range(60):
        n = 30
        patient = np.repeat(np.arange(n), 2)
        level = np.where(
            np.arange(n) < 2, "T4", np.where(np.arange(n) < 16, "T1", "T2")
        )
        X = pd.DataFrame({"stage": level[patient]})
        y = np.repeat(rng.permutation(n) < n / 2, 2)
        table = odds_ratios(X, y, groups=patient, penalty="firth")
        rare.append(table["p_value"][2] <= 0.05)
        others.append(table["p_value"][1] <= 0.05)
        design = np.column_stack([X["stage"] == "T2", X["stage"] == "T4"])
        model = NomogramClassifier(penalty="firth").fit(design, y, groups=patient)
        z = model.coef_[0, 1] / np.sqrt(model.robust_covariance_[2, 2])
        sandwich.append(2 * norm.sf(abs(z)) <= 0.05)
    assert np.mean(sandwich) > 0.3
    assert np.mean(rare) == 0
    assert 0 < np.mean(others) < 0.15


def test_a_stage_of_few_patients_is_not_selected():
    rng, selected = np.random.default_rng(2), 0
    for _ in range(40):
        n = 25
        patient = np.repeat(np.arange(n), 2)
        stage = rng.choice(4, n, p=[0.4, 0.36, 0.14, 0.1])[patient]
        X = pd.get_dummies(pd.Series(stage.astype(str)), drop_first=True, dtype=float)
        y = np.repeat(rng.random(n) < 0.5, 2)
        rule = PredictorSelector(
            predictors={"stage": list(X)}, p_threshold=1.0, penalty="firth"
        )
        selected += rule.fit(X, y, groups=patient).p_values_["stage"] <= 0.05
    assert selected <= 2


@pytest.mark.parametrize(
    ("sandwich", "shared", "larger"),
    [(SMALL, LARGE, LARGE), (LARGE, SMALL, LARGE), (SMALL, SMALL, SMALL)],
)
def test_where_one_is_larger_throughout_it_is_its_test(sandwich, shared, larger):
    beta = np.array([2.0, -5.0])
    statistic = beta @ np.linalg.solve(larger, beta)
    found = Covariances(sandwich, shared, 12)
    assert found.wald_p(beta) == pytest.approx(f.sf(statistic / 2, 2, 12))
    assert found.variance(np.array([1.0, 1.0])) == larger.sum()
    assert found.standard_errors().tolist() == np.sqrt(np.diag(larger)).tolist()
    alone = found.of(np.array([1]))
    assert alone.wald_p(beta[1:]) == pytest.approx(
        2 * t.sf(5 / np.sqrt(larger[1, 1]), 12)
    )
    of_samples = Covariances(sandwich, shared, np.inf)
    assert of_samples.wald_p(beta) == pytest.approx(chi2.sf(statistic, 2))


def test_a_test_of_several_is_never_by_the_smaller():
    rng = np.random.default_rng(5)
    for _ in range(20):
        roots = rng.normal(size=(2, 3, 3))
        sandwich, shared = roots[0] @ roots[0].T, roots[1] @ roots[1].T
        larger = larger_of_both(sandwich, shared)
        for of in (sandwich, shared):
            assert np.linalg.eigvalsh(larger - of).min() > -1e-9
        beta = rng.normal(size=3)
        statistic = beta @ np.linalg.solve(larger, beta) / 3
        p = Covariances(sandwich, shared, 7).wald_p(beta)
        assert p == pytest.approx(f.sf(statistic, 3, 7), rel=1e-6)


@pytest.mark.parametrize("unit", [1.0, 1e-10])
def test_a_direction_without_variance_is_not_tested(unit):
    twice = np.ones((2, 2)) * unit**2
    p = Covariances(twice, twice, 9).wald_p(np.array([1.5, 1.5]) * unit)
    assert p == pytest.approx(2 * t.sf(1.5, 9))
    for small, tested in ((1e-10, True), (1e-14, False)):
        uneven = np.diag([1.0, small]) * unit**2
        p = Covariances(uneven, uneven, 9).wald_p(np.array([1.5, 0.0]) * unit)
        expected = f.sf(1.5**2 / 2, 2, 9) if tested else 2 * t.sf(1.5, 9)
        assert p == pytest.approx(expected)


def test_what_is_certain_says_nothing_of_how_lesions_agree():
    X, y, patient = lesions(4)
    design = np.column_stack([np.ones(len(y)), X[:, 0]])
    theta, weight = np.array([0.2, 0.9]), np.ones(len(y))

    def found(design, y, weight, patient):
        likelihood = PenalisedLikelihood(design, y.astype(float), weight, firth=False)
        inverse = np.linalg.inv(likelihood.information(theta))
        return shared_covariance(likelihood, theta, inverse, patient)

    far = np.vstack([design, [1.0, 2000.0]]), np.r_[y, 1]
    more = np.r_[weight, 1.0], np.r_[patient, patient[-1]]
    np.testing.assert_allclose(
        found(*far, *more), found(design, y, weight, patient), rtol=1e-12
    )


def test_no_more_patients_than_coefficients_tell_nothing():
    X, y, patient = lesions(2)
    few = patient % 3
    table = NomogramClassifier(penalty="none").fit(X, y, groups=few).summary()
    assert np.isfinite(table[["odds_ratio", "standard_error", "z"]]).all(axis=None)
    assert table[["lower", "upper", "p_value"]].isna().all(axis=None)
    assert np.isnan(Covariances(SMALL, LARGE, 0).wald_p(np.ones(2)))
    found = Covariances(SMALL, LARGE, 1).wald_p(np.ones(2))
    assert found == pytest.approx(f.sf((1 / 9 + 1 / 16) / 2, 2, 1))
    unknown = np.full((2, 2), np.nan)
    assert np.isnan(Covariances(unknown, unknown, 9).wald_p(np.ones(2)))
