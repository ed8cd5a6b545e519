"""Which column holds which feature of which reader."""

import pytest

from sklearn_orn._reader_names import ABSENT, called_like_readers, read_blocks

T1, T2 = "T1|lesion", "T2|lesion"


@pytest.mark.parametrize("readers", [None, ["a", "b"]])
def test_a_value_stays_with_its_reader_and_feature(readers):
    blocks = read_blocks(["b__y", "a__x", "a__y", "b__x"], readers)
    assert blocks.readers == ("b", "a")
    assert blocks.features == ("y", "x")
    assert blocks.positions.tolist() == [[0, 3], [2, 1]]
    assert blocks.groups == ()


@pytest.mark.parametrize("readers", [None, ["anna", "ben"]])
@pytest.mark.parametrize("branch", ["", "u__"])
def test_a_reader_without_a_sequence_is_absent_there(branch, readers):
    names = [f"{T1}|anna__f", f"{T2}|ben__f", f"{T2}|anna__f"]
    blocks = read_blocks([branch + name for name in names], readers)
    assert blocks.readers == ("anna", "ben")
    assert blocks.features == (f"{branch}{T1}__f", f"{branch}{T2}__f")
    assert blocks.positions.tolist() == [[0, 2], [ABSENT, 1]]
    assert blocks.groups == (T1, T2)
    assert ABSENT == -1  # as model files have it


def test_what_stands_behind_the_reader_is_of_the_feature():
    blocks = read_blocks(["u__a__v__x", "u__b__v__x"], ["a", "b"])
    assert (blocks.readers, blocks.features) == (("a", "b"), ("u__v__x",))


def test_a_name_that_all_columns_have_is_no_reader():
    assert read_blocks(["a__u__x", "a__v__x"]).readers == ("u", "v")


def test_readers_have_the_same_features_and_not_as_many():
    names = ["a__u__x", "a__v__x", "b__u__y", "b__v__y"]
    assert read_blocks(names).readers == ("u", "v")


@pytest.mark.parametrize(
    ("columns", "readers", "message"),
    [
        (["age", f"{T1}|anna__f"], None, "1 columns have no reader: age"),
        ([f"{T1}|anna__f", f"{T1}|ben__f"], ["anna"], "reader 'ben', who is none of"),
        ([f"{T1}|anna__f"], ["anna", "ben"], "No column is of the reader 'ben'"),
        ([f"{T1}|anna__f"] * 2, None, r"'T1\|lesion\|anna__f' is there twice"),
        (
            [f"{T1}|a__f", f"{T1}|a__g", f"{T1}|b__f", f"{T2}|a__h"],
            None,
            r"reader 'b' lacks features of a sequence .*: T1\|lesion__g\.",
        ),
        (["a__x", "b__x", "c__y"], None, "'a' and 'c' have different features: x, y"),
        (["a__x", "a__y", "b__x"], None, "'a' and 'b' have different features: y s"),
    ],
)
def test_blocks_that_do_not_fit_are_named(columns, readers, message):
    with pytest.raises(ValueError, match=message):
        read_blocks(columns, readers)


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (["Mean_R1", "Energy_R1", "Mean_R2", "Energy_R2"], ("Mean_R1", "Mean_R2")),
        (["R1_Mean", "R2_Mean", "Energy"], ("R1_Mean", "R2_Mean")),
        (["Mean.x", "Mean.y", "Energy"], ("Mean.x", "Mean.y")),
        (["Mean_R1", "Mean_R2", "Mean_R3"], ("Mean_R1", "Mean_R2", "Mean_R3")),
        (["Mean_R1", "Mean_R2", "Energy", "Entropy"], ()),  # half of them
        (["Mean_R1", "Mean_R2", "Energy", "Entropy", "Skewness"], ()),
        (["Mean_R1", "Energy_R1"], ()),
        (["Mean_R1", "Energy_R1", "Mean_R2"], ()),
        (["Mean_anna", "Mean_ben"], ()),
        ([], ()),
    ],
)
def test_columns_called_like_one_feature_of_several_readers(columns, found):
    assert called_like_readers(columns) == found
