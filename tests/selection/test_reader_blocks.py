"""Which part of a name is the reader, also behind a FeatureUnion."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import FeatureUnion, make_pipeline

from sklearn_orn import ICCFilter, Normalizer, TextureExtractor
from sklearn_orn._reader_names import read_blocks
from sklearn_orn.images import Lesion
from sklearn_orn.model import PublishedSignature

BITS4 = {"cooccurrence": 4, "run_length": 4}


@pytest.fixture(scope="module")
def cohort():
    rng = np.random.default_rng(0)
    rows, columns = np.ogrid[:48, :48]
    lesions = []
    for i in range(8):
        image = rng.integers(0, 4096, size=(48, 48)).astype(np.uint16)
        disc = (rows - 24) ** 2 + (columns - 24) ** 2
        masks = {"reader1": disc < 150 + 5 * i, "reader2": disc < 170 + 4 * i}
        lesions.append(Lesion(image, masks, lesion=f"L{i}"))
    return lesions


def union(first, second):
    branches = FeatureUnion([("bits4", first), ("bits6", second)])
    return make_pipeline(Normalizer(), branches.set_output(transform="pandas"))


def extractor(bits=None):
    return TextureExtractor(families=["histogram", "cooccurrence"], bits=bits)


def test_two_bit_depths_of_two_readers_ask_for_the_readers(cohort):
    table = union(extractor(BITS4), extractor()).fit_transform(cohort)
    with pytest.raises(ValueError, match="can be read in 2 ways") as refused:
        ICCFilter().fit(table)
    assert "'bits4', 'bits6' or " in str(refused.value)
    assert "ICCFilter(readers=['reader1', 'reader2'])" in str(refused.value)
    told = ICCFilter(-1, readers=["reader1", "reader2"]).fit(table)
    assert told.readers_ == ("reader1", "reader2")
    for bits, branch in (("bits4", extractor(BITS4)), ("bits6", extractor())):
        alone = make_pipeline(Normalizer(), branch, ICCFilter(-1)).fit(cohort)[-1]
        own = [name.startswith(bits) for name in told.features_]
        np.testing.assert_array_equal(told.icc_[own], alone.icc_)
        assert [f"{bits}__{name}" for name in alone.features_] == list(
            told.features_[own]
        )


def test_the_right_form_is_a_filter_in_each_branch(cohort):
    branches = [make_pipeline(extractor(b), ICCFilter()) for b in (BITS4, None)]
    table = union(*branches).fit_transform(cohort)
    assert all(re.match("bits[46]__[^_]+$", name) for name in table.columns)


def test_two_bit_depths_of_one_reader_are_no_readers(cohort):
    one = [
        (lesion.read()["reader1"].image, lesion.read()["reader1"].mask)
        for lesion in cohort
    ]
    table = union(extractor(BITS4), extractor()).fit_transform(one)
    with pytest.raises(ValueError, match="like settings and not like readers"):
        ICCFilter().fit(table)
    # Whatever the branches are called, the numbers tell.
    renamed = table.rename(
        columns=lambda c: c.replace("bits4", "a").replace("bits6", "b")
    )
    with pytest.raises(ValueError, match="the same outlines measured in two ways"):
        ICCFilter().fit(renamed)
    assert ICCFilter(-1, readers=["a", "b"]).fit(renamed).readers_ == ("a", "b")


def test_families_of_two_readers_are_read_without_help(cohort):
    parts = [
        ("first", TextureExtractor(["histogram"])),
        ("second", TextureExtractor(["run_length"])),
    ]
    table = FeatureUnion(parts).set_output(transform="pandas").fit_transform(cohort)
    fitted = ICCFilter(-1).fit(table)
    assert fitted.readers_ == ("reader1", "reader2")
    assert {name.split("__")[0] for name in fitted.features_} == {"first", "second"}


@pytest.mark.parametrize("shared", [1, 2])
def test_clinical_columns_beside_readers_are_no_sign_of_one_outline(shared):
    rng = np.random.default_rng(0)
    size, age = rng.normal(size=(2, 20))
    table = {f"{r}__size": size + rng.normal(0, 0.1, 20) for r in ("anna", "ben")}
    table |= {f"{r}__age{i}": age + i for r in ("anna", "ben") for i in range(shared)}
    assert ICCFilter().fit(pd.DataFrame(table)).readers_ == ("anna", "ben")


def test_the_same_outline_by_both_readers_is_fine():
    values = np.random.default_rng(0).normal(size=(20, 5))
    table = pd.DataFrame(
        np.hstack([values, values]),
        columns=[f"{r}__f{i}" for r in ("anna", "ben") for i in range(5)],
    )
    assert ICCFilter().fit(table).get_support(indices=True).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("columns", "readers", "want"),
    [
        (["a__x", "b__x"], None, (("a", "b"), ["x"])),
        (["u__a__x", "u__b__x"], None, (("a", "b"), ["u__x"])),
        (["a__u__x", "b__u__x"], None, (("a", "b"), ["u__x"])),
        (["u__a__x", "u__b__x", "v__a__y", "v__b__y"], None,
         (("a", "b"), ["u__x", "v__y"])),
        (["a__x", "b__x", "u__a__y", "u__b__y"], None, (("a", "b"), ["x", "u__y"])),
        (["u__b__x", "u__a__x"], ["a", "b"], (("b", "a"), ["u__x"])),
    ],
)  # fmt: skip
def test_the_place_of_the_reader_is_found(columns, readers, want):
    blocks = read_blocks(columns, readers)
    assert (blocks.readers, list(blocks.features)) == want


@pytest.mark.parametrize(
    ("columns", "readers", "message"),
    [
        (["a__x", "x"], ["a"], "Column 'x' has no reader of"),
        (["a__b__x", "b__a__x"], ["a", "b"], "has more than one reader"),
        (["a__x", "b__x"], ["a", "c"], "Column 'b__x' has no reader of"),
        (["a__x"], ["a", "c"], "No column is of the reader 'c'"),
        (["a__x", "b__y"], None, "have different features"),
    ],
)
def test_names_without_one_reading_are_refused(columns, readers, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        read_blocks(columns, readers)


def test_names_and_number_of_readers_exclude_each_other():
    table = pd.DataFrame({"a__x": [1.0, 2.0], "b__x": [1.0, 2.0]})
    with pytest.raises(ValueError, match="readers and n_readers are both given"):
        ICCFilter(readers=["a", "b"], n_readers=2).fit(table)


def test_a_signature_averages_over_readers_only():
    names = [f"{b}__{r}__Mean" for b in ("x", "y") for r in ("anna", "ben")]
    table = pd.DataFrame([[1.0, 2.0, 3.0, 4.0]], columns=names)
    signature = PublishedSignature({"Mean": 1.0}, 0.0, reader="mean")
    with pytest.raises(ValueError, match="only readers are averaged"):
        signature.decision_function(table)
    two = PublishedSignature({"Mean": 1.0}, 0.0, reader="mean", bits=6)
    assert two.predictors(table[names[:2]])["Mean"].tolist() == [1.5]
    settings = pd.DataFrame([[1.0, 2.0]], columns=["bits4__Mean", "bits5__Mean"])
    with pytest.raises(ValueError, match="like settings and not like readers"):
        signature.decision_function(settings)


def test_blocks_are_those_of_the_names_asked_for():
    names = ["a__u__x", "a__v__x", "b__u__x", "b__v__x"]
    for readers in (["a", "b"], ["u", "v"], ["a", "b"]):
        assert read_blocks(names, readers).readers == tuple(readers)
    other = ["c", *names[1:]]
    with pytest.raises(ValueError, match="'c' has no reader"):
        read_blocks(other, ["a", "b"])
    swapped = read_blocks([names[i] for i in (2, 3, 0, 1)], ["a", "b"])
    assert swapped.readers == ("b", "a")
    with pytest.raises(ValueError, match="read-only"):
        swapped.positions[0, 0] = 9
