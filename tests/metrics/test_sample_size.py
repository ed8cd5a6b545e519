"""Riley's criteria: published examples, pmsampsize's numbers, properties."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from sklearn_orn.metrics import (
    cox_snell_from_c_statistic,
    expected_shrinkage,
    minimum_sample_size,
)
from tests._examples import examples

shares = st.floats(0.02, 0.98)
counts = st.integers(1, 400)
quality = st.floats(0.02, 0.95)


@pytest.mark.parametrize(
    ("settings", "sizes", "events", "per_candidate"),
    [
        # Riley 2019, Chagas disease; all three criteria as pmsampsize 0.1.0.
        (
            {"n_candidates": 24, "prevalence": 0.174, "r2_cox_snell": 0.288},
            (662, 623, 662, 221),
            116,
            4.80,
        ),
        # The same by pmsampsize 0.1.0.
        (
            {"n_candidates": 30, "prevalence": 0.05, "r2_cox_snell": 0.049},
            (5359, 5359, 1771, 73),
            268,
            8.93,
        ),
        (
            {"n_candidates": 30, "prevalence": 0.463, "r2_cox_snell": 0.112},
            (2258, 2258, 740, 383),
            1046,
            34.85,
        ),
        # By hand: 10 / (0.1 * log(0.9 / 0.4)) = 123.3; the largest R2 is 0.75, so
        # S = 0.5 / 0.5375 and 10 * 0.5375 / (0.0375 * -log(0.4625)) = 185.9; 49**2.
        (
            {
                "n_candidates": 10,
                "prevalence": 0.5,
                "r2_cox_snell": 0.5,
                "margin": 0.02,
            },
            (2401, 124, 186, 2401),
            1201,
            120.05,
        ),
    ],
)
def test_examples(settings, sizes, events, per_candidate):
    needed = minimum_sample_size(**settings)
    assert needed[:4] == sizes
    assert needed.events == events
    assert needed.events_per_candidate == pytest.approx(per_candidate, abs=0.005)


@pytest.mark.parametrize(
    ("c_statistic", "prevalence", "expected"),
    # pmsampsize 0.1.0, which simulates a million linear predictors.
    [(0.89, 0.174, 0.2908), (0.7, 0.4, 0.1163)],
)
def test_c_statistic_as_pmsampsize(c_statistic, prevalence, expected):
    r2 = cox_snell_from_c_statistic(c_statistic, prevalence)
    assert r2 == pytest.approx(expected, abs=5e-4)


def test_c_statistic_equals_a_logistic_model_of_a_large_sample():
    rng = np.random.default_rng(0)
    y = np.arange(400_000) % 10 < 3
    x = rng.standard_normal(len(y)) + 0.9 * y
    model = LogisticRegression(C=1e9).fit(x[:, None], y)
    gain = log_loss(y, np.full(len(y), y.mean())) - log_loss(
        y, model.predict_proba(x[:, None])[:, 1]
    )
    c_statistic = 0.5 * math.erfc(-0.9 / 2)  # Phi(0.9 / sqrt 2)
    r2 = cox_snell_from_c_statistic(c_statistic, 0.3)
    assert r2 == pytest.approx(1 - math.exp(-2 * gain), abs=2e-3)


def test_nothing_known_is_a_nagelkerke_of_015():
    needed = minimum_sample_size(n_candidates=30, prevalence=0.3)
    assert needed == minimum_sample_size(
        n_candidates=30, prevalence=0.3, r2_nagelkerke=0.15
    )
    assert needed.r2_nagelkerke == pytest.approx(0.15, abs=1e-12)


@examples(60)
@given(counts, counts, shares, quality)
def test_more_candidates_need_more_samples(a, b, prevalence, r2):
    few, many = (
        minimum_sample_size(n_candidates=p, prevalence=prevalence, r2_nagelkerke=r2)
        for p in sorted((a, b))
    )
    assert few.n <= many.n
    assert few.n_risk == many.n_risk


@examples(60)
@given(counts, shares, st.floats(0.02, 0.5), st.floats(0.6, 0.98), st.floats(0.6, 0.98))
def test_less_shrinkage_needs_more_samples(p, prevalence, r2, one, other):
    less, more = (
        minimum_sample_size(
            n_candidates=p, prevalence=prevalence, r2_nagelkerke=r2, shrinkage=s
        )
        for s in sorted((one, other))
    )
    assert less.n_shrinkage <= more.n_shrinkage


@examples(60)
@given(counts, shares, st.floats(0.02, 0.95))
def test_the_classes_are_interchangeable(p, prevalence, r2):
    one, other = (
        minimum_sample_size(n_candidates=p, prevalence=share, r2_nagelkerke=r2)
        for share in (prevalence, 1 - prevalence)
    )
    assert abs(one.n - other.n) <= 1  # 1 - prevalence rounds
    c = 0.5 + r2 / 2.1
    assert cox_snell_from_c_statistic(c, prevalence) == pytest.approx(
        cox_snell_from_c_statistic(c, 1 - prevalence), abs=1e-9
    )


@examples(60)
@given(shares, st.floats(0.505, 0.995), st.floats(0.505, 0.995))
def test_a_better_model_explains_more_up_to_the_maximum(prevalence, one, other):
    low, high = (
        cox_snell_from_c_statistic(c, prevalence) for c in sorted((one, other))
    )
    largest = 1 - (prevalence**prevalence * (1 - prevalence) ** (1 - prevalence)) ** 2
    assert 0 < low <= high + 1e-15 < largest  # 1e-15: rounding, where c are equal


@examples(100)
@given(counts, shares, st.floats(0.02, 0.9))
def test_shrinkage_is_the_first_criterion_the_other_way_round(p, prevalence, r2):
    needed = minimum_sample_size(
        n_candidates=p, prevalence=prevalence, r2_nagelkerke=r2
    )
    n = needed.n_shrinkage
    assert expected_shrinkage(n, p, needed.r2_cox_snell) >= 0.9 - 1e-9
    if n > 1:
        assert expected_shrinkage(n - 1, p, needed.r2_cox_snell) < 0.9


@examples(100)
@given(st.integers(1, 10**6), st.integers(1, 10**6), counts, st.floats(0.001, 0.74))
def test_shrinkage_lies_between_r2_and_1_and_rises_with_n(a, b, p, r2):
    low, high = (expected_shrinkage(n, p, r2) for n in sorted((a, b)))
    assert r2 <= low <= high + 1e-12 and high <= 1
    if high > r2 * (1 + 1e-9) and a == b:
        solved = max(a, b) * (high - 1) * math.log1p(-r2 / high)
        assert solved == pytest.approx(p, rel=1e-6)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"n_candidates": 0}, ValueError, "n_candidates is 0: expected a whole"),
        ({"n_candidates": 2.5}, TypeError, "n_candidates is 2.5"),
        ({"n_candidates": True}, TypeError, "n_candidates is True"),
        ({"prevalence": 1}, ValueError, "prevalence is 1: .* between 0 and 1"),
        ({"prevalence": "half"}, TypeError, "prevalence is 'half'"),
        ({"prevalence": math.nan}, ValueError, "prevalence is nan"),
        (
            {"r2_cox_snell": 0.6},
            ValueError,
            "r2_cox_snell is 0.6: expected .* 0 and 0.555",
        ),
        ({"c_statistic": 0.5}, ValueError, "c_statistic is 0.5: .* 0.5 and 1"),
        ({"c_statistic": 0.8, "r2_nagelkerke": 0.2}, ValueError, "are given"),
        ({"r2_cox_snell": 0.5, "shrinkage": 0.4}, ValueError, "shrinkage above it"),
        ({"optimism": 0.5}, ValueError, "optimism is 0.5"),
        ({"margin": 0}, ValueError, "margin is 0"),
    ],
)
def test_errors(changes, error, message):
    with pytest.raises(error, match=message):
        minimum_sample_size(**{"n_candidates": 10, "prevalence": 0.14} | changes)


def test_errors_of_the_shrinkage():
    with pytest.raises(ValueError, match="n is 0"):
        expected_shrinkage(0, 5, 0.2)
    with pytest.raises(ValueError, match="r2_cox_snell is 1"):
        expected_shrinkage(10, 5, 1)
