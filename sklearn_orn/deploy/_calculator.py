"""The bedside calculator: a model as one page that needs nothing else."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer

from sklearn_orn import __version__
from sklearn_orn._block_names import drawn_blocks
from sklearn_orn._final_step import final_step
from sklearn_orn._io.html_page import embedded_json, filled_page
from sklearn_orn._validation import name_list
from sklearn_orn.deploy._branches import ImageBranch, image_branches
from sklearn_orn.deploy._calculator_data import page_data, scores_before
from sklearn_orn.deploy._examples import with_stored_model
from sklearn_orn.deploy._measuring_page import (
    measuring_page,
    nomogram_script,
    page_text,
)
from sklearn_orn.deploy._model_file import ModelFile
from sklearn_orn.images import Regions, Resampler
from sklearn_orn.model import CrossFittedScore, NomogramClassifier
from sklearn_orn.model.shared import read_classifier
from sklearn_orn.selection import ICCFilter
from sklearn_orn.texture import Normalizer, TextureExtractor
from sklearn_orn.texture.shared import make_plan

NORMALIZATION = {
    "3sigma": "mean ± 3 standard deviations of the region",
    "1-99": "1st to 99th percentile of the region",
    "1-99-below": "1st to 99th percentile of the region, the levels below",
    "none": "full bit range",
}
FAMILY = {"cooccurrence": "co-occurrence", "run_length": "run-length"}
_LISTED = 6  # spacings or readers on a line of the page


@with_stored_model
def calculator_page(model: ModelFile, *, measure: bool = False) -> str:
    """Return the calculator of a model as one HTML page.

    Parameters
    ----------
    model : ModelFile
        As `ModelFile.read` gives it.
    measure : bool, default=False
        Whether the page opens images and measures inside an outline what the model
        needs. By default the features are typed.

    Returns
    -------
    str
        A page that loads nothing and sends nothing. It computes with the model's
        full coefficients; what the user types stays in the window.

    Raises
    ------
    ModelFileError
        If the model gives everyone the same probability, or `measure` is asked of a
        model that the page cannot measure for; the message says why.

    Examples
    --------
    [[stored_model]]
    >>> from sklearn_orn.deploy import calculator_page
    >>> page = calculator_page(model)
    >>> "ADC" in page, "<script src" in page
    (True, False)
    """
    if measure:
        return measuring_page(model, provenance(model))
    data = page_data(model)
    return filled_page(
        "sklearn_orn.deploy",
        "templates/calculator.html.j2",
        page_text("templates/calculator.css"),
        nomogram_script("page/arithmetic.js") + page_text("templates/calculator.js"),
        version=__version__,
        title=data["title"],
        positive=data["positive"],
        predictors=data["predictors"],
        combined=data["combined"],
        provenance=provenance(model),
        data=embedded_json(data),
    )


def provenance(model: ModelFile) -> list[tuple[str, str]]:
    """Return where a model comes from, as pairs of a term and its text."""
    classifier, training = model.classifier, model.training
    negative, positive = model.class_names
    linear = read_classifier(model.pipeline)
    n_candidates = len({name for name, _ in linear.columns})
    rows = [
        ("Predicts", f"{positive} against {negative}"),
        ("Training lesions", _recorded(training.n_rows)),
        ("Predictors", f"{len(linear.effects)} of {n_candidates} candidates"),
        ("Penalty", _penalty(classifier)),
        ("Threshold", f"{classifier.threshold_:.6g}, frozen in training"),
    ]
    for name, score in scores_before(model.pipeline, linear):
        own = final_step(score.estimator_)
        n_features, n_nonzero = own.coef_.size, np.count_nonzero(own.coef_)
        text = f"{n_nonzero} of {n_features} candidate features, {_penalty(own)}"
        rows.append((name, f"{text}; cross-fitted in training"))
    for branch in image_branches(model.pipeline):
        rows += _image_rows(branch)
    spacings = [f"{r:g} × {c:g} mm" for r, c in training.pixel_spacings]
    if spacings:
        rows.append(("Pixel spacings", name_list(spacings, _LISTED)))
    rows += _agreement(model.pipeline)
    rows += [
        ("Trained with", ", ".join(" ".join(pair) for pair in model.versions.items())),
        ("Training table (SHA-256)", _recorded(training.table_sha256)),
        ("Model file (SHA-256)", model.sha256),
    ]
    return rows


def _image_rows(branch: ImageBranch) -> list[tuple[str, str]]:
    rows = []
    for step in branch.image_steps:
        if isinstance(step, Resampler):
            row, column = np.broadcast_to(np.asarray(step.spacing, float), 2)
            rows.append(("Resampled to", f"{row:g} × {column:g} mm"))
        if isinstance(step, Normalizer):
            rows.append(("Grey-level window", NORMALIZATION[step.method]))
        if isinstance(step, Regions):
            rows.append(("Regions", ", ".join(map(str, step.regions))))
    rows.append(("Bits", _bits(branch.extractor)))
    drawn = drawn_blocks(branch.extractor.readers_)
    readers = [reader or "one, unnamed" for reader in drawn]
    return [*rows, ("Readers", name_list(readers, _LISTED))]


def _bits(extractor: TextureExtractor) -> str:
    plan = make_plan(extractor.families, extractor.distances, extractor.bits)
    return ", ".join(
        f"{FAMILY.get(family, family)} {n}"
        for family, n in plan.bits.items()
        if family in plan.families
    )


def _agreement(step: BaseEstimator) -> list[tuple[str, str]]:
    """Say what an ICCFilter kept, wherever it stands."""
    if isinstance(step, ICCFilter):
        kept, n = int(step.get_support().sum()), len(step.features_)
        text = f"{kept} of {n} features with {step.form} above {step.threshold:g}"
        rows = [("Agreement of readers", text)] if len(step.readers_) > 1 else []
        if "perturbed" in step.judged_by_:
            rows = [("Agreement of perturbed outlines", text)]
        return rows
    inner: list[BaseEstimator] = []
    if isinstance(step, ColumnTransformer):
        inner = [transformer for _, transformer, _ in step.transformers_]
    elif isinstance(step, CrossFittedScore):
        inner = [step.estimator_]
    elif isinstance(getattr(step, "steps", None), list):
        inner = [part for _, part in step.steps]
    return [row for part in inner for row in _agreement(part)]


def _penalty(classifier: NomogramClassifier) -> str:
    if classifier.penalty == "none":
        return "none"
    if classifier.penalty == "firth":
        return "Firth's"
    name = "LASSO" if classifier.l1_ratio == 1 else "elastic net"
    return f"{name}, lambda {classifier.lambda_:.4g}"


def _recorded(value: object) -> str:
    return "not recorded" if value is None else str(value)
