"""Tables of numbers are checked at once, and as scikit-learn checks them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator

from sklearn_orn._validation import (
    checked_table,
    checked_training,
    is_float_table,
    numbers_with_gaps,
)

FRAME = pd.DataFrame({"b": [1.0, 2.0, np.nan], "a": [3.0, 4.0, 5.0]})


@pytest.mark.parametrize(
    "frame",
    [
        FRAME,
        FRAME.rename(columns=str.upper).astype("Float64"),
        FRAME.astype({"a": int}),
        FRAME.astype(np.float32),
    ],
    ids=["float64", "nullable", "with integers", "float32"],
)
def test_a_frame_is_checked_as_scikit_learn_does(frame):
    step = BaseEstimator()
    values = numbers_with_gaps(step, frame, reset=True)
    np.testing.assert_array_equal(values, FRAME.to_numpy())
    assert step.feature_names_in_.tolist() == list(frame.columns)
    assert step.feature_names_in_.dtype == object
    assert step.n_features_in_ == 2
    np.testing.assert_array_equal(
        numbers_with_gaps(step, frame, reset=False), FRAME.to_numpy()
    )


def test_only_floats_under_texts_go_the_short_way():
    assert is_float_table(FRAME)
    for other in (
        FRAME.to_numpy(),
        FRAME.astype(np.float32),
        FRAME.set_axis([0, 1], axis=1),
        FRAME.set_axis(["a", "a"], axis=1),
    ):
        assert not is_float_table(other)


def test_other_columns_are_refused_in_scikit_learns_words():
    step = BaseEstimator()
    numbers_with_gaps(step, FRAME, reset=True)
    for other, words in (
        (FRAME[["a", "b"]], "same order"),
        (FRAME[["b"]], "Feature names seen at fit time, yet now missing"),
        (FRAME.rename(columns={"b": "c"}), "Feature names unseen at fit time"),
    ):
        with pytest.raises(ValueError, match=words):
            numbers_with_gaps(step, other, reset=False)
    with pytest.raises(ValueError, match="infinity"):
        numbers_with_gaps(step, FRAME.replace(3.0, np.inf), reset=False)


def test_a_gap_is_refused_by_the_name_of_its_column():
    step = BaseEstimator()
    with pytest.raises(ValueError, match="1 columns: b"):
        checked_training(step, FRAME, [0, 1, 0])
    checked_training(step, FRAME.fillna(0.0), [0, 1, 0])
    with pytest.raises(ValueError, match="1 columns: b"):
        checked_table(step, FRAME)


def test_a_table_without_names_forgets_those_before():
    step = BaseEstimator()
    numbers_with_gaps(step, FRAME, reset=True)
    numbers_with_gaps(step, FRAME.to_numpy(), reset=True)
    assert not hasattr(step, "feature_names_in_")
