"""The files of a study."""

import base64
import io
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sklearn_orn._text_files import remove_parts, write_bytes, write_text
from sklearn_orn._validation import name_list
from sklearn_orn.exceptions import CohortError, ModelFileError
from sklearn_orn.study._extraction import Progress
from sklearn_orn.study._files import make_folder, read_json, write_csv, write_json
from sklearn_orn.study._results import FORMAT, VERSION
from sklearn_orn.study.report._checklists import filled_checklists
from sklearn_orn.study.report._figures import ReportFigure, make_figures
from sklearn_orn.study.report._page import (
    figure_numbers,
    render_report,
    table_numbers,
)
from sklearn_orn.study.report._tables import report_tables

SECTIONS = (
    *("synthetic", "source", "config", "labels", "classes", "readers", "cohort"),
    *("left_out", "versions", "flow", "baseline", "locations", "images", "agreement"),
    *("features", "selection", "parts", "imputed", "model", "scores"),
    *("score_by_class", "stability", "optimism", "nested", "permuted", "reader_swap"),
    *("sensitivity", "models", "sample_size", "warnings"),
)
MONTAGE, CALCULATOR, MODEL = "montage.png", "calculator.html", "model.json"
MOST_PANELS, MONTAGE_DPI = 24, 110


def write_study(
    out: Path,
    results: Mapping[str, Any],
    *,
    pipeline: Any,
    training: Any,
    measured: pd.DataFrame,
    features: pd.DataFrame,
    scores: pd.DataFrame,
    cohort: pd.DataFrame | None,
    seconds: dict[str, float],
    progress: Progress,
) -> None:
    """Write everything that a study leaves.

    Parameters
    ----------
    out : Path
        Folder.
    results : dict
        All numbers of the study.
    pipeline : Pipeline or None
        Fitted.
    training : DataFrame
        What it was fitted on.
    measured : DataFrame
        The features, with how they were measured in its attrs.
    features, scores : DataFrame
        The tables of the lesions, to be written.
    cohort : DataFrame or None
        The measured lesions, for the montage; None without images.
    seconds : dict of str to float
        Wall time of each step; the time of writing is added.
    progress : callable
        Called with ``(step, done, total)``.
    """
    start = time.perf_counter()
    progress("drawing the report", 0, 1)
    write_csv(out / "features.csv", features)
    _write_settings(out / "features.csv", measured)
    _write_or_remove(out / "scores.csv", scores)
    write_json(out / "results.json", results)
    _write_model(out, results, pipeline, training)
    _write_montage(out, cohort)
    figures = write_figures(out, results)
    seconds["report"] = time.perf_counter() - start
    write_json(out / "timings.json", seconds)
    _write_page(out, results, figures)
    progress("drawing the report", 1, 1)


def _write_settings(path: Path, measured: pd.DataFrame) -> None:
    """Write how the features were measured, where that is known."""
    from sklearn_orn import __version__
    from sklearn_orn._feature_settings import PROVENANCE
    from sklearn_orn.texture._features_file import settings_path, write_settings

    if PROVENANCE in measured.attrs:
        write_settings(path, measured, version=__version__)
    else:
        settings_path(path).unlink(missing_ok=True)


def remove_leftovers(out: Path) -> None:
    """Remove what a killed run was writing.

    Parameters
    ----------
    out : Path
        Folder of the study.
    """
    for folder in (out, out / "figures", out / "tables"):
        remove_parts(folder)


def _write_or_remove(path: Path, table: pd.DataFrame) -> None:
    """Write a table; without one, leave none of an earlier run."""
    if len(table.columns):
        write_csv(path, table)
    else:
        path.unlink(missing_ok=True)


def _write_model(
    out: Path, results: Mapping[str, Any], pipeline: Any, training: Any
) -> None:
    """Write the model and its calculator, or leave none of an earlier run."""
    from sklearn_orn.deploy import calculator_page, read_model, save_model

    for name in (MODEL, CALCULATOR):
        (out / name).unlink(missing_ok=True)
    if pipeline is None:
        return
    save_model(out / MODEL, pipeline, training=training, class_names=results["classes"])
    try:
        page = calculator_page(read_model(out / MODEL))
    except ModelFileError:  # it gives every lesion the same probability
        return
    write_text(out / CALCULATOR, page)


def _write_montage(out: Path, cohort: pd.DataFrame | None) -> None:
    """Draw some lesions, evenly spread over the table."""
    path = make_folder(out / "figures") / MONTAGE
    if cohort is None:
        path.unlink(missing_ok=True)
        return
    from matplotlib.text import Text

    from sklearn_orn.plotting import MontageDisplay

    chosen = np.linspace(0, len(cohort) - 1, min(MOST_PANELS, len(cohort)))
    rows = np.unique(chosen.astype(int))
    content = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        display = MontageDisplay.from_cohort(cohort.iloc[rows])
        for text in display.figure_.findobj(Text):
            text.set_parse_math(False)  # a name is no formula
        display.figure_.savefig(content, format="png", dpi=MONTAGE_DPI)
    write_bytes(path, content.getvalue())


def write_figures(out: Path, results: Mapping[str, Any]) -> dict[str, ReportFigure]:
    """Write every figure as SVG, PDF and PNG.

    Parameters
    ----------
    out : Path
        Folder of the study.
    results : dict
        All numbers of the study.

    Returns
    -------
    dict of str to ReportFigure
    """
    folder = make_folder(out / "figures")
    figures = make_figures(results)
    for key, figure in figures.items():
        for old in folder.glob(f"{key}.*"):
            old.unlink()
        if figure.drawing is not None:
            figure.drawing.save(folder)
    return figures


def write_report(out: Path) -> Path:
    """Make the report from the files of a study, without its images.

    Parameters
    ----------
    out : Path
        Folder of the study, with ``results.json``.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    CohortError
        If there are no results, or those of another version.
    """
    results = read_results(out / "results.json")
    return _write_page(out, results, write_figures(out, results))


def _write_page(
    out: Path, results: Mapping[str, Any], figures: Mapping[str, ReportFigure]
) -> Path:
    """Write the tables as CSV, and the page."""
    folder = make_folder(out / "tables")
    tables = report_tables(results)
    checklists = filled_checklists(
        results, table_numbers(tables), figure_numbers(figures)
    )
    frames = {key: table.frame() for key, table in tables.items()}
    frames |= {key: checklist.table for key, checklist in checklists.items()}
    for old in folder.glob("*.csv"):
        if old.stem not in frames:
            old.unlink()
    for key, frame in frames.items():
        write_csv(folder / f"{key}.csv", frame)
    times, montage = out / "timings.json", out / "figures" / MONTAGE
    page = render_report(
        results,
        figures=figures,
        tables=tables,
        checklists=checklists,
        seconds=read_json(times) if times.is_file() else {},
        montage=base64.b64encode(montage.read_bytes()).decode("ascii")
        if montage.is_file()
        else None,
        calculator=CALCULATOR if (out / CALCULATOR).is_file() else None,
    )
    write_text(out / "report.html", page)
    return out / "report.html"


def read_results(path: Path) -> dict[str, Any]:
    """Read the numbers of a study.

    Parameters
    ----------
    path : Path
        ``results.json``.

    Returns
    -------
    dict

    Raises
    ------
    CohortError
        If it is missing, no JSON, of another version or not whole.
    """
    if not path.is_file():
        raise CohortError(
            f"{path}: there are no results. Name the folder of a finished study."
        )
    found = read_json(path)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise CohortError(f"{path}: expected a file of the format {FORMAT!r}.")
    if found.get("version") != VERSION:
        raise CohortError(
            f"{path}: version {found.get('version')!r}; this program reads version "
            f"{VERSION}. Run the study again."
        )
    lacking = [key for key in SECTIONS if key not in found]
    if lacking:
        raise CohortError(
            f"{path}: it lacks {name_list([repr(key) for key in lacking])}. Run the "
            "study again."
        )
    return found
