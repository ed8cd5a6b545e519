"""Which columns a signature takes, and the mean over its readers by hand."""

import numpy as np
import pandas as pd
import pytest

from sklearn_orn.exceptions import CohortError
from sklearn_orn.model.signatures._columns import gather_columns, pick_columns

GAP = np.nan


def table(**columns):
    return pd.DataFrame(columns, index=["r1", "r2", "r3"])


BLOCKS = pd.DataFrame(
    {
        "ben__Mean": [2.0, 4.0, GAP],
        "age": [60, 61, 62],
        "anna__Mean": [4.0, GAP, GAP],
        "cara__Mean": [9.0, GAP, GAP],
        "anna__Sigma": [0.1, 0.2, 0.3],
    },
    index=["r1", "r2", "r3"],
)


def values(X, features, reader):
    found = gather_columns(X, features, reader)
    assert found.columns.tolist() == list(features)
    assert found.index.equals(X.index)
    return found.to_numpy().T.tolist()


def test_the_mean_is_that_of_the_readers_present():
    mean, age, sigma = values(BLOCKS, ["Mean", "age", "Sigma"], "mean")
    np.testing.assert_array_equal(mean, [5, 4, GAP])
    assert age == [60, 61, 62]
    assert sigma == [0.1, 0.2, 0.3]


def test_one_reader_is_taken_as_it_is():
    np.testing.assert_array_equal(
        values(BLOCKS, ["age", "Mean"], "anna"), [[60, 61, 62], [4, GAP, GAP]]
    )
    with pytest.raises(CohortError, match="no column for 1 features.*: Sigma. It has"):
        gather_columns(BLOCKS, ["Mean", "Sigma"], "ben")


def test_a_column_of_its_own_name_comes_before_blocks():
    X = BLOCKS.assign(Mean=[7.0, 8.0, 9.0])
    for reader in ("mean", "anna", None):
        assert values(X, ["Mean"], reader) == [[7, 8, 9]]


def test_features_of_sequences_and_regions_are_found_by_both():
    X = table(
        **{
            "T1|lesion|anna__Mean": [1.0, 2, 3],
            "T1|lesion|ben__Mean": [3.0, 4, 5],
            "T2|lesion|anna__Mean": [70.0, 80, 90],
            "T1|rim3out|anna__Mean": [700.0, 800, 900],
        }
    )
    wanted = ["T2|lesion__Mean", "T1|lesion__Mean"]
    assert values(X, wanted, "mean") == [[70, 80, 90], [2, 3, 4]]
    assert values(X, wanted, "anna") == [[70, 80, 90], [1, 2, 3]]
    assert values(X, ["T1|lesion|ben__Mean"], None) == [[3, 4, 5]]
    with pytest.raises(CohortError, match=r"no column for 1 features.*: T2\|lesion__M"):
        gather_columns(X, wanted, "ben")


def test_names_with_two_underscores_may_be_of_the_reader_or_of_the_feature():
    X = table(a__b__c=[1.0, 2, 3])
    assert values(X, ["c"], "mean") == values(X, ["b__c"], "mean") == [[1, 2, 3]]
    assert values(X, ["c"], "a__b") == values(X, ["b__c"], "a") == [[1, 2, 3]]
    X = table(f__anna__c=[1.0, 2, 3], f__ben__c=[3.0, 4, 5])
    assert values(X, ["c"], "mean") == [[2, 3, 4]]


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["f__anna__c", "g__ben__c"], "'f__anna', 'g__ben': only readers are averaged"),
        (["f__anna__c", "ben__c"], "'f__anna', 'ben': only readers are averaged"),
        (["T1__c", "T2__c"], "'T1', 'T2', like sequences and not like readers"),
        (["x|y|T1__c", "x|y|T2__c"], "'T1', 'T2', like sequences and not like reade"),
    ],
)
def test_blocks_that_differ_in_more_than_readers_are_not_averaged(names, text):
    X = table(**dict.fromkeys(names, [1.0, 2, 3]))
    feature = "x|y__c" if "|" in names[0] else "c"
    with pytest.raises(CohortError, match=f"called {text}") as refused:
        gather_columns(X, [feature], "mean")
    first = names[0].removesuffix("__c").rpartition("|")[2]
    assert f"Set reader={first!r}" in str(refused.value)
    assert values(X, [feature], first) == [[1, 2, 3]]


def test_missing_and_infinite_values_are_named_by_column_and_row():
    X = table(a=[1.0, np.inf, 3], b=[1, 2, 3], c=[GAP, 2, 3])
    with pytest.raises(CohortError, match=r"values in a, c, in 2 of 3 rows: r1, r2\. "):
        pick_columns(X, ["a", "b", "c"], None)
    assert pick_columns(X, ["b"], None)["b"].tolist() == [1, 2, 3]
    with pytest.raises(CohortError, match=r"values in a, in 1 of 3 rows: r2\. "):
        pick_columns(X, ["b", "a"], None)


def test_a_cell_that_is_no_number_is_named_by_its_row():
    X = table(a=pd.Series([1, None, "old"], dtype=object, index=["r1", "r2", "r3"]))
    with pytest.raises(CohortError, match="holds 'old' in column 'a', row r3; expect"):
        gather_columns(X, ["a"], None)
    X = table(a=pd.array([1, None, 3], dtype="Int64"))
    np.testing.assert_array_equal(values(X, ["a"], None), [[1, GAP, 3]])


def test_what_is_missing_is_named_with_what_there_is():
    with pytest.raises(
        CohortError,
        match="2 features of the signature: Mean, Sigma. It has them for the readers "
        "'ben', 'anna', 'cara', and reader=None: .* Set reader='ben'",
    ):
        gather_columns(BLOCKS, ["Mean", "age", "Sigma"], None)
    X = table(Sigma1=[1, 2, 3], Sigma2=[1, 2, 3], Sigma3=[1, 2, 3])
    X[7] = 1
    with pytest.raises(CohortError) as refused:
        gather_columns(X, ["Sigma"], None)
    assert str(refused.value).count("'Sigma") == 2
    with pytest.raises(CohortError) as refused:
        gather_columns(X, ["Kurtosis"], "mean")
    assert str(refused.value).endswith("signature: Kurtosis.")


def test_two_columns_of_one_name_are_refused():
    X = pd.concat([table(a=[1, 2, 3]), table(a=[4, 5, 6], b=[1, 2, 3])], axis=1)
    with pytest.raises(CohortError, match="X has 2 columns 'a': rename all but one"):
        gather_columns(X, ["b", "a"], None)
    assert values(X, ["b"], None) == [[1, 2, 3]]
    with pytest.raises(TypeError, match="must be a DataFrame, .* got ndarray"):
        gather_columns(np.ones((3, 1)), ["a"], None)
