"""What displays are told by estimators, and of which data they warn."""

import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.plotting._responses import fold_predictions, pooled, response
from sklearn_orn.plotting._weak import (
    warn_own_threshold,
    warn_repeated_patients,
    warn_training_data,
)


def warned(call, *arguments):
    """Return what a helper of a display warns of, and its code."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call(*arguments)
    return [str(one.message) for one in caught]


def test_patients_with_two_rows_are_warned_of_unless_there_are_groups():
    X = pd.DataFrame({"patient": [1, 1, 2], "a": [0, 1, 2]})
    (text,) = warned(warn_repeated_patients, X, None)
    assert "The 3 rows come from 2 patients" in text and "#repeated-patients" in text
    assert warned(warn_repeated_patients, X, [1, 1, 2]) == []
    assert warned(warn_repeated_patients, X.iloc[1:], None) == []
    assert warned(warn_repeated_patients, X[["a"]], None) == []
    assert warned(warn_repeated_patients, X.to_numpy(), None) == []


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        ([0, 5], [2, 9], True),
        ([0, 4], [2, 9], False),
        ([0, 5], [2, 8], False),
    ],
)
def test_training_data_are_known_by_the_range_of_every_column(low, high, told):
    X = np.array([[0, 9], [2, 5], [1, 7]])
    model = SimpleNamespace(feature_ranges_=np.array([low, high]))
    for what, words in (
        ("calibration", "the LASSO shrinks its score"),
        ("decision", "net benefit is optimistic"),
        ("threshold", "threshold was chosen on the data"),
    ):
        texts = warned(warn_training_data, model, X, what)
        assert len(texts) == told
        assert all(words in text and "#training-data" in text for text in texts)
    assert warned(warn_training_data, SimpleNamespace(), X, "decision") == []


def test_a_threshold_of_the_same_data_is_warned_of():
    assert len(warned(warn_own_threshold, "youden")) == 1
    assert warned(warn_own_threshold, 0.5) == warned(warn_own_threshold, None) == []


class Both:
    """Probabilities of the second class in one column, its score in the other."""

    classes_ = np.array(["no", "yes"])

    def predict_proba(self, X):
        return np.column_stack([1 - X[:, 0], X[:, 0]])

    def decision_function(self, X):
        return X[:, 1]


X = np.array([[0.2, -3.0], [0.9, 4.0], [0.6, 1.0]])


@pytest.mark.parametrize(
    ("method", "label", "values", "names"),
    [
        ("predict_proba", None, [0.2, 0.9, 0.6], ("no", "yes")),
        ("auto", "yes", [0.2, 0.9, 0.6], ("no", "yes")),
        ("auto", "no", [0.8, 0.1, 0.4], ("yes", "no")),
        ("decision_function", None, [-3, 4, 1], ("no", "yes")),
        ("decision_function", "no", [3, -4, -1], ("yes", "no")),
    ],
)
def test_higher_means_more_likely_the_label(method, label, values, names):
    said = response(Both(), X, label, method)
    np.testing.assert_allclose(said.values, values)
    assert said.class_names == names
    assert said.label == names[1]
    assert said.flipped == (label == "no")
    assert said.is_score == (method == "decision_function")


def folds(n_estimators=2):
    test = [np.array([2]), np.array([0, 1])]
    return {"estimator": [Both()] * n_estimators, "indices": {"test": test}}


def test_folds_are_pooled_in_their_order_with_their_groups():
    y = np.array(["no", "yes", "no"])
    outcome, proba, groups, label = pooled(folds(), X, y, ["p", "q", "r"])
    assert outcome.tolist() == ["no", "no", "yes"] and label == "yes"
    np.testing.assert_allclose(proba, [0.6, 0.2, 0.9])
    assert list(groups) == ["r", "p", "q"]
    _, proba, groups, label = pooled(folds(), X, y, pos_label="no")
    np.testing.assert_allclose(proba, [0.4, 0.8, 0.1])
    assert groups is None and label == "no"
    with pytest.raises(ValueError, match="groups"):
        pooled(folds(), X, y, ["p", "q"])


def test_a_fold_without_an_estimator_is_refused():
    with pytest.raises(ValueError, match="shorter|longer"):
        fold_predictions(folds(1), X)
    for lost in ("estimator", "indices"):
        results = folds()
        del results[lost]
        with pytest.raises(ValueError, match=f"lacks {lost}: call"):
            fold_predictions(results, X)
