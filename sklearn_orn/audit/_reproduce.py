"""A published study run again on a table, and its numbers beside those printed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from importlib.resources import files

import numpy as np

from sklearn_orn._io.codec import JsonObject
from sklearn_orn._io.tables import read_header
from sklearn_orn.audit._measures import Ours, Scored, measured
from sklearn_orn.audit._printed import Printed
from sklearn_orn.audit._reproduction import Compared, Judgement, Reproduction, RunFound
from sklearn_orn.audit._reproduction_file import (
    PublishedRun,
    Reported,
    read_published_study,
    study_content,
    table_path,
)
from sklearn_orn.audit._runs import Found, run_again
from sklearn_orn.cohort import Cohort, Columns
from sklearn_orn.exceptions import CohortError
from sklearn_orn.study.shared import has_images
from sklearn_orn.texture import read_features

EXAMPLE = "zhong2020_study.json"
SATURATED = 5.0


def reproduce_study(
    study: Mapping[str, object] | str | os.PathLike[str],
    *,
    table: str | os.PathLike[str] | None = None,
    n_jobs: int | None = None,
) -> Reproduction:
    """Run a published study again, and hold its printed numbers against ours.

    Parameters
    ----------
    study : dict, str or path-like
        What the paper says, as `example_study` has it, or a JSON or YAML file of it.
    table : str or path-like, default=None
        Table of lesions or of features, in place of the one that the study names.
    n_jobs : int, default=None
        Processes that measure, as of `sklearn_orn.texture.TextureExtractor`.

    Returns
    -------
    Reproduction
        As text it is a table for each run.

    Raises
    ------
    ModelFileError
        If the file is none of a study; the message names the place.
    CohortError
        If the table cannot be used.

    See Also
    --------
    audit_reported_numbers : What printed numbers say of each other, without data.
    example_study : A published article.
    sklearn_orn.model.validate_externally : One signature on one's own lesions.

    Notes
    -----
    A number is ``"reproduced"`` where ours is rounded to what is printed,
    ``"compatible"`` where what is printed lies within our 95 % interval (by patient),
    ``"differs"`` where neither is so, and ``"not judged"`` where we have none. On other
    patients than the paper's, reproduced is chance and compatible is what to hope for;
    wide intervals are compatible with much. A run is one of the ways to fill in what
    the paper leaves open, such as the bits per pixel: what differs between runs is what
    the paper should have said.

    Examples
    --------
    >>> from sklearn_orn.audit import example_study
    >>> [run["name"] for run in example_study()["runs"]]
    ['6 bits', '4 bits']
    """
    if isinstance(study, Mapping):
        content, source = study_content(study), None
    elif isinstance(study, str | os.PathLike):
        content, source = read_published_study(study), study
    else:
        raise TypeError(
            f"study is a {type(study).__name__}; expected a dict, or the path of a "
            "JSON or YAML file."
        )
    path = table_path(content, source) if table is None else os.fspath(table)
    cohort = _read(path, content)
    parts = _parts(cohort, content["part"], content["reported"])
    folder = "" if source is None else os.path.dirname(os.fspath(source))
    runs, compared = [], []
    for run in content["runs"]:
        found = run_again(run, cohort, parts, folder, n_jobs)
        runs.append(_described(run.name, found))
        compared += [_compared(run.name, found, x, parts) for x in content["reported"]]
    return Reproduction(
        content["source"],
        tuple(content["known_differences"]),
        tuple(runs),
        tuple(compared),
    )


def example_study() -> JsonObject:
    """Return what Zhong et al. 2020 report of their score, to run again.

    Returns
    -------
    dict
        For `reproduce_study`, and for `json.dump`. Its table is the cohort that
        `sklearn_orn.datasets.make_cohort` draws, since the article's is not public.

    References
    ----------
    That of `example_report`.

    Examples
    --------
    >>> from sklearn_orn.audit import example_study
    >>> example_study()["reported"][0]["printed"]
    '95'
    """
    found: JsonObject = json.loads((files(__package__) / EXAMPLE).read_text("utf-8"))
    return found


def _read(path: str, content: JsonObject) -> Cohort:
    signatures = [run for run in content["runs"] if isinstance(run, PublishedRun)]
    columns = Columns(
        outcome=content["outcome"],
        positive=content["positive"],
        patient=content["patient"],
    )
    if has_images(read_header(path)):
        return Cohort.read(path, columns)
    if len(signatures) < len(content["runs"]):
        raise CohortError(
            f"table '{path}' is one of features, and a run is 'fitted anew', which "
            "measures images. Give a table of images, or leave the run out."
        )
    return Cohort.of(read_features(path), columns, source=path)


def _parts(
    cohort: Cohort, column: str | None, reported: Sequence[Reported]
) -> np.ndarray:
    """Return the part of each lesion as text; all empty without a column."""
    if column is None:
        return np.full(len(cohort), "", dtype=object)
    if column not in cohort.table.columns:
        raise CohortError(
            f"part names the column {column!r}, which the table does not have."
        )
    parts = cohort.table[column].astype(str).to_numpy(dtype=object)
    for claim in reported:
        if claim.part is not None and claim.part not in parts:
            known = ", ".join(map(repr, sorted(set(parts))))
            raise CohortError(
                f"reported names the part {claim.part!r}, and the column {column!r} "
                f"holds {known}."
            )
    return parts


def _described(name: str, found: Found) -> RunFound:
    score = found.score
    beyond = float(np.mean(np.abs(score) > SATURATED))
    return RunFound(
        name=name,
        settings=found.settings,
        n_lesions=len(score),
        n_left_out=found.n_left_out,
        score_min=float(score.min()),
        score_median=float(np.median(score)),
        score_max=float(score.max()),
        beyond_5=beyond,
        warnings=found.warnings,
    )


def _compared(name: str, found: Found, claim: Reported, parts: np.ndarray) -> Compared:
    here = np.ones(len(found.rows), dtype=bool)
    if claim.part is not None:
        here = parts[found.rows] == claim.part
    part = Scored(
        found.design.y[here],
        found.score[here],
        found.design.patient[here],
        found.threshold,
        found.features,
    )
    ours = measured(claim.measure, part, claim.threshold)
    verdict = _verdict(claim, ours)
    printed = claim.printed
    if claim.lower is not None:
        printed += f" ({claim.lower} to {claim.upper})"
    return Compared(
        name, claim.part or "all", claim.measure, printed, *ours[:3], verdict, ours.why
    )


def _verdict(claim: Reported, ours: Ours) -> Judgement:
    if ours.value is None:
        return "not judged"
    low, high = _rounded_to(claim.printed)
    if low <= ours.value <= high:
        return "reproduced"
    if ours.lower is None or ours.upper is None:
        return "differs"
    return "compatible" if ours.lower <= high and low <= ours.upper else "differs"


def _rounded_to(printed: str) -> tuple[float, float]:
    """Return the lowest and the highest number that are printed so."""
    slack = 1e-9
    if "/" in printed:
        count, of = map(int, printed.split("/"))
        return count / of - slack, count / of + slack
    scale = 100 if printed.endswith("%") else 1
    number = Printed(printed.rstrip("% "))
    if "." not in number.text and scale == 1:  # a count
        return number.value - slack, number.value + slack
    return number.low / scale - slack, number.high / scale + slack
