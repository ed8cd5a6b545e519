"""A table of features remembers how it was measured, in memory and on disk."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline

from sklearn_orn import Normalizer, TextureExtractor
from sklearn_orn.testing.strategies import lesions
from sklearn_orn.texture import declare_settings, read_features
from tests._examples import examples

families = st.lists(
    st.sampled_from(["cooccurrence", "run_length", "gradient"]),
    min_size=1,
    unique=True,
)


@given(
    lesions(max_side=8),
    st.sampled_from(["3sigma", "1-99", "1-99-below", "none"]),
    families,
    st.integers(1, 8),
)
@examples(30)
def test_features_know_their_settings(lesion, method, chosen, bits):
    """A value without its bits and its window cannot be compared with another."""
    step = make_pipeline(
        Normalizer(method), TextureExtractor(chosen, bits=dict.fromkeys(chosen, bits))
    )
    known = step.fit_transform([lesion]).attrs["provenance"]
    assert known["normalization"] == method
    assert set(known["families"]) == set(chosen)
    assert known["bits"] == dict.fromkeys(chosen, bits)


@given(
    lesions(max_side=8),
    st.sampled_from(["3sigma", "1-99", "1-99-below", "none", None]),
    st.integers(1, 8),
)
@examples(20)
def test_a_declared_table_comes_back_from_its_file(lesion, method, bits):
    """Settings that somebody states of a CSV file are as good as measured ones."""
    table = TextureExtractor(["gradient"]).fit_transform([lesion])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "features.csv"
        table.to_csv(path, index=False)
        found = read_features(path)
    np.testing.assert_array_equal(found.to_numpy(), table.to_numpy())
    declared = declare_settings(found, bits=bits, normalization=method)
    known = declared.attrs["provenance"]
    assert known.get("normalization") == method
    assert set(known["bits"].values()) == {bits}
