"""The chain under every container that scikit-learn can be told to give."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from sklearn_orn import NomogramClassifier, Normalizer, radiomics_pipeline
from sklearn_orn.images import ImageStep, Lesion, LesionSequence, Resampler
from sklearn_orn.testing import check_image_step

pytestmark = pytest.mark.filterwarnings(
    "ignore:The LASSO selected no feature",
    "ignore:Fewer than 10 events",
    "ignore:The classes are separated",
)


class OwnStep(ImageStep):
    """A user's step, which overrides what the base wraps."""

    def transform(self, X):
        return super().transform(X)

    def _region_function(self):
        return same


def same(region):
    return region


@pytest.fixture(scope="module")
def lesions():
    rng = np.random.default_rng(0)
    rows, columns = np.ogrid[:40, :40]
    disc = (rows - 20) ** 2 + (columns - 20) ** 2
    drawn = []
    for i in range(30):
        image = rng.normal(500, 40 + 20 * (i % 2), size=(40, 40)).astype(np.uint16)
        masks = {"a": disc < 120 + i, "b": disc < 130 + i}
        drawn.append(Lesion(image, masks, lesion=f"L{i}"))
    return drawn, np.arange(30) % 2


@pytest.fixture(params=["default", "pandas", "polars"])
def container(request):
    if request.param == "polars":
        pytest.importorskip("polars")
    with config_context(transform_output=request.param):
        yield request.param


@pytest.mark.parametrize("step", [Normalizer(), OwnStep()])
def test_image_steps_give_lesions(step, container):
    check_image_step(step)


def test_resampled_lesions_are_lesions(container):
    image, mask = np.arange(64).reshape(8, 8), np.ones((8, 8), bool)
    finer = Resampler(0.5).fit_transform([Lesion(image, mask, spacing=(1.0, 1.0))])
    assert finer[0].read()[""].image.shape == (16, 16)


@pytest.mark.parametrize("step", [Normalizer(), OwnStep()])
def test_own_output_of_a_step_is_lesions_too(step, container, lesions):
    told = clone(step).set_output(transform="pandas")
    assert isinstance(told.fit_transform(lesions[0]), LesionSequence)


def test_the_whole_chain_is_the_same_and_keeps_names(container, lesions):
    X, y = lesions
    chain = radiomics_pipeline(cv=3, random_state=0)
    chain.steps.insert(0, ("own", OwnStep()))
    with config_context(transform_output="default"):
        want = clone(chain).fit(X, y)
    fitted = clone(chain).fit(X, y)
    np.testing.assert_array_equal(fitted.predict_proba(X), want.predict_proba(X))
    names = fitted[-1].feature_names_in_
    assert not any(name.startswith("x") for name in names)
    assert fitted[-1].formula_.text() == want[-1].formula_.text()


def test_one_reader_of_pairs_needs_no_agreement(lesions):
    X, y = lesions
    pairs = [(one.image, one.mask) for one in (x.read()["a"] for x in X)]
    chain = radiomics_pipeline(readers=1, cv=3, random_state=0).fit(pairs, y)
    assert set(chain[-1].feature_names_in_) <= set(chain[:2].transform(pairs))


def test_named_readers_are_those_of_the_columns(lesions):
    X, y = lesions
    names = ["a", "b"]
    assert radiomics_pipeline(names).fit(X, y)["icc"].readers_ == ("a", "b")
    with pytest.raises(ValueError, match=r"no reader of readers=\['a', 'c'\]"):
        radiomics_pipeline(["a", "c"]).fit(X, y)


@pytest.mark.parametrize("readers", [0, "anna", []])
def test_readers_that_are_none(readers):
    with pytest.raises(ValueError, match="expected how many readers drew each lesion"):
        radiomics_pipeline(readers)


def test_parameters_reach_their_steps():
    chain = radiomics_pipeline(
        normalization="1-99", icc_threshold=0.9, k=5, cv=4, threshold="youden", n_jobs=2
    )
    want = {
        "normalizer__method": "1-99",
        "icc__threshold": 0.9,
        "fcm__k": 5,
        "nomogram__cv": 4,
        "nomogram__threshold": "youden",
        "extractor__n_jobs": 2,
    }
    assert want.items() <= chain.get_params().items()
    assert isinstance(chain[-1], NomogramClassifier)
    assert len(make_pipeline(*chain[:2])) == 2
