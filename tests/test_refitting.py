"""A pipeline fitted many times learns what it learns when it is fitted once."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.feature_selection import SelectFromModel
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from sklearn_orn import ICCFilter
from sklearn_orn._refitting import (
    _steps_that_ask,
    clone_to_refit,
    fit_with_groups,
)

RNG = np.random.default_rng(0)
Y = np.arange(12) % 2
PATIENTS = np.arange(12) // 2


def table(gaps=()):
    X = pd.DataFrame(RNG.normal(size=(12, 3)), columns=list("abc"))
    for row, column in gaps:
        X.iloc[row, column] = np.nan
    return X


class Asks(BaseEstimator):
    """Remembers the patients that it was given."""

    def fit(self, X, y=None, groups=None):
        self.groups_, self.fitted_ = groups, True
        return self

    def transform(self, X):
        return X

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5)


def asking(**request):
    with sklearn.config_context(enable_metadata_routing=True):
        return Asks().set_fit_request(**request)


@pytest.mark.parametrize("routing", [False, True])
def test_the_steps_that_ask_get_the_patients(routing):
    steps = Pipeline(
        [
            ("a", asking(groups=True)),
            ("nothing", "passthrough"),
            ("b", asking(groups=False)),
            ("imputer", SimpleImputer()),
            ("c", asking(groups=True)),
        ]
    )
    with sklearn.config_context(enable_metadata_routing=routing):
        fit_with_groups(steps, table(), Y, PATIENTS)
    assert steps["a"].groups_ is PATIENTS
    assert steps["c"].groups_ is PATIENTS
    assert steps["b"].groups_ is None
    fit_with_groups(steps, table(), Y, None)
    assert steps["a"].groups_ is None


def test_what_routing_has_to_find_out_it_finds():
    inside = make_pipeline(asking(groups=True))
    selecting = SelectFromModel(LogisticRegression())
    steps = make_pipeline(selecting, inside)
    fit_with_groups(steps, table(), Y, PATIENTS)
    assert inside[0].groups_ is PATIENTS
    alone = fit_with_groups(asking(groups=True), table(), Y, PATIENTS)
    assert alone.groups_ is PATIENTS
    with pytest.raises(UnsetMetadataPassedError, match="groups"):
        fit_with_groups(
            make_pipeline(asking(groups=True), Asks()), table(), Y, PATIENTS
        )


class AsksTwice(Asks):
    """Would have the patients of new rows too."""

    def transform(self, X, groups=None):
        return X


def asking_twice():
    with sklearn.config_context(enable_metadata_routing=True):
        request = AsksTwice().set_fit_request(groups=True)
        return request.set_transform_request(groups=True)


def columns(step):
    return ColumnTransformer([("of a", step, ["a"])])


@pytest.mark.parametrize(
    "quiet",
    [
        SimpleImputer(),
        asking(groups=False),
        "passthrough",
        make_pipeline(SimpleImputer(), asking(groups=False)),
        columns(SimpleImputer()),
        columns(make_pipeline(SimpleImputer())),
    ],
)
def test_steps_that_ask_are_found_without_routing(quiet):
    steps = make_pipeline(quiet, asking(groups=True))
    assert _steps_that_ask(steps) == [steps.steps[-1][0]]
    assert _steps_that_ask(make_pipeline(quiet)) == []


@pytest.mark.parametrize(
    "other",
    [
        Asks(),
        asking(groups="patients"),
        asking_twice(),
        SelectFromModel(LogisticRegression()),
        make_pipeline(asking(groups=False), asking(groups=True)),
        columns(asking(groups=True)),
    ],
)
def test_where_it_is_not_plain_routing_finds_out(other):
    assert _steps_that_ask(make_pipeline(asking(groups=True), other)) is None
    assert _steps_that_ask(columns(other)) is None


def test_steps_that_hand_on_what_they_transform_are_left_to_routing():
    steps = make_pipeline(asking(groups=True), transform_input=["X_val"])
    assert _steps_that_ask(steps) is None


def test_a_request_made_after_another_fit_counts():
    for groups in (True, False, True):
        steps = make_pipeline(asking(groups=groups))
        fit_with_groups(steps, table(), Y, PATIENTS)
        assert (steps[0].groups_ is PATIENTS) == groups


class Fickle(Asks):
    """Asks or not, as it was made."""

    def __init__(self, asks):
        self.asks = asks

    def get_metadata_routing(self):
        return asking(groups=self.asks).get_metadata_routing()


def test_a_step_that_answers_for_itself_is_asked_each_time():
    for asks in (True, False, True):
        found = _steps_that_ask(make_pipeline(Fickle(asks)))
        assert found == (["fickle"] if asks else [])


@pytest.mark.parametrize("frame", [True, False])
@pytest.mark.parametrize("gaps", [(), [(0, 1), (5, 1)], [(i, 2) for i in range(12)]])
@pytest.mark.parametrize(
    "settings",
    [
        {"strategy": "median", "keep_empty_features": True},
        {"strategy": "median", "add_indicator": True, "keep_empty_features": True},
        {"strategy": "mean", "keep_empty_features": True},
        {"strategy": "most_frequent", "keep_empty_features": True},
        {"strategy": "constant", "fill_value": 7.0, "keep_empty_features": True},
    ],
)
def test_an_imputer_of_refits_fills_as_scikit_learns_does(settings, gaps, frame):
    X, new = table(gaps), table([(1, 0), (2, 2)]).set_axis(range(5, 17))
    if not frame:
        X, new = X.to_numpy(), new.to_numpy()
    steps = make_pipeline(SimpleImputer(**settings).set_output(transform="pandas"))
    for ours, theirs in zip(
        (clone_to_refit(steps).fit(X)),
        (clone(steps).fit(X)),
        strict=True,
    ):
        np.testing.assert_array_equal(ours.statistics_, theirs.statistics_)
        for rows in (X, new):
            pd.testing.assert_frame_equal(ours.transform(rows), theirs.transform(rows))
        if frame:
            assert ours.feature_names_in_.tolist() == list("abc")
            with pytest.raises(ValueError, match="seen at fit time"):
                ours.transform(new.rename(columns={"a": "z"}))
    assert type(steps[0]) is SimpleImputer


def test_an_empty_column_is_left_out_as_by_scikit_learn():
    X = table([(i, 2) for i in range(12)])
    steps = make_pipeline(SimpleImputer(strategy="median"))
    ours = clone_to_refit(steps).fit(X)
    with pytest.warns(UserWarning, match="Skipping features"):
        assert ours.transform(X).shape == (12, 2)


def test_gaps_may_be_a_number():
    X = table().round()
    X.iloc[:4] = 0.0
    steps = make_pipeline(SimpleImputer(missing_values=0.0, strategy="median"))
    filled = clone_to_refit(steps).fit_transform(X)
    np.testing.assert_array_equal(filled, clone(steps).fit_transform(X))
    assert not np.array_equal(filled, X)


def test_a_parameter_of_an_imputer_is_checked():
    with pytest.raises(ValueError, match="'copy' parameter"):
        clone_to_refit(make_pipeline(SimpleImputer(strategy="median", copy="no"))).fit(
            table()
        )


def test_a_refit_keeps_the_same_columns_and_has_no_limits():
    rng = np.random.default_rng(0)
    size = rng.normal(size=(30, 1))
    X = pd.DataFrame(
        np.hstack([size, size + 0.02, rng.normal(size=(30, 2))]),
        columns=["anna__size", "ben__size", "anna__noise", "ben__noise"],
    ) + rng.normal(scale=0.05, size=(30, 4))
    for criterion in ("estimate", "lower"):
        steps = make_pipeline(ICCFilter(criterion=criterion))
        once, often = (kind(steps).fit(X)[0] for kind in (clone, clone_to_refit))
        np.testing.assert_array_equal(once.icc_, often.icc_)
        np.testing.assert_array_equal(once.transform(X), often.transform(X))
        assert once.reasons_ == often.reasons_
        assert np.isfinite(once.icc_lower_).all()
        assert np.isfinite(often.icc_lower_).all() == (criterion == "lower")
    assert np.isfinite(clone(often).fit(X).icc_lower_).all()
