"""A harmonised pipeline that reads the centre from a column: the same numbers."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline

from sklearn_orn import NomogramClassifier
from sklearn_orn.study._centre_model import centre_column, with_centre_column
from sklearn_orn.study._row_combat import RowComBat


@pytest.fixture
def fitted():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(40, 3)), columns=["a", "b", "c"])
    centres = np.repeat(["north", "south"], 20)
    X.loc[centres == "south", "a"] += 3
    X.loc[3, "b"] = np.nan
    y = (X["a"] + rng.normal(size=40) > 1).astype(int)
    combat = RowComBat(rows=pd.Series(centres, X.index), mean_only=True, unseen="grand")
    steps = Pipeline(
        [
            ("imputer", SimpleImputer()),
            ("combat", combat),
            ("nomogram", NomogramClassifier(penalty="firth")),
        ]
    ).set_output(transform="pandas")
    study = SimpleNamespace(
        config=SimpleNamespace(centre_field=None, centre="hospital"),
        from_images=False,
        features=X,
        centres=centres,
    )
    return steps.fit(X, y), study


def test_the_centre_is_a_column_of_the_table(fitted):
    model, study = fitted
    again, table = with_centre_column(model, study)
    assert list(table) == ["a", "b", "c", "hospital"]
    assert list(again.named_steps) == ["columns", "combat", "nomogram"]
    expected = model.predict_proba(study.features)
    np.testing.assert_allclose(again.predict_proba(table), expected)
    turned = again.predict_proba(table.iloc[::-1][["hospital", "c", "b", "a"]])
    np.testing.assert_allclose(turned[::-1], expected)
    moved = table.assign(hospital="north")
    assert (again.predict_proba(moved)[20:] != expected[20:]).any()


def test_what_combat_has_learnt_and_its_settings_go_along(fitted):
    model, study = fitted
    combat = with_centre_column(model, study)[0].named_steps["combat"]
    assert (combat.mean_only, combat.unseen) == (True, "grand")
    assert list(combat.batches_) == ["north", "south"]
    assert combat.feature_names_in_.tolist() == ["a", "b", "c", "hospital"]
    assert combat.n_features_in_ == 4
    assert combat.get_feature_names_out().tolist() == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("field", "column", "name"),
    [("station", None, "centre"), (None, "hospital", "hospital")],
)
def test_the_column_of_new_patients(field, column, name):
    config = SimpleNamespace(centre_field=field, centre=column)
    assert centre_column(config) == name
