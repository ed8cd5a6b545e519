"""A battery of checks for image steps, as scikit-learn has one for table steps.

An image step takes lesions (whatever `as_lesions` takes) and gives either lesions,
like Normalizer, or a table, like TextureExtractor. scikit-learn's own battery feeds
numbers in two dimensions, so it cannot run on either.

Each check takes an estimator, works on a clone, and raises AssertionError with what
it saw, whatever the step raises; lesions are made in memory, files in a temporary
folder.
"""

import copy
import pickle
import tempfile
from importlib.util import find_spec
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import BlockStep, Lesion, LesionSequence, shared
from sklearn_orn.testing._comparing import (
    Check,
    alike,
    asserting,
    content_of,
    fitted_on_pairs,
    require,
    require_same,
    transformed,
)
from sklearn_orn.testing._lesions_to_check import make_pairs, write_cohort

__all__ = [
    "CHECKS",
    "check_alone",
    "check_clone",
    "check_empty_mask",
    "check_feature_names",
    "check_fit_returns_self",
    "check_fit_transform",
    "check_image_step",
    "check_index",
    "check_input_forms",
    "check_inputs_unchanged",
    "check_one_lesion",
    "check_outcome",
    "check_output",
    "check_output_configuration",
    "check_parameters_unchanged",
    "check_pickle",
    "check_readers",
    "check_repeated",
    "check_sample_order",
    "check_set_output",
    "check_spacing",
    "check_state",
    "check_subset",
    "check_unfitted",
    "make_pairs",
    "write_cohort",
]


def check_image_step(estimator: BaseEstimator) -> None:
    """Run every check of this module on an image step.

    Parameters
    ----------
    estimator : estimator
        An image step, fitted or not; it is not changed.

    Raises
    ------
    AssertionError
        If a check fails, or the step raises anything; the message says which and why.
    TypeError
        If `estimator` is a class.

    Examples
    --------
    >>> from sklearn.base import BaseEstimator, TransformerMixin
    >>> class Forgetful(TransformerMixin, BaseEstimator):
    ...     def fit(self, X, y=None):
    ...         pass
    >>> check_image_step(Forgetful())
    Traceback (most recent call last):
    ...
    AssertionError: Forgetful: fit returned None; expected the estimator itself
    """
    for check in CHECKS:
        check(estimator)


@asserting
def check_fit_returns_self(estimator: BaseEstimator) -> None:
    """Check that fit returns the estimator itself."""
    step = clone(estimator)
    result = step.fit(make_pairs())
    fault = f"fit returned {result!r}; expected the estimator itself"
    require(result is step, step, fault)


@asserting
def check_output(estimator: BaseEstimator) -> None:
    """Check that each lesion gives lesions that can be measured, or finite numbers.

    A number may be NaN, as of an undefined feature.
    """
    fitted, pairs = clone(estimator).fit(make_pairs()), make_pairs()
    output = fitted.transform(pairs)
    kinds = (LesionSequence, pd.DataFrame, np.ndarray)
    kind = f"transform returned {type(output).__name__}; expected a LesionSequence, a "
    require(isinstance(output, kinds), fitted, f"{kind}DataFrame or an array")
    counts = f"transform gave {len(output)} results, expected {len(pairs)}"
    require(len(output) == len(pairs), fitted, counts)
    if isinstance(output, LesionSequence):
        for lesion in output:
            for region in lesion.read().values():
                shared.check_returned(region)
        return
    numbers = np.asarray(output, dtype=float)
    require(numbers.ndim == 2, fitted, "the table has no rows and columns")
    bad = int(np.isinf(numbers).sum())
    require(not bad, fitted, f"the table holds {bad} infinite values")


@asserting
def check_repeated(estimator: BaseEstimator) -> None:
    """Check that a second reading, transform and fit give the same."""
    fitted, pairs = clone(estimator).fit(make_pairs()), make_pairs()
    output = fitted.transform(pairs)
    expected = content_of(output)
    require_same(expected, content_of(output), estimator, "a second reading")
    require_same(
        expected, content_of(fitted.transform(pairs)), estimator, "a second transform"
    )
    require_same(expected, transformed(estimator, pairs), estimator, "a second fit")


@asserting
def check_outcome(estimator: BaseEstimator) -> None:
    """Check that fit takes an outcome, as a Pipeline hands it on."""
    pairs, y = make_pairs(), [0, 1, 0, 1]
    expected = content_of(clone(estimator).fit(pairs, y).transform(pairs))
    together = clone(estimator).fit_transform(pairs, y)
    require_same(
        expected, content_of(together), estimator, "fit_transform with an outcome"
    )


@asserting
def check_state(estimator: BaseEstimator) -> None:
    """Check that transform changes no attribute."""
    fitted, pairs = clone(estimator).fit(make_pairs()), make_pairs()
    before = {name: joblib.hash(value) for name, value in vars(fitted).items()}
    content_of(fitted.transform(pairs))
    for name, value in vars(fitted).items():
        fault = f"transform changed the attribute {name}"
        require(joblib.hash(value) == before.get(name), fitted, fault)
    gone = sorted(set(before) - set(vars(fitted)))
    require(not gone, fitted, f"transform removed the attributes {gone}")


@asserting
def check_parameters_unchanged(estimator: BaseEstimator) -> None:
    """Check that neither fit nor transform changes a parameter."""
    step = clone(estimator)
    before = joblib.hash(step.get_params())
    step.fit(make_pairs()).transform(make_pairs())
    after = joblib.hash(step.get_params())
    require(before == after, step, "fit or transform changed a parameter")


@asserting
def check_inputs_unchanged(estimator: BaseEstimator) -> None:
    """Check that the user's images, masks and table are not written to."""
    step, pairs = clone(estimator), make_pairs()
    kept = copy.deepcopy(pairs)
    content_of(step.fit(pairs).transform(pairs))
    same = all(
        np.array_equal(a, b)
        for pair, copied in zip(pairs, kept, strict=True)
        for a, b in zip(pair, copied, strict=True)
    )
    require(same, step, "an image or mask was written to")
    with tempfile.TemporaryDirectory() as folder:
        table = write_cohort(Path(folder))
        kept_table = table.copy()
        content_of(step.fit(table).transform(table))
        require(table.equals(kept_table), step, "the table of paths was written to")


@asserting
def check_fit_transform(estimator: BaseEstimator) -> None:
    """Check that fit_transform gives what fit and transform give."""
    pairs = make_pairs()
    together = clone(estimator).fit_transform(pairs)
    expected = transformed(estimator, pairs)
    require_same(expected, content_of(together), estimator, "fit_transform")


@asserting
def check_clone(estimator: BaseEstimator) -> None:
    """Check that a clone of a fitted step is unfitted and has its parameters."""
    fitted = clone(estimator).fit(make_pairs())
    copied = clone(fitted)
    same = joblib.hash(copied.get_params()) == joblib.hash(fitted.get_params())
    require(same, estimator, "a clone has other parameters")
    learnt = [name for name in vars(copied) if name.endswith("_") and name[0] != "_"]
    require(not learnt, estimator, f"a clone kept the fitted {learnt}")


@asserting
def check_pickle(estimator: BaseEstimator) -> None:
    """Check that a fitted step, and the lesions it returns, survive pickling."""
    fitted, pairs, expected = fitted_on_pairs(estimator)
    restored = pickle.loads(pickle.dumps(fitted)).transform(pairs)
    require_same(expected, content_of(restored), estimator, "a pickled copy")
    output = pickle.loads(pickle.dumps(restored))
    require_same(expected, content_of(output), estimator, "the pickled output")


@asserting
def check_alone(estimator: BaseEstimator) -> None:
    """Check that each lesion alone gives what it gives among the others."""
    fitted, pairs, expected = fitted_on_pairs(estimator)
    for number, pair in enumerate(pairs):
        result = content_of(fitted.transform([pair]))
        require(len(result) == 1, fitted, f"one lesion gave {len(result)} results")
        same = alike(expected[number], result[0])
        fault = f"lesion {number} alone has another result than among the others"
        require(same, fitted, fault)


@asserting
def check_sample_order(estimator: BaseEstimator) -> None:
    """Check that the order of the lesions changes no result."""
    fitted, pairs, expected = fitted_on_pairs(estimator)
    order = np.arange(len(pairs))[::-1]
    result = content_of(fitted.transform([pairs[i] for i in order]))
    require_same(
        [expected[i] for i in order], result, estimator, "lesions in another order"
    )


@asserting
def check_subset(estimator: BaseEstimator) -> None:
    """Check that leaving lesions out changes no result of the others."""
    fitted, pairs, expected = fitted_on_pairs(estimator)
    require_same(
        expected[1:3], content_of(fitted.transform(pairs[1:3])), estimator, "a subset"
    )


@asserting
def check_one_lesion(estimator: BaseEstimator) -> None:
    """Check that one lesion is enough, in fit and in transform."""
    pairs = make_pairs(1)
    result = transformed(estimator, pairs)
    require(len(result) == 1, estimator, f"one lesion gave {len(result)} results")


@asserting
def check_unfitted(estimator: BaseEstimator) -> None:
    """Check that a step with state, and only such, needs fit before transform."""
    step = clone(estimator)
    needs_fit = get_tags(step).requires_fit
    try:
        step.transform(make_pairs())
    except NotFittedError:
        require(needs_fit, step, "NotFittedError, but the tags say no fit is needed")
    else:
        require(not needs_fit, step, "transform before fit; expected NotFittedError")


@asserting
def check_readers(estimator: BaseEstimator) -> None:
    """Check that lesions keep their readers, also where one is absent."""
    fitted, pairs = clone(estimator).fit(make_pairs()), make_pairs()
    if not isinstance(fitted.transform(pairs), LesionSequence):
        return
    second = [mask if number != 1 else None for number, (_, mask) in enumerate(pairs)]
    given = [
        Lesion(image, {"a": mask, "b": b})
        for (image, mask), b in zip(pairs, second, strict=True)
    ]
    output = fitted.transform(given)
    if isinstance(fitted, BlockStep):
        both, one = ({*output[i].readers} for i in (0, 1))
        fault = f"readers {('a', 'b')} became {both}, and the reader 'a' alone {one}"
        require(one < both, fitted, fault)
        for lesion in output:
            told, found = lesion.readers, tuple(lesion.read())
            fault = f"a lesion of the blocks {told} reads {found}"
            require(set(found) <= set(told), fitted, fault)
        return
    for lesion, before in zip(output, given, strict=True):
        found = tuple(lesion.readers), tuple(lesion.read())
        fault = f"the readers {before.readers} became {found[0]}"
        require(found[0] == before.readers, fitted, fault)
        fault = f"a lesion of the readers {found[0]} reads {found[1]}"
        require(found[0] == found[1], fitted, fault)


@asserting
def check_set_output(estimator: BaseEstimator) -> None:
    """Check set_output, alone and in a Pipeline."""
    pairs = make_pairs()
    expected = transformed(estimator, pairs)
    step = clone(estimator)
    result = step.set_output(transform="pandas")
    require(result is step, step, "set_output did not return the estimator itself")
    output = step.fit(pairs).transform(pairs)
    kinds = (pd.DataFrame, LesionSequence)
    require(isinstance(output, kinds), step, f"pandas output is a {type(output)}")
    require_same(expected, content_of(output), step, "set_output(transform='pandas')")
    pipeline = Pipeline([("step", clone(estimator))]).set_output(transform="pandas")
    output = pipeline.fit(pairs).transform(pairs)
    require_same(expected, content_of(output), step, "a Pipeline with set_output")


@asserting
def check_output_configuration(estimator: BaseEstimator) -> None:
    """Check that the output set for all of scikit-learn leaves the content alone.

    That of lesions stays lesions. "polars" is tried where it is installed.
    """
    pairs = make_pairs()
    plain = clone(estimator).fit(pairs).transform(pairs)
    expected = content_of(plain)
    kinds = ["default", "pandas"] + ["polars"] * (find_spec("polars") is not None)
    for kind in kinds:
        what = f"set_config(transform_output={kind!r})"
        with sklearn.config_context(transform_output=kind):
            output = Pipeline([("step", clone(estimator))]).fit_transform(pairs)
        if isinstance(plain, LesionSequence):
            fault = f"{what} made a {type(output).__name__} of the lesions"
            require(isinstance(output, LesionSequence), estimator, fault)
        require_same(expected, content_of(output), estimator, what)


@asserting
def check_feature_names(estimator: BaseEstimator) -> None:
    """Check that get_feature_names_out works, and gives the columns of a table."""
    pairs = make_pairs()
    fitted = clone(estimator).fit(pairs)
    output, names = fitted.transform(pairs), fitted.get_feature_names_out()
    if isinstance(output, pd.DataFrame):
        same = list(output.columns) == list(names)
        require(same, fitted, "get_feature_names_out differs from the columns")
        require(output.columns.is_unique, fitted, "a feature name comes twice")


@asserting
def check_index(estimator: BaseEstimator) -> None:
    """Check that the output has the index of X."""
    with tempfile.TemporaryDirectory() as folder:
        table = write_cohort(Path(folder))
        table.index = pd.Index([f"row-{i}" for i in range(len(table))][::-1])
        output = clone(estimator).fit(table).transform(table.iloc[1:])
        expected = list(table.index[1:])
        same = list(output.index) == expected
        require(same, estimator, f"index {list(output.index)}, expected {expected}")


@asserting
def check_input_forms(estimator: BaseEstimator) -> None:
    """Check that pairs, one array, lesions, a table and paths give the same."""
    pairs = make_pairs()
    expected = transformed(estimator, pairs)
    with tempfile.TemporaryDirectory() as folder:
        table = write_cohort(Path(folder))
        paths = list(zip(table["image"], table["mask"], strict=True))
        forms = {
            "a list of Lesion": [Lesion(image, mask) for image, mask in pairs],
            "a 4-D array": np.array(pairs),
            "a DataFrame of paths": table,
            "pairs of paths": paths,
        }
        for name, X in forms.items():
            require_same(expected, transformed(estimator, X), estimator, name)


@asserting
def check_spacing(estimator: BaseEstimator) -> None:
    """Check that the spacing a lesion tells of is that of its regions."""
    given = [Lesion(image, mask, spacing=(0.5, 0.25)) for image, mask in make_pairs()]
    output = clone(estimator).fit(given).transform(given)
    if isinstance(output, LesionSequence):
        for lesion in output:
            regions = list(lesion.read().values())
            told, found = shared.spacing_of(lesion), regions[0].spacing
            fault = f"read_spacing gives {told}, the region has {found}"
            require(told == found, estimator, fault)


@asserting
def check_empty_mask(estimator: BaseEstimator) -> None:
    """Check that an empty mask is a LesionError that names the lesion."""
    pairs = make_pairs()
    fitted = clone(estimator).fit(pairs)
    pairs[1][1][:] = False
    try:
        content_of(fitted.transform(pairs))
    except LesionError as error:
        named = "row 1" in str(error)
        require(named, fitted, f"the error does not name the lesion: {error}")
    else:
        require(False, fitted, "an empty mask passed; expected LesionError")


CHECKS: tuple[Check, ...] = tuple(  # in their order here
    check
    for name, check in list(vars().items())
    if name.startswith("check_") and check is not check_image_step
)
