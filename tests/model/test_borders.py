"""At the border exactly: thresholds, lambdas, folds, warnings."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score

from sklearn_orn import NomogramClassifier
from sklearn_orn.metrics import youden_threshold
from sklearn_orn.model import logistic_lasso_path
from sklearn_orn.model._lambda_choice import (
    SCORINGS,
    _auc,
    cross_validate_path,
    interpolate_path,
)
from sklearn_orn.model._lasso import LassoPath, check_factors

pytestmark = pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2))
    return X, np.where(X[:, 0] + rng.normal(size=40) > 0, "yes", "no")


# Classifier -----------------------------------------------------------------------


@pytest.mark.parametrize("row", [0, 7, 21])
def test_a_probability_of_exactly_the_threshold_is_positive(table, row):
    X, y = table
    p = NomogramClassifier(lambda_rule=0.05).fit(X, y).predict_proba(X)[row, 1]
    at = NomogramClassifier(lambda_rule=0.05, threshold=p).fit(X, y)
    assert at.threshold_ == p
    assert at.predict(X)[row] == "yes"
    above = np.nextafter(p, 1)
    just = NomogramClassifier(lambda_rule=0.05, threshold=above).fit(X, y)
    assert just.predict(X)[row] == "no"


def test_one_half_is_positive_without_any_other_word():
    X, y = np.array([[-2.0], [-1], [1], [2]] * 3), np.array([0, 0, 1, 1] * 3)
    model = NomogramClassifier(lambda_rule=0.3).fit(X, y)
    np.testing.assert_allclose(model.intercept_, 0, atol=1e-12)
    model.intercept_ = np.zeros(1)
    assert model.predict_proba([[0.0]]).tolist() == [[0.5, 0.5]]
    assert model.predict([[0.0], [-1e-9]]).tolist() == [1, 0]


def test_the_learnt_threshold_is_youdens_of_the_probabilities(table):
    X, y = table
    model = NomogramClassifier(lambda_rule=0.05, threshold="youden").fit(X, y)
    p = expit(model.decision_function(X))
    assert model.threshold_ == youden_threshold(y, p, pos_label="yes")
    # A sample of weight 0 teaches nothing, however far off it is.
    far = np.vstack([X, [[50.0, 0], [-50, 0]]]), np.append(y, ["no", "yes"])
    weight = np.append(np.ones(40), [0.0, 0])
    again = NomogramClassifier(lambda_rule=0.05, threshold="youden")
    again.fit(*far, sample_weight=weight)
    assert again.threshold_ == pytest.approx(model.threshold_)


def test_scales_are_weighted_deviations_and_those_of_constants_are_zero():
    X = np.column_stack([[1.0, 2, 4, 8, 5, 9], np.full(6, 0.1), [3.0, 3, 3, 3, 3, 7]])
    y, weight = [0, 1, 0, 1, 1, 0], np.array([1.0, 2, 1, 3, 1, 0])
    model = NomogramClassifier(lambda_rule=0.1).fit(X, y, sample_weight=weight)
    mean = np.average(X[:, 0], weights=weight)
    expected = np.sqrt(np.average((X[:, 0] - mean) ** 2, weights=weight))
    assert model.feature_scale_[0] == pytest.approx(expected)
    # 0.1 has a mean that rounding moves; the 7 has no weight.
    assert model.feature_scale_[1:].tolist() == [0, 0]


def test_factors_by_name_are_those_of_the_columns(table):
    X, y = pd.DataFrame(table[0], columns=["a", "b"]), table[1]
    given = {"lambda_rule": 0.05}
    by_name = NomogramClassifier(penalty_factor={"b": 3.0}, **given).fit(X, y)
    in_order = NomogramClassifier(penalty_factor=[1.0, 3], **given).fit(X, y)
    np.testing.assert_array_equal(by_name.coef_, in_order.coef_)
    assert not np.array_equal(
        NomogramClassifier(**given).fit(X, y).coef_, by_name.coef_
    )
    with pytest.raises(ValueError, match="names c, which X does not have"):
        NomogramClassifier(penalty_factor={"c": 3.0}, **given).fit(X, y)


def test_what_is_not_fitted_says_so(table):
    model = NomogramClassifier()
    for call in (model.predict, model.predict_proba, model.decision_function):
        with pytest.raises(NotFittedError):
            call(table[0])
    assert not hasattr(model, "formula_")


# Path -----------------------------------------------------------------------------


def test_settings_of_a_path_are_named(table):
    X, y = table[0], (table[1] == "yes").astype(int)
    path = logistic_lasso_path
    bad = np.where(np.arange(80).reshape(40, 2) == 7, np.nan, X)
    for table_ in (X[:, 0], bad, X[:30]):
        with pytest.raises(ValueError, match="X must be a finite table"):
            path(table_, y)
    with pytest.raises(ValueError, match="y must hold 0 and 1"):
        path(X, y + 1)
    for ratio in (0, 1.01, "x"):
        with pytest.raises(ValueError, match="l1_ratio must be above 0 and at most 1"):
            path(X, y, l1_ratio=ratio)
    for number in (0, 2.0):
        with pytest.raises(ValueError, match="n_lambdas must be an integer from 1"):
            path(X, y, n_lambdas=number)
    assert len(path(X, y, n_lambdas=1, l1_ratio=1).lambdas) == 1
    for lambdas in ([[0.1]], [], [-0.1, 0.2], [np.nan]):
        with pytest.raises(ValueError, match="lambdas must be a list"):
            path(X, y, lambdas=lambdas)
    assert path(X, y, lambdas=[0.0, 0.3]).lambdas.tolist() == [0.3, 0]
    for factors in ([1.0], [1.0, -1], [1.0, np.nan]):
        with pytest.raises(ValueError, match="penalty_factor must hold 2 numbers"):
            path(X, y, penalty_factor=factors)
    with pytest.raises(ValueError, match="infinite for every column"):
        path(X, y, penalty_factor=[np.inf, np.inf])
    for weight in (y, 1 - y):
        with pytest.raises(ValueError, match="y holds one class only"):
            path(X, y, sample_weight=weight)


def test_factors_have_a_mean_of_one_and_what_is_left_out_counts_as_one():
    assert check_factors(None, 3).tolist() == [1, 1, 1]
    assert check_factors([2.0, 4, 0], 3).tolist() == [1, 2, 0]
    assert check_factors([1.0, np.inf, 4], 3).tolist() == [0.5, -1, 2]
    assert check_factors([0.0, 0], 2).tolist() == [0, 0]


def test_a_column_of_zeros_and_ones_is_no_constant(table):
    y = (table[1] == "yes").astype(int)
    X = np.column_stack([y ^ (np.arange(40) % 5 == 0), np.full(40, 0.1)]) * 1.0
    assert X[:, 0].tolist() != y.tolist() and set(X[:, 0]) == {0, 1}
    path = logistic_lasso_path(X, y, lambdas=[0.01])
    assert path.coefs[0, 0] > 0 == path.coefs[0, 1]


@pytest.mark.parametrize(("p", "ratio"), [(7, 1e-4), (8, 1e-4), (9, 1e-2)])
def test_fewer_rows_than_columns_end_a_path_early_and_as_many_do_not(p, ratio):
    X = np.random.default_rng(0).normal(size=(8, p))
    path = logistic_lasso_path(X, np.arange(8) % 2, n_lambdas=3)
    assert path.lambdas[2] / path.lambdas[0] == pytest.approx(ratio)


def test_samples_without_weight_do_not_count_in_a_path(table):
    X, y = table[0], (table[1] == "yes").astype(int)
    weight = np.where(np.arange(40) < 30, 2.0, 0)
    far = np.where(weight[:, None] > 0, X, 1e3)
    path = logistic_lasso_path(far, y, sample_weight=weight, lambdas=[0.2, 0.01])
    alone = logistic_lasso_path(X[:30], y[:30], lambdas=[0.2, 0.01])
    np.testing.assert_allclose(path.coefs, alone.coefs, atol=1e-9)
    np.testing.assert_allclose(path.intercepts, alone.intercepts, atol=1e-9)
    # They are rows all the same where rows and columns are counted.
    wide = np.random.default_rng(1).normal(size=(40, 35))
    path = logistic_lasso_path(wide, y, sample_weight=weight, n_lambdas=3)
    assert path.lambdas[2] / path.lambdas[0] == pytest.approx(1e-4)


def test_a_path_in_other_units_and_without_scaling(table):
    X, y = table[0] * [1.0, 100], (table[1] == "yes").astype(int)
    raw = logistic_lasso_path(X, y, standardize=False, lambdas=[0.05])
    # The unscaled penalty: the gradient of a free coefficient is lambda itself.
    residual = y - expit(X @ raw.coefs[0] + raw.intercepts[0])
    gradient = X.T @ residual / 40
    active = raw.coefs[0] != 0
    np.testing.assert_allclose(np.abs(gradient[active]), 0.05, rtol=1e-6)
    assert residual.sum() == pytest.approx(0, abs=1e-8)
    through = logistic_lasso_path(X, y, fit_intercept=False, lambdas=[0.01])
    assert through.intercepts.tolist() == [0]
    residual = y - expit(X @ through.coefs[0])
    gradient = (X / X.std(axis=0)).T @ residual / 40
    np.testing.assert_allclose(np.abs(gradient[through.coefs[0] != 0]), 0.01, rtol=1e-6)


# Interpolation and cross-validation -----------------------------------------------


PATH = LassoPath(
    np.array([0.4, 0.2, 0.1]),
    np.array([1.0, 3, 5]),
    np.array([[0.0, 0], [2, 0], [4, -1]]),
    *(np.zeros(3), np.zeros(3, int), np.ones(3, bool)),
)


def test_a_path_is_linear_between_its_lambdas_and_constant_beyond():
    at = [1.0, 0.4, 0.35, 0.2, 0.125, 0.1, 0.01]
    intercepts, coefs = interpolate_path(PATH, at)
    np.testing.assert_allclose(intercepts, [1, 1, 1.5, 3, 4.5, 5, 5])
    np.testing.assert_allclose(coefs[:, 0], [0, 0, 0.5, 2, 3.5, 4, 4])
    np.testing.assert_allclose(coefs[:, 1], [0, 0, 0, 0, -0.75, -1, -1])
    one = LassoPath(*(values[:1] for values in PATH))
    intercepts, coefs = interpolate_path(one, [0.5, 0.1])
    assert (intercepts.tolist(), coefs.tolist()) == ([1, 1], [[0, 0], [0, 0]])
    flat = PATH._replace(lambdas=np.zeros(3))
    intercepts, _ = interpolate_path(flat, [0.0])
    assert np.isfinite(intercepts).all()


def scored(scoring, y, score):
    of_samples = SCORINGS[scoring].of_samples
    return of_samples(np.array(y, float), np.array(score, float)[:, None])[:, 0]


def test_scores_of_samples_by_hand():
    y, score = [1, 0, 1, 0, 1], [0.0, 0.0, 2.0, 3.0, -1e-9]
    p = expit(np.array(score))
    log_likelihood = np.where(np.array(y) == 1, np.log(p), np.log(1 - p))
    np.testing.assert_allclose(scored("deviance", y, score), -2 * log_likelihood)
    # At 0 exactly a sample is called negative, as its probability is not above 1/2.
    assert scored("error", y, score).tolist() == [1, 0, 0, 1, 1]
    np.testing.assert_allclose(scored("brier", y, score), (p - y) ** 2)
    # Probabilities are cut at 1e-5, so that no sample is worth more than 23.
    ends = scored("deviance", [1, 0, 1, 0], [-100, 100, 100, -100])
    np.testing.assert_allclose(ends[:2], -2 * np.log(1e-5))
    np.testing.assert_allclose(ends[2:], -2 * np.log1p(-1e-5))
    sure = scored("brier", [1, 0, 1, 0], [-1e4, 1e4, 1e4, -1e4])
    np.testing.assert_allclose(sure, [1, 1, 0, 0], atol=1e-200)


def test_the_auc_of_a_fold_has_weights_and_ties():
    y = np.array([0.0, 0, 1, 1, 1])
    score = np.array([[1.0, 2, 1, 2, 3], [5, 4, 3, 2, 1], [0, 0, 0, 0, 0]]).T
    weight = np.array([1.0, 2, 1, 3, 1])
    first = roc_auc_score(y, score[:, 0], sample_weight=weight)
    found = _auc(y, score, weight)
    assert found == pytest.approx([first, 0, 0.5]) and 0 < first < 1
    for one in (np.zeros(5), np.ones(5)):
        assert np.isnan(_auc(one, score, weight)).all()


def halves(n):
    rows = np.arange(n)
    return [(rows[rows % 2 == k], rows[rows % 2 != k]) for k in (0, 1)]


@pytest.mark.parametrize("scoring", ["deviance", "error", "brier", "auc"])
def test_cross_validation_by_its_definition(table, scoring):
    X, y = table[0], (table[1] == "yes").astype(float)
    weight = np.linspace(0.5, 2, 40)
    weight[[3, 8]] = 0
    # The second half is judged twice: five folds, and each sample 2.5 times or so.
    splits = [*halves(40), *[(np.arange(30), np.arange(30, 40))] * 2]
    lambdas = np.array([0.2, 0.1, 0.05, 0.02])
    found = cross_validate_path(
        X, y, splits, lambdas, scoring=scoring, sample_weight=weight
    )
    values, sizes, judged = [], [], []
    for train, test in splits:
        test = test[weight[test] > 0]
        path = logistic_lasso_path(X[train], y[train], sample_weight=weight[train])
        intercepts, coefs = interpolate_path(path, lambdas)
        link = X[test] @ coefs.T + intercepts
        if scoring == "auc":
            value = _auc(y[test], link, weight[test])
        else:
            each = SCORINGS[scoring].of_samples(y[test], link)
            value = weight[test] @ each / weight[test].sum()
        values.append(value)
        sizes.append(weight[test].sum())
        judged.extend(test)
    values, sizes = np.array(values), np.array(sizes)
    mean = sizes @ values / sizes.sum()
    repeats = weight[judged].sum() / weight[np.unique(judged)].sum()
    variance = sizes @ (values - mean) ** 2 / sizes.sum() / (4 / repeats - 1)
    np.testing.assert_allclose(found.mean, mean)
    np.testing.assert_allclose(found.se, np.sqrt(variance))
    sign = 1 if scoring == "auc" else -1
    best = int(np.argmax(sign * mean))
    assert found.lambda_min == lambdas[best]
    within = sign * mean >= sign * mean[best] - np.sqrt(variance[best])
    assert found.lambda_1se == lambdas[np.argmax(within)]


def test_of_equally_good_lambdas_the_largest_is_taken(table):
    X, y = table[0], (table[1] == "yes").astype(float)
    lambdas = np.array([90.0, 80, 70])  # no feature at any of them
    for scoring in ("deviance", "auc"):
        found = cross_validate_path(X, y, halves(40), lambdas, scoring=scoring)
        assert found.lambda_min == found.lambda_1se == 90


def test_folds_of_three_samples_count_as_folds_and_of_two_by_their_samples(table):
    X, y = table[0][:30], (table[1][:30] == "yes").astype(float)
    lambdas = np.array([0.1, 0.05])
    for size, spread_of in ((3, "folds"), (2, "samples")):
        tests = np.arange(30).reshape(-1, size)
        splits = [(np.delete(np.arange(30), t), t) for t in tests]
        found = cross_validate_path(X, y, splits, lambdas)
        each = []
        for train, test in splits:
            intercepts, coefs = interpolate_path(
                logistic_lasso_path(X[train], y[train]), lambdas
            )
            of = SCORINGS["deviance"].of_samples(
                y[test], X[test] @ coefs.T + intercepts
            )
            each.extend([of.mean(axis=0)] if spread_of == "folds" else of)
        error = np.std(each, axis=0, ddof=1) / np.sqrt(len(each))
        np.testing.assert_allclose(found.se, error)
        np.testing.assert_allclose(found.mean, np.mean(each, axis=0))


def test_folds_without_an_auc_are_left_out(table):
    X, y = table[0], np.arange(40) % 2
    rows = np.arange(40)
    mixed, one = rows[:20], rows[20::2]
    splits = [(np.delete(rows, mixed), mixed), (np.delete(rows, one), one)]
    lambdas = np.array([0.1])
    found = cross_validate_path(X, y, splits, lambdas, scoring="auc")
    alone = cross_validate_path(X, y, splits[:1], lambdas, scoring="auc")
    assert found.mean == alone.mean and found.se == alone.se == 0
    with pytest.raises(ValueError, match="Every fold holds one class only"):
        cross_validate_path(X, y, splits[1:], lambdas, scoring="auc")


@pytest.mark.filterwarnings("default::sklearn_orn.exceptions.StudyWarning")
@pytest.mark.parametrize(("size", "warned"), [(9, True), (10, False)])
def test_a_fold_of_ten_samples_has_an_auc_without_a_warning(table, size, warned):
    X, y = table[0], np.arange(40) % 2
    rows = np.arange(40)
    splits = [(rows[size:], rows[:size]), (rows[:25], rows[25:])]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        cross_validate_path(X, y, splits, np.array([0.1]), scoring="auc")
    assert [f"fold has {size} samples" in str(w.message) for w in caught] == [
        True
    ] * warned


# Warnings of the classifier -------------------------------------------------------


def warned(model, X, y, **settings):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y, **settings)
    return [str(w.message) for w in caught]


def test_ten_events_for_each_feature_are_enough():
    rng = np.random.default_rng(0)
    for n_positive, n_negative, few in (
        (20, 30, False),
        (30, 20, False),
        (19, 31, True),
        (31, 19, True),
    ):
        y = np.repeat([1, 0], [n_positive, n_negative])
        X = rng.normal(size=(50, 2)) + y[:, None]
        found = warned(NomogramClassifier(lambda_rule=0.05), X, y)
        texts = [text for text in found if text.startswith("Fewer than 10 events")]
        assert len(texts) == few and len(found) == few
        if few:
            assert "has 19 samples for 2 features" in texts[0]


def test_samples_without_weight_are_no_events():
    rng = np.random.default_rng(0)
    y = np.repeat([1, 0], 20)
    X, weight = rng.normal(size=(40, 2)) + y[:, None], np.ones(40)
    weight[3] = 0
    found = warned(NomogramClassifier(lambda_rule=0.05), X, y, sample_weight=weight)
    assert [text for text in found if "has 19 samples" in text]


def test_the_last_lambda_of_the_path_is_said():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    X = rng.normal(size=(60, 1)) + y[:, None]
    last = NomogramClassifier(lambda_rule=0.1, n_lambdas=5).fit(X, y).lambdas_[-1]
    for lam, said in ((last, True), (last / 2, True), (1.01 * last, False)):
        found = warned(NomogramClassifier(lambda_rule=float(lam), n_lambdas=5), X, y)
        assert any("last of the path" in text for text in found) is said
    # With a coefficient of 0 beside the others as well.
    two = np.column_stack([X, rng.normal(size=60)])
    out = NomogramClassifier(lambda_rule=1e-9, n_lambdas=5, penalty_factor=[1, np.inf])
    assert any("last of the path" in text for text in warned(out, two, y))
    # Nothing is selected: that says enough. No penalty has no path.
    found = warned(NomogramClassifier(lambda_rule=9.0, n_lambdas=2), X, y)
    assert [text[:26] for text in found] == ["The LASSO selected no feat"]
    assert warned(NomogramClassifier(penalty="none"), X, y) == []


def test_nearly_separated_classes_are_said():
    y = np.repeat([0, 1], 20)
    X = np.where(y == 1, 1.0, -1.0)[:, None]
    # By hand: at lambda the probability of a sample's own class is 1 - lambda.
    for lam, said in ((0.0045, True), (0.0075, False)):
        model = NomogramClassifier(lambda_rule=lam)
        found = warned(model, X, y)
        p = model.predict_proba(X)[0, 0]
        assert p == pytest.approx(1 - lam, abs=1e-3)
        explained = 1 - np.log(p) / np.log(0.5)
        assert bool(explained > 0.99) is said
        assert any("classes are separated" in text for text in found) is said


def test_a_column_that_separates_is_named_without_penalty_only():
    # Six samples with 1, all of them positive; of the others one half.
    X = np.repeat([1.0, 0], [6, 54])[:, None]
    y = np.r_[np.ones(6, int), np.arange(54) % 2]
    found = warned(NomogramClassifier(penalty="none"), X, y)
    assert len(found) == 1 and "separated by 'x0' (6 samples with 1" in found[0]
    assert warned(NomogramClassifier(penalty="firth"), X, y) == []
    assert warned(NomogramClassifier(lambda_rule=0.02), X, y) == []
    # A score of hundreds, and no separation: 400 is far from the others.
    rng = np.random.default_rng(0)
    X = np.append(rng.normal(size=59), 400.0)
    y = (X + np.append(rng.normal(size=59), 0) > 0).astype(int)
    model = NomogramClassifier(penalty="none")
    assert warned(model, X[:, None], y) == []
    assert model.decision_function(X[:, None]).max() > 100


def test_folds_need_as_many_of_each_class(table):
    X = table[0]
    y = np.repeat([0, 1], [35, 5])
    assert len(NomogramClassifier(cv=5).fit(X, y).lambdas_) > 1
    with pytest.raises(ValueError, match="at least 6 samples .* second class has 5"):
        NomogramClassifier(cv=6).fit(X, y)
    with pytest.raises(ValueError, match="first class has 5. Set cv=5 or lower"):
        NomogramClassifier(cv=6).fit(X, 1 - y)
    groups = np.arange(40)
    groups[-2:] = 35
    with pytest.raises(ValueError, match="at least 5 groups .* second class has 3"):
        NomogramClassifier(cv=5).fit(X, y, groups=groups)
    one = np.repeat([0, 1], [39, 1])
    with pytest.raises(ValueError, match="Set cv=2 or lower"):
        NomogramClassifier(cv=3).fit(X, one)
