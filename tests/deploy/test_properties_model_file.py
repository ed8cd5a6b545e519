"""A model file is the model: to the last bit, for any table and any names."""

import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from sklearn_orn import FCMSelector, ICCFilter, NomogramClassifier
from sklearn_orn.deploy import ModelFile, load_model, save_model, table_hash
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.model import CrossFittedScore
from sklearn_orn.testing.strategies import (
    feature_tables,
    fitted_nomograms,
    outcomes_with_patients,
    reader_tables,
)
from tests._examples import examples

# Letters of any script; a file cannot hold half of a pair of code units.
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)


def stored_and_read(pipeline, **settings):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        save_model(path, pipeline, **settings)
        return load_model(path), ModelFile.read(path), path.read_bytes()


def fit(pipeline, X, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StudyWarning)  # so few patients are weak
        return pipeline.fit(X, y)


@st.composite
def trained(draw):
    """A pipeline with an imputer and a selection, its table and some new rows."""
    drawn = draw(outcomes_with_patients(min_per_class=3, max_patients=8))
    n = len(drawn.y)
    X = draw(feature_tables((n + 2, n + 2), n_features=(2, 4), missing=True))
    X.columns = draw(
        st.lists(names, min_size=X.shape[1], max_size=X.shape[1], unique=True)
    )
    table, new = X.iloc[:n], X.iloc[n:]
    filled = SimpleImputer(strategy="median", keep_empty_features=True)
    assume((np.ptp(filled.fit_transform(table), axis=0) > 0).any())
    threshold = draw(st.sampled_from([0.5, "youden"]))
    pipeline = make_pipeline(
        filled,
        FCMSelector(k=1),
        NomogramClassifier(lambda_rule=0.02, threshold=threshold),
    ).set_output(transform="pandas")
    return fit(pipeline, table, drawn.y), table, new


@given(trained())
@examples(20)
def test_a_stored_pipeline_predicts_the_same_to_the_last_bit(case):
    """A double has 17 digits in JSON, and all of them are written."""
    pipeline, table, new = case
    again, record, _ = stored_and_read(pipeline, training=table)
    for X in (table, new):
        np.testing.assert_array_equal(again.predict_proba(X), pipeline.predict_proba(X))
        np.testing.assert_array_equal(again.predict(X), pipeline.predict(X))
    first, second = pipeline[-1], again[-1]
    np.testing.assert_array_equal(first.coef_, second.coef_)
    np.testing.assert_array_equal(first.feature_names_in_, second.feature_names_in_)
    assert second.formula_.to_json() == first.formula_.to_json()
    assert record.training.n_rows == len(table)
    assert record.training.table_sha256 == table_hash(table)


@given(fitted_nomograms())
@examples(20)
def test_storing_what_was_read_writes_the_same_file(drawn):
    """Nothing is lost on the way, so that there is nothing to lose the next time."""
    _, _, first = stored_and_read(make_pipeline(drawn.classifier))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        path.write_bytes(first)
        _, _, second = stored_and_read(load_model(path))
    assert first == second


@given(reader_tables(n_lesions=(8, 10), n_features=(1, 3)), st.data())
@examples(20)
def test_readers_are_averaged_by_the_stored_filter_too(X, data):
    """A new patient comes with one reader: the stored filter knows the blocks."""
    y = np.arange(len(X)) % 2
    pipeline = make_pipeline(
        ICCFilter(),
        SimpleImputer(strategy="median", keep_empty_features=True),
        NomogramClassifier(lambda_rule=0.02),
    ).set_output(transform="pandas")
    fit(pipeline, X, y)
    again, _, _ = stored_and_read(pipeline)
    new = X.copy()
    new.loc[:, [name for name in X if name.startswith("B__")]] = np.nan
    for table in (X, new):
        np.testing.assert_array_equal(
            again.predict_proba(table), pipeline.predict_proba(table)
        )
    assert list(again[0].get_feature_names_out()) == list(
        pipeline[0].get_feature_names_out()
    )


@given(feature_tables(missing=True), st.data())
@examples(40)
def test_the_hash_of_a_table_is_of_its_cells(X, data):
    """It tells whether a model was trained on this table, wherever its files lie."""
    table = X.assign(image=[f"/data/{i}.dcm" for i in range(len(X))])
    elsewhere = table.assign(image=[f"other/place/{i}.dcm" for i in range(len(X))])
    assert table_hash(elsewhere) == table_hash(table)
    assert table_hash(table.set_axis(range(5, 5 + len(X)))) == table_hash(table)
    row = data.draw(st.integers(0, len(X) - 1))
    column = data.draw(st.sampled_from(list(X)))
    changed = table.copy()
    value = changed.loc[row, column]
    changed.loc[row, column] = 1.5 if pd.isna(value) else value + 1
    assert table_hash(changed) != table_hash(table)


@st.composite
def clinical(draw):
    """A table of two categories and a number, with any levels and some gaps."""
    drawn = draw(outcomes_with_patients(min_per_class=4, max_patients=10))
    n = len(drawn.y)
    table = {}
    for name in ("a", "b"):
        levels = draw(st.lists(names, min_size=2, max_size=3, unique=True))
        cells = levels + draw(
            st.lists(st.sampled_from([*levels, None]), min_size=n, max_size=n)
        )
        table[name] = pd.Series(cells[:n], dtype=object)
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    table |= {name: rng.normal(size=n) for name in ("size", "t0", "t1")}
    table["size"][1] = np.nan
    drop = draw(st.sampled_from([None, "first", "if_binary"]))
    encoder = OneHotEncoder(drop=drop, handle_unknown="ignore", sparse_output=False)
    fill = SimpleImputer(strategy="most_frequent", missing_values=np.nan)
    lasso = NomogramClassifier(lambda_rule=0.02)
    columns = ColumnTransformer(
        [
            ("a", encoder, ["a"]),
            ("score", CrossFittedScore(lasso, cv=2, random_state=0), ["t0", "t1"]),
            ("b", make_pipeline(fill, OrdinalEncoder()), ["b"]),
            (
                "size",
                make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()),
                ["size"],
            ),
        ]
    )
    X = pd.DataFrame(table)
    X["b"] = X["b"].fillna(np.nan)
    return make_pipeline(columns, NomogramClassifier(penalty="firth")), X, drawn.y


@given(clinical())
@examples(20)
def test_levels_scales_and_scores_are_stored_to_the_last_bit(case):
    """Whatever the levels are called, and in whatever order they stand."""
    pipeline, X, y = case
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit(pipeline, X, y)
    again, _, first = stored_and_read(pipeline, training=X)
    np.testing.assert_array_equal(again.predict_proba(X), pipeline.predict_proba(X))
    _, _, second = stored_and_read(again, training=X)
    assert first == second
