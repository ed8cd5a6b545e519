"""TextureExtractor: each row is of one lesion, each block of one reader."""

import warnings

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline

from sklearn_orn import Normalizer, TextureExtractor
from sklearn_orn.images import Lesion, as_lesions
from sklearn_orn.testing.strategies import lesions
from sklearn_orn.texture import extract_features, feature_names
from tests._examples import examples

READERS = ["A", "B"]
cohorts = st.lists(
    lesions(max_side=16, readers=READERS, absent_readers=True, spacing=False),
    min_size=1,
    max_size=4,
)


@given(cohorts, st.data())
@examples(40)
def test_rows_depend_on_their_lesion_alone(cohort, data):
    """Resampling runs the step once for all folds: a row must not know of others."""
    step = TextureExtractor(["run_length", "histogram"]).fit(cohort)
    whole = step.transform(cohort)
    chosen = data.draw(
        st.lists(st.integers(0, len(cohort) - 1), min_size=1, max_size=6)
    )
    part = step.transform([cohort[i] for i in chosen])
    np.testing.assert_array_equal(part, whole.iloc[chosen])
    picked = step.transform(as_lesions(cohort)[chosen])
    assert picked.index.tolist() == chosen
    np.testing.assert_array_equal(picked, part)


@given(cohorts)
@examples(40)
def test_each_reader_has_a_block_and_leaves_it_empty_where_absent(cohort):
    """NaN, not a row less: ICCFilter compares readers on what both have drawn."""
    table = TextureExtractor(["run_length"]).fit_transform(cohort)
    names = feature_names(["run_length"])
    readers = list(dict.fromkeys(r for lesion in cohort for r in lesion.readers))
    assert list(table) == [f"{r}__{name}" for r in readers for name in names]
    for row, lesion in enumerate(cohort):
        for reader in readers:
            block = table[[f"{reader}__{name}" for name in names]].iloc[row]
            assert block.notna().all() == (reader in lesion.readers)
            assert block.isna().all() == (reader not in lesion.readers)


@given(lesions(max_side=16), st.sampled_from(["3sigma", "1-99", "1-99-below", "none"]))
@examples(40)
def test_one_lesion_in_a_pipeline_is_extract_features(lesion, method):
    """The function without a Pipeline is for those who look at one ROI."""
    table = make_pipeline(Normalizer(method), TextureExtractor()).fit_transform(
        [lesion]
    )
    alone = extract_features(lesion.image, lesion.masks, normalization=method)
    assert list(table) == list(alone)
    np.testing.assert_array_equal(table.iloc[0], list(alone.values()))


@given(lesions(max_side=16, readers=READERS))
@examples(40)
def test_a_reader_measures_the_same_named_or_not(lesion):
    """A new patient comes with one unnamed mask: it fills the first reader's block."""
    step = TextureExtractor(["gradient", "histogram"]).fit([lesion])
    named = step.transform([lesion])
    unnamed = step.transform([Lesion(lesion.image, lesion.masks["A"])])
    half = named.shape[1] // 2
    np.testing.assert_array_equal(unnamed.iloc[:, :half], named.iloc[:, :half])
    assert unnamed.iloc[:, half:].isna().all(axis=None)


@given(st.lists(lesions(max_side=12), min_size=1, max_size=4))
@examples(30)
def test_lesions_one_by_one_are_the_table(cohort):
    """transform_each is for those who watch or must not stop at one that fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of mixed spacings, drawn here
        step = TextureExtractor(["cooccurrence"], distances=[1, 3]).fit(cohort)
    rows = list(step.transform_each(cohort))
    np.testing.assert_array_equal(np.vstack(rows), step.transform(cohort))
