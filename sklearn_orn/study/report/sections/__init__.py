"""The sections of the report, in its order: figures, tables and names follow it."""

from collections.abc import Iterator

from sklearn_orn.study.report._blocks import Absence, Analysis, Block, Chapter, Section
from sklearn_orn.study.report.sections import (
    _added_benefit,
    _agreement,
    _by_centre,
    _calibration,
    _centres,
    _characteristics,
    _clinical_selection,
    _combined,
    _decision,
    _essentials,
    _flow,
    _formula,
    _images,
    _instability,
    _lasso,
    _left_out,
    _models,
    _models_instability,
    _nomogram,
    _optimism,
    _outlines,
    _performance,
    _perturbation,
    _readers,
    _roc,
    _sample_size,
    _sensitivity,
    _stability,
    _steps,
    _subgroups,
    _third_reader,
    _three_models,
    _validation_parts,
    _waterfall,
)


def _without_model(what: str) -> Section:
    return Section((Absence(what, lambda results: results.model),))


CHAPTERS = (
    Chapter(
        "cohort",
        "Cohort",
        (_flow.SECTION, _characteristics.SECTION, _centres.SECTION, _left_out.SECTION),
    ),
    Chapter(
        "images",
        "Images and readers",
        (_images.SECTION, _outlines.SECTION, _agreement.SECTION, _perturbation.SECTION),
        short="Images",
    ),
    Chapter("features", "Features", (_steps.SECTION,)),
    Chapter(
        "score",
        "Radiomics score",
        (
            _lasso.SECTION,
            _formula.SECTION,
            _stability.SECTION,
            _without_model("The score"),
        ),
    ),
    Chapter(
        "nomogram",
        "Nomogram",
        (
            _combined.NOMOGRAM,
            _nomogram.SECTION,
            _clinical_selection.SECTION,
            _combined.ODDS_RATIOS,
        ),
    ),
    Chapter(
        "performance",
        "Performance",
        (
            _essentials.SECTION,
            _waterfall.SECTION,
            _performance.SECTION,
            _roc.SECTION,
            _calibration.SECTION,
            _decision.SECTION,
            _validation_parts.SECTION,
            _three_models.SECTION,
            _added_benefit.SECTION,
            _by_centre.SECTION,
            _subgroups.SECTION,
            _without_model("Performance"),
        ),
    ),
    Chapter(
        "belief",
        "How far to believe it",
        (
            _optimism.SECTION,
            _instability.SECTION,
            _models_instability.SECTION,
            _models.SECTION,
            _readers.SECTION,
            _third_reader.SECTION,
            _sensitivity.SECTION,
            _sample_size.SECTION,
        ),
    ),
)


SECTIONS = tuple(section for chapter in CHAPTERS for section in chapter.sections)


def blocks() -> Iterator[Block]:
    """Yield what the report is made of, in its order."""
    for section in SECTIONS:
        yield from section.blocks


def analyses() -> dict[str, tuple[Analysis, bool]]:
    """Return what the sections compute, and whether it needs a model, by name."""
    return {
        analysis.name: (analysis, section.needs_model)
        for section in SECTIONS
        for analysis in section.analyses
    }
