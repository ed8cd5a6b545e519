"""The numbers that the page saved, computed again from its outlines and its image."""

import math
import os
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from sklearn_orn._block_names import drawn_blocks
from sklearn_orn._io.codec import JsonObject
from sklearn_orn._io.strict_json import named_file
from sklearn_orn._reader_names import SEPARATOR
from sklearn_orn._validation import feature_names, name_list
from sklearn_orn.cohort.shared import as_cohort
from sklearn_orn.deploy._branches import (
    ImageBranch,
    columns_read,
    image_branches,
    plain_columns,
    with_inner,
)
from sklearn_orn.deploy._calculator_data import NOT_KNOWN, page_data
from sklearn_orn.deploy._flags import Reading
from sklearn_orn.deploy._measured_file import MEASURED_FILE, Moved, mask_of
from sklearn_orn.deploy._measured_rows import measure_rows
from sklearn_orn.deploy._model_file import ModelFile
from sklearn_orn.deploy._predict import table_of_scores
from sklearn_orn.exceptions import LesionError, ModelFileError
from sklearn_orn.images import ImageStep, Lesion
from sklearn_orn.images.shared import ReadableLesion, mask_of_polygons, spacing_of
from sklearn_orn.model import CrossFittedScore
from sklearn_orn.texture import TextureExtractor

RELATIVE = 1e-9
OF_FEATURES, OF_POINTS = 1e-12, 1e-7  # absolute: of what is near 0, and up to 100
_LESION = "measured"


@dataclass(frozen=True)
class CheckedFile:
    """How many numbers of a file agree with ours, and the largest difference."""

    n_numbers: int
    n_outlines: int
    largest: float


def check_measured(
    model: ModelFile,
    path: str | os.PathLike[str],
    image: str | os.PathLike[str] | None = None,
) -> CheckedFile:
    """Compute again what the page saved; ModelFileError names what differs first.

    Without `image` the features are taken from the file; with it they are measured
    again, on the outlines of the file.
    """
    content = MEASURED_FILE.read(path)
    with named_file(MEASURED_FILE.what, path):
        _check_model(model, content)
        branch = _branch(model)
        compared = _Compared()
        masks = dict(_masks(content))
        lesion = _lesion(content, masks, image)
        for step in branch.image_steps:
            lesion = step.transform([lesion])[0]
        row = _features_row(branch, content["readers"])
        if image is not None:
            ours = branch.extractor.transform([lesion])
            _compare_features(compared, content["readers"], ours)
        scored = _score(model, branch, content, row, lesion)
        _compare_result(compared, model, content["result"], scored)
        n_outlines = 0 if image is None else len(masks)
        return CheckedFile(compared.n, n_outlines, compared.largest)


class _Compared:
    """Numbers that were compared one after the other."""

    def __init__(self) -> None:
        self.n, self.largest = 0, 0.0

    def number(
        self, at: str, theirs: float, ours: float, near_zero: float = RELATIVE
    ) -> None:
        self.n += 1
        if math.isnan(theirs) and math.isnan(ours):
            return
        if not math.isclose(theirs, ours, rel_tol=RELATIVE, abs_tol=near_zero):
            raise ModelFileError(
                f"{at} is {theirs!r}, and this sklearn_orn finds {ours!r}: they differ "
                f"by more than {RELATIVE:g}. Was the file changed, or is the image or "
                "the version of sklearn_orn another one?"
            )
        self.largest = max(self.largest, abs(theirs - ours))


def _check_model(model: ModelFile, content: JsonObject) -> None:
    found = content["model"]["sha256"]
    if found != model.sha256:
        raise ModelFileError(
            f"it was measured with the model {found[:12]}..., and the model file given "
            f"is {model.sha256[:12]}... (SHA-256). Give the model of the page."
        )


def _branch(model: ModelFile) -> ImageBranch:
    branches = image_branches(model.pipeline)
    if len(branches) != 1:
        raise ModelFileError(
            f"the model has {len(branches)} branches of images; the page measures for "
            "models with one."
        )
    return branches[0]


def _masks(content: JsonObject) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the mask of each reader; polygons must hold the same pixels."""
    image = content["image"]
    shape = (image["rows"], image["columns"])
    if not content["readers"]:
        raise ModelFileError("readers is empty; expected one outline at least.")
    for number, outline in enumerate(content["readers"]):
        at = f"readers[{number}]"
        mask = mask_of(outline, shape, at)
        if outline["polygons"]:
            drawn = mask_of_polygons([np.array(p) for p in outline["polygons"]], shape)
            n_off = np.count_nonzero(drawn != mask)
            if n_off:
                raise ModelFileError(
                    f"{at}.polygons and {at}.runs differ in {n_off} pixels; expected "
                    "one outline."
                )
        yield outline["name"], mask


def _lesion(
    content: JsonObject,
    masks: Mapping[str, np.ndarray],
    path: str | os.PathLike[str] | None,
) -> ReadableLesion:
    """Return the lesion, without pixels where no image was given."""
    image = content["image"]
    if path is None:
        pixels = np.zeros((image["rows"], image["columns"]))
        return Lesion(pixels, dict(masks), spacing=image["spacing"], lesion=_LESION)
    section = image["section"] if image["n_sections"] > 1 else None
    given = Lesion(os.fspath(path), dict(masks), section=section, lesion=_LESION)
    regions = given.read()
    found = next(iter(regions.values()))
    return Lesion(found.image, dict(masks), spacing=found.spacing, lesion=_LESION)


def _features_row(branch: ImageBranch, readers: tuple[JsonObject, ...]) -> pd.DataFrame:
    """Return what the extractor would give of the features of the file."""
    columns = list(branch.extractor.get_feature_names_out())
    row = pd.DataFrame(np.nan, index=[0], columns=columns)
    for outline in readers:
        for name, value in outline["features"].items():
            column = _column(outline["name"], name)
            if column not in row:
                known = name_list(branch.extractor.readers_)
                reader = outline["name"]
                raise ModelFileError(
                    f"{reader!r} {name!r} is no feature of the model, whose "
                    f"readers are {known}."
                )
            row[column] = value
    return row


def _column(reader: str, feature: str) -> str:
    return f"{reader}{SEPARATOR}{feature}" if reader else feature


def _compare_features(
    compared: _Compared, readers: tuple[JsonObject, ...], ours: pd.DataFrame
) -> None:
    for number, outline in enumerate(readers):
        for name, theirs in outline["features"].items():
            column = _column(outline["name"], name)
            at = f"readers[{number}].features.{name}"
            measured = float(ours[column].iloc[0])
            compared.number(at, theirs, measured, OF_FEATURES)


def _score(
    model: ModelFile,
    branch: ImageBranch,
    content: JsonObject,
    features: pd.DataFrame,
    lesion: ReadableLesion,
) -> pd.Series:
    """Apply the model to the features of the file as `predict` does to a row."""
    table = pd.DataFrame(_cells(model, content["clinical"]), index=[0], dtype=object)
    trained = drawn_blocks(branch.extractor.readers_)
    drawn = len(content["readers"])
    protocol = content["image"]["protocol"]
    reading = Reading(drawn, len(trained), spacing_of(lesion), protocol=protocol)
    before = with_features(model.pipeline[:-1], features)
    (row,) = measure_rows(model, table, [_LESION], before=before, reading=reading)
    if isinstance(row, LesionError):
        raise ModelFileError(str(row))
    return table_of_scores(model, as_cohort(table), [row]).iloc[0]


def _cells(model: ModelFile, clinical: Mapping[str, float | str]) -> JsonObject:
    """Return the cells of the table, whatever the predictors made of them are called.

    What the model reads and then does not weigh is no field of the page: any value
    does.
    """
    first = model.pipeline[0]
    named = hasattr(first, "feature_names_in_") and hasattr(first, "transformers_")
    cells: JsonObject = dict.fromkeys(feature_names(first).tolist() if named else [])
    encoded = columns_read(model.pipeline).categories
    for column in plain_columns(model.pipeline):
        cells[column] = encoded[column].levels[0] if column in encoded else 0.0
        for name, value in clinical.items():
            if name == column or name.endswith(f"{SEPARATOR}{column}"):
                cells[column] = None if value == NOT_KNOWN else value
    return cells or {"lesion": _LESION}


def with_features(step: BaseEstimator, features: pd.DataFrame) -> BaseEstimator:
    """Return fitted steps that take these features for what they would measure."""
    if isinstance(step, Pipeline | ColumnTransformer):
        return with_inner(step, partial(with_features, features=features))
    copied = copy(step)
    if isinstance(step, TextureExtractor):
        copied.transform = lambda X: features
    elif isinstance(step, ImageStep):
        copied.transform = lambda X: X
    elif isinstance(step, CrossFittedScore):
        copied.estimator_ = with_features(step.estimator_, features)
    return copied


def _compare_result(
    compared: _Compared, model: ModelFile, theirs: JsonObject, scored: pd.Series
) -> None:
    for name in ("score", "probability"):
        compared.number(f"result.{name}", theirs[name], float(scored[name]))
    data = page_data(model)
    total = (float(scored["score"]) - data["start"]) * data["pointsPerUnit"]
    compared.number("result.total_points", theirs["total_points"], total, OF_POINTS)
    summed = math.fsum(theirs["points"].values())
    compared.number("the sum of result.points", summed, total, OF_POINTS)
    _compare_moved(compared, theirs["moved"])
    for name, ours in (
        ("predicted", str(scored["predicted"])),
        ("flags", str(scored["flags"])),
    ):
        found = theirs[name]
        text = found if isinstance(found, str) else "; ".join(found)
        if text != ours:
            raise ModelFileError(
                f"result.{name} is {text!r}, and this sklearn_orn says {ours!r}."
            )


def _compare_moved(compared: _Compared, moved: Moved | None) -> None:
    """Find the interval again; its draws are the page's own."""
    if moved is None:
        return
    ends = np.quantile(moved.draws, [0.05, 0.95]) if moved.draws else [np.nan] * 2
    for name, theirs, ours in zip(
        ("low", "high"), (moved.low, moved.high), ends, strict=True
    ):
        compared.number(f"result.moved.{name}", theirs, float(ours))
