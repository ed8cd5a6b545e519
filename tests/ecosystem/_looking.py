"""scikit-learn's inspection and displays, and what it shows of an estimator."""

import matplotlib

matplotlib.use("agg")

import numpy as np  # noqa: E402
from matplotlib import pyplot as plt  # noqa: E402
from numpy.testing import assert_allclose  # noqa: E402
from sklearn import config_context, inspection, metrics  # noqa: E402
from sklearn import model_selection as ms  # noqa: E402
from sklearn.calibration import CalibrationDisplay  # noqa: E402
from sklearn.utils import estimator_html_repr, get_tags  # noqa: E402

from sklearn_orn import Normalizer, TextureExtractor  # noqa: E402
from tests.ecosystem._cohorts import (  # noqa: E402
    all_steps,
    classifier,
    features,
    images,
    table_steps,
)
from tests.ecosystem._machines import Table  # noqa: E402

LOOKING = Table("inspection and displays")
machine = LOOKING


def drawn(display):
    plt.close("all")
    return display


@machine("permutation_importance")
def permutation_importance():
    """The two true features matter most."""
    data = features()
    found = inspection.permutation_importance(
        classifier().fit(data.X, data.y), data.X, data.y, n_repeats=3, random_state=0
    )
    assert set(np.argsort(found.importances_mean)[-2:]) == {0, 1}


@machine("partial_dependence")
def partial_dependence():
    """The probability rises with a feature of positive coefficient."""
    data = features()
    fitted = classifier().fit(data.X, data.y)
    found = inspection.partial_dependence(fitted, data.X, ["f0"], grid_resolution=5)
    assert (np.diff(found["average"][0]) > 0).all()


@machine("PartialDependenceDisplay")
def partial_dependence_display():
    """Of a pipeline, by the names of its columns."""
    data = features()
    fitted = table_steps().fit(data.two_readers, data.y)
    names = ["a__f0", "b__f1"]
    draw = inspection.PartialDependenceDisplay.from_estimator
    drawn(draw(fitted, data.two_readers, names, grid_resolution=5, kind="both"))


@machine("DecisionBoundaryDisplay")
def decision_boundary():
    """Two features."""
    data = features()
    X = data.X[["f0", "f1"]]
    draw = inspection.DecisionBoundaryDisplay.from_estimator
    drawn(draw(classifier().fit(X, data.y), X, grid_resolution=10))


@machine("RocCurveDisplay, PrecisionRecallDisplay, DetCurveDisplay")
def curves():
    """From a pipeline that reads images."""
    data = images()
    fitted = all_steps().fit(data.X, data.y)
    roc = metrics.RocCurveDisplay.from_estimator(fitted, data.X, data.y)
    assert roc.roc_auc > 0.9
    drawn(metrics.PrecisionRecallDisplay.from_estimator(fitted, data.X, data.y))
    drawn(metrics.DetCurveDisplay.from_estimator(fitted, data.X, data.y))


@machine("RocCurveDisplay.from_cv_results")
def roc_of_folds():
    """From the folds of cross_validate."""
    data = images()
    found = ms.cross_validate(
        all_steps(), data.X, data.y, cv=2, return_estimator=True, return_indices=True
    )
    display = metrics.RocCurveDisplay.from_cv_results(found, data.X, data.y)
    assert len(drawn(display).roc_auc) == 2


@machine("ConfusionMatrixDisplay")
def confusion_matrix():
    """From a pipeline that reads images."""
    data = images()
    fitted = all_steps().fit(data.X, data.y)
    display = metrics.ConfusionMatrixDisplay.from_estimator(fitted, data.X, data.y)
    assert drawn(display).confusion_matrix.sum() == 24


@machine("CalibrationDisplay of scikit-learn")
def calibration_display():
    """scikit-learn's, beside ours of the same name."""
    data = features()
    fitted = table_steps().fit(data.two_readers, data.y)
    draw = CalibrationDisplay.from_estimator
    drawn(draw(fitted, data.two_readers, data.y, n_bins=3))


@machine("LearningCurveDisplay, ValidationCurveDisplay")
def curve_displays():
    """From the unfitted pipeline."""
    data = features()
    drawn(
        ms.LearningCurveDisplay.from_estimator(
            table_steps(), data.two_readers, data.y, cv=3, train_sizes=[0.7, 1.0]
        )
    )
    drawn(
        ms.ValidationCurveDisplay.from_estimator(
            table_steps(),
            data.two_readers,
            data.y,
            cv=3,
            param_name="fcm__k",
            param_range=[2, 3],
        )
    )


@machine("classification_report and metrics of predictions")
def of_predictions():
    """predict, predict_proba, predict_log_proba and decision_function agree."""
    data = images()
    fitted = all_steps().fit(data.X, data.y)
    proba = fitted.predict_proba(data.X)
    assert_allclose(np.exp(fitted.predict_log_proba(data.X)), proba)
    order = np.argsort(fitted.decision_function(data.X))
    assert (np.diff(proba[order, 1]) >= 0).all()
    report = metrics.classification_report(data.y, fitted.predict(data.X))
    assert "macro avg" in report


@machine("HTML representation")
def html():
    """Unfitted and fitted, of a step and of all."""
    data = images()
    for estimator in (all_steps(), Normalizer(), all_steps().fit(data.X, data.y)):
        text = estimator_html_repr(estimator)
        assert type(estimator).__name__ in text
        assert text == estimator._repr_html_() or "<style>" in estimator._repr_html_()


@machine("repr")
def representation():
    """Changed parameters alone, or all."""
    assert repr(Normalizer()) == "Normalizer()"
    assert "method='1-99'" in repr(Normalizer("1-99"))
    with config_context(print_changed_only=False):
        assert repr(Normalizer()) == "Normalizer(method='3sigma')"


@machine("tags")
def tags():
    """What scikit-learn asks: binary alone, NaN where it may be, lesions no table."""
    assert not get_tags(classifier()).classifier_tags.multi_class
    assert get_tags(table_steps()).estimator_type == "classifier"
    assert get_tags(table_steps()["icc"]).input_tags.allow_nan
    for step in (Normalizer(), TextureExtractor()):
        assert not get_tags(step).input_tags.two_d_array
