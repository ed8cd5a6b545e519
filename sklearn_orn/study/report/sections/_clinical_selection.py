"""Which clinical predictors were selected, and in how many resamples."""

from sklearn_orn.study._clinical import clinical_table
from sklearn_orn.study._clinical_selection import clinical_selection
from sklearn_orn.study._measured_study import Study
from sklearn_orn.study._written_numbers import p_value
from sklearn_orn.study.methods._phrases import phrase
from sklearn_orn.study.report import _blocks as b
from sklearn_orn.study.report.sections import _shared as s
from sklearn_orn.study.results import ClinicalSelection, Results


def of_this_study(study: Study, results: Results) -> ClinicalSelection:
    """Select in training, and again in resamples of it."""
    config = study.config
    clinical = clinical_table(study.cohort.clinical, config.clinical_kinds)
    return clinical_selection(clinical, study.design, config)


def is_learnt(results: Results) -> bool:
    """Say whether the study selects clinical predictors by the outcome."""
    word = results.config.clinical_selection
    return isinstance(word, str) and word != "all"


def selection_table(results: Results) -> b.Table:
    """Return for each predictor whether it was selected, and how often."""
    found = s.needed(results.clinical_selection)
    rows = []
    for row in found.predictors:
        tested = [p_value(row.p_value)] if found.rule == "univariable" else []
        taken = "yes" if row.selected else "no"
        rows.append([row.name, *tested, taken, s.per_cent(row.share)])
    heads = ["p, univariable"] if found.rule == "univariable" else []
    return b.Table(
        "Selection of clinical predictors, training",
        (
            b.Column("Predictor", name=True),
            *b.numbers(*heads),
            *b.texts("Selected"),
            *b.numbers("Share of resamples"),
        ),
        rows,
        phrase(results, "clinical_selection_sentence"),
    )


SECTION = b.section(
    b.Heading("Selection of clinical predictors", wanted=is_learnt),
    b.TableBlock("clinical-selection", selection_table, places=("clinical_selection",)),
    b.Absence(
        "Selection of clinical predictors",
        lambda results: is_learnt(results) and results.clinical_selection,
    ),
    needs_model=True,
    analyses=(b.Analysis("clinical_selection", of_this_study, "clinical predictors"),),
)
