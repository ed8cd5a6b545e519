"""What all that fit many times share: rows, patients, warnings and reasons."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_orn.exceptions import NotEstimable, StudyWarning
from sklearn_orn.resampling._fitting import (
    check_outcome,
    count_up,
    extracted_once,
    failure_reason,
    fit_quietly,
    outcome_array,
    positive_probability,
    report_failures,
    run_all,
)

X = pd.DataFrame({"a": [0.1, 0.4, 0.2, 0.9, 0.7, 0.3], "b": [1.0, 2, 3, 4, 5, 6]})
Y = np.array([0, 1, 0, 1, 1, 0])


class Doubled(TransformerMixin, BaseEstimator):
    """A step that looks at one row at a time."""

    row_wise = True
    fitted: list = []

    def __init__(self, memory=None):
        self.memory = memory

    def fit(self, X, y=None):
        self.fitted.append(len(X))
        return self

    def transform(self, X):
        return 2 * X


class AllRows(Doubled):
    """The same, of which nobody says so."""

    row_wise = False


@pytest.mark.parametrize("n_leading", [0, 1, 2])
def test_leading_steps_of_single_rows_run_once(n_leading):
    Doubled.fitted.clear()
    steps = [Doubled() for _ in range(n_leading)]
    pipeline = make_pipeline(*steps, StandardScaler(), Doubled(), LogisticRegression())
    with extracted_once(pipeline, X) as (learning, data):
        assert [type(step) for _, step in learning.steps] == [
            *(StandardScaler, Doubled, LogisticRegression)
        ]
        pd.testing.assert_frame_equal(data, 2**n_leading * X)
        assert learning[-1] is not pipeline[-1]
    assert Doubled.fitted == [6] * n_leading


def test_a_pipeline_of_single_rows_alone_leaves_nothing_to_learn():
    with extracted_once(make_pipeline(Doubled(), Doubled()), X) as (learning, data):
        assert learning.steps == []
        pd.testing.assert_frame_equal(data, 4 * X)


def test_steps_that_say_nothing_and_bare_classifiers_take_all_as_it_is():
    for estimator in (make_pipeline(StandardScaler(), Doubled()), LogisticRegression()):
        with extracted_once(estimator, X) as (learning, data):
            assert data is X and type(learning) is type(estimator)
            assert learning is not estimator


def test_an_extractor_deeper_inside_has_a_cache_for_the_time():
    columns = ColumnTransformer(
        [
            ("own", Doubled(memory="mine"), ["a"]),
            ("none", Doubled(), ["a"]),
            ("other", AllRows(), ["b"]),
            ("inner", make_pipeline(StandardScaler()), ["b"]),
        ]
    )
    with extracted_once(make_pipeline(columns), X) as (learning, _):
        found = {name: step.memory for name, step, _ in learning[0].transformers}
        assert found["own"] == "mine" and found["other"] is None
        assert found["inner"] is None
        assert isinstance(found["none"], str)
        assert learning.memory is None
    assert columns.transformers[1][1].memory is None


def test_outcomes_are_of_two_classes_and_the_larger_is_positive():
    outcome, label = check_outcome(["met", "orn", "orn"])
    assert outcome.tolist() == ["met", "orn", "orn"] and label == "orn"
    assert check_outcome([3, 7])[1] == 7
    with pytest.raises(NotEstimable, match=r"shape \(2,\) with 1 classes"):
        check_outcome([1, 1])
    for odd in ([0, 1, 2], [[0, 1]], [[1, 1]], []):
        with pytest.raises(ValueError, match="two classes, got shape") as caught:
            check_outcome(odd)
        assert not isinstance(caught.value, NotEstimable)
    with pytest.raises(ValueError, match="y has 1 missing values"):
        outcome_array([0, None, 1])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("cv=8 needs groups: found 3.", "cv=8 needs groups"),
        ("All are constant; leave them out.", "All are constant"),
        ("Nothing varies. Look at 0.5 of it.", "Nothing varies"),
        ("A share of 0.5 is left.", "A share of 0.5 is left"),
    ],
)
def test_the_part_of_a_message_that_is_alike(text, reason):
    assert failure_reason(text) == reason
    assert failure_reason(ValueError(text)) == reason


def test_a_cause_counts_where_the_message_ends_with_it():
    cause, other = NotEstimable("few: 3"), ValueError("few: 3")
    for error, why, reason in (
        (NotEstimable("In a fold: few: 3"), cause, "In a fold: few"),
        (NotEstimable("In a fold: few: 3, or so"), cause, "In a fold"),
        (NotEstimable("In a fold: few: 3"), other, "In a fold"),
    ):
        error.__cause__ = why
        assert failure_reason(error) == reason


def test_two_resamples_must_be_fitted_and_the_others_are_told(recwarn):
    report_failures(2, 2, {})
    assert not recwarn.list
    with pytest.warns(StudyWarning, match=r"^3 of 5 .* count: few \(2\); odd \(1\)\."):
        report_failures(5, 2, {"few": 2, "odd": 1})
    with pytest.raises(NotEstimable, match=r"1 of 4 resamples .* few \(3\)"):
        report_failures(4, 1, {"few": 3})


class Warns(LogisticRegression):
    """A classifier that warns, and remembers what it was given."""

    __metadata_request__fit = {"groups": True}

    def fit(self, X, y, groups=None):
        self.given_ = (X, y, groups)
        warnings.warn("Weak: 3 events.", StudyWarning, stacklevel=1)
        warnings.warn("Weak: 3 events.", StudyWarning, stacklevel=1)
        warnings.warn("An array is odd.", RuntimeWarning, stacklevel=1)
        return super().fit(X, y)


def test_a_quiet_fit_returns_what_the_study_warns_of_and_warns_of_the_rest():
    model, rows = Warns(), np.array([5, 1, 1, 3])
    with pytest.warns(RuntimeWarning, match="An array is odd") as caught:
        fitted, weak = fit_quietly(model, X, Y, np.array(list("uvwxyz")), rows)
    assert weak == ["Weak", "Weak"] and len(caught) == 1
    assert caught[0].filename == __file__
    table, y, groups = fitted.given_
    pd.testing.assert_frame_equal(table, X.iloc[rows])
    assert y.tolist() == [0, 1, 1, 1] and groups.tolist() == list("zvvx")
    assert fitted is not model and not hasattr(model, "given_")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alone, weak = fit_quietly(model, X, Y, None, slice(None))
    assert weak == ["Weak", "Weak"]  # what a user does not want to see counts too
    assert alone.given_[2] is None and len(alone.given_[0]) == 6


def test_rows_of_one_class_train_nothing():
    with pytest.raises(NotEstimable, match="that train are of one class only"):
        fit_quietly(LogisticRegression(), X, Y, None, np.array([0, 2, 5]))


def test_the_probability_is_that_of_the_second_class():
    model = LogisticRegression().fit(X, Y)
    expected = model.predict_proba(X)[:, 1]
    np.testing.assert_array_equal(positive_probability(model, X), expected)
    rows = np.array([4, 0])
    chosen = positive_probability(model, X, rows)
    np.testing.assert_allclose(chosen, expected[rows])


@pytest.mark.parametrize("verbose", [0, 1])
def test_all_calls_in_their_order_and_a_bar_where_it_is_asked_for(verbose, capfd):
    calls = [(2, 3), (3, 2), (4, 1)]
    found = run_all(pow, calls, n_jobs=None, verbose=verbose, description="powers")
    assert found == [8, 9, 4]
    shown = capfd.readouterr().err
    assert ("powers" in shown and "3/3" in shown) == bool(verbose)


def test_texts_are_counted_the_most_frequent_first():
    counted = count_up(["few", "odd", "odd"])
    assert list(counted.items()) == [("odd", 2), ("few", 1)]
