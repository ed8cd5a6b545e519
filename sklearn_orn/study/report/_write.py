"""The files of a study."""

import base64
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from sklearn.pipeline import Pipeline

from sklearn_orn import __version__
from sklearn_orn._feature_settings import PROVENANCE
from sklearn_orn._io.text_files import write_text
from sklearn_orn.exceptions import CohortError, ModelFileError
from sklearn_orn.study._folder import StudyFolder
from sklearn_orn.study._json_csv import read_json, write_csv, write_json
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study.report._blocks import Files
from sklearn_orn.study.report._checklists import FilledChecklist, filled_checklists
from sklearn_orn.study.report._made import (
    Picture,
    ReportFigure,
    ReportTable,
    make_figures,
    make_tables,
    numbered_places,
    start_drawing,
)
from sklearn_orn.study.report._names import FILES, MONTAGE, figure_files, table_csv
from sklearn_orn.study.report._page import render_report
from sklearn_orn.study.report._svg import Rendered
from sklearn_orn.study.results import Results, UnexpectedData, upgraded
from sklearn_orn.texture.shared import write_settings

DRAWING = "drawing the report"
CALCULATOR, MODEL = "calculator.html", "model.json"
# What `sklearn-orn report` does not make again.
BY_THE_STUDY = frozenset({f"figures/{MONTAGE}", *FILES} - {"report.html"})


def draw_study(results: Results, study: Study) -> Iterator[Picture]:
    """Begin to draw: workers do while the rest is made and written."""
    study.progress(DRAWING, 0, 1)
    lesions = study.cohort.lesions() if study.from_images else None
    return start_drawing(results, study.config.n_jobs, lesions)


def write_study(
    folder: StudyFolder,
    results: Results,
    study: Study,
    drawings: Iterator[Picture],
    *,
    manifest: dict[str, object],
    pipeline: Pipeline | None,
    table: pd.DataFrame,
    features: pd.DataFrame,
    scores: pd.DataFrame,
) -> None:
    """Write everything that a study leaves.

    `drawings` are those of `draw_study`, and `table` is what `pipeline` takes, which is
    None without a model.
    """
    start = time.perf_counter()
    out, seconds = folder.path, study.steps.seconds
    names = {"features.csv", "results.json", "timings.json"}
    names |= {"features.json"} if PROVENANCE in study.features.attrs else set()
    names |= {"scores.csv"} if len(scores.columns) else set()
    calculable = study.config.harmonise == "none"  # a page does not know centres
    if pipeline is not None:
        names |= {MODEL, CALCULATOR} if calculable else {MODEL}
    names |= {f"figures/{MONTAGE}"} if study.from_images else set()
    folder.plan(names, manifest)
    write_csv(out / "features.csv", features)
    if "features.json" in names:
        write_settings(
            out / "features.csv",
            study.features.attrs[PROVENANCE],
            len(study.features),
            version=__version__,
        )
    if "scores.csv" in names:
        write_csv(out / "scores.csv", scores)
    write_json(out / "results.json", results.plain())
    for name in (MODEL, CALCULATOR):
        folder.remove(name)
    if pipeline is not None:
        _write_model(folder, study, pipeline, table)
    montage = next(drawings) if study.from_images else None
    if isinstance(montage, Rendered):
        montage.save(out / "figures")
    else:
        folder.remove(f"figures/{MONTAGE}")
    parts = make_parts(results, drawings)
    folder.plan_more(parts.files())
    parts.write_figures(out)
    seconds["report"] = time.perf_counter() - start
    write_json(out / "timings.json", seconds)
    parts.write_page(out, seconds)
    folder.finish()
    study.progress(DRAWING, 1, 1)


def _write_model(
    folder: StudyFolder, study: Study, pipeline: Pipeline, table: pd.DataFrame
) -> None:
    """Write the model and its calculator."""
    from sklearn_orn.deploy import ModelFile, calculator_page, save_model

    training, model = table[study.design.training], folder.path / MODEL
    save_model(model, pipeline, training=training, class_names=study.design.classes)
    if study.config.harmonise != "none":
        return
    try:
        page = calculator_page(ModelFile.read(model))
    except ModelFileError:  # it gives every lesion the same probability
        folder.forget(CALCULATOR)
        return
    write_text(folder.path / CALCULATOR, page)


@dataclass(frozen=True, eq=False)
class ReportParts:
    """What a report is made of, before anything of it is written."""

    results: Results
    figures: dict[str, ReportFigure]
    tables: dict[str, ReportTable]
    checklists: dict[str, FilledChecklist]

    def files(self) -> set[str]:
        """Return the names of the files."""
        drawn = [key for key, f in self.figures.items() if f.drawing is not None]
        names = {name for key in drawn for name in figure_files(key)}
        return {"report.html", *names, *map(table_csv, self._frames())}

    def write_figures(self, out: Path) -> None:
        """Write every figure as SVG, PDF and PNG."""
        for figure in self.figures.values():
            if figure.drawing is not None:
                figure.drawing.save(out / "figures")

    def write_page(self, out: Path, seconds: Mapping[str, float]) -> None:
        """Write the tables as CSV, and the page."""
        page = self.page(out, seconds)
        for key, frame in self._frames().items():
            write_csv(out / table_csv(key), frame)
        write_text(out / "report.html", page)

    def page(self, out: Path, seconds: Mapping[str, float]) -> str:
        """Return the page, with the montage that is in the folder."""
        montage = out / "figures" / MONTAGE
        picture = montage.read_bytes() if montage.is_file() else None
        return render_report(
            self.results,
            figures=self.figures,
            tables=self.tables,
            checklists=self.checklists,
            seconds=seconds,
            files=Files(
                None if picture is None else base64.b64encode(picture).decode("ascii"),
                CALCULATOR if (out / CALCULATOR).is_file() else None,
            ),
        )

    def _frames(self) -> dict[str, pd.DataFrame]:
        frames = {key: table.frame() for key, table in self.tables.items()}
        return frames | {key: filled.table for key, filled in self.checklists.items()}


def make_parts(
    results: Results, drawings: Iterator[Picture] | None = None
) -> ReportParts:
    """Make everything of a report but its page, of what was drawn, if it was."""
    tables, figures = make_tables(results), make_figures(results, drawings)
    places = dict(numbered_places(tables, figures))
    checklists = filled_checklists(results, places)
    return ReportParts(results, figures, tables, checklists)


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
        If there are no results, or those of another version, or numbers that were
        changed so that no report can be made of them; or if a file is in the way that
        the manifest does not list.
    """
    results = read_results(out / "results.json")
    seconds = _read_times(out / "timings.json")
    folder = StudyFolder(out)
    folder.check_files(kept=BY_THE_STUDY)
    try:
        parts = make_parts(results)
        parts.page(out, seconds)
        names = parts.files()
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        # What a number, list or name leads to that was changed; the rest is our fault.
        raise CohortError(
            f"{out / 'results.json'}: no report can be made of it "
            f"({type(error).__name__}): it does not hold what a study writes. Run the "
            "study again."
        ) from error
    folder.open()
    folder.plan(names)
    parts.write_figures(out)
    parts.write_page(out, seconds)
    folder.finish(kept=BY_THE_STUDY)
    return out / "report.html"


def _read_times(path: Path) -> dict[str, float]:
    """Read the wall times, where they are there."""
    if not path.is_file():
        return {}
    found = read_json(path)
    if not all(type(value) in (int, float) for value in found.values()):
        raise CohortError(
            f"{path}: expected the seconds of each step. Remove the file, and the "
            "report goes without them."
        )
    return found


def read_results(path: Path) -> Results:
    """Read ``results.json``, of this version or 3; refuse one that is not whole."""
    if not path.is_file():
        raise CohortError(
            f"{path}: there are no results. Name the folder of a finished study."
        )
    found = read_json(path)
    try:
        return Results.from_plain(upgraded(found))
    except UnexpectedData as error:
        what = str(error).removesuffix(".")
        raise CohortError(f"{path}: {what}. Run the study again.") from None
