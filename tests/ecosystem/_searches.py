"""scikit-learn's model selection."""

import numpy as np
from numpy.testing import assert_array_equal
from scipy.stats import uniform
from sklearn import model_selection as ms
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.metrics import get_scorer, make_scorer

from sklearn_orn.metrics import net_benefit
from tests.ecosystem._cohorts import (
    all_steps,
    classifier,
    features,
    images,
    table_steps,
)
from tests.ecosystem._machines import Table

SEARCHES = Table("model selection")
machine = SEARCHES
GRID = {"fcm__k": [2, 3], "lasso__lambda_rule": ["min", "1se"]}
CV = ms.StratifiedKFold(3)


def searched(search, least=0.8):
    data = features()
    search.fit(data.two_readers, data.y)
    assert search.best_score_ > least
    assert not np.isnan(search.cv_results_["mean_test_score"]).any()
    assert search.predict(data.two_readers[:3]).shape == (3,)


@machine("GridSearchCV")
def grid_search():
    """Parameters of three of our steps, on a table."""
    searched(ms.GridSearchCV(table_steps(), GRID, scoring="roc_auc", cv=CV))


@machine("GridSearchCV on lesions")
def grid_search_on_lesions():
    """Parameters of the steps that read images."""
    data = images()
    grid = {"window__method": ["3sigma", "none"], "texture__distances": [(1,), (1, 2)]}
    search = ms.GridSearchCV(all_steps(), grid, cv=2, error_score="raise")
    assert search.fit(data.X, data.y).best_score_ > 0.8


@machine("RandomizedSearchCV")
def randomized_search():
    """Thresholds drawn from a distribution."""
    drawn = {"icc__threshold": uniform(0.1, 0.5), "fcm__k": [2, 3]}
    searched(
        ms.RandomizedSearchCV(table_steps(), drawn, n_iter=3, random_state=0, cv=CV)
    )


@machine("HalvingGridSearchCV")
def halving_grid_search():
    """More and more lesions for fewer and fewer candidates."""
    search = ms.HalvingGridSearchCV(
        table_steps(), GRID, cv=CV, min_resources=24, random_state=0
    )
    searched(search, least=0.6)


@machine("HalvingRandomSearchCV")
def halving_random_search():
    """The same, with drawn candidates."""
    drawn = {"icc__threshold": uniform(0.1, 0.5)}
    search = ms.HalvingRandomSearchCV(
        table_steps(), drawn, n_candidates=3, min_resources=24, cv=CV, random_state=0
    )
    searched(search, least=0.6)


@machine("cross_validate")
def cross_validate():
    """Several scorers, ours among them; estimators and indices come back."""
    data = images()
    ours = make_scorer(net_benefit, response_method="predict_proba", threshold=0.4)
    found = ms.cross_validate(
        all_steps(),
        data.X,
        data.y,
        cv=CV,
        scoring={"auc": "roc_auc", "net_benefit": ours},
        return_estimator=True,
        return_indices=True,
        return_train_score=True,
        error_score="raise",
    )
    assert found["test_auc"].min() > 0.8
    test = found["indices"]["test"][0]
    assert len(found["estimator"][0].predict(data.X[test])) == len(test)


@machine("cross_val_score")
def cross_val_score():
    """Each of scikit-learn's scorers of two classes."""
    data = features()
    for name in "roc_auc neg_log_loss neg_brier_score average_precision f1".split():
        scores = ms.cross_val_score(
            table_steps(), data.two_readers, data.y, scoring=name
        )
        assert np.isfinite(scores).all(), name


@machine("get_scorer")
def scorers():
    """A fitted pipeline is scored as it stands."""
    data = images()
    fitted = all_steps().fit(data.X, data.y)
    for name in "accuracy balanced_accuracy matthews_corrcoef roc_auc recall".split():
        assert get_scorer(name)(fitted, data.X, data.y) > 0.8


@machine("cross_val_predict")
def cross_val_predict():
    """Probabilities, decisions and classes out of fold, row by row."""
    data = images()
    for method in (
        "predict_proba",
        "decision_function",
        "predict",
        "predict_log_proba",
    ):
        out = ms.cross_val_predict(all_steps(), data.X, data.y, cv=CV, method=method)
        assert len(out) == len(data.y)


@machine("learning_curve")
def learning_curve():
    """Fewer lesions train."""
    data = images()
    sizes, _, scores = ms.learning_curve(
        all_steps(cv=2),
        data.X,
        data.y,
        cv=CV,
        train_sizes=[0.7, 1.0],
        shuffle=True,
        random_state=0,
        error_score="raise",
    )
    assert sizes.tolist() == [11, 16] and np.isfinite(scores).all()


@machine("validation_curve")
def validation_curve():
    """One parameter of one step."""
    data = features()
    _, scores = ms.validation_curve(
        table_steps(),
        data.two_readers,
        data.y,
        param_name="fcm__k",
        param_range=[1, 2, 3],
        cv=CV,
        error_score="raise",
    )
    assert scores.shape == (3, 3) and scores.min() > 0.5


@machine("permutation_test_score")
def permutation_test_score():
    """Permuted outcomes, by patient."""
    data = features()
    score, _, p = ms.permutation_test_score(
        table_steps(), data.two_readers, data.y, cv=CV, n_permutations=9, random_state=0
    )
    assert score > 0.7 and p == 0.1


@machine("train_test_split")
def train_test_split():
    """Lesions are split as tables are."""
    data = images()
    X, other, y, _ = ms.train_test_split(
        data.X, data.y, stratify=data.y, random_state=0
    )
    assert len(X) == 18 and len(other) == 6
    assert all_steps().fit(X, y).predict(other).shape == (6,)


@machine("splitters")
def splitters():
    """Each splitter, over a sequence of lesions, with patients where it takes them."""
    data = images()
    by_patient = (
        ms.GroupKFold(2),
        ms.StratifiedGroupKFold(2),
        ms.LeavePGroupsOut(11),
        ms.GroupShuffleSplit(2, random_state=0),
    )
    by_lesion = (
        ms.KFold(2),
        ms.RepeatedStratifiedKFold(n_splits=2, n_repeats=2),
        ms.ShuffleSplit(2, random_state=0),
        ms.PredefinedSplit(np.arange(24) % 3),
        ms.TimeSeriesSplit(2),
        ms.LeaveOneOut(),
    )
    for splitter in by_patient + by_lesion:
        groups = data.patients if splitter in by_patient else None
        train, test = next(iter(splitter.split(data.X, data.y, groups)))
        assert len(data.X[train]) == len(train) and len(data.X[test]) == len(test)


@machine("ParameterGrid, ParameterSampler")
def parameters():
    """Candidates can be set by hand."""
    for candidate in [*ms.ParameterGrid(GRID), *ms.ParameterSampler(GRID, 2)]:
        steps = table_steps().set_params(**candidate)
        assert steps.get_params()["fcm__k"] == candidate["fcm__k"]


@machine("nested: cross_validate of GridSearchCV")
def nested():
    """A search inside folds."""
    data = features()
    search = ms.GridSearchCV(classifier(), {"lambda_rule": ["min", "1se"]}, cv=2)
    scores = ms.cross_val_score(search, data.X, data.y, cv=CV)
    again = ms.cross_val_score(search, data.X, data.y, cv=CV)
    assert_array_equal(scores, again)
