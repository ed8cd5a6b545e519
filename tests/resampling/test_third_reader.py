"""What another reader in place of one of the study's would have changed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline

from sklearn_orn import ICCFilter, NomogramClassifier
from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.resampling import third_reader
from sklearn_orn.selection import swap_reader
from tests._examples import examples

PIPELINE = make_pipeline(
    ICCFilter(0.5), NomogramClassifier(lambda_rule=0.05)
).set_output(transform="pandas")
Y = np.arange(80) % 2
PATIENTS = np.arange(80) // 4 * 2 + Y


def readings(noise):
    """Blocks of readers with their own noise; features a and b tell the class."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(80, 4)) + np.outer(Y, [1.2, 1.0, 0, 0])
    return pd.concat(
        [
            pd.DataFrame(
                truth + scale * rng.normal(size=(80, 4)),
                columns=[f"{reader}__{name}" for name in "abcd"],
            )
            for reader, scale in noise.items()
        ],
        axis=1,
    )


def tables(noise):
    X = readings({"anna": 0.2, "ben": 0.2, "carla": noise})
    return {
        "anna, ben": X.iloc[:, :8],
        "carla, ben": swap_reader(X, "anna", "carla"),
    }


def test_the_first_set_is_compared_with_itself():
    found = third_reader(PIPELINE, tables(0.2), Y, groups=PATIENTS)
    assert list(found.index) == ["anna, ben", "carla, ben"]
    assert found.iloc[0][["jaccard", "correlation"]].tolist() == [1.0, 1.0]
    assert found["auc"].between(0.7, 1).all()
    assert found["correlation"].iloc[1] > 0.9


def test_a_reader_who_draws_otherwise_changes_the_model():
    like, unlike = (
        third_reader(PIPELINE, tables(noise), Y, groups=PATIENTS)
        for noise in (0.2, 0.6)
    )
    assert unlike["correlation"].iloc[1] < like["correlation"].iloc[1]
    assert unlike["auc"].iloc[0] == like["auc"].iloc[0]


def test_the_folds_are_of_patients_and_the_same_for_all():
    X = tables(0.2)["anna, ben"]
    found = third_reader(PIPELINE, {"one": X, "same": X}, Y, groups=PATIENTS)
    assert found.iloc[0].equals(found.iloc[1].rename("one"))
    again = third_reader(PIPELINE, {"one": X}, Y, groups=PATIENTS, random_state=1)
    assert again["auc"].iloc[0] != found["auc"].iloc[0]


@examples(3)
@given(st.integers(0, 99))
def test_readings_that_are_the_same_lead_to_one_model(seed):
    X = tables(0.2)["anna, ben"]
    found = third_reader(PIPELINE, {"a": X, "b": X.copy()}, Y, cv=2, random_state=seed)
    assert found.iloc[0].equals(found.iloc[1].rename("a"))
    assert found.iloc[1][["jaccard", "correlation"]].tolist() == [1.0, 1.0]


def test_a_model_without_a_feature_has_no_correlation():
    X = tables(0.2)["anna, ben"]
    empty = make_pipeline(ICCFilter(), NomogramClassifier(lambda_rule=9.0))
    empty.set_output(transform="pandas")
    found = third_reader(empty, {"one": X}, Y)
    assert found["n_selected"].iloc[0] == 0
    assert found["jaccard"].iloc[0] == 1.0
    assert np.isnan(found["correlation"].iloc[0])


def test_tables_of_other_lengths_are_refused():
    X = tables(0.2)["anna, ben"]
    with pytest.raises(ValueError, match=r"tables have \[79, 80\] rows; expected one"):
        third_reader(PIPELINE, {"one": X, "short": X[1:]}, Y)
    with pytest.raises(ValueError, match=r"tables have \[\] rows"):
        third_reader(PIPELINE, {}, Y)
    with pytest.raises(NotEstimable, match="50 folds need at least 50"):
        third_reader(PIPELINE, {"one": X}, Y, cv=50)


def test_two_processes_find_the_same():
    one, two = (
        third_reader(PIPELINE, tables(0.5), Y, groups=PATIENTS, n_jobs=n_jobs)
        for n_jobs in (None, 2)
    )
    pd.testing.assert_frame_equal(one, two)
