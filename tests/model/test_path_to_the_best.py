"""A refit solves no more lambdas than its choice needs, and chooses the same."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.model_selection import KFold, RepeatedKFold

from sklearn_orn import NomogramClassifier
from sklearn_orn._refitting import clone_to_refit
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.model import _lambda_choice as choice
from sklearn_orn.model import logistic_lasso_path
from tests._examples import examples
from tests.model.test_properties_lasso import problems

MODEL = NomogramClassifier(random_state=0)
LOSSES = ("deviance", "error", "brier")


def both(X, y, splits, **settings):
    """Choose with all lambdas, and with no more than that takes."""
    scoring, weight = settings.pop("scoring"), settings["sample_weight"]
    path = logistic_lasso_path(X, y, **settings)
    whole = choice.cross_validate_path(
        X, y, splits, path.lambdas, scoring=scoring, **settings
    )
    settings.pop("sample_weight")
    few, found = choice.path_to_the_best(
        X, y, splits, scoring=scoring, sample_weight=weight, **settings
    )
    return path, whole, few, found


@given(problems(min_per_class=4), st.sampled_from(LOSSES), st.integers(2, 5), st.data())
@examples(60)
def test_a_refit_chooses_the_lambda_of_the_fit(problem, scoring, n_folds, drawn):
    X, y = problem
    n_repeats = drawn.draw(st.integers(1, 2))
    folds = RepeatedKFold(n_splits=n_folds, n_repeats=n_repeats, random_state=0)
    splits = [s for s in folds.split(X) if 0 < y[s[0]].sum() < len(s[0])]
    weight = np.array(
        drawn.draw(
            st.lists(st.sampled_from([1.0, 2.5]), min_size=len(y), max_size=len(y))
        )
    )
    if not splits:
        return
    path, whole, few, found = both(
        X, y, splits, scoring=scoring, sample_weight=weight, n_lambdas=15
    )
    n = len(few.lambdas)
    for name in few._fields:
        np.testing.assert_array_equal(getattr(few, name), getattr(path, name)[:n])
    known = np.isfinite(found.mean)
    np.testing.assert_allclose(found.mean[known], whole.mean[:n][known], atol=1e-6)
    np.testing.assert_allclose(found.se[known], whole.se[:n][known], atol=1e-6)
    # Equally good ones are told apart by the solver's tolerance.
    at = {float(lam): mean for lam, mean in zip(path.lambdas, whole.mean, strict=True)}
    assert at[found.lambda_min] == pytest.approx(whole.mean.min(), abs=1e-6)


def noise(seed, n=80, p=30):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    return X, (X[:, 0] + 2 * rng.normal(size=n) > 0).astype(float)


@pytest.fixture
def solved(monkeypatch):
    """Keep how many lambdas are asked for, fold by fold."""
    asked, real = [], choice._FoldScore.__call__

    def call(self, fold, end):
        asked.append(end)
        return real(self, fold, end)

    monkeypatch.setattr(choice._FoldScore, "__call__", call)
    return asked


def test_folds_end_where_none_can_be_the_best(solved):
    X, y = noise(0)
    splits = list(KFold(10, shuffle=True, random_state=0).split(X))
    path, whole, few, found = both(
        X, y, splits, scoring="deviance", sample_weight=np.ones(80)
    )
    ends = np.array(solved[10:])
    assert len(ends) == 10  # each guess was right
    best = int(np.argmin(whole.mean))
    assert found.lambda_min == whole.lambda_min == path.lambdas[best]
    assert found.lambda_1se == whole.lambda_1se
    assert len(few.lambdas) == best + 2
    assert best < ends.min() and ends.sum() < 0.75 * 10 * 100
    # Where folds have ended, the others alone lose more than all do at the best.
    score = choice._FoldScore(X, y, np.ones(80), path.lambdas, "deviance", {})
    lost = np.array([score(fold, len(path.lambdas)).sum(axis=0) for fold in splits])
    went = np.arange(len(path.lambdas)) < ends[:, None]
    assert ((went * lost).sum(axis=0)[ends.min() :] > lost.sum(axis=0).min()).all()


class Losses:
    """Scores of folds that are known; keeps who was asked for how many."""

    def __init__(self, losses, weight=None, rows=None):
        self.losses = np.array(losses, float)
        n, n_lambdas = self.losses.shape
        self.weight = np.ones(n) if weight is None else np.array(weight)
        self.lambdas = np.arange(float(n_lambdas))
        rows = [[k] for k in range(n)] if rows is None else rows
        self.folds = [(np.arange(n), np.array(test)) for test in rows]
        self.asked = []

    def __call__(self, fold, end):
        self.asked.append((int(fold[1][0]), end))
        return self.losses[fold[1], :end]


@pytest.mark.parametrize(
    ("losses", "weight", "asked"),
    [
        # The first alone promises 3 in all, at the first lambda; with the second it is
        # 6, so the third goes to the end; its 0 calls the second back.
        (
            [[1, 2, 4, 5], [3, 2, 1, 5], [5, 4, 0, 6]],
            None,
            [(0, 4), (1, 2), (2, 4), (1, 3)],
        ),
        # Of 4 samples the first fold has 3, which lose 3: it promises 4, not 6.
        ([[1, 1.5], [1, 9]], [3.0, 1.0], [(0, 2), (1, 1)]),
        ([[1, 3], [1, 9]], None, [(0, 2), (1, 1)]),
        # Who went as far as it takes is not asked again.
        (
            [[4, 2, 2], [0, 0, 0], [1, 6, 5], [7, 4, 4]],
            None,
            [(0, 3), (1, 3), (2, 3), (3, 1), (3, 3)],
        ),
        ([[0, 5], [4, 5]], None, [(0, 2), (1, 1)]),
        # What all lose is known as far as all went, and no further.
        (
            [[0, 6, 3], [7, 3, 7], [1, 2, 7], [7, 0, 1]],
            None,
            [(0, 3), (1, 1), (2, 3), (3, 3), (1, 3)],
        ),
    ],
)
def test_folds_go_on_where_the_guess_was_too_low(losses, weight, asked):
    score = Losses(losses, weight)
    scores = choice._scores_to_the_best(score, score.folds)
    assert score.asked == asked
    found = np.concatenate(scores)
    np.testing.assert_array_equal(found, score.losses[:, : found.shape[1]])


def test_a_fold_promises_by_the_weight_of_its_samples():
    score = Losses([[1, 1.9], [1, 1.9], [0.9, 9]], rows=[[0, 1], [2]])
    choice._scores_to_the_best(score, score.folds)
    assert score.asked == [(0, 2), (2, 1)]  # 2 of 3 samples lose 2: 3 in all, not 4


def test_the_best_is_among_what_is_solved():
    rng = np.random.default_rng(0)
    for _ in range(500):
        shape = rng.integers(2, 6, size=2)
        score = Losses(rng.integers(0, 10, size=shape), rng.integers(1, 4, shape[0]))
        scores = np.concatenate(choice._scores_to_the_best(score, score.folds))
        whole = score.weight @ score.losses
        assert scores.shape[1] > np.argmin(whole)
        # And no more: all that were asked could still have been it.
        assert (score.weight @ scores).min() == whole.min()


@pytest.mark.parametrize(
    ("lost", "best", "end"),
    [
        ([3.0, 2, 4, 5], 2.0, 2),
        ([3.0, 2, 4, 2], 2.0, 4),  # as good as the best: not lost yet
        ([3.0, 2, 2 * (1 + 5e-10), 5], 2.0, 3),  # equal but for rounding
        ([3.0, 2, 2 * (1 + 5e-9), 5], 2.0, 2),
        ([3.0, 2], 1.0, 1),
        ([3.0, np.nan, 4], 2.0, 2),
        ([3.0, 4], np.nan, 2),
        ([0.0, 0, 1], 0.0, 2),
    ],
)
def test_the_last_lambda_that_may_be_the_best(lost, best, end):
    assert choice._last_possible(np.array(lost), best) == end


@pytest.mark.parametrize("rule", ["min", "1se", 0.05])
@pytest.mark.parametrize("scoring", ["deviance", "auc"])
def test_a_refit_is_the_fit(rule, scoring):
    X, y = noise(1)
    patients = np.arange(80) // 2
    model = NomogramClassifier(lambda_rule=rule, scoring=scoring, random_state=0)
    fitted, told = [], []
    for copy in (clone(model), clone_to_refit(model)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", StudyWarning)
            fitted.append(copy.fit(X, y, groups=patients))
        told.append([str(w.message) for w in caught])
    once, often = fitted
    assert told[0] == told[1]
    for name in ("coef_", "intercept_", "lambda_", "lambda_min_", "lambda_1se_"):
        np.testing.assert_array_equal(getattr(once, name), getattr(often, name))
    shorter = isinstance(rule, str) and scoring == "deviance"
    assert (len(often.lambdas_) < len(once.lambdas_)) == shorter
    assert len(often.lambdas_) == len(often.cv_score_mean_) == len(often.coef_path_)


def test_a_path_that_ends_before_its_best_is_told_as_that_of_the_fit():
    X = np.random.default_rng(3).normal(size=(100, 5))
    y = (X.sum(axis=1) > 0).astype(float)  # separated: glmnet ends it early
    once, often = clone(MODEL), clone_to_refit(MODEL)
    for copy in (once, often):
        with pytest.warns(StudyWarning) as caught:
            copy.fit(X, y)
        assert any("last of the path" in str(warned.message) for warned in caught)
    assert len(once.lambdas_) < 100 and once.lambda_ == often.lambda_
