"""A battery of checks for image steps, as scikit-learn has one for table steps.

An image step takes lesions (whatever `as_lesions` takes) and gives either lesions,
like Normalizer, or a table, like TextureExtractor. scikit-learn's own battery feeds
numbers in two dimensions, so it cannot run on either.

Each check takes an estimator, works on a clone, and raises AssertionError with what
it saw; lesions are made in memory, files in a temporary folder.
"""

import copy
import pickle
import tempfile
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from sklearn_orn.exceptions import LesionError
from sklearn_orn.images import Lesion, LesionSequence

__all__ = [
    "CHECKS",
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
    "check_parameters_unchanged",
    "check_pickle",
    "check_sample_order",
    "check_set_output",
    "check_subset",
    "check_unfitted",
    "make_pairs",
    "write_cohort",
]


Pairs = list[tuple[np.ndarray, np.ndarray]]
Content = list[list[np.ndarray]]  # of each lesion
_ROUNDING = 1e-12  # relative: sums in another order differ in their last digits


def check_image_step(estimator: BaseEstimator) -> None:
    """Run every check of this module on an image step.

    Parameters
    ----------
    estimator : estimator
        An image step, fitted or not; it is not changed.

    Raises
    ------
    AssertionError
        If a check fails; the message says which and why.

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


def check_fit_returns_self(estimator: BaseEstimator) -> None:
    """Check that fit returns the estimator itself."""
    step = clone(estimator)
    result = step.fit(make_pairs())
    fault = f"fit returned {result!r}; expected the estimator itself"
    _require(result is step, step, fault)


def check_parameters_unchanged(estimator: BaseEstimator) -> None:
    """Check that neither fit nor transform changes a parameter."""
    step = clone(estimator)
    before = joblib.hash(step.get_params())
    step.fit(make_pairs()).transform(make_pairs())
    after = joblib.hash(step.get_params())
    _require(before == after, step, "fit or transform changed a parameter")


def check_inputs_unchanged(estimator: BaseEstimator) -> None:
    """Check that the user's images, masks and table are not written to."""
    step, pairs = clone(estimator), make_pairs()
    kept = copy.deepcopy(pairs)
    _content(step.fit(pairs).transform(pairs))
    same = all(
        np.array_equal(a, b)
        for pair, copied in zip(pairs, kept, strict=True)
        for a, b in zip(pair, copied, strict=True)
    )
    _require(same, step, "an image or mask was written to")
    with tempfile.TemporaryDirectory() as folder:
        table = write_cohort(Path(folder))
        kept_table = table.copy()
        _content(step.fit(table).transform(table))
        _require(table.equals(kept_table), step, "the table of paths was written to")


def check_fit_transform(estimator: BaseEstimator) -> None:
    """Check that fit_transform gives what fit and transform give."""
    pairs = make_pairs()
    together = clone(estimator).fit_transform(pairs)
    expected = _transformed(estimator, pairs)
    _same(expected, _content(together), estimator, "fit_transform")


def check_clone(estimator: BaseEstimator) -> None:
    """Check that a clone of a fitted step is unfitted and has its parameters."""
    fitted = clone(estimator).fit(make_pairs())
    copied = clone(fitted)
    same = joblib.hash(copied.get_params()) == joblib.hash(fitted.get_params())
    _require(same, estimator, "a clone has other parameters")
    learnt = [name for name in vars(copied) if name.endswith("_") and name[0] != "_"]
    _require(not learnt, estimator, f"a clone kept the fitted {learnt}")


def check_pickle(estimator: BaseEstimator) -> None:
    """Check that a fitted step, and the lesions it returns, survive pickling."""
    fitted, pairs, expected = _fitted(estimator)
    restored = pickle.loads(pickle.dumps(fitted)).transform(pairs)
    _same(expected, _content(restored), estimator, "a pickled copy")
    output = pickle.loads(pickle.dumps(restored))
    _same(expected, _content(output), estimator, "the pickled output")


def check_sample_order(estimator: BaseEstimator) -> None:
    """Check that the order of the lesions changes no result."""
    fitted, pairs, expected = _fitted(estimator)
    order = np.arange(len(pairs))[::-1]
    result = _content(fitted.transform([pairs[i] for i in order]))
    _same([expected[i] for i in order], result, estimator, "lesions in another order")


def check_subset(estimator: BaseEstimator) -> None:
    """Check that leaving lesions out changes no result of the others."""
    fitted, pairs, expected = _fitted(estimator)
    _same(expected[1:3], _content(fitted.transform(pairs[1:3])), estimator, "a subset")


def check_one_lesion(estimator: BaseEstimator) -> None:
    """Check that one lesion is enough, in fit and in transform."""
    pairs = make_pairs(1)
    result = _transformed(estimator, pairs)
    _require(len(result) == 1, estimator, f"one lesion gave {len(result)} results")


def check_unfitted(estimator: BaseEstimator) -> None:
    """Check that a step with state, and only such, needs fit before transform."""
    step = clone(estimator)
    needs_fit = get_tags(step).requires_fit
    try:
        step.transform(make_pairs())
    except NotFittedError:
        _require(needs_fit, step, "NotFittedError, but the tags say no fit is needed")
    else:
        _require(not needs_fit, step, "transform before fit; expected NotFittedError")


def check_set_output(estimator: BaseEstimator) -> None:
    """Check set_output, alone and in a Pipeline."""
    pairs = make_pairs()
    expected = _transformed(estimator, pairs)
    step = clone(estimator)
    result = step.set_output(transform="pandas")
    _require(result is step, step, "set_output did not return the estimator itself")
    output = step.fit(pairs).transform(pairs)
    kinds = (pd.DataFrame, LesionSequence)
    _require(isinstance(output, kinds), step, f"pandas output is a {type(output)}")
    _same(expected, _content(output), step, "set_output(transform='pandas')")
    pipeline = Pipeline([("step", clone(estimator))]).set_output(transform="pandas")
    output = pipeline.fit(pairs).transform(pairs)
    _same(expected, _content(output), step, "a Pipeline with set_output")


def check_feature_names(estimator: BaseEstimator) -> None:
    """Check that get_feature_names_out works, and gives the columns of a table."""
    pairs = make_pairs()
    fitted = clone(estimator).fit(pairs)
    output, names = fitted.transform(pairs), fitted.get_feature_names_out()
    if isinstance(output, pd.DataFrame):
        same = list(output.columns) == list(names)
        _require(same, fitted, "get_feature_names_out differs from the columns")
        _require(output.columns.is_unique, fitted, "a feature name comes twice")


def check_index(estimator: BaseEstimator) -> None:
    """Check that the output has the index of X."""
    with tempfile.TemporaryDirectory() as folder:
        table = write_cohort(Path(folder))
        table.index = pd.Index([f"row-{i}" for i in range(len(table))][::-1])
        output = clone(estimator).fit(table).transform(table.iloc[1:])
        expected = list(table.index[1:])
        same = list(output.index) == expected
        _require(same, estimator, f"index {list(output.index)}, expected {expected}")


def check_input_forms(estimator: BaseEstimator) -> None:
    """Check that pairs, one array, lesions, a table and paths give the same."""
    pairs = make_pairs()
    expected = _transformed(estimator, pairs)
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
            _same(expected, _transformed(estimator, X), estimator, name)


def check_empty_mask(estimator: BaseEstimator) -> None:
    """Check that an empty mask is a LesionError that names the lesion."""
    pairs = make_pairs()
    fitted = clone(estimator).fit(pairs)
    pairs[1][1][:] = False
    try:
        _content(fitted.transform(pairs))
    except LesionError as error:
        named = "row 1" in str(error)
        _require(named, fitted, f"the error does not name the lesion: {error}")
    else:
        _require(False, fitted, "an empty mask passed; expected LesionError")


CHECKS = (
    check_fit_returns_self,
    check_parameters_unchanged,
    check_inputs_unchanged,
    check_fit_transform,
    check_clone,
    check_pickle,
    check_sample_order,
    check_subset,
    check_one_lesion,
    check_unfitted,
    check_set_output,
    check_feature_names,
    check_index,
    check_input_forms,
    check_empty_mask,
)


def make_pairs(n_lesions: int = 4) -> Pairs:
    """Make small lesions in memory, the same at each call.

    Parameters
    ----------
    n_lesions : int, default=4
        How many.

    Returns
    -------
    list of tuple of ndarray
        Image (uint16, 28 x 32, 12 bits used) and mask (bool, a disc of some 200
        pixels) of each lesion.

    Examples
    --------
    >>> image, mask = make_pairs(1)[0]
    >>> image.shape, image.dtype.name, mask.dtype.name
    ((28, 32), 'uint16', 'bool')
    """
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:28, :32]
    pairs = []
    for number in range(n_lesions):
        noise = rng.normal(size=(28, 32))
        smooth = noise + np.roll(noise, 1, axis=0) + np.roll(noise, 1, axis=1)
        image = np.clip(1500 + 40 * number + 120 * smooth, 0, 4095).astype(np.uint16)
        distance = np.hypot(rows - 13 - number % 3, columns - 15)
        pairs.append((image, distance < 8.5))
    return pairs


def write_cohort(folder: Path) -> pd.DataFrame:
    """Write the lesions of `make_pairs` as DICOM and PNG files.

    Parameters
    ----------
    folder : Path
        Where the files go.

    Returns
    -------
    DataFrame
        Columns `image`, `mask` and `lesion`, one row a lesion.
    """
    from PIL import Image

    rows = []
    for number, (image, mask) in enumerate(make_pairs()):
        image_path, mask_path = folder / f"{number}.dcm", folder / f"{number}.png"
        _write_dicom(image_path, image)
        Image.fromarray(mask.astype(np.uint8) * 255).save(mask_path)
        rows.append((str(image_path), str(mask_path), f"L{number}"))
    return pd.DataFrame(rows, columns=["image", "mask", "lesion"])


def _write_dicom(path: Path, image: np.ndarray) -> None:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = MRImageStorage, generate_uid()
    dataset.Rows, dataset.Columns = image.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelRepresentation = 0
    dataset.PixelData = image.astype("<u2").tobytes()
    dataset.save_as(path, enforce_file_format=True)


def _fitted(estimator: BaseEstimator) -> tuple[BaseEstimator, Pairs, Content]:
    """Return a fitted clone, what it was fitted on, and what it makes of it."""
    pairs = make_pairs()
    fitted = clone(estimator).fit(pairs)
    return fitted, pairs, _content(fitted.transform(pairs))


def _transformed(estimator: BaseEstimator, X: object) -> Content:
    return _content(clone(estimator).fit(X).transform(X))


def _content(output: LesionSequence | ArrayLike) -> Content:
    """Read an output completely: one list of arrays a lesion, to compare."""
    if isinstance(output, LesionSequence):
        return [
            [
                np.asarray(value, dtype=float)
                for region in lesion.read().values()
                for value in (region.image, region.mask, region.window or ())
            ]
            for lesion in output
        ]
    return [[row] for row in np.asarray(output, dtype=float)]


def _same(
    expected: Content, result: Content, estimator: BaseEstimator, what: str
) -> None:
    counts = f"{what} gave {len(result)} results, expected {len(expected)}"
    _require(len(expected) == len(result), estimator, counts)
    for number, (left, right) in enumerate(zip(expected, result, strict=True)):
        same = len(left) == len(right) and all(
            a.shape == b.shape and np.allclose(a, b, rtol=_ROUNDING, equal_nan=True)
            for a, b in zip(left, right, strict=True)
        )
        _require(same, estimator, f"{what}: lesion {number} has another result")


def _require(condition: bool, estimator: BaseEstimator, message: str) -> None:
    if not condition:
        raise AssertionError(f"{type(estimator).__name__}: {message}")
