"""Tables of polars and pyarrow, where a DataFrame is taken."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline

from sklearn_orn import FCMSelector, ICCFilter, NomogramClassifier, TextureExtractor
from sklearn_orn.cohort import Cohort, Columns
from sklearn_orn.images import as_lesions
from sklearn_orn.model import Nomogram, PublishedSignature, read_coefficients
from sklearn_orn.resampling import optimism, stability
from tests.images._make import write_image, write_png

pytestmark = pytest.mark.filterwarnings("ignore::sklearn_orn.exceptions.StudyWarning")


@pytest.fixture(params=["polars", "pyarrow"])
def container(request):
    library = pytest.importorskip(request.param)
    return (
        library.from_pandas if request.param == "polars" else library.Table.from_pandas
    )


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(40, 6)), columns=list("abcdef"))
    frame["a"] += np.repeat([0, 1.5], 20)
    return frame, np.repeat([0, 1], 20)


@pytest.fixture
def cohort(tmp_path):
    image, mask = (
        np.arange(400, dtype=np.uint16).reshape(20, 20),
        np.zeros((20, 20), bool),
    )
    mask[5:15, 5:15] = True
    rows = []
    for i in range(6):
        write_image(tmp_path / f"{i}.dcm", image + i)
        write_png(tmp_path / f"{i}.png", mask)
        rows.append(
            {
                "lesion": f"L{i}",
                "patient": f"P{i // 2}",
                "image": str(tmp_path / f"{i}.dcm"),
                "mask_anna": str(tmp_path / f"{i}.png"),
                "mask_ben": str(tmp_path / f"{i}.png") if i else None,
                "outcome": ("ORN", "metastasis")[i % 2],
                "age": [61, 48, None, 70, 55, 66][i],
            }
        )
    return pd.DataFrame(rows)


def test_a_cohort(container, cohort):
    columns = Columns(outcome="outcome", positive="ORN", patient="patient")
    own, want = (Cohort.of(t, columns) for t in (container(cohort), cohort))
    assert_array_equal(own.names, want.names)
    assert_array_equal(own.design.y, want.design.y)
    assert own.readers == want.readers
    lesions = as_lesions(container(cohort))
    assert [lesion.readers for lesion in lesions][0] == ("anna",)
    extractor = TextureExtractor(["histogram"])
    pd.testing.assert_frame_equal(
        extractor.fit_transform(container(cohort)), extractor.fit_transform(cohort)
    )


def test_a_signature(container, table):
    X, _ = table
    coefficients = pd.DataFrame(
        {"feature": ["Intercept", "a"], "coefficient": [1.5, -2.5]}
    )
    signature = PublishedSignature(*read_coefficients(container(coefficients)))
    assert_array_equal(
        signature.decision_function(container(X)), signature.decision_function(X)
    )
    assert_array_equal(
        signature.formula_.decision_function(container(X)), 1.5 - 2.5 * X["a"]
    )
    holes = container(X.assign(a=X["a"].mask(X.index == 3)))
    with pytest.raises(ValueError, match="infinite values in a, in 1 of 40 rows: 3"):
        signature.decision_function(holes)


def test_the_steps_of_tables_keep_names(container, table):
    X, y = table
    model = NomogramClassifier(cv=3, random_state=0).fit(container(X), y)
    assert model.feature_names_in_.tolist() == list(X)
    own = Nomogram.from_estimator(model, container(X))
    pd.testing.assert_frame_equal(own.points(container(X)), own.points(X))
    assert FCMSelector(k=1).fit(container(X), y).feature_names_in_.tolist() == list(X)
    readers = pd.concat([X.add_prefix("anna__"), X.add_prefix("ben__")], axis=1)
    assert ICCFilter().fit(container(readers)).readers_ == ("anna", "ben")


def test_resampling(container, table):
    X, y = table
    model = make_pipeline(FCMSelector(k=1), NomogramClassifier(cv=3, random_state=0))
    own, want = (
        optimism(model, t, y, n_resamples=3, random_state=0) for t in (container(X), X)
    )
    pd.testing.assert_frame_equal(own.indexes, want.indexes)
    picked = [
        stability(model, t, y, n_resamples=3, random_state=0).frequencies
        for t in (container(X), X)
    ]
    pd.testing.assert_frame_equal(*picked)
