"""ComBat at its borders: batches, covariates and outcomes, worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils import get_tags

from sklearn_orn.exceptions import NotEstimable
from sklearn_orn.selection import ComBat
from sklearn_orn.selection._combat_covariates import (
    batch_labels,
    check_design,
    coded,
    covariate_table,
    learn_coding,
    refuse_outcome,
)
from sklearn_orn.selection._combat_formulas import nonparametric

RNG = np.random.default_rng(0)
BATCH = np.repeat(["B", "A"], [6, 7])
X = RNG.normal(size=(13, 4)) + 2 * (BATCH == "A")[:, None]


# Covariates -----------------------------------------------------------------------


def test_batches_are_one_name_for_each_row():
    labels = batch_labels(pd.Series(["a", 2, "b"], index=[7, 8, 9]), 3)
    assert labels.tolist() == ["a", 2, "b"] and labels.index.tolist() == [0, 1, 2]
    assert labels.dtype == object
    for odd in (["a"], [["a"], ["b"], ["c"]], "abc"):
        with pytest.raises(ValueError, match="batch of each of the 3 rows of X"):
            batch_labels(odd, 3)
    with pytest.raises(ValueError, match="batch has 2 missing .* position 1"):
        batch_labels(["a", None, np.nan], 3)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (None, []),
        ([1, 2, 3], ["covariate 0"]),
        (np.ones((3, 2)), ["covariate 0", "covariate 1"]),
        (pd.Series([1, 2, 3], index=[4, 5, 6]), ["covariate 0"]),
        (pd.Series([1, 2, 3], name="age"), ["age"]),
        (
            pd.DataFrame({"age": [1, 2, 3], 5: [1, 2, 3]}, index=list("xyz")),
            ["age", "5"],
        ),
    ],
)
def test_covariates_become_a_table_with_names(given, names):
    table = covariate_table(given, 3)
    assert list(table) == names and table.index.tolist() == [0, 1, 2]


def test_columns_of_an_array_of_objects_have_their_own_kind():
    cells = np.array([[60, "f"], [70, "m"]], dtype=object)
    coding = learn_coding(covariate_table(cells, 2))
    assert [code.levels for code in coding] == [None, ("f", "m")]


def test_covariates_of_other_lengths_and_with_gaps_are_refused():
    for odd in ([1, 2], np.ones((3, 1, 1)), pd.DataFrame({"a": [1, 2]}), 5):
        with pytest.raises(ValueError, match="one row for each of the 3 rows of X"):
            covariate_table(odd, 3)
    table = pd.DataFrame({"a": [1, 2, 3], "b": ["x", None, "y"]})
    with pytest.raises(ValueError, match="Covariate 'b' has 1 missing .* position 1"):
        covariate_table(table, 3)


TABLE = pd.DataFrame(
    {
        "age": [60, 70, 80],
        "drinks": [True, False, True],
        "stage": ["III", "I", "II"],
        "grade": pd.Categorical([10, 2, 10]),
    }
)


def test_text_booleans_and_categories_have_a_column_for_each_level_but_the_first():
    coding = learn_coding(TABLE)
    assert coding == (
        ("age", None),
        ("drinks", (False, True)),
        ("stage", ("I", "II", "III")),
        ("grade", (10, 2)),
    )
    expected = [[60, 1, 0, 1, 0], [70, 0, 0, 0, 1], [80, 1, 1, 0, 0]]
    assert coded(TABLE, coding).tolist() == expected
    assert coded(TABLE[:1], coding).tolist() == expected[:1]
    assert coded(pd.DataFrame(index=range(3)), ()).shape == (3, 0)


def test_covariates_are_coded_as_in_fit_or_refused():
    coding = learn_coding(TABLE)
    swapped = TABLE[["drinks", "age", "stage", "grade"]]
    for odd in (swapped, TABLE.drop(columns="grade"), TABLE.assign(more=1)):
        with pytest.raises(ValueError, match="must be those of fit, in the same order"):
            coded(odd, coding)
    with pytest.raises(ValueError, match="must be those of fit.*: none; found age"):
        coded(TABLE[["age"]], ())
    new = TABLE.assign(stage=["I", "IV", "V"])
    with pytest.raises(ValueError, match="'stage' holds 'IV', which fit did not see"):
        coded(new, coding)
    with pytest.raises(ValueError, match="holds 'old' at position 1"):
        coded(TABLE.assign(age=[60, "old", "older"]), coding)
    with pytest.raises(ValueError, match="holds inf at position 2"):
        coded(TABLE.assign(age=[60, 70, np.inf]), coding)
    texts = coded(TABLE.assign(age=["60", "70", "80"]), coding)
    assert texts[:, 0].tolist() == [60, 70, 80]


def test_as_many_lesions_as_columns_are_too_few_and_one_more_is_enough():
    codes = np.array([0, 0, 1, 1, 1])
    table = pd.DataFrame({"a": [1.0, 2, 1, 5, 3], "b": [2.0, 1, 7, 4, 4]})
    check_design(codes, table, learn_coding(table))
    with pytest.raises(ValueError, match="n_samples = 4 are too few for 4 columns"):
        check_design(codes[:4], table[:4], learn_coding(table[:4]))


@pytest.mark.parametrize("scale", [1e-20, 1, 1e20])
def test_a_covariate_that_the_batches_tell_is_refused_in_any_unit(scale):
    codes = np.array([0, 0, 0, 1, 1, 1])
    of_batch = pd.DataFrame({"told": scale * (codes + 3.0)})
    fine = pd.DataFrame({"fine": scale * np.array([1.0, 2, 3, 3, 4, 6]) + 1e3 * scale})
    check_design(codes, fine, learn_coding(fine))
    for odd, name in (
        (of_batch, "told"),
        (pd.DataFrame({"same": np.full(6, scale)}), "same"),
        (fine.assign(twice=2 * fine["fine"] - scale), "twice"),
    ):
        with pytest.raises(ValueError, match=f"'{name}' cannot be told apart"):
            check_design(codes, odd, learn_coding(odd))


# The outcome ----------------------------------------------------------------------


def is_outcome(values, y):
    try:
        refuse_outcome(pd.Series(values), y, "It")
    except ValueError as error:
        assert str(error).startswith("It is the outcome y, or a relabelling of it.")
        return True
    return False


@pytest.mark.parametrize(
    ("values", "y", "told"),
    [
        (["a", "b", "a", "b"], [0, 1, 0, 1], True),
        ([1, 0, 1, 0], ["orn", "met", "orn", "met"], True),
        # What says more or less than the class, or the same of all, is none.
        (["a", "b", "c", "b"], [0, 1, 0, 1], False),
        (["a", "b", "b", "b"], [0, 1, 0, 1], False),
        (["a", "a", "a", "a"], [0, 0, 0, 0], False),
        (["a", "a", "a", "a"], [0, 1, 0, 1], False),
        (["a", "a", "b", "b", "c", "c"], [0, 0, 1, 1, 2, 2], True),
        (["a", "a", "b", "b", "b", "b"], [0, 0, 1, 1, 2, 2], True),
        (["a", "b", "a", "a", "a", "a"], [0, 0, 1, 2, 1, 2], False),
        # More labels than half of the rows are a number that is predicted.
        ([3, 1, 2, 3], [3, 1, 2, 3], True),
        ([30, 10, 20, 30], [3, 1, 2, 3], False),
        (["3", "1", "2", "3"], [3, 1, 2, 3], True),
        (["c", "a", "b", "c"], ["c", "a", "b", "c"], False),
        ([0.5, 1.25, 0.5, 1.25], [0.5, 1.25, 0.5, 1.25], True),
        ([5, 12, 5, 12], [0.5, 1.25, 0.5, 1.25], False),
        # What y must be is the classifier's to say.
        ([0, 1], [[0], [1]], False),
        ([0, 1, 0, 1], [0, 1, 0], False),
    ],
)
def test_what_is_the_outcome_under_another_name(values, y, told):
    assert is_outcome(values, y) == told


def test_batches_of_one_class_each_take_the_class_away():
    batch = np.repeat(["A", "B", "C", "D"], 5)
    values = np.random.default_rng(1).normal(size=(20, 3))
    of_batches = np.repeat([0, 1, 1, 0], 5)
    with pytest.raises(ValueError, match="Each of the 4 batches holds one class only"):
        ComBat().fit(values, of_batches, batch=batch)
    one_apart = of_batches.copy()
    one_apart[0] = 1
    ComBat().fit(values, one_apart, batch=batch)
    ComBat().fit(values, np.zeros(20), batch=batch)
    ComBat().fit(values, of_batches[:-1], batch=batch)


# Fit and transform ----------------------------------------------------------------


def test_what_was_seen_in_fit():
    step = ComBat().fit(X, batch=BATCH)
    assert step.batches_.tolist() == ["A", "B"] and step.n_lesions_.tolist() == [7, 6]
    assert step.gamma_.shape == step.delta_.shape == (2, 4)
    assert step.coef_.shape == (0, 4) and step.adjusted_.all()
    np.testing.assert_allclose(step.mean_, X.mean(axis=0))
    within = np.where((BATCH == "A")[:, None], X[6:].mean(0), X[:6].mean(0))
    np.testing.assert_allclose(step.variance_, ((X - within) ** 2).mean(axis=0))
    assert not get_tags(step).input_tags.allow_nan
    assert step.get_feature_names_out().tolist() == ["x0", "x1", "x2", "x3"]


def test_before_fit_there_is_nothing_to_take_away():
    for ask in (
        lambda: ComBat().transform(X, batch=BATCH),
        ComBat().get_feature_names_out,
    ):
        with pytest.raises(NotFittedError):
            ask()


def test_a_feature_that_passes_has_no_effects():
    values = np.column_stack([X[:, :2], np.ones(13)])
    step = ComBat(reference="B").fit(values, batch=BATCH)
    assert step.adjusted_.tolist() == [True, True, False]
    assert step.gamma_[:, 2].tolist() == [0, 0] and step.delta_[:, 2].tolist() == [1, 1]
    assert step.gamma_[1].tolist() == [0, 0, 0] and (step.gamma_[0, :2] != 0).all()
    np.testing.assert_allclose(step.mean_[:2], X[:6, :2].mean(axis=0))
    spread = ((X[:6, :2] - X[:6, :2].mean(axis=0)) ** 2).mean(axis=0)
    np.testing.assert_allclose(step.variance_[:2], spread)


def test_two_features_and_min_lesions_are_enough():
    ComBat(min_lesions=6).fit(X[:, :2], batch=BATCH)
    with pytest.raises(NotEstimable, match=r"min_lesions=7 .* found 'A' 7, 'B' 6 of"):
        ComBat(min_lesions=7).fit(X, batch=BATCH)
    with pytest.raises(NotEstimable, match="n_features = 1, of which 1 vary"):
        ComBat().fit(X[:, :1], batch=BATCH)
    with pytest.raises(NotEstimable, match="found 'A' 1, 'B' 1 of n_samples = 2"):
        ComBat().fit(X[:2], batch=["A", "B"])
    two = np.repeat(["A", "B"], 2)
    ComBat(min_lesions=2).fit(X[:4], batch=two)
    with pytest.raises(ValueError, match="min_lesions"):
        ComBat(min_lesions=1).fit(X, batch=BATCH)
    assert ComBat().min_lesions == 5


@pytest.mark.parametrize("names", [[3, 1], [2.5, 1.5], [True, False]])
def test_batches_may_be_numbers(names):
    batch = np.repeat(names, [6, 7])
    step = ComBat(reference=1 if names == [3, 1] else None).fit(X, batch=batch)
    assert step.batches_.tolist() == sorted(names)
    expected = ComBat(reference="A" if names == [3, 1] else None)
    np.testing.assert_allclose(
        step.transform(X, batch=batch.tolist()),
        expected.fit_transform(X, batch=BATCH),
    )


def test_one_new_lesion_and_a_batch_unseen_beside_known_ones():
    step = ComBat(unseen="grand").fit(X, batch=BATCH)
    whole = step.transform(X, batch=BATCH)
    alone = step.transform(X[:1], batch=["B"])
    np.testing.assert_allclose(alone, whole[:1])
    mixed = step.transform(X[:3], batch=["A", "new", "B"])
    np.testing.assert_array_equal(mixed[1], X[1])
    np.testing.assert_allclose(mixed[2], whole[2])
    assert (mixed[0] != whole[0]).all()
    step.set_params(unseen="error")
    with pytest.raises(ValueError, match=r"'new' in 1 rows, unseen .* saw 'A', 'B'"):
        step.transform(X[:3], batch=["A", "new", "B"])


def test_the_reference_is_one_of_the_batches():
    with pytest.raises(ValueError, match="reference is None: name a batch"):
        ComBat(unseen="reference").fit(X, batch=BATCH)
    with pytest.raises(ValueError, match="reference='C' is no batch seen in fit"):
        ComBat(reference="C").fit(X, batch=BATCH)
    step = ComBat(reference="A", unseen="reference")
    found = step.fit_transform(X, batch=BATCH)
    np.testing.assert_array_equal(found[6:], X[6:])
    assert (found[:6] != X[:6]).all()


def test_columns_of_x_are_named_and_do_not_come_out():
    table = pd.DataFrame(X, columns=list("abcd"))
    table.insert(1, "centre", BATCH)
    step = ComBat("centre").fit(table)
    assert step.get_feature_names_out().tolist() == list("abcd")
    np.testing.assert_array_equal(
        step.transform(table), ComBat().fit_transform(X, batch=BATCH)
    )
    with pytest.raises(ValueError, match="covariates was given twice"):
        ComBat(covariate_columns=["a"]).fit(
            table[list("abcd")], batch=BATCH, covariates=X
        )
    with pytest.raises(
        ValueError, match="X has no column 'x', 'y'; its columns are a,"
    ):
        ComBat("x", covariate_columns=["y", "a"]).fit(table)
    with pytest.raises(ValueError, match="A column of X has one role"):
        ComBat(covariate_columns=["a", "a"]).fit(table, batch=BATCH)
    aged = ComBat(covariate_columns=["a"]).fit(
        table.drop(columns="centre"), batch=BATCH
    )
    assert aged.coef_.shape == (1, 3)
    assert aged.get_feature_names_out().tolist() == list("bcd")


def test_a_feature_without_spread_has_no_weight():
    Z = np.random.default_rng(2).normal(size=(6, 4))
    Z[:, 3] = 0.2
    gamma, delta = Z.mean(axis=0), Z.var(axis=0, ddof=1)
    delta[3] = 0.0
    found = nonparametric(Z, gamma, delta)
    expected = nonparametric(Z[:, :3], gamma[:3], delta[:3])
    for value, rest in zip(found, expected, strict=True):
        np.testing.assert_allclose(value[:3], rest)
        assert np.isfinite(value[3])
