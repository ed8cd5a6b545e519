"""Riley's criteria: published examples, pmsampsize's numbers, properties."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
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


@pytest.mark.parametrize("c_statistic", [0.501, 0.6, 0.75, 0.9, 0.99])
@pytest.mark.parametrize("prevalence", [0.02, 0.3, 0.5, 0.9])
def test_c_statistic_by_a_fine_grid_of_scores(c_statistic, prevalence):
    apart = math.sqrt(2) * norm.ppf(c_statistic)
    x = np.linspace(-12, 12 + apart, 40_001)
    own = prevalence * norm.pdf(x - apart)
    other = (1 - prevalence) * norm.pdf(x)
    log_p = -np.logaddexp(
        0, norm.logpdf(x) - norm.logpdf(x - apart) + _odds(prevalence)
    )
    log_q = -np.logaddexp(
        0, norm.logpdf(x - apart) - norm.logpdf(x) - _odds(prevalence)
    )
    fitted = ((own * log_p + other * log_q) * (x[1] - x[0])).sum()
    null = prevalence * math.log(prevalence)
    null += (1 - prevalence) * math.log(1 - prevalence)
    expected = 1 - math.exp(2 * (null - fitted))
    found = cox_snell_from_c_statistic(c_statistic, prevalence)
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-11)


def _odds(prevalence):
    """Log-odds of the negatives."""
    return math.log((1 - prevalence) / prevalence)


@pytest.mark.parametrize(
    ("n", "p", "r2"),
    [
        *((1, 1, 0.2), (95, 279, 0.288), (623, 24, 0.288), (50, 2, 0.9)),
        *((10**9, 3, 0.01), (10**15, 1, 0.25), (10**15, 1, 0.33)),  # 1 but for rounding
    ],
)
def test_the_expected_shrinkage_solves_the_first_criterion(n, p, r2):
    found = expected_shrinkage(n, p, r2)
    low, high = r2, 1.0
    for _ in range(200):  # the left side falls from infinity to 0
        middle = (low + high) / 2
        if middle > r2 and n * (middle - 1) * math.log1p(-r2 / middle) < p:
            high = middle
        else:
            low = middle
    assert found == pytest.approx(high, rel=1e-9)
    assert found <= 1


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("prevalence", 0, 1),
        ("shrinkage", 0, 1),
        ("optimism", 0, 0.3),
        ("margin", 0, 1),
        ("r2_nagelkerke", 0, 1),
        ("c_statistic", 0.5, 1),
        ("r2_cox_snell", 0, 0.75),
    ],
)
def test_a_limit_of_a_parameter_is_outside(name, low, high):
    given_ = {"n_candidates": 10, "prevalence": 0.5}
    for value in (low, high, low - 0.1, high + 0.1):
        with pytest.raises(ValueError, match=f"{name} is .*: expected a number"):
            minimum_sample_size(**given_ | {name: value})
    for value in (True, "0.4", None) if name in ("prevalence", "margin") else (True,):
        with pytest.raises(TypeError, match=f"{name} is .*: expected a number"):
            minimum_sample_size(**given_ | {name: value})
    inside = np.float32((low + high) / 2.1)
    assert minimum_sample_size(**given_ | {name: inside}).n > 0


def test_limits_of_a_c_statistic_and_its_prevalence_are_outside():
    for c_statistic in (0.5, 1, True):
        with pytest.raises((TypeError, ValueError), match="c_statistic is"):
            cox_snell_from_c_statistic(c_statistic, 0.3)
    for prevalence in (0, 1, 1.5, True):
        with pytest.raises((TypeError, ValueError), match="prevalence is"):
            cox_snell_from_c_statistic(0.7, prevalence)


def test_a_model_that_explains_as_much_as_the_shrinkage_is_refused():
    with pytest.raises(ValueError, match="expected a shrinkage above it"):
        minimum_sample_size(
            n_candidates=5, prevalence=0.5, r2_cox_snell=0.5, shrinkage=0.5
        )


def test_one_candidate_and_one_sample_are_numbers():
    needed = minimum_sample_size(n_candidates=1, prevalence=0.5, r2_cox_snell=0.5)
    assert needed.n_shrinkage == 13  # 1 / (0.1 * log(0.9 / 0.4)) = 12.3
    assert needed.r2_nagelkerke == pytest.approx(0.5 / 0.75)
    for name in ("n", "n_candidates"):
        with pytest.raises(ValueError, match=f"{name} is 0: expected a whole number"):
            expected_shrinkage(**{"n": 5, "n_candidates": 5, name: 0}, r2_cox_snell=0.2)
        with pytest.raises(TypeError, match=f"{name} is True: expected a whole number"):
            expected_shrinkage(
                **{"n": 5, "n_candidates": 5, name: True}, r2_cox_snell=0.2
            )
    for r2 in (0, 1):
        with pytest.raises(ValueError, match="r2_cox_snell is"):
            expected_shrinkage(5, 5, r2)


def test_what_is_expected_is_told_once():
    for two in (
        {"r2_cox_snell": 0.1, "c_statistic": 0.7},
        {"r2_cox_snell": 0.1, "r2_nagelkerke": 0.2},
        {"r2_nagelkerke": 0.2, "c_statistic": 0.7},
    ):
        with pytest.raises(ValueError, match=f"{' and '.join(two)} are given"):
            minimum_sample_size(n_candidates=5, prevalence=0.5, **two)
