"""The battery passes good image steps and catches each fault."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from sklearn_orn.images import as_lesions
from sklearn_orn.testing import check_image_step, image_checks


def set_window(region, width):
    inside = region.image[region.mask].astype(float)
    reach = width * inside.std()
    return replace(region, window=(inside.mean() - reach, inside.mean() + reach))


class Window(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):
    """Lesions to lesions, without state."""

    def __init__(self, width=3.0):
        self.width = width

    def fit(self, X, y=None):
        as_lesions(X)
        return self

    def transform(self, X):
        return as_lesions(X).map(partial(set_window, width=self.width))

    def set_output(self, *, transform=None):
        return self

    def get_feature_names_out(self, input_features=None):
        return np.asarray(input_features if input_features is not None else [], object)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


class Means(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):
    """Lesions to a table, with state."""

    def fit(self, X, y=None):
        self.readers_ = as_lesions(X)[0].readers
        return self

    def transform(self, X):
        check_is_fitted(self)
        lesions = as_lesions(X)
        rows = [self._row(lesion) for lesion in lesions]
        return pd.DataFrame(
            rows, index=lesions.index, columns=self.get_feature_names_out()
        )

    def _row(self, lesion):
        region = lesion.read()[""]
        inside = region.image[region.mask]
        return [inside.mean(), inside.std()]

    def set_output(self, *, transform=None):
        return self

    def get_feature_names_out(self, input_features=None):
        return np.array(["mean", "sd"], dtype=object)


@pytest.mark.parametrize("step", [Window(), Window(width=2.0), Means()], ids=repr)
def test_good_steps_pass(step):
    check_image_step(step)


def test_every_check_is_run_and_public():
    checks = {name for name in dir(image_checks) if name.startswith("check_")}
    run = {check.__name__ for check in image_checks.CHECKS}
    assert checks - {"check_image_step"} == run
    assert checks <= set(image_checks.__all__)


class ReturnsNothing(Means):
    def fit(self, X, y=None):
        super().fit(X)


class ChangesParameter(Window):
    def fit(self, X, y=None):
        self.width = self.width + 1
        return self


class WritesToImage(Means):
    def _row(self, lesion):
        lesion.read()[""].image[0, 0] += 1
        return super()._row(lesion)


class OtherFitTransform(Means):
    def fit_transform(self, X, y=None):
        return self.fit(X).transform(X) + 1


class ClonesWithState(Window):
    def __sklearn_clone__(self):
        copied = type(self)(self.width)
        copied.learnt_ = 1
        return copied


class ForgetsOnPickling(Means):
    offset_ = 0.0

    def fit(self, X, y=None):
        self.offset_ = 5.0
        return super().fit(X)

    def _row(self, lesion):
        return [value + self.offset_ for value in super()._row(lesion)]

    def __getstate__(self):
        return {"readers_": self.readers_}


class AddsUp(Means):
    def transform(self, X):
        return super().transform(X).cumsum()


class Ranks(Means):
    def transform(self, X):
        return super().transform(X).rank()


class NeedsTwo(Means):
    def fit(self, X, y=None):
        if len(as_lesions(X)) < 2:
            raise AssertionError("NeedsTwo: one lesion is not enough")
        return super().fit(X)


class TransformsUnfitted(Means):
    def transform(self, X):
        self.readers_ = ("",)
        return super().transform(X)


class SetOutputReturnsNothing(Window):
    def set_output(self, *, transform=None):
        return None


class OtherNames(Means):
    def transform(self, X):
        return super().transform(X).rename(columns={"sd": "deviation"})


class LosesIndex(Means):
    def transform(self, X):
        return super().transform(X).reset_index(drop=True)


class PathsDiffer(Means):
    def _row(self, lesion):
        drawn = lesion.read()[""]
        return [drawn.image.mean() + isinstance(lesion.image, str), 1.0]


class HidesEmptyMasks(Means):
    def _row(self, lesion):
        try:
            return super()._row(lesion)
        except ValueError:
            return [np.nan, np.nan]


FAULTS = {
    "check_fit_returns_self": ReturnsNothing,
    "check_parameters_unchanged": ChangesParameter,
    "check_inputs_unchanged": WritesToImage,
    "check_fit_transform": OtherFitTransform,
    "check_clone": ClonesWithState,
    "check_pickle": ForgetsOnPickling,
    "check_sample_order": AddsUp,
    "check_subset": Ranks,
    "check_one_lesion": NeedsTwo,
    "check_unfitted": TransformsUnfitted,
    "check_set_output": SetOutputReturnsNothing,
    "check_feature_names": OtherNames,
    "check_index": LosesIndex,
    "check_input_forms": PathsDiffer,
    "check_empty_mask": HidesEmptyMasks,
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_caught(name):
    step = FAULTS[name]()
    for run in (getattr(image_checks, name), check_image_step):
        with pytest.raises(AssertionError, match=f"^{type(step).__name__}: "):
            run(step)
