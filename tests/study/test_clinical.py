"""Clinical columns of any kind, in the model of them."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from sklearn_orn.study import StudyConfig
from sklearn_orn.study._clinical import (
    clinical_pipeline,
    clinical_table,
    usable_columns,
)
from tests._examples import examples
from tests.study._checks import check_report

N = 48
VALIDATION = np.arange(N) % 3 == 0


def columns(*names):
    return StudyConfig(outcome="y", clinical=names)


def test_numbers_are_floats_and_all_else_is_text():
    cohort = pd.DataFrame(
        {
            "integer": pd.array([1, None, 3], dtype="Int64"),
            "bool": [True, False, True],
            "text": ["a", None, "b"],
            "string": pd.array(["a", None, "b"], dtype="string"),
            "category": pd.Categorical(["x", None, "y"]),
            "date": pd.to_datetime(["2020-01-31", None, "2020-02-01"]),
            "mixed": [1, "a", None],
            "empty": [None, None, None],
        }
    )
    table = clinical_table(cohort, columns(*cohort.columns))
    assert table["integer"].tolist()[::2] == [1.0, 3.0]
    assert table["bool"].tolist() == [1.0, 0.0, 1.0]
    for name in ("text", "string", "category", "date"):
        assert table[name].isna().tolist() == [False, True, False]
        assert all(isinstance(value, str) for value in table[name].dropna())
    assert table["mixed"].tolist()[:2] == ["1", "a"]
    assert table["empty"].dtype == float
    assert cohort["bool"].dtype == bool  # unchanged


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (np.full(N, np.nan), "it is empty for all lesions that train"),
        (np.where(VALIDATION, 1.0, np.nan), "it is empty for all lesions that train"),
        (np.ones(N), "it is the same for all lesions that train"),
        (["x"] * N, "it is the same for all lesions that train"),
        (np.where(VALIDATION, "b", "a"), "it is the same for all lesions that train"),
        (np.r_[np.inf, np.arange(N - 1.0)], "it holds an infinite value"),
        ([f"n{i}" for i in range(N)], "it holds 48 categories, more than 30"),
    ],
)
def test_a_column_that_teaches_nothing_is_left_out(cells, reason):
    cohort = pd.DataFrame({"age": np.arange(N), "x": cells})
    table = clinical_table(cohort, columns("age", "x"))
    usable, notes = usable_columns(table, ~VALIDATION)
    assert usable.columns.tolist() == ["age"]
    assert notes == [f"Column 'x' is in no model: {reason}."]


CELLS = st.sampled_from([None, np.nan, 0, 1, 2.5, -1e6, "a", "b", "", True])


@examples(25)
@forall(
    st.lists(
        st.lists(CELLS, min_size=12, max_size=12)
        | st.lists(st.floats(-1e3, 1e3) | st.just(np.nan), min_size=12, max_size=12),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_is_usable_can_be_fitted_and_predicted(drawn):
    cohort = pd.DataFrame({f"c{i}": cells for i, cells in enumerate(drawn)})
    training = np.arange(12) < 8
    table = clinical_table(cohort, columns(*cohort.columns))
    usable, notes = usable_columns(table, training)
    assert len(notes) + usable.shape[1] == len(drawn)
    if not usable.shape[1]:
        return
    y = np.arange(8) % 2
    steps = clinical_pipeline(usable)[:-1]  # the model itself may not converge
    steps.fit(usable[training], y)
    with warnings.catch_warnings():  # as the study does
        warnings.filterwarnings("ignore", message="Found unknown categories")
        matrix = steps.transform(usable)
    assert np.isfinite(matrix.to_numpy()).all()
    assert len(matrix) == 12


@pytest.fixture(scope="module")
def clinical(given):
    table, features = given
    rng = np.random.default_rng(1)
    late = (table["part"] == "validation").to_numpy()
    odd = np.arange(N) % 2 == 1
    return table.assign(
        age=rng.integers(40, 80, N).astype(float),
        sex=np.where(rng.random(N) < 0.5, "f", "m"),
        rare=np.where(late & odd, "only there", np.where(odd, "b", "a")),
        gaps=pd.Series(np.where(odd, "yes", None)).where(rng.random(N) < 0.8, "no"),
        smoker=rng.random(N) < 0.4,
        seen=pd.date_range("2020-01-01", periods=N).strftime("%Y-%m"),
        constant=1,
        empty=np.nan,
    ), features


NAMES = ("age", "sex", "rare", "gaps", "smoker", "seen", "constant", "empty")


@pytest.mark.parametrize("split", ["part", None])
def test_a_study_with_such_columns(clinical, quick_study, split):
    table, features = clinical
    result = quick_study(
        table, features=features, clinical=NAMES, location="sex", split=split
    )
    text = check_report(result)
    models = result.results["models"]
    rows = {row["name"]: row for row in models["rows"]}
    assert rows["clinical"]["predictors"] == list(NAMES[:6])
    assert rows["clinical + radiomics"]["predictors"] == [*NAMES[:6], "radiomics score"]
    assert models["missing"] == {}
    for name in ("constant", "empty"):
        assert f"Column {name!r} is in no model: it is" in text
    assert "Characteristics by class" in text
    assert "Lesions by location" in text


def test_no_usable_column_and_a_column_of_names(given, quick_study):
    table, features = given
    result = quick_study(
        table.assign(who=table["lesion"]), features=features, clinical=["who"]
    )
    text = check_report(result)
    assert "Column 'who' is in no model: it holds 48 categories" in text
    reason = result.results["baseline"]["absent"]
    assert "column 'who' holds 48 different values" in reason
    assert f"Characteristics cannot be shown: {reason}" in text
    names = [row["name"] for row in result.results["models"]["rows"]]
    assert names == ["radiomics", "one feature"]
