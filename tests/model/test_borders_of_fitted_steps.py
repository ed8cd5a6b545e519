"""A nomogram's reading of a fitted step against what the step makes of a table."""

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)

from sklearn_orn.model import RestrictedCubicSpline
from sklearn_orn.model.nomogram._effects import Levels, Line
from sklearn_orn.model.nomogram._fitted_steps import (
    Column,
    is_passthrough,
    level_table,
    read_step,
)
from sklearn_orn.selection import ICCFilter

NUMBERS = np.random.default_rng(0).normal((3, -2, 10), (1, 4, 0.1), (30, 3))
PLAIN = [Column(i, Line()) for i in range(3)]


def read_as(columns, row):
    """The columns of one row by the effects that were read."""
    made = []
    for column in columns:
        value, effect = row[column.predictor], column.effect
        if pd.isna(value):
            made.append(float(effect.missing))
        elif isinstance(effect, Levels):
            made.append(effect.effects[value])
        else:
            made.append(float(effect.at(np.array([value], float))[0]))
    return made


def agrees(step, X, columns=PLAIN):
    found = read_step("s", step, columns)
    made = step.transform(X)
    made = made.toarray() if hasattr(made, "toarray") else np.asarray(made, float)
    rows = X.to_numpy(object) if isinstance(X, pd.DataFrame) else X
    np.testing.assert_allclose([read_as(found, row) for row in rows], made, atol=1e-9)
    return found


@pytest.mark.parametrize(
    "step",
    [
        StandardScaler(),
        StandardScaler(with_mean=False),
        StandardScaler(with_std=False),
        StandardScaler(with_mean=False, with_std=False),
        MinMaxScaler(),
        MinMaxScaler(feature_range=(-1, 3)),
        MaxAbsScaler(),
        RobustScaler(),
        RobustScaler(with_centering=False),
        RobustScaler(with_scaling=False),
        RestrictedCubicSpline(3),
        RestrictedCubicSpline(5),
        VarianceThreshold(1.0),
    ],
    ids=str,
)
def test_numbers_become_what_the_step_makes_of_them(step):
    step.fit(NUMBERS)
    found = agrees(step, NUMBERS)
    beyond = NUMBERS[:2] * 3 - 7
    agrees(step, beyond)
    assert {column.predictor for column in found} <= {0, 1, 2}


def test_steps_one_behind_the_other():
    first = StandardScaler().fit(NUMBERS)
    second = MinMaxScaler().fit(first.transform(NUMBERS))
    columns = read_step("b", second, read_step("a", first, PLAIN))
    made = second.transform(first.transform(NUMBERS))
    found = [read_as(columns, row) for row in NUMBERS]
    np.testing.assert_allclose(found, made, atol=1e-12)


def test_a_selector_keeps_its_columns():
    y = NUMBERS[:, 1] > -2
    step = SelectKBest(k=2).fit(NUMBERS, y)
    kept = [column.predictor for column in agrees(step, NUMBERS)]
    assert kept == np.flatnonzero(step.get_support()).tolist()


def gaps():
    X = NUMBERS.copy()
    X[2, 0] = X[5, 2] = X[6, 2] = np.nan
    return X


@pytest.mark.parametrize("strategy", ["mean", "median"])
@pytest.mark.parametrize("indicator", [False, True])
def test_missing_numbers_are_filled(strategy, indicator):
    step = SimpleImputer(strategy=strategy, add_indicator=indicator).fit(gaps())
    found = agrees(step, gaps())
    expected = [0, 1, 2, 0, 2] if indicator else [0, 1, 2]
    assert [column.predictor for column in found] == expected


@pytest.mark.parametrize("keep", [False, True])
def test_an_empty_column_is_kept_or_not_as_the_imputer_does(keep):
    X = gaps()
    X[:, 1] = np.nan
    step = SimpleImputer(keep_empty_features=keep)
    with np.errstate(all="ignore"):
        step.fit(X)
    found = agrees(step, X) if keep else read_step("s", step, PLAIN)
    assert [column.predictor for column in found] == ([0, 1, 2] if keep else [0, 2])


def test_filled_and_then_scaled():
    filling = SimpleImputer().fit(gaps())
    scaling = StandardScaler().fit(filling.transform(gaps()) * 2)
    columns = read_step("b", scaling, read_step("a", filling, PLAIN))
    made = scaling.transform(filling.transform(gaps()))
    np.testing.assert_allclose([read_as(columns, row) for row in gaps()], made)


def levels():
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "stage": rng.choice(["I", "II", "III"], 30),
            "grade": rng.choice([1, 2, 3, 4], 30),
            "side": rng.choice(["a", "b"], 30),
        }
    )


@pytest.mark.parametrize(
    "step",
    [
        OneHotEncoder(),
        OneHotEncoder(drop="first"),
        OneHotEncoder(drop="if_binary"),
        OneHotEncoder(drop=["II", 4, "a"]),
        OneHotEncoder(sparse_output=False),
        OneHotEncoder(min_frequency=9),
        OneHotEncoder(max_categories=3, drop="first"),
        OrdinalEncoder(),
        OrdinalEncoder(categories=[["III", "I", "II"], [1, 2, 3, 4], ["b", "a"]]),
    ],
    ids=str,
)
def test_levels_become_what_the_encoder_makes_of_them(step):
    X = levels()
    agrees(step.fit(X), X)


def test_levels_of_an_array_and_one_column():
    X = levels()[["side"]].to_numpy()
    step = OneHotEncoder(drop="first").fit(X)
    (column,) = agrees(step, X, PLAIN[:1])
    assert column.effect.effects == {"a": 0.0, "b": 1.0}
    assert level_table(step).tolist() == [["a"], ["b"]]


def test_a_table_of_all_levels_ends_with_the_last_of_each():
    table = level_table(OneHotEncoder().fit(levels()))
    assert table.to_numpy().tolist() == [
        ["I", 1, "a"],
        ["II", 2, "b"],
        ["III", 3, "b"],
        ["III", 4, "b"],
    ]


def test_missing_values_are_a_level_or_filled():
    X = levels()[["side"]].astype(object)
    X.iloc[[3, 7], 0] = np.nan
    encoder = OneHotEncoder().fit(X)
    columns = agrees(encoder, X, PLAIN[:1])
    assert all(column.effect.missing_is_level for column in columns)
    filling = SimpleImputer(strategy="most_frequent").fit(X)
    behind = OneHotEncoder(drop="first").fit(filling.transform(X))
    (column,) = read_step("b", behind, read_step("a", filling, PLAIN[:1]))
    assert not column.effect.missing_is_level
    frequent = X["side"].mode()[0]
    assert column.effect.missing == column.effect.effects[frequent]


def test_codes_with_gaps_are_filled_and_told():
    X = levels()[["grade"]].astype(object)
    X.iloc[[3, 7], 0] = np.nan
    ordinal = OrdinalEncoder().fit(X)
    codes = ordinal.transform(X)
    filling = SimpleImputer(strategy="median", add_indicator=True).fit(codes)
    columns = read_step("b", filling, read_step("a", ordinal, PLAIN[:1]))
    made = filling.transform(codes)
    np.testing.assert_allclose([read_as(columns, row) for row in X.to_numpy()], made)


@pytest.mark.parametrize(
    ("step", "columns", "error", "message"),
    [
        (MinMaxScaler(clip=True), PLAIN, ValueError, "MinMaxScaler with clip=True"),
        (SimpleImputer(missing_values=0), PLAIN, ValueError, "with NaN for the miss"),
        (PowerTransformer(), PLAIN, TypeError, "'s' is a PowerTransformer: a nomog"),
        (
            FunctionTransformer(np.log1p),
            PLAIN,
            TypeError,
            "FunctionTransformer with the function log1p",
        ),
        (
            OneHotEncoder(),
            [Column(0, Line(2.0)), *PLAIN[1:]],
            ValueError,
            "OneHotEncoder of a column that a scaler",
        ),
        (
            OrdinalEncoder(),
            [*PLAIN[:2], Column(0, Levels({1: 0.0}))],
            ValueError,
            "OrdinalEncoder of a column that a scaler",
        ),
        (
            RestrictedCubicSpline(3),
            [Column(0, Levels({1: 0.0})), *PLAIN[1:]],
            ValueError,
            "RestrictedCubicSpline of a column that an encoder",
        ),
    ],
)
def test_what_a_nomogram_cannot_show_is_named(step, columns, error, message):
    step.fit(np.abs(NUMBERS) + 1)
    with pytest.raises(error, match=message):
        read_step("s", step, columns)


def test_gaps_that_are_filled_already_have_no_indicator():
    step = SimpleImputer(add_indicator=True).fit(gaps())
    for effect in (Line(missing=3.0), Levels({1: 0.0}, 2.0)):
        columns = [Column(0, effect), *PLAIN[1:]]
        with pytest.raises(ValueError, match="add_indicator of a column that is enco"):
            read_step("s", step, columns)


def test_readers_that_are_not_averaged_are_columns_of_the_table():
    rng = np.random.default_rng(2)
    truth = rng.normal(size=(40, 2))
    X = pd.DataFrame(
        {
            f"{reader}__{name}": truth[:, i] + noise * rng.normal(size=40)
            for reader in ("anna", "ben")
            for i, (name, noise) in enumerate((("good", 0.1), ("bad", 9)))
        }
    )
    step = ICCFilter(0.8, average=False).fit(X)
    columns = [Column(i, Line()) for i in range(4)]
    kept = [column.predictor for column in read_step("s", step, columns)]
    names = [X.columns[i] for i in kept]
    assert names == step.get_feature_names_out().tolist()
    assert names == ["anna__good", "ben__good"]


def test_a_step_that_changes_nothing_is_passed():
    assert is_passthrough(FunctionTransformer())
    assert not is_passthrough(FunctionTransformer(np.log1p))
    assert not is_passthrough(StandardScaler())
    assert is_passthrough("passthrough")
