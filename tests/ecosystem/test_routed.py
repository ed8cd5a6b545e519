"""Patients reach the folds inside NomogramClassifier through every routed machine."""

import numpy as np
import pytest
import sklearn
from sklearn import calibration, ensemble, multiclass, multioutput
from sklearn import feature_selection as fs
from sklearn import model_selection as ms
from sklearn.compose import ColumnTransformer
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier

from sklearn_orn import NomogramClassifier
from tests.ecosystem._cohorts import features

pytestmark = pytest.mark.filterwarnings(
    "ignore:The LASSO selected no feature",
    "ignore:The chosen lambda is the last",
    "ignore:The classes are separated",
)

SEEN = []  # of each inner fold: how many patients are on both sides


class Spy(ms.StratifiedGroupKFold):
    """Folds by patient that tell what they were given."""

    def split(self, X, y=None, groups=None):
        for train, test in super().split(X, y, groups):
            SEEN.append(len(set(groups[train]) & set(groups[test])))
            yield train, test


def inner():
    return NomogramClassifier(cv=Spy(2), lambda_rule="min")


def fitted(estimator):
    """Return what fits an estimator with patients."""
    return lambda X, y, groups: estimator().fit(X, y, groups=groups)


def function(call, **settings):
    return lambda X, y, groups: call(
        inner(), X, y, params={"groups": groups}, cv=outer(), **settings
    )


def outer():
    return ms.StratifiedGroupKFold(2)


GRID = {"lambda_rule": ["min"]}


def searched(search, **settings):
    return fitted(lambda: search(inner(), GRID, cv=outer(), **settings))


def two_outcomes(kind):
    def fit(X, y, groups):
        return kind(inner()).fit(X, np.column_stack([y, y]), groups=groups)

    return fit


def three_classes(kind):
    def fit(X, y, groups):
        y = np.where(X["f0"] > 1.5, 2, y)
        return kind(inner()).fit(X, y, groups=groups)

    return fit


def in_a_union():
    selected = fs.SelectFromModel(inner(), threshold=1e-9)
    return make_pipeline(FeatureUnion([("s", selected)]), StandardScaler())


def in_columns():
    selected = fs.SelectFromModel(inner(), threshold=1e-9)
    return ColumnTransformer([("s", selected, [f"f{i}" for i in range(6)])])


ROUTED = {
    "Pipeline": fitted(lambda: make_pipeline(StandardScaler(), inner())),
    "FeatureUnion": fitted(in_a_union),
    "ColumnTransformer": fitted(in_columns),
    "GridSearchCV": searched(ms.GridSearchCV),
    "RandomizedSearchCV": searched(ms.RandomizedSearchCV, n_iter=1),
    "HalvingGridSearchCV": searched(ms.HalvingGridSearchCV, min_resources=60),
    "HalvingRandomSearchCV": searched(
        ms.HalvingRandomSearchCV, min_resources=60, n_candidates=1
    ),
    "cross_validate": function(ms.cross_validate, error_score="raise"),
    "cross_val_score": function(ms.cross_val_score, error_score="raise"),
    "cross_val_predict": function(ms.cross_val_predict),
    "learning_curve": function(
        ms.learning_curve, train_sizes=[1.0], error_score="raise"
    ),
    "validation_curve": function(
        ms.validation_curve,
        param_name="lambda_rule",
        param_range=["min"],
        error_score="raise",
    ),
    "permutation_test_score": function(ms.permutation_test_score, n_permutations=1),
    "CalibratedClassifierCV": fitted(
        lambda: calibration.CalibratedClassifierCV(inner(), cv=outer())
    ),
    "TunedThresholdClassifierCV": fitted(
        lambda: ms.TunedThresholdClassifierCV(inner(), cv=2)
    ),
    "FixedThresholdClassifier": fitted(lambda: ms.FixedThresholdClassifier(inner())),
    "VotingClassifier": fitted(
        lambda: ensemble.VotingClassifier([("a", inner())], voting="soft")
    ),
    "StackingClassifier": fitted(
        lambda: ensemble.StackingClassifier([("a", inner())], inner(), cv=2)
    ),
    "BaggingClassifier": fitted(
        lambda: ensemble.BaggingClassifier(inner(), 2, bootstrap=False, random_state=0)
    ),
    "RFE": fitted(lambda: fs.RFE(inner(), n_features_to_select=3)),
    "RFECV": fitted(lambda: fs.RFECV(inner(), cv=outer(), min_features_to_select=5)),
    "SelectFromModel": fitted(lambda: fs.SelectFromModel(inner(), threshold=1e-9)),
    "SequentialFeatureSelector": fitted(
        lambda: fs.SequentialFeatureSelector(
            inner(), n_features_to_select=5, direction="backward", cv=outer()
        )
    ),
    "OneVsRestClassifier": three_classes(multiclass.OneVsRestClassifier),
    "OneVsOneClassifier": three_classes(multiclass.OneVsOneClassifier),
    "OutputCodeClassifier": three_classes(multiclass.OutputCodeClassifier),
    "MultiOutputClassifier": two_outcomes(multioutput.MultiOutputClassifier),
    "ClassifierChain": two_outcomes(multioutput.ClassifierChain),
}


SINCE_1_9 = ("FeatureUnion", "ColumnTransformer")


@pytest.mark.parametrize("name", ROUTED)
def test_patients_stay_on_one_side_of_the_inner_folds(name):
    if name in SINCE_1_9 and sklearn.__version__ < "1.9":
        pytest.skip("scikit-learn before 1.9 hands on nothing to a selector in it")
    data = features()
    SEEN.clear()
    with sklearn.config_context(enable_metadata_routing=True):
        ROUTED[name](data.X, data.y, data.patients)
    assert SEEN and not any(SEEN)


def test_self_training_hands_on_patients_of_other_rows_and_is_refused():
    """It leaves out the rows without an outcome, and not their patients."""
    data = features()
    y = np.where(np.arange(60) < 40, data.y, -1)
    model = SelfTrainingClassifier(inner(), max_iter=1)
    with (
        sklearn.config_context(enable_metadata_routing=True),
        pytest.raises(ValueError, match="groups must name the patient of each of the"),
    ):
        model.fit(data.X, y, groups=data.patients)


def test_a_whole_pipeline_hands_them_on():
    data = features()
    SEEN.clear()
    steps = Pipeline([("scale", StandardScaler()), ("model", inner())])
    with sklearn.config_context(enable_metadata_routing=True):
        search = ms.GridSearchCV(steps, {"model__threshold": [0.4]}, cv=outer())
        ensemble.BaggingClassifier(search, 1, bootstrap=False, random_state=0).fit(
            data.X, data.y, groups=data.patients
        )
    assert SEEN and not any(SEEN)
