"""scikit-learn's estimators of estimators."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import calibration, ensemble, multiclass, multioutput
from sklearn import feature_selection as fs
from sklearn import model_selection as ms
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.semi_supervised import SelfTrainingClassifier

from tests.ecosystem._cohorts import (
    all_steps,
    classifier,
    features,
    images,
    table_steps,
)
from tests.ecosystem._machines import Table

META = Table("meta-estimators")
machine = META


def good(estimator, X="X", least=0.8):
    data = features()
    X = getattr(data, X)
    fitted = estimator.fit(X, data.y)
    assert roc_auc_score(data.y, fitted.predict_proba(X)[:, 1]) > least
    assert set(fitted.predict(X)) <= {0, 1}
    return fitted


@machine("CalibratedClassifierCV")
def calibrated():
    """Both methods, on lesions and on tables, by fold and as one."""
    data = images()
    for by_fold in (True, False):
        model = calibration.CalibratedClassifierCV(all_steps(), cv=2, ensemble=by_fold)
        assert model.fit(data.X, data.y).predict_proba(data.X).shape == (24, 2)
    for method in ("sigmoid", "isotonic", "temperature"):
        good(
            calibration.CalibratedClassifierCV(table_steps(), method=method),
            "two_readers",
        )


@machine("FrozenEstimator")
def frozen():
    """A fitted pipeline is kept as it is inside another one's fit."""
    data = images()
    fitted = all_steps().fit(data.X, data.y)
    model = calibration.CalibratedClassifierCV(FrozenEstimator(fitted))
    model.fit(data.X, data.y)
    inner = model.calibrated_classifiers_[0].estimator
    assert_array_equal(inner.predict_proba(data.X), fitted.predict_proba(data.X))


@machine("TunedThresholdClassifierCV")
def tuned_threshold():
    """The threshold of a pipeline from lesions on."""
    data = images()
    model = ms.TunedThresholdClassifierCV(all_steps(), cv=2, scoring="f1")
    assert 0 <= model.fit(data.X, data.y).best_threshold_ <= 1


@machine("FixedThresholdClassifier")
def fixed_threshold():
    """A threshold set by hand gives what the probabilities say."""
    data = features()
    model = ms.FixedThresholdClassifier(table_steps(), threshold=0.3)
    fitted = model.fit(data.two_readers, data.y)
    proba = fitted.predict_proba(data.two_readers)[:, 1]
    assert_array_equal(fitted.predict(data.two_readers), proba >= 0.3)


@machine("VotingClassifier")
def voting():
    """Soft votes of our pipeline and another classifier."""
    pair = [("orn", table_steps()), ("other", LogisticRegression())]
    fitted = good(ensemble.VotingClassifier(pair, voting="soft"), "two_readers")
    assert len(fitted.estimators_) == 2


@machine("StackingClassifier")
def stacking():
    """Ours as one of the first, and as the last."""
    pair = [("orn", table_steps()), ("other", LogisticRegression())]
    good(ensemble.StackingClassifier(pair, cv=3), "two_readers")
    last = classifier(lambda_rule="min")
    good(ensemble.StackingClassifier(pair, final_estimator=last, cv=3), "two_readers")


@machine("StackingClassifier on lesions")
def stacking_on_lesions():
    """Lesions go to each of the first."""
    data = images()
    pair = [("a", all_steps()), ("b", all_steps().set_params(window__method="1-99"))]
    model = ensemble.StackingClassifier(pair, cv=2).fit(data.X, data.y)
    assert model.predict_proba(data.X).shape == (24, 2)


@machine("BaggingClassifier")
def bagging():
    """Bootstrap samples of rows, and of columns."""
    model = classifier(lambda_rule="min")
    good(ensemble.BaggingClassifier(model, 5, random_state=0))
    good(ensemble.BaggingClassifier(model, 5, max_features=0.7, random_state=0))


@machine("AdaBoostClassifier")
def boosting():
    """Weights from round to round."""
    model = classifier(lambda_rule="min")
    good(ensemble.AdaBoostClassifier(model, n_estimators=3, random_state=0))


@machine("RFE")
def rfe():
    """Features are left out by their coefficients; the two true ones stay."""
    fitted = good(fs.RFE(classifier(lambda_rule="min"), n_features_to_select=2))
    assert fitted.get_feature_names_out().tolist() == ["f0", "f1"]


@machine("RFECV")
def rfecv():
    """The same, with their number by cross-validation."""
    fitted = good(fs.RFECV(classifier(lambda_rule="min"), cv=3))
    assert {"f0", "f1"} <= set(fitted.get_feature_names_out())


@machine("SelectFromModel")
def select_from_model():
    """What has a coefficient."""
    selector = fs.SelectFromModel(classifier(), threshold=1e-9)
    fitted = good(make_pipeline(selector, LogisticRegression()))
    assert fitted[0].get_feature_names_out().tolist() == ["f0", "f1"]


@machine("RFE, RFECV, SelectFromModel in other units")
def other_units():
    """By standardised coefficients, what is kept does not depend on units."""
    data = features()
    units = 10.0 ** np.arange(-3, 3)
    of_sd = {"importance_getter": "standardized_coef_"}
    model = classifier(lambda_rule="min")
    for selector in (
        fs.RFE(model, n_features_to_select=2, **of_sd),
        fs.RFECV(model, cv=3, **of_sd),
        fs.SelectFromModel(classifier(), threshold=1e-9, **of_sd),
    ):
        kept = selector.fit(data.X, data.y).get_support()
        assert_array_equal(selector.fit(data.X * units, data.y).get_support(), kept)
    lasso = selector.estimator_
    assert selector.get_feature_names_out().tolist() == list(lasso.selected_features_)


@machine("SequentialFeatureSelector")
def sequential():
    """Features added one by one, judged by our classifier."""
    data = features()
    selector = fs.SequentialFeatureSelector(
        classifier(lambda_rule="min"), n_features_to_select=2, cv=2, scoring="roc_auc"
    )
    names = selector.fit(data.X, data.y).get_feature_names_out()
    assert set(names) == {"f0", "f1"}


@machine("SelectKBest and others in front")
def other_selectors():
    """scikit-learn's own selectors in front of our last step."""
    for selector in (fs.SelectKBest(k=3), fs.VarianceThreshold(0.1), fs.SelectFdr()):
        good(make_pipeline(selector, classifier()))


@machine("OneVsRestClassifier, OneVsOneClassifier, OutputCodeClassifier")
def multiclass_():
    """Three classes, two at a time."""
    data = features()
    y = np.where(data.X["f0"] > 1.5, 2, data.y)
    for kind in (
        multiclass.OneVsRestClassifier(classifier(cv=2)),
        multiclass.OneVsOneClassifier(classifier(cv=2)),
        multiclass.OutputCodeClassifier(classifier(cv=2), random_state=0),
    ):
        predicted = kind.fit(data.X, y).predict(data.X)
        assert np.mean(predicted == y) > 0.6


@machine("MultiOutputClassifier, ClassifierChain")
def outputs():
    """Two outcomes of one cohort."""
    data = features()
    Y = np.column_stack([data.y, data.X["f2"] > 0])
    for kind in (
        multioutput.MultiOutputClassifier(classifier()),
        multioutput.ClassifierChain(classifier(), random_state=0),
    ):
        assert kind.fit(data.X, Y).predict(data.X).shape == (60, 2)


@machine("SelfTrainingClassifier")
def self_training():
    """Lesions without an outcome."""
    data = features()
    y = data.y.copy()
    y[40:] = -1
    model = SelfTrainingClassifier(classifier(), max_iter=2).fit(data.X, y)
    assert roc_auc_score(data.y, model.predict_proba(data.X)[:, 1]) > 0.8


@machine("sample_weight")
def sample_weight():
    """A weight of 2 counts as two rows; of 0, as none."""
    data = features()
    model = classifier(penalty="none")
    weights = np.arange(60) % 3
    rows = np.repeat(np.arange(60), weights)
    weighted = model.fit(data.X, data.y, sample_weight=weights).coef_
    assert_allclose(
        model.fit(data.X.iloc[rows], data.y[rows]).coef_, weighted, rtol=1e-6
    )
