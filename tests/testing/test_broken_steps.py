"""Broken image steps, as people write them: the battery catches each, and says why.

The first fourteen return a bad region, and a pipeline refuses them when it runs, too.
"""

import os
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline

from sklearn_orn import TextureExtractor
from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import ImageStep, Lesion, LesionSequence, as_lesions
from sklearn_orn.testing import check_image_step, image_checks

BROKEN = {}  # class to what the battery says of it
IN_A_PIPELINE = {}  # class to what a run says of it


def broken(says, in_a_pipeline=None):
    def register(step):
        BROKEN[step] = says
        if in_a_pipeline is not None:
            IN_A_PIPELINE[step] = in_a_pipeline
        return step

    return register


class OfRegions(ImageStep):
    """A subclass says what becomes of a region; this class is right."""

    def _region_function(self):
        return self.change

    @staticmethod
    def change(region):
        return replace(region, image=region.image + 1)


# What it returns of a region ---------------------------------------------------------


@broken("64 NaN or infinite", "64 NaN or infinite values")
class NaNInImage(OfRegions):
    """A division of 0 by 0 outside the body."""

    @staticmethod
    def change(region):
        image = region.image.astype(float)
        image[:2] = np.nan
        return replace(region, image=image)


@broken("1 NaN or infinite", "1 NaN or infinite values")
class InfiniteImage(OfRegions):
    """The logarithm of 0."""

    @staticmethod
    def change(region):
        image = region.image.astype(float)
        image[0, 0] = -np.inf
        return replace(region, image=image)


@broken(r"shape \(28, 32, 1\)", r"shape \(28, 32, 1\); expected \(n_rows, n_columns\)")
class ThreeAxes(OfRegions):
    """A channel axis, as of a neural network."""

    @staticmethod
    def change(region):
        return replace(region, image=region.image[..., None])


@broken("complex128", "the image is an array of complex128")
class ComplexImage(OfRegions):
    """A Fourier filter whose imaginary part is left."""

    @staticmethod
    def change(region):
        return replace(region, image=np.fft.ifft2(np.fft.fft2(region.image)))


@broken("the image is boolean", "the image is boolean; expected grey levels")
class ThresholdedImage(OfRegions):
    """A threshold put in place of the image."""

    @staticmethod
    def change(region):
        return replace(region, image=region.image > 1500)


@broken("type list", "the image that it returned is of type list")
class ListImage(OfRegions):
    """Rows as lists."""

    @staticmethod
    def change(region):
        return replace(region, image=region.image.tolist())


@broken(
    "26 x 30", "the mask that it returned has 28 x 32 pixels, the image has 26 x 30"
)
class CropsImageAlone(OfRegions):
    """The mask is of another shape."""

    @staticmethod
    def change(region):
        return replace(region, image=region.image[1:-1, 1:-1])


@broken("the mask is empty", "the mask is empty: none of its 28 x 32 pixels is set")
class ErodesAway(OfRegions):
    """An erosion that leaves nothing."""

    @staticmethod
    def change(region):
        return replace(region, mask=np.zeros_like(region.mask))


@broken("array of float64", "the mask that it returned is an array of float64")
class FractionalMask(OfRegions):
    """A smoothed mask: as an index it would pick other pixels."""

    @staticmethod
    def change(region):
        return replace(region, mask=0.9 * region.mask)


@broken(
    r"window .* is \(1700\.0, 1300\.0\)", "expected None, or two finite grey levels"
)
class ReversedWindow(OfRegions):
    """High before low."""

    @staticmethod
    def change(region):
        return replace(region, window=(1700.0, 1300.0))


@broken(r"window .* is \(nan, nan\)", "expected None, or two finite grey levels")
class UndefinedWindow(OfRegions):
    """The mean of no pixel."""

    @staticmethod
    def change(region):
        return replace(region, window=(np.nan, np.nan))


@broken(r"spacing .* is \(0\.5, 0\.0\)", "two positive numbers of mm")
class NoSpacing(OfRegions):
    """A spacing that was rounded to 0."""

    @staticmethod
    def change(region):
        return replace(region, spacing=(0.5, 0.0))


@broken("it returned NoneType", "it returned NoneType; expected a Region")
class ForgetsToReturn(OfRegions):
    """No return statement."""

    @staticmethod
    def change(region):
        replace(region, image=region.image + 1)


@broken("it returned tuple", "it returned tuple; expected a Region")
class ReturnsPair(OfRegions):
    """Image and mask, as they are given to a Lesion."""

    @staticmethod
    def change(region):
        return region.image, region.mask


# What it does with the lesions ------------------------------------------------------


@broken("an image or mask was written to")
class WritesToTheImage(OfRegions):
    """The user's array."""

    @staticmethod
    def change(region):
        region.image[region.image < 1500] = 0
        return region


@broken("gave 3 results, expected 4")
class DropsALesion(OfRegions):
    """One that looks odd: rows and outcomes no longer fit."""

    def transform(self, X):
        return super().transform(X)[:3] if len(X) == 4 else super().transform(X)


@broken("alone has another result")
class ReversesTheOrder(OfRegions):
    """The index stays, the lesions do not."""

    def transform(self, X):
        lesions = super().transform(X)
        return LesionSequence(list(lesions)[::-1], lesions.index)


@broken("transform changed the attribute n_calls_")
class CountsCalls(OfRegions):
    """State that transform writes."""

    n_calls_ = 0

    def transform(self, X):
        self.n_calls_ += 1
        return super().transform(X)


@broken("a second reading")
class RandomNoise(OfRegions):
    """Noise without a seed: no result comes twice."""

    @staticmethod
    def change(region):
        return replace(region, image=region.image + os.urandom(1)[0])


@broken("Cannot clone object")
class ChangesItsArgument(OfRegions):
    """A clone cannot be made."""

    def __init__(self, widths=(1, 2)):
        self.widths = list(widths)


@broken("pickle")
class WithLambda(OfRegions):
    """A function that no other process can have."""

    def _region_function(self):
        return lambda region: replace(region, image=region.image + 1)


@broken("the readers")
class FirstReaderAlone(OfRegions):
    """The second reader is lost."""

    def transform(self, X):
        given = as_lesions(X)
        firsts = [Lesion(r.image, r.mask) for r in map(first_region, given)]
        return LesionSequence(firsts, given.index)


@broken("takes 2 positional arguments but 3 were given")
class WithoutOutcome(TransformerMixin, BaseEstimator):
    """fit(X) without y: a Pipeline hands it on."""

    def fit(self, X):
        return self

    def transform(self, X):
        return OfRegions().transform(X)

    def set_output(self, *, transform=None):
        return self

    def get_feature_names_out(self, input_features=None):
        return np.array(["lesion"], dtype=object)

    def __sklearn_is_fitted__(self):
        return True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


@broken("infinite value")
class InfiniteFeature(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):
    """A table with a ratio to 0."""

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        if not hasattr(self, "fitted_"):
            from sklearn.exceptions import NotFittedError

            raise NotFittedError("fit first")
        lesions = as_lesions(X)
        rows = [[np.inf] for _ in map(first_region, lesions)]
        return pd.DataFrame(rows, index=lesions.index, columns=["ratio"])

    def set_output(self, *, transform=None):
        return self

    def get_feature_names_out(self, input_features=None):
        return np.array(["ratio"], dtype=object)


def first_region(lesion):
    return next(iter(lesion.read().values()))


class Divides(OfRegions):
    """What the step itself raises."""

    @staticmethod
    def change(region):
        n_levels = len(np.unique(region.image)) // int(region.spacing is not None)
        return replace(region, image=region.image // n_levels)


def test_what_the_step_raises_says_at_which_lesion():
    lesions = [Lesion(*pair, lesion="L7") for pair in image_checks.make_pairs(1)]
    (lesion,) = Divides().transform(lesions)
    with pytest.raises(ZeroDivisionError) as caught:
        lesion.read()
    assert caught.value.__notes__ == ["in Divides, of lesion 'L7' (row 0)"]
    (hidden,) = Divides().transform([lesions[0].without_paths()])
    with pytest.raises(ZeroDivisionError) as caught:
        hidden.read()
    assert caught.value.__notes__ == [f"in Divides, of {hidden.name}"]
    with pytest.raises(AssertionError, match="; in Divides, of lesion") as caught:
        check_image_step(Divides())


def test_a_class_is_no_step():
    with pytest.raises(TypeError, match=r"got the class Divides. Give .* Divides\(\)"):
        check_image_step(Divides)


def test_there_are_24():
    assert len(BROKEN) == 24 and len(IN_A_PIPELINE) == 14


def test_what_they_are_made_of_is_right():
    check_image_step(OfRegions())


@pytest.mark.parametrize("step", BROKEN, ids=lambda step: step.__name__)
def test_the_battery_catches_it_and_says_why(step):
    with pytest.raises(AssertionError, match=f"^{step.__name__}: ") as caught:
        check_image_step(step())
    assert caught.match(BROKEN[step])


@pytest.mark.parametrize("step", IN_A_PIPELINE, ids=lambda step: step.__name__)
def test_a_run_names_the_lesion_and_the_step(step):
    pairs = image_checks.make_pairs(2)
    pipeline = make_pipeline(step(), TextureExtractor(families=["histogram"]))
    with pytest.raises((LesionError, TypeError), match=IN_A_PIPELINE[step]) as caught:
        pipeline.fit_transform(pairs)
    assert str(caught.value).startswith(f"lesion (row 0), after {step.__name__}: ")
