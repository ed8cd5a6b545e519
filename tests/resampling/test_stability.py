"""Stability of selection: the index, the resamples, images measured once."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_orn import (
    FCMSelector,
    ICCFilter,
    NomogramClassifier,
    Normalizer,
    TextureExtractor,
)
from sklearn_orn.exceptions import StudyWarning
from sklearn_orn.resampling import nogueira_index, stability
from sklearn_orn.resampling._bootstrap import patient_resamples
from sklearn_orn.texture import _measure
from tests._examples import examples
from tests._marks import weak_fits

pytestmark = weak_fits


@given(st.integers(2, 30), st.integers(2, 30), st.integers(0, 2**32 - 1))
@examples(60)
def test_index_is_one_when_equal_and_bounded(n, d, seed):
    rng = np.random.default_rng(seed)
    row = rng.random(d) < 0.5
    row[:2] = [True, False]
    assert nogueira_index(np.tile(row, (n, 1)))[0] == pytest.approx(1)
    z = rng.random((n, d)) < 0.5
    value, lower, upper = nogueira_index(z)
    if not np.isnan(value):
        assert -1 / (n - 1) - 1e-9 <= value <= 1 + 1e-9
        assert lower <= value <= upper + 1e-9


def test_index_of_random_selection_is_zero_on_average():
    rng = np.random.default_rng(0)
    values = []
    for _ in range(200):
        z = np.zeros((20, 30))
        for row in z:
            row[rng.choice(30, 6, replace=False)] = 1
        values.append(nogueira_index(z)[0])
    assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(200)


def test_index_by_hand():
    # p = (1, .5, .5, 0), s2 = (0, .5, .5, 0) with n = 2, k = 2 of 4.
    value, _, _ = nogueira_index([[1, 1, 0, 0], [1, 0, 1, 0]])
    assert value == pytest.approx(1 - 0.25 / 0.25)
    assert np.isnan(nogueira_index([[1, 1], [1, 1]])[0])


def test_resamples_keep_the_lesions_of_a_patient_together():
    groups = np.repeat(np.arange(10), [1, 2, 3, 4, 1, 1, 2, 2, 3, 1])
    y = groups % 2
    for rows in patient_resamples(y, groups, 50, 0):
        counts = np.bincount(rows, minlength=len(groups))
        for patient in range(10):
            assert len(set(counts[groups == patient])) == 1
        assert len(set(y[rows])) == 2


@pytest.mark.parametrize(
    ("n_resamples", "message"),
    [
        (0, "at least 1"),
        ([[0, 1], [1, 99]], "between 0 and 19, found 0 to 99"),
        ([0.5, 1.5], "integer rows of shape"),
    ],
)
def test_bad_resamples_are_named(n_resamples, message):
    with pytest.raises(ValueError, match=message):
        patient_resamples(np.arange(20) % 2, None, n_resamples)


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    pairs, y = [], np.arange(40) % 2
    for label in y:
        image = rng.integers(0, 500, size=(30, 30))
        if label:
            image[:, ::2] += 200
        first = np.zeros((30, 30), dtype=bool)
        first[5:25, 5:25] = True
        second = np.roll(first, 1, axis=0)
        pairs.append((image, {"a": first, "b": second}))
    return pairs, y, np.arange(40) // 2 + 100 * y


def test_every_step_is_counted_and_images_are_measured_once(images, monkeypatch):
    X, y, groups = images
    calls = []
    original = _measure.measure
    monkeypatch.setattr(_measure, "measure", lambda *a: calls.append(1) or original(*a))
    pipeline = make_pipeline(
        Normalizer(),
        TextureExtractor(families=["cooccurrence"], distances=[1, 2]),
        ICCFilter(threshold=0.2),
        FCMSelector(k=3),
        NomogramClassifier(cv=3, random_state=0),
    )
    result = stability(pipeline, X, y, groups=groups, n_resamples=8, random_state=0)
    assert len(calls) == 80  # 40 lesions, two readers
    assert list(result.frequencies) == [
        "iccfilter",
        "fcmselector",
        "nomogramclassifier",
    ]
    assert len(result.frequencies) == 88
    sums = result.frequencies.sum()
    assert (sums.diff().dropna() < 0).all()  # each step keeps fewer
    np.testing.assert_allclose(sums, result.index["mean_selected"])
    assert result.index["mean_selected"]["fcmselector"] == 9
    again = stability(
        pipeline, X, y, groups=groups, n_resamples=8, random_state=0, n_jobs=2
    )
    pd.testing.assert_frame_equal(result.frequencies, again.frequencies)


def test_an_extractor_inside_a_column_transformer_measures_once(
    images, monkeypatch, tmp_path
):
    from tests.images._make import write_image, write_png

    X, y, _ = images
    rows = []
    for i, (image, masks) in enumerate(X):
        path = write_image(tmp_path / f"{i}.dcm", image.astype(np.uint16))
        write_png(tmp_path / f"{i}.png", masks["a"])
        rows.append({"image": path, "mask": str(tmp_path / f"{i}.png"), "age": 40 + i})
    table = pd.DataFrame(rows)
    calls = []
    original = _measure.measure
    monkeypatch.setattr(_measure, "measure", lambda *a: calls.append(1) or original(*a))
    texture = make_pipeline(Normalizer(), TextureExtractor(families=["gradient"]))
    branches = ColumnTransformer(
        [("texture", texture, ["image", "mask"]), ("clinical", "passthrough", ["age"])],
        verbose_feature_names_out=False,
    )
    pipeline = make_pipeline(branches, SelectKBest(k=2))
    result = stability(pipeline, table, y, n_resamples=5, random_state=0)
    assert len(calls) == 40
    assert result.n_resamples == 5


def test_resamples_that_cannot_be_fitted_are_counted():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(24, 4)), np.arange(24) % 2
    pipeline = make_pipeline(SelectKBest(k=2), NomogramClassifier(cv=10))
    with pytest.warns(StudyWarning, match="of 30 resamples could not be fitted"):
        result = stability(pipeline, X, y, n_resamples=30, random_state=3)
    assert result.n_resamples + sum(result.failures.values()) == 30


def test_a_pipeline_that_selects_nothing_is_refused():
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    X, y = np.random.default_rng(0).normal(size=(20, 3)), np.arange(20) % 2
    with pytest.raises(ValueError, match="No step of the pipeline selects"):
        stability(make_pipeline(StandardScaler(), LogisticRegression()), X, y)


@pytest.mark.parametrize(
    "step", [NomogramClassifier(cv=3, random_state=0), SelectKBest(k=2)]
)
def test_a_step_alone_is_a_pipeline_of_one(step):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(60, 5)), columns=[*"abcde"])
    y = (X["a"] + rng.normal(size=60) > 0).to_numpy()
    alone, inside = (
        stability(model, X, y, n_resamples=4, random_state=0)
        for model in (step, make_pipeline(step))
    )
    pd.testing.assert_frame_equal(alone.frequencies, inside.frequencies)
    assert alone.frequencies.columns.tolist() == [type(step).__name__.lower()]
    assert alone.frequencies.index.tolist() == [*"abcde"]
    assert alone.frequencies.loc["a"].item() == 1


def test_columns_that_a_step_makes_or_renames_are_counted_by_its_names():
    """Before, no name of the table came back, and every share was 0."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(60, 4)), columns=[*"abcd"])
    y = (X["a"] + rng.normal(size=60) > 0).to_numpy()
    scaled = [("s", StandardScaler(), ["a", "b"])]
    columns = ColumnTransformer(scaled, remainder="passthrough")
    model = make_pipeline(columns, SelectKBest(k=3), PCA(2), SelectKBest(k=1))
    steps = stability(model, X, y, n_resamples=4, random_state=0).frequencies
    assert steps.index.tolist() == [
        *("s__a", "s__b", "remainder__c", "remainder__d"),
        *("pca0", "pca1"),
    ]
    assert steps["selectkbest-1"].sum() == pytest.approx(3)
    assert steps.loc["s__a", "selectkbest-1"] == 1
    assert steps.loc[["pca0", "pca1"], "selectkbest-2"].sum() == pytest.approx(1)
